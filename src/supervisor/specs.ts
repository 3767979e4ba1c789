/** From configuration and bundles to what a thread is sent. */

import { createHash, randomBytes } from 'node:crypto';
import type { Bundle } from '../bundle/bundle.ts';
import { usesNodejs } from '../config/compatibility-flags.ts';
import type { Binding, Config, Service, ServiceDesignator, Socket, WorkerService } from '../config/types.ts';
import type {
  BindingSpec,
  DesignatorSpec,
  ListenSpec,
  ParkedSpec,
  ServiceChanges,
  ServiceSpec,
  SocketSpec,
  WorkerSpec,
} from '../messages/startup.ts';
import { assertNever } from '../shared/assert.ts';

/** What threads need of a bundle. */
export type ThreadBundle = Pick<
  Bundle,
  'format' | 'code' | 'sourceMap' | 'version' | 'mentionsTemporal' | 'assets'
>;

/** Bundles by the name of their worker. */
export type Bundles = ReadonlyMap<string, ThreadBundle>;

/** The version of a worker: content hash of its code and its configuration. */
export function versionOfWorker(service: WorkerService, bundle: ThreadBundle): string {
  return workerSpec(service, bundle).version;
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
}

/** The services of a plan as the threads of `group` see them. */
export function groupSpecs(plan: Plan, group: string): ServiceSpec[] {
  return plan.config.services.map((service) => {
    const reason = plan.parked?.get(service.name);
    if (reason !== undefined) return { kind: 'parked', name: service.name, reason };
    return serviceSpec(service, plan, group);
  });
}

/** What threads are told that carry `from` and are to carry `to`. */
export function changesBetween(
  from: { readonly services: readonly ServiceSpec[]; readonly nodejs: string | undefined },
  to: { readonly services: readonly ServiceSpec[]; readonly nodejs: string | undefined },
): ServiceChanges {
  const former = new Map(from.services.map((spec) => [spec.name, spec]));
  const names = new Set(to.services.map(({ name }) => name));
  return {
    set: to.services.filter((spec) => !isSame(spec, former.get(spec.name))),
    removed: [...former.keys()].filter((name) => !names.has(name)),
    nodejs: from.nodejs === undefined ? to.nodejs : undefined,
  };
}

function isSame(spec: ServiceSpec, former: ServiceSpec | undefined): boolean {
  if (spec.kind === 'worker')
    return former?.kind === 'worker' && former.version === spec.version && former.restarts === spec.restarts;
  return JSON.stringify(spec) === JSON.stringify(former);
}

function serviceSpec(service: Service, { bundles, restarts }: Plan, group: string): ServiceSpec {
  switch (service.kind) {
    case 'network':
    case 'external':
    case 'disk':
      return service;
    case 'worker':
      if (service.group !== group) return { kind: 'remote', name: service.name, group: service.group };
      return {
        ...workerSpec(service, bundles.get(service.name) as ThreadBundle),
        restarts: restarts?.get(service.name) ?? 0,
      };
    default:
      return assertNever(service);
  }
}

function workerSpec(service: WorkerService, bundle: ThreadBundle): Omit<WorkerSpec, 'restarts'> {
  const bindings = service.bindings.map(bindingSpec);
  const globalOutbound = designatorSpec(service.globalOutbound);
  return {
    kind: 'worker',
    name: service.name,
    version: versionOf(bundle, [
      bindings,
      globalOutbound,
      service.compatibilityDate,
      service.compatibilityFlags,
    ]),
    format: bundle.format,
    code: bundle.code,
    sourceMap: bundle.sourceMap,
    assets: bundle.assets,
    mentionsTemporal: bundle.mentionsTemporal,
    nodejs: usesNodejs(service.compatibilityFlags),
    bindings,
    globalOutbound,
  };
}

function bindingSpec(binding: Binding): BindingSpec {
  switch (binding.kind) {
    case 'text':
    case 'json':
    case 'data':
      return binding;
    case 'fromEnvironment':
      return { kind: 'text', name: binding.name, text: binding.text };
    case 'service':
      return { kind: 'service', name: binding.name, ...designatorSpec(binding) };
    case 'wrapped':
      return { kind: 'wrapped', name: binding.name, inner: binding.innerBindings.map(bindingSpec) };
    default:
      return assertNever(binding);
  }
}

export function designatorSpec({ service, entrypoint, props }: ServiceDesignator): DesignatorSpec {
  return { service, entrypoint: entrypoint ?? 'default', props: props ?? '' };
}

/** What a thread is to listen on. `ticketKeys`: those that it had before, if it had any. */
export function socketSpec(socket: Socket, listen: ListenSpec, ticketKeys?: Uint8Array): SocketSpec {
  const { name, protocol, tls, http, service, routes } = socket;
  return {
    name,
    id: listenerId(socket, listen),
    listen,
    protocol,
    tls: tls && { ...tls, ticketKeys: ticketKeys ?? randomBytes(48) },
    http,
    target: service && designatorSpec(service),
    routes: routes?.map(({ match, service: to }) => ({ ...match, target: designatorSpec(to) })),
  };
}

/** The same where threads that listen need nothing new. */
function listenerId({ name, protocol, tls, group }: Socket, listen: ListenSpec): string {
  const where = listen.kind === 'tcp' ? { ...listen, shared: true } : listen;
  return createHash('sha256')
    .update(JSON.stringify([name, group, where, protocol, tls]))
    .digest('base64url');
}

/** A version is its code and its configuration. */
function versionOf(bundle: ThreadBundle, settings: unknown): string {
  return createHash('sha256').update(bundle.version).update(JSON.stringify(settings)).digest('hex');
}
