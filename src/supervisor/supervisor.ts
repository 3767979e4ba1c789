/**
 * The main thread of a running deployment: brings plans to the threads, watches over them, and drains them. No request passes through here.
 *
 * A plan replaces another in two steps (DESIGN, invariant 6). Everything that can go wrong goes first: addresses are claimed, changed workers
 * are evaluated on a thread apart, new threads come up, every serving thread stages the changes, new addresses are listened on. Then all
 * threads switch. Until the switch nothing has changed for anybody, and all of it can be undone.
 */

import type { MessagePort } from 'node:worker_threads';
import { preloads, type Config, type Group } from '../config/types.ts';
import type { ShareReport } from '../messages/control.ts';
import type { LogMessage } from '../messages/log.ts';
import type { PreludeScript } from '../messages/startup.ts';
import type { NanodError } from '../shared/errors.ts';
import {
  collectCounters,
  collectShares,
  observeThreads,
  type CounterTotals,
  type ObservedThread,
} from './counters.ts';
import { deadline } from './deadline.ts';
import { evaluateWorkers } from './evaluation.ts';
import { Fleet, type GroupLoad, type ThreadsApart } from './fleet.ts';
import type { ThreadHandle } from './group-pool.ts';
import { type AddressPowers, Listeners, type Listening, listeningOn, openSockets } from './listening.ts';
import { isSameListener, isShared, type OpenSocket } from './open-socket.ts';
import { handedOver, type HandedSocket } from './inheritance.ts';
import { Memories } from './memories.ts';
import { rehearse } from './rehearsal.ts';
import type { Restarts } from './restarts.ts';
import type { Plan } from './specs.ts';
import { blockedAfter, stageOn } from './staging.ts';
import { drainTime, makeLoads, nothing, withCandidates, type State } from './state.ts';
import type { Tuning } from './tuning.ts';
import { Upkeep } from './upkeep.ts';
import { VersionTimes } from './version-times.ts';

export interface SupervisorPowers extends AddressPowers {
  readonly threadEntry: URL;
  readonly prelude: PreludeScript;
  readonly cores: number;
  readonly tuning: Tuning;
  /** Records of threads. */
  readonly onLog: (message: LogMessage) => void;
  /** The supervisor's own records. */
  readonly log: (level: 'info' | 'warn' | 'error', text: string, details?: Record<string, unknown>) => void;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** The time of day. */
  readonly date: () => Date;
  /** A version of a service has crashed so often that it is not started again: the service is to be parked. Absent: it is. */
  readonly onGivenUp?: (service: string, version: string) => void;
}

export class Supervisor {
  readonly #powers: SupervisorPowers;
  readonly #fleet: Fleet;
  readonly #memories = new Memories();
  readonly #upkeep: Upkeep;
  readonly #versions: VersionTimes;
  readonly #listeners: Listeners;
  #state = nothing;
  /** The deployment that is under way. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(powers: SupervisorPowers) {
    this.#powers = powers;
    const { tuning, log, date } = powers;
    this.#versions = new VersionTimes(date);
    this.#listeners = new Listeners((text) => log('warn', text), powers.inheritance);
    this.#fleet = new Fleet({
      ...powers,
      settings: { evaluationTimeout: tuning.evaluationTimeout, ingress: tuning.ingress },
      startTimeout: tuning.startTimeout,
      load: (group) => this.#state.loads.get(group) ?? { services: [], nodejs: undefined, sockets: [] },
      onEnded: (thread) => this.#memories.forget(thread),
      listenAgain: (thread, lost, { sockets }) => this.#listeners.listenAgain(thread, lost, sockets),
      onLost: (thread, reason) => this.restarts.lost(thread, reason),
      onCrash: (message) => this.#upkeep.crashed(message),
    });
    this.#upkeep = new Upkeep({
      ...powers,
      fleet: this.#fleet,
      listeners: this.#listeners,
      state: () => this.#state,
      inTurn: (act) => this.#inTurn(act),
      deploy: (to, drainMs) => this.#deploy(to, drainMs),
      onGivenUp: powers.onGivenUp,
    });
  }

  /** Resolves, with what to say, when something is gone that only a new process can be given. */
  get lost(): Promise<string> {
    return this.#listeners.lost;
  }

