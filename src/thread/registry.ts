/**
 * The services of one thread by name, and the ways between them. Builds everything; creates no realm until it is called for.
 *
 * A deployment comes in two steps. What it changes is staged: made beside what is there, and reached by nobody but its own workers. Then it is
 * committed: each name leads to its new service from the next call on, and the former services go on with the calls that they have until
 * they are closed. What is only staged can be discarded without a trace.
 */

import type { CallerSpec, EdgeReport, EdgeRoute } from '../messages/counters.ts';
import type { ServiceReport, ShareReport } from '../messages/control.ts';
import { partsOf, type DesignatorSpec, type ServiceChanges, type ServiceSpec } from '../messages/startup.ts';
import type { OnSettle } from '../realm/prelude/rpc/rpc-state.ts';
import type { ErrorState, TargetState } from '../realm/prelude/state.ts';
import { abandonDeferred } from '../services/deferred.ts';
import { uncounted } from '../services/edge.ts';
import { makeHostError } from '../services/host-error.ts';
import { makeParkedService, RestingService } from '../services/parked.ts';
import { makeTarget, requestsOnly, type Service } from '../services/service.ts';
import { type Caller, Slot } from '../services/slot.ts';
import { partsOfService, SplitService } from '../services/split.ts';
import { WorkerService } from '../services/worker.ts';
import { Counters } from './counters.ts';
import { Loaders } from './dynamic/loaders.ts';
import {
  type Crash,
  makeDynamicWorker,
  makeService,
  type ServicePowers,
  type ServiceSurroundings,
} from './make-service.ts';
import { StackMapper } from './stack-map.ts';
import { type LogOrigin, threadOrigin } from './thread-log.ts';

/** The way that calls to a service take, by its kind. */
const routes: Readonly<Record<Service['kind'], EdgeRoute>> = Object.freeze({
  worker: 'direct',
  remote: 'channel',
  network: 'http',
  external: 'http',
  disk: 'direct',
  assets: 'direct',
  parked: 'direct',
  split: 'direct',
});

/** What a deployment brings to a thread. */
interface Staged {
  /** New services of names that are there already. */
  readonly services: ReadonlyMap<string, Service>;
  /** Names that are not there yet, which nobody knows but the staged workers. */
  readonly slots: readonly Slot[];
  readonly removed: readonly string[];
}

export class Registry {
  readonly #slots = new Map<string, Slot>();
  readonly #surroundings: ServiceSurroundings;
  readonly #stacks = new StackMapper();
  readonly #counters = new Counters();
  readonly #loaders: Loaders;
  #staged: Staged | undefined;
  /** Services that have lost their name, and still have calls. */
  readonly #retired = new Set<Service>();
  /** Workers that have crashed; one that is to be replaced does so once. */
  readonly #crashed = new WeakSet<Service>();
  /** Names of the workers that are evaluated when the thread begins. */
  readonly #eager: readonly string[];

