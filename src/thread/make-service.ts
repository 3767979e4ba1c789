/** Makes the services of a thread from their specs: no realm is created before it is called for. */

import { prepareBindings, type LoaderSpec } from '../bindings/index.ts';
import type { Loader } from '../bindings/worker-loader.ts';
import type { Script } from 'node:vm';
import type { CallerSpec } from '../messages/counters.ts';
import type { CrashMessage } from '../messages/crash.ts';
import type {
  AssetsSpec,
  DesignatorSpec,
  DiskSpec,
  ExternalSpec,
  NetworkSpec,
  PartSpec,
  ServiceSpec,
  WorkerSpec,
} from '../messages/startup.ts';
import type { SharedHost } from '../realm/host/index.ts';
import type { OnSettle } from '../realm/prelude/rpc/rpc-state.ts';
import type { EdgeCounts, TargetState } from '../realm/prelude/state.ts';
import { createRealm, type DynamicParts, type Realm } from '../realm/realm.ts';
import { compileImage, scriptName, type WorkerImage } from '../realm/worker-image.ts';
import { AssetsService } from '../services/assets.ts';
import { makeFront } from '../services/assets/front.ts';
import { makeDiskService } from '../services/disk.ts';
import { uncounted } from '../services/edge.ts';
import { makeHostError } from '../services/host-error.ts';
import { makeLazyExternal, makeLazyNetwork } from '../services/lazy-network.ts';
import { makeParkedService } from '../services/parked.ts';
import { atRequestEnd, currentRequest, extendRequest, nestCall } from '../services/request-context.ts';
import { RemoteService, type RemoteGroup } from '../services/remote.ts';
import { requestsOnly, type Service } from '../services/service.ts';
import { SplitService, type SplitCounts } from '../services/split.ts';
import { WorkerService } from '../services/worker.ts';
import { assertNever } from '../shared/assert.ts';
import type { NanodError } from '../shared/errors.ts';
import type { SiteSettings } from '../shared/site/settings.ts';
import type { Builder } from './dynamic/builds.ts';
import type { LinkPowers } from './link/link-powers.ts';
import { LinkService } from './link/link-service.ts';
import type { StackMapper } from './stack-map.ts';
import type { ThreadLog } from './thread-log.ts';

/** Different calls of one realm that are warned of because their stubs were not disposed. */
const mostLeaks = 100;

/** What services are made of. */
export interface ServicePowers {
  readonly prelude: Script;
  readonly nodejs: () => Script;
  readonly shared: SharedHost;
  /** Number of the thread, above 0. */
  readonly thread: number;
  readonly log: ThreadLog;
  /** Code of a service is about to run. */
  readonly onEnter: (service: string) => void;
  readonly group: (name: string) => RemoteGroup;
  /** A realm is going, and takes no results of other threads any more; see Channel.abandon. */
  readonly abandonRemote: (onSettle: OnSettle) => void;
  /** Makes bundles of code that workers give at run time. */
  readonly builds: Builder;
  /** For services of other nanods. */
  readonly links: LinkPowers;
  readonly now: () => number;
  /** How long the top level of a worker may take, in milliseconds. */
  readonly evaluationTimeout: number;
}

/** Why a worker has crashed, with positions of the sources in the stack. */
export type Crash = Pick<CrashMessage, 'kind' | 'version' | 'source' | 'name' | 'message' | 'stack'>;

/** What services know of their neighbours. */
export interface ServiceSurroundings extends ServicePowers {
  readonly onCrash: (worker: WorkerService, crash: Crash) => void;
  readonly stacks: StackMapper;
  /** The way to a service of the thread. */
  readonly target: (designator: DesignatorSpec, caller: CallerSpec) => TargetState;
  /** The loader of a binding, for one realm. */
  readonly loader: (spec: LoaderSpec, user: LoaderUse) => Loader;
  /** Counts a caller's calls of stubs. */
  readonly stubCounts: (caller: CallerSpec) => EdgeCounts;
  /** A realm is going, and takes no results any more that were to be given to this function. */
  readonly leave: (onSettle: OnSettle) => void;
}

