/**
 * What tells one content of a file from another, the same on every machine that has the file. Files of up to 1 MiB are told apart by what is in
 * them, so that a build that writes everything anew changes nothing; of larger ones that would take too long, and their size and the time of
 * their last change have to do. Runs in the supervisor and in threads.
 */

import { hash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

export const largestHashed = 1024 * 1024;

/** Of a file whose content is here. */
export function fingerprintOfBytes(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'base64url').slice(0, 22);
}

/** Of an open file. Rejects with an error of node:fs. */
export async function fingerprintOf(
  handle: FileHandle,
  { size, mtimeMs }: Pick<BigIntStats, 'size' | 'mtimeMs'>,
): Promise<string> {
  if (size > largestHashed) return `${size.toString(36)}-${mtimeMs.toString(36)}`;
  const bytes = new Uint8Array(Number(size));
  let length = 0;
  while (length < bytes.byteLength) {
    const { bytesRead } = await handle.read(bytes, length, bytes.byteLength - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return fingerprintOfBytes(bytes.subarray(0, length));
}
