/**
 * All log files of the daemon: writes them a few at a time, keeps few of them open, and sees to it that the disk never fills. What is not
 * written is counted. Runs in the supervisor, whose loop it does not block.
 */

import { basename, dirname, join } from 'node:path';
import { ownName } from '../../shared/log-record.ts';
import { errorCode, type LogFs } from './log-fs.ts';
import { LogFile, type LogFileLimits } from './log-file.ts';
import { parseLogName } from './rotated.ts';

export interface LogStorePowers {
  /** Absolute: where files lie that nobody names otherwise. */
  readonly directory: string;
  readonly fs: LogFs;
  /** Milliseconds since 1970; may jump. */
  readonly now: () => number;
  /** Milliseconds, monotonic. */
  readonly uptime: () => number;
  /** See LogFilePowers. */
  readonly droppedLine: (file: LogFile, service: string, count: number) => string;
  /** What the daemon is to know of its logs. */
  readonly report: (level: 'info' | 'warn' | 'error', text: string, details: Record<string, unknown>) => void;
}

/** What concerns all files together, in bytes. */
export interface StoreLimits {
  readonly maxTotalBytes: number;
  readonly minFreeBytes: number;
}

/** Files that are written to at the same time: the pool of threads behind it has other work as well. */
const mostAtWork = 2;
export const mostOpen = 64;
/** After this time without a line a file is closed, in milliseconds. */
const idleAfter = 30_000;
/** What the runtime itself says goes to this file, which nobody else bounds. */
const startLog = 'start.log';
const mostStartBytes = 1024 * 1024;

export class LogStore {
  readonly #powers: LogStorePowers;
  #limits: StoreLimits;
  /** By path. */
  readonly #files = new Map<string, LogFile>();
  readonly #due = new Set<LogFile>();
  readonly #atWork = new Set<LogFile>();
  readonly #waiting = { bytes: 0 };
  /** Names that were in the directory at the start, by the log file that they belong to. */
  #present: Promise<ReadonlyMap<string, readonly string[]>> | undefined;
  #paused: string | undefined;
  #holds = 0;
  #dropped = 0;
  #tick: Promise<void> | undefined;
  #isClosed = false;

  constructor(limits: StoreLimits, powers: LogStorePowers) {
    this.#limits = limits;
    this.#powers = powers;
  }

  set limits(limits: StoreLimits) {
    this.#limits = limits;
  }

  /** Why nothing is written at the moment, if it is so. */
  get paused(): string | undefined {
    return this.#paused;
  }

  /** Files that cannot be written, with the code of the system error. */
  get failing(): ReadonlyMap<string, string> {
    const failing = [...this.#files.values()].flatMap(({ path, failure }) =>
      failure === undefined ? [] : [[path, failure] as const],
    );
    return new Map(failing);
  }

