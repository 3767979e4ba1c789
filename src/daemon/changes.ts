/** What a deployment has changed, for people. Pure. */

import { internetService } from '../config/types.ts';
import type { DeployReport } from '../control/api.ts';
import { changedServices } from './shares.ts';
import { living } from './state-changes.ts';
import type { SavedState } from './state-file.ts';

/** Every service that is deployed, or was before, with what has become of it. */
export function describeChanges(before: SavedState, after: SavedState): DeployReport['services'] {
  const former = versionsOf(before);
  const current = versionsOf(after);
  const shared = new Map(
    living(after.sources).flatMap((source) =>
      changedServices(source).map(({ name }) => [name, source.candidate?.versions[name] ?? ''] as const),
    ),
  );
  const kept = [...current].map(([name, version]) => {
    const candidate = shared.get(name);
    if (candidate !== undefined) return { name, change: 'shared', version: candidate } as const;
    const old = former.get(name);
    const change = old === undefined ? 'new' : old === version ? 'same' : 'changed';
    return { name, change, version: hashOf(version) } as const;
  });
  const removed = [...former].filter(([name]) => !current.has(name));
  return [
    ...kept,
    ...removed.map(([name, version]) => ({ name, change: 'removed', version: hashOf(version) }) as const),
  ];
}

/** Services that are no workers have no version: they are described by their configuration. */
function versionsOf({ sources, history, restarts }: SavedState): Map<string, string> {
  const versions = new Map<string, string>();
  for (const service of living(sources).flatMap(({ config }) => config.services)) {
    const { name } = service;
    if (name === internetService) continue;
    const version = history.find((each) => each.service === name)?.version;
    const restarted = restarts[name] === undefined ? '' : `+${restarts[name]}`;
    versions.set(name, version === undefined ? JSON.stringify(service) : version + restarted);
  }
  return versions;
}

/** What is shown of a version: services without code have none. */
function hashOf(version: string): string {
  return /^[0-9a-f]{64}/u.exec(version)?.[0] ?? '';
}
