/**
 * What log files need of the file system, as a value: the one that is there, and in tests one that is full or broken. Nothing here blocks the
 * thread that asks. Runs in the supervisor.
 */

import { constants, createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, statfs, truncate, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** What is known of a file without reading it. Times in milliseconds since 1970. */
export interface FileFacts {
  /** The same as long as it is the same file. */
  readonly id: string;
  readonly bytes: number;
  readonly modified: number;
  /** When it came to be; when it was modified, where the system does not know that. */
  readonly born: number;
  /** A file that can be rotated: no device, no pipe. */
  readonly isRegular: boolean;
}

/** A file that is open for appending. All methods reject with errors of node:fs. */
export interface LogHandle {
  /** Resolves with how many bytes were written, which may be fewer. */
  write(bytes: Uint8Array): Promise<number>;
  facts(): Promise<FileFacts>;
  /** Whether its last line is complete; an empty file has none that is not. */
  endsWithNewline(bytes: number): Promise<boolean>;
  close(): Promise<void>;
}

/** Paths are absolute. All methods reject with errors of node:fs. */
export interface LogFs {
  /** Creates the file, and its directory, where they are not there. */
  open(path: string): Promise<LogHandle>;
  /** Undefined where there is nothing. */
  facts(path: string): Promise<FileFacts | undefined>;
  /** Names in a directory; none where there is no directory. */
  list(directory: string): Promise<readonly string[]>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  truncate(path: string): Promise<void>;
  /** Writes a gzip file that is as old as the other; it is there as a whole or not at all. Resolves with its size. */
  compress(from: string, to: string): Promise<number>;
  /** Bytes that may still be written to the disk of a directory. */
  free(directory: string): Promise<number>;
}

const { O_RDWR, O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants;

/** Ends the name of a file that is being made. */
export const unfinished = '.tmp';

export const logFs: LogFs = Object.freeze({
  async open(path: string): Promise<LogHandle> {
    try {
      return await openHandle(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      return openHandle(path);
    }
  },
  async facts(path: string) {
    try {
      return factsOf(await stat(path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  },
  async list(directory: string) {
    try {
      return await readdir(directory);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  },
  rename,
  remove: (path: string) => rm(path, { force: true }),
  truncate: (path: string) => truncate(path, 0),
  async compress(from: string, to: string) {
    const made = `${to}${unfinished}`;
    try {
      await pipeline(createReadStream(from), createGzip(), createWriteStream(made, { mode: 0o600 }));
      const { atime, mtime } = await stat(from);
      await utimes(made, atime, mtime);
      const { size } = await stat(made);
      await rename(made, to);
      return size;
    } catch (error) {
      await rm(made, { force: true });
      throw error;
    }
  },
  async free(directory: string) {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  },
});

interface Stats {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly birthtimeMs: number;
  isFile(): boolean;
}

function factsOf(stats: Stats): FileFacts {
  const { dev, ino, size, mtimeMs, birthtimeMs } = stats;
  return {
    id: `${dev}:${ino}`,
    bytes: size,
    modified: mtimeMs,
    born: birthtimeMs > 0 ? birthtimeMs : mtimeMs,
    isRegular: stats.isFile(),
  };
}

/** Nonblocking, so that a pipe without a reader is an error and not a thread that hangs. */
async function openHandle(path: string): Promise<LogHandle> {
  const known = await stat(path).catch(() => undefined);
  const isOther = known !== undefined && !known.isFile();
  const flags = (isOther ? O_WRONLY : O_RDWR) | O_APPEND | O_CREAT | O_NONBLOCK;
  const file = await open(path, flags, 0o600);
  return {
    write: async (bytes) => (await file.write(bytes)).bytesWritten,
    facts: async () => factsOf(await file.stat()),
    async endsWithNewline(bytes) {
      if (bytes === 0) return true;
      const last = new Uint8Array(1);
      const { bytesRead } = await file.read(last, 0, 1, bytes - 1);
      return bytesRead === 0 || last[0] === 0x0a;
    },
    close: () => file.close(),
  };
}

/** The code of a system error: `ENOSPC`. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
