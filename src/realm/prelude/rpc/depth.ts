/**
 * How deep calls are nested on this thread, on its stack and beyond. Two counters for all realms of the thread, of which the host resets the
 * first.
 *
 * Calls that wait before they call on leave the stack. What leads to them is known to their asynchronous context alone, which costs as much
 * as a call does. But a circle of such calls leaves ever more of them waiting: as long as few do, nothing needs to be known.
 *
 * Whoever begins a nested call counts it, and puts the number that it found back at the end, by hand: at the end of the stack there is no
 * room for a function that does so.
 */

import { guarded } from '../host.ts';
import type { ErrorState } from '../state.ts';

const realm = guarded($host.realm);

/** Element 0: the depth on the stack. Element 1: calls that are served and wait. Memory of the host: reading and writing an element looks nothing up, whatever the realm has patched. */
export const { depth } = $host;

/** Calls that may lead into each other without an await between them; more would end in a stack overflow somewhere. */
export const MAX_DEPTH = 64;

/** The error of a call that is nested too deep. */
export function tooDeep(): ErrorState {
  return realm.tooDeep();
}

/** As soon as this many calls wait on this thread, each new one is counted in its context. */
export const BUSY = 32;

/** A call of this realm's waits for what it has begun. */
export function beginWaiting(): void {
  depth[1] = (depth[1] as number) + 1;
}

/** It waits no more: it has ended, nobody waits for it, or the realm is going. */
export function endWaiting(): void {
  depth[1] = (depth[1] as number) - 1;
}

/** Runs a call in a context of its own, one level deeper than what runs now. Returns false where that is too deep. */
export function runDeeper(enter: () => void): boolean {
  return realm.nest(enter);
}
