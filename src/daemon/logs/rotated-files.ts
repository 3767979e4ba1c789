/** What was rotated of one log file: found, added, compressed, and removed when it is too old or too much. Runs in the supervisor. */

import { basename, dirname, join } from 'node:path';
import type { FileFacts, LogFs } from './log-fs.ts';
import { parseLogName, rotatedPath, type Rotated } from './rotated.ts';

const day = 24 * 3_600_000;

export class RotatedFiles {
  readonly #path: string;
  readonly #fs: LogFs;
  /** Oldest first. */
  #list: readonly Rotated[] = [];

  /** `path`: of the file that is rotated. */
  constructor(path: string, fs: LogFs) {
    this.#path = path;
    this.#fs = fs;
  }

  get list(): readonly Rotated[] {
    return this.#list;
  }

  get bytes(): number {
    return this.#list.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Finds what was rotated before, among these names in its directory. What a process that was killed has left half-made is removed. */
  async load(names: readonly string[]): Promise<void> {
    const directory = dirname(this.#path);
    const found = new Map<number, Rotated>();
    // In this order: where a file is there twice, the one that is compressed is whole, and comes after the other.
    for (const name of names.toSorted()) {
      const parsed = parseLogName(name);
      if (parsed?.file !== basename(this.#path) || parsed.kind === 'current') continue;
      const path = join(directory, name);
      const facts = parsed.kind === 'unfinished' ? undefined : await this.#fs.facts(path);
      if (parsed.kind === 'unfinished') await this.#fs.remove(path);
      else if (facts !== undefined) {
        const { sequence, isCompressed } = parsed;
        const twin = found.get(sequence);
        if (twin !== undefined) await this.#fs.remove(twin.path);
        found.set(sequence, { path, sequence, bytes: facts.bytes, modified: facts.modified, isCompressed });
      }
    }
    this.#list = [...found.values()].toSorted((a, b) => a.sequence - b.sequence);
  }

  /** Takes in the file, which is there. */
  async add({ bytes, modified }: FileFacts): Promise<void> {
    const sequence = (this.#list.at(-1)?.sequence ?? 0) + 1;
    const path = rotatedPath(this.#path, sequence);
    await this.#fs.rename(this.#path, path);
    this.#list = [...this.#list, { path, sequence, bytes, modified, isCompressed: false }];
  }

  /** Rejects where that fails; what was there stays. */
  async compress(): Promise<void> {
    for (const each of this.#list.filter(({ isCompressed }) => !isCompressed)) {
      if ((await this.#fs.facts(each.path)) === undefined) {
        this.#forget(each); // somebody has removed it
        continue;
      }
      const path = `${each.path}.gz`;
      const bytes = await this.#fs.compress(each.path, path);
      await this.#fs.remove(each.path);
      const compressed = { ...each, path, bytes, isCompressed: true };
      this.#list = this.#list.map((other) => (other === each ? compressed : other));
    }
  }

  /** Removes what is more than so many files, and what is older than so many days. */
  async prune(maxFiles: number, maxAgeDays: number, now: number): Promise<void> {
    const oldest = now - maxAgeDays * day;
    const tooMany = this.#list.slice(0, Math.max(0, this.#list.length - maxFiles));
    for (const each of this.#list) {
      if (tooMany.includes(each) || each.modified < oldest) await this.remove(each);
    }
  }

  async remove(rotated: Rotated): Promise<void> {
    await this.#fs.remove(rotated.path);
    this.#forget(rotated);
  }

  #forget(rotated: Rotated): void {
    this.#list = this.#list.filter((each) => each.sequence !== rotated.sequence);
  }
}
