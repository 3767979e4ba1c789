/**
 * Which files a site has, known without asking the system, so that a request for none of them costs nothing. The directory is read when it is
 * first needed; later, while there are requests, it is looked whether a directory in it has changed, and then all of it is read again. So a
 * build that writes into the directory of a running site is noticed, about a second later. Runs in a thread.
 */

import { stat } from 'node:fs/promises';
import { assertHeadroom } from '../../shared/headroom.ts';
import { readTree, TooManyFiles, type Tree } from '../../shared/site/tree.ts';
import { codeOf } from '../disk/failures.ts';

/** Codings that a file can have beside it, by the ending of that file; the first one is preferred where a client has no preference. */
export const codings = Object.freeze([
  { coding: 'br', ending: '.br' },
  { coding: 'zstd', ending: '.zst' },
  { coding: 'gzip', ending: '.gz' },
] as const);

export type Coding = (typeof codings)[number]['coding'];

export interface SiteFilesOptions {
  /** Absolute. */
  readonly directory: string;
  readonly ignore: readonly string[];
  readonly precompressed: boolean;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Told why the files cannot be known, or not anew: once, until they can be again. */
  readonly onFailure: (reason: string) => void;
}

/** A look at the directories takes place no more often, in milliseconds. */
const lookInterval = 1000;

/** Where looking takes long it is done more seldom: at most one part in so many of the time. */
const lookShare = 20;

/** A directory that was changed so shortly before it was read may have been changed since without a trace, in milliseconds. */
const clockGrain = 50;

export class SiteFiles {
  readonly #options: SiteFilesOptions;
  /** For each file, a bit for each of its codings. */
  #files: ReadonlyMap<string, number> | undefined;
  #directories: Tree['directories'] = [];
  /** When they were read, as files have their times. */
  #readAt = 0;
  #loading: Promise<string | undefined> | undefined;
  /** Why the files are not known, or not as they are now. */
  #failure: string | undefined;
  #nextLook = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(options: SiteFilesOptions) {
    this.#options = options;
  }

  /** Undefined where the files are known. Else resolves when they are, or with why they cannot be. To be called for every request. */
  ready(): Promise<string | undefined> | undefined {
    const isDue = this.#loading === undefined && this.#options.now() >= this.#nextLook;
    if (isDue) assertHeadroom(); // what begins here is for all requests
    if (this.#files !== undefined) {
      if (isDue) this.#loading = this.#look();
      return undefined;
    }
    if (isDue) this.#loading = this.#load();
    return this.#loading ?? Promise.resolve(this.#failure);
  }

  /** `path`: decoded, with `/` before each name. */
  has(path: string): boolean {
    return this.#files?.has(path) === true;
  }

  /** The codings that a file can be had in. */
  codingsOf(path: string): Coding[] {
    const bits = this.#files?.get(path) ?? 0;
    return bits === 0
      ? []
      : codings.flatMap(({ coding }, bit) => (((bits >> bit) & 1) === 1 ? [coding] : []));
  }

  /** A look that is under way changes nothing any more. */
  close(): void {
    this.#isClosed = true;
  }

  /** In the background: requests go on with what is known. */
  async #look(): Promise<string | undefined> {
    await Promise.resolve(); // on a stack of its own: the caller may be at the end of its
    const began = this.#options.now();
    if ((await this.#hasChanged()) && !this.#isClosed) return this.#load();
    this.#finish(began);
    return undefined;
  }

  /** What cannot be read stays as it was known. */
  async #load(): Promise<string | undefined> {
    await Promise.resolve();
    const { directory, ignore, now, onFailure } = this.#options;
    const began = now();
    const readAt = Date.now();
    let failure: string | undefined;
    try {
      const tree = await readTree(directory, ignore);
      this.#files = this.#indexOf(tree.files);
      this.#directories = tree.directories;
      this.#readAt = readAt;
    } catch (error) {
      failure = error instanceof TooManyFiles ? 'it has too many files' : codeOf(error);
    }
    if (failure !== undefined && this.#failure === undefined) onFailure(failure);
    this.#failure = failure;
    this.#finish(began);
    return failure;
  }

  #finish(began: number): void {
    const now = this.#options.now();
    this.#nextLook = now + Math.max(lookInterval, (now - began) * lookShare);
    this.#loading = undefined;
  }

  async #hasChanged(): Promise<boolean> {
    for (const { path, ino, mtimeNs } of this.#directories) {
      try {
        const found = await stat(path, { bigint: true });
        if (found.ino !== ino || found.mtimeNs !== mtimeNs) return true;
        if (Number(mtimeNs / 1_000_000n) >= this.#readAt - clockGrain) return true;
      } catch {
        return true;
      }
    }
    return false;
  }

  #indexOf(paths: readonly string[]): Map<string, number> {
    const files = new Map(paths.map((path) => [path, 0]));
    if (!this.#options.precompressed) return files;
    for (const path of paths) {
      const bit = codings.findIndex(({ ending }) => path.endsWith(ending));
      if (bit === -1) continue;
      const plain = path.slice(0, path.length - (codings[bit]?.ending.length ?? 0));
      const bits = files.get(plain);
      if (bits !== undefined) files.set(plain, bits | (1 << bit));
    }
    return files;
  }
}
