/** Certificates change while sockets go on listening, those that one thread serves included. */

import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { stopCompiler } from '../../src/bundle/compile.ts';
import type { NanodError } from '../../src/shared/errors.ts';
import { makeAuthority, makeKeypair, type MadeKeypair } from '../helpers/certificates.ts';
import { makeSupervisor, planOf } from '../helpers/supervisor.ts';

t.teardown(stopCompiler);

const authority = makeAuthority();
const others = makeAuthority();
const first = makeKeypair(authority, 'localhost', 'first.test');
const second = makeKeypair(authority, 'localhost', 'second.test');
const named = makeKeypair(authority, 'named.test');
const client = makeKeypair(authority, 'client');

const files = { 'main.js': 'export default { fetch: () => new Response("answer") };' };

function configOf(address: string, tls: object, protocol = 'https'): object {
  return {
    threads: 1,
    apps: [{ name: 'main', script: 'main.js' }],
    sockets: [{ name: 'web', address, protocol, tls, service: 'main' }],
  };
}

async function open(to: ConnectionOptions): Promise<TLSSocket> {
  const socket = connect({ ...to, servername: to.servername ?? 'localhost', ca: authority.certificate });
  await once(socket, 'secureConnect');
  return socket;
}

/** The names that the certificate is for which a new connection is shown. */
async function namesAt(to: ConnectionOptions): Promise<string> {
  const socket = await open(to);
  const { subjectaltname = '' } = socket.getPeerCertificate();
  socket.destroy();
  return subjectaltname;
}

/** Resolves when new connections are shown this name: a thread hears of a deployment a moment after it is done. */
async function shows(to: ConnectionOptions, name: string): Promise<void> {
  while (!(await namesAt(to)).includes(name)) await nextTurn();
}

/** Sends a request, and reads until the answer is there. */
async function ask(socket: TLSSocket): Promise<string> {
  let text = '';
  socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
  while (!text.includes('answer')) text += String((await once(socket, 'data'))[0]);
  return text;
}

/** The answer of a connection of its own, or '' where it is refused. */
async function attempt(to: ConnectionOptions): Promise<string> {
  const socket = connect({ ...to, servername: 'localhost', ca: authority.certificate });
  let text = '';
  socket.on('error', () => {}).on('data', (chunk: Buffer) => (text += String(chunk)));
  socket.write('GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
  await once(socket, 'close');
  return text;
}

async function changes(t: Test, address: string, target: (url: string) => ConnectionOptions): Promise<void> {
  const { supervisor } = makeSupervisor(t);
  const plan = (keypair: MadeKeypair, more: object = {}) =>
    planOf(t, { config: configOf(address, { keypair, ...more }), files });
  const [listening] = await supervisor.start(await plan(first));
  const to = target(listening?.url ?? '');
  const old = await open(to);
  t.match(await ask(old), /^HTTP\/1\.1 200/u);
  t.match(await namesAt(to), 'first.test');
  const sni = [{ hosts: ['named.test'], keypair: named }];
  const [same] = await supervisor.deploy(await plan(second, { sni }), 10_000);
  t.equal(same?.url, listening?.url);
  t.match(await ask(old), /^HTTP\/1\.1 200/u, 'a connection goes on with the certificate that it has seen');
  old.destroy();
  await shows(to, 'second.test');
  t.match(await namesAt({ ...to, servername: 'named.test' }), 'named.test');
  await supervisor.deploy(await plan(first), 10_000);
  await shows({ ...to, servername: 'localhost' }, 'first.test');
}

t.test('on a port', (t) =>
  changes(t, '127.0.0.1:0', (url) => ({ port: Number(new URL(url).port), host: '127.0.0.1' })),
);

t.test('on a Unix socket, which one thread serves', (t) => {
  const path = join(tmpdir(), `nanod-${process.pid}-certificates.sock`);
  return changes(t, `unix:${path}`, () => ({ path }));
});

t.test('whether clients need certificates cannot change on a Unix socket', async (t) => {
  const path = join(tmpdir(), `nanod-${process.pid}-mutual.sock`);
  const { supervisor } = makeSupervisor(t);
  await supervisor.start(await planOf(t, { config: configOf(`unix:${path}`, { keypair: first }), files }));
  const mutual = { keypair: second, requireClientCerts: true, trustedCertificates: [authority.certificate] };
  const plan = await planOf(t, { config: configOf(`unix:${path}`, mutual), files });
  const failure = (await supervisor.deploy(plan, 10_000).catch((error: unknown) => error)) as NanodError;
  t.match(failure, { code: 'SOCKET_UNUSABLE', message: /nor whether clients need certificates/u });
  t.match(await namesAt({ path }), 'first.test', 'nothing has changed');
});

t.test('who is trusted no longer does not get in with a session of before', async (t) => {
  const { supervisor } = makeSupervisor(t);
  const trusting = (certificate: string) => ({
    keypair: first,
    requireClientCerts: true,
    trustedCertificates: [certificate],
  });
  const [listening] = await supervisor.start(
    await planOf(t, { config: configOf('127.0.0.1:0', trusting(authority.certificate)), files }),
  );
  const to = {
    port: Number(new URL(listening?.url ?? '').port),
    host: '127.0.0.1',
    cert: client.certificate,
    key: client.privateKey,
  };
  const socket = await open(to);
  const ticket = once(socket, 'session');
  t.match(await ask(socket), /200/u);
  const [session] = (await ticket) as [Buffer];
  socket.destroy();
  const resumed = await open({ ...to, session });
  t.ok(resumed.isSessionReused(), 'a session is resumed while nothing changes');
  resumed.destroy();
  await supervisor.deploy(
    await planOf(t, { config: configOf('127.0.0.1:0', trusting(others.certificate)), files }),
    10_000,
  );
  while ((await attempt(to)) !== '') await nextTurn();
  t.equal(await attempt({ ...to, session }), '', 'it is refused');
});
