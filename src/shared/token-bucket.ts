/** A token bucket: how much of something may be done in a time. Pure; used in threads and in the supervisor. */

export interface TokenBucketOptions {
  /** Tokens that come back in a second. */
  readonly perSecond: number;
  /** Tokens that a full bucket holds. */
  readonly burst: number;
}

export class TokenBucket {
  #options: TokenBucketOptions;
  #tokens: number;
  #filledAt: number;

  /** `now`: milliseconds, from any origin. */
  constructor(options: TokenBucketOptions, now: number) {
    this.#options = options;
    this.#tokens = options.burst;
    this.#filledAt = now;
  }

  /** Other limits from now on. */
  limit(options: TokenBucketOptions): void {
    this.#options = options;
  }

  /** Takes tokens. Returns false, and takes none, where there are fewer; more than a bucket holds are taken from a full one. */
  take(count: number, now: number): boolean {
    const { perSecond, burst } = this.#options;
    // A clock that went back gives nothing, and takes nothing away.
    const earned = (Math.max(0, now - this.#filledAt) * perSecond) / 1000;
    this.#tokens = Math.min(burst, this.#tokens + earned);
    this.#filledAt = now;
    const price = Math.min(count, burst);
    if (this.#tokens < price) return false;
    this.#tokens -= price;
    return true;
  }
}
