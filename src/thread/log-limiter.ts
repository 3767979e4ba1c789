/**
 * Keeps a service that floods the log from reaching the supervisor: each service has a bucket of lines, and all services of the thread share
 * a larger one. What is over is counted, and said in a record. Runs in a thread, before anything is made of a record.
 */

import { defaultLogLimit, type LogLimit } from '../messages/log.ts';
import { TokenBucket } from '../shared/token-bucket.ts';

/** Whose record it is. */
export interface LogOrigin {
  readonly service: string;
  readonly version: string;
  /** The default one when absent. */
  readonly limit?: LogLimit | undefined;
}

/** Characters that one line stands for: a longer record counts as several. */
const lineLength = 1024;

/** The bucket of the whole thread holds this many times what that of one service holds by default. */
const threadShare = 10;

/** How often a service that floods is said to, in milliseconds. */
const reportInterval = 1000;

export interface LogLimiterOptions {
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Does something after some milliseconds, if the thread lives that long. */
  readonly later: (run: () => void, milliseconds: number) => void;
  /** Told how many records of a service were dropped since it was told last. */
  readonly onDropped: (origin: LogOrigin, count: number) => void;
}

interface Account {
  readonly bucket: TokenBucket;
  limit: LogLimit;
  origin: LogOrigin;
  dropped: number;
  /** When drops were reported last, or began to be counted. */
  since: number;
}

export class LogLimiter {
  readonly #options: LogLimiterOptions;
  /** By service. */
  readonly #accounts = new Map<string, Account>();
  readonly #thread: TokenBucket;

  constructor(options: LogLimiterOptions) {
    this.#options = options;
    this.#thread = new TokenBucket(bucketOf(defaultLogLimit, threadShare), options.now());
  }

  /** Whether a record of this many characters may go on. One that may not is counted. */
  admits(origin: LogOrigin, length: number): boolean {
    const now = this.#options.now();
    const account = this.#account(origin, now);
    const price = 1 + Math.floor(length / lineLength);
    if (account.bucket.take(price, now) && this.#thread.take(price, now)) return true;
    this.#drop(account, now);
    return false;
  }

  /** Reports what was dropped and not reported yet. */
  flush(): void {
    const now = this.#options.now();
    for (const account of this.#accounts.values()) this.#report(account, now);
  }

  #account(origin: LogOrigin, now: number): Account {
    const { service, limit = defaultLogLimit } = origin;
    let account = this.#accounts.get(service);
    if (account === undefined) {
      const bucket = new TokenBucket(bucketOf(limit), now);
      account = { bucket, limit, origin, dropped: 0, since: now };
      this.#accounts.set(service, account);
    }
    account.origin = origin;
    if (account.limit !== limit) {
      account.limit = limit;
      account.bucket.limit(bucketOf(limit));
    }
    return account;
  }

  /** The report comes by a timer; where the thread is so busy that no timer runs, with a record that is dropped. */
  #drop(account: Account, now: number): void {
    if (account.dropped === 0) {
      account.since = now;
      this.#options.later(() => this.#report(account, this.#options.now()), reportInterval);
    }
    account.dropped++;
    if (now - account.since >= reportInterval) this.#report(account, now);
  }

  #report(account: Account, now: number): void {
    const { dropped, origin } = account;
    if (dropped === 0) return;
    account.dropped = 0;
    account.since = now;
    this.#options.onDropped(origin, dropped);
  }
}

function bucketOf({ linesPerSecond, burst }: LogLimit, times = 1): { perSecond: number; burst: number } {
  return { perSecond: linesPerSecond * times, burst: burst * times };
}
