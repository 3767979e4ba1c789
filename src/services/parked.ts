/** A service that is there by name only: it was stopped, or it failed too often. It refuses every call. Runs in a thread. */

import { refused } from './deferred.ts';
import { makeHostError } from './host-error.ts';
import type { Service } from './service.ts';

export function makeParkedService(name: string, reason: 'stopped' | 'errored'): Service {
  const code = reason === 'stopped' ? 'SERVICE_STOPPED' : 'SERVICE_ERRORED';
  const failure = makeHostError(code, { service: name });
  return {
    kind: 'parked',
    name,
    open: () => ({
      fetch: (_request, call) => call.settle(call, undefined, failure),
      call: () => refused(failure),
      get: () => refused(failure),
    }),
    close: () => Promise.resolve(),
  };
}
