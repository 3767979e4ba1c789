/**
 * The `network` kind: a network, or as much of it as `allow` and `deny` permit, for requests to whichever server their URL names. The
 * implicit service `internet`, which global `fetch` leaves through, is one that permits public addresses only. Runs in a thread; its
 * connections are shared by all realms of the thread.
 *
 * One call is one exchange: redirects are followed by the realm that called, so that each hop is checked like any other request.
 */

import { Agent, type buildConnector, type Dispatcher, Pool } from 'undici';
import type { CallState, RequestState } from '../realm/prelude/state.ts';
import { makeAddressFilter } from '../shared/addresses/address-filter.ts';
import type { NanodError } from '../shared/errors.ts';
import { type ClientTls, defaultClientTls } from '../shared/tls-options.ts';
import { HealthRecord, type ServiceHealth } from './health.ts';
import { type Lookup, makeConnector, systemLookup } from './network/connector.ts';
import { makeExchanges } from './network/exchanges.ts';
import { defaultLimits, type NetworkLimits } from './network/limits.ts';
import { makePooledClient } from './network/pooled-client.ts';
import { makeNetworkRoute } from './network/route.ts';

export interface NetworkOptions {
  /** CIDR blocks and words; see shared/addresses/address-filter.ts. */
  readonly allow: readonly string[];
  readonly deny?: readonly string[];
  /** What is not said is as `defaultClientTls` has it. */
  readonly tls?: Partial<ClientTls>;
  readonly limits?: Partial<NetworkLimits>;
  /** Told of every request that was refused, for whoever counts them. */
  readonly onRefused?: (error: NanodError) => void;
  /** For tests, in place of the system's resolver. */
  readonly lookup?: Lookup;
  /** For tests, in place of connections: it checks no address. */
  readonly dispatcher?: Dispatcher;
}

export interface NetworkService {
  readonly kind: 'network';
  /** Sends a request and settles the call. Throws nothing but near stack overflow; takes over the request's body. */
  fetch(request: RequestState, call: CallState): void;
  health(): ServiceHealth;
  /** Ends every exchange under way. */
  close(): Promise<void>;
}

/** Throws the table's CONFIG errors for a rule that is none. */
export function makeNetworkService(options: NetworkOptions): NetworkService {
  const limits = Object.freeze({ ...defaultLimits, ...options.limits });
  const health = new HealthRecord();
  const onRefused = (error: NanodError): void => {
    health.refused();
    options.onRefused?.(error);
  };
  const connect = connectorOf(options, limits, onRefused);
  const dispatcher = options.dispatcher ?? makeAgent(connect, limits);
  const route = makeNetworkRoute(onRefused);
  const tls = { ...defaultClientTls, ...options.tls };
  const connects = 'anywhere';
  const client = makeExchanges({ connect, connects, dispatcher, limits, route, health, tls });
  return Object.freeze({ kind: 'network', ...client } satisfies NetworkService);
}

function connectorOf(
  options: NetworkOptions,
  limits: NetworkLimits,
  onRefused: (error: NanodError) => void,
): buildConnector.connector {
  const filter = makeAddressFilter({ allow: options.allow, deny: options.deny ?? [] });
  const { lookup = systemLookup } = options;
  const tls = { ...defaultClientTls, ...options.tls };
  return makeConnector({ filter, lookup, limits, tls, onRefused });
}

function makeAgent(connect: buildConnector.connector, limits: NetworkLimits): Dispatcher {
  return new Agent({
    factory: (origin, pooled) =>
      new Pool(origin, { ...pooled, factory: (to, one) => makePooledClient(to, { ...one, connect }) }),
    allowH2: false,
    connections: limits.connectionsPerOrigin,
    headersTimeout: limits.headersTimeout,
    bodyTimeout: limits.bodyTimeout,
    maxHeaderSize: limits.headerBytes,
  });
}
