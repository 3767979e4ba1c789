/**
 * Takes the calls of realms, and makes an exchange of each. What a network and a server of its own have in common. Runs in a thread.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { buildConnector, Dispatcher } from 'undici';
import { neutral } from '../../realm/neutral.ts';
import type { CallState, RequestState } from '../../realm/prelude/state.ts';
import type { ClientTls } from '../../shared/tls-options.ts';
import type { HealthRecord, ServiceHealth } from '../health.ts';
import { Wires } from '../web-socket/wires.ts';
import {
  asksForConnection,
  ConnectExchange,
  type ConnectExchangeOptions,
  Connections,
} from './connect-exchange.ts';
import { Exchange } from './exchange.ts';
import type { NetworkLimits } from './limits.ts';
import type { Route } from './route.ts';
import { Turns } from './turns.ts';
import { asksForWebSocket, WebSocketExchange, type WebSocketExchangeOptions } from './web-socket-exchange.ts';

export interface ExchangesOptions {
  /** For WebSockets, each of which has a connection of its own. */
  readonly connect: buildConnector.connector;
  readonly dispatcher: Dispatcher;
  readonly limits: NetworkLimits;
  readonly route: Route;
  readonly health: HealthRecord;
  /** For connections that are encrypted at the realm's wish. */
  readonly tls: ClientTls;
  /** Where `connect()` leads: to the address that a realm names, to the one server, or nowhere. */
  readonly connects: 'anywhere' | 'here' | 'nowhere';
}

export interface Exchanges {
  /** Sends a request and settles the call. Throws nothing but near stack overflow; takes over the request's body. */
  fetch(request: RequestState, call: CallState): void;
  health(): ServiceHealth;
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

const closed = neutral.error('domexception', 'AbortError', 'The service is closed.', '', '');

export function makeExchanges(options: ExchangesOptions): Exchanges {
  const connections = new Connections();
  const isOpaque = options.connects === 'here';
  const shared = { ...options, connections, isOpaque, wires: new Wires(), turns: new Turns() };
  return {
    fetch(request, call) {
      try {
        begin(request, call, shared);
      } catch {
        // Only stack overflow gets here. Where it gets the better of this as well, the guard of the caller answers.
        call.settle(call, undefined, tooDeep);
      }
    },
    health: () => options.health.read(),
    async close() {
      connections.close(closed);
      await Promise.all([options.dispatcher.destroy(), shared.wires.close()]);
    },
  };
}

function begin(
  request: RequestState,
  call: CallState,
  shared: ExchangesOptions & Omit<ConnectExchangeOptions & WebSocketExchangeOptions, 'enter'>,
): void {
  const { turns } = shared;
  const given = { ...shared, enter: AsyncLocalStorage.snapshot() };
  const exchange =
    shared.connects !== 'nowhere' && asksForConnection(request)
      ? new ConnectExchange(request, call, given)
      : asksForWebSocket(request)
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
