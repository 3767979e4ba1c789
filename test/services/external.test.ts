/** A service that stands for one server, against real servers: TCP and Unix sockets, with and without TLS. */

import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import process from 'node:process';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { WebSocketServer } from 'ws';
import { neutral } from '../../src/realm/neutral.ts';
import {
  type ExternalOptions,
  type ExternalService,
  makeExternalService,
} from '../../src/services/external.ts';
import { defaultClientTls } from '../../src/shared/tls-options.ts';
import { makeAuthority, makeKeypair } from '../helpers/certificates.ts';
import {
  fetchError,
  fetchState,
  headerLines,
  httpServer,
  pulledBody,
  readStep,
  readText,
  sourceOf,
  startCall,
} from '../helpers/exchange.ts';

const authority = makeAuthority();
const tls = { ...defaultClientTls, trustBrowserCas: false, trustedCertificates: [authority.certificate] };

function external(
  t: Test,
  options: Partial<ExternalOptions> & Pick<ExternalOptions, 'address'>,
): ExternalService {
  const service = makeExternalService({ name: 'backend', protocol: 'http', ...options });
  t.teardown(() => service.close());
  return service;
}

function on(port: number, host = '127.0.0.1'): ExternalOptions['address'] {
  return { kind: 'tcp', host, port };
}

/** Listens, and is closed with the test. */
async function listening<S extends Server | TcpServer>(t: Test, server: S, where: object): Promise<S> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.listen(where);
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return server;
}

function portOf(server: Server | TcpServer): number {
  return (server.address() as AddressInfo).port;
}

/** Short enough for the path of a socket. */
function temporaryDirectory(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'nx-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const echo: RequestListener = (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { method, url, headers } = request;
    const body = Buffer.concat(chunks).toString();
    response.setHeader('x-server', 'yes').end(JSON.stringify({ method, url, headers, body }));
  });
};

async function echoed(
  service: ExternalService,
  url: string,
  init: Parameters<typeof fetchState>[2] = {},
): Promise<{ method: string; url: string; headers: Record<string, string>; body: string }> {
  const { body } = await fetchState(service, url, init);
  return JSON.parse(await readText(body)) as Awaited<ReturnType<typeof echoed>>;
}

t.test('every request goes to the server, whatever its URL says', async (t) => {
  const { port } = await httpServer(t, echo);
  const service = external(t, { address: on(port) });
  for (const url of ['http://example.com/a?b=c#d', 'https://10.0.0.1:22/a?b=c', 'http://[::1]:25/a?b=c']) {
    const { url: path, headers } = await echoed(service, url);
    t.equal(path, '/a?b=c');
    t.equal(headers['host'], new URL(url).host);
  }
  const error = await fetchError(service, 'ftp://example.com/');
  t.match(error, { name: 'TypeError', code: 'NETWORK_REQUEST' });
});

t.test('the style of proxies names the whole URL', async (t) => {
  const { port } = await httpServer(t, echo);
  const service = external(t, { address: on(port), style: 'proxy', forwardedProtoHeader: 'x-proto' });
  const { url, headers } = await echoed(service, 'https://example.com:8443/a%20b?c#d');
  t.equal(url, 'https://example.com:8443/a%20b?c');
  t.equal(headers['host'], 'example.com:8443');
  t.equal(headers['x-proto'], undefined, 'the URL says it');
});

t.test('headers are injected into requests and responses, and null removes them', async (t) => {
  const { port } = await httpServer(t, echo);
  const service = external(t, {
    address: on(port),
    forwardedProtoHeader: 'x-proto',
    injectRequestHeaders: [
      { name: 'authorization', value: 'Bearer x' },
      { name: 'x-drop', value: null },
      { name: 'user-agent', value: 'injected' },
      { name: 'host', value: 'inside.test' },
    ],
    injectResponseHeaders: [
      { name: 'x-server', value: null },
      { name: 'x-added', value: 'b' },
    ],
  });
  const headers = [
    'authorization',
    'mine',
    'x-drop',
    '1',
    'x-drop',
    '2',
    'x-proto',
    'gopher',
    'x-kept',
    'yes',
  ];
  const response = await fetchState(service, 'https://example.com/', { headers });
  const sent = (JSON.parse(await readText(response.body)) as { headers: object }).headers;
  t.match(sent, {
    authorization: 'Bearer x',
    'x-drop': undefined,
    'user-agent': 'injected',
    host: 'inside.test',
    'x-proto': 'https',
    'x-kept': 'yes',
  });
  const lines = headerLines(response);
  t.notOk(lines.some((line) => line.startsWith('x-server')));
  t.ok(lines.includes('x-added: b'));
});

