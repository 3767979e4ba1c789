/** WebSocket servers and clients of tests, which wait for nothing but events. */

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws';

/** A server on 127.0.0.1, closed with the test. Echoes unless `onConnection` says otherwise. */
export async function webSocketServer(
  t: Test,
  onConnection: (socket: WebSocket, request: IncomingMessage) => void = echo,
): Promise<{ readonly port: number; readonly url: string; readonly server: WebSocketServer }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: true });
  server.on('connection', onConnection);
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `ws://127.0.0.1:${port}/`, server };
}

export function echo(socket: WebSocket): void {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
}

/** A client, and what it has received. */
export interface Client {
  readonly socket: WebSocket;
  /** Of the 101 response, names in lower case. */
  readonly headers: IncomingMessage['headers'];
  /** The next message: text, or bytes. Rejects if the connection closes before. */
  next(): Promise<string | Buffer>;
  /** How the connection has ended. */
  readonly closed: Promise<readonly [code: number, reason: string]>;
}

/** Connects; the connection is broken off with the test. Rejects where there is no handshake. */
export async function openWebSocket(
  t: Test,
  url: string,
  { protocols = [], ...options }: ClientOptions & { readonly protocols?: string[] } = {},
): Promise<Client> {
  const socket = new WebSocket(url, protocols, options);
  t.teardown(() => socket.terminate());
  const inbox: (string | Buffer)[] = [];
  let wake = (): void => undefined;
  socket.on('message', (data: Buffer, isBinary) => {
    inbox.push(isBinary ? data : data.toString());
    wake();
  });
  let isClosed = false;
  const closed = new Promise<readonly [number, string]>((resolve) => {
    socket.on('close', (code, reason) => {
      isClosed = true;
      resolve([code, reason.toString()]);
      wake();
    });
  });
  const upgraded = once(socket, 'upgrade') as Promise<[IncomingMessage]>;
  await once(socket, 'open');
  const [{ headers }] = await upgraded;
  return {
    socket,
    headers,
    closed,
    async next() {
      while (inbox.length === 0) {
        if (isClosed) throw new Error('closed before a message came');
        await new Promise<void>((resolve) => (wake = resolve));
      }
      return inbox.shift() as string | Buffer;
    },
  };
}

/** What a server answers in place of a handshake. */
export async function refusedWebSocket(
  t: Test,
  url: string,
): Promise<{ readonly status: number; readonly text: string; readonly headers: IncomingMessage['headers'] }> {
  const socket = new WebSocket(url);
  socket.on('error', () => undefined); // it never opens
  t.teardown(() => socket.terminate());
  const [, message] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  let text = '';
  for await (const chunk of message) text += String(chunk);
  return { status: message.statusCode ?? 0, text, headers: message.headers };
}
