/** From configuration and bundles to what a thread is sent. */

import { createHash, randomBytes } from 'node:crypto';
import type { Bundle } from '../bundle/bundle.ts';
import { usesNodejs } from '../config/compatibility-flags.ts';
import type {
  Binding,
  Config,
  MemoryCacheBinding,
  RateLimitBinding,
  Service,
  ServiceDesignator,
  Socket,
  WorkerService,
} from '../config/types.ts';
import type {
  AssetSpec,
  BindingSpec,
  DesignatorSpec,
  ListenSpec,
  ParkedSpec,
  PartSpec,
  ServiceChanges,
  ServiceSpec,
  SocketSpec,
  StickySpec,
  WorkerSpec,
} from '../messages/startup.ts';
import { partsOf } from '../messages/startup.ts';
import { defaultLogLimit, type LogLimit } from '../messages/log.ts';
import type { MemoryOf } from './memories.ts';
import { assertNever } from '../shared/assert.ts';
import { siteEntrypoint } from '../shared/site/settings.ts';

/** What threads need of a bundle. */
export type ThreadBundle = Pick<
  Bundle,
  'format' | 'code' | 'sourceMap' | 'version' | 'mentionsTemporal' | 'assets'
>;

/** Bundles by the name of their worker. */
export type Bundles = ReadonlyMap<string, ThreadBundle>;

/** The version of a worker: content hash of its code and its configuration. */
export function versionOfWorker(service: WorkerService, bundle: ThreadBundle): string {
  const { bindings, compatibilityDate, compatibilityFlags, site } = service;
  const outbound = designatorSpec(service.globalOutbound);
  const settings = [bindings, outbound, compatibilityDate, compatibilityFlags, ...(site ? [site] : [])];
  return versionOf(bundle, settings);
}

/** Why a service refuses every call. */
export type ParkedReason = ParkedSpec['reason'];

/** What runs, as a whole. */
export interface Plan {
  readonly config: Config;
  readonly bundles: Bundles;
  /** The text of src/nodejs/; undefined where no worker needs it. */
  readonly nodejs: string | undefined;
  /** Services that refuse every call, by name. */
  readonly parked?: ReadonlyMap<string, ParkedReason>;
  /** How often each worker was started anew, by name. */
  readonly restarts?: ReadonlyMap<string, number>;
  /** Second versions of services, which get a share of the requests, by name. */
  readonly candidates?: ReadonlyMap<string, Candidate>;
  /** What keeps clients on one side of a share, by the name of the socket. */
  readonly sticky?: ReadonlyMap<string, StickySpec>;
}

export interface Candidate {
  readonly service: Service;
  /** Of a worker. */
  readonly bundle: ThreadBundle | undefined;
  /** Of requests, from 0 to 100. */
  readonly percent: number;
}

/** What specs take from the one who makes them. */
export interface SpecPowers {
  readonly memoryOf: MemoryOf;
  /** When a version first ran: ISO 8601. */
  readonly since: (version: string) => string;
}

/** The services of a plan as the threads of `group` see them. */
export function groupSpecs(plan: Plan, group: string, powers: SpecPowers): ServiceSpec[] {
  return plan.config.services.map((service) => {
    const reason = plan.parked?.get(service.name);
    if (reason !== undefined) return { kind: 'parked', name: service.name, reason };
    const stable = partSpec(service, plan, group, powers);
    const second = plan.candidates?.get(service.name);
    if (second === undefined) return stable;
    const { percent, bundle } = second;
    const bundles = new Map(bundle && [[service.name, bundle]]);
    const candidate = partSpec(second.service, { ...plan, bundles }, group, powers);
    if (isSame(candidate, stable)) return stable; // on another thread
    return { kind: 'split', name: service.name, stable, candidate, percent };
  });
}

