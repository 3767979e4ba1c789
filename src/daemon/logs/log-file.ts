/**
 * One log file: takes lines, writes them when there is time, rotates the file, and bears what happens to it: a full disk, a file that is
 * removed or replaced, a line that a killed process has left half-written. Nothing is done twice at a time. Runs in the supervisor.
 */

import { ownName } from '../../shared/log-record.ts';
import { Backlog, type Waiting } from './backlog.ts';
import { errorCode, type LogFs, type LogHandle } from './log-fs.ts';
import type { Rotated } from './rotated.ts';
import { RotatedFiles } from './rotated-files.ts';

export interface LogFileLimits {
  readonly maxFileBytes: number;
  readonly maxFileHours: number;
  readonly maxFiles: number;
  readonly maxAgeDays: number;
}

export interface LogFilePowers {
  readonly fs: LogFs;
  /** Names in the directory of a path that may have to do with it. */
  readonly namesBeside: (path: string) => Promise<readonly string[]>;
  /** Milliseconds since 1970; may jump. */
  readonly now: () => number;
  /** Milliseconds, monotonic. */
  readonly uptime: () => number;
  /** The line that says how many lines of a service are missing here. */
  readonly droppedLine: (file: LogFile, service: string, count: number) => string;
  /** Of all files. */
  readonly waiting: Waiting;
  /** Somebody reads: files keep their names for the moment. */
  readonly isHeld: () => boolean;
  /** The first failure after a success. */
  readonly onFailure: (file: LogFile, code: string) => void;
}

/** What failed, and when it is tried again on the monotonic clock. */
interface Failure {
  readonly code: string;
  readonly attempts: number;
  readonly retryAt: number;
}

/** Bytes that wait for the disk, at most; what is more is dropped. */
const mostPending = 4 * 1024 * 1024;
/** The same where the disk takes nothing, or all files together have more than this to write. */
const mostInNeed = 32 * 1024;
const mostTogether = 32 * 1024 * 1024;
/** Bytes of one write, and writes in one turn. */
const mostAtOnce = 64 * 1024;
const mostWrites = 8;
/** How often it is looked whether the file is still the one of its path, in milliseconds. */
const checkInterval = 1000;
const leastRetry = 1000;
const mostRetry = 30_000;
const hour = 3_600_000;

