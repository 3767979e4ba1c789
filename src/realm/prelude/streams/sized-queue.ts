/**
 * The standard's "queue-with-sizes". A linked list, because a store into an array's hole would ask `Array.prototype`, which belongs
 * to the worker. https://streams.spec.whatwg.org/#queue-with-sizes
 */

import { RangeErrorCtor } from '../primordials.ts';

class Entry {
  readonly value: unknown;
  readonly size: number;
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

/** Chunks with their sizes, first in, first out. The first needs no entry of its own: most queues hold one chunk at a time. */
export class SizedQueue {
  /** How many chunks there are. */
  length = 0;
  /** Sum of the sizes, with the rounding errors that the standard prescribes. */
  total = 0;
  #first: unknown = undefined;
  #firstSize = 0;
  /** The second, and so on. */
  #head: Entry | undefined = undefined;
  #tail: Entry | undefined = undefined;

  /** Adds a chunk of a size that checkSize has accepted. */
  push(value: unknown, size: number): void {
    this.total += size;
    if (this.length++ === 0) {
      this.#first = value;
      this.#firstSize = size;
    } else {
      this.#append(new Entry(value, size));
    }
  }

  #append(entry: Entry): void {
    if (this.#tail === undefined) this.#head = entry;
    else this.#tail.next = entry;
    this.#tail = entry;
  }

  /** Removes the first chunk. The queue must not be empty. */
  shift(): unknown {
    const value = this.#first;
    const total = this.total - this.#firstSize;
    this.total = total < 0 ? 0 : total;
    this.length--;
    const second = this.#head;
    if (second === undefined) {
      this.#first = undefined;
    } else {
      this.#first = second.value;
      this.#firstSize = second.size;
      this.#head = second.next;
      if (second.next === undefined) this.#tail = undefined;
    }
    return value;
  }

  reset(): void {
    this.length = 0;
    this.total = 0;
    this.#first = undefined;
    this.#head = undefined;
    this.#tail = undefined;
  }
}
