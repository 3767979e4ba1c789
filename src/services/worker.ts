/**
 * The `worker` kind: one version of a worker on one thread. Its realm is made at the first call; calls that come while it loads
 * wait; a realm that cannot be loaded fails its calls, and is tried again a little later.
 */

import { makeHostError } from './host-error.ts';
import { calls, maxDepth } from './request-context.ts';
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

interface Failure {
  readonly error: ErrorState;
  readonly at: number;
  isLogged: boolean;
}

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
  /** The same, from before it is loaded. */
  #realm: Realm | undefined;
  #loading: Promise<ErrorState | undefined> | undefined;
  #failure: Failure | undefined;
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

  /** Lets the realm report a rejection that nobody handled; returns false where the promise is none of its own. */
  reportRejection(promise: object, reason: unknown): boolean {
    return this.#realm?.entry.reportRejection(promise, reason) ?? false;
  }

  /** Tells the realm that a promise was handled after all; returns false where it has not reported it. */
  reportHandled(promise: object): boolean {
    return this.#realm?.entry.reportHandled(promise) ?? false;
  }

  /** Promises given to `waitUntil` that have not settled. */
  pending(): number {
    return this.#live?.pending() ?? 0;
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#live = undefined;
    this.#realm?.dispose();
    return Promise.resolve();
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
    // Each call waits by itself: that keeps the context of its request.
    void this.load().then(() => this.#admit(waiting));
  }

  async #load(): Promise<ErrorState | undefined> {
    // The caller may be at the end of its stack: a realm is made on a stack of its own.
    await Promise.resolve();
    this.#failure = undefined;
    const realm = this.#powers.createRealm();
    this.#realm = realm;
    const error = await this.#evaluate(realm);
    this.#loading = undefined;
    if (error === undefined && !this.#closed) {
      this.#live = realm;
      return undefined;
    }
    this.#realm = undefined;
    realm.dispose();
    if (error !== undefined) this.#failure = { error, at: this.#powers.now(), isLogged: false };
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

  #admit({ entrypoint, props, request, call }: WaitingCall): void {
    if (this.#live !== undefined) return enterRealm(this.#live, entrypoint, props, request, call);
    const failure = this.#failure;
    if (failure?.isLogged === false) {
      failure.isLogged = true;
      this.#powers.onLoadFailure(failure.error);
    }
    call.settle(call, undefined, this.#unavailable());
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
  if (calls.nested >= maxDepth) {
    call.settle(call, undefined, makeHostError('CALL_TOO_DEEP', {}));
    return;
  }
  calls.nested++;
  try {
    realm.entry.fetch(entrypoint, props, request, call);
  } catch {
    // Only stack overflow gets here. Where it gets the better of this as well, the guard of the caller answers.
    call.settle(call, undefined, makeHostError('CALL_TOO_DEEP', {}));
  } finally {
    calls.nested--;
  }
}
