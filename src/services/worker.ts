/**
 * The `worker` kind: one version of a worker on one thread. Its realm is made at the first call; calls that come while it loads
 * wait; a realm that cannot be loaded fails its calls, and is tried again a little later.
 */

import { makeHostError } from './host-error.ts';
import { follow, keepArguments, makeDeferred, refused } from './deferred.ts';
import { runOutside } from './request-context.ts';
import { retryingAfter } from './retry-after.ts';
import type { Service } from './service.ts';
import type { Front } from './assets/front.ts';
import { siteEntrypoint } from '../shared/site/settings.ts';
import type { OnSettle, Outcome } from '../realm/prelude/rpc/rpc-state.ts';
import type { Realm } from '../realm/realm.ts';
import type { CallState, EntrypointState, ErrorState, RequestState } from '../realm/prelude/state.ts';

/** What a worker service needs from its thread. */
export interface WorkerPowers {
  /** Makes a realm of this version; it is not loaded yet. */
  readonly createRealm: () => Realm;
  /** How long the top level of the worker may take, in milliseconds. */
  readonly evaluationTimeout: number;
  /** Told why calls fail that waited for a realm, for the log. */
  readonly onLoadFailure: (error: ErrorState) => void;
  /** Content hash of code and configuration. */
  readonly version: string;
  /** Called where a call goes on that has waited for the realm. */
  readonly onAdmit: () => void;
  /** Told of every evaluation that fails. */
  readonly onFailed: (error: ErrorState) => void;
  /** Makes another service of the same version, with a state of its own. */
  readonly renew: () => WorkerService;
  /** Called once, when the service is closed. */
  readonly onClose?: () => void;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** The static site of the worker, if it has one. */
  readonly front?: Front | undefined;
}

/** How long a failed evaluation stands before a call tries it again, in milliseconds. */
const retryAfter = 1000;

interface Failure {
  readonly error: ErrorState;
  readonly at: number;
  isLogged: boolean;
}

export class WorkerService implements Service {
  readonly kind = 'worker';
  readonly name: string;
  readonly #powers: WorkerPowers;
  /** Called when the realm comes or goes; while it is live, calls go straight into it. */
  onMoved: (() => void) | undefined;
  /** Loaded and ready. */
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

  open(entrypoint: string, props: string, isClient: boolean): EntrypointState {
    const { front } = this.#powers;
    if (front !== undefined && entrypoint === siteEntrypoint) return front.open(isClient);
    const way = this.#live?.entry.open(entrypoint, props) ?? this.#coldWay(entrypoint, props);
    return front === undefined || entrypoint !== 'default' ? way : front.before(way, isClient);
  }

  /** Whether its realm is loaded. */
  get isLive(): boolean {
    return this.#live !== undefined;
  }

