/** The lines that wait for one log file, and the count of those that do not any more. Runs in the supervisor. */

/** What waits for all files together. */
export interface Waiting {
  bytes: number;
}

export interface BacklogOptions {
  readonly waiting: Waiting;
  /** The line that says how many lines of a service are missing. */
  readonly droppedLine: (service: string, count: number) => string;
}

export class Backlog {
  readonly #options: BacklogOptions;
  #lines: string[] = [];
  #bytes = 0;
  readonly #all: Waiting;
  readonly #dropped = new Map<string, number>();
  /** Bytes that were written, or given up, since the start. */
  #done = 0;
  #waiting: { readonly until: number; readonly resolve: () => void }[] = [];

  constructor(options: BacklogOptions) {
    this.#options = options;
    this.#all = options.waiting;
  }

  /** Of lines that were not taken yet, and of those that were taken and not settled. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether there are lines to take. */
  get hasLines(): boolean {
    return this.#lines.length > 0;
  }

  /** Bytes of the line that is taken next. */
  get nextBytes(): number {
    return Buffer.byteLength(this.#lines[0] ?? '');
  }

  /** Takes in a line with its end. Returns false, and counts it, where more than `most` bytes would wait. */
  push(service: string, line: string, most: number): boolean {
    const bytes = Buffer.byteLength(line);
    if (this.#bytes + bytes > most) {
      this.drop(service);
      return false;
    }
    if (this.#bytes < most / 2) this.announce();
    this.#add(line, bytes);
    return true;
  }

  drop(service: string): void {
    this.#dropped.set(service, (this.#dropped.get(service) ?? 0) + 1);
  }

  /** Has it said what was dropped. */
  announce(): void {
    if (this.#dropped.size === 0) return;
    for (const [service, count] of this.#dropped) {
      const line = this.#options.droppedLine(service, count);
      this.#add(line, Buffer.byteLength(line));
    }
    this.#dropped.clear();
  }

  /** The next lines, at least one, otherwise as many as have room. They count as waiting until they are settled. */
  take(room: number): Buffer {
    let count = 0;
    for (let bytes = 0; count < this.#lines.length; count++) {
      bytes += Buffer.byteLength(this.#lines[count] ?? '');
      if (bytes > room && count > 0) break;
    }
    return Buffer.from(this.#lines.splice(0, count).join(''));
  }

  /** Bytes that were taken have been written, or given up. */
  settle(bytes: number): void {
    this.#done += bytes;
    this.#bytes -= bytes;
    this.#all.bytes -= bytes;
    const isThere = ({ until }: { readonly until: number }): boolean => until <= this.#done;
    for (const each of this.#waiting) if (isThere(each)) each.resolve();
    this.#waiting = this.#waiting.filter((each) => !isThere(each));
  }

  /** Forgets everything. */
  clear(): void {
    this.#lines = [];
    this.#dropped.clear();
    this.settle(this.#bytes);
  }

  /** Nobody waits any more for what waits for the disk. */
  excuse(): void {
    for (const { resolve } of this.#waiting) resolve();
    this.#waiting = [];
  }

  /** Resolves when everything that waits now has been settled, or is excused. */
  settled(): Promise<void> {
    if (this.#bytes === 0) return Promise.resolve();
    const until = this.#done + this.#bytes;
    return new Promise((resolve) => this.#waiting.push({ until, resolve }));
  }

  #add(line: string, bytes: number): void {
    this.#lines.push(line);
    this.#bytes += bytes;
    this.#all.bytes += bytes;
  }
}