export class LogFile {
  readonly path: string;
  limits: LogFileLimits;
  readonly #powers: LogFilePowers;
  readonly #backlog: Backlog;
  readonly #rotated: RotatedFiles;
  /** What is being written, and how much of it has been. */
  #chunk: Buffer | undefined;
  #offset = 0;
  #handle: LogHandle | undefined;
  #id = '';
  #bytes = 0;
  /** When the first line was written to it, in milliseconds since 1970. */
  #begun = 0;
  #isRegular = true;
  #isLoaded = false;
  #checkedAt = 0;
  #usedAt = 0;
  #failure: Failure | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(path: string, limits: LogFileLimits, powers: LogFilePowers) {
    this.path = path;
    this.limits = limits;
    this.#powers = powers;
    this.#backlog = new Backlog({
      waiting: powers.waiting,
      droppedLine: (service, count) => powers.droppedLine(this, service, count),
    });
    this.#rotated = new RotatedFiles(path, powers.fs);
  }

  /** No device, no pipe. */
  get isRegular(): boolean {
    return this.#isRegular;
  }

  get isOpen(): boolean {
    return this.#handle !== undefined;
  }

  /** When it was written to last, on the monotonic clock. */
  get usedAt(): number {
    return this.#usedAt;
  }

  get failure(): string | undefined {
    return this.#failure?.code;
  }

  /** Oldest first. */
  get rotated(): readonly Rotated[] {
    return this.#rotated.list;
  }

  /** On the disk, with what was rotated. */
  get totalBytes(): number {
    return this.#rotated.bytes + (this.#isRegular ? this.#bytes : 0);
  }

  /** Whether there is something to do now. */
  get isDue(): boolean {
    if (this.#failure !== undefined && this.#powers.uptime() < this.#failure.retryAt) return false;
    return this.#chunk !== undefined || this.#backlog.hasLines;
  }

  /** Takes a line with its end. Returns false where it is dropped, because the disk does not keep up. */
  push(service: string, line: string): boolean {
    const isInNeed = this.#failure !== undefined || this.#powers.waiting.bytes > mostTogether;
    return this.#backlog.push(service, line, isInNeed ? mostInNeed : mostPending);
  }

  /** Counts a line that is not written; the next one that is says so. */
  drop(service: string): void {
    this.#backlog.drop(service);
  }

  /** Has it said what was dropped, although no line comes. */
  announce(): void {
    if (this.#failure === undefined) this.#backlog.announce();
  }

  /** Writes what waits, as far as it goes in one turn. Never rejects: what fails is tried again later. */
  work(): Promise<void> {
    return this.#try(async () => {
      if (!this.isDue) return;
      for (let writes = 0; writes < mostWrites && this.isDue; writes++) await this.#writeSome();
      this.#failure = undefined;
    });
  }

  /** Looks what there is of it on the disk, once. */
  load(): Promise<void> {
    return this.#try(() => this.#load());
  }

  /** Where the file ends when everything has been written that waits now, and when that is so, or the disk has failed. */
  written(): { readonly end: number; readonly done: Promise<void> } {
    const done = this.#failure === undefined ? this.#backlog.settled() : Promise.resolve();
    return { end: this.#bytes + this.#backlog.bytes, done };
  }

  /** Closes its descriptor; the next line opens the file anew, wherever its path leads then. */
  release(): Promise<void> {
    return this.#exclusive(() => this.#close());
  }

  /** Rotates where it is time to, although nothing is written. */
  rotateIfOld(): Promise<void> {
    return this.#try(async () => {
      await this.#load();
      if (this.#bytes > 0 && this.#isRegular && this.#isOld()) await this.#rotate();
    });
  }

  /** Begins another file now. */
  rotateNow(): Promise<void> {
    return this.#try(() => this.#rotate());
  }

  /** Compresses what was rotated. Rejects where that fails; what was there stays. */
  compress(): Promise<void> {
    return this.#exclusive(() => this.#rotated.compress());
  }

  /** Removes what is too old or too much. */
  prune(): Promise<void> {
    const { maxFiles, maxAgeDays } = this.limits;
    return this.#try(() => this.#rotated.prune(maxFiles, maxAgeDays, this.#powers.now()));
  }

  removeRotated(rotated: Rotated): Promise<void> {
    return this.#try(() => this.#rotated.remove(rotated));
  }

  /** Empties it, and removes what was rotated. Resolves with how many bytes that were. Rejects with errors of node:fs. */
  clear(): Promise<number> {
    return this.#exclusive(async () => {
      await this.#load();
      const bytes = this.totalBytes;
      this.#chunk = undefined;
      this.#offset = 0;
      this.#backlog.clear();
      await this.#close();
      const { fs } = this.#powers;
      const facts = await fs.facts(this.path);
      if (facts?.isRegular === true) await fs.truncate(this.path);
      this.#bytes = 0;
      for (const each of this.rotated) await this.#rotated.remove(each);
      return bytes;
    });
  }

  #exclusive<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(run);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  #try(run: () => Promise<void>): Promise<void> {
    return this.#exclusive(() => run().catch((error: unknown) => this.#fail(error)));
  }

  async #writeSome(): Promise<void> {
    await this.#ready();
    if (this.#chunk === undefined) {
      if (!this.#backlog.hasLines) return;
      if (this.#isRegular && this.#bytes > 0 && (this.#isOld() || !this.#fits())) {
        await this.#rotate();
        await this.#ready();
      }
      const room = this.#isRegular ? this.limits.maxFileBytes - this.#bytes : mostAtOnce;
      this.#chunk = this.#backlog.take(Math.min(mostAtOnce, room));
      this.#offset = 0;
    }
    const written = await (this.#handle as LogHandle).write(this.#chunk.subarray(this.#offset));
    if (written === 0) throw Object.assign(new Error('nothing was written'), { code: 'ENOSPC' });
    this.#usedAt = this.#powers.uptime();
    this.#bytes += written;
    this.#offset += written;
    this.#backlog.settle(written);
    if (this.#offset === this.#chunk.length) this.#chunk = undefined;
  }

  /** Whether the next line may still go to this file; while somebody reads, it may. */
  #fits(): boolean {
    return this.#powers.isHeld() || this.#bytes + this.#backlog.nextBytes <= this.limits.maxFileBytes;
  }

  #isOld(): boolean {
    const now = this.#powers.now();
    // The clock went back: the file is new from now on.
    if (this.#begun > now) this.#begun = now;
    return !this.#powers.isHeld() && now - this.#begun >= this.limits.maxFileHours * hour;
  }

  /** Has the file open that is at the path now. */
  async #ready(): Promise<void> {
    const { fs, uptime } = this.#powers;
    if (this.#handle !== undefined && uptime() - this.#checkedAt >= checkInterval) {
      const facts = await fs.facts(this.path);
      if (facts?.id !== this.#id) await this.#close();
      else if (this.#isRegular) this.#bytes = facts.bytes;
      this.#checkedAt = uptime();
    }
    if (this.#handle === undefined) await this.#open();
  }

  async #open(): Promise<void> {
    const { fs, now, uptime } = this.#powers;
    await this.#load();
    const handle = await fs.open(this.path);
    this.#handle = handle;
    const { id, bytes, born, isRegular } = await handle.facts();
    if (id !== this.#id) {
      this.#skipBrokenLine();
      this.#begun = bytes === 0 ? now() : born;
    }
    this.#id = id;
    this.#isRegular = isRegular;
    this.#bytes = isRegular ? bytes : 0;
    this.#checkedAt = uptime();
    const isWhole = !isRegular || this.#offset > 0 || (await handle.endsWithNewline(bytes));
    if (!isWhole) this.#bytes += await handle.write(Buffer.from('\n'));
  }

  /** The rest of a line whose beginning is in another file would look like a line of its own. */
  #skipBrokenLine(): void {
    const chunk = this.#chunk;
    if (chunk === undefined || this.#offset === 0) return;
    const end = chunk[this.#offset - 1] === 0x0a ? this.#offset : chunk.indexOf(0x0a, this.#offset) + 1;
    this.#backlog.settle(end - this.#offset);
    if (end !== this.#offset) this.drop(ownName);
    this.#chunk = end === chunk.length ? undefined : chunk.subarray(end);
    this.#offset = 0;
  }

  async #load(): Promise<void> {
    if (this.#isLoaded) return;
    const { fs, now, namesBeside } = this.#powers;
    const facts = await fs.facts(this.path);
    this.#isRegular = facts?.isRegular ?? true;
    if (this.#isRegular) await this.#rotated.load(await namesBeside(this.path));
    this.#bytes = this.#isRegular ? (facts?.bytes ?? 0) : 0;
    this.#id = facts?.id ?? '';
    this.#begun = facts?.born ?? now();
    this.#isLoaded = true;
  }

  async #rotate(): Promise<void> {
    const { fs, now } = this.#powers;
    await this.#load();
    await this.#close();
    const facts = await fs.facts(this.path);
    if (facts?.isRegular === true && facts.bytes > 0) await this.#rotated.add(facts);
    this.#bytes = 0;
    this.#begun = now();
    this.#id = '';
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close().catch(() => {}); // nothing is lost by it that was not lost before
  }

  async #fail(error: unknown): Promise<void> {
    const code = errorCode(error);
    const attempts = (this.#failure?.attempts ?? 0) + 1;
    const wait = Math.min(mostRetry, leastRetry * 2 ** (attempts - 1));
    const isFirst = this.#failure === undefined;
    this.#failure = { code, attempts, retryAt: this.#powers.uptime() + wait };
    this.#backlog.excuse();
    await this.#close();
    if (isFirst) this.#powers.onFailure(this, code);
  }
}
