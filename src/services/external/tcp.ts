/**
 * A server of its own that speaks something else than HTTP: what `connect()` of a worker reaches. Runs in a thread.
 *
 * For the host half of `connect()`: `open` gives a `Socket` of Node.js to the configured address, a `TLSSocket` where the configuration
 * speaks TLS, which has been verified by then. It is the caller's, who listens to its `error` and destroys it. The address that a worker
 * gives to `connect()` counts for nothing here: there is one way.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { HealthRecord } from '../health.ts';
import { makeConnections, type ConnectionOptionsOfServer, type Opened } from './connection.ts';

export interface TcpServer {
  /**
   * Opens one connection. `onOpened` is called once, in a turn of its own and in the asynchronous context of the caller, unless what is
   * returned has been called before: that gives up. Errors are NETWORK_UNREACHABLE, NETWORK_TIMEOUT and NETWORK_TLS.
   */
  open(onOpened: (...opened: Opened) => void): () => void;
}

/** Throws for what is no PEM. */
export function makeTcpServer(options: ConnectionOptionsOfServer, health: HealthRecord): TcpServer {
  const openConnection = makeConnections(options);
  return {
    open(onOpened) {
      const enter = AsyncLocalStorage.snapshot();
      const sent = health.now();
      return openConnection((...opened) => {
        if (opened[0] === null) health.answered(sent);
        else health.failed(opened[0]);
        enter(() => onOpened(...opened));
      });
    },
  };
}
