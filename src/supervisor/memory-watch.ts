/** Looks from time to time how much threads hold, and has those replaced that hold more than their workers allow. Runs in the supervisor. */

import type { Config } from '../config/types.ts';
import { deadline } from './deadline.ts';
import type { ThreadHandle } from './group-pool.ts';

export interface MemoryWatchPowers {
  readonly config: () => Config;
  /** Threads that serve. */
  readonly threads: () => readonly ThreadHandle[];
  /** Puts another thread in the place of this one. Rejects where there is none. */
  readonly replace: (thread: ThreadHandle) => Promise<void>;
  readonly log: (level: 'info' | 'warn' | 'error', text: string, details?: Record<string, unknown>) => void;
  /** Between two looks, in milliseconds. */
  readonly interval: number;
}

/** A thread that is blocked does not answer, in milliseconds. */
const patience = 1000;

/** Garbage counts until it is collected: a thread is over its limit when it is so in as many looks in a row. */
const looks = 2;

export class MemoryWatch {
  readonly #powers: MemoryWatchPowers;
  readonly #over = new Map<ThreadHandle, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(powers: MemoryWatchPowers) {
    this.#powers = powers;
  }

  /** Goes on while a worker says anything; called whenever what runs has changed. */
  follow(): void {
    const isNeeded = limitsOf(this.#powers.config()).size > 0;
    if (!isNeeded) this.stop();
    else if (this.#timer === undefined) this.#wait();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#over.clear();
  }

  #wait(): void {
    this.#timer = setTimeout(() => {
      void this.#look().finally(() => {
        if (this.#timer !== undefined) this.#wait();
      });
    }, this.#powers.interval).unref();
  }

  async #look(): Promise<void> {
    const limits = limitsOf(this.#powers.config());
    const threads = this.#powers.threads();
    for (const thread of this.#over.keys()) if (!threads.includes(thread)) this.#over.delete(thread);
    await Promise.all(
      threads.map(async (thread) => {
        const limit = limits.get(thread.group);
        if (limit !== undefined) await this.#check(thread, limit);
      }),
    );
  }

  async #check(thread: ThreadHandle, limit: number): Promise<void> {
    const answer = thread.ask((control) => control.memory()).catch(() => undefined);
    const bytes = await deadline(answer, patience, undefined);
    if (bytes === undefined || bytes <= limit) return void this.#over.delete(thread);
    const times = (this.#over.get(thread) ?? 0) + 1;
    this.#over.set(thread, times);
    if (times < looks) return;
    this.#over.delete(thread);
    const { thread: number, group } = thread;
    const details = { thread: number, group, bytes, limit };
    const text = `thread ${number} holds ${inMegabytes(bytes)} of ${inMegabytes(limit)}`;
    try {
      await this.#powers.replace(thread);
      this.#powers.log('warn', `${text}: another has taken its place`, details);
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown';
      this.#powers.log('error', `${text}, and cannot be replaced: ${reason}`, details);
    }
  }
}

/** Bytes by group: the largest that any of its workers says. */
function limitsOf({ services }: Config): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  for (const service of services) {
    const limit = service.kind === 'worker' ? service.supervision?.maxMemory : undefined;
    if (service.kind !== 'worker' || limit === undefined) continue;
    limits.set(service.group, Math.max(limit, limits.get(service.group) ?? 0));
  }
  return limits;
}

function inMegabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)} MB`;
}
