/** Deployments that get a share of the requests beside what they are to replace: what becomes of the list of what is deployed. Pure. */

import type { Config, Group, Service } from '../config/types.ts';
import { makeError } from '../shared/errors.ts';
import type { Candidate, ThreadBundle } from '../supervisor/specs.ts';
import type { SavedCandidate, SavedSource, SavedState } from './state-file.ts';

/** The state with a candidate beside a configuration that runs. Throws SHARE_REFUSED. */
export function withCandidate(state: SavedState, source: string, candidate: SavedCandidate): SavedState {
  const former = state.sources.find((each) => each.source === source);
  const refuse = (reason: string): never => {
    throw makeError('SHARE_REFUSED', { source, reason });
  };
  if (former === undefined || former.failure !== undefined) return refuse('nothing of it runs yet');
  const { services } = former.config;
  const changed = changedServices({ ...former, candidate });
  if (changed.length === 0 && newServices({ ...former, candidate }).length === 0)
    return refuse('nothing has changed');
  for (const next of changed) {
    const now = services.find(({ name }) => name === next.name);
    if (next.kind === 'worker' && now?.kind === 'worker' && next.group !== now.group)
      return refuse(`the worker "${next.name}" moves to another group`);
  }
  return replaced(state, { ...former, candidate });
}

/** The state in which the candidate is all there is. Throws SHARE_NONE and USAGE. */
export function promoted(state: SavedState, wanted: string | undefined): SavedState {
  const { source, candidate } = sharedSource(state, wanted);
  return replaced(state, { source, config: candidate.config, bundles: candidate.bundles });
}

/** The state without the candidate. Throws SHARE_NONE and USAGE. */
export function aborted(state: SavedState, wanted: string | undefined): SavedState {
  const { source, config, bundles } = sharedSource(state, wanted);
  return replaced(state, { source, config, bundles });
}

/** Whether a version of a service is one that has a share beside another. */
export function isCandidate({ sources }: SavedState, service: string, version: string): boolean {
  return sources.some(({ candidate }) => candidate?.versions[service] === version);
}

/** What the threads carry while the share lasts: services and groups that the candidate brings are there as well. */
export function configWithNew(source: SavedSource): Config {
  const { config, candidate } = source;
  if (candidate === undefined) return config;
  const names = new Set(config.groups.map(({ name }) => name));
  const groups: Group[] = candidate.config.groups.filter(({ name }) => !names.has(name));
  return {
    ...config,
    services: [...config.services, ...newServices(source)],
    groups: [...config.groups, ...groups],
  };
}

/** The bundles of the workers that `configWithNew` names, by worker. */
export function bundlesWithNew(source: SavedSource): Readonly<Record<string, string>> {
  return { ...source.candidate?.bundles, ...source.bundles };
}

/** The second versions of services, by name. */
export function candidatesIn(
  sources: readonly SavedSource[],
  bundles: ReadonlyMap<string, ThreadBundle>,
): ReadonlyMap<string, Candidate> {
  const candidates = new Map<string, Candidate>();
  for (const source of sources) {
    const { candidate } = source;
    if (candidate === undefined) continue;
    for (const service of changedServices(source)) {
      const bundle = bundles.get(candidate.bundles[service.name] ?? '');
      candidates.set(service.name, { service, bundle, percent: candidate.percent });
    }
  }
  return candidates;
}

/** Services of the candidate that are there in another version. */
export function changedServices({ config, bundles, candidate }: SavedSource): Service[] {
  if (candidate === undefined) return [];
  return candidate.config.services.filter((service) => {
    const { name } = service;
    const now = config.services.find((each) => each.name === name);
    if (now === undefined) return false;
    return bundles[name] !== candidate.bundles[name] || JSON.stringify(now) !== JSON.stringify(service);
  });
}

function newServices({ config, candidate }: SavedSource): Service[] {
  const names = new Set(config.services.map(({ name }) => name));
  return candidate?.config.services.filter(({ name }) => !names.has(name)) ?? [];
}

function sharedSource(
  { sources }: SavedState,
  wanted: string | undefined,
): SavedSource & { readonly candidate: SavedCandidate } {
  const shared = sources.flatMap(({ candidate, ...source }) => {
    if (candidate === undefined) return [];
    const services = [...source.config.services, ...candidate.config.services];
    const isMeant = wanted === undefined || services.some(({ name }) => name === wanted);
    return isMeant ? [{ ...source, candidate }] : [];
  });
  const [first, ...others] = shared;
  if (first === undefined) throw makeError('SHARE_NONE', { service: wanted });
  if (others.length > 0)
    throw makeError('USAGE', {
      reason: 'several configurations have a share: name a service of the one meant',
    });
  return first;
}

function replaced(state: SavedState, next: SavedSource): SavedState {
  const sources = state.sources.map((each) => (each.source === next.source ? next : each));
  return { ...state, sources };
}
