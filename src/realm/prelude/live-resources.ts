/** What a realm must let go of when it is disposed of: connections. A module that opens one registers it here while it is open. */

import { SetCtor, SetPrototypeAdd, SetPrototypeDelete, SetPrototypeForEach } from './primordials.ts';

/** Lets go of a connection. Runs no code of the worker. */
export type Release = () => void;

const live = new SetCtor<Release>();

export function addLiveResource(release: Release): void {
  SetPrototypeAdd(live, release);
}

export function removeLiveResource(release: Release): void {
  SetPrototypeDelete(live, release);
}

let isGone = false;

/** Whether the realm has been disposed of: nothing of its worker runs any more. */
export function isRealmGone(): boolean {
  return isGone;
}

/** The realm is going. */
export function releaseAll(): void {
  isGone = true;
  SetPrototypeForEach(live, (release) => {
    try {
      release();
    } catch {
      // Only stack overflow gets here, and the host disposes of a realm on a fresh stack.
    }
  });
}
