/** Connections that stop taking anything. */

import type { Socket } from 'node:net';
import t from 'tap';
import type { WebSocket } from 'ws';
import { neutral } from '../../src/realm/neutral.ts';
import { Wire } from '../../src/services/web-socket/wire.ts';
import { openWebSocket, webSocketServer } from '../helpers/web-socket.ts';

t.test('a client that takes nothing for too long is cut off', async (t) => {
  const connected = Promise.withResolvers<WebSocket>();
  const { url } = await webSocketServer(t, (socket) => connected.resolve(socket));
  const { socket } = await openWebSocket(t, url, { perMessageDeflate: false });
  (socket as unknown as { _socket: Socket })._socket.pause();
  const { first, second } = neutral.webSocketPair();
  const gone = Promise.withResolvers<void>();
  const events = { onFault: () => undefined, onClosed: () => gone.resolve() };
  new Wire(await connected.promise, first, events, { stallTimeout: 50 });
  const closed = Promise.withResolvers<unknown>();
  second.open({
    message: () => true,
    closed: (...closing) => closed.resolve(closing),
    taken: undefined,
  });
  for (let i = 0; i < 15; i++) second.send(undefined, new ArrayBuffer(1024 * 1024));
  second.close(1000, '');
  await gone.promise;
  t.strictSame(await closed.promise, [1006, '', false]);
  t.ok(second.buffered() < 15 * 1024 * 1024);
});
