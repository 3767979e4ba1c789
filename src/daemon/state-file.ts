/**
 * What is deployed, on disk: one JSON file that is replaced as a whole, and the bundles beside it, named by their content. A state that cannot
 * be read is set aside, never overwritten. Runs in the supervisor.
 */

import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredBundle } from '../control/api.ts';
import type { Config, WorkerService } from '../config/types.ts';
import { writeAtomically } from './atomic-file.ts';
import type { Home } from './home.ts';

/** One configuration, as it was deployed last. */
export interface SavedSource {
  /** Path of the file. */
  readonly source: string;
  readonly config: Config;
  /** Bundles by worker. */
  readonly bundles: Readonly<Record<string, string>>;
}

/** A worker as it ran once. */
export interface SavedVersion {
  readonly service: string;
  readonly version: string;
  /** In milliseconds since 1970. */
  readonly deployedAt: number;
  readonly source: string;
  readonly worker: WorkerService;
  readonly bundle: string;
}

export interface SavedState {
  readonly format: 1;
  readonly sources: readonly SavedSource[];
  /** Names of services that somebody has stopped. */
  readonly stopped: readonly string[];
  /** How often services were started anew. */
  readonly restarts: Readonly<Record<string, number>>;
  /** Threads of groups that were scaled. */
  readonly threads: Readonly<Record<string, number>>;
  /** Newest first; the current version of every worker is among them. */
  readonly history: readonly SavedVersion[];
}

export const emptyState: SavedState = Object.freeze({
  format: 1,
  sources: [],
  stopped: [],
  restarts: {},
  threads: {},
  history: [],
});

export type ReadOutcome =
  | { readonly kind: 'read'; readonly state: SavedState }
  | { readonly kind: 'absent' }
  /** It is no state of this version; `movedTo` is where it is now. */
  | { readonly kind: 'corrupt'; readonly reason: string; readonly movedTo: string };

export class StateFile {
  readonly #home: Home;
  /** What was read, until something is written. */
  #read: SavedState | undefined;

  constructor(home: Home) {
    this.#home = home;
  }

  get path(): string {
    return this.#home.stateFile;
  }

  /** Rejects only where the file is there and cannot be read. */
  async read(now: number): Promise<ReadOutcome> {
    let text: string;
    try {
      text = await readFile(this.#home.stateFile, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kind: 'absent' };
      throw error;
    }
    try {
      this.#read = parseState(text);
      return { kind: 'read', state: this.#read };
    } catch (error) {
      const movedTo = await this.#setAside('corrupt', now);
      return { kind: 'corrupt', reason: (error as Error).message, movedTo };
    }
  }

  /** Moves the file out of the way, so that nothing overwrites it; resolves with its new path. */
  async #setAside(why: 'corrupt' | 'unrestored', now: number): Promise<string> {
    const movedTo = `${this.#home.stateFile}.${why}-${now}`;
    await rename(this.#home.stateFile, movedTo).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error; // somebody has removed it
    });
    return movedTo;
  }

  /**
   * Replaces the file. One that was read, and whose sources are not those that are written, was never brought back: it is set aside, and where
   * it is then is what this resolves with.
   */
  async write(state: SavedState, now: number): Promise<string | undefined> {
    const isLost = this.#read !== undefined && this.#read.sources !== state.sources;
    const movedTo = isLost ? await this.#setAside('unrestored', now) : undefined;
    this.#read = undefined;
    await writeAtomically(this.#home.stateFile, `${JSON.stringify(state)}\n`);
    return movedTo;
  }

  /** Keeps a bundle; one that is kept already is the same. */
  async keep(bundle: StoredBundle): Promise<void> {
    const path = this.#bundlePath(bundle.version);
    if (!(await this.#kept()).has(bundle.version)) await writeAtomically(path, JSON.stringify(bundle));
  }

  async bundle(version: string): Promise<StoredBundle> {
    return JSON.parse(await readFile(this.#bundlePath(version), 'utf8')) as StoredBundle;
  }

  /** Throws away bundles that nothing in a state refers to, and what a process that was killed has left half-written. */
  async sweep(state: SavedState): Promise<void> {
    const needed = new Set([
      ...state.sources.flatMap(({ bundles }) => Object.values(bundles)),
      ...state.history.map(({ bundle }) => bundle),
    ]);
    for (const name of await readdir(this.#home.versions)) {
      if (!needed.has(name.replace(/\.json$/u, '')))
        await rm(join(this.#home.versions, name), { force: true });
    }
  }

  async #kept(): Promise<ReadonlySet<string>> {
    return new Set((await readdir(this.#home.versions)).map((name) => name.replace(/\.json$/u, '')));
  }

  #bundlePath(version: string): string {
    return join(this.#home.versions, `${version}.json`);
  }
}

function parseState(text: string): SavedState {
  const value = JSON.parse(text) as Partial<SavedState> | null;
  if (value?.format !== 1) throw new Error('it has another format');
  if (!Array.isArray(value.sources) || !Array.isArray(value.history))
    throw new Error('parts of it are missing');
  return { ...emptyState, ...value };
}
