/**
 * Starts services anew when their `cron_restart` says so. Follows the time of day wherever it goes: what was due while the machine slept happens
 * once, and a clock that is set back is believed. Runs in the supervisor.
 */

import { Cron } from 'croner';
import type { SavedState } from './state-file.ts';

export interface CronPowers {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Calls once, after so many milliseconds; returns what cancels it. */
  readonly after: (ms: number, run: () => void) => () => void;
  /** Starts a service anew without losing a request. */
  readonly restart: (service: string) => Promise<unknown>;
  readonly log: (level: 'info' | 'warn' | 'error', text: string, details?: Record<string, unknown>) => void;
}

/** How often the time of day is looked at, in milliseconds: it can change without anybody being told. */
const longestWait = 30_000;

interface Job {
  readonly pattern: string;
  /** In milliseconds since 1970; undefined where it never is again. */
  due: number | undefined;
}

export class CronRestarts {
  readonly #powers: CronPowers;
  readonly #jobs = new Map<string, Job>();
  #cancel: () => void = () => {};
  #seen = 0;

  constructor(powers: CronPowers) {
    this.#powers = powers;
  }

  /** What is deployed has changed. Services that are stopped stay so. */
  follow({ sources, stopped }: SavedState): void {
    const patterns = new Map<string, string>();
    for (const service of sources.flatMap(({ config }) => config.services)) {
      const pattern = service.kind === 'worker' ? service.supervision?.cronRestart : undefined;
      if (pattern !== undefined && !stopped.includes(service.name)) patterns.set(service.name, pattern);
    }
    for (const [name, job] of this.#jobs) if (patterns.get(name) !== job.pattern) this.#jobs.delete(name);
    const now = this.#powers.clock();
    for (const [name, pattern] of patterns)
      if (!this.#jobs.has(name)) this.#jobs.set(name, { pattern, due: nextRun(pattern, now) });
    this.#wait(now);
  }

  #wait(now: number): void {
    this.#cancel();
    this.#cancel = () => {};
    this.#seen = now;
    if (this.#jobs.size === 0) return;
    const dues = [...this.#jobs.values()].map(({ due }) => due ?? Infinity);
    const ms = Math.max(0, Math.min(longestWait, ...dues.map((due) => due - now)));
    this.#cancel = this.#powers.after(ms, () => this.#look());
  }

  #look(): void {
    const now = this.#powers.clock();
    const isSetBack = now < this.#seen;
    for (const [name, job] of this.#jobs) {
      const isDue = job.due !== undefined && job.due <= now;
      if (isDue || isSetBack) job.due = nextRun(job.pattern, now);
      if (isDue) void this.#restart(name, job.pattern);
    }
    this.#wait(now);
  }

  async #restart(service: string, pattern: string): Promise<void> {
    const { log, restart } = this.#powers;
    try {
      await restart(service);
      log('info', `the service ${service} was started anew (cron_restart ${pattern})`, { cron: pattern });
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown';
      log('error', `the service ${service} could not be started anew (cron_restart): ${reason}`);
    }
  }
}

/** After `now`, in the time zone of the process. */
function nextRun(pattern: string, now: number): number | undefined {
  return new Cron(pattern, { paused: true }).nextRun(new Date(now))?.getTime();
}
