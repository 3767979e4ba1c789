/** A network service against real servers on loopback, which its `allow` permits. */

import { once } from 'node:events';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { neutral } from '../../src/realm/neutral.ts';
import type { BodyState } from '../../src/realm/prelude/state.ts';
import {
  aborted,
  fetchError,
  fetchState,
  headerLines,
  httpServer,
  networkService,
  pulledBody,
  readBody,
  readStep,
  readText,
  sourceOf,
  startCall,
} from '../helpers/exchange.ts';

const loopback = { allow: ['local'] };

/** A server that answers every connection with these bytes, verbatim; `end` closes it then. */
async function rawServer(t: Test, answer: string, end = true): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => (end ? socket.end(answer, 'latin1') : socket.write(answer, 'latin1')));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

t.test('a request arrives as it was made, and fetch adds its own headers', async (t) => {
  const { url, port } = await httpServer(t, (request, response) => {
    response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.rawHeaders }));
  });
  const response = await fetchState(networkService(t, loopback), `${url}/a%20b?q=1#fragment`, {
    headers: ['x-one', 'caf\xe9', 'x-two', 'a', 'x-two', 'b', 'host', 'evil.example', 'content-length', '77'],
  });
  const { method, url: path, headers } = JSON.parse(await readText(response.body));
  t.equal(method, 'GET');
  t.equal(path, '/a%20b?q=1');
  const expected = [
    'host',
    `127.0.0.1:${port}`,
    'connection',
    'keep-alive',
    'x-one',
    'caf\xe9',
    'x-two',
    'a',
    'x-two',
    'b',
  ];
  const added = ['accept', '*/*', 'user-agent', 'nanod', 'accept-encoding', 'gzip, deflate'];
  t.strictSame(headers, [...expected, ...added]);
});

t.test("the worker's own headers stand, except those of the connection", async (t) => {
  const { url } = await httpServer(t, (request, response) => response.end(JSON.stringify(request.headers)));
  const connection = [
    'connection',
    'close, X-Hop',
    'x-hop',
    '1',
    'keep-alive',
    '5',
    'te',
    'trailers',
    'upgrade',
    'h2c',
  ];
  const others = [
    'transfer-encoding',
    'chunked',
    'proxy-authorization',
    'x',
    'expect',
    '100-continue',
    'trailer',
    'x',
  ];
  const own = ['accept', 'a/b', 'user-agent', 'me', 'accept-encoding', 'br'];
  const response = await fetchState(networkService(t, loopback), url, {
    headers: [...connection, ...others, ...own],
  });
  const { host, ...headers } = JSON.parse(await readText(response.body));
  t.type(host, 'string');
  t.strictSame(headers, {
    connection: 'keep-alive',
    accept: 'a/b',
    'user-agent': 'me',
    'accept-encoding': 'br',
  });
});

t.test('a range is asked for without content coding', async (t) => {
  const { url } = await httpServer(t, (request, response) =>
    response.end(request.headers['accept-encoding']),
  );
  const response = await fetchState(networkService(t, loopback), url, { headers: ['range', 'bytes=0-1'] });
  t.equal(await readText(response.body), 'identity');
});

t.test('a response arrives as it was sent, without the headers of the connection', async (t) => {
  const head =
    'HTTP/1.1 299 Caf\xe9 au  lait\r\nX-Latin: caf\xe9 \r\nSet-Cookie: a=1\r\nset-cookie: b=2, c\r\nX-Hop: 1\r\n';
  const hop = 'Connection: keep-alive, x-hop\r\nKeep-Alive: timeout=9\r\nTrailer: X-End\r\nUpgrade: h2c\r\n';
  const url = await rawServer(t, `${head}${hop}Content-Length: 5\r\nX-Empty:\r\n\r\nhello`);
  const response = await fetchState(networkService(t, loopback), url);
  t.equal(response.status, 299);
  t.match(response.statusText, /^Caf.+ au {2}lait$/u);
  const expected = [
    'x-latin: caf\xe9',
    'set-cookie: a=1',
    'set-cookie: b=2, c',
    'content-length: 5',
    'x-empty: ',
  ];
  t.strictSame(headerLines(response), expected);
  t.equal(response.body?.length, 5);
  t.equal(await readText(response.body), 'hello');
});

