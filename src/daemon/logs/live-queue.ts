/** Records on their way to one reader who may be slow: what does not fit is counted, and said. Runs in the supervisor. */

export interface LiveQueueOptions {
  /** Characters that wait, at most. */
  readonly most: number;
  /** The line that says how many are missing. */
  readonly droppedLine: (count: number) => string;
}

export class LiveQueue {
  readonly #options: LiveQueueOptions;
  #lines: string[] = [];
  #length = 0;
  #dropped = 0;
  #isClosed = false;
  #wake: (() => void) | undefined;

  constructor(options: LiveQueueOptions) {
    this.#options = options;
  }

  push(line: string): void {
    if (this.#isClosed) return;
    if (this.#length + line.length > this.#options.most) this.#dropped++;
    else {
      this.#lines.push(line);
      this.#length += line.length;
    }
    this.#wake?.();
  }

  /** Everything that waits, as soon as there is something; '' once it is closed. */
  async next(): Promise<string> {
    while (this.#lines.length === 0 && this.#dropped === 0 && !this.#isClosed)
      await new Promise<void>((resolve) => (this.#wake = resolve));
    if (this.#dropped > 0) this.#lines.push(this.#options.droppedLine(this.#dropped));
    const text = this.#lines.join('');
    this.#lines = [];
    this.#length = 0;
    this.#dropped = 0;
    return text;
  }

  /** What waits can still be had. */
  close(): void {
    this.#isClosed = true;
    this.#wake?.();
  }
}
