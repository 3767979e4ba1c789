/** What becomes of the list of what is deployed: each function gives another list. Pure. */

import { allBindings, internetService, type Socket, type WorkerService } from '../config/types.ts';
import { makeError } from '../shared/errors.ts';
import type { SavedSource, SavedState, SavedVersion } from './state-file.ts';

/** Those that run: the others could not be brought back. */
export function living(sources: readonly SavedSource[]): SavedSource[] {
  return sources.filter(({ failure }) => failure === undefined);
}

export function withFailure(state: SavedState, source: string, failure: string): SavedState {
  const sources = state.sources.map((each) => (each.source === source ? { ...each, failure } : each));
  return { ...state, sources };
}

/** The state in which these sources are tried again. */
export function withoutFailures(state: SavedState, isMeant: (source: SavedSource) => boolean): SavedState {
  const sources = state.sources.map((source) => (isMeant(source) ? tried(source) : source));
  return { ...state, sources };
}

/** As `withoutFailures`, of the sources of these services. */
export function revived(state: SavedState, services: readonly string[]): SavedState {
  return withoutFailures(state, ({ config }) => config.services.some(({ name }) => services.includes(name)));
}

function tried({ source, config, bundles, candidate }: SavedSource): SavedSource {
  return { source, config, bundles, ...(candidate === undefined ? {} : { candidate }) };
}

/** The names of all services but the implicit one. */
export function namesOf({ sources }: SavedState): string[] {
  const names = sources.flatMap(({ config }) => config.services.map(({ name }) => name));
  return names.filter((name) => name !== internetService);
}

/** The namespaces of services that have one. */
export function namespacesOf({ sources }: SavedState): ReadonlyMap<string, string> {
  const pairs = sources.flatMap(({ config }) =>
    config.services.flatMap((service): [string, string][] => {
      const namespace = service.kind === 'worker' ? service.supervision?.namespace : undefined;
      return namespace === undefined ? [] : [[service.name, namespace]];
    }),
  );
  return new Map(pairs);
}

export function without(names: readonly string[], others: readonly string[]): string[] {
  return names.filter((name) => !others.includes(name));
}

/** The sources with another one, which replaces the one of its name. */
export function withSource(
  sources: readonly SavedSource[],
  given: SavedSource,
  only: readonly string[] | undefined,
): SavedSource[] {
  const former = sources.find(({ source }) => source === given.source);
  const next = only === undefined || former === undefined ? given : withOnly(former, given, only);
  return former === undefined
    ? [...sources, next]
    : sources.map((source) => (source === former ? next : source));
}

/** The former source, with some of its services as they are given now. */
function withOnly(former: SavedSource, given: SavedSource, only: readonly string[]): SavedSource {
  const services = former.config.services.map((service) =>
    only.includes(service.name)
      ? (given.config.services.find(({ name }) => name === service.name) ?? service)
      : service,
  );
  const bundles = { ...former.bundles };
  for (const name of only) if (given.bundles[name] !== undefined) bundles[name] = given.bundles[name];
  return { source: former.source, config: { ...former.config, services }, bundles };
}

/**
 * Who is stopped after a deployment. Deploying a service starts it, if it was stopped and is new, unless it is not to be: one that somebody has
 * stopped stays stopped.
 */
export function started(
  state: SavedState,
  given: SavedSource,
  only: readonly string[] | undefined,
): string[] {
  const names = new Set(only ?? []);
  const known = new Set([...namesOf(state), ...given.config.services.map(({ name }) => name)]);
  const stopped = state.stopped.filter((name) => known.has(name) && !names.has(name));
  const before = new Set(namesOf(state));
  const idle = given.config.services.filter(
    (service) => service.kind === 'worker' && service.supervision?.autostart === false,
  );
  return [...stopped, ...idle.map(({ name }) => name).filter((name) => !before.has(name))];
}

export function withVersion(
  source: SavedSource,
  { source: from, service, worker, bundle }: SavedVersion,
): SavedSource {
  if (source.source !== from) return source;
  const services = source.config.services.map((each) => (each.name === service ? worker : each));
  return {
    source: from,
    config: { ...source.config, services },
    bundles: { ...source.bundles, [service]: bundle },
  };
}

/** The socket without what leads to these services; undefined where nothing is left. */
function socketWithout({ service, routes, ...rest }: Socket, names: readonly string[]): Socket | undefined {
  const left = routes?.filter((route) => !names.includes(route.service.service));
  const isLeft = service !== undefined && !names.includes(service.service);
  if (!isLeft && (left === undefined || left.length === 0)) return undefined;
  return { ...rest, ...(isLeft ? { service } : {}), ...(left === undefined ? {} : { routes: left }) };
}

/** Throws SERVICE_NEEDED where another service is bound to one of them. A configuration that loses one loses its share, too. */
export function withoutServices(state: SavedState, names: readonly string[]): SavedState {
  const sources = state.sources.flatMap((each) => {
    const { source, config, bundles, failure } = each;
    const services = config.services.filter(({ name }) => !names.includes(name));
    for (const service of services) {
      const needed =
        service.kind === 'worker' ? neededBy(service).find((name) => names.includes(name)) : undefined;
      if (needed !== undefined) throw makeError('SERVICE_NEEDED', { service: needed, by: service.name });
    }
    if (services.length === config.services.length) return [each];
    if (services.every(({ name }) => name === internetService)) return [];
    const sockets = config.sockets.flatMap((socket) => socketWithout(socket, names) ?? []);
    const groups = config.groups.filter(
      ({ name }) =>
        services.some((service) => service.kind === 'worker' && service.group === name) ||
        sockets.some(({ group }) => group === name),
    );
    const kept = Object.fromEntries(Object.entries(bundles).filter(([name]) => !names.includes(name)));
    const failed = failure === undefined ? {} : { failure };
    return [{ source, config: { ...config, services, sockets, groups }, bundles: kept, ...failed }];
  });
  return { ...state, sources, stopped: without(state.stopped, names) };
}

function neededBy(worker: WorkerService): string[] {
  const targets = allBindings(worker.bindings).flatMap((binding) =>
    binding.kind === 'service' ? [binding.service] : [],
  );
  return [...targets, worker.globalOutbound.service];
}

/** The number of threads that is asked for: one, or more or less than now. Throws USAGE. */
export function sizeAfter(now: number, wanted: number | string): number {
  if (!/^[+-]?\d+$/u.test(String(wanted)))
    throw makeError('USAGE', { reason: `expected a number of threads, +N or -N, not ${String(wanted)}` });
  const isRelative = typeof wanted === 'string' && /^[+-]/u.test(wanted);
  const count = isRelative ? now + Number(wanted) : Number(wanted);
  if (count >= 1 && count <= 256) return count;
  throw makeError('USAGE', { reason: `a group has 1 to 256 threads, not ${count}` });
}