t.test('bodies of every kind are sent with the right framing', async (t) => {
  const { url } = await httpServer(t, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
      response.end(JSON.stringify({ text: Buffer.concat(chunks).toString(), length, coding }));
    });
  });
  const service = networkService(t, loopback);
  const send = async (method: string, body?: BodyState): Promise<unknown> =>
    JSON.parse(await readText((await fetchState(service, url, { method, body })).body));
  const pieces = (): (() => string | undefined) => {
    const left = ['one ', '', 'two ', 'thr\u00e9\u00e9'];
    return () => left.shift();
  };
  t.strictSame(await send('POST', 'h\u00e9llo'), { text: 'h\u00e9llo', length: '6' });
  t.strictSame(await send('POST', ''), { text: '', length: '0' });
  t.strictSame(await send('POST'), { text: '', length: '0' });
  t.strictSame(await send('DELETE', 'x'), { text: 'x', length: '1' });
  t.strictSame(await send('PUT', pulledBody(pieces())), {
    text: 'one two thr\u00e9\u00e9',
    coding: 'chunked',
  });
  t.strictSame(await send('PUT', pulledBody(pieces(), { length: 15 })), {
    text: 'one two thr\u00e9\u00e9',
    length: '15',
  });
  t.strictSame(
    await send(
      'POST',
      pulledBody(() => undefined),
    ),
    { text: '', length: '0' },
  );
  const { buffer } = new TextEncoder().encode('bytes');
  t.strictSame(await send('PATCH', neutral.bytesBody(buffer.slice(0, 5), 5)), { text: 'bytes', length: '5' });
});

t.test('the buffer of a body is taken, not shared', async (t) => {
  const { url } = await httpServer(t, (request, response) =>
    request.resume().on('end', () => response.end()),
  );
  const buffer = new ArrayBuffer(3);
  await fetchState(networkService(t, loopback), url, { method: 'POST', body: neutral.bytesBody(buffer, 3) });
  t.equal(buffer.detached, true);
  const again = await fetchError(networkService(t, loopback), url, {
    method: 'POST',
    body: neutral.bytesBody(buffer, 3),
  });
  t.match(again, { name: 'TypeError', code: 'NETWORK_REQUEST' });
});

t.test('null-body statuses and HEAD give no body', async (t) => {
  const { url } = await httpServer(t, (request, response) => {
    response.writeHead(Number(request.url?.slice(1)), { 'content-length': '0', 'x-a': 'b' }).end();
  });
  const service = networkService(t, loopback);
  for (const status of [204, 205, 304]) {
    const response = await fetchState(service, `${url}/${status}`);
    t.equal(response.status, status);
    t.equal(response.body, undefined);
  }
  const empty = await fetchState(service, `${url}/200`);
  t.equal(empty.body?.length, 0);
  t.equal(await readText(empty.body), '');
  const sized = await rawServer(
    t,
    'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1000\r\n\r\n',
  );
  const head = await fetchState(service, sized, { method: 'HEAD' });
  t.equal(head.body, undefined);
  t.strictSame(headerLines(head), ['content-encoding: gzip', 'content-length: 1000']);
  const chatty = await rawServer(t, 'HTTP/1.1 205 Reset\r\ncontent-length: 3\r\n\r\nabc');
  t.equal((await fetchState(service, chatty)).status, 205);
});

t.test('a redirect is an answer like any other', async (t) => {
  const { url } = await httpServer(t, (_request, response) =>
    response.writeHead(302, { location: '/next' }).end('moved'),
  );
  const response = await fetchState(networkService(t, loopback), url);
  t.equal(response.status, 302);
  t.match(headerLines(response), ['location: /next']);
  t.equal(await readText(response.body), 'moved');
});

t.test('informational responses are passed over', async (t) => {
  const { url } = await httpServer(t, (_request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' });
    response.end('final');
  });
  const response = await fetchState(networkService(t, loopback), url);
  t.equal(response.status, 200);
  t.equal(await readText(response.body), 'final');
});

t.test('connections are used again', async (t) => {
  const ports = new Set<number | undefined>();
  const { url } = await httpServer(t, (request, response) => {
    ports.add(request.socket.remotePort);
    response.end('x'.repeat(20_000));
  });
  const service = networkService(t, loopback);
  for (let i = 0; i < 5; i++) await readBody((await fetchState(service, url)).body);
  t.equal(ports.size, 1);
});

