/**
 * How a memory cache lies in shared memory: a header, the computations under way, the buckets of a hash table, its entries, and blocks of
 * bytes. All of it is allocated at once; what was never used takes no memory of the machine. Runs in the supervisor and in threads.
 */

/** How much a cache may keep. Sizes in bytes, of values in their serialized form. */
export interface CacheLimits {
  readonly maxKeys: number;
  readonly maxValueSize: number;
  readonly maxTotalValueSize: number;
}

/** The words of the header, by their index. */
export const word = {
  /** The thread that holds the lock, or 0. */
  lock: 0,
  maxKeys: 1,
  maxValueSize: 2,
  maxTotalValueSize: 3,
  /** Bytes of a block, its link included. */
  blockSize: 4,
  /** Different in each cache, so that nobody can choose keys that fall into one bucket. */
  seed: 5,
  count: 6,
  totalValueSize: 7,
  /** The ends of the list of entries by their last use. */
  newest: 8,
  oldest: 9,
  /** Entries and blocks that were used and are free again are linked; behind those that were ever used, all are free. */
  freeEntry: 10,
  usedEntries: 11,
  freeBlock: 12,
  freeBlocks: 13,
  usedBlocks: 14,
  /** How often everything was thrown away because a thread was cut off while it held the lock. */
  resets: 15,
} as const;

/** Computations under way: as many at most, each with these words. */
export const mostFlights = 256;
const flightsAt = 16;
const flightWords = 4;
export const flightWord = {
  /** Counts up when the computation ends: waiters wait for that. */
  generation: 0,
  /** The thread that computes, or 0. */
  owner: 1,
  hash: 2,
} as const;

/** Index of the first word of flight `index`. */
export function flightAt(index: number): number {
  return flightsAt + index * flightWords;
}

const bucketsAt = flightsAt + mostFlights * flightWords;

/** The words of an entry. Links are numbers of entries and blocks, counted from 1; 0 is none. */
export const entryWord = {
  nextInBucket: 0,
  newer: 1,
  older: 2,
  firstBlock: 3,
  hash: 4,
  keyLength: 5,
  textLength: 6,
  bytesLength: 7,
  /** A 64-bit float: milliseconds since the epoch. */
  expiration: 8,
} as const;
const entryWords = 10;

/** Bytes of a block that link it to the next one. */
export const linkSize = 4;

/** Where the parts are. */
export interface CacheLayout {
  readonly bucketsAt: number;
  /** A power of two. */
  readonly buckets: number;
  /** Index of the first word of entry `entry`. */
  readonly entryAt: (entry: number) => number;
  readonly blockSize: number;
  readonly blocks: number;
  /** Index of the first byte of block `block`. */
  readonly blockAt: (block: number) => number;
  readonly byteLength: number;
}

const leastBlock = 256;
const mostBlock = 16 * 1024;

function powerOfTwo(atLeast: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, atLeast)));
}

/** A quarter of what a value may take on average. */
export function blockSizeFor({ maxKeys, maxTotalValueSize }: CacheLimits): number {
  const quarter = powerOfTwo(maxTotalValueSize / Math.max(1, maxKeys) / 4);
  return Math.min(mostBlock, Math.max(leastBlock, quarter));
}

export function layoutOf(limits: CacheLimits, blockSize: number): CacheLayout {
  const { maxKeys, maxTotalValueSize } = limits;
  const buckets = powerOfTwo(maxKeys);
  const entriesAt = bucketsAt + buckets + (buckets % 2);
  const blocksAt = (entriesAt + maxKeys * entryWords) * Int32Array.BYTES_PER_ELEMENT;
  // Each value can leave most of its last block empty, and has its key with it.
  const blocks = Math.ceil(maxTotalValueSize / (blockSize - linkSize)) + 2 * maxKeys;
  return {
    bucketsAt,
    buckets,
    entryAt: (entry) => entriesAt + (entry - 1) * entryWords,
    blockSize,
    blocks,
    blockAt: (block) => blocksAt + (block - 1) * blockSize,
    byteLength: blocksAt + blocks * blockSize,
  };
}
