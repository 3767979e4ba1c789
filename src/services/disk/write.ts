/** What changes a directory: files that are replaced as a whole, and trees that are removed. Runs in a thread. */

import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import { type Directory, type Names, pathOf } from './directory.ts';
import { temporaryPrefix } from './request-path.ts';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

/** Directories within each other that are removed at a time. */
const deepestTree = 100;

/**
 * Writes a file beside its place and moves it there when all of it is on the disk, so that nobody sees a part of it. `beforeMove` may
 * throw, and the old file stays. Directories that are missing are made.
 */
export async function replaceFile(
  directory: Directory,
  names: Names,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  beforeMove: () => Promise<void>,
): Promise<void> {
  const name = names.at(-1) ?? '';
  await directory.within(names.slice(0, -1), true, async (parent) => {
    const temporary = `${parent}/${temporaryPrefix}${randomBytes(12).toString('hex')}`;
    const handle = await open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666);
    try {
      await writeAll(handle, chunks);
      await beforeMove();
      await rename(temporary, `${parent}/${name}`);
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
    await syncDirectory(parent);
  });
}

async function writeAll(
  handle: FileHandle,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.byteLength;) at += (await handle.write(chunk, at)).bytesWritten;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The name is on the disk as well then. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, O_RDONLY | O_DIRECTORY);
  // Some file systems cannot.
  await handle.sync().catch(() => undefined);
  await handle.close();
}

/** Removes a file, a link (not what it leads to), or a directory with all that is in it. */
export async function removeEntry(directory: Directory, names: Names): Promise<void> {
  await directory.within(names.slice(0, -1), false, (parent) => removeTree(parent, names.at(-1) ?? '', 0));
}

async function removeTree(parent: string, name: string, depth: number): Promise<void> {
  const path = `${parent}/${name}`;
  try {
    await unlink(path);
    return;
  } catch (error) {
    // Linux says EISDIR of a directory, and POSIX EPERM.
    const { code } = error as NodeJS.ErrnoException;
    if ((code !== 'EISDIR' && code !== 'EPERM') || depth >= deepestTree) throw error;
  }
  // Held open: what takes the place of the name meanwhile is not entered.
  const handle = await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    const inside = pathOf(handle, path);
    for (const entry of await readdir(inside)) await removeTree(inside, entry, depth + 1);
  } finally {
    await handle.close();
  }
  await rmdir(path);
}