/** What threads are told that carry `from` and are to carry `to`. */
export function changesBetween(
  from: { readonly services: readonly ServiceSpec[]; readonly nodejs: string | undefined },
  to: { readonly services: readonly ServiceSpec[]; readonly nodejs: string | undefined },
): ServiceChanges {
  const former = new Map(from.services.map((spec) => [spec.name, spec]));
  const names = new Set(to.services.map(({ name }) => name));
  const set = to.services.filter((spec) => !isSame(spec, former.get(spec.name)));
  return {
    set,
    adopted: new Map(set.map((spec) => [spec.name, adoptedParts(spec, former.get(spec.name))])),
    removed: [...former.keys()].filter((name) => !names.has(name)),
    nodejs: from.nodejs === undefined ? to.nodejs : undefined,
  };
}

function adoptedParts(spec: ServiceSpec, former: ServiceSpec | undefined): (number | undefined)[] {
  const before = former === undefined ? [] : partsOf(former);
  return partsOf(spec).map((part) => {
    const index = before.findIndex((each) => isSame(part, each));
    return index < 0 ? undefined : index;
  });
}

function isSame(spec: ServiceSpec, former: ServiceSpec | undefined): boolean {
  if (spec.kind === 'split') {
    if (former?.kind !== 'split' || former.percent !== spec.percent) return false;
    return isSame(spec.stable, former.stable) && isSame(spec.candidate, former.candidate);
  }
  if (spec.kind === 'worker') {
    if (former?.kind !== 'worker' || former.version !== spec.version) return false;
    const isAsBefore =
      former.restarts === spec.restarts && JSON.stringify(former.logLimit) === JSON.stringify(spec.logLimit);
    return isAsBefore && haveSameMemory(spec.bindings, former.bindings);
  }
  return JSON.stringify(spec) === JSON.stringify(former);
}

/** A cache that another worker shares can have become another one. */
function haveSameMemory(bindings: readonly BindingSpec[], former: readonly BindingSpec[]): boolean {
  return bindings.every((binding, index) => {
    const before = former[index];
    if (binding.kind === 'memoryCache' || binding.kind === 'ratelimit')
      return before?.kind === binding.kind && binding.memory === before.memory;
    if (binding.kind !== 'wrapped') return true;
    return before?.kind === 'wrapped' && haveSameMemory(binding.inner, before.inner);
  });
}

function partSpec(
  service: Service,
  { bundles, restarts }: Plan,
  group: string,
  powers: SpecPowers,
): PartSpec {
  switch (service.kind) {
    case 'network':
    case 'external':
    case 'disk':
    case 'assets':
      return service;
    case 'worker':
      if (service.group !== group) return { kind: 'remote', name: service.name, group: service.group };
      return {
        ...workerSpec(service, bundles.get(service.name) as ThreadBundle, powers),
        restarts: restarts?.get(service.name) ?? 0,
      };
    default:
      return assertNever(service);
  }
}

function workerSpec(
  service: WorkerService,
  bundle: ThreadBundle,
  { memoryOf, since }: SpecPowers,
): Omit<WorkerSpec, 'restarts'> {
  const assets = [...bundle.assets];
  const { listenTimeout, waitReady } = service.supervision ?? {};
  const version = versionOfWorker(service, bundle);
  const powers: BindingPowers = {
    service: service.name,
    version,
    since: since(version),
    memoryOf: (binding) => memoryOf(service.name, binding),
    assets,
  };
  return {
    kind: 'worker',
    name: service.name,
    version,
    format: bundle.format,
    code: bundle.code,
    sourceMap: bundle.sourceMap,
    assets,
    mentionsTemporal: bundle.mentionsTemporal,
    nodejs: usesNodejs(service.compatibilityFlags),
    logLimit: logLimitOf(service),
    bindings: service.bindings.map((binding) => bindingSpec(binding, powers)),
    globalOutbound: designatorSpec(service.globalOutbound),
    site: service.site,
    ...(listenTimeout === undefined ? {} : { evaluationTimeout: listenTimeout }),
    ...(waitReady === undefined ? {} : { waitReady }),
  };
}

