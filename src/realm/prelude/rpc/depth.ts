/** How deep calls are nested on the stack of this thread. One counter for all realms of the thread, which the host resets. */

import { guarded } from '../host.ts';
import type { ErrorState } from '../state.ts';

const realm = guarded($host.realm);
/** One number in memory of the host: reading and writing an element looks nothing up, whatever the realm has patched. */
const { depth } = $host;

/** Calls that may lead into each other without an await between them; more would end in a stack overflow somewhere. */
const MAX_DEPTH = 64;

/** Begins a nested call, to be paired with `leave`; where that would be too deep, gives the error of it, and there is nothing to leave. */
export function enter(): ErrorState | undefined {
  const now = depth[0] as number;
  if (now >= MAX_DEPTH) return realm.tooDeep();
  depth[0] = now + 1;
  return undefined;
}

export function leave(): void {
  depth[0] = (depth[0] as number) - 1;
}
