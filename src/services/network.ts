/**
 * The `network` kind: a network, or as much of it as `allow` and `deny` permit, for requests to whichever server their URL names. The
 * implicit service `internet`, which global `fetch` leaves through, is one that permits public addresses only. Runs in a thread; its
 * connections are shared by all realms of the thread.
 *
 * One call is one exchange: redirects are followed by the realm that called, so that each hop is checked like any other request.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { Agent, type buildConnector, type Dispatcher } from 'undici';
import { neutral } from '../realm/neutral.ts';
import type { CallState, RequestState } from '../realm/prelude/state.ts';
import type { NanodError } from '../shared/errors.ts';
import { makeAddressFilter } from '../shared/addresses/address-filter.ts';
import { type Lookup, makeConnector, systemLookup } from './network/connector.ts';
import { Exchange, type ExchangeOptions } from './network/exchange.ts';
import { defaultLimits, type NetworkLimits } from './network/limits.ts';
import { Turns } from './network/turns.ts';
import {
  asksForWebSocket,
  WebSocketExchange,
  type WebSocketExchangeOptions,
} from './network/web-socket-exchange.ts';
import { Wires } from './web-socket/wires.ts';

export interface NetworkOptions {
  /** CIDR blocks and words; see shared/addresses/address-filter.ts. */
  readonly allow: readonly string[];
  readonly deny?: readonly string[];
  /** Certificates in PEM that are trusted in place of the public ones. */
  readonly trustedCertificates?: readonly string[];
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
  /** Ends every exchange under way. */
  close(): Promise<void>;
}

const tooDeep = neutral.error(
  'error',
  'TypeError',
  'fetch failed: the call stack is full',
  '',
  'NETWORK_REQUEST',
);

/** Throws the table's CONFIG errors for a rule that is none. */
export function makeNetworkService(options: NetworkOptions): NetworkService {
  const limits = Object.freeze({ ...defaultLimits, ...options.limits });
  const onRefused = options.onRefused ?? (() => undefined);
  const connect = connectorOf(options, limits, onRefused);
  const dispatcher = options.dispatcher ?? makeAgent(connect, limits);
  const wires = new Wires();
  const shared = { connect, dispatcher, limits, onRefused, wires, turns: new Turns() };
  return Object.freeze({
    kind: 'network',
    fetch(request: RequestState, call: CallState) {
      try {
        begin(request, call, shared);
      } catch {
        // Only stack overflow gets here. Where it gets the better of this as well, the guard of the caller answers.
        call.settle(call, undefined, tooDeep);
      }
    },
    async close() {
      await Promise.all([dispatcher.destroy(), wires.close()]);
    },
  } satisfies NetworkService);
}

function begin(
  request: RequestState,
  call: CallState,
  shared: Omit<ExchangeOptions & WebSocketExchangeOptions, 'enter'>,
): void {
  const { turns } = shared;
  const given = { ...shared, enter: AsyncLocalStorage.snapshot() };
  const exchange = asksForWebSocket(request)
    ? new WebSocketExchange(request, call, given)
    : new Exchange(request, call, given);
  const { aborted } = call;
  if (aborted !== undefined) {
    turns.run(() => exchange.abort(aborted));
    return;
  }
  const others = call.onAbort;
  call.onAbort = (reason) => {
    turns.run(() => exchange.abort(reason));
    others?.(reason);
  };
  turns.run(() => exchange.start());
}

function connectorOf(
  options: NetworkOptions,
  limits: NetworkLimits,
  onRefused: (error: NanodError) => void,
): buildConnector.connector {
  const filter = makeAddressFilter({ allow: options.allow, deny: options.deny ?? [] });
  const { lookup = systemLookup, trustedCertificates } = options;
  return makeConnector({ filter, lookup, limits, trustedCertificates, onRefused });
}

function makeAgent(connect: buildConnector.connector, limits: NetworkLimits): Dispatcher {
  return new Agent({
    connect,
    allowH2: false,
    connections: limits.connectionsPerOrigin,
    headersTimeout: limits.headersTimeout,
    bodyTimeout: limits.bodyTimeout,
    maxHeaderSize: limits.headerBytes,
  });
}
