/**
 * Counts of the calls of one caller to one entrypoint, as the host reads and writes them. Preludes write the same memory
 * (realm/prelude/edge.ts). Runs in a thread.
 */

import type { EdgeCounts, EdgeLayout } from '../realm/prelude/state.ts';

export const edgeLayout: EdgeLayout = Object.freeze({
  calls: 0,
  errors: 1,
  canceled: 2,
  waiting: 3,
  times: 4,
  buckets: 32,
  sample: 64,
});

const size = edgeLayout.times + edgeLayout.buckets;

/** Counts that share a buffer: one of their own would cost more than what is in it. */
const perBuffer = 64;
let buffer = new ArrayBuffer(0);
let used = perBuffer;

/** Counts that are all zero. */
export function makeCounts(): EdgeCounts {
  if (used === perBuffer) {
    buffer = new ArrayBuffer(perBuffer * size * Float64Array.BYTES_PER_ELEMENT);
    used = 0;
  }
  return new Float64Array(buffer, used++ * size * Float64Array.BYTES_PER_ELEMENT, size);
}

/** For calls that are counted elsewhere. */
export const uncounted: EdgeCounts = makeCounts();

/** A call that the host makes. Call `end` once, with what has become of it. */
export function countCall(counts: EdgeCounts): { end(outcome: 'errors' | 'canceled' | undefined): void } {
  const { calls, waiting, sample } = edgeLayout;
  add(counts, calls, 1);
  add(counts, waiting, 1);
  const began = (counts[calls] ?? 0) % sample === 0 ? performance.now() : undefined;
  let isOver = false;
  return {
    end(outcome) {
      if (isOver) return;
      isOver = true;
      add(counts, waiting, -1);
      if (outcome !== undefined) add(counts, edgeLayout[outcome], 1);
      if (began !== undefined && outcome !== 'canceled') add(counts, bucketOf(performance.now() - began), 1);
    },
  };
}

/** The element that counts calls of so many milliseconds. */
function bucketOf(ms: number): number {
  const units = (ms * 1e6) / 128;
  return edgeLayout.times + (units < 2 ** 31 ? 32 - Math.clz32(units) : edgeLayout.buckets - 1);
}

function add(counts: EdgeCounts, element: number, change: number): void {
  counts[element] = (counts[element] ?? 0) + change;
}
