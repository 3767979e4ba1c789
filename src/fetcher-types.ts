/** The type of a binding. Types only. */

import type { Socket, SocketAddress, SocketOptions } from './socket-types.ts';

/** A binding to another service: `env.NAME`. */
export interface Fetcher {
  /** Calls the service. Its host is whatever the URL says: the binding alone decides who answers. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Opens a connection to the service. What the address says is for the service: the binding alone decides who answers. */
  connect(address: string | SocketAddress, options?: SocketOptions): Socket;
}
