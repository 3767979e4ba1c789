/**
 * The `network` kind, loaded at the first request that leaves: its HTTP client takes 12 MB of a thread, and many threads never use it
 * (docs/decisions/cost-of-a-realm.md). Runs in a thread.
 */

import { neutral } from '../realm/neutral.ts';
import type { CallState, RequestState } from '../realm/prelude/state.ts';
import { assertWideHeadroom } from '../shared/headroom.ts';
import type { NetworkOptions, NetworkService } from './network.ts';

/** A network service that costs nothing until it is called. Its options are good: the configuration has been checked. */
export function makeLazyNetwork(options: NetworkOptions): NetworkService {
  let loaded: NetworkService | undefined;
  let loading: Promise<NetworkService> | undefined;
  const load = async (): Promise<NetworkService> => {
    const { makeNetworkService } = await import('./network.ts');
    return (loaded = makeNetworkService(options));
  };
  const fetchLater = (request: RequestState, call: CallState): void => {
    assertWideHeadroom(); // a load that is cut short cannot be begun again
    // Each call waits by itself: that keeps the context of its request.
    (loading ??= load()).then(
      (network) => network.fetch(request, call),
      () => call.settle(call, undefined, failure('its code cannot be loaded')),
    );
  };
  return Object.freeze({
    kind: 'network',
    fetch(request: RequestState, call: CallState) {
      if (loaded !== undefined) return loaded.fetch(request, call);
      try {
        fetchLater(request, call);
      } catch {
        call.settle(call, undefined, failure('the call stack is full'));
      }
    },
    async close() {
      const network = await loading?.catch(() => undefined);
      await network?.close();
    },
  } satisfies NetworkService);
}

function failure(reason: string): ReturnType<typeof neutral.error> {
  return neutral.error('error', 'TypeError', `fetch failed: ${reason}`, '', 'NETWORK_REQUEST');
}
