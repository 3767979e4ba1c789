/**
 * Counters of a rate limit that all threads of the process share: a table of fixed size in shared memory, without a lock. The window slides: what
 * was counted in the window before weighs as much as of it still lies within the last period. Runs in threads; the supervisor makes the memory.
 */

import { hash, randomFillSync } from 'node:crypto';

const slots = 32_768;
/** Slots that a key can be in. */
const probes = 8;
/** Words: the seed, then a pair for each slot: a key's hash, and its counts. */
const seedWords = 2;

/** The counts of a slot in one word: the number of the window, and the counts of the window before and of this one. */
const countBits = 20n;
const countMask = (1n << countBits) - 1n;
const windowMask = (1n << 24n) - 1n;

/** Largest limit that can be counted. */
export const mostPerPeriod = 1_000_000;

/** Attempts against other threads that change the same slot. */
const attempts = 100;

/** Memory for the counters of one limit. */
export function makeRateMemory(): SharedArrayBuffer {
  const memory = new SharedArrayBuffer((seedWords + 2 * slots) * BigInt64Array.BYTES_PER_ELEMENT);
  // node:crypto does not fill shared memory itself.
  new Uint8Array(memory, 0, seedWords * 8).set(randomFillSync(new Uint8Array(seedWords * 8)));
  return memory;
}

export interface RateCountersOptions {
  readonly memory: SharedArrayBuffer;
  /** Calls that are allowed within a period. */
  readonly limit: number;
  /** In milliseconds. */
  readonly period: number;
  /** Milliseconds, monotonic, the same on all threads. */
  readonly now: () => number;
}

export class RateCounters {
  readonly #words: BigInt64Array<SharedArrayBuffer>;
  readonly #seed: string;
  readonly #limit: number;
  readonly #period: number;
  readonly #now: () => number;

  constructor({ memory, limit, period, now }: RateCountersOptions) {
    this.#words = new BigInt64Array(memory);
    this.#seed = `${this.#words[0]} ${this.#words[1]} `;
    this.#limit = limit;
    this.#period = period;
    this.#now = now;
  }

  /** Counts a call under a key, and says whether it is within the limit. One that is not does not count. */
  take(key: string): boolean {
    const time = this.#now() / this.#period;
    const window = BigInt(Math.floor(time)) & windowMask;
    const passed = time - Math.floor(time);
    const slot = this.#slotOf(key, window);
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const found = Atomics.load(this.#words, slot + 1);
      const { before, current } = countsAt(found, window);
      if (before * (1 - passed) + current + 1 > this.#limit) return false;
      const next = (window << (2n * countBits)) | (BigInt(before) << countBits) | BigInt(current + 1);
      if (Atomics.compareExchange(this.#words, slot + 1, found, next) === found) return true;
    }
    return true;
  }

  /** The slot of a key. Where all that it can be in are taken, it takes over the one with the smallest count. */
  #slotOf(key: string, window: bigint): number {
    // A hash that nobody outside can foresee: keys come from clients.
    const digest = hash('sha256', this.#seed + key, 'buffer');
    const wanted = digest.readBigInt64LE(0) || 1n;
    const start = digest.readUInt32LE(8);
    let least = Infinity;
    let victim = 0;
    let owner = 0n;
    for (let probe = 0; probe < probes; probe += 1) {
      const slot = seedWords + 2 * ((start + probe) % slots);
      const found = Atomics.compareExchange(this.#words, slot, 0n, wanted);
      if (found === 0n || found === wanted) return slot;
      const { before, current } = countsAt(Atomics.load(this.#words, slot + 1), window);
      if (before + current >= least) continue;
      least = before + current;
      victim = slot;
      owner = found;
    }
    if (Atomics.compareExchange(this.#words, victim, owner, wanted) === owner)
      Atomics.store(this.#words, victim + 1, 0n);
    return victim;
  }
}

function countsAt(word: bigint, window: bigint): { before: number; current: number } {
  const age = (window - (word >> (2n * countBits))) & windowMask;
  const current = Number(word & countMask);
  if (age === 0n) return { before: Number((word >> countBits) & countMask), current };
  return { before: age === 1n ? current : 0, current: 0 };
}
