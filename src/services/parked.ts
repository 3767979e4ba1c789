/** Services that are there by name only: they were stopped, failed too often, or wait for their next start. They refuse every call. Runs in a thread. */

import type { EntrypointState, ErrorState } from '../realm/prelude/state.ts';
import { refused } from './deferred.ts';
import { makeHostError } from './host-error.ts';
import { retryingAfter } from './retry-after.ts';
import type { Service } from './service.ts';

/** Seconds after which somebody may have started it again: a client that asks more often gains nothing. */
const erroredRetry = 60;

export function makeParkedService(name: string, reason: 'stopped' | 'errored'): Service {
  const code = reason === 'stopped' ? 'SERVICE_STOPPED' : 'SERVICE_ERRORED';
  const failure = makeHostError(code, { service: name });
  return new ParkedService(name, reason === 'errored' ? retryingAfter(failure, () => erroredRetry) : failure);
}

/** Refuses every call with the same failure. */
class ParkedService implements Service {
  readonly kind = 'parked';
  readonly name: string;
  readonly #way: EntrypointState;

  constructor(name: string, failure: ErrorState) {
    this.name = name;
    this.#way = {
      fetch: (_request, call) => call.settle(call, undefined, failure),
      call: () => refused(failure),
      get: () => refused(failure),
    };
  }

  open(): EntrypointState {
    return this.#way;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A worker that has crashed, until its next start. */
export class RestingService extends ParkedService {
  /** Makes the worker anew. */
  readonly renew: () => Service;

  /** `left`: how long until then, in seconds. */
  constructor(name: string, left: () => number, renew: () => Service) {
    super(name, retryingAfter(makeHostError('SERVICE_RESTARTING', { service: name }), left));
    this.renew = renew;
  }
}
