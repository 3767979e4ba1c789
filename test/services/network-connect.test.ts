/** Connections of a worker through a network service: what is checked, and what becomes of them when they are encrypted. */

import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { createServer as createTlsServer, TLSSocket, type TLSSocketOptions } from 'node:tls';
import t, { type Test } from 'tap';
import type { NetworkOptions } from '../../src/services/network.ts';
import { makeTarget } from '../../src/services/service.ts';
import { makeAuthority, makeKeypair } from '../helpers/certificates.ts';
import { networkService } from '../helpers/exchange.ts';
import { evaluate } from '../helpers/realm.ts';

const authority = makeAuthority();
const { certificate: cert, privateKey: key } = makeKeypair(authority, 'localhost', '127.0.0.1');
const trusting = {
  allow: ['local'],
  tls: { trustBrowserCas: false, trustedCertificates: [authority.certificate] },
};

async function listen(t: Test, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as { port: number }).port;
}

const HELPERS = `
  const { connect } = $nanod.builtin('cloudflare:sockets');
  const encode = (text) => new TextEncoder().encode(text);
  const write = async ({ writable }, text) => {
    const writer = writable.getWriter();
    await writer.write(encode(text));
    writer.releaseLock();
  };
  const line = async ({ readable }) => {
    const reader = readable.getReader();
    const { value } = await reader.read();
    reader.releaseLock();
    return new TextDecoder().decode(value);
  };
  const all = async ({ readable }) => new TextDecoder().decode(await new Response(readable).arrayBuffer());
  const told = (promise) => promise.then(() => 'fine', (error) => error.code ?? error.name);
`;

/** Runs worker code whose connections leave through a network service. */
function run(t: Test, options: NetworkOptions, code: string): Promise<unknown> {
  const service = networkService(t, options);
  return evaluate(`${HELPERS}${code}`, {
    targets: [makeTarget((request, call) => service.fetch(request, call))],
  });
}

/** A server that is asked to encrypt its connections after two lines. `more`: options of TLS. */
function mailServer(more: TLSSocketOptions = {}): Server {
  return createServer({ allowHalfOpen: true }, (socket) => {
    socket.write('220 ready\n');
    socket.once('data', () => {
      socket.pause();
      socket.write('220 go\n');
      const secure = new TLSSocket(socket, { isServer: true, cert, key, ...more });
      secure.on('error', () => socket.destroy()).pipe(secure);
    });
  });
}

t.test('encrypted from the beginning', async (t) => {
  const server = createTlsServer({ cert, key, allowHalfOpen: true }, (socket) => {
    socket.write(`${String(socket.servername)} ${String(socket.alpnProtocol)} `);
    socket.on('error', () => {}).pipe(socket);
  });
  const port = await listen(t, server);
  const outcome = await run(
    t,
    trusting,
    `
    const texts = [];
    for (const to of ['localhost:${port}', '127.0.0.1:${port}']) {
      const socket = connect(to, { secureTransport: 'on', allowHalfOpen: true });
      await write(socket, 'secret');
      await socket.writable.close();
      texts.push(await all(socket), await told(socket.closed));
    }
    return texts;`,
  );
  t.strictSame(outcome, ['localhost false secret', 'fine', 'false false secret', 'fine']);
});

t.test('encrypted later', async (t) => {
  const port = await listen(t, mailServer());
  const outcome = await run(
    t,
    trusting,
    `
    const plain = connect('localhost:${port}', { secureTransport: 'starttls' });
    const lines = [await line(plain)];
    void write(plain, 'STARTTLS\\n');
    lines.push(await line(plain));
    const secure = plain.startTls();
    const twice = await told((async () => plain.startTls())());
    const { remoteAddress } = await secure.opened;
    await plain.closed;
    await write(secure, 'secret');
    lines.push(await line(secure));
    await secure.close();
    return { lines, twice, remoteAddress, upgraded: [plain.upgraded, secure.upgraded], kinds: [plain.secureTransport, secure.secureTransport] };`,
  );
  t.strictSame(outcome, {
    lines: ['220 ready\n', '220 go\n', 'secret'],
    twice: 'TypeError',
    remoteAddress: `127.0.0.1:${port}`,
    upgraded: [true, false],
    kinds: ['starttls', 'on'],
  });
});

