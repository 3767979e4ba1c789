/** WebSockets of a worker to servers outside, through a network service. */

import type { Socket } from 'node:net';
import t, { type Test } from 'tap';
import { makeNetworkService, type NetworkOptions } from '../../src/services/network.ts';
import { makeTarget } from '../../src/services/service.ts';
import { fetchError, httpServer, networkService, startCall } from '../helpers/exchange.ts';
import { evaluate } from '../helpers/realm.ts';
import { webSocketServer } from '../helpers/web-socket.ts';

/** Runs worker code whose global fetch leaves through a network service. */
function run(t: Test, options: NetworkOptions, code: string): Promise<unknown> {
  const service = networkService(t, options);
  return evaluate(code, { targets: [makeTarget((request, call) => service.fetch(request, call))] });
}

const loopback = { allow: ['local'] };

/** Resolves with what happens to a socket, until it is closed. */
const record = `
  const record = (ws) => new Promise((resolve) => {
    const log = [];
    ws.onopen = () => log.push(['open', ws.readyState]);
    ws.onmessage = async ({ data, origin }) => {
      log.push([typeof data === 'string' ? data : data instanceof Blob ? 'blob' : [...new Uint8Array(data)].join(), origin]);
    };
    ws.onerror = (event) => log.push([event.constructor.name, event.message]);
    ws.onclose = ({ code, reason, wasClean }) => resolve([...log, [code, reason, wasClean, ws.readyState]]);
  });`;

t.test('new WebSocket: messages both ways, and a close', async (t) => {
  const { url } = await webSocketServer(t);
  const outcome = await run(
    t,
    loopback,
    `${record}
    const ws = new WebSocket('${url.replace('ws:', 'http:')}path');
    const before = [ws.readyState, ws.url, ws.protocol, ws.extensions, ws.binaryType, ws.bufferedAmount];
    const closed = record(ws);
    await new Promise((resolve) => ws.addEventListener('open', resolve));
    ws.send('äöü');
    ws.send(new Blob(['blob']));
    ws.send(new Uint8Array([9, 1, 2, 3]).subarray(1));
    const sent = ws.bufferedAmount;
    await new Promise((resolve) => {
      let count = 0;
      ws.addEventListener('message', () => {
        ws.binaryType = 'arraybuffer';
        if (++count === 3) resolve();
      });
    });
    const left = ws.bufferedAmount;
    ws.close(3001, 'enough');
    return [before, sent, left, await closed];`,
  );
  const origin = url.slice(0, -1);
  t.strictSame(outcome, [
    [0, `${url}path`, '', '', 'blob', 0],
    13,
    0,
    [
      ['open', 1],
      ['äöü', origin],
      ['98,108,111,98', origin],
      ['1,2,3', origin],
      [3001, 'enough', true, 3],
    ],
  ]);
});

t.test('a close of the server arrives with its code, and one without a code as 1005', async (t) => {
  const { url } = await webSocketServer(t, (socket, { url }) => {
    if (url === '/code') socket.close(4000, 'because');
    else if (url === '/lost') (socket as unknown as { _socket: Socket })._socket.destroy();
    else socket.close();
  });
  const outcome = await run(
    t,
    loopback,
    `${record}
    const of = async (path) => (await record(new WebSocket('${url}' + path))).at(-1);
    return [await of('code'), await of('bare'), await of('lost')];`,
  );
  t.strictSame(outcome, [
    [4000, 'because', true, 3],
    [1005, '', true, 3],
    [1006, '', false, 3],
  ]);
});

t.test('subprotocols: the one that the server chooses, or a failure', async (t) => {
  const { url, server } = await webSocketServer(t);
  server.options.handleProtocols = (asked) => (asked.has('b') ? 'b' : false);
  const outcome = await run(
    t,
    loopback,
    `${record}
    const ws = new WebSocket('${url}', ['a', 'b']);
    await new Promise((resolve) => (ws.onopen = resolve));
    const chosen = ws.protocol;
    ws.close();
    return [chosen, await record(new WebSocket('${url}', 'c'))];`,
  );
  t.match(outcome, [
    'b',
    [
      ['ErrorEvent', /Server sent no subprotocol/],
      [1006, '', false, 3],
    ],
  ]);
});

