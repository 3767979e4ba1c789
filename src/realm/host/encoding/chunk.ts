/** What a decoder is given, and what it gives back. Runs in a thread, in the host realm. */

import type { Output } from './output.ts';

/** One chunk under way. */
export interface Chunk {
  /** What the last chunk left, followed by this one. */
  readonly input: Uint8Array;
  readonly output: Output;
  /** True for the last chunk: what is incomplete is an error then. */
  readonly flush: boolean;
  readonly encoding: string;
  /** ISO-2022-JP: see japanese.ts. */
  mode: number;
}

/** Consumes a chunk. Returns how many bytes at the end of the input wait for the next chunk (0 to 3; 0 on flush). */
export type LegacyDecoder = (chunk: Chunk) => number;
