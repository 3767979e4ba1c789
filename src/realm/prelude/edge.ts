/**
 * Counts the calls that leave this realm, by caller and entrypoint. A call costs an addition; one in so many is timed. The host reads what
 * has been counted (thread/counters.ts).
 */

import { guarded } from './host.ts';
import { MathClz32 } from './primordials.ts';
import type { EdgeCounts, EdgeLayout } from './state.ts';

const clock = guarded($host.clock);

export const CALLS: EdgeLayout['calls'] = 0;
export const ERRORS: EdgeLayout['errors'] = 1;
export const CANCELED: EdgeLayout['canceled'] = 2;
export const WAITING: EdgeLayout['waiting'] = 3;
const TIMES: EdgeLayout['times'] = 4;
const BUCKETS: EdgeLayout['buckets'] = 32;
const SAMPLE: EdgeLayout['sample'] = 64;

/** A call whose number has none of these bits is timed. */
export const UNTIMED = SAMPLE - 1;

/** Units of the first bucket, 128 ns, in a millisecond. */
const UNITS = 1e6 / 128;

/** When a call that is timed began. */
export function timeNow(): number {
  return clock.now();
}

/** A call that began then has ended. */
export function recordTime(counts: EdgeCounts, began: number): void {
  const units = (clock.now() - began) * UNITS;
  const bucket = TIMES + (units < 2 ** 31 ? 32 - MathClz32(units) : BUCKETS - 1);
  counts[bucket] = (counts[bucket] as number) + 1;
}

/** A call has begun that does not end at once. Returns how many that makes. */
export function beginCall(counts: EdgeCounts): number {
  const calls = (counts[CALLS] as number) + 1;
  counts[CALLS] = calls;
  counts[WAITING] = (counts[WAITING] as number) + 1;
  return calls;
}

/** It has ended: well, or as one of ERRORS or CANCELED. */
export function endCall(counts: EdgeCounts, outcome: typeof ERRORS | typeof CANCELED | undefined): void {
  counts[WAITING] = (counts[WAITING] as number) - 1;
  if (outcome !== undefined) counts[outcome] = (counts[outcome] as number) + 1;
}
