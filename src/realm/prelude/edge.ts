/**
 * Counts the calls that leave this realm, by caller and entrypoint. A call costs an addition; one in so many is timed. The host reads what
 * has been counted (thread/counters.ts).
 */

import { guarded } from './host.ts';
import { MathClz32 } from './primordials.ts';
import type { EdgeCounts } from './state.ts';

const clock = guarded($host.clock);
const neutral = guarded($host.neutral);

/** A call whose number has none of these bits is timed. */
export const UNTIMED = 63;

/** Units of the first bucket, 128 ns, in a millisecond. */
const UNITS = 1e6 / 128;

/** When a call that is timed began. */
export function timeNow(): number {
  return clock.now();
}

/** A call that began then has ended. */
export function recordTime(counts: EdgeCounts, began: number): void {
  const units = (clock.now() - began) * UNITS;
  if (counts.times === undefined) neutral.openTimes(counts);
  const times = counts.times as Float64Array;
  const bucket = units < 2 ** 31 ? 32 - MathClz32(units) : 31;
  times[bucket] = (times[bucket] as number) + 1;
}

/** A call that was waited for has ended: well, as an error, or because its caller has given it up. */
export function endCall(counts: EdgeCounts, outcome: 'well' | 'errors' | 'canceled'): void {
  counts.waiting--;
  if (outcome !== 'well') counts[outcome]++;
}