t.test('fetch with "Upgrade: websocket" gives a response with a WebSocket', async (t) => {
  const { url } = await webSocketServer(t, (socket, request) => {
    socket.send(String(request.headers['x-token']));
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  const outcome = await run(
    t,
    loopback,
    `const response = await fetch('${url.replace('ws:', 'http:')}', { headers: { Upgrade: 'websocket', 'X-Token': 'secret' } });
    const { webSocket } = response;
    const early = [];
    for (const call of [() => webSocket.send('x'), () => webSocket.close()]) {
      try { call(); } catch (error) { early.push(error.name); }
    }
    const messages = [];
    const closed = new Promise((resolve) => {
      webSocket.addEventListener('message', ({ data }) => {
        messages.push(typeof data === 'string' ? data : data.byteLength);
        if (messages.length === 3) webSocket.close(1001, 'bye');
      });
      webSocket.addEventListener('close', ({ code, reason, wasClean }) => resolve([code, reason, wasClean]));
    });
    webSocket.accept();
    webSocket.send('text');
    webSocket.send(new ArrayBuffer(3));
    return [response.status, response.webSocket === webSocket, response.headers.has('sec-websocket-accept'), early, await closed, messages];`,
  );
  t.strictSame(outcome, [
    101,
    true,
    true,
    ['TypeError', 'TypeError'],
    [1001, 'bye', true],
    ['secret', 'text', 3],
  ]);
});

t.test('a server that wants no WebSocket: a response for fetch, a failure for new WebSocket', async (t) => {
  const { url } = await httpServer(t, (request, response) => {
    if (request.url === '/redirect') response.writeHead(302, { location: '/' }).end();
    else response.writeHead(403, { 'x-reason': 'none' }).end('no entry');
  });
  const outcome = await run(
    t,
    loopback,
    `${record}
    const upgrade = { headers: { upgrade: 'websocket' } };
    const response = await fetch('${url}/', upgrade);
    const redirected = await fetch('${url}/redirect', upgrade);
    return [
      [response.status, response.webSocket, response.headers.get('x-reason'), await response.text()],
      [redirected.status, redirected.redirected, await redirected.text()],
      await record(new WebSocket('${url}/')),
      await record(new WebSocket('${url}/redirect')),
    ];`,
  );
  const failure = (status: number): unknown => [
    ['ErrorEvent', `The server answered with status ${status} in place of a WebSocket.`],
    [1006, '', false, 3],
  ];
  t.strictSame(outcome, [
    [403, null, 'none', 'no entry'],
    [403, true, 'no entry'],
    failure(403),
    failure(302),
  ]);
});

t.test('the address rules are those of fetch', async (t) => {
  const { port } = await webSocketServer(t, () => t.fail('somebody came'));
  const refused: string[] = [];
  const service = networkService(t, { allow: ['public'], onRefused: (error) => refused.push(error.code) });
  const hosts = ['127.0.0.1', 'localhost.', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', '2130706433'];
  for (const host of hosts) {
    const error = await fetchError(service, `http://${host}:${port}/`, { headers: ['upgrade', 'websocket'] });
    t.equal(error.code, 'NETWORK_REFUSED', host);
    t.match(error.message, /a loopback address/u);
  }
  const bad = await fetchError(service, 'http://93.184.216.34:25/', { headers: ['upgrade', 'websocket'] });
  t.equal(bad.code, 'NETWORK_REFUSED');
  t.equal(refused.length, hosts.length + 1);
});

t.test('a name is looked up once, and what it leads to is what is connected to', async (t) => {
  const { port } = await webSocketServer(t);
  const asked: string[] = [];
  const service = networkService(t, {
    allow: ['127.0.0.1/32'],
    lookup: (name, callback) => {
      asked.push(name);
      callback(null, [{ address: asked.length === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }]);
    },
  });
  const url = `http://rebinding.example:${port}/`;
  const { outcome } = startCall(service, url, { headers: ['upgrade', 'websocket'] });
  const { response } = await outcome;
  t.equal(response?.status, 101);
  t.strictSame(asked, ['rebinding.example']);
  response?.webSocket?.drop(1006, '');
});

t.test('an abort during the handshake breaks it off', async (t) => {
  const connected = Promise.withResolvers<Socket>();
  const { url, server } = await httpServer(t, () => t.fail('an ordinary request came'));
  server.on('upgrade', (_request, socket) => connected.resolve(socket as Socket));
  const service = networkService(t, loopback);
  const call = startCall(service, url, { headers: ['upgrade', 'websocket'] });
  const socket = await connected.promise;
  const closed = new Promise((resolve) => socket.once('end', resolve));
  socket.on('error', () => {});
  socket.resume();
  call.abort();
  await closed;
  t.equal(call.settled(), 0);
});

t.test('a WebSocket that is closed before it is connected fails', async (t) => {
  const { url } = await webSocketServer(t);
  const outcome = await run(
    t,
    loopback,
    `${record}
    const at = async (wait) => {
      const ws = new WebSocket('${url}');
      const closed = record(ws);
      if (wait) await new Promise((resolve) => setTimeout(resolve, 0));
      const before = ws.readyState;
      ws.close();
      return [before, ws.readyState, (await closed).at(-1)];
    };
    return [await at(false)];`,
  );
  t.strictSame(outcome, [[0, 2, [1006, '', false, 3]]]);
});

t.test('what the server should not say fails the connection', async (t) => {
  const { url, server } = await httpServer(t, (_request, response) => response.end());
  server.on('upgrade', (_request, socket) => {
    socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n');
  });
  const service = networkService(t, loopback);
  const error = await fetchError(service, url, { headers: ['upgrade', 'websocket'] });
  t.equal(error.code, 'NETWORK_ANSWER');
  t.match(error.message, /Invalid Sec-WebSocket-Accept/u);
  const unsent = await fetchError(service, url, {
    headers: ['upgrade', 'websocket', 'sec-websocket-protocol', 'a b'],
  });
  t.equal(unsent.code, 'NETWORK_REQUEST');
});

t.test('a message that is too long closes the connection', async (t) => {
  const { promise, resolve } = Promise.withResolvers<number>();
  const { url } = await webSocketServer(t, (socket) => {
    socket.on('close', resolve);
    socket.send(Buffer.alloc(16 * 1024 * 1024 + 1));
  });
  const outcome = await run(t, loopback, `${record} return (await record(new WebSocket('${url}'))).at(-1);`);
  t.strictSame(outcome, [1006, '', false, 3]);
  t.equal(await promise, 1009);
});

t.test('a service that closes says goodbye to its servers', async (t) => {
  const { promise, resolve } = Promise.withResolvers<number>();
  const { url } = await webSocketServer(t, (socket) => socket.on('close', resolve));
  const service = makeNetworkService(loopback);
  const { response } = await startCall(service, url.replace('ws:', 'http:'), {
    headers: ['upgrade', 'websocket'],
  }).outcome;
  t.equal(response?.status, 101);
  await service.close();
  t.equal(await promise, 1001);
});

t.test('nobody reads: the server has to wait, and nothing is lost', async (t) => {
  const chunk = Buffer.alloc(64 * 1024, 1);
  const tooMany = 4000;
  const full = Promise.withResolvers<number>();
  const { url } = await webSocketServer(t, (socket, request) => {
    if (request.url === '/full') return void full.promise.then((sent) => socket.send(String(sent)));
    let sent = 0;
    const fill = (): void => {
      socket.send(chunk);
      if (++sent === tooMany || socket.bufferedAmount > 4 * 1024 * 1024) full.resolve(sent);
      else setImmediate(fill);
    };
    fill();
  });
  const outcome = await run(
    t,
    loopback,
    `const { webSocket } = await fetch('${url.replace('ws:', 'http:')}', { headers: { upgrade: 'websocket' } });
    const full = new WebSocket('${url}full');
    const sent = Number(await new Promise((resolve) => (full.onmessage = ({ data }) => resolve(data))));
    full.close();
    return new Promise((resolve) => {
      let count = 0;
      webSocket.addEventListener('message', () => ++count === sent && resolve(count));
      webSocket.accept();
    });`,
  );
  t.equal(outcome, await full.promise);
  t.ok(Number(outcome) < tooMany);
});
