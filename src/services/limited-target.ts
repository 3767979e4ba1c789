/** Ways to services that can be taken only so often while one request is being served. Runs in a thread. */

import type { ErrorState, TargetState } from '../realm/prelude/state.ts';
import { refused } from './deferred.ts';
import { currentRequest, type RequestContext } from './request-context.ts';
import { Target } from './service.ts';

/** What several ways count against together. Outside of all requests there is no limit. */
export class CallLimit {
  readonly #limit: number;
  readonly #failure: ErrorState;
  readonly #counts = new WeakMap<RequestContext, number>();

  /** `failure`: what a call fails with that is one too many. */
  constructor(limit: number, failure: ErrorState) {
    this.#limit = limit;
    this.#failure = failure;
  }

  /** The way to a service, counted. */
  over(inner: TargetState): TargetState {
    const way = {
      fetch: ((request, call) => {
        if (this.#take()) inner.fetch(request, call);
        else call.settle(call, undefined, this.#failure);
      }) satisfies TargetState['fetch'],
      call: ((path, args, source) =>
        this.#take() ? inner.call(path, args, source) : refused(this.#failure)) satisfies TargetState['call'],
      get: ((path) => (this.#take() ? inner.get(path) : refused(this.#failure))) satisfies TargetState['get'],
    };
    // Known to its own thread only: another one would not count.
    return new Target(way, '', inner.counts);
  }

  #take(): boolean {
    const request = currentRequest();
    if (request === undefined) return true;
    const count = this.#counts.get(request) ?? 0;
    if (count >= this.#limit) return false;
    this.#counts.set(request, count + 1);
    return true;
  }
}