t.test('request.cf travels in its header, and nobody else writes there', async (t) => {
  const { port } = await httpServer(t, echo);
  const service = external(t, { address: on(port), cfBlobHeader: 'cf-blob' });
  const cf = JSON.stringify({ city: 'Zürich \u{1f600}\u2028', n: 1 });
  const { promise, resolve } = Promise.withResolvers<string>();
  const request = neutral.request('GET', 'http://x/', 'cf-blob\nforged\n', undefined, cf);
  const call = neutral.call(
    (_call, response) => resolve(readText(response?.body)),
    undefined,
    request,
    0,
    0,
    0,
  );
  service.fetch(request, call);
  const { headers } = JSON.parse(await promise) as { headers: Record<string, string> };
  t.match(headers['cf-blob'], /^[ -~]*$/u);
  t.equal(JSON.stringify(JSON.parse(headers['cf-blob'] ?? '')), cf);
  const without = await echoed(service, 'http://x/', { headers: ['cf-blob', 'forged'] });
  t.equal(without.headers['cf-blob'], undefined);
});

t.test('a Unix socket, by its path and without one', async (t) => {
  const path = join(temporaryDirectory(t), 's');
  await listening(t, createHttpServer(echo), { path });
  const service = external(t, { address: { kind: 'unix', path } });
  const { headers, body } = await echoed(service, 'http://example.com/', { method: 'POST', body: 'text' });
  t.equal(headers['host'], 'example.com');
  t.equal(body, 'text');
  const gone = await fetchError(external(t, { address: { kind: 'unix', path: `${path}x` } }), 'http://x/');
  t.match(gone, { code: 'NETWORK_UNREACHABLE', message: /"backend" cannot be reached: .*\(ENOENT\)/u });
  t.notMatch(gone.message, path);
});

t.test('an abstract Unix socket', { skip: process.platform !== 'linux' }, async (t) => {
  const name = `nanod-test-${process.pid}-${Math.random()}`;
  await listening(t, createHttpServer(echo), { path: `\0${name}` });
  const service = external(t, { address: { kind: 'unix-abstract', name } });
  t.match(await echoed(service, 'http://example.com/'), { method: 'GET' });
});

t.test('https: the certificate has to be for the host of the address, or certificateHost', async (t) => {
  const { certificate: cert, privateKey: key } = makeKeypair(authority, 'backend.test', '127.0.0.1');
  const names: unknown[] = [];
  const server = createHttpsServer({ cert, key }, (request, response) => {
    names.push((request.socket as TLSSocket & { servername: unknown }).servername);
    response.end('secret');
  });
  server.on('tlsClientError', () => undefined);
  const port = portOf(await listening(t, server, { port: 0, host: '127.0.0.1' }));
  const get = async (options: Partial<ExternalOptions>): Promise<string> => {
    const service = external(t, { protocol: 'https', address: on(port), tls, ...options });
    const { response, error } = await startCall(service, 'http://elsewhere.test/').outcome;
    return response === undefined ? `${error?.code}` : readText(response.body);
  };
  t.equal(await get({}), 'secret', 'an address of the certificate');
  t.equal(await get({ certificateHost: 'backend.test' }), 'secret');
  t.strictSame(names, [false, 'backend.test']);
  t.equal(await get({ certificateHost: 'elsewhere.test' }), 'NETWORK_TLS');
  t.equal(await get({ address: on(port, 'localhost') }), 'NETWORK_TLS');
  t.equal(await get({ tls: defaultClientTls }), 'NETWORK_TLS', 'nobody vouches for it');
});

