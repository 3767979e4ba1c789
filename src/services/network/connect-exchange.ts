/**
 * A connection that a realm asks for: `CONNECT tcp://host:port`, answered with 200 and two streams. The socket is made by the same connector
 * as all others, to permitted addresses only. A connection that may be encrypted later has a secret name, under which its realm asks for
 * that. Runs in a thread.
 *
 * Request headers: `secure-transport` (`off`, `on`, `starttls`), `start-tls` (that name), `server-name` (whom the certificate is for).
 * Response headers: `remote-address`, `local-address`, `start-tls`.
 */

import { randomUUID } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { buildConnector } from 'undici';
import { neutral } from '../../realm/neutral.ts';
import type { CallState, ErrorState, RequestState, SourceState } from '../../realm/prelude/state.ts';
import { makeError, NanodError } from '../../shared/errors.ts';
import type { ClientTls } from '../../shared/tls-options.ts';
import { ByteConnection } from '../connection/byte-connection.ts';
import { connectFailure, connectTimeout, tlsFailure } from './failures.ts';
import type { NetworkLimits } from './limits.ts';
import { makeSecureContext } from './secure-context.ts';
import type { Turns } from './turns.ts';

/** The open connections of one service. */
export class Connections {
  readonly #open = new Set<ByteConnection>();
  readonly #named = new Map<string, ByteConnection>();

  add(connection: ByteConnection): void {
    this.#open.add(connection);
  }

  /** Gives a connection a name that nobody can guess. */
  name(connection: ByteConnection): string {
    const name = randomUUID();
    this.#named.set(name, connection);
    return name;
  }

  /** The connection of a name, which it has no longer. */
  take(name: string): ByteConnection | undefined {
    const found = this.#named.get(name);
    this.#named.delete(name);
    return found;
  }

  remove(connection: ByteConnection, name: string): void {
    this.#open.delete(connection);
    this.#named.delete(name);
  }

  close(reason: ErrorState): void {
    for (const connection of this.#open) connection.abort(reason);
  }
}

export interface ConnectExchangeOptions {
  readonly connect: buildConnector.connector;
  readonly connections: Connections;
  readonly turns: Turns;
  readonly limits: NetworkLimits;
  readonly tls: ClientTls;
  /** The realm is not to know where connections lead: there is one server, whatever it asks for. */
  readonly isOpaque: boolean;
  /** Runs what calls the realm, as part of the request that the call belongs to. */
  readonly enter: (run: () => void) => void;
}

/** Whether the request asks for a connection. */
export function asksForConnection({ method }: RequestState): boolean {
  return method === 'CONNECT';
}

/** Settles its call at most once. */
export class ConnectExchange {
  readonly #options: ConnectExchangeOptions;
  readonly #request: RequestState;
  readonly #headers: ReadonlyMap<string, string>;
  /** Until it is settled. */
  #call: CallState | undefined;
  #server = '';
  #hostname = '';
  #port = '';
  #connection: ByteConnection | undefined;
  #gone: ErrorState | undefined;

  constructor(request: RequestState, call: CallState, options: ConnectExchangeOptions) {
    this.#options = options;
    this.#request = request;
    this.#call = call;
    this.#headers = parseHeaders(request.headers);
  }

