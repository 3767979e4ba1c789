/** What a network service does not connect to. The servers here count connections: a refused request makes none. */

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import type { Lookup } from '../../src/services/network/connector.ts';
import { fetchError, fetchState, httpServer, networkService, readText } from '../helpers/exchange.ts';

/** A resolver with one list of addresses for each question, in turn; the last one stays. */
function resolver(...answers: readonly (readonly string[])[]): { lookup: Lookup; asked: string[] } {
  const asked: string[] = [];
  const lookup: Lookup = (hostname, callback) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)] ?? [];
    asked.push(hostname);
    const addresses = answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    setImmediate(() => callback(null, addresses));
  };
  return { lookup, asked };
}

async function countingServer(t: Test): Promise<{ port: number; connections: () => number }> {
  let count = 0;
  const { server, port } = await httpServer(t, (_request, response) => response.end('reached'));
  server.on('connection', () => count++);
  return { port, connections: () => count };
}

t.test('no spelling of a loopback or private address is public', async (t) => {
  const { port, connections } = await countingServer(t);
  const { lookup, asked } = resolver(['8.8.8.8']);
  const service = networkService(t, { allow: ['public'], lookup });
  const hosts = [
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '0x7f000001',
    '017700000001',
    '2130706433',
    '0177.0.0.01',
    '127.0.0.1.',
    '0',
    '0.0.0.0',
  ];
  const v6 = [
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '[fe80::1]',
    '[fd00::1]',
  ];
  const names = [
    'localhost',
    'LOCALHOST',
    'localhost.',
    'a.localhost',
    'a.localhost.',
    '%6cocalhost',
    '127。0。0。1',
    '①②⑦.0.0.1',
  ];
  const clouds = [
    '169.254.169.254',
    '0xa9fea9fe',
    '[fd00:ec2::254]',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '10.1',
    '192.168.0.1',
  ];
  for (const host of [...hosts, ...v6, ...names, ...clouds]) {
    const { href } = new URL(`http://${host}:${port}/`); // as the prelude serializes it
    const error = await fetchError(service, href);
    t.match(error, { kind: 'error', name: 'TypeError', code: 'NETWORK_REFUSED', stack: '' }, host);
    t.match(error.message, /^fetch failed: the network service does not permit to reach "/u);
  }
  t.equal(connections(), 0);
  t.strictSame(asked, [], 'none of them is a question for a resolver');
});

t.test('a refusal says why, but not where a name leads', async (t) => {
  const service = networkService(t, { allow: ['public'], ...resolver(['10.11.12.13']) });
  const message = async (url: string): Promise<string> => (await fetchError(service, url)).message;
  const start = 'fetch failed: the network service does not permit to reach';
  t.equal(
    await message('http://169.254.169.254/latest'),
    `${start} "169.254.169.254": it is a link-local address`,
  );
  t.equal(
    await message('http://localhost:1234/'),
    `${start} "localhost:1234": one of its addresses is a loopback address`,
  );
  t.equal(await message('https://db.internal/'), `${start} "db.internal": it has a private address`);
});

t.test('every address of a name has to be permitted', async (t) => {
  const { port, connections } = await countingServer(t);
  for (const answer of [
    ['8.8.8.8', '127.0.0.1'],
    ['127.0.0.1', '8.8.8.8'],
    ['2606:4700::1', '::1'],
    ['::ffff:127.0.0.1'],
    ['not an address'],
  ]) {
    const service = networkService(t, { allow: ['public'], ...resolver(answer) });
    t.match(
      await fetchError(service, `http://mixed.example:${port}/`),
      { code: 'NETWORK_REFUSED' },
      answer.join(),
    );
  }
  const none = networkService(t, { allow: ['public'], ...resolver([]) });
  t.match(await fetchError(none, 'http://empty.example/'), { code: 'NETWORK_UNREACHABLE' });
  t.equal(connections(), 0);
});

t.test('a name is looked up once for a connection, so that it cannot change in between', async (t) => {
  const { port } = await countingServer(t);
  const rebinding = resolver(['127.0.0.1'], ['169.254.169.254']);
  const service = networkService(t, { allow: ['local'], lookup: rebinding.lookup });
  const response = await fetchState(service, `http://rebind.example:${port}/`);
  t.equal(await readText(response.body), 'reached');
  t.strictSame(rebinding.asked, ['rebind.example']);
  await readText((await fetchState(service, `http://rebind.example:${port}/`)).body);
  t.strictSame(rebinding.asked, ['rebind.example'], 'the open connection stays where it is');
  t.match(
    await fetchError(service, 'http://rebind.example:8080/'),
    { code: 'NETWORK_REFUSED' },
    'a new one asks anew',
  );
});

t.test('the address that was connected to is checked as well', async (t) => {
  // Connecting to 0.0.0.0 leads to 127.0.0.1, which is not what was permitted.
  const { port } = await httpServer(t, () => t.fail('no byte of the request is sent'));
  const service = networkService(t, { allow: ['0.0.0.0/32'] });
  const error = await fetchError(service, `http://0.0.0.0:${port}/`);
  t.match(error, { code: 'NETWORK_REFUSED', message: /the connection led to a loopback address/u });
});

t.test('deny takes away what allow gives', async (t) => {
  const { port, connections } = await countingServer(t);
  const service = networkService(t, { allow: ['private'], deny: ['127.0.0.0/8'] });
  t.match(await fetchError(service, `http://127.0.0.1:${port}/`), { code: 'NETWORK_REFUSED' });
  t.equal(connections(), 0);
});

t.test('refusals are reported', async (t) => {
  const reported: string[] = [];
  const service = networkService(t, {
    allow: ['public'],
    onRefused: (error) => reported.push(error.message),
  });
  await fetchError(service, 'http://127.0.0.1:8080/');
  await fetchError(service, 'http://one.one.one.one:22/');
  t.match(reported, [/127\.0\.0\.1:8080/u, /port 22 belongs to another protocol/u]);
});

const read = (name: string): string =>
  readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8');

/** A server whose certificate, which it has signed itself, is for `localhost` and 127.0.0.1. */
async function tlsServer(t: Test): Promise<{ port: number; names: unknown[] }> {
  const names: unknown[] = [];
  const server = createHttpsServer(
    { key: read('localhost-key.pem'), cert: read('localhost.pem') },
    (request, response) => {
      response.end('secret');
      names.push((request.socket as unknown as { servername: unknown }).servername);
    },
  );
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, names };
}