t.test('https through a Unix socket, with a client certificate', async (t) => {
  const { certificate: cert, privateKey: key } = makeKeypair(authority, 'backend.test');
  const ca = authority.certificate;
  const server = createHttpsServer({ cert, key, ca, requestCert: true }, (request, response) =>
    response.end(String((request.socket as TLSSocket).getPeerCertificate().subject.CN)),
  );
  server.on('tlsClientError', () => undefined);
  const path = join(temporaryDirectory(t), 's');
  await listening(t, server, { path });
  const service = external(t, {
    protocol: 'https',
    address: { kind: 'unix', path },
    certificateHost: 'backend.test',
    tls: { ...tls, keypair: makeKeypair(authority, 'me.test') },
  });
  for (let i = 0; i < 3; i++)
    t.equal(await readText((await fetchState(service, 'http://x/')).body), 'me.test');
});

t.test('connections are kept, and used again', async (t) => {
  const { server, port } = await httpServer(t, echo);
  let connections = 0;
  server.on('connection', () => connections++);
  const service = external(t, { address: on(port) });
  for (let i = 0; i < 5; i++) await echoed(service, `http://host-${i}.test/`);
  t.equal(connections, 1);
  t.match(service.health(), { answered: 5, failed: 0, consecutiveFailures: 0 });
});

t.test('a server that is not there is an error with a code, and counts', async (t) => {
  const closed = createTcpServer();
  const port = portOf(await listening(t, closed, { port: 0, host: '127.0.0.1' }));
  closed.close();
  const service = external(t, { address: on(port) });
  t.strictSame(service.health().lastFailure, undefined);
  for (let i = 0; i < 2; i++) {
    const error = await fetchError(service, 'http://x/');
    t.match(error, { name: 'TypeError', code: 'NETWORK_UNREACHABLE', message: /^fetch failed: "backend" / });
    t.notMatch(error.message, String(port), 'where the server is, is nothing for the worker');
  }
  const health = service.health();
  t.match(health, { answered: 0, failed: 2, consecutiveFailures: 2, lastSuccess: undefined });
  t.match(health.lastFailure, { code: 'NETWORK_UNREACHABLE', time: Number });
  await listening(t, createHttpServer(echo), { port, host: '127.0.0.1' });
  await echoed(service, 'http://x/');
  t.match(service.health(), { answered: 1, failed: 2, consecutiveFailures: 0, lastSuccess: Number });
});

t.test('a server that says nothing is given up after the time for headers, and for the body', async (t) => {
  const { port } = await httpServer(t, (request, response) => {
    if (request.url === '/body') response.write('part');
  });
  const impatient = external(t, { address: on(port), limits: { headersTimeout: 50 } });
  t.match(await fetchError(impatient, 'http://x/'), { code: 'NETWORK_TIMEOUT' });
  t.match(impatient.health(), { failed: 1 });
  const service = external(t, { address: on(port), limits: { bodyTimeout: 50 } });
  const source = sourceOf((await fetchState(service, 'http://x/body')).body);
  let step = await readStep(source);
  while (step.step === 'chunk') step = await readStep(source);
  t.match(step, { step: 'error', error: { code: 'NETWORK_TIMEOUT' } });
  t.match(service.health(), { answered: 1, failed: 1 });
});

t.test('a handshake that never ends is given up after the time for connecting', async (t) => {
  const silent = await listening(t, createTcpServer(), { port: 0, host: '127.0.0.1' });
  const limits = { connectTimeout: 50 };
  const service = external(t, { protocol: 'https', address: on(portOf(silent)), tls, limits });
  t.match(await fetchError(service, 'http://x/'), { code: 'NETWORK_TIMEOUT' });
});

