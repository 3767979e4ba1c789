/** Small files, and small parts of files, as the body of a response. Runs in a thread. */

import type { FileHandle } from 'node:fs/promises';
import type { ByteRange } from './byte-range.ts';

/** What has no more bytes is read at once, and no file stays open. */
export const wholeBytes = 64 * 1024;

/** A fresh buffer of the exact size; undefined where it cannot be had at once. */
export async function readWhole(
  handle: FileHandle,
  { start, length }: ByteRange,
): Promise<ArrayBuffer | undefined> {
  const buffer = new Uint8Array(length);
  if (length === 0) return buffer.buffer;
  const { bytesRead } = await handle.read(buffer, 0, length, start);
  return bytesRead === length ? buffer.buffer : undefined;
}
