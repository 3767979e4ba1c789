/**
 * The `worker` kind: one version of a worker on one thread. Its realm is made at the first call; calls that come while it loads
 * wait; a realm that cannot be loaded fails its calls, and is tried again a little later.
 */

import { makeHostError } from './host-error.ts';
import { enterCall, leaveCall } from './request-context.ts';
import { makeTarget, type Service } from './service.ts';
import type { Realm } from '../realm/realm.ts';
import type { CallState, ErrorState, RequestState, TargetState } from '../realm/prelude/state.ts';

/** What a worker service needs from its thread. */
export interface WorkerPowers {
  /** Makes a realm of this version; it is not loaded yet. */
  readonly createRealm: () => Realm;
  /** How long the top level of the worker may take, in milliseconds. */
  readonly evaluationTimeout: number;
  /** Told why calls fail that waited for a realm, for the log. */
  readonly onLoadFailure: (error: ErrorState) => void;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** How long a failed evaluation stands before a call tries it again, in milliseconds. */
const retryAfter = 1000;

interface WaitingCall {
  readonly entrypoint: string;
  readonly props: string;
  readonly request: RequestState;
  readonly call: CallState;
}

export class WorkerService implements Service {
  readonly kind = 'worker';
  readonly name: string;
  readonly #powers: WorkerPowers;
  /** Loaded and ready: the hot path looks at nothing else. */
  #live: Realm | undefined;
  #loading: Promise<ErrorState | undefined> | undefined;
  #waiting: WaitingCall[] = [];
  #failure: { readonly error: ErrorState; readonly at: number } | undefined;
  #closed = false;

  constructor(name: string, powers: WorkerPowers) {
    this.name = name;
    this.#powers = powers;
  }

  target(entrypoint: string, props: string): TargetState {
    return makeTarget((request, call) => {
      const realm = this.#live;
      if (realm === undefined) this.#fetchCold({ entrypoint, props, request, call });
      else enterRealm(realm, entrypoint, props, request, call);
    });
  }

  /** Loads the realm if it is not loaded. Resolves with what went wrong, if anything did. */
  load(): Promise<ErrorState | undefined> {
    if (this.#live !== undefined) return Promise.resolve(undefined);
    return (this.#loading ??= this.#load());
  }

  /** Whether a binding can point at this entrypoint; undefined before the worker is loaded. */
  hasEntrypoint(name: string): boolean | undefined {
    return this.#live?.entry.hasEntrypoint(name);
  }

  /** Promises given to `waitUntil` that have not settled. */
  pending(): number {
    return this.#live?.pending() ?? 0;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#loading;
    this.#live?.dispose();
    this.#live = undefined;
  }

  #fetchCold(waiting: WaitingCall): void {
    const { call } = waiting;
    if (this.#closed) {
      call.settle(call, undefined, makeHostError('SERVICE_CLOSED', { service: this.name }));
      return;
    }
    if (this.#failure !== undefined && this.#powers.now() - this.#failure.at < retryAfter) {
      call.settle(call, undefined, this.#unavailable());
      return;
    }
    this.#waiting.push(waiting);
    void this.load().then(() => this.#admitWaiting());
  }

  async #load(): Promise<ErrorState | undefined> {
    this.#failure = undefined;
    const realm = this.#powers.createRealm();
    const error = await this.#evaluate(realm);
    this.#loading = undefined;
    if (error === undefined && !this.#closed) {
      this.#live = realm;
      return undefined;
    }
    realm.dispose();
    if (error !== undefined) this.#failure = { error, at: this.#powers.now() };
    return error;
  }

  /** A promise at the top level that never settles fails the worker, not those who wait for it. */
  #evaluate(realm: Realm): Promise<ErrorState | undefined> {
    const { evaluationTimeout } = this.#powers;
    return new Promise((resolve) => {
      const late = makeHostError('WORKER_TIMEOUT', { service: this.name, seconds: evaluationTimeout / 1000 });
      const timer = setTimeout(resolve, evaluationTimeout, late);
      void realm.load().then((error) => {
        clearTimeout(timer);
        resolve(error);
      });
    });
  }

  #admitWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length > 0 && this.#failure !== undefined) this.#powers.onLoadFailure(this.#failure.error);
    for (const { entrypoint, props, request, call } of waiting) {
      if (this.#live !== undefined) enterRealm(this.#live, entrypoint, props, request, call);
      else call.settle(call, undefined, this.#unavailable());
    }
  }

  #unavailable(): ErrorState {
    return makeHostError('WORKER_UNAVAILABLE', { service: this.name });
  }
}

function enterRealm(
  realm: Realm,
  entrypoint: string,
  props: string,
  request: RequestState,
  call: CallState,
): void {
  if (!enterCall()) {
    call.settle(call, undefined, makeHostError('CALL_TOO_DEEP', {}));
    return;
  }
  try {
    realm.entry.fetch(entrypoint, props, request, call);
  } finally {
    leaveCall();
  }
}