t.test('encrypted later, with the certificate of the client', async (t) => {
  const port = await listen(
    t,
    mailServer({ requestCert: true, rejectUnauthorized: true, ca: [authority.certificate] }),
  );
  const attempt = `
    const plain = connect('localhost:${port}', { secureTransport: 'starttls' });
    await line(plain);
    void write(plain, 'STARTTLS\\n');
    await line(plain);
    const secure = plain.startTls();
    return (async () => {
      await write(secure, 'secret');
      return (await line(secure)) || 'nothing';
    })().catch((error) => error.name);`;
  const keypair = makeKeypair(authority, 'client');
  const known = { ...trusting, tls: { ...trusting.tls, keypair } };
  t.equal(await run(t, known, attempt), 'secret');
  t.not(await run(t, trusting, attempt), 'secret', 'without one the server says nothing');
});

t.test('encrypted later, for another host than the certificate says', async (t) => {
  const port = await listen(t, mailServer());
  const outcome = await run(
    t,
    trusting,
    `
    const plain = connect('localhost:${port}', { secureTransport: 'starttls' });
    await line(plain);
    await write(plain, 'STARTTLS\\n');
    await line(plain);
    const secure = plain.startTls({ expectedServerHostname: 'other.test' });
    return [await told(secure.opened), await told(secure.closed), await told(plain.closed)];`,
  );
  t.strictSame(outcome, ['NETWORK_TLS', 'NETWORK_TLS', 'fine']);
});

t.test('connections reach what is permitted, however it is spelled', async (t) => {
  const port = await listen(
    t,
    createServer(() => t.fail('is not reached')),
  );
  const outcome = await run(
    t,
    { allow: ['public'] },
    `
    const hosts = ['127.0.0.1', '0x7f.1', '017700000001', '2130706433', '[::ffff:127.0.0.1]', '::1', 'localhost', 'LOCALHOST.', '0'];
    const codes = [];
    for (const hostname of hosts) codes.push(await told(connect({ hostname, port: ${port} }).opened));
    return [...new Set(codes)];`,
  );
  t.strictSame(outcome, ['NETWORK_REFUSED']);
});

t.test('a connection that is cut fails both streams', async (t) => {
  const server = createServer((socket) => {
    socket.once('data', () => socket.resetAndDestroy());
  });
  const port = await listen(t, server);
  const outcome = await run(
    t,
    trusting,
    `
    const socket = connect('127.0.0.1:${port}');
    await write(socket, 'cut');
    const lost = await told(socket.closed);
    const writer = socket.writable.getWriter();
    return [lost, await told(socket.readable.getReader().read()), await told(writer.write(encode('more')))];`,
  );
  t.strictSame(outcome, ['CONNECTION_LOST', 'CONNECTION_LOST', 'CONNECTION_LOST']);
});

t.test('aborting the writable resets the connection', async (t) => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const server = createServer((socket) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    socket.on('end', () => resolve('end')).resume();
  });
  const port = await listen(t, server);
  await run(
    t,
    trusting,
    `
    const socket = connect('127.0.0.1:${port}');
    await socket.opened;
    await socket.writable.abort(new Error('no'));`,
  );
  t.equal(await promise, 'ECONNRESET');
});

t.test('a connection goes at the pace of who reads', async (t) => {
  let isFull = false;
  const server = createServer((socket) => {
    const fill = (): void => {
      while (socket.write(new Uint8Array(65_536)));
      isFull = true;
    };
    socket.on('error', () => {});
    fill();
  });
  const port = await listen(t, server);
  const outcome = await run(
    t,
    trusting,
    `
    const socket = connect('127.0.0.1:${port}');
    const { value } = await socket.readable.getReader().read();
    await socket.close();
    return value.length > 0;`,
  );
  t.ok(outcome);
  t.ok(isFull);
});

t.test('what is no connection is refused', async (t) => {
  const outcome = await evaluate(
    `${HELPERS}
    return [await told(connect('a.test:80').opened)];`,
    { targets: [makeTarget((_request, call) => call.settle(call, undefined, undefined))] },
  );
  t.match(outcome, [/Error/]);
});