t.test('answers that are no HTTP, or break off, are errors', async (t) => {
  const service = networkService(t, { ...loopback, limits: { headerBytes: 2000 } });
  const failing = async (answer: string): Promise<unknown> => fetchError(service, await rawServer(t, answer));
  t.match(await failing(''), {
    name: 'TypeError',
    code: 'NETWORK_ANSWER',
    message: /^fetch failed: the answer of "127.0.0.1:\d+" broke off/u,
  });
  t.match(await failing('SSH-2.0-OpenSSH\r\n'), {
    code: 'NETWORK_ANSWER',
    message: /is not valid HTTP \(Expected HTTP/u,
  });
  t.match(await failing('HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n'), { code: 'NETWORK_ANSWER' });
  t.match(await failing(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(3000)}\r\n\r\n`), {
    code: 'NETWORK_ANSWER',
    message: /more than 2000 bytes/u,
  });
  t.match(await failing('HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'), {
    code: 'NETWORK_ANSWER',
  });
  const short = await fetchState(
    service,
    await rawServer(t, 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc'),
  );
  t.equal((await readStep(sourceOf(short.body))).bytes.toString(), 'abc');
  const last = await readStep(sourceOf(short.body));
  t.match(last, { step: 'error', error: { name: 'TypeError', code: 'NETWORK_ANSWER' } });
  t.equal((await readStep(sourceOf(short.body))).step, 'error', 'and stays one');
});

t.test('requests that cannot be sent are errors', async (t) => {
  const service = networkService(t, loopback);
  t.match(await fetchError(service, 'ftp://127.0.0.1/'), { name: 'TypeError', code: 'NETWORK_REQUEST' });
  t.match(await fetchError(service, 'not a url'), { code: 'NETWORK_REQUEST' });
  t.match(await fetchError(service, 'http://127.0.0.1/', { method: 'CONNECT' }), { code: 'NETWORK_REQUEST' });
  t.match(await fetchError(service, 'http://127.0.0.1/', { headers: ['x', 'a\x01b'] }), {
    code: 'NETWORK_REQUEST',
  });
  t.match(await fetchError(service, 'http://127.0.0.1:25/'), {
    code: 'NETWORK_REFUSED',
    message: /port 25 belongs to another protocol/u,
  });
});

t.test('a server that cannot be reached is an error that says why', async (t) => {
  const { server, url } = await httpServer(t, () => undefined);
  server.close();
  await once(server, 'close');
  const service = networkService(t, {
    allow: ['local'],
    lookup: (_name, callback) =>
      callback(Object.assign(new Error('10.1.2.3 says no'), { code: 'ENOTFOUND' }), []),
  });
  t.match(await fetchError(service, url), {
    name: 'TypeError',
    code: 'NETWORK_UNREACHABLE',
    message: /refuses the connection/u,
  });
  const unknown = await fetchError(service, 'http://nowhere.example/');
  t.equal(
    unknown.message,
    'fetch failed: "nowhere.example" cannot be reached: there is no such host (ENOTFOUND)',
  );
});

t.test('every request that waits for a connection is answered or fails', async (t) => {
  const { url } = await httpServer(t, (_request, response) => response.end('fine'));
  const service = networkService(t, { ...loopback, limits: { connectionsPerOrigin: 2 } });
  const all = await Promise.all(
    Array.from({ length: 20 }, async () => readText((await fetchState(service, url)).body)),
  );
  t.strictSame([...new Set(all)], ['fine']);
  const refused = await Promise.all(
    Array.from({ length: 20 }, () => fetchError(service, 'http://10.0.0.1/')),
  );
  t.strictSame([...new Set(refused.map(({ code }) => code))], ['NETWORK_REFUSED']);
  const unreachable = await Promise.all(
    Array.from({ length: 20 }, () => fetchError(service, 'http://127.0.0.1:2/')),
  );
  t.strictSame([...new Set(unreachable.map(({ code }) => code))], ['NETWORK_UNREACHABLE']);
});

t.test('timeouts have their own error', async (t) => {
  const limits = { connectTimeout: 50, headersTimeout: 50, bodyTimeout: 50 };
  const silent = networkService(t, { ...loopback, limits, lookup: () => undefined });
  t.match(await fetchError(silent, 'http://slow.example/'), {
    code: 'NETWORK_TIMEOUT',
    message: /"slow.example" was not connected to within 0.05 s/u,
  });
  const { url } = await httpServer(t, (request, response) => {
    if (request.url === '/body') response.write('first');
  });
  t.match(await fetchError(silent, url), {
    code: 'NETWORK_TIMEOUT',
    message: /did not answer within 0.05 s/u,
  });
  const response = await fetchState(silent, `${url}/body`);
  t.equal((await readStep(sourceOf(response.body))).bytes.toString(), 'first');
  t.match(await readStep(sourceOf(response.body)), { step: 'error', error: { code: 'NETWORK_TIMEOUT' } });
});

t.test('a call that was aborted before it began sends nothing', async (t) => {
  let cancelled: unknown;
  const service = networkService(t, { ...loopback, lookup: () => t.fail('looks nothing up') });
  const body = pulledBody(() => undefined, { onCancel: (reason) => (cancelled = reason) });
  const request = neutral.request('POST', 'http://x.example/', '', body, '');
  const call = neutral.call(
    () => t.fail('is not settled'),
    undefined,
    request,
    undefined,
    undefined,
    undefined,
  );
  call.aborted = aborted;
  service.fetch(request, call);
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  t.equal(cancelled, aborted);
});

t.test('an abort ends the exchange wherever it stands', async (t) => {
  const closed = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const { url } = await httpServer(t, (request) => {
    arrived.resolve();
    request.socket.once('close', closed.resolve);
  });
  const service = networkService(t, loopback);
  let others = 0;
  const waiting = startCall(service, url);
  const chained = waiting.call.onAbort;
  waiting.call.onAbort = (reason) => {
    others++;
    chained?.(reason);
  };
  await arrived.promise;
  waiting.abort();
  await closed.promise;
  t.equal(others, 1);
  t.equal(waiting.settled(), 0, 'nobody waits for the outcome');
});

t.test('an abort keeps the listener that was there before', async (t) => {
  const service = networkService(t, { ...loopback, lookup: () => undefined });
  const request = neutral.request('GET', 'http://x.example/', '', undefined, '');
  const call = neutral.call(
    () => t.fail('is not settled'),
    undefined,
    request,
    undefined,
    undefined,
    undefined,
  );
  const heard: unknown[] = [];
  call.onAbort = (reason) => heard.push(reason);
  service.fetch(request, call);
  call.aborted = aborted;
  call.onAbort(aborted);
  t.strictSame(heard, [aborted]);
});

t.test('an abort after the response fails its body', async (t) => {
  const closed = Promise.withResolvers<void>();
  const { url } = await httpServer(t, (request, response) => {
    response.write('some');
    request.socket.once('close', closed.resolve);
  });
  const started = startCall(networkService(t, loopback), url);
  const { response } = await started.outcome;
  const source = sourceOf(response?.body);
  t.equal((await readStep(source)).bytes.toString(), 'some');
  const pending = readStep(source);
  started.abort();
  const { step, error } = await pending;
  t.equal(step, 'error');
  t.equal(error, aborted);
  t.equal((await readStep(source)).error, aborted);
  await closed.promise;
  t.equal(started.settled(), 1);
});

t.test('close ends what is under way, and everything after it', async (t) => {
  const arrived = Promise.withResolvers<void>();
  const { url } = await httpServer(t, (_request, response) => {
    response.write('some');
    arrived.resolve();
  });
  const service = networkService(t, loopback);
  const response = await fetchState(service, url);
  t.equal((await readStep(sourceOf(response.body))).bytes.toString(), 'some');
  await service.close();
  t.match(await readStep(sourceOf(response.body)), {
    step: 'error',
    error: { code: 'NETWORK_UNREACHABLE', message: /is closed/u },
  });
  t.match(await fetchError(service, url), { code: 'NETWORK_UNREACHABLE', message: /is closed/u });
});

t.test('calls from deep down the stack are settled once, and harm no others', async (t) => {
  const { url } = await httpServer(t, (_request, response) => response.end('fine'));
  const service = networkService(t, loopback);
  const settled: number[] = [];
  const returned: number[] = [];
  let frames = 0;
  const dive = (): void => {
    try {
      dive();
    } catch {
      // The stack is full; from here on there is a little more of it with each frame.
    }
    if (frames++ > 300) return;
    const id = frames;
    try {
      settled[id] = 0;
      const request = neutral.request('GET', url, '', undefined, '');
      const settle = (): void => void (settled[id] = (settled[id] ?? 0) + 1);
      service.fetch(request, neutral.call(settle, undefined, request, undefined, undefined, undefined));
      returned.push(id);
    } catch {
      settled[id] = 1; // the service was never entered
    }
  };
  dive();
  const after = new Set<string>();
  for (let i = 0; i < 400; i++) after.add(await readText((await fetchState(service, url)).body));
  t.strictSame([...after], ['fine']);
  t.ok(returned.length > 100, `${returned.length} calls were accepted`);
  t.strictSame([...new Set(returned.map((id) => settled[id]))], [1]);
});
