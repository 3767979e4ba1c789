/** What ran when: the versions of every worker, newest first. Pure. */

import { living } from './state-changes.ts';
import type { SavedState, SavedVersion } from './state-file.ts';

/** Versions that are kept of each worker. */
export const versionsKept = 20;

/** The state with every version that it runs at the head of its worker's history. Workers that are gone keep theirs. */
export function record(
  state: SavedState,
  versionOf: (name: string) => Omit<SavedVersion, 'deployedAt'> | undefined,
  now: number,
): SavedState {
  const names = living(state.sources).flatMap(({ config }) => config.services.map(({ name }) => name));
  const fresh = names.flatMap((name): SavedVersion[] => {
    const version = versionOf(name);
    if (version === undefined) return [];
    const newest = state.history.find(({ service }) => service === name);
    return newest?.version === version.version ? [] : [{ ...version, deployedAt: now }];
  });
  return { ...state, history: trim([...fresh, ...state.history]) };
}

/** A version that ran more than once is kept with its last time. */
function trim(history: readonly SavedVersion[]): SavedVersion[] {
  const seen = new Map<string, Set<string>>();
  return history.filter(({ service, version }) => {
    const versions = seen.get(service) ?? new Set();
    seen.set(service, versions);
    if (versions.has(version) || versions.size >= versionsKept) return false;
    versions.add(version);
    return true;
  });
}
