/** HTTP clients of tests that show the wire: whole connections, and requests whose parts the test sends when it wants. */

import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Test } from 'tap';

/** A connection on which nothing happens for this long is closed, in milliseconds: no test hangs. */
const patience = 20_000;

/** A connection, and everything that came over it. */
export class RawConnection {
  readonly socket: Socket;
  /** Bytes as latin1 text. */
  received = '';
  /** Resolves when the other side has closed, in whatever way. */
  readonly closed: Promise<void>;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => (this.received += text));
    socket.on('error', () => {}); // a reset is a close like any other
    socket.setTimeout(patience, () => socket.destroy());
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Resolves with the first match in what has come. Rejects if the connection is closed before there is one. */
  async until(pattern: RegExp | string): Promise<string> {
    for (;;) {
      const found =
        typeof pattern === 'string' ? this.received.includes(pattern) : pattern.test(this.received);
      if (found) return this.received;
      const isClosed = await Promise.race([
        this.closed.then(() => true),
        once(this.socket, 'data').then(() => false),
      ]);
      const late =
        typeof pattern === 'string' ? this.received.includes(pattern) : pattern.test(this.received);
      if (isClosed && !late) throw new Error(`closed before ${String(pattern)} came:\n${this.received}`);
    }
  }
}

/** Connects; the connection is closed with the test. */
export async function openRaw(t: Test, port: number): Promise<RawConnection> {
  const socket = connect({ port, host: '127.0.0.1' });
  t.teardown(() => socket.destroy());
  const connection = new RawConnection(socket);
  await once(socket, 'connect');
  return connection;
}

/** Sends one text over a connection of its own, and resolves with all that comes until the other side closes. */
export async function exchangeRaw(t: Test, port: number, text: string): Promise<string> {
  const connection = await openRaw(t, port);
  connection.send(text);
  await connection.closed;
  return connection.received;
}

/** A response taken apart: status line, headers in order (names in lower case), and what follows. */
export interface RawResponse {
  readonly statusLine: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

export function parseRaw(text: string): RawResponse {
  const end = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { statusLine, headers, body: text.slice(end + 4) };
}

/** The values of a header, in order. */
export function valuesOf({ headers }: RawResponse, name: string): string[] {
  return headers.filter(([each]) => each === name).map(([, value]) => value);
}
