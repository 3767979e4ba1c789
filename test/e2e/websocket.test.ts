/** WebSockets of real clients: through the ingress to a worker, and through it to others on either route. */

import { once } from 'node:events';
import t, { type Test } from 'tap';
import { WebSocket } from 'ws';
import { openRaw } from '../helpers/http.ts';
import { type Deployment, type Nanod, serve, single } from '../helpers/nanod.ts';
import { openWebSocket, refusedWebSocket } from '../helpers/web-socket.ts';

const WORKER = `
const accept = (listen, init) => {
  const [client, server] = Object.values(new WebSocketPair());
  server.accept();
  listen(server);
  return new Response(null, { status: 101, webSocket: client, ...init });
};

const routes = {
  echo: () => accept((server) => {
    server.addEventListener('message', ({ data }) => server.send(data));
    server.addEventListener('close', ({ code, reason, wasClean }) => console.log('closed', code, reason, wasClean));
    server.addEventListener('error', ({ message }) => console.log('error', message));
  }),
  headers: (request) => accept((server) => {
    server.send(JSON.stringify([...request.headers].map(([name]) => name)));
  }, { headers: [['x-own', 'yes'], ['set-cookie', 'a=1'], ['set-cookie', 'b=2'], ['connection', 'close'], ['sec-websocket-accept', 'x'],
      ['sec-websocket-extensions', 'x'], ['content-length', '9'], ['sec-websocket-protocol', 'second']] }),
  unasked: () => accept(() => {}, { headers: { 'sec-websocket-protocol': 'nobody-asked' } }),
  early: () => accept((server) => { server.send('early'); server.close(4000, 'and gone'); }),
  clock: () => accept((server) => {
    server.addEventListener('message', ({ data }) => { console.log('heard', data); setTimeout(() => console.log('later', data), 1); });
  }),
  throws: () => accept((server) => server.addEventListener('message', () => { throw new RangeError('in a listener'); })),
  async slow(request) {
    console.log('slow begun');
    await new Promise((resolve) => request.signal.addEventListener('abort', resolve));
    console.log('aborted', request.signal.reason.name);
    return accept((server) => server.addEventListener('close', ({ code }) => console.log('late end', code)));
  },
  flood: () => accept((server) => {
    const megabyte = new Uint8Array(1024 * 1024);
    server.addEventListener('close', ({ code, wasClean }) => console.log('flood', code, wasClean));
    for (let i = 0; i < 64; i++) server.send(megabyte);
  }),
  big: () => accept((server) => {
    server.addEventListener('message', ({ data }) => server.send(data));
    server.addEventListener('close', ({ code }) => console.log('big', code));
  }),
  refused: (request) => new Response('not here ' + request.headers.get('upgrade'), { status: 403, headers: { 'x-why': 'no' } }),
  stream: () => new Response(ReadableStream.from(['a'.repeat(300000), 'b']).pipeThrough(new TextEncoderStream())),
  fails() { throw new Error('no'); },
  unfit: () => accept(() => {}, { headers: { 'x-unfit': '\\u0001' } }),
  forget: () => new Response(null, { status: 101, webSocket: new WebSocketPair()[0] }),
  plain: () => new Response('plain'),
};

export default {
  fetch(request, env, ctx) {
    const [, name] = new URL(request.url).pathname.split('/');
    if (env.NEXT !== undefined) return env.NEXT.fetch(request);
    return routes[name]?.(request) ?? new Response('nobody', { status: 404 });
  },
};`;

/** What a client of the echo sends first. */
const HANDSHAKE =
  'GET /echo HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';

const direct: Deployment = single(WORKER);

/** A gateway in front of the worker, on the same thread or another. */
function behindGateway(group: string): Deployment {
  return {
    files: { 'main.js': WORKER },
    config: {
      threads: 1,
      groups: { [group]: {} },
      apps: [
        { name: 'gateway', script: 'main.js', bindings: { NEXT: { service: 'main' } } },
        { name: 'main', script: 'main.js', group },
      ],
      sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'gateway' }],
    },
  };
}

function socketUrl({ port }: Nanod, path: string): string {
  return `ws://127.0.0.1:${port}/${path}`;
}