  /** Lines that could not be written since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  get totalBytes(): number {
    let sum = 0;
    for (const file of this.#files.values()) sum += file.totalBytes;
    return sum;
  }

  get openFiles(): number {
    return [...this.#files.values()].filter(({ isOpen }) => isOpen).length;
  }

  get files(): readonly LogFile[] {
    return [...this.#files.values()];
  }

  /** Takes in what lies in the directory. */
  async scan(limits: LogFileLimits): Promise<void> {
    this.#present ??= this.#list();
    const found = [...(await this.#present).keys()].filter(
      (name) => name.endsWith('.log') && name !== startLog,
    );
    await Promise.all(found.map((name) => this.file(join(this.#powers.directory, name), limits).load()));
  }

  /** The file of a path, which need not be there. */
  file(path: string, limits: LogFileLimits): LogFile {
    let file = this.#files.get(path);
    if (file === undefined) {
      const { fs, now, uptime, droppedLine } = this.#powers;
      file = new LogFile(path, limits, {
        fs,
        namesBeside: (beside) => this.#namesBeside(beside),
        now,
        uptime,
        droppedLine,
        waiting: this.#waiting,
        isHeld: () => this.#holds > 0,
        onFailure: (failed, code) => this.#failed(failed, code),
      });
      this.#files.set(path, file);
    }
    return file;
  }

  /** Takes a line with its end. */
  append(file: LogFile, service: string, line: string): void {
    if (this.#paused !== undefined || this.#isClosed) {
      file.drop(service);
      this.#dropped++;
      return;
    }
    if (!file.push(service, line)) this.#dropped++;
    this.#enqueue(file);
  }

  /** Keeps files under their names until what it returns is called. */
  hold(): () => void {
    this.#holds++;
    let isHeld = true;
    return () => {
      if (isHeld) this.#holds--;
      isHeld = false;
    };
  }

  /** Every file is opened anew with its next line. */
  async reopen(): Promise<void> {
    await Promise.all(this.files.map((file) => file.release()));
  }

  /** What is to be done from time to time; every few seconds is often enough. */
  tick(): Promise<void> {
    this.#tick ??= this.#maintain().finally(() => (this.#tick = undefined));
    return this.#tick;
  }

  /** Writes what waits, as far as the disk takes it in this time, and closes everything. */
  async close(patience: number): Promise<void> {
    const written = Promise.all(this.files.map((file) => file.written().done));
    for (const file of this.files) this.#enqueue(file);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, patience)));
    await Promise.race([written, late]);
    clearTimeout(timer);
    this.#isClosed = true;
    await Promise.race([Promise.all(this.files.map((file) => file.release())), late]);
  }

  /** The directory is read once, and not for each of its files. */
  async #namesBeside(path: string): Promise<readonly string[]> {
    const { fs, directory } = this.#powers;
    if (dirname(path) !== directory) return fs.list(dirname(path));
    this.#present ??= this.#list();
    return (await this.#present).get(basename(path)) ?? [];
  }

  async #list(): Promise<ReadonlyMap<string, readonly string[]>> {
    const { fs, directory } = this.#powers;
    const names = await fs.list(directory).catch(() => []);
    const all = new Map<string, string[]>();
    for (const name of names) {
      const file = parseLogName(name)?.file;
      if (file === undefined) continue;
      const known = all.get(file);
      if (known === undefined) all.set(file, [name]);
      else known.push(name);
    }
    return all;
  }

  #enqueue(file: LogFile): void {
    this.#due.add(file);
    this.#pump();
  }

  #pump(): void {
    for (const file of this.#due) {
      if (this.#atWork.size >= mostAtWork) return;
      if (this.#atWork.has(file)) continue;
      this.#due.delete(file);
      this.#atWork.add(file);
      void file.work().then(() => {
        this.#atWork.delete(file);
        if (file.isDue) this.#due.add(file);
        this.#closeSome();
        this.#pump();
      });
    }
  }

  #closeSome(): void {
    if (this.openFiles <= mostOpen) return;
    const idle = this.files.filter((file) => file.isOpen && !this.#atWork.has(file));
    const oldest = idle.toSorted((a, b) => a.usedAt - b.usedAt)[0];
    void oldest?.release();
  }

  async #maintain(): Promise<void> {
    await this.#guardDisk();
    const { uptime } = this.#powers;
    for (const file of this.files) {
      file.announce();
      if (file.isDue) this.#enqueue(file);
      else if (file.isOpen && uptime() - file.usedAt > idleAfter) await file.release();
      if (this.#holds > 0) continue;
      await file.rotateIfOld();
      await file.prune();
      await file.compress().catch((error: unknown) => this.#cannot('compress', file, error));
    }
    if (this.#holds === 0) await this.#bound();
    await this.#boundStartLog();
  }

  /** Below the limit nothing is written; what is rotated stays, since somebody else may have filled the disk. */
  async #guardDisk(): Promise<void> {
    const { fs, directory, report } = this.#powers;
    const least = this.#limits.minFreeBytes;
    const free = await fs.free(directory).catch(() => Infinity);
    if (free < least && this.#paused === undefined) {
      report('error', `nothing is logged until the disk has room again: ${free} bytes are free`, { least });
      this.#paused = `the disk has ${free} bytes free, less than ${least}`;
    } else if (free >= least && this.#paused !== undefined) {
      this.#paused = undefined;
      report('warn', 'the disk has room again: the log goes on', { free });
    }
  }

  /** All files together: the oldest go first; where none are left to go, the largest begins anew. */
  async #bound(): Promise<void> {
    const most = this.#limits.maxTotalBytes;
    while (this.totalBytes > most) {
      const rotated = this.files.flatMap((file) => file.rotated.map((each) => ({ file, each })));
      const [oldest] = rotated.toSorted((a, b) => a.each.modified - b.each.modified);
      const before = this.totalBytes;
      if (oldest !== undefined) await oldest.file.removeRotated(oldest.each);
      else {
        const [largest] = this.files.toSorted((a, b) => b.totalBytes - a.totalBytes);
        await largest?.rotateNow();
        const path = largest?.path ?? '';
        const text = `${basename(path)} is begun anew: all logs together are over their limit`;
        this.#powers.report('warn', text, { path, most });
        if (largest?.rotated.length === 0) return;
        continue;
      }
      if (this.totalBytes >= before) return; // it could not be removed
    }
  }

  async #boundStartLog(): Promise<void> {
    const { fs, directory } = this.#powers;
    const path = join(directory, startLog);
    const facts = await fs.facts(path).catch(() => undefined);
    if (facts?.isRegular === true && facts.bytes > mostStartBytes) await fs.truncate(path).catch(() => {});
  }

  #failed(file: LogFile, code: string): void {
    this.#powers.report('error', `${basename(file.path)} cannot be written: ${code}; it is tried again`, {
      path: file.path,
    });
    if (code === 'ENOSPC') void this.tick();
  }

  #cannot(what: string, { path }: LogFile, error: unknown): void {
    const text = `${basename(path)}: cannot ${what} what was rotated: ${errorCode(error)}`;
    this.#powers.report('error', text, { path });
  }
}

/** The name of the file of a service where nobody names another; nanod's own has no kind. */
export function defaultFileName(service: string, kind: 'out' | 'error'): string {
  return service === ownName ? `${ownName}.log` : `${service}-${kind}.log`;
}
