/**
 * What is deployed, on disk: one JSON file that is replaced as a whole, and the bundles beside it, named by their content. A state that cannot
 * be read is set aside, never overwritten. Runs in the supervisor.
 */

import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { StoredBundle } from '../control/api.ts';
import type { Config, WorkerService } from '../config/types.ts';
import { makeError } from '../shared/errors.ts';
import { writeAtomically } from './atomic-file.ts';
import type { Home } from './home.ts';

/** One configuration, as it was deployed last. */
export interface SavedSource {
  /** Path of the file. */
  readonly source: string;
  readonly config: Config;
  /** Bundles by worker. */
  readonly bundles: Readonly<Record<string, string>>;
  /** Present while it could not be brought back: why. It is kept, and nothing of it runs. */
  readonly failure?: string;
  /** What is to replace it, and gets a share of the requests until then. */
  readonly candidate?: SavedCandidate;
}

export interface SavedCandidate {
  readonly config: Config;
  readonly bundles: Readonly<Record<string, string>>;
  /** Versions by worker. */
  readonly versions: Readonly<Record<string, string>>;
  /** Of requests, from 0 to 100. */
  readonly percent: number;
  /** What keeps a client on one side. */
  readonly sticky?: { readonly kind: 'header' | 'cookie'; readonly name: string };
  /** In milliseconds since 1970. */
  readonly since: number;
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
      return { kind: 'read', state: parseState(text) };
    } catch (error) {
      const movedTo = await this.#setAside(now);
      return { kind: 'corrupt', reason: (error as Error).message, movedTo };
    }
  }

  /** Moves the file out of the way, so that nothing overwrites it; resolves with its new path. */
  async #setAside(now: number): Promise<string> {
    const movedTo = `${this.#home.stateFile}.corrupt-${now}`;
    await rename(this.#home.stateFile, movedTo).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error; // somebody has removed it
    });
    return movedTo;
  }

  /** Replaces the file. */
  async write(state: SavedState): Promise<void> {
    await writeAtomically(this.#home.stateFile, `${JSON.stringify(state)}\n`);
  }

  /** Keeps a bundle; one that is kept already is the same, unless it was damaged. */
  async keep(bundle: StoredBundle): Promise<void> {
    const text = JSON.stringify(bundle);
    const kept = await this.#readBundle(bundle.version).catch(() => undefined);
    if (kept !== text) await writeAtomically(this.#bundlePath(bundle.version), `${checksum(text)}\n${text}`);
  }

  /** Rejects with BUNDLE_DAMAGED. */
  async bundle(version: string): Promise<StoredBundle> {
    try {
      return JSON.parse(await this.#readBundle(version)) as StoredBundle;
    } catch (error) {
      throw makeError('BUNDLE_DAMAGED', { version, reason: (error as Error).message });
    }
  }

  /**
   * Throws away bundles that nothing in a state refers to, and what a process that was killed has left half-written. A state that was set
   * aside may be mended by hand: while there is one, everything stays.
   */
  async sweep(state: SavedState): Promise<void> {
    const aside = `${basename(this.#home.stateFile)}.corrupt-`;
    if ((await readdir(this.#home.directory)).some((name) => name.startsWith(aside))) return;
    const needed = new Set([
      ...state.sources.flatMap(bundleVersions),
      ...state.history.map(({ bundle }) => bundle),
    ]);
    for (const name of await readdir(this.#home.versions)) {
      if (!needed.has(name.replace(/\.json$/u, '')))
        await rm(join(this.#home.versions, name), { force: true });
    }
  }

  /** The text of a bundle; the line before it says what it has to be. */
  async #readBundle(version: string): Promise<string> {
    const content = await readFile(this.#bundlePath(version), 'utf8');
    const end = content.indexOf('\n');
    const text = content.slice(end + 1);
    if (content.slice(0, end) !== checksum(text)) throw new Error('its checksum is wrong');
    return text;
  }

  #bundlePath(version: string): string {
    return join(this.#home.versions, `${version}.json`);
  }
}

/** Every bundle that is needed, of a configuration and of its candidate. */
export function bundleVersions({ bundles, candidate }: SavedSource): string[] {
  return [...Object.values(bundles), ...Object.values(candidate?.bundles ?? {})];
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function parseState(text: string): SavedState {
  const value = JSON.parse(text) as Partial<SavedState> | null;
  if (value?.format !== 1) throw new Error('it has another format');
  if (!Array.isArray(value.sources) || !Array.isArray(value.history))
    throw new Error('parts of it are missing');
  return { ...emptyState, ...value };
}
