/**
 * The bundles that were made last of code that is given at run time: every thread asks for the same ones, and so does a worker that was unloaded
 * and is loaded again. Runs in the supervisor.
 */

import type { BuildOutcome } from '../../messages/builds.ts';

type Built = Extract<BuildOutcome, { bundle: unknown }>;

/** Bytes of all that is kept, roughly. */
const mostBytes = 32 * 1024 * 1024;

export class KnownBuilds {
  /** The one that was used longest ago first. */
  readonly #builds = new Map<string, Built>();
  readonly #limit: number;
  #bytes = 0;

  constructor(limit = mostBytes) {
    this.#limit = limit;
  }

  get(key: string): Built | undefined {
    const found = this.#builds.get(key);
    if (found === undefined) return undefined;
    this.#builds.delete(key);
    this.#builds.set(key, found);
    return found;
  }

  add(key: string, built: Built): void {
    const size = sizeOf(built);
    if (size > this.#limit / 4 || this.#builds.has(key)) return;
    this.#builds.set(key, built);
    this.#bytes += size;
    for (const [oldest, each] of this.#builds) {
      if (this.#bytes <= this.#limit) return;
      this.#builds.delete(oldest);
      this.#bytes -= sizeOf(each);
    }
  }
}

function sizeOf({ bundle: { code, sourceMap, assets } }: Built): number {
  const bytes = assets.reduce((sum, { bytes: { length } }) => sum + length, 0);
  return 2 * (code.length + sourceMap.length) + bytes;
}