t.test('a server that nobody vouches for is not talked to', async (t) => {
  const { port, names } = await tlsServer(t);
  const service = networkService(t, { allow: ['local'] });
  const error = await fetchError(service, `https://localhost:${port}/`);
  t.match(error, { name: 'TypeError', code: 'NETWORK_TLS' });
  t.equal(
    error.message,
    `fetch failed: no secure connection to "localhost:${port}": its certificate is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)`,
  );
  t.strictSame(names, []);
});

t.test('a certificate that is trusted has to be for the host', async (t) => {
  const { port, names } = await tlsServer(t);
  const trusting = networkService(t, {
    allow: ['local'],
    tls: { trustBrowserCas: false, trustedCertificates: [read('localhost.pem')] },
    ...resolver(['127.0.0.1']),
  });
  t.equal(await readText((await fetchState(trusting, `https://localhost:${port}/`)).body), 'secret');
  t.equal(await readText((await fetchState(trusting, `https://localhost.:${port}/`)).body), 'secret');
  t.equal(await readText((await fetchState(trusting, `https://127.0.0.1:${port}/`)).body), 'secret');
  t.strictSame(
    names,
    ['localhost', 'localhost', false],
    'the name without its dot is sent, an address is not',
  );
  const other = await fetchError(trusting, `https://other.example:${port}/`);
  t.match(other, { code: 'NETWORK_TLS', message: /is for another host/u });
});

t.test('a server that does not speak TLS, or never finishes the handshake, is an error', async (t) => {
  const { port } = await httpServer(t, () => undefined);
  const service = networkService(t, { allow: ['local'] });
  t.match(await fetchError(service, `https://127.0.0.1:${port}/`), {
    code: 'NETWORK_TLS',
    message: /handshake failed/u,
  });
  const { server, port: silent } = await httpServer(t, () => undefined);
  server.removeAllListeners('connection'); // accepts, and says nothing
  const hasty = networkService(t, { allow: ['local'], limits: { connectTimeout: 50 } });
  t.match(await fetchError(hasty, `https://127.0.0.1:${silent}/`), {
    code: 'NETWORK_TIMEOUT',
    message: /was not connected to/u,
  });
});
