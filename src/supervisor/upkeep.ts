/** What the supervisor does by itself while a plan runs: starts services again that crash, and replaces threads that hold too much. */

import type { CrashMessage } from '../messages/crash.ts';
import { describeThrown } from '../shared/text.ts';
import type { Fleet } from './fleet.ts';
import type { ThreadHandle } from './group-pool.ts';
import type { Listeners } from './listening.ts';
import { MemoryWatch } from './memory-watch.ts';
import { replaceThread } from './replacement.ts';
import { type RestartPowers, Restarts } from './restarts.ts';
import type { Plan } from './specs.ts';
import { drainTime, nothing, type State, withParked } from './state.ts';
import type { Tuning } from './tuning.ts';

export interface UpkeepPowers extends Pick<RestartPowers, 'now' | 'date' | 'log'> {
  readonly tuning: Tuning;
  readonly fleet: Fleet;
  readonly listeners: Listeners;
  readonly state: () => State;
  /** Waits for deployments that are under way; others wait for this. */
  readonly inTurn: <T>(act: () => Promise<T>) => Promise<T>;
  /** A deployment, within a turn. */
  readonly deploy: (plan: Plan, drainMs: number) => Promise<unknown>;
  /** Absent: the service is parked here. */
  readonly onGivenUp: RestartPowers['onGivenUp'] | undefined;
}

export class Upkeep {
  readonly restarts: Restarts;
  readonly #powers: UpkeepPowers;
  readonly #memoryWatch: MemoryWatch;
  #isServing = false;

  constructor(powers: UpkeepPowers) {
    this.#powers = powers;
    const { fleet, state, tuning, now, date, log, inTurn } = powers;
    const { onGivenUp = (service) => void this.#park(service) } = powers;
    const running = { config: () => state().plan.config, threads: () => fleet.threads() };
    this.restarts = new Restarts({ ...running, now, date, log, drainMs: tuning.drainTimeout, onGivenUp });
    this.#memoryWatch = new MemoryWatch({
      ...running,
      log,
      interval: tuning.memoryInterval,
      replace: (thread) => inTurn(() => this.#replace(thread)),
    });
  }

  /** A plan runs, perhaps another one than before. */
  follow(): void {
    this.#isServing = true;
    this.#memoryWatch.follow();
  }

  stop(): void {
    this.#memoryWatch.stop();
  }

  /** What cannot be evaluated before anything is served is the affair of whoever starts it. */
  crashed(message: CrashMessage): void {
    if (this.#isServing || message.kind !== 'evaluation') this.restarts.crashed(message);
  }

  async #park(service: string): Promise<void> {
    const { inTurn, deploy, state, tuning, log } = this.#powers;
    const parking = inTurn(() => deploy(withParked(state().plan, service), tuning.drainTimeout));
    await parking.catch((error: unknown) =>
      log('error', `${service} cannot be parked: ${describeThrown(error)}`),
    );
  }

  async #replace(thread: ThreadHandle): Promise<void> {
    const { fleet, listeners, state, tuning } = this.#powers;
    const load = state().loads.get(thread.group);
    const drainMs = drainTime(state(), nothing, tuning.drainTimeout);
    if (load !== undefined) await replaceThread(thread, { fleet, listeners, load, drainMs });
  }
}
