/** Puts a new thread in the place of one that serves, without losing a request. Runs in the supervisor. */

import type { Fleet, GroupLoad } from './fleet.ts';
import type { ThreadHandle } from './group-pool.ts';
import type { Listeners } from './listening.ts';

export interface ReplacementPowers {
  readonly fleet: Fleet;
  readonly listeners: Listeners;
  /** What the new thread carries. */
  readonly load: GroupLoad;
  /** How long the old one may take with the requests that it has, in milliseconds. */
  readonly drainMs: number;
}

/**
 * The new thread listens before the old one stops. What one thread listens on alone is handed over instead: it is closed for an instant, and one
 * that holds an inherited descriptor stays. Rejects where there is no new thread, and then nothing has changed.
 */
export async function replaceThread(old: ThreadHandle, powers: ReplacementPowers): Promise<void> {
  const { fleet, listeners, load, drainMs } = powers;
  if (!fleet.threads().includes(old)) return;
  const isOwner = listeners.isOwner(old);
  if (isOwner && load.sockets.some(({ listen }) => listen.kind === 'fd'))
    throw new Error('it has a descriptor that no other thread can be given');
  const [fresh] = await fleet.start(old.group, 1, load);
  if (fresh === undefined) return;
  const ids = load.sockets.map(({ id }) => id);
  const unlisten = (): Promise<void> => old.ask((control) => control.unlisten(ids)).catch(() => {});
  if (isOwner) await unlisten();
  const failures = await listeners.listenAgain(fresh, old, load.sockets);
  const [failure] = failures;
  if (failure !== undefined && !isOwner) {
    fleet.kill(fresh);
    throw new Error(failure.message);
  }
  await unlisten();
  void fleet.drain(old, drainMs);
}