/** Answers the first request of each connection; at the next one, does what the test says. */
async function forgetfulServer(
  t: Test,
  atSecond: (socket: Socket, count: number) => void,
  options?: { cert: string; key: string },
): Promise<{ port: number; requests: string[] }> {
  const requests: string[] = [];
  let seconds = 0;
  const serve = (socket: Socket): void => {
    let served = 0;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      const [, method] = /^([A-Z]+) \/ HTTP/u.exec(chunk.toString('latin1')) ?? [];
      if (method === undefined) return; // a body
      requests.push(method);
      if (++served === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      else atSecond(socket, ++seconds);
    });
  };
  const server = options === undefined ? createTcpServer(serve) : createTlsServer(options, serve);
  return { port: portOf(await listening(t, server, { port: 0, host: '127.0.0.1' })), requests };
}

t.test('a request is sent again where the server closed an idle connection, if it is safe to', async (t) => {
  const closings: [string, (socket: Socket) => void][] = [
    ['reset', (socket) => socket.resetAndDestroy()],
    ['closed', (socket) => socket.end()],
  ];
  for (const [how, close] of closings) {
    const { port, requests } = await forgetfulServer(t, close);
    const service = external(t, { address: on(port) });
    await readText((await fetchState(service, 'http://x/')).body);
    t.equal(await readText((await fetchState(service, 'http://x/')).body), 'ok', how);
    t.equal(
      await readText((await fetchState(service, 'http://x/', { method: 'PUT', body: 'x' })).body),
      'ok',
      how,
    );
    t.strictSame(requests, ['GET', 'GET', 'GET', 'PUT', 'PUT'], how);
    t.match(service.health(), { answered: 3, failed: 0, retried: 2 });
  }
  const { certificate: cert, privateKey: key } = makeKeypair(authority, '127.0.0.1');
  const { port, requests } = await forgetfulServer(t, (socket) => socket.destroy(), { cert, key });
  const secure = external(t, { protocol: 'https', address: on(port), tls });
  await readText((await fetchState(secure, 'http://x/')).body);
  t.equal(await readText((await fetchState(secure, 'http://x/')).body), 'ok');
  t.strictSame(requests, ['GET', 'GET', 'GET']);
});

t.test('what is not safe to repeat is not sent again', async (t) => {
  const reset = (socket: Socket): void => void socket.resetAndDestroy();
  const attempt = async (init: Parameters<typeof fetchState>[2], atSecond = reset): Promise<string[]> => {
    const { port, requests } = await forgetfulServer(t, atSecond);
    const service = external(t, { address: on(port) });
    await readText((await fetchState(service, 'http://x/')).body);
    t.match(await fetchError(service, 'http://x/', init), { code: 'NETWORK_ANSWER' });
    t.match(service.health(), { retried: 0, failed: 1 });
    return requests;
  };
  t.strictSame(await attempt({ method: 'POST', body: 'x' }), ['GET', 'POST']);
  t.strictSame(await attempt({ method: 'PATCH' }), ['GET', 'PATCH']);
  const pieces = ['a'];
  const [, put] = await attempt({ method: 'PUT', body: pulledBody(() => pieces.shift(), { length: 1 }) });
  t.equal(put, 'PUT', 'a streamed body');
  const begun = (socket: Socket): void => {
    socket.end('HTTP/1.1 200 O');
  };
  t.strictSame(await attempt({}, begun), ['GET', 'GET'], 'a byte of the answer was there');
});

t.test('a connection that fails at its first request is no idle one', async (t) => {
  let connections = 0;
  const server = createTcpServer((socket) => {
    connections++;
    socket.on('error', () => undefined).once('data', () => socket.resetAndDestroy());
  });
  const service = external(t, {
    address: on(portOf(await listening(t, server, { port: 0, host: '127.0.0.1' }))),
  });
  t.match(await fetchError(service, 'http://x/'), { code: 'NETWORK_ANSWER' });
  t.equal(connections, 1);
});

t.test('a request that is given up ends at the server', async (t) => {
  const { server, port } = await httpServer(t, () => undefined);
  const service = external(t, { address: on(port) });
  const arrived = once(server, 'request');
  const started = startCall(service, 'http://x/');
  const [request] = (await arrived) as [{ socket: Socket }];
  const closed = once(request.socket, 'close');
  started.abort();
  await closed;
  t.equal(started.settled(), 0);
  t.match(service.health(), { answered: 0, failed: 0 });
});

