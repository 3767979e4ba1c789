/** The entries of a cache: a hash table, and a list by last use. Called with the lock held. */

import { BlockStore } from './bytes.ts';
import { entryWord, word } from './layout.ts';
import type { CacheLayout, CacheLimits } from './layout.ts';

/** What an entry holds: text and bytes, one after the other. */
export interface Content {
  readonly textLength: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What is to be kept. */
export interface NewContent {
  readonly text: Uint8Array;
  readonly bytes: Uint8Array;
  /** Milliseconds since the epoch; or Infinity. */
  readonly expiration: number;
}

/** How many of the entries that were not used for longest are looked at for one that has expired. */
const oldestLooked = 8;

export class EntryTable {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #floats: Float64Array<SharedArrayBuffer>;
  readonly #layout: CacheLayout;
  readonly #limits: CacheLimits;
  readonly #blocks: BlockStore;

  constructor(memory: SharedArrayBuffer, layout: CacheLayout, limits: CacheLimits) {
    this.#words = new Int32Array(memory);
    this.#floats = new Float64Array(memory, 0, Math.floor(memory.byteLength / 8));
    this.#layout = layout;
    this.#limits = limits;
    this.#blocks = new BlockStore(memory, layout);
  }

  /** What is kept under a key. It counts as used now. */
  get(key: Uint8Array, hash: number, now: number): Content | undefined {
    const entry = this.#find(key, hash);
    if (entry === 0) return undefined;
    if (this.#hasExpired(entry, now)) {
      this.#remove(entry);
      return undefined;
    }
    this.#unlist(entry);
    this.#list(entry);
    const textLength = this.#field(entry, entryWord.textLength);
    const bytes = new Uint8Array(textLength + this.#field(entry, entryWord.bytesLength));
    this.#blocks.read(
      this.#field(entry, entryWord.firstBlock),
      this.#field(entry, entryWord.keyLength),
      bytes,
    );
    return { textLength, bytes };
  }

  /** Keeps it, or nothing at all under this key where it is too large or has expired. */
  put(key: Uint8Array, hash: number, content: NewContent, now: number): void {
    this.delete(key, hash);
    const { maxKeys, maxValueSize, maxTotalValueSize } = this.#limits;
    const size = content.text.length + content.bytes.length;
    if (maxKeys === 0 || size > maxValueSize || content.expiration < now) return;
    const blocks = this.#blocks.blocksFor(key.length + size);
    while (
      this.#get(word.count) >= maxKeys ||
      this.#get(word.totalValueSize) + size > maxTotalValueSize ||
      this.#blocks.free < blocks
    ) {
      if (this.#get(word.count) === 0) return;
      this.#remove(this.#leastUseful(now));
    }
    this.#add(key, hash, content);
  }

  delete(key: Uint8Array, hash: number): void {
    const entry = this.#find(key, hash);
    if (entry !== 0) this.#remove(entry);
  }

  /** Forgets everything, whatever state it is in. */
  clear(): void {
    for (const index of [word.count, word.totalValueSize, word.newest, word.oldest]) this.#words[index] = 0;
    for (const index of [word.freeEntry, word.usedEntries, word.freeBlock, word.freeBlocks, word.usedBlocks])
      this.#words[index] = 0;
    this.#words.fill(0, this.#layout.bucketsAt, this.#layout.bucketsAt + this.#layout.buckets);
    this.#words[word.resets] = this.#get(word.resets) + 1;
  }

  #find(key: Uint8Array, hash: number): number {
    let entry = this.#get(this.#bucketOf(hash));
    for (let left = this.#get(word.count); entry !== 0; left -= 1) {
      if (left <= 0) throw new Error('a bucket without an end');
      if (this.#field(entry, entryWord.hash) === hash && this.#holds(entry, key)) return entry;
      entry = this.#field(entry, entryWord.nextInBucket);
    }
    return 0;
  }

  #holds(entry: number, key: Uint8Array): boolean {
    if (this.#field(entry, entryWord.keyLength) !== key.length) return false;
    return this.#blocks.startsWith(this.#field(entry, entryWord.firstBlock), key);
  }

  #add(key: Uint8Array, hash: number, { text, bytes, expiration }: NewContent): void {
    const entry = this.#allocate();
    this.#set(entry, entryWord.firstBlock, this.#blocks.write([key, text, bytes]));
    this.#set(entry, entryWord.hash, hash);
    this.#set(entry, entryWord.keyLength, key.length);
    this.#set(entry, entryWord.textLength, text.length);
    this.#set(entry, entryWord.bytesLength, bytes.length);
    this.#floats[(this.#layout.entryAt(entry) + entryWord.expiration) / 2] = expiration;
    const bucket = this.#bucketOf(hash);
    this.#set(entry, entryWord.nextInBucket, this.#get(bucket));
    this.#words[bucket] = entry;
    this.#list(entry);
    this.#words[word.count] = this.#get(word.count) + 1;
    this.#words[word.totalValueSize] = this.#get(word.totalValueSize) + text.length + bytes.length;
  }

