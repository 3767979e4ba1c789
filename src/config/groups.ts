/** The groups of a configuration: those that it names, and the one that is there without being named. Pure functions. */
import type { Draft } from './draft.ts';
import { defaultGroup } from './types.ts';
import type { Group, Service, Socket } from './types.ts';

export function listGroups(draft: Draft, services: readonly Service[], sockets: readonly Socket[]): Group[] {
  const groups = draft.groups.map(({ name, threads = draft.threads }) => ({ name, threads }));
  const workers = services.filter((service) => service.kind === 'worker');
  const isUsed = [...workers, ...sockets].some(({ group }) => group === defaultGroup);
  const isListed = groups.some(({ name }) => name === defaultGroup);
  return isUsed && !isListed ? [{ name: defaultGroup, threads: draft.threads }, ...groups] : groups;
}
