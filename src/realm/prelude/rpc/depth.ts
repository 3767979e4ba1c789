/**
 * How deep calls are nested on the stack of this thread. One counter for all realms of the thread, which the host resets.
 *
 * Whoever begins a nested call counts it, and puts the number that it found back at the end, by hand: at the end of the stack there is no
 * room for a function that does so.
 */

import { guarded } from '../host.ts';
import type { ErrorState } from '../state.ts';

const realm = guarded($host.realm);

/** Element 0 counts. Memory of the host: reading and writing an element looks nothing up, whatever the realm has patched. */
export const { depth } = $host;

/** Calls that may lead into each other without an await between them; more would end in a stack overflow somewhere. */
export const MAX_DEPTH = 64;

/** The error of a call that is nested too deep. */
export function tooDeep(): ErrorState {
  return realm.tooDeep();
}