  /** What becomes of services that crash. */
  get restarts(): Restarts {
    return this.#upkeep.restarts;
  }

  get threads(): number {
    return this.#fleet.threads().length;
  }

  threadsOf(group: string): number {
    return this.#fleet.threads(group).length;
  }

  /** See Fleet.connect. */
  readonly connect = (group: string): MessagePort => this.#fleet.connect(group);

  get listening(): readonly Listening[] {
    return listeningOn(this.#state.sockets);
  }

  /** Starts everything and listens. Rejects with a NanodError, or an AggregateError of them, after undoing what it did. */
  async start(plan: Plan): Promise<readonly Listening[]> {
    try {
      const sockets = await openSockets(plan, [], this.#powers);
      this.#state = { plan, loads: this.#makeLoads(plan, sockets), sockets };
      this.#fleet.limitMemory(plan.config);
      await this.#startThreads(plan);
      const errors = preloads(plan.config) ? await this.#evaluateAll(plan.config) : [];
      if (errors.length > 0) throw new AggregateError(errors);
      await this.#listen(sockets);
      this.#upkeep.follow();
      return this.listening;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Evaluates every worker instead of serving. Resolves with all failures. */
  evaluate(plan: Plan): Promise<readonly NanodError[]> {
    return this.apart(plan, () => this.#evaluateAll(plan.config));
  }

  /** Starts the threads of a plan for `use` instead of serving: listens to nothing, and ends them with it. What is lost is not replaced by itself. */
  async apart<T>(plan: Plan, use: (threads: ThreadsApart) => Promise<T>): Promise<T> {
    try {
      this.#state = { plan, loads: this.#makeLoads(plan, []), sockets: [] };
      this.#fleet.limitMemory(plan.config);
      this.#fleet.close();
      await this.#startThreads(plan);
      return await use(this.#fleet.apart((group) => this.#state.loads.get(group) as GroupLoad));
    } finally {
      await this.stop();
    }
  }

  /**
   * Brings another plan to the threads without losing a request. `drainMs`: how long services that are replaced may go on with the requests
   * that they have. Rejects as `start` does, and then everything is as it was. One deployment waits for another.
   */
  deploy(plan: Plan, drainMs: number): Promise<readonly Listening[]> {
    return this.#inTurn(() => this.#deploy(plan, drainMs));
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Stops accepting, waits for requests under way, and ends. Returns the number of requests that were cut off. `lingerMs`: as for threads. */
  async drain(lingerMs?: number): Promise<number> {
    this.#fleet.close();
    this.#upkeep.stop();
    const drainTimeout = drainTime(this.#state, nothing, this.#powers.tuning.drainTimeout);
    const threads = this.#fleet.threads();
    const cutOff = await Promise.all(
      threads.map((thread) => this.#fleet.drain(thread, drainTimeout, lingerMs)),
    );
    await this.stop();
    return cutOff.reduce((sum, count) => sum + count, 0);
  }

  /** What was counted of all calls, over the threads that serve. */
  counters(): Promise<CounterTotals> {
    return collectCounters(this.#fleet.threads(), blockedAfter);
  }

  /** How the threads that serve are. */
  observe(): Promise<readonly ObservedThread[]> {
    return observeThreads(this.#fleet.threads(), blockedAfter);
  }

  /** What keeps it from serving as its plan says; empty where nothing does. */
  problems(): string[] {
    if (this.#fleet.isClosing) return ['it is being stopped'];
    return this.#state.plan.config.groups.flatMap((group) => {
      const missing = this.#sizeOf(group) - this.threadsOf(group.name);
      return missing > 0 ? `the group ${group.name} lacks ${missing} of its threads` : [];
    });
  }

  /** What has come of the requests of services of which two versions run. */
  shares(): Promise<readonly ShareReport[]> {
    return collectShares(this.#fleet.threads(), blockedAfter);
  }

  /** What a successor needs to listen on the same addresses; threads keep theirs. Rejects with an Error that says what cannot be handed over. */
  handOver(): Promise<HandedSocket[]> {
    return handedOver(this.#state.sockets, (group) => this.#fleet.threads(group));
  }

  /** Ends at once. */
  stop(): Promise<void> {
    this.#upkeep.stop();
    return this.#fleet.stop().then(() => this.#listeners.clear(this.#state.sockets));
  }

  async #startThreads({ config }: Plan): Promise<void> {
    await Promise.all(
      config.groups.map((group) =>
        this.#fleet.start(group.name, this.#sizeOf(group), this.#state.loads.get(group.name) as GroupLoad),
      ),
    );
  }

  /** The memory of the plan that runs stays as well: a deployment may fail. */
  #makeLoads(plan: Plan, sockets: readonly OpenSocket[]): State['loads'] {
    const memoryOf = this.#memories.of(withCandidates(plan), withCandidates(this.#state.plan));
    return makeLoads(plan, sockets, { memoryOf, since: (version) => this.#versions.since(version) });
  }

  #sizeOf({ threads }: Group): number {
    return threads === 'auto' ? this.#powers.cores : threads;
  }

  /** On one thread of each group. */
  #evaluateAll(config: Config): Promise<readonly NanodError[]> {
    return evaluateWorkers({
      config,
      thread: (group) => this.#fleet.threads(group)[0],
      timeout: this.#powers.tuning.evaluationTimeout,
    });
  }

  async #listen(sockets: readonly OpenSocket[]): Promise<void> {
    const used: OpenSocket[] = [];
    for (const open of sockets) {
      used.push(await this.#listeners.listenOn(open, this.#fleet.threads(open.group)));
    }
    this.#state = { ...this.#state, sockets: used, loads: this.#makeLoads(this.#state.plan, used) };
  }

  async #deploy(plan: Plan, drainMs: number): Promise<readonly Listening[]> {
    const from = this.#state;
    const sockets = await openSockets(plan, from.sockets, this.#powers);
    const to: State = { plan, sockets, loads: this.#makeLoads(plan, sockets) };
    const undo: (() => void)[] = [() => this.#fleet.limitMemory(from.plan.config)];
    this.#fleet.limitMemory(plan.config);
    try {
      await rehearse(this.#fleet, from, to, this.#powers.tuning.evaluationTimeout);
      const fresh = await this.#addThreads(to, undo);
      const staged = await this.#stage(from, to, undo);
      const opened = await this.#open(from, to, fresh, undo);
      await this.#switch(
        from,
        { ...to, sockets: opened, loads: this.#makeLoads(plan, opened) },
        staged,
        drainMs,
      );
    } catch (error) {
      for (const each of undo.reverse()) each();
      throw error;
    }
    await this.#removeThreads(from, to, drainMs);
    this.#upkeep.follow();
    return this.listening;
  }

  /** Threads that a group has not yet; they serve nobody before the switch. */
  async #addThreads(to: State, undo: (() => void)[]): Promise<ReadonlySet<ThreadHandle>> {
    const fresh = new Set<ThreadHandle>();
    undo.push(() => {
      for (const thread of fresh) this.#fleet.kill(thread);
    });
    for (const group of to.plan.config.groups) {
      const missing = this.#sizeOf(group) - this.#fleet.size(group.name);
      if (missing <= 0) continue;
      const load = to.loads.get(group.name) as GroupLoad;
      for (const thread of await this.#fleet.start(group.name, missing, load)) fresh.add(thread);
    }
    return fresh;
  }

  /** Has every thread that serves stage the changes. Resolves with these threads. */
  async #stage(from: State, to: State, undo: (() => void)[]): Promise<ReadonlySet<ThreadHandle>> {
    const staged = new Set<ThreadHandle>();
    const waiting = (): ThreadHandle[] =>
      this.#fleet.threads().filter((thread) => from.loads.has(thread.group) && !staged.has(thread));
    undo.push(() => {
      for (const { ask } of staged) ask((control) => control.discard()).catch(() => {}); // of a thread that is lost
    });
    // Threads that replace lost ones come while the others stage.
    for (let threads = waiting(); threads.length > 0; threads = waiting()) {
      for (const thread of threads) staged.add(thread);
      const failures = await Promise.all(
        threads.map((thread) => stageOn(thread, from, to, this.#powers.tuning.evaluationTimeout)),
      );
      const errors = new Map(failures.flat().map((error) => [error.message, error]));
      if (errors.size > 0) throw new AggregateError(errors.values());
    }
    return staged;
  }

  /** Listens where nobody listens yet. */
  async #open(
    from: State,
    to: State,
    fresh: ReadonlySet<ThreadHandle>,
    undo: (() => void)[],
  ): Promise<OpenSocket[]> {
    const used: OpenSocket[] = [];
    for (const open of to.sockets) {
      const known = from.sockets.find((each) => isSameListener(each, open));
      const wasShared = known !== undefined && isShared(known.spec.listen);
      const threads = this.#fleet
        .threads(open.group)
        .filter((thread) => known === undefined || (wasShared && fresh.has(thread)));
      undo.push(() => void this.#unlisten(known === undefined ? threads : [], [open]));
      used.push(threads.length === 0 ? open : await this.#listeners.listenOn(open, threads));
    }
    return used;
  }

  /** From here on nothing can fail: a thread that is lost now comes back with the new plan. */
  async #switch(from: State, to: State, staged: ReadonlySet<ThreadHandle>, longest: number): Promise<void> {
    const drainMs = drainTime(from, to, longest);
    this.#state = to;
    for (const thread of this.#fleet.threads()) {
      if (!staged.has(thread)) continue;
      const sockets = to.loads.get(thread.group)?.sockets ?? [];
      thread.ask((control) => Promise.resolve(control.commit(sockets, drainMs))).catch(() => {}); // it is lost
    }
    const closed = from.sockets.filter((open) => !to.sockets.some((each) => isSameListener(each, open)));
    const unlistened = closed.map((open) => this.#unlisten(this.#fleet.threads(open.group), [open]));
    // The next deployment may want these addresses.
    await deadline(Promise.all(unlistened), blockedAfter, undefined);
  }

  async #unlisten(threads: readonly ThreadHandle[], sockets: readonly OpenSocket[]): Promise<void> {
    const ids = sockets.map(({ spec }) => spec.id);
    if (threads.length > 0) this.#listeners.forget(ids);
    await Promise.allSettled(threads.map(({ ask }) => ask((control) => control.unlisten(ids))));
    if (threads.length > 0) await this.#listeners.clear(sockets);
  }

  /** Threads that a group has no more use for finish what they have. Resolves when they accept nothing any more. */
  async #removeThreads(from: State, { plan }: State, drainMs: number): Promise<void> {
    const sizes = new Map(plan.config.groups.map((group) => [group.name, this.#sizeOf(group)]));
    const seen = new Map<string, number>();
    const all = this.#fleet.threads();
    // What one thread listens on alone would go with it.
    const owners = all.filter((thread) => this.#listeners.isOwner(thread));
    const leaving = [...new Set([...owners, ...all])].filter(({ group }) => {
      const count = (seen.get(group) ?? 0) + 1;
      seen.set(group, count);
      return count > (sizes.get(group) ?? 0);
    });
    const ids = [...from.sockets, ...this.#state.sockets].map(({ spec }) => spec.id);
    const unlistened = leaving.map(({ ask }) => ask((control) => control.unlisten(ids)));
    await deadline(Promise.allSettled(unlistened), blockedAfter, undefined);
    for (const thread of leaving) void this.#fleet.drain(thread, drainMs);
  }
}
