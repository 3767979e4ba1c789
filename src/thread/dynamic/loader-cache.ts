/**
 * The workers of one loader on one thread. The one that was asked for longest ago makes room for a new one: it can no longer be found, and goes
 * when the requests have ended that asked for it. A worker without a name goes with the request that made it.
 */

import type { GivenCode, LoadedWorker, Loader } from '../../bindings/worker-loader.ts';
import type { TargetState } from '../../realm/prelude/state.ts';
import { type Beginning, DynamicWorker } from '../../services/dynamic-worker.ts';
import { makeHostError } from '../../services/host-error.ts';
import { CallLimit } from '../../services/limited-target.ts';
import { atRequestEnd, currentRequest, type RequestContext } from '../../services/request-context.ts';
import { makeTarget } from '../../services/service.ts';
import { type Caller, Slot } from '../../services/slot.ts';
import type { WorkerService } from '../../services/worker.ts';

/** Code with everything that it is to run with. */
export interface ReadyCode extends Omit<GivenCode, 'outbound' | 'calls'> {
  /** The worker's own place: its name, and the ways to it. */
  readonly slot: Slot;
  readonly outbound: TargetState;
}

export interface LoaderCacheOptions {
  /** What its workers are called after. */
  readonly label: string;
  readonly maxWorkers: number;
  /** How long a worker may wait for its code, in milliseconds. */
  readonly patience: number;
  readonly begin: (code: ReadyCode) => Beginning;
}

/** A realm that uses the cache. */
export interface LoaderUser {
  readonly caller: Caller;
  /** Its global outbound. */
  readonly outbound: TargetState;
}

export class LoaderCache {
  readonly #options: LoaderCacheOptions;
  /** By name, or by a symbol where nobody can find it; the one that was asked for longest ago first. */
  readonly #kept = new Map<string | symbol, Kept>();
  /** Those that go when nobody uses them. */
  readonly #leaving = new Set<Kept>();
  #unnamed = 0;

  constructor(options: LoaderCacheOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#kept.size + this.#leaving.size === 0;
  }

  /** The loader as a realm uses it. */
  loaderFor(user: LoaderUser): Loader {
    const { label, maxWorkers } = this.#options;
    return {
      find: (name) => {
        const known = name === undefined ? undefined : this.#known(name);
        if (known !== undefined) return viewFor(known, user, false);
        const made = this.#new(name, user);
        return made && viewFor(made, user, true);
      },
      full: makeHostError('DYNAMIC_FULL', { loader: label, limit: maxWorkers }),
      release: () => this.#release(user),
    };
  }

  /** What runs code now. */
  *workers(): Generator<WorkerService> {
    for (const { worker } of this.#all()) if (worker.worker !== undefined) yield worker.worker;
  }

  *#all(): Generator<Kept> {
    yield* this.#kept.values();
    yield* this.#leaving;
  }

  #known(name: string): Kept | undefined {
    const known = this.#kept.get(name);
    if (known === undefined) return undefined;
    this.#kept.delete(name);
    this.#kept.set(name, known);
    known.use();
    return known;
  }

  #new(name: string | undefined, user: LoaderUser): Kept | undefined {
    const { maxWorkers } = this.#options;
    if (this.#leaving.size >= maxWorkers) return undefined;
    const made = this.#make(name, user);
    made.use();
    if (name === undefined && made.isUsed) this.#letGo(made);
    else {
      if (this.#kept.size >= maxWorkers) this.#evictOldest();
      this.#kept.set(made.key, made);
    }
    return made;
  }

  #make(name: string | undefined, user: LoaderUser): Kept {
    const { label, patience, begin } = this.#options;
    const title = `${label}/${name === undefined ? `~${++this.#unnamed}` : printableName(name)}`;
    const onFailed = (): void => {
      if (this.#kept.get(kept.key) === kept) this.#kept.delete(kept.key);
      this.#leaving.delete(kept);
    };
    const worker = new DynamicWorker(title, patience, onFailed);
    const kept: Kept = new Kept(name ?? Symbol(title), worker, user, begin);
    return kept;
  }

  #evictOldest(): void {
    for (const [key, oldest] of this.#kept) {
      this.#kept.delete(key);
      this.#letGo(oldest);
      return;
    }
  }

  #letGo(kept: Kept): void {
    this.#leaving.add(kept);
    kept.leave();
  }

  /** A realm is going. What it gave the code of goes with it. */
  #release(user: LoaderUser): void {
    for (const { owner, worker } of [...this.#all()]) if (owner === user) void worker.close();
  }
}

/** A worker, and who needs it. */
class Kept {
  readonly key: string | symbol;
  readonly worker: DynamicWorker;
  /** Who asked for it first, and gives its code. */
  readonly owner: LoaderUser;
  readonly slot: Slot;
  readonly #begin: LoaderCacheOptions['begin'];
  #limit: CallLimit | undefined;
  #isLeaving = false;
  #requests = 0;
  #last: RequestContext | undefined;

  constructor(
    key: string | symbol,
    worker: DynamicWorker,
    owner: LoaderUser,
    begin: LoaderCacheOptions['begin'],
  ) {
    this.key = key;
    this.worker = worker;
    this.owner = owner;
    this.slot = new Slot(worker, { isLocal: true });
    this.#begin = begin;
  }

  get isUsed(): boolean {
    return this.#requests > 0;
  }

  /** The request that is being served may use it until it ends. */
  use(): void {
    const request = currentRequest();
    if (request === undefined || request === this.#last) return;
    this.#last = request;
    this.#requests++;
    atRequestEnd(() => {
      this.#requests--;
      if (this.#last === request) this.#last = undefined;
      this.#goIfUnused();
    });
  }

  /** It is to go as soon as nobody uses it. */
  leave(): void {
    this.#isLeaving = true;
    this.#goIfUnused();
  }

  give({ outbound, calls, ...code }: GivenCode): void {
    const { slot } = this;
    const target = this.#outbound(outbound);
    const limited = calls < 0 ? target : this.limit(target, calls);
    void this.worker.give(this.#begin({ ...code, slot, outbound: limited }));
  }

  limit(target: TargetState, calls: number): TargetState {
    const { name: service } = this.worker;
    this.#limit ??= new CallLimit(calls, makeHostError('DYNAMIC_LIMIT', { service, limit: calls }));
    return this.#limit.over(target);
  }

  #outbound(outbound: GivenCode['outbound']): TargetState {
    if (outbound === 'inherited') return this.owner.outbound;
    if (outbound !== 'none') return outbound;
    const failure = makeHostError('DYNAMIC_NO_NETWORK', { service: this.worker.name });
    return makeTarget((_request, call) => call.settle(call, undefined, failure), this.worker.name);
  }

  #goIfUnused(): void {
    if (this.#isLeaving && !this.isUsed) void this.worker.close();
  }
}

/** A worker as a realm knows it that has asked for it. `isNew`: it is for this realm to give the code. */
function viewFor(kept: Kept, user: LoaderUser, isNew: boolean): LoadedWorker {
  return {
    needsCode: isNew,
    give: (code) => kept.give(code),
    fail: (error) => kept.worker.fail(error),
    target(entrypoint, props) {
      kept.use();
      return kept.slot.target(entrypoint, props, user.caller);
    },
    limit: (target, calls) => kept.limit(target, calls),
  };
}

/** Names come from outside: they are shown in logs and stacks. */
function printableName(name: string): string {
  return name.replace(/[^\w.@-]/gu, '_').slice(0, 60);
}
