/**
 * Counts of the calls of one caller to one entrypoint, as the host makes and writes them. Preludes write the same records
 * (realm/prelude/edge.ts). Runs in a thread.
 */

import { neutral, timeBuckets } from '../realm/neutral.ts';
import type { EdgeCounts } from '../realm/prelude/state.ts';

/** One call in so many is timed. */
const sample = 64;

/** A record whose prototype leads nowhere. */
class Counts implements EdgeCounts {
  calls = 0;
  errors = 0;
  canceled = 0;
  waiting = 0;
  /** Made for the first call that is timed: with its buffer it takes more than all the rest, and every service has several records. */
  times: Float64Array | undefined = undefined;
}
delete (Counts.prototype as { constructor?: unknown }).constructor;
Object.freeze(Object.setPrototypeOf(Counts.prototype, null));

/** Counts that are all zero. */
export function makeCounts(): EdgeCounts {
  return new Counts();
}

/** For calls that are counted elsewhere. */
export const uncounted = makeCounts();

/** A call that the host makes. Call `end` once, with what has become of it. */
export function countCall(counts: EdgeCounts): { end(outcome: 'well' | 'errors' | 'canceled'): void } {
  counts.calls++;
  counts.waiting++;
  const began = counts.calls % sample === 0 ? performance.now() : undefined;
  let isOver = false;
  return {
    end(outcome) {
      if (isOver) return;
      isOver = true;
      counts.waiting--;
      if (outcome !== 'well') counts[outcome]++;
      if (began !== undefined && outcome !== 'canceled') recordTime(counts, performance.now() - began);
    },
  };
}

function recordTime(counts: EdgeCounts, ms: number): void {
  neutral.openTimes(counts);
  const times = counts.times as Float64Array;
  const units = (ms * 1e6) / 128;
  const bucket = units < 2 ** 31 ? 32 - Math.clz32(units) : timeBuckets - 1;
  times[bucket] = (times[bucket] ?? 0) + 1;
}