  /** `onCrash`: told of every crash of a service that has its name. */
  constructor(
    specs: readonly ServiceSpec[],
    powers: ServicePowers,
    onCrash: (service: string, crash: Crash) => void,
  ) {
    this.#loaders = new Loaders({
      ...powers,
      stacks: this.#stacks,
      counts: (caller, loader) => this.#counters.edge(caller, loader, ''),
      makeWorker: (spec, parts) => makeDynamicWorker(spec, parts, this.#surroundings),
    });
    this.#surroundings = {
      ...powers,
      loader: (spec, user) => this.#loaders.loader(spec, user),
      stacks: this.#stacks,
      target: (designator, caller) => this.target(designator, caller),
      stubCounts: (caller) => this.#counters.edge(caller, '', ''),
      leave: (onSettle) => this.#abandonCalls(onSettle),
      onCrash: (worker, crash) => {
        const held = this.#slots.get(worker.name)?.service;
        if (held === undefined || !partsOfService(held).includes(worker) || this.#crashed.has(worker)) return;
        if (crash.kind === 'uncaught') this.#crashed.add(worker); // one that cannot be evaluated is tried again
        onCrash(worker.name, crash);
      },
    };
    this.#eager = specs.filter(isAwaited).map(({ name }) => name);
    for (const spec of specs) this.#slots.set(spec.name, new Slot(makeService(spec, this.#surroundings)));
  }

  /**
   * The way to a service. A name that is not there gives a way that fails: names were validated with the configuration. `caller`: undefined
   * for another thread, which counts its calls itself.
   */
  target({ service, entrypoint, props }: DesignatorSpec, caller: CallerSpec | undefined): TargetState {
    const slot = this.#slots.get(service) ?? this.#staged?.slots.find(({ name }) => name === service);
    if (slot !== undefined)
      return slot.target(entrypoint, props, this.#callerOf(caller, service, entrypoint));
    const { fetch } = unknownService(service).open(entrypoint, props, false);
    return makeTarget(fetch, service);
  }

  /** What was counted of the calls that were made on this thread. */
  counters(): EdgeReport[] {
    return this.#counters.report((name) => {
      const [part] = this.#partsOf(name);
      return routes[part?.kind ?? 'parked'];
    });
  }

  /** What has come of the requests of services of which two versions run. */
  shares(): ShareReport[] {
    return [...this.#slots.values()].flatMap(({ name, service }) =>
      service instanceof SplitService ? [{ service: name, ...service.counts }] : [],
    );
  }

  /** How the services of the thread are. */
  services(): ServiceReport[] {
    return [...this.#slots.keys()].map((service) => {
      const parts = this.#partsOf(service);
      const realms = parts.filter((part) => part instanceof WorkerService && part.isLive).length;
      return { service, realms, health: parts[0]?.health?.() };
    });
  }

  #callerOf(caller: CallerSpec | undefined, service: string, entrypoint: string): Caller {
    if (caller === undefined) return { name: '', counts: uncounted, isClient: false };
    return {
      name: `${caller.kind} ${caller.name}`,
      counts: this.#counters.edge(caller, service, entrypoint),
      isClient: caller.kind === 'socket',
    };
  }

  /** The workers of a name, both where two versions run: those that are staged, if any are. */
  workers(name: string): WorkerService[] {
    return this.#partsOf(name).filter((part) => part instanceof WorkerService);
  }

  #partsOf(name: string): readonly Service[] {
    const staged =
      this.#staged?.services.get(name) ?? this.#staged?.slots.find((slot) => slot.name === name)?.service;
    const found = staged ?? this.#slots.get(name)?.service;
    return found === undefined ? [] : partsOfService(found);
  }

  /**
   * Makes what a deployment brings. Returns the names of the workers that are live here and replaced by another version, or that are to be ready
   * before calls are led to them: those must be evaluated here before the commit. What was staged before and not committed is discarded.
   */
  stage({ set, adopted, removed }: ServiceChanges): string[] {
    void this.discard();
    const services = new Map<string, Service>();
    const slots: Slot[] = [];
    this.#staged = { services, slots, removed };
    const replaced: string[] = [];
    for (const spec of set) {
      const slot = this.#slots.get(spec.name);
      const former = slot === undefined ? [] : partsOfService(slot.service);
      const kept = adopted.get(spec.name)?.map((index) => (index === undefined ? undefined : former[index]));
      const counts = slot?.service instanceof SplitService ? slot.service.counts : undefined;
      const service = makeService(spec, this.#surroundings, kept, counts);
      if (slot === undefined) slots.push(new Slot(service));
      else services.set(spec.name, service);
      const isWorker = partsOf(spec).some(({ kind }) => kind === 'worker');
      const isLive = former.some((part) => part instanceof WorkerService && part.isLive);
      if ((isWorker && isLive) || isAwaited(spec)) replaced.push(spec.name);
    }
    return replaced;
  }

  /** Forgets what is staged. */
  async discard(): Promise<void> {
    const staged = this.#staged;
    this.#staged = undefined;
    if (staged === undefined) return;
    const kept = new Set([...this.#slots.values()].flatMap(({ service }) => partsOfService(service)));
    const services = [...staged.services.values(), ...staged.slots.map(({ service }) => service)];
    const parts = services.flatMap(partsOfService).filter((part) => !kept.has(part));
    await Promise.all(parts.map((part) => part.close()));
  }

  /** Every name leads to what was staged from the next call on. Returns what did so before, which is to be retired. */
  commit(): Service[] {
    const staged = this.#staged;
    if (staged === undefined) return [];
    this.#staged = undefined;
    for (const slot of staged.slots) this.#slots.set(slot.name, slot);
    const former: Service[] = [];
    for (const [name, service] of staged.services) {
      const kept = partsOfService(service);
      const parts = partsOfService(this.#slotOf(name).hold(service));
      former.push(...parts.filter((part) => !kept.includes(part)));
    }
    for (const name of staged.removed) {
      former.push(...partsOfService(this.#slotOf(name).hold(unknownService(name))));
      this.#slots.delete(name);
    }
    for (const service of former) this.#retired.add(service);
    return former;
  }

  /**
   * Takes its name from a version of a worker that has crashed. `left`: seconds until it is made anew; undefined where it is not. Returns what has
   * the name until then, and the worker, which is to be retired. One that could not be evaluated keeps its name, and says so to its callers.
   */
  rest(
    name: string,
    version: string,
    left: (() => number) | undefined,
  ): { readonly waiting: Service; readonly former?: Service } | undefined {
    const slot = this.#slots.get(name);
    const parts = slot === undefined ? [] : partsOfService(slot.service);
    const worker = parts.find((part) => part instanceof WorkerService && part.version === version);
    if (slot === undefined || !(worker instanceof WorkerService)) return undefined;
    if (left !== undefined && !worker.isLive) return { waiting: worker };
    const renew = (): Service => worker.renew();
    const waiting =
      left === undefined ? makeParkedService(name, 'errored') : new RestingService(name, left, renew);
    replacePart(slot, worker, waiting);
    this.#retired.add(worker);
    return { waiting, former: worker };
  }

  /** Makes the worker anew for which something waits, and has it evaluated; unless that has lost the name. */
  async wake(name: string, waiting: Service): Promise<void> {
    const slot = this.#slots.get(name);
    if (slot === undefined || !partsOfService(slot.service).includes(waiting)) return;
    const worker = waiting instanceof RestingService ? waiting.renew() : waiting;
    if (worker !== waiting) replacePart(slot, waiting, worker);
    if (worker instanceof WorkerService) await worker.load();
  }

  /** Closes services that have lost their name. */
  async retire(services: readonly Service[]): Promise<void> {
    await Promise.all(services.map((service) => service.close()));
    for (const service of services) this.#retired.delete(service);
  }

  /** Workers that run code that was given at run time. */
  get dynamicWorkers(): number {
    return [...this.#loaders.workers()].length;
  }

  /** Evaluates the workers that are to be ready before calls are led to them. */
  async prepare(): Promise<void> {
    const workers = this.#eager.flatMap((name) => this.workers(name));
    await Promise.all(workers.map((worker) => worker.load()));
  }

  /** Whose records those about a service are: the thread's own, where there is no worker of that name here. */
  origin(service: string): LogOrigin {
    return this.workers(service).length === 0 ? threadOrigin : { service, version: '' };
  }

  /** Promises given to `waitUntil`, over all workers or over the given services. */
  pending(services: Iterable<Service> = this.#services()): number {
    let sum = 0;
    for (const service of services) if (service instanceof WorkerService) sum += service.pending();
    return sum;
  }

  /** Lets the realm of a promise report its rejection. Looks at neither of them (HARDENING R17). Returns false where no realm has it. */
  reportRejection(promise: object, reason: unknown): boolean {
    for (const service of this.#services()) {
      if (service instanceof WorkerService && service.reportRejection(promise, reason)) return true;
    }
    return false;
  }

  /** Lets the realm that reported a rejection know that the promise was handled after all. */
  reportHandled(promise: object): void {
    for (const service of this.#services()) {
      if (service instanceof WorkerService && service.reportHandled(promise)) return;
    }
  }

  /** The error with positions of the sources in its stack. */
  describeFailure(error: ErrorState): { name: string; message: string; stack: string } {
    return this.#stacks.describe(error);
  }

  /** A stack of any workers of this thread with positions of their sources. */
  mapStack(stack: string): string {
    return this.#stacks.map(stack);
  }

  async close(): Promise<void> {
    await this.discard();
    await Promise.all([...this.#services()].map((service) => service.close()));
  }

  /** A realm of this thread is going, and takes no results any more that were to be given to this function. */
  #abandonCalls(onSettle: OnSettle): void {
    abandonDeferred(onSettle);
    for (const service of this.#services())
      if (service instanceof WorkerService) service.abandonCalls(onSettle);
    this.#surroundings.abandonRemote(onSettle);
  }

  *#services(): Generator<Service> {
    for (const { service } of this.#slots.values()) yield* partsOfService(service);
    for (const service of this.#staged?.services.values() ?? []) yield* partsOfService(service);
    for (const { service } of this.#staged?.slots ?? []) yield* partsOfService(service);
    yield* this.#retired;
    yield* this.#loaders.workers();
  }

  #slotOf(name: string): Slot {
    const slot = this.#slots.get(name);
    if (slot === undefined) throw new Error(`no service is named ${name}`);
    return slot;
  }
}

/** Whether a worker of it is evaluated before calls are led there. */
function isAwaited(spec: ServiceSpec): boolean {
  return partsOf(spec).some((part) => part.kind === 'worker' && part.waitReady === true);
}

function replacePart(slot: Slot, part: Service, next: Service): void {
  const { service } = slot;
  slot.hold(service instanceof SplitService ? service.with(part, next) : next);
}

/** What a name leads to that nobody has. */
function unknownService(name: string): Service {
  const way = requestsOnly((_request, call) => {
    call.settle(call, undefined, makeHostError('SERVICE_UNKNOWN', { service: name }));
  }, name);
  return { kind: 'parked', name, open: () => way, close: () => Promise.resolve() };
}
