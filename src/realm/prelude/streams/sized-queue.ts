/**
 * The standard's "queue-with-sizes". A linked list, because a store into an array's hole would ask `Array.prototype`, which belongs
 * to the worker. https://streams.spec.whatwg.org/#queue-with-sizes
 */

import { RangeErrorCtor } from '../primordials.ts';

class Entry {
  value: unknown;
  size: number;
  next: Entry | undefined = undefined;

  constructor(value: unknown, size: number) {
    this.value = value;
    this.size = size;
  }
}

/** Throws a RangeError for what no chunk's size can be: NaN, negative, infinite. */
export function checkSize(size: number): void {
  if (!(size >= 0) || size === Infinity)
    throw new RangeErrorCtor('The size of a chunk must be a finite, non-negative number.');
}

/** Chunks with their sizes, first in, first out. */
export class SizedQueue {
  #head: Entry | undefined = undefined;
  #tail: Entry | undefined = undefined;
  /** The entry that was taken out last, to be used again: most queues hold one chunk at a time. */
  #spare: Entry | undefined = undefined;
  /** Sum of the sizes, with the rounding errors that the standard prescribes. */
  total = 0;

  get isEmpty(): boolean {
    return this.#head === undefined;
  }

  /** Adds a chunk of a size that checkSize has accepted. */
  push(value: unknown, size: number): void {
    const entry = this.#newEntry(value, size);
    if (this.#tail === undefined) this.#head = entry;
    else this.#tail.next = entry;
    this.#tail = entry;
    this.total += size;
  }

  #newEntry(value: unknown, size: number): Entry {
    const spare = this.#spare;
    if (spare === undefined) return new Entry(value, size);
    this.#spare = undefined;
    spare.value = value;
    spare.size = size;
    return spare;
  }

  /** Removes the first chunk. The queue must not be empty. */
  shift(): unknown {
    const entry = this.#head as Entry;
    this.#head = entry.next;
    if (this.#head === undefined) this.#tail = undefined;
    const total = this.total - entry.size;
    this.total = total < 0 ? 0 : total;
    const { value } = entry;
    entry.value = undefined;
    entry.next = undefined;
    this.#spare = entry;
    return value;
  }

  reset(): void {
    this.#head = undefined;
    this.#tail = undefined;
    this.total = 0;
  }
}
