/** ETags of files by their content, each computed once for every state of a file. Runs in a thread. */

import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { fingerprintOf } from '../../shared/site/fingerprint.ts';
import type { Validators } from '../disk/conditions.ts';

interface Known {
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly print: string;
}

/** Files whose fingerprint is remembered. */
const mostKnown = 10_000;

export class ValidatorCache {
  readonly #known = new Map<string, Known>();

  /** Of an open file. `coding`: the one that the file is in. Rejects with an error of node:fs. */
  async of(
    path: string,
    handle: FileHandle,
    stats: BigIntStats,
    coding: string | undefined,
  ): Promise<Validators> {
    const print = this.#find(path, stats) ?? (await this.#compute(path, handle, stats));
    return {
      etag: coding === undefined ? `"${print}"` : `"${print}-${coding}"`,
      modified: Number(stats.mtimeNs / 1_000_000_000n),
    };
  }

  #find(path: string, { ino, size, mtimeNs }: BigIntStats): string | undefined {
    const known = this.#known.get(path);
    const isSame = known?.ino === ino && known.size === size && known.mtimeNs === mtimeNs;
    return isSame ? known.print : undefined;
  }

  async #compute(path: string, handle: FileHandle, stats: BigIntStats): Promise<string> {
    const { ino, size, mtimeNs } = stats;
    const print = await fingerprintOf(handle, stats);
    if (this.#known.size >= mostKnown) this.#known.clear();
    this.#known.set(path, { ino, size, mtimeNs, print });
    return print;
  }
}