/** Who has a binding to a loader. */
export interface LoaderUse {
  readonly caller: CallerSpec;
  /** Its global outbound. */
  readonly outbound: TargetState;
}

/** `adopted`: parts of the service that had the name, which the new one goes on with; by the index of its own part. */
export function makeService(
  spec: ServiceSpec,
  surroundings: ServiceSurroundings,
  adopted: readonly (Service | undefined)[] = [],
  counts?: SplitCounts,
): Service {
  const make = (part: PartSpec, index: number): Service => adopted[index] ?? makePart(part, surroundings);
  if (spec.kind !== 'split') return make(spec, 0);
  const { name, stable, candidate, percent } = spec;
  return new SplitService(name, [make(stable, 0), make(candidate, 1)], { percent, counts });
}

function makePart(spec: PartSpec, surroundings: ServiceSurroundings): Service {
  switch (spec.kind) {
    case 'worker':
      return makeWorker(spec, surroundings);
    case 'network':
      return networkService(spec, surroundings);
    case 'external':
      return externalService(spec, surroundings);
    case 'disk':
      return diskService(spec);
    case 'assets':
      return assetsService(spec, surroundings);
    case 'remote':
      return new RemoteService(spec.name, surroundings.group(spec.group));
    case 'parked':
      return makeParkedService(spec.name, spec.reason);
    default:
      return assertNever(spec);
  }
}

/** A worker whose code was given at run time. `ways` leads to what the spec names. */
export function makeDynamicWorker(
  spec: WorkerSpec,
  { ways, ...dynamic }: DynamicParts & { readonly ways: ServiceSurroundings['target'] },
  surroundings: ServiceSurroundings,
): WorkerService {
  // What it calls by itself is not counted: there are more of its kind than anybody could look at.
  const own = { ...surroundings, target: ways, stubCounts: () => uncounted, onEnter: () => {} };
  return makeWorker(spec, own, dynamic);
}

function makeWorker(
  spec: WorkerSpec,
  surroundings: ServiceSurroundings,
  dynamic?: DynamicParts,
): WorkerService {
  const { log, now, stacks, onCrash, onEnter } = surroundings;
  const { version, evaluationTimeout = surroundings.evaluationTimeout } = spec;
  const origin = { service: spec.name, version: spec.version, limit: spec.logLimit };
  const forget = stacks.add(scriptName(spec.name, spec.version), spec.sourceMap);
  let image: WorkerImage | undefined;
  const worker: WorkerService = new WorkerService(spec.name, {
    version,
    now,
    evaluationTimeout,
    front: spec.site && makeFront(makeAssets(spec.name, spec.site, surroundings), spec.name, spec.site),
    onClose: forget,
    createRealm: () => {
      onEnter(spec.name);
      image ??= compileImage({ ...spec, service: spec.name });
      return makeRealm(spec, image, surroundings, { dynamic, onCrash: (crash) => onCrash(worker, crash) });
    },
    onFailed: (error) =>
      onCrash(worker, { kind: 'evaluation', version, source: 'load', ...stacks.describe(error) }),
    onAdmit() {
      const service = currentRequest()?.service;
      if (service !== undefined) onEnter(service); // it was this one that ran last
    },
    renew: () => makeWorker(spec, surroundings, dynamic),
    onLoadFailure: (error) => {
      const described = stacks.describe(error);
      log.write(origin, 50, 'the worker could not be evaluated', { error: { source: 'load', ...described } });
    },
  });
  return worker;
}

