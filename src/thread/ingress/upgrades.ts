/** The connections of clients that asked for a WebSocket: from the upgrade request on, Node.js itself knows nothing of them any more. */

import type { IncomingMessage, ServerResponse as HttpResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type * as Ws from 'ws';
import type { ResponseState, WebSocketState } from '../../realm/prelude/state.ts';
import { type WireEvents, wireOptions } from '../../services/web-socket/wire.ts';
import { Wires } from '../../services/web-socket/wires.ts';
import { http } from '../../shared/node-http.ts';
import { hasBody, isHopByHop } from './request-state.ts';

const { ServerResponse } = http();
const load = createRequire(import.meta.url);
let ws: typeof Ws | undefined;

/** An upgrade request that is not answered yet. */
export interface Upgrade {
  readonly message: IncomingMessage;
  readonly socket: Duplex;
  /** What came behind the request. */
  readonly head: Buffer;
}

/** https://www.rfc-editor.org/rfc/rfc9110#name-connection: a connection that is idle for long may be dead without anybody knowing. */
const keepAliveDelay = 60_000;

const validKey = /^[+/0-9A-Za-z]{22}==$/u;

/**
 * Whether a request is a complete handshake. Everything else that asks for an upgrade gets what it would get without.
 * https://www.rfc-editor.org/rfc/rfc6455#section-4.2.1
 */
export function isHandshake(message: IncomingMessage): boolean {
  const { headers, method } = message;
  return (
    method === 'GET' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    headers['sec-websocket-version'] === '13' &&
    validKey.test(headers['sec-websocket-key'] ?? '') &&
    !hasBody(message)
  );
}

export class Upgrades {
  readonly #sockets = new Set<Duplex>();
  readonly #wires = new Wires();
  /** What leaves a socket to the WebSocket that it becomes. */
  readonly #releases = new WeakMap<Duplex, () => void>();

  /** The response of a request that Node.js has left to us: an ordinary one ends the connection. */
  respond({ message, socket }: Upgrade): HttpResponse {
    // Here, where the stack is empty, and not when a worker answers: what is cut short while it is loaded may never be whole again.
    ws ??= load('ws') as typeof Ws;
    const out = new ServerResponse(message);
    out.shouldKeepAlive = false;
    out.assignSocket(socket as Socket);
    const destroy = (): void => void socket.destroy();
    const drain = (): void => void out.emit('drain');
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', destroy);
    socket.on('end', destroy); // nobody waits for the answer
    socket.on('drain', drain);
    out.once('finish', () => (socket as Socket).destroySoon());
    this.#releases.set(socket, () => socket.off('end', destroy).off('drain', drain));
    return out;
  }

  /**
   * Completes the handshake, and couples the connection with the worker's end. Throws where a header cannot be sent. `onClosed`: the
   * connection is gone, or never came to be.
   */
  accept(
    { message, socket, head }: Upgrade,
    { headers, webSocket }: ResponseState,
    { onFault, onClosed }: WireEvents,
  ): void {
    const fields = handshakeFields(headers);
    this.#releases.get(socket)?.();
    const connection = shakeHands({ message, socket, head }, fields);
    const end = webSocket as WebSocketState;
    if (connection === undefined) {
      end.drop(1006, '');
      onClosed();
      return;
    }
    (socket as Socket).setKeepAlive(true, keepAliveDelay);
    this.#wires.add(connection, end, { onFault, onClosed });
  }

  /** Completes the handshake for the host itself. Undefined where the client has gone, or what it asked for is malformed. */
  take(upgrade: Upgrade, protocol: string, maxPayload: number): WebSocket | undefined {
    this.#releases.get(upgrade.socket)?.();
    const connection = shakeHands(upgrade, { lines: [], protocol }, maxPayload);
    if (connection !== undefined) (upgrade.socket as Socket).setKeepAlive(true, keepAliveDelay);
    return connection;
  }

  /** Asks every client to close its WebSocket, and those that come late as well. */
  closeAll(): void {
    this.#wires.closeSoon();
  }

  /** Cuts off what is left. */
  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

interface HandshakeFields {
  /** Lines to send. */
  readonly lines: readonly string[];
  readonly protocol: string | undefined;
}

/** What the `ws` package writes itself, or must not be there. */
const ownFields: ReadonlySet<string> = new Set([
  'content-length',
  'sec-websocket-accept',
  'sec-websocket-extensions',
  'sec-websocket-key',
  'sec-websocket-protocol',
  'sec-websocket-version',
]);

const sendable = /^[\t\x20-\x7e\x80-\xff]*$/u;

/** Of a header list in crossing form. */
function handshakeFields(headers: string): HandshakeFields {
  const lines: string[] = [];
  let protocol: string | undefined;
  const parts = headers.split('\n');
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const [name = '', value = ''] = [parts[i], parts[i + 1]];
    if (!sendable.test(value)) throw new TypeError(`Invalid character in header content ["${name}"]`);
    if (name === 'sec-websocket-protocol') protocol ??= value;
    if (!ownFields.has(name) && !isHopByHop(name)) lines.push(`${name}: ${value}`);
  }
  return { lines, protocol };
}

/** Undefined where the client has gone, or what it asked for is malformed; then it has been told. */
function shakeHands(
  { message, socket, head }: Upgrade,
  { lines, protocol }: HandshakeFields,
  maxPayload = wireOptions.maxPayload,
): WebSocket | undefined {
  const { WebSocketServer } = ws as typeof Ws;
  const server = new WebSocketServer({
    ...wireOptions,
    maxPayload,
    noServer: true,
    clientTracking: false,
    handleProtocols: (asked) => (protocol !== undefined && asked.has(protocol) ? protocol : false),
  });
  server.on('headers', (list: string[]) => {
    for (const line of lines) list.push(line);
  });
  let connection: WebSocket | undefined;
  server.handleUpgrade(message, socket, head, (opened) => (connection = opened));
  return connection;
}