  /** In a turn of its own. */
  start(): void {
    if (this.#gone !== undefined) return;
    const parts = /^tcp:\/\/(?<host>\[[\da-fA-F:.]+\]|[^\s:/@?#[\]]+):(?<port>\d{1,5})$/u.exec(
      this.#request.url,
    )?.groups;
    const { host = '', port = '' } = parts ?? {};
    this.#server = parts === undefined ? this.#request.url : `${host}:${port}`;
    this.#hostname = host.replace(/^\[(.*)\]$/u, '$1');
    this.#port = port;
    if (parts === undefined || Number(port) > 65_535 || Number(port) === 0)
      return this.#fail(
        makeError('NETWORK_REQUEST', { server: this.#server, reason: 'it is no host and port' }),
      );
    const name = this.#headers.get('start-tls');
    if (name === undefined) this.#connect();
    else void this.#upgrade(name);
  }

  /** The caller has given up. In a turn of its own. */
  abort(reason: ErrorState): void {
    this.#gone = reason;
    this.#call = undefined;
    this.#discardUpload(reason);
    this.#connection?.abort(reason);
  }

  #connect(): void {
    const target = { host: this.#server, hostname: this.#hostname, port: this.#port, protocol: 'http:' };
    this.#options.connect(target, (...[error, socket]) => {
      if (error !== null) return this.#fail(error);
      socket.allowHalfOpen = true;
      if (this.#headers.get('secure-transport') === 'on') this.#encrypt(socket);
      else this.#open(socket, socket);
    });
  }

  async #upgrade(name: string): Promise<void> {
    const socket = (await this.#options.connections.take(name)?.detach()) as Socket | undefined;
    if (socket !== undefined) return this.#encrypt(socket);
    const reason = 'the connection that was to be encrypted is gone';
    this.#fail(makeError('NETWORK_REQUEST', { server: this.#server, reason }));
  }

  #encrypt(socket: Socket): void {
    const { limits, tls } = this.#options;
    const host = this.#headers.get('server-name') ?? this.#hostname;
    const plain = host.endsWith('.') ? host.slice(0, -1) : host;
    const secure = connectTls({
      socket,
      host: plain,
      ...(isIP(plain) === 0 ? { servername: plain } : {}),
      secureContext: makeSecureContext(tls),
    });
    const late = setTimeout(() => {
      secure.destroy();
      this.#fail(connectTimeout(this.#server, limits));
    }, limits.connectTimeout);
    const failed = (error: Error): void => {
      clearTimeout(late);
      secure.destroy();
      this.#fail(tlsFailure(this.#server, error));
    };
    const closed = (): void => failed(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    secure.once('error', failed);
    secure.once('close', closed);
    secure.once('secureConnect', () => {
      clearTimeout(late);
      secure.off('error', failed).off('close', closed);
      this.#open(secure, socket);
    });
  }

  #open(socket: Socket | TLSSocket, { remoteAddress, remotePort, localAddress, localPort }: Socket): void {
    const call = this.#call;
    if (call === undefined) {
      socket.destroy();
      return;
    }
    const { turns, enter, connections, isOpaque } = this.#options;
    let name = '';
    const onClosed = (): void => connections.remove(connection, name);
    const connection = new ByteConnection(socket, { turns, enter, onClosed });
    this.#connection = connection;
    connections.add(connection);
    if (this.#headers.get('secure-transport') === 'starttls') name = connections.name(connection);
    connection.send(this.#takeUpload());
    const headers =
      (isOpaque
        ? `remote-address\n${this.#server}\nlocal-address\n\n`
        : `remote-address\n${authority(remoteAddress, remotePort)}\nlocal-address\n${authority(localAddress, localPort)}\n`) +
      (name === '' ? '' : `start-tls\n${name}\n`);
    const response = neutral.response(200, '', headers, neutral.streamBody(connection.incoming, -1));
    this.#call = undefined;
    turns.run(() => enter(() => call.settle(call, response, undefined)));
  }

  #fail(error: Error): void {
    const call = this.#call;
    this.#call = undefined;
    if (call === undefined) return;
    const known =
      error instanceof NanodError ? error : connectFailure(this.#server, error, this.#options.limits);
    const state = neutral.error('error', 'Error', `connect failed: ${known.message}`, '', known.code);
    this.#options.turns.run(() => {
      this.#discardUpload(state);
      this.#options.enter(() => call.settle(call, undefined, state));
    });
  }

  #isTaken = false;

  #takeUpload(): SourceState | undefined {
    this.#isTaken = true;
    const { body } = this.#request;
    return typeof body === 'object' ? body.source : undefined;
  }

  #discardUpload(reason: ErrorState): void {
    if (this.#isTaken) return;
    const source = this.#takeUpload();
    this.#options.enter(() => source?.cancel(reason));
  }
}

function authority(address = '', port = 0): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

function parseHeaders(headers: string): ReadonlyMap<string, string> {
  const lines = headers.split('\n');
  const fields = new Map<string, string>();
  for (let i = 0; i + 1 < lines.length; i += 2) fields.set(lines[i] as string, lines[i + 1] as string);
  return fields;
}
