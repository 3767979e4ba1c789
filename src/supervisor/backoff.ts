/** How long to wait before a lost thread is started again. */

export interface BackoffOptions {
  /** Wait after the first loss, in milliseconds; doubles with each loss that follows soon. */
  readonly firstMs: number;
  readonly maxMs: number;
  /** A thread that lived this long ends the series. */
  readonly healthyMs: number;
}

export const threadBackoff: BackoffOptions = Object.freeze({ firstMs: 50, maxMs: 10_000, healthyMs: 10_000 });

export class Backoff {
  readonly #options: BackoffOptions;
  #losses = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** The wait after a loss. `livedMs`: how long it had run. */
  next(livedMs: number): number {
    if (livedMs >= this.#options.healthyMs) this.#losses = 0;
    return Math.min(this.#options.maxMs, this.#options.firstMs * 2 ** this.#losses++);
  }
}