/** `isFar`: the worker's thread drains by itself, and closes its WebSockets before their clients do. */
function suite(t: Test, nanod: () => Nanod, isFar: boolean): void {
  const at = (path: string): string => socketUrl(nanod(), path);

  t.test('text and bytes are echoed, pings answered, and a close is answered with its code', async (t) => {
    const client = await openWebSocket(t, at('echo'));
    client.socket.send('grüße');
    client.socket.send(Buffer.from([0, 255]));
    client.socket.send('');
    t.equal(await client.next(), 'grüße');
    t.strictSame(await client.next(), Buffer.from([0, 255]));
    t.equal(await client.next(), '');
    client.socket.ping('beat');
    const [beat] = (await once(client.socket, 'pong')) as [Buffer];
    t.equal(beat.toString(), 'beat');
    client.socket.close(3456, 'over');
    t.strictSame(await client.closed, [3456, 'over']);
    await nanod().logged(({ msg }) => msg === 'closed 3456 over true');
  });

  t.test('the handshake carries the headers of both sides, except those that are its own', async (t) => {
    const client = await openWebSocket(t, at('headers'), {
      protocols: ['first', 'second'],
      headers: { 'x-client': '1' },
      perMessageDeflate: true,
    });
    const seen = JSON.parse(String(await client.next())) as string[];
    for (const name of ['upgrade', 'sec-websocket-key', 'sec-websocket-protocol', 'x-client', 'host'])
      t.ok(seen.includes(name), name);
    t.notOk(seen.includes('connection'));
    const { headers } = client;
    t.strictSame(
      [headers['x-own'], headers['set-cookie'], headers.connection, headers['sec-websocket-extensions']],
      ['yes', ['a=1', 'b=2'], 'Upgrade', undefined],
    );
    t.equal(headers['content-length'], undefined);
    t.equal(client.socket.protocol, 'second');
  });

  t.test('a subprotocol that the client has not asked for is not sent', async (t) => {
    t.equal((await openWebSocket(t, at('unasked'))).headers['sec-websocket-protocol'], undefined);
  });

  t.test('what the worker sends before it answers arrives, and its close with it', async (t) => {
    const client = await openWebSocket(t, at('early'));
    t.equal(await client.next(), 'early');
    t.strictSame(await client.closed, [4000, 'and gone']);
  });

  t.test('a client that vanishes is heard as 1006, with an error', async (t) => {
    const client = await openWebSocket(t, at('echo'));
    client.socket.terminate();
    await nanod().logged(({ msg }) => msg === 'closed 1006  false');
    t.ok(await nanod().logged(({ msg }) => msg === 'error The connection is lost.'));
  });

  t.test('what a listener logs or throws belongs to the request that opened the socket', async (t) => {
    const clock = await openWebSocket(t, at('clock'));
    clock.socket.send('tick');
    const heard = await nanod().logged(({ msg }) => msg === 'heard tick');
    const later = await nanod().logged(({ msg }) => msg === 'later tick');
    t.equal(heard.service, 'main');
    t.match(heard.requestId, /^\S+-\S+$/u);
    t.equal(later.requestId, heard.requestId);
    const throws = await openWebSocket(t, at('throws'));
    throws.socket.send('x');
    const thrown = await nanod().logged(({ err }) => err?.message === 'in a listener');
    t.equal(thrown.service, 'main');
    t.not(thrown.requestId, heard.requestId);
    throws.socket.close();
    t.strictSame(await throws.closed, [1005, '']);
  });

  t.test('an answer that is no upgrade is an ordinary response', async (t) => {
    const refused = await refusedWebSocket(t, at('refused'));
    t.strictSame(
      [refused.status, refused.text, refused.headers['x-why'], refused.headers.connection],
      [403, 'not here websocket', 'no', 'close'],
    );
    const streamed = await refusedWebSocket(t, at('stream'));
    t.strictSame([streamed.status, streamed.text.length], [200, 300001]);
    t.equal((await refusedWebSocket(t, at('fails'))).status, 500);
  });

  t.test('what is no complete handshake is an ordinary request', async (t) => {
    const { port } = nanod();
    const key = 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
    const version = 'sec-websocket-version: 13\r\n';
    for (const lines of [
      version,
      key,
      `${key}sec-websocket-version: 7\r\n`,
      `sec-websocket-key: x\r\n${version}`,
    ]) {
      const connection = await openRaw(t, port);
      connection.send(
        `GET /refused HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n${lines}\r\n`,
      );
      t.match(await connection.until('not here'), /^HTTP\/1.1 403 [\s\S]*not here null$/u);
    }
    const post = await openRaw(t, port);
    post.send(
      `POST /refused HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n${key}${version}content-length: 2\r\n\r\nhi`,
    );
    t.match(await post.until('not here'), /not here null$/u);
  });

  t.test('a client that goes away before there is an answer aborts the request', async (t) => {
    const socket = new WebSocket(at('slow'));
    socket.on('error', () => {});
    await nanod().logged(({ msg }) => msg === 'slow begun');
    socket.terminate();
    const aborted = await nanod().logged(({ msg }) => msg.startsWith('aborted'));
    t.equal(aborted.msg, 'aborted AbortError');
    await nanod().logged(({ msg }) => msg === 'late end 1006');
  });

  t.test('a message that is too long closes the connection with 1009', async (t) => {
    const client = await openWebSocket(t, at('big'), { maxPayload: 64 * 1024 * 1024 });
    const most = Buffer.alloc(16 * 1024 * 1024, 1);
    client.socket.send(most);
    t.equal((await client.next()).length, most.length);
    client.socket.send(Buffer.alloc(16 * 1024 * 1024 + 1));
    t.equal((await client.closed)[0], 1009);
    await nanod().logged(({ msg }) => msg === 'big 1006');
    await nanod().logged(({ msg }) => msg.startsWith('a WebSocket was closed: Max payload size exceeded'));
  });

  t.test(
    'more than anybody takes closes the connection with 1013, in place of filling the memory',
    async (t) => {
      const client = await openWebSocket(t, at('flood'));
      t.equal((await client.closed)[0], 1013);
      await nanod().logged(({ msg }) => msg === 'flood 1013 false');
    },
  );

  t.test('frames that break the protocol close the connection', async (t) => {
    const connection = await openRaw(t, nanod().port);
    connection.send(HANDSHAKE);
    await connection.until('\r\n\r\n');
    connection.send('\x81\x05hello'); // not masked
    t.match(await connection.until('\x88\x02\x03\xea'), /^HTTP\/1.1 101 /u, 'answered with 1002');
    await connection.closed;
  });

  t.test('a client that closes and ends at once still gets its answer', async (t) => {
    const connection = await openRaw(t, nanod().port);
    connection.send(HANDSHAKE);
    await connection.until('\r\n\r\n');
    connection.send('\x88\x82\0\0\0\0\x03\xe8');
    connection.socket.end();
    t.match(await connection.until('\x88\x02\x03\xe8'), /^HTTP\/1.1 101 /u);
    await nanod().logged(({ msg }) => msg === 'closed 1000  true');
  });

  t.test('a header that cannot be sent fails the request', async (t) => {
    t.equal((await refusedWebSocket(t, at('unfit'))).status, 500);
    await nanod().logged(({ msg }) => msg.startsWith('a response cannot be sent: Invalid character'));
  });

  t.test('an ordinary request goes on beside them', async (t) => {
    t.equal(await (await fetch(`${nanod().url}plain`)).text(), 'plain');
  });

  t.test('a stop asks every client to close with 1001, and waits for its answer', async (t) => {
    const clients = await Promise.all(['echo', 'echo', 'forget'].map((path) => openWebSocket(t, at(path))));
    const { status, log } = await nanod().stop();
    for (const client of clients) t.equal((await client.closed)[0], 1001);
    t.equal(status, 0);
    if (!isFar) t.equal(log.filter(({ msg }) => msg === 'closed 1001  true').length, 2);
  });
}

const routes: readonly (readonly [name: string, deployment: Deployment, isFar: boolean])[] = [
  ['to a worker', direct, false],
  ['through a gateway on the same thread', behindGateway('default'), false],
  ['through a gateway on another thread', behindGateway('others'), true],
];
for (const [name, deployment, isFar] of routes) {
  t.test(name, async (t) => {
    const nanod = await serve(t, deployment);
    suite(t, () => nanod, isFar);
  });
}

t.test('a client that does not answer a stop is cut off at its deadline', async (t) => {
  const nanod = await serve(t, { ...direct, tuning: { drainTimeout: 300 } });
  const connection = await openRaw(t, nanod.port);
  connection.send(HANDSHAKE);
  await connection.until('\r\n\r\n');
  const stopped = nanod.stop();
  await connection.until('\x88\x02\x03\xe9');
  await connection.closed;
  t.equal((await stopped).status, 0);
});
