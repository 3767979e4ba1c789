/**
 * What reading a configuration needs from the system, as a value, so that the rest touches neither `process` nor the disk. Runs in the
 * supervisor.
 */
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { stampOf } from '../shared/site/tree.ts';

/** The powers that `loadConfig` is handed. Paths are absolute. */
export interface ConfigPowers {
  /** The working directory: where files are looked for, and what paths in messages are relative to. */
  readonly cwd: string;
  /** Where `fromEnvironment` looks. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What a path leads to: `missing`, `file`, `directory`, `other`, or the code of the system error, such as `EACCES`. */
  readonly statKind: (path: string) => Promise<string>;
  /**
   * The bytes of a file, of which no more than `most` and one more are read: whoever gets more than `most` was given a file that is too
   * large. Rejects with an error of node:fs.
   */
  readonly readBytes: (path: string, most?: number) => Promise<Uint8Array>;
  /**
   * Another text for other files in a directory, without those that `ignored` (in the syntax of .gitignore) means. Rejects with an error of
   * node:fs, or with TooManyFiles.
   */
  readonly stampOf: (directory: string, ignored: readonly string[]) => Promise<string>;
  /** The namespace of a module, evaluated anew at each call (the modules that it imports are not). */
  readonly importModule: (path: string) => Promise<unknown>;
  /** Resolves after some milliseconds, unless the signal aborts. */
  readonly delay: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** The powers of this process. */
export function makeConfigPowers(options: Pick<ConfigPowers, 'cwd' | 'environment'>): ConfigPowers {
  return Object.freeze({
    cwd: options.cwd,
    environment: options.environment,
    statKind,
    readBytes,
    stampOf,
    importModule,
    delay: (milliseconds: number, signal: AbortSignal) => sleep(milliseconds, undefined, { signal }),
  });
}

async function readBytes(path: string, most?: number): Promise<Uint8Array> {
  if (most === undefined) return readFile(path);
  const chunks: Uint8Array[] = [];
  // `end` is the position of the last byte that is read.
  for await (const chunk of createReadStream(path, { end: most })) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

async function statKind(path: string): Promise<string> {
  try {
    const found = await stat(path);
    if (found.isFile()) return 'file';
    return found.isDirectory() ? 'directory' : 'other';
  } catch (error) {
    const code = errorCode(error);
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : code;
  }
}

/** The code of a system error: `EACCES`. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}

const require = createRequire(import.meta.url);
let imports = 0;

function importModule(path: string): Promise<unknown> {
  // Node keeps ES modules by URL and CommonJS modules by path.
  delete require.cache[path];
  const url = pathToFileURL(path);
  if (imports > 0) url.searchParams.set('nanod', String(imports));
  imports += 1;
  return import(url.href);
}
