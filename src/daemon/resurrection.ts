/**
 * Brings back what was deployed when the daemon ended. A configuration that cannot run, because another process has its address for example,
 * keeps no other from running: it stays known with the reason, and is tried again at growing intervals. Runs in the supervisor.
 */

import type { DeployReport } from '../control/api.ts';
import { describeRefusal } from './refusal.ts';
import { living, withFailure, withoutFailures } from './state-changes.ts';
import type { SavedState } from './state-file.ts';

/** Milliseconds until what has failed is tried again: the first time, and at most. */
const firstDelay = 1000;
const longestDelay = 60_000;

export interface ResurrectionPowers {
  /** One change after the other. Rejects with what refuses it, and then nothing has changed. */
  readonly apply: (change: (state: SavedState) => SavedState) => Promise<DeployReport>;
  readonly state: () => SavedState;
  /** Calls back after so many milliseconds, unless the process ends before. */
  readonly later: (ms: number, callback: () => void) => void;
  readonly log: (level: 'info' | 'warn', text: string, details: Record<string, unknown>) => void;
}

export class Resurrection {
  readonly #powers: ResurrectionPowers;
  #delay = firstDelay;
  #isWaiting = false;

  constructor(powers: ResurrectionPowers) {
    this.#powers = powers;
  }

  /** All of the state at once or, where that is refused, each of its configurations by itself. */
  async bringBack(state: SavedState): Promise<DeployReport> {
    const { apply } = this.#powers;
    try {
      return await apply(() => withoutFailures(state, () => true));
    } catch (error) {
      if (state.sources.length === 0) throw error;
    }
    const waiting = state.sources.reduce(
      (all, { source }) => withFailure(all, source, 'it has not been tried yet'),
      state,
    );
    await apply(() => waiting);
    return this.retry();
  }

  /** Tries every configuration that could not be brought back. */
  async retry(): Promise<DeployReport> {
    const { apply, state } = this.#powers;
    for (const { source, failure } of failed(state())) await this.#retryOne(source, failure);
    const report = await apply((now) => now);
    if (failed(state()).length > 0) this.#tryLater();
    else this.#delay = firstDelay;
    return report;
  }

  async #retryOne(source: string, former: string | undefined): Promise<void> {
    const { apply, log } = this.#powers;
    try {
      await apply((state) => withoutFailures(state, (each) => each.source === source));
      log('info', 'a configuration was brought back', { source });
    } catch (error) {
      const reason = describeRefusal(error);
      if (reason === former) return;
      log('warn', `a configuration could not be brought back: ${reason}`, { source });
      await apply((state) => withFailure(state, source, reason));
    }
  }

  #tryLater(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#powers.later(this.#delay, () => {
      this.#isWaiting = false;
      this.#delay = Math.min(this.#delay * 2, longestDelay);
      this.retry().catch((error: unknown) => {
        this.#powers.log('warn', `nothing more is brought back: ${describeRefusal(error)}`, {});
      });
    });
  }
}

function failed({ sources }: SavedState): SavedState['sources'] {
  const alive = living(sources);
  return sources.filter((source) => !alive.includes(source));
}
