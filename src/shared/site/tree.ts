/**
 * The files of a directory that are for the public: found with all that is below, links that stay below included, in a bounded number. Runs
 * in the supervisor, which looks whether a directory has changed, and in threads, which serve it.
 */

import { createHash } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { sep } from 'node:path';
import type { Ignore } from 'ignore';
import { fingerprintOf } from './fingerprint.ts';

/** More files, directories included, are no site. */
export const mostFiles = 100_000;

/** Of directories within each other. */
const deepest = 64;

/** A directory as it was before it was read. */
export interface SeenDirectory {
  /** Absolute. */
  readonly path: string;
  readonly ino: bigint;
  readonly mtimeNs: bigint;
}

export interface Tree {
  /** Paths from the directory on, with `/` before each name: `/css/main.css`. In no order. */
  readonly files: readonly string[];
  readonly directories: readonly SeenDirectory[];
}

/** There are more than `mostFiles`. */
export class TooManyFiles extends Error {}

/** Rejects with TooManyFiles, or with an error of node:fs where the directory itself cannot be read. */
export async function readTree(directory: string, ignored: readonly string[]): Promise<Tree> {
  // Loaded where there is a site.
  const { default: ignore } = await import('ignore');
  const walk = new Walk(await realpath(directory), ignore({ ignorecase: false }).add([...ignored]));
  await walk.enter(directory, '', []);
  return walk;
}

class Walk implements Tree {
  readonly files: string[] = [];
  readonly directories: SeenDirectory[] = [];
  readonly #root: string;
  readonly #ignore: Ignore;

  constructor(root: string, ignored: Ignore) {
    this.#root = root;
    this.#ignore = ignored;
  }

  /** `prefix`: from the root to the directory; empty, or with `/` at its beginning. `above`: the directories around it. */
  async enter(path: string, prefix: string, above: readonly string[]): Promise<void> {
    const { ino, dev, mtimeNs } = await stat(path, { bigint: true });
    const here = `${dev}:${ino}`;
    if (above.includes(here) || above.length >= deepest) return; // links can lead in circles
    this.directories.push({ path, ino, mtimeNs });
    this.#count();
    for (const entry of await readdir(path, { withFileTypes: true })) {
      const name = `${prefix}/${entry.name}`;
      const kind = await this.#kindOf(entry, `${path}/${entry.name}`);
      if (kind === undefined || !isServable(entry.name) || this.#isIgnored(name, kind)) continue;
      if (kind === 'directory') {
        await this.enter(`${path}/${entry.name}`, name, [...above, here]).catch(ignoreGone);
        continue;
      }
      this.files.push(name);
      this.#count();
    }
  }

  #count(): void {
    if (this.files.length + this.directories.length > mostFiles) throw new TooManyFiles();
  }

  #isIgnored(name: string, kind: 'file' | 'directory'): boolean {
    return this.#ignore.ignores(kind === 'file' ? name.slice(1) : `${name.slice(1)}/`);
  }

  /** Undefined for devices and the like, and for links that lead nowhere or out. */
  async #kindOf(entry: Dirent, path: string): Promise<'file' | 'directory' | undefined> {
    if (entry.isFile()) return 'file';
    if (entry.isDirectory()) return 'directory';
    if (!entry.isSymbolicLink()) return undefined;
    try {
      const target = await realpath(path);
      if (!target.startsWith(this.#root + sep)) return undefined;
      const found = await stat(target);
      return found.isFile() ? 'file' : found.isDirectory() ? 'directory' : undefined;
    } catch {
      return undefined;
    }
  }
}

/** What no URL leads to in the form in which it is served. */
function isServable(name: string): boolean {
  return !/[\\\0-\x1f\x7f\ufffd]/u.test(name);
}

/** A directory that went, or that may not be read, while the others are looked at. */
function ignoreGone(error: unknown): void {
  if (error instanceof TooManyFiles) throw error;
}

/** Another text for another set of files, or for other contents. Rejects as `readTree` does. */
export async function stampOf(directory: string, ignored: readonly string[]): Promise<string> {
  const { files } = await readTree(directory, ignored);
  const hash = createHash('sha256');
  for (const file of [...files].sort()) hash.update(`${file}\0${await fingerprint(directory + file)}\n`);
  return hash.digest('base64url').slice(0, 22);
}

async function fingerprint(path: string): Promise<string> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return await fingerprintOf(handle, await handle.stat({ bigint: true }));
    } finally {
      await handle.close();
    }
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'failed';
  }
}
