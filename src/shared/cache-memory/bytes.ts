/** The bytes of a cache: chains of blocks of one size, so that nothing is ever too scattered to be used. Called with the lock held. */

import { linkSize, word } from './layout.ts';
import type { CacheLayout } from './layout.ts';

export class BlockStore {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #bytes: Uint8Array<SharedArrayBuffer>;
  readonly #layout: CacheLayout;
  readonly #room: number;

  constructor(memory: SharedArrayBuffer, layout: CacheLayout) {
    this.#words = new Int32Array(memory);
    this.#bytes = new Uint8Array(memory);
    this.#layout = layout;
    this.#room = layout.blockSize - linkSize;
  }

  /** How many blocks so many bytes take. */
  blocksFor(length: number): number {
    return Math.max(1, Math.ceil(length / this.#room));
  }

  /** How many are free. */
  get free(): number {
    return this.#layout.blocks - this.#get(word.usedBlocks) + this.#get(word.freeBlocks);
  }

  /** Writes parts one after the other into a new chain, for which there must be room, and returns its first block. */
  write(parts: readonly Uint8Array[]): number {
    const first = this.#allocate();
    let block = first;
    let at = 0;
    for (const part of parts) {
      for (let done = 0; done < part.length;) {
        if (at === this.#room) {
          const next = this.#allocate();
          this.#words[this.#linkOf(block)] = next;
          block = next;
          at = 0;
        }
        const length = Math.min(this.#room - at, part.length - done);
        this.#bytes.set(part.subarray(done, done + length), this.#layout.blockAt(block) + linkSize + at);
        done += length;
        at += length;
      }
    }
    this.#words[this.#linkOf(block)] = 0;
    return first;
  }

  /** Whether a chain begins with these bytes. */
  startsWith(first: number, bytes: Uint8Array): boolean {
    let block = first;
    for (let done = 0; done < bytes.length; block = this.#next(block)) {
      const start = this.#layout.blockAt(block) + linkSize - done;
      const end = Math.min(done + this.#room, bytes.length);
      for (; done < end; done += 1) if (this.#bytes[start + done] !== bytes[done]) return false;
    }
    return true;
  }

  /** Copies what follows the first `skip` bytes of a chain. */
  read(first: number, skip: number, target: Uint8Array): void {
    let block = first;
    let at = skip;
    for (; at >= this.#room; at -= this.#room) block = this.#next(block);
    for (let done = 0; done < target.length; block = this.#next(block)) {
      const length = Math.min(this.#room - at, target.length - done);
      const start = this.#layout.blockAt(block) + linkSize + at;
      target.set(this.#bytes.subarray(start, start + length), done);
      done += length;
      at = 0;
    }
  }

  /** Frees a chain of so many bytes. */
  release(first: number, length: number): void {
    const count = this.blocksFor(length);
    let last = first;
    for (let index = 1; index < count; index += 1) last = this.#next(last);
    this.#words[this.#linkOf(last)] = this.#get(word.freeBlock);
    this.#words[word.freeBlock] = first;
    this.#words[word.freeBlocks] = this.#get(word.freeBlocks) + count;
  }

  #allocate(): number {
    const free = this.#get(word.freeBlock);
    if (free === 0) return (this.#words[word.usedBlocks] = this.#get(word.usedBlocks) + 1);
    this.#words[word.freeBlock] = this.#next(free);
    this.#words[word.freeBlocks] = this.#get(word.freeBlocks) - 1;
    return free;
  }

  /** A link that leads nowhere is the work of a thread that was cut off. */
  #next(block: number): number {
    const next = this.#get(this.#linkOf(block));
    if (next < 0 || next > this.#layout.blocks) throw new Error('a broken chain of blocks');
    return next;
  }

  #linkOf(block: number): number {
    return this.#layout.blockAt(block) / Int32Array.BYTES_PER_ELEMENT;
  }

  #get(index: number): number {
    return this.#words[index] as number;
  }
}