function logLimitOf({ logs }: WorkerService): LogLimit | undefined {
  if (logs?.linesPerSecond === undefined && logs?.burst === undefined) return undefined;
  const { linesPerSecond = defaultLogLimit.linesPerSecond, burst = defaultLogLimit.burst } = logs;
  return { linesPerSecond, burst };
}

interface BindingPowers {
  /** The worker itself. */
  readonly service: string;
  readonly version: string;
  /** When this version first ran: ISO 8601. */
  readonly since: string;
  readonly memoryOf: (binding: MemoryCacheBinding | RateLimitBinding) => SharedArrayBuffer;
  /** Of the worker; what a binding brings is added to them. */
  readonly assets: AssetSpec[];
}

function bindingSpec(binding: Binding, powers: BindingPowers): BindingSpec {
  switch (binding.kind) {
    case 'text':
    case 'json':
    case 'data':
    case 'cryptoKey':
      return binding;
    case 'fromEnvironment':
      return { kind: 'text', name: binding.name, text: binding.text };
    case 'service':
      return { kind: 'service', name: binding.name, ...designatorSpec(binding) };
    case 'assets': {
      const { name } = binding;
      return { kind: 'service', name, service: powers.service, entrypoint: siteEntrypoint, props: '' };
    }
    case 'wrapped':
      return {
        kind: 'wrapped',
        name: binding.name,
        inner: binding.innerBindings.map((inner) => bindingSpec(inner, powers)),
      };
    case 'memoryCache':
      return { kind: 'memoryCache', name: binding.name, memory: powers.memoryOf(binding) };
    case 'ratelimit': {
      const { kind, name, limit, period } = binding;
      return { kind, name, limit, period, memory: powers.memoryOf(binding) };
    }
    case 'workerLoader': {
      const { kind, name, id, maxWorkers } = binding;
      return { kind, name, id, maxWorkers };
    }
    case 'versionMetadata': {
      const { version: id, since: timestamp } = powers;
      return { kind: 'json', name: binding.name, json: JSON.stringify({ id, tag: binding.tag, timestamp }) };
    }
    case 'wasmModule': {
      const bytes = Buffer.from(binding.base64, 'base64');
      return {
        kind: 'wasmModule',
        name: binding.name,
        asset: powers.assets.push({ kind: 'wasm', bytes }) - 1,
      };
    }
    default:
      return assertNever(binding);
  }
}

export function designatorSpec({ service, entrypoint, props }: ServiceDesignator): DesignatorSpec {
  return { service, entrypoint: entrypoint ?? 'default', props: props ?? '' };
}

/** What a thread is to listen on. `ticketKeys`: those that it had before, if it had any. */
export function socketSpec(
  socket: Socket,
  listen: ListenSpec,
  ticketKeys?: Uint8Array,
  sticky?: StickySpec,
): SocketSpec {
  const { name, protocol, tls, http, rpc, service, routes } = socket;
  return {
    name,
    id: listenerId(socket, listen),
    listen,
    protocol,
    tls: tls && { ...tls, ticketKeys: ticketKeys ?? randomBytes(48) },
    http,
    rpc,
    target: service && designatorSpec(service),
    routes: routes?.map(({ match, service: to }) => ({ ...match, target: designatorSpec(to) })),
    sticky,
  };
}

/** The same where threads that listen need nothing new. Certificates change where they are, but not whether clients must have one. */
function listenerId({ name, protocol, tls, group }: Socket, listen: ListenSpec): string {
  const spoken = tls === undefined ? 'plain' : tls.requireClientCerts ? 'mutual' : 'tls';
  const where = listen.kind === 'tcp' ? { ...listen, shared: true } : listen;
  return createHash('sha256')
    .update(JSON.stringify([name, group, where, protocol, spoken]))
    .digest('base64url');
}

/** A version is its code and its configuration. */
function versionOf(bundle: ThreadBundle, settings: unknown): string {
  return createHash('sha256').update(bundle.version).update(JSON.stringify(settings)).digest('hex');
}