t.test('a WebSocket passes, with headers injected on both ways', async (t) => {
  const server = createHttpServer();
  const accepted = new WebSocketServer({ server });
  accepted.on('headers', (headers) => headers.push('x-server: yes'));
  accepted.on('connection', (socket, { url, headers }) => {
    socket.send(JSON.stringify({ url, host: headers.host, token: headers['authorization'] }));
  });
  const path = join(temporaryDirectory(t), 's');
  await listening(t, server, { path });
  for (const style of ['host', 'proxy'] as const) {
    const service = external(t, {
      address: { kind: 'unix', path },
      style,
      injectRequestHeaders: [{ name: 'authorization', value: 'token' }],
      injectResponseHeaders: [{ name: 'x-server', value: 'no' }],
    });
    const response = await fetchState(service, 'https://chat.test/room?1', {
      headers: ['upgrade', 'websocket'],
    });
    t.equal(response.status, 101);
    t.ok(headerLines(response).includes('x-server: no'));
    const { promise, resolve } = Promise.withResolvers<string>();
    response.webSocket?.open({
      message: (text) => {
        resolve(text ?? '');
        return true;
      },
      closed: () => resolve('closed'),
      taken: undefined,
    });
    const url = style === 'host' ? '/room?1' : 'https://chat.test/room?1';
    t.strictSame(JSON.parse(await promise), { url, host: 'chat.test', token: 'token' });
    t.match(service.health(), { answered: 1 });
  }
});

t.test('a TCP service takes no requests', async (t) => {
  const service = external(t, { protocol: 'tcp', address: on(1) });
  const error = await fetchError(service, 'http://x/', { method: 'POST', body: pulledBody(() => 'x') });
  t.match(error, { name: 'TypeError', code: 'NETWORK_REQUEST', message: /use connect\(\)/u });
});

t.test('a TCP connection, plain and with TLS', async (t) => {
  const { certificate: cert, privateKey: key } = makeKeypair(authority, 'db.test');
  const answer = (socket: Socket): void => void socket.on('error', () => undefined).end('welcome');
  const plain = await listening(t, createTcpServer(answer), { port: 0, host: '127.0.0.1' });
  const secure = await listening(t, createTlsServer({ cert, key }, answer), { port: 0, host: '127.0.0.1' });
  const open = async (
    options: Partial<ExternalOptions> & Pick<ExternalOptions, 'address'>,
  ): Promise<string> => {
    const service = external(t, { protocol: 'tcp', ...options });
    const body = pulledBody(() => undefined);
    const { response, error } = await startCall(service, 'tcp://elsewhere.test:1', {
      method: 'CONNECT',
      body,
    }).outcome;
    t.match(service.health(), error === undefined ? { answered: 1, failed: 0 } : { answered: 0, failed: 1 });
    if (response === undefined) return String(error?.code);
    t.ok(headerLines(response).includes('remote-address: elsewhere.test:1'), 'the address stays a secret');
    return readText(response.body);
  };
  t.equal(await open({ address: on(portOf(plain)) }), 'welcome');
  t.equal(await open({ address: on(portOf(secure)), tls, certificateHost: 'db.test' }), 'welcome');
  t.equal(await open({ address: on(portOf(secure)), tls }), 'NETWORK_TLS', 'it is not for 127.0.0.1');
  const path = join(temporaryDirectory(t), 's');
  await listening(t, createTcpServer(answer), { path });
  t.equal(await open({ address: { kind: 'unix', path } }), 'welcome');
  t.equal(await open({ address: { kind: 'unix', path: `${path}x` } }), 'NETWORK_UNREACHABLE');
});

t.test('an HTTP service opens no connections', async (t) => {
  const service = external(t, { address: on(1) });
  const body = pulledBody(() => undefined);
  t.match(await fetchError(service, 'tcp://a.test:1', { method: 'CONNECT', body }), {
    code: 'NETWORK_REQUEST',
  });
});