  /** Loads the realm if it is not loaded. Resolves with what went wrong, if anything did. */
  load(): Promise<ErrorState | undefined> {
    if (this.#live !== undefined) return Promise.resolve(undefined);
    return (this.#loading ??= runOutside(() => this.#load()));
  }

  get version(): string {
    return this.#powers.version;
  }

  /** Another service of the same version. */
  renew(): WorkerService {
    return this.#powers.renew();
  }

  /** Whether a binding can point at this entrypoint; undefined before the worker is loaded. */
  hasEntrypoint(name: string): boolean | undefined {
    return this.#live?.entry.hasEntrypoint(name);
  }

  /** The entrypoints that have a test; none before the worker is loaded. */
  tests(): string[] {
    const found: string[] = [];
    this.#live?.entry.eachTest((entrypoint) => found.push(entrypoint));
    return found;
  }

  /** Runs the test of an entrypoint of the loaded worker. `done` is called once, with what went wrong if anything did. */
  runTest(entrypoint: string, done: (error: ErrorState | undefined) => void): void {
    if (this.#live === undefined) done(this.#unavailable());
    else this.#live.entry.runTest(entrypoint, done);
  }

  /** Lets the realm report a rejection that nobody handled; returns false where the promise is none of its own. */
  reportRejection(promise: object, reason: unknown): boolean {
    return this.#realm?.entry.reportRejection(promise, reason) ?? false;
  }

  /** Tells the realm that a promise was handled after all; returns false where it has not reported it. */
  reportHandled(promise: object): boolean {
    return this.#realm?.entry.reportHandled(promise) ?? false;
  }

  /** A realm that has called this one is going; see RealmEntry.abandonCalls. */
  abandonCalls(onSettle: OnSettle): void {
    this.#live?.entry.abandonCalls(onSettle);
  }

  /** Promises given to `waitUntil` that have not settled. */
  pending(): number {
    return this.#live?.pending() ?? 0;
  }

  close(): Promise<void> {
    if (!this.#closed) this.#powers.onClose?.();
    this.#closed = true;
    this.#live = undefined;
    this.onMoved?.();
    this.#realm?.dispose();
    return this.#powers.front?.close() ?? Promise.resolve();
  }

  /** The way while the realm is not there: calls wait for it, or are refused. */
  #coldWay(entrypoint: string, props: string): EntrypointState {
    return {
      fetch: (request, call) => {
        this.#whenLive(
          (realm) => enterRealm(realm, entrypoint, props, request, call),
          (error) => call.settle(call, undefined, error),
        );
      },
      call: (path, args, source) => {
        const kept = keepArguments(args, source);
        if ('failure' in kept) return refused(kept.failure);
        return this.#later(entrypoint, props, (way) => way.call(path, kept.args, kept.source));
      },
      get: (path) => this.#later(entrypoint, props, (way) => way.get(path)),
    };
  }

  #later(entrypoint: string, props: string, act: (way: EntrypointState) => Outcome): Outcome {
    const answer = makeDeferred();
    this.#whenLive(
      (realm) => {
        const way = realm.entry.open(entrypoint, props);
        follow(answer, way === undefined ? refused(this.#unavailable()) : act(way));
      },
      (error) => follow(answer, refused(error)),
    );
    return answer;
  }

  #whenLive(onLive: (realm: Realm) => void, onFailure: (error: ErrorState) => void): void {
    const refusal = this.#refusal();
    if (refusal !== undefined) onFailure(refusal);
    else if (this.#live !== undefined) onLive(this.#live);
    // Each call waits by itself: that keeps the context of its request.
    else void this.load().then(() => this.#admit(onLive, onFailure));
  }

  #refusal(): ErrorState | undefined {
    if (this.#closed) return makeHostError('SERVICE_CLOSED', { service: this.name });
    const failed = this.#failure !== undefined && this.#powers.now() - this.#failure.at < retryAfter;
    return failed ? this.#unavailable() : undefined;
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
      this.onMoved?.();
      return undefined;
    }
    this.#realm = undefined;
    realm.dispose();
    if (error === undefined) return undefined;
    this.#failure = { error, at: this.#powers.now(), isLogged: false };
    if (!this.#closed) this.#powers.onFailed(error);
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

  #admit(onLive: (realm: Realm) => void, onFailure: (error: ErrorState) => void): void {
    this.#powers.onAdmit();
    if (this.#live !== undefined) return onLive(this.#live);
    const failure = this.#failure;
    if (failure?.isLogged === false) {
      failure.isLogged = true;
      this.#powers.onLoadFailure(failure.error);
    }
    onFailure(this.#unavailable());
  }

  #unavailable(): ErrorState {
    const failure = makeHostError('WORKER_UNAVAILABLE', { service: this.name });
    return retryingAfter(failure, () => retryAfter / 1000);
  }
}

function enterRealm(
  realm: Realm,
  entrypoint: string,
  props: string,
  request: RequestState,
  call: CallState,
): void {
  const way = realm.entry.open(entrypoint, props);
  if (way === undefined) call.settle(call, undefined, makeHostError('CALL_TOO_DEEP', {}));
  else way.fetch(request, call);
}
