/**
 * The client of one pooled connection, which knows what undici does not tell: that a request was lost because the server closed a
 * connection that had been kept for it, before a byte of the answer came. Such a request was, as a rule, never looked at. Runs in a
 * thread.
 */

import type { Socket } from 'node:net';
import { type buildConnector, Client, type Dispatcher } from 'undici';
import { StaleConnection } from './stale-connection.ts';

/** For the `factory` option of a pool whose `connect` option is a connector. */
export function makePooledClient(
  origin: string | URL,
  { connect, ...options }: Client.Options & { readonly connect: buildConnector.connector },
): Client {
  return new PooledClient(origin, options, connect);
}

class PooledClient extends Client {
  /** A client has one connection at a time. */
  readonly #connection: { socket: Socket | undefined };

  constructor(origin: string | URL, options: Client.Options, connect: buildConnector.connector) {
    const connection: { socket: Socket | undefined } = { socket: undefined };
    super(origin, {
      ...options,
      connect(target, callback) {
        connect(target, (...outcome) => {
          connection.socket = outcome[1] ?? undefined;
          callback(...outcome);
        });
      },
    });
    this.#connection = connection;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    return super.dispatch(options, new Watch(handler, () => this.#connection.socket));
  }
}

const closedCodes: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/** Hands everything on, and names the loss. */
class Watch implements Dispatcher.DispatchHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #current: () => Socket | undefined;
  #socket: Socket | undefined;
  /** Of the connection when the request was sent. Above 0, it has carried an answer before. */
  #received = 0;

  constructor(handler: Dispatcher.DispatchHandler, current: () => Socket | undefined) {
    this.#handler = handler;
    this.#current = current;
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    this.#socket = this.#current();
    this.#received = this.#socket?.bytesRead ?? 0;
    this.#handler.onRequestStart?.(controller, context);
  }

  onResponseStart(...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>): void {
    this.#handler.onResponseStart?.(...args);
  }

  onResponseData(...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseData']>>): void {
    this.#handler.onResponseData?.(...args);
  }

  onResponseEnd(...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseEnd']>>): void {
    this.#handler.onResponseEnd?.(...args);
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error): void {
    this.#handler.onResponseError?.(controller, this.#isStale(error) ? new StaleConnection(error) : error);
  }

  #isStale(error: Error): boolean {
    const isClosed = 'code' in error && typeof error.code === 'string' && closedCodes.has(error.code);
    return isClosed && this.#received > 0 && this.#socket?.bytesRead === this.#received;
  }
}
