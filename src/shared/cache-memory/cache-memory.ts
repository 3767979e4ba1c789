/**
 * A memory cache that all threads of the process share: what it keeps lies in shared memory, and any thread reads and writes there by
 * itself. One computation per key is under way at a time; who waits for one is woken by the thread that ends it. Runs in threads; the
 * supervisor makes the memory, and cleans up after threads that are lost.
 */

import { randomInt } from 'node:crypto';
import { EntryTable } from './entries.ts';
import type { Content, NewContent } from './entries.ts';
import { blockSizeFor, flightAt, flightWord, layoutOf, mostFlights, word } from './layout.ts';
import type { CacheLimits } from './layout.ts';
import { SharedLock } from './lock.ts';

/** What a reader that can compute a value finds. */
export type Entered =
  | { readonly kind: 'found'; readonly content: Content }
  /** The caller computes, and ends that with `end(flight)`, whatever comes of it. `undefined`: nobody will wait for it. */
  | { readonly kind: 'compute'; readonly flight: number | undefined }
  /** Another one computes; `until` resolves when it may be over. */
  | { readonly kind: 'wait'; readonly until: Promise<unknown> };

/** Nobody waits longer than this without looking again, in milliseconds. */
const longestWait = 10_000;

/** Memory for a cache. A limit of 0 means that it keeps nothing. */
export function makeCacheMemory(wanted: CacheLimits): SharedArrayBuffer {
  const { maxKeys, maxValueSize, maxTotalValueSize } = wanted;
  const keepsNothing = maxKeys === 0 || maxValueSize === 0 || maxTotalValueSize === 0;
  const limits = keepsNothing ? { maxKeys: 0, maxValueSize: 0, maxTotalValueSize: 0 } : wanted;
  const blockSize = blockSizeFor(limits);
  const memory = new SharedArrayBuffer(layoutOf(limits, blockSize).byteLength);
  const words = new Int32Array(memory);
  words[word.maxKeys] = limits.maxKeys;
  words[word.maxValueSize] = Math.min(maxValueSize, limits.maxTotalValueSize);
  words[word.maxTotalValueSize] = limits.maxTotalValueSize;
  words[word.blockSize] = blockSize;
  words[word.seed] = randomInt(2 ** 31);
  return memory;
}

export interface CacheMemoryOptions {
  readonly memory: SharedArrayBuffer;
  /** Number of the thread, above 0. */
  readonly thread: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export class CacheMemory {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #table: EntryTable;
  readonly #lock: SharedLock;
  readonly #thread: number;
  readonly #now: () => number;

  constructor({ memory, thread, now }: CacheMemoryOptions) {
    const words = new Int32Array(memory);
    const limits = {
      maxKeys: words[word.maxKeys] as number,
      maxValueSize: words[word.maxValueSize] as number,
      maxTotalValueSize: words[word.maxTotalValueSize] as number,
    };
    this.#words = words;
    const table = new EntryTable(memory, layoutOf(limits, words[word.blockSize] as number), limits);
    this.#table = table;
    this.#lock = new SharedLock(words, word.lock, thread, () => table.clear());
    this.#thread = thread;
    this.#now = now;
  }

  /** What is kept under a key. */
  read(key: Uint8Array): Content | undefined {
    return this.#within(() => this.#table.get(key, this.#hash(key), this.#now()));
  }

  /** What is kept under a key, or what to do about it. */
  enter(key: Uint8Array): Entered {
    const hash = this.#hash(key);
    const entered = this.#within((): Entered => {
      const content = this.#table.get(key, hash, this.#now());
      if (content !== undefined) return { kind: 'found', content };
      return this.#flightOf(hash) ?? { kind: 'compute', flight: this.#claim(hash) };
    });
    return entered ?? { kind: 'compute', flight: undefined };
  }

  put(key: Uint8Array, content: NewContent): void {
    this.#within(() => this.#table.put(key, this.#hash(key), content, this.#now()));
  }

  delete(key: Uint8Array): void {
    this.#within(() => this.#table.delete(key, this.#hash(key)));
  }

  /** Ends a computation, and wakes who waits for it. */
  end(flight: number): void {
    this.#free(flight, this.#thread);
  }

  /** Cleans up after a thread of which nothing runs any more. */
  forget(thread: number): void {
    this.#lock.takeFrom(thread);
    for (let flight = 0; flight < mostFlights; flight += 1) this.#free(flight, thread);
  }

  /** Keys and bytes that are kept, and how often all was thrown away. */
  get state(): { readonly keys: number; readonly bytes: number; readonly resets: number } {
    const [keys, bytes, resets] = [word.count, word.totalValueSize, word.resets].map(
      (index) => this.#words[index] as number,
    );
    return { keys: keys ?? 0, bytes: bytes ?? 0, resets: resets ?? 0 };
  }

  /** `undefined` where the cache is not to be had; then it is as if it were empty. */
  #within<T>(run: () => T): T | undefined {
    try {
      return this.#lock.within(run);
    } catch {
      return undefined; // it found something broken, and everything was thrown away
    }
  }

  /** The computation of a key that is under way, to be waited for. Two keys of one hash wait for each other, which harms nothing. */
  #flightOf(hash: number): Entered | undefined {
    for (let flight = 0; flight < mostFlights; flight += 1) {
      const at = flightAt(flight);
      if (this.#words[at + flightWord.hash] !== hash || !this.#isTaken(flight)) continue;
      const generation = Atomics.load(this.#words, at + flightWord.generation);
      // It ends without the lock: its owner goes first, and then the generation, which is to be that of now.
      if (!this.#isTaken(flight)) continue;
      const waiting = Atomics.waitAsync(this.#words, at + flightWord.generation, generation, longestWait);
      return { kind: 'wait', until: waiting.async ? waiting.value : Promise.resolve() };
    }
    return undefined;
  }

  #claim(hash: number): number | undefined {
    for (let flight = 0; flight < mostFlights; flight += 1) {
      if (this.#isTaken(flight)) continue;
      this.#words[flightAt(flight) + flightWord.hash] = hash;
      Atomics.store(this.#words, flightAt(flight) + flightWord.owner, this.#thread);
      return flight;
    }
    return undefined;
  }

  #isTaken(flight: number): boolean {
    return Atomics.load(this.#words, flightAt(flight) + flightWord.owner) !== 0;
  }

  #free(flight: number, owner: number): void {
    const at = flightAt(flight);
    if (Atomics.compareExchange(this.#words, at + flightWord.owner, owner, 0) !== owner) return;
    Atomics.add(this.#words, at + flightWord.generation, 1);
    Atomics.notify(this.#words, at + flightWord.generation);
  }

  /** FNV-1a with a seed, its bits mixed so that the low ones choose a bucket. */
  #hash(key: Uint8Array): number {
    let hash = 0x811c9dc5 ^ (this.#words[word.seed] as number);
    for (let index = 0; index < key.length; index += 1)
      hash = Math.imul(hash ^ (key[index] as number), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    return hash ^ (hash >>> 13);
  }
}
