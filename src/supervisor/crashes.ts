/**
 * What is known of the crashes of services, and what follows from each: another start, sooner or later, or none any more. Counts over a sliding
 * window, and over a long one for what crashes slowly; time is monotonic. Decides, and does nothing (restarts.ts does). Runs in the supervisor.
 */

import type { Supervision } from '../config/supervision.ts';

/** One crash, as people are told of it. */
export interface Crash {
  /** A thread is lost with everything on it; the service is the one that was running there. */
  readonly kind: 'uncaught' | 'evaluation' | 'thread';
  readonly version: string;
  readonly thread: number;
  /** Where nobody caught it: `timer`, `unhandledrejection`, `load`, … */
  readonly source: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** With the time of day: ISO 8601. */
export interface KeptCrash extends Crash {
  readonly at: string;
}

export type Verdict =
  | { readonly kind: 'restart'; readonly waitMs: number }
  /** `reason`: in words that go on after "is given up: ". */
  | { readonly kind: 'give-up'; readonly reason: string };

/** What is kept of a service. */
export interface CrashReport {
  /** Since the daemon began, or somebody has started the service. */
  readonly count: number;
  /** How often it was started after a crash, since the daemon began. */
  readonly restarts: number;
  /** The latest, newest first. */
  readonly recent: readonly KeptCrash[];
}

export interface CrashPowers {
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** The time of day. */
  readonly date: () => Date;
}

/** What holds for a worker that says nothing. Times in milliseconds. */
export const defaultPolicy = Object.freeze({
  maxRestarts: 16,
  minUptime: 1000,
  backoffDelay: 100,
});

/** The longest wait between two starts, and by how much each is longer than the one before. */
const longestWait = 15_000;
const growth = 1.5;

/** A crash counts for so long, in milliseconds. */
const shortWindow = 5 * 60_000;
/** What crashes rarely, but again and again: in this time there may be so many times as many. */
const longWindow = 24 * 3_600_000;
const longFactor = 4;

/** A lost thread takes its neighbours with it: it counts as so many crashes. */
const lostThreadWeight = 4;

/** Crashes that are kept to be shown, and how much of their texts. */
const mostKept = 10;
const longestText = 4000;

interface Counted {
  readonly at: number;
  /** What is counted together: a version on a thread, or all the threads that were lost. */
  readonly key: string;
  readonly weight: number;
}

const lostThreads = 'lost';

/** The crashes of one service. */
interface Book {
  counted: Counted[];
  /** By key: crashes in a row, and when the start after the last one was due. */
  readonly series: Map<string, { readonly length: number; readonly startsAt: number }>;
  count: number;
  recent: KeptCrash[];
}

export class Crashes {
  readonly #powers: CrashPowers;
  readonly #books = new Map<string, Book>();
  readonly #restarts = new Map<string, number>();

  constructor(powers: CrashPowers) {
    this.#powers = powers;
  }

  /** Counts a crash, and says what follows. */
  record(service: string, crash: Crash, policy: Supervision = {}): Verdict {
    const now = this.#powers.now();
    const book = this.#book(service);
    const key = crash.kind === 'thread' ? lostThreads : `${crash.thread} ${crash.version}`;
    const weight = crash.kind === 'thread' ? lostThreadWeight : 1;
    book.counted = [...book.counted.filter(({ at }) => now - at < longWindow), { at: now, key, weight }];
    book.count++;
    book.recent = [keep(crash, this.#powers.date()), ...book.recent].slice(0, mostKept);
    const end = giveUp(book.counted, key, now, policy);
    if (end !== undefined) return end;
    this.#restarts.set(service, (this.#restarts.get(service) ?? 0) + 1);
    return this.#restart(book, key, crash, policy);
  }

  /** Somebody starts them: what was counted does not count any more. */
  forget(services: Iterable<string>): void {
    for (const service of services) this.#books.delete(service);
  }

  report(service: string): CrashReport {
    const { count = 0, recent = [] } = this.#books.get(service) ?? {};
    return { count, recent, restarts: this.#restarts.get(service) ?? 0 };
  }

  #book(service: string): Book {
    let book = this.#books.get(service);
    if (book === undefined) {
      book = { counted: [], series: new Map(), count: 0, recent: [] };
      this.#books.set(service, book);
    }
    return book;
  }

  #restart({ series }: Book, key: string, { kind }: Crash, policy: Supervision): Verdict {
    const now = this.#powers.now();
    const before = series.get(key);
    const isRow =
      before !== undefined && now - before.startsAt < (policy.minUptime ?? defaultPolicy.minUptime);
    const length = isRow ? before.length + 1 : 1;
    const waitMs = waitBefore(length, kind, policy);
    series.set(key, { length, startsAt: now + waitMs });
    return { kind: 'restart', waitMs };
  }
}

function giveUp(
  counted: readonly Counted[],
  key: string,
  now: number,
  { autorestart, maxRestarts = defaultPolicy.maxRestarts }: Supervision,
): Verdict | undefined {
  if (autorestart === false) return { kind: 'give-up', reason: 'it is not to be restarted (autorestart)' };
  const within = (window: number): number => {
    const counting = counted.filter((each) => each.key === key && now - each.at < window);
    return counting.reduce((sum, { weight }) => sum + weight, 0);
  };
  if (within(shortWindow) > maxRestarts)
    return { kind: 'give-up', reason: `it has crashed more than ${maxRestarts} times within 5 minutes` };
  if (within(longWindow) > maxRestarts * longFactor)
    return {
      kind: 'give-up',
      reason: `it has crashed more than ${maxRestarts * longFactor} times within a day`,
    };
  return undefined;
}

/** Before the start after the crash that is the `length`th in a row. */
function waitBefore(
  length: number,
  kind: Crash['kind'],
  { restartDelay, backoffDelay }: Supervision,
): number {
  if (restartDelay !== undefined && backoffDelay === undefined) return restartDelay;
  const first = backoffDelay ?? defaultPolicy.backoffDelay;
  // What could not be evaluated will hardly be a moment later. Anything else is there again at once.
  const step = kind === 'evaluation' ? length : length - 1;
  return step === 0 ? 0 : Math.min(longestWait, Math.round(first * growth ** (step - 1)));
}

function keep(crash: Crash, date: Date): KeptCrash {
  const { message, stack } = crash;
  return {
    ...crash,
    at: date.toISOString(),
    message: message.slice(0, longestText),
    stack: stack.slice(0, longestText),
  };
}