  #allocate(): number {
    const free = this.#get(word.freeEntry);
    if (free === 0) return (this.#words[word.usedEntries] = this.#get(word.usedEntries) + 1);
    this.#words[word.freeEntry] = this.#field(free, entryWord.nextInBucket);
    return free;
  }

  #remove(entry: number): void {
    const next = this.#field(entry, entryWord.nextInBucket);
    const bucket = this.#bucketOf(this.#field(entry, entryWord.hash));
    if (this.#get(bucket) === entry) this.#words[bucket] = next;
    else this.#set(this.#before(entry, bucket), entryWord.nextInBucket, next);
    this.#unlist(entry);
    const size = this.#field(entry, entryWord.textLength) + this.#field(entry, entryWord.bytesLength);
    this.#blocks.release(
      this.#field(entry, entryWord.firstBlock),
      this.#field(entry, entryWord.keyLength) + size,
    );
    this.#set(entry, entryWord.nextInBucket, this.#get(word.freeEntry));
    this.#words[word.freeEntry] = entry;
    this.#words[word.count] = this.#get(word.count) - 1;
    this.#words[word.totalValueSize] = this.#get(word.totalValueSize) - size;
  }

  #before(entry: number, bucket: number): number {
    let before = this.#get(bucket);
    for (let left = this.#get(word.count); left > 0; left -= 1) {
      const next = this.#field(before, entryWord.nextInBucket);
      if (next === entry) return before;
      before = next;
    }
    throw new Error('an entry outside its bucket');
  }

  /** One that has expired, if there is one near the end, or the one that was not used for longest. */
  #leastUseful(now: number): number {
    const oldest = this.#get(word.oldest);
    let entry = oldest;
    for (let looked = 0; looked < oldestLooked && entry !== 0; looked += 1) {
      if (this.#hasExpired(entry, now)) return entry;
      entry = this.#field(entry, entryWord.newer);
    }
    return oldest;
  }

  #hasExpired(entry: number, now: number): boolean {
    return (this.#floats[(this.#layout.entryAt(entry) + entryWord.expiration) / 2] as number) < now;
  }

  /** As the one that was used last. */
  #list(entry: number): void {
    const newest = this.#get(word.newest);
    this.#set(entry, entryWord.newer, 0);
    this.#set(entry, entryWord.older, newest);
    if (newest === 0) this.#words[word.oldest] = entry;
    else this.#set(newest, entryWord.newer, entry);
    this.#words[word.newest] = entry;
  }

  #unlist(entry: number): void {
    const newer = this.#field(entry, entryWord.newer);
    const older = this.#field(entry, entryWord.older);
    if (newer === 0) this.#words[word.newest] = older;
    else this.#set(newer, entryWord.older, older);
    if (older === 0) this.#words[word.oldest] = newer;
    else this.#set(older, entryWord.newer, newer);
  }

  #bucketOf(hash: number): number {
    return this.#layout.bucketsAt + (hash & (this.#layout.buckets - 1));
  }

  /** A link that leads nowhere is the work of a thread that was cut off. */
  #field(entry: number, field: number): number {
    if (entry < 1 || entry > this.#limits.maxKeys) throw new Error('a broken link between entries');
    return this.#words[this.#layout.entryAt(entry) + field] as number;
  }

  #set(entry: number, field: number, value: number): void {
    this.#words[this.#layout.entryAt(entry) + field] = value;
  }

  #get(index: number): number {
    return this.#words[index] as number;
  }
}
