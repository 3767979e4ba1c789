/**
 * A worker whose code is given at run time: a service from the moment that it is asked for. Calls wait until its code is there, bundled and
 * evaluated; where one of these fails, they fail with it, and so do all that come later.
 */

import type { EntrypointState, ErrorState } from '../realm/prelude/state.ts';
import { follow, keepArguments, makeDeferred, refused } from './deferred.ts';
import { makeHostError } from './host-error.ts';
import type { Service } from './service.ts';
import type { WorkerService } from './worker.ts';

/** From code to a worker. */
export interface Beginning {
  /** Makes what runs the code, or says why nothing can. */
  readonly make: () => Promise<WorkerService | ErrorState>;
  /** What callers are told of an evaluation that has failed. */
  readonly explain: (error: ErrorState) => ErrorState;
}

export class DynamicWorker implements Service {
  readonly kind = 'worker';
  readonly name: string;
  onMoved: (() => void) | undefined;
  /** Its code is still to come. */
  #needsCode = true;
  #worker: WorkerService | undefined;
  #evaluating: WorkerService | undefined;
  #failure: ErrorState | undefined;
  readonly #settled = Promise.withResolvers<void>();
  readonly #onFailed: () => void;
  readonly #late: NodeJS.Timeout;

  /** `patience`: milliseconds in which its code has to come. `onFailed`: called once where it cannot be loaded. */
  constructor(name: string, patience: number, onFailed: () => void) {
    this.name = name;
    this.#onFailed = onFailed;
    const seconds = patience / 1000;
    this.#late = setTimeout(
      () => this.fail(makeHostError('DYNAMIC_LATE', { service: name, seconds })),
      patience,
    );
  }

  /** What runs its code, from the moment that it is evaluated. */
  get worker(): WorkerService | undefined {
    return this.#worker ?? this.#evaluating;
  }

  open(entrypoint: string, props: string): EntrypointState {
    if (this.#failure !== undefined) return failing(this.#failure);
    return this.#worker?.open(entrypoint, props, false) ?? this.#waitingWay(entrypoint, props);
  }

  /** Its code has come. */
  async give({ make, explain }: Beginning): Promise<void> {
    if (!this.#needsCode) return;
    this.#stopWaiting();
    const made = await make();
    if (!('open' in made)) {
      this.fail(made);
      return;
    }
    this.#evaluating = made;
    const error = await this.#load(made);
    this.#evaluating = undefined;
    if (error !== undefined) this.fail(explain(error));
    if (this.#failure !== undefined) {
      await made.close();
      return;
    }
    this.#worker = made;
    made.onMoved = () => this.onMoved?.();
    this.#move();
  }

  async #load(worker: WorkerService): Promise<ErrorState | undefined> {
    try {
      return await worker.load();
    } catch {
      // Code that needed less stack where it was bundled.
      return makeHostError('DYNAMIC_CODE', { service: this.name, reason: 'it is nested too deeply' });
    }
  }

  /** It cannot be loaded, or not go on. Whoever calls it hears why. */
  fail(error: ErrorState): void {
    if (this.#failure !== undefined) return;
    this.#stopWaiting();
    this.#failure = error;
    this.#move();
    this.#onFailed();
  }

  async close(): Promise<void> {
    this.fail(makeHostError('DYNAMIC_UNLOADED', { service: this.name }));
    const worker = this.#worker;
    this.#worker = undefined; // whoever still holds this one keeps nothing of it
    await worker?.close();
  }

  #stopWaiting(): void {
    this.#needsCode = false;
    clearTimeout(this.#late);
  }

  #move(): void {
    this.onMoved?.();
    this.#settled.resolve();
  }

  /** Each call waits by itself: that keeps the context of its request. */
  #waitingWay(entrypoint: string, props: string): EntrypointState {
    const settled = this.#settled.promise;
    const open = (): EntrypointState => this.open(entrypoint, props);
    return {
      fetch: (request, call) => void settled.then(() => open().fetch(request, call)),
      call: (path, args, source) => {
        const kept = keepArguments(args, source);
        if ('failure' in kept) return refused(kept.failure);
        const answer = makeDeferred();
        void settled.then(() => follow(answer, open().call(path, kept.args, kept.source)));
        return answer;
      },
      get: (path) => {
        const answer = makeDeferred();
        void settled.then(() => follow(answer, open().get(path)));
        return answer;
      },
    };
  }
}

function failing(failure: ErrorState): EntrypointState {
  return {
    fetch: (_request, call) => call.settle(call, undefined, failure),
    call: () => refused(failure),
    get: () => refused(failure),
  };
}