function makeRealm(
  spec: WorkerSpec,
  image: WorkerImage,
  surroundings: ServiceSurroundings,
  {
    dynamic,
    onCrash,
  }: { readonly dynamic: DynamicParts | undefined; readonly onCrash: (crash: Crash) => void },
): Realm {
  const { prelude, nodejs, shared, thread, log, stacks, leave, onEnter } = surroundings;
  const origin = { service: spec.name, version: spec.version, limit: spec.logLimit };
  const map = (text: string): string => stacks.map(text);
  let leaks: Set<string> | undefined;
  const caller: CallerSpec = { kind: 'service', name: spec.name };
  const target = (designator: DesignatorSpec): TargetState => surroundings.target(designator, caller);
  const { configs, ...bound } = prepareBindings(spec.bindings, spec.globalOutbound, {
    resolve: target,
    thread,
    loader: (loader) => surroundings.loader(loader, { caller, outbound: target(spec.globalOutbound) }),
  });
  return createRealm({
    prelude,
    nodejs,
    shared,
    image,
    bindings: configs,
    ...bound,
    ...(dynamic === undefined ? {} : { dynamic }),
    hooks: {
      loopback: (entrypoint, props) => target({ service: spec.name, entrypoint, props }),
      broken: () => makeHostError('RPC_BROKEN', { service: spec.name }),
      tooDeep: () => makeHostError('CALL_TOO_DEEP', {}),
      stubCounts: surroundings.stubCounts(caller),
      nest: nestCall,
      leave,
      atRequestEnd,
      onPending: extendRequest,
      onTurn: () => onEnter(spec.name),
      leak: (label) => {
        leaks ??= new Set();
        if (leaks.has(label) || leaks.size >= mostLeaks) return;
        leaks.add(label);
        log.write(origin, 40, `a stub from ${label} was not disposed by the end of the request`);
      },
      log: (level, text) => log.write(origin, level, text, { map }),
      uncaught: (source, name, message, stack) => {
        const error = { source, name, message, stack };
        log.write(origin, 50, `uncaught ${name}: ${message}`, { error, map });
        const mapped = { ...error, stack: stacks.map(stack) };
        const request = currentRequest();
        request?.onUncaught?.({ service: spec.name, ...mapped });
        // What a request has caused is its own affair, and what a worker reports by itself it has caught.
        if (request === undefined && source !== 'reportError')
          onCrash({ kind: 'uncaught', version: spec.version, ...mapped });
      },
    },
  });
}

function networkService({ name, allow, deny, tls }: NetworkSpec, { log }: ServicePowers): Service {
  const onRefused = (error: NanodError): void => log.write({ service: name, version: '' }, 40, error.message);
  const network = makeLazyNetwork({ allow, deny, tls, onRefused });
  const way = requestsOnly((request, call) => network.fetch(request, call));
  return {
    kind: 'network',
    name,
    open: () => way,
    health: () => network.health(),
    close: () => network.close(),
  };
}

function externalService(
  { timeouts, rpc, ...spec }: ExternalSpec,
  surroundings: ServiceSurroundings,
): Service {
  if (rpc !== undefined) return new LinkService({ ...spec, timeouts, rpc }, surroundings.links);
  const limits = {
    connectTimeout: timeouts.connectMs,
    headersTimeout: timeouts.headersMs,
    bodyTimeout: timeouts.bodyMs,
  };
  const external = makeLazyExternal({ ...spec, limits });
  const way = requestsOnly((request, call) => external.fetch(request, call), spec.name);
  return {
    kind: 'external',
    name: spec.name,
    open: () => way,
    health: () => external.health(),
    close: () => external.close(),
  };
}

function diskService(spec: DiskSpec): Service {
  const disk = makeDiskService(spec);
  const way = requestsOnly((request, call) => disk.fetch(request, call), spec.name);
  return { kind: 'disk', name: spec.name, open: () => way, close: () => disk.close() };
}

function assetsService({ name, site }: AssetsSpec, powers: ServicePowers): Service {
  const assets = makeAssets(name, site, powers);
  return {
    kind: 'assets',
    name,
    open: (_entrypoint, _props, isClient) =>
      requestsOnly((request, call) => assets.fetch(request, call, isClient), name),
    close: () => assets.close(),
  };
}

function makeAssets(service: string, site: SiteSettings, { log, now }: ServicePowers): AssetsService {
  const onFailure = (reason: string): void =>
    log.write({ service, version: '' }, 50, `the files of ${site.directory} cannot be read: ${reason}`);
  return new AssetsService(site, { now, onFailure });
}
