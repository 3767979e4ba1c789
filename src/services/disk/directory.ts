/**
 * A directory and what is below it, so that nothing above it is reached, whatever symbolic links and other processes do meanwhile. Every
 * file is opened first and asked then where it is: there is nothing in between that could be exchanged. Changes are made relative to a
 * directory that is held open. Runs in a thread.
 *
 * Linux says where an open file is, and lets a path start at it (`/proc/self/fd`). Other systems have no such thing in Node.js: there, paths are
 * resolved before a file is opened and again afterwards.
 */

import { constants, type BigIntStats } from 'node:fs';
import { type FileHandle, mkdir, open, readlink, realpath, stat } from 'node:fs/promises';
import process from 'node:process';

/** Names from the root, the last one is what is meant. */
export type Names = readonly string[];

export interface OpenFile {
  /** The caller's, who closes it. */
  readonly handle: FileHandle;
  readonly stats: BigIntStats;
  /** Leads to what is open, for as long as it is. */
  readonly path: string;
}

/** What is there is not to be opened: no file, and no directory. */
export class UnacceptableFile extends Error {}

/** There is nothing that the service may reach. */
export class FileNotFound extends Error {}

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** Without O_NONBLOCK, a pipe would be waited for. */
const reading = O_RDONLY | O_NONBLOCK;

const hasDescriptorPaths = process.platform === 'linux';

export class Directory {
  readonly #path: string;

  /** Absolute; may be a symbolic link, which is looked at anew each time: people replace directories by exchanging one. */
  constructor(path: string) {
    this.#path = path;
  }

  /** Opens a file or a directory for reading. Follows links that stay below. Throws the two errors above, and those of `node:fs`. */
  async open(names: Names): Promise<OpenFile> {
    const root = await realpath(this.#path);
    const path = [root, ...names].join('/');
    // A device may not like to be opened.
    if (!isAcceptable(await stat(path, { bigint: true }))) {
      assertBelow(root, await realpath(path));
      throw new UnacceptableFile();
    }
    const handle = await open(path, reading);
    try {
      await assertHandleBelow(root, handle, path);
      const stats = await handle.stat({ bigint: true });
      if (!isAcceptable(stats)) throw new UnacceptableFile();
      return { handle, stats, path: pathOf(handle, path) };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** What a path leads to, without keeping it open. */
  async stat(names: Names): Promise<BigIntStats> {
    const { handle, stats } = await this.open(names);
    await handle.close();
    return stats;
  }

  /**
   * Holds a directory while it is being changed: `use` is given a path that leads into it, and only there. `create`: makes directories that
   * are missing.
   */
  async within<T>(names: Names, create: boolean, use: (path: string) => Promise<T>): Promise<T> {
    const root = await realpath(this.#path);
    let handle = await open(root, O_RDONLY | O_DIRECTORY);
    let path = root;
    try {
      for (const name of names) {
        const next = await enter(root, `${pathOf(handle, path)}/${name}`, create);
        await handle.close();
        handle = next;
        path = `${path}/${name}`;
      }
      return await use(pathOf(handle, path));
    } finally {
      await handle.close();
    }
  }
}

async function enter(root: string, path: string, create: boolean): Promise<FileHandle> {
  const flags = O_RDONLY | O_DIRECTORY;
  const handle = await open(path, flags).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' || !create) throw error;
    await mkdir(path).catch(ignoreExisting);
    return open(path, flags | O_NOFOLLOW);
  });
  try {
    await assertHandleBelow(root, handle, path);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function assertHandleBelow(root: string, handle: FileHandle, path: string): Promise<void> {
  if (hasDescriptorPaths) {
    // A file that has lost its name since is said to be "(deleted)", behind the path that it had.
    assertBelow(root, await readlink(pathOf(handle, path)));
    return;
  }
  assertBelow(root, await realpath(path));
  const [named, opened] = [await stat(path, { bigint: true }), await handle.stat({ bigint: true })];
  if (named.ino !== opened.ino || named.dev !== opened.dev) throw new FileNotFound();
}

function assertBelow(root: string, path: string): void {
  const border = root.endsWith('/') ? root : `${root}/`;
  if (path !== root && !path.startsWith(border)) throw new FileNotFound();
}

function isAcceptable(stats: BigIntStats): boolean {
  return stats.isFile() || stats.isDirectory();
}

/** A path that leads to what is open, wherever it is now, and not to what has its name. */
export function pathOf(handle: FileHandle, path: string): string {
  return hasDescriptorPaths ? `/proc/self/fd/${handle.fd}` : path;
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
