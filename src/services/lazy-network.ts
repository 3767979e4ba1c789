/**
 * The kinds whose requests leave the process, loaded at the first request: their HTTP client takes 12 MB of a thread, and many threads never
 * use it (docs/decisions/cost-of-a-realm.md). Runs in a thread.
 */

import { neutral } from '../realm/neutral.ts';
import type { CallState, RequestState } from '../realm/prelude/state.ts';
import { assertWideHeadroom } from '../shared/headroom.ts';
import type { ExternalOptions } from './external.ts';
import { HealthRecord, type ServiceHealth } from './health.ts';
import type { NetworkOptions } from './network.ts';

/** What network and external services are alike. */
export interface OutboundClient {
  /** Sends a request and settles the call. Throws nothing but near stack overflow; takes over the request's body. */
  fetch(request: RequestState, call: CallState): void;
  health(): ServiceHealth;
  /** Ends every exchange under way. */
  close(): Promise<void>;
}

/** A network service that costs nothing until it is called. Its options are good: the configuration has been checked. */
export function makeLazyNetwork(options: NetworkOptions): OutboundClient {
  return makeLazy(async () => (await import('./network.ts')).makeNetworkService(options));
}

/** The same for an external service. */
export function makeLazyExternal(options: ExternalOptions): OutboundClient {
  return makeLazy(async () => (await import('./external.ts')).makeExternalService(options));
}

function makeLazy(load: () => Promise<OutboundClient>): OutboundClient {
  let loaded: OutboundClient | undefined;
  let loading: Promise<OutboundClient> | undefined;
  const loadOnce = async (): Promise<OutboundClient> => (loaded = await load());
  const fetchLater = (request: RequestState, call: CallState): void => {
    assertWideHeadroom(); // a load that is cut short cannot be begun again
    // Each call waits by itself: that keeps the context of its request.
    (loading ??= loadOnce()).then(
      (client) => client.fetch(request, call),
      () => call.settle(call, undefined, failure('its code cannot be loaded')),
    );
  };
  return Object.freeze({
    fetch(request: RequestState, call: CallState) {
      if (loaded !== undefined) return loaded.fetch(request, call);
      try {
        fetchLater(request, call);
      } catch {
        call.settle(call, undefined, failure('the call stack is full'));
      }
    },
    health: () => loaded?.health() ?? new HealthRecord().read(),
    async close() {
      const client = await loading?.catch(() => undefined);
      await client?.close();
    },
  } satisfies OutboundClient);
}

function failure(reason: string): ReturnType<typeof neutral.error> {
  return neutral.error('error', 'TypeError', `fetch failed: ${reason}`, '', 'NETWORK_REQUEST');
}
