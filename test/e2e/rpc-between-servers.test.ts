/** Two nanods, one of which calls methods of the other: who may, what happens when the other one is not there, goes, and comes back. */

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { makeAuthority, makeKeypair } from '../helpers/certificates.ts';
import { type Nanod, serve } from '../helpers/nanod.ts';

const token = 'the-token-of-two-servers';

const callee = `
import { RpcTarget, WorkerEntrypoint } from 'cloudflare:workers';
class Counter extends RpcTarget { #n = 0; increment() { return ++this.#n; } }
let open;
const gate = new Promise((resolve) => { open = resolve; });
export default class extends WorkerEntrypoint {
  fetch(request) { return new Response('fetched ' + new URL(request.url).host); }
  add(a, b) { return a + b; }
  never() { console.log('waiting'); return new Promise(() => {}); }
  async gated() { console.log('gated'); await gate; return 'through'; }
  opener() { return () => open(); }
  counter() { return new Counter(); }
  who() { return this.ctx.props; }
  fail() { throw new TypeError('no'); }
}
export class Admin extends WorkerEntrypoint { who() { return { admin: true, ...this.ctx.props }; } }
`;

/** Each path is a step. */
const caller = `
const kept = {};
const failure = async (run) => {
  try { return { value: await run() }; } catch (error) { return { code: error.code, name: error.name, message: error.message }; }
};
const steps = {
  add: (env) => env.OTHER.add(1, 2),
  fetch: async (env) => (await env.OTHER.fetch('http://any.host/')).text(),
  admin: (env) => env.ADMIN.who(),
  props: (env) => env.PROPS.who(),
  fail: (env) => env.OTHER.fail(),
  async begin(env) {
    kept.counter = (await env.OTHER.counter()).dup();
    kept.broken = new Promise((resolve) => kept.counter.onRpcBroken((error) => resolve(error.code)));
    kept.never = failure(() => env.OTHER.never());
    return kept.counter.increment();
  },
  end: async () => [(await kept.never).code, await kept.broken, (await failure(() => kept.counter.increment())).code],
  gated: (env) => env.OTHER.gated(),
  opener: async (env) => { kept.opener = (await env.OTHER.opener()).dup(); },
  open: () => kept.opener(),
};
export default { fetch: async (request, env) => Response.json(await failure(() => steps[new URL(request.url).pathname.slice(1)](env))) };
`;

function shortDirectory(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'nanod-two-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function startCallee(t: Test, address: string, socket: object = { rpc: { token } }): Promise<Nanod> {
  return serve(t, {
    files: { 'callee.js': callee },
    config: {
      threads: 1,
      apps: [{ name: 'callee', script: 'callee.js' }],
      sockets: [{ name: 'rpc', address, service: 'callee', ...socket }],
    },
  });
}

function startCaller(t: Test, service: object): Promise<Nanod> {
  const bindings = {
    OTHER: { service: 'other' },
    ADMIN: { service: 'other', entrypoint: 'Admin' },
    PROPS: { service: 'other', props: { said: 'by the caller' } },
  };
  return serve(t, {
    files: { 'caller.js': caller },
    config: {
      threads: 1,
      apps: [{ name: 'caller', script: 'caller.js', bindings }],
      services: [{ name: 'other', kind: 'external', ...service }],
      sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'caller' }],
    },
  });
}

async function step(nanod: Nanod, name: string): Promise<object> {
  const answer: unknown = await (await fetch(nanod.url + name)).json();
  return answer as object;
}

t.test('a server that goes and comes back', async (t) => {
  const address = `unix:${shortDirectory(t)}/rpc`;
  const front = await startCaller(t, { address, rpc: { token } });
  t.match(await step(front, 'add'), { code: 'NETWORK_UNREACHABLE', name: 'Error' }, 'it is not there yet');
  const first = await startCallee(t, address);
  t.same(await step(front, 'add'), { value: 3 }, 'the next call connects');
  t.same(await step(front, 'fetch'), { value: 'fetched any.host' });
  t.match(await step(front, 'fail'), { name: 'TypeError', message: 'no' });
  t.same(await step(front, 'begin'), { value: 1 });
  await first.logged(({ msg }) => msg === 'waiting');
  first.signal('SIGKILL');
  await first.ended;
  t.same(await step(front, 'end'), { value: Array.from({ length: 3 }, () => 'RPC_CONNECTION_LOST') });
  rmSync(address.slice('unix:'.length), { force: true });
  const second = await startCallee(t, address);
  t.same(await step(front, 'add'), { value: 3 });
  t.same(await step(front, 'opener'), {});
  const gated = step(front, 'gated');
  await second.logged(({ msg }) => msg === 'gated');
  const stopped = second.stop();
  let next = await step(front, 'add');
  while ('value' in next) next = await step(front, 'add');
  t.match(next, { code: 'NETWORK_UNREACHABLE' }, 'the next calls go elsewhere, and nobody is there');
  t.same(await step(front, 'open'), {}, 'stubs hold as long as a call is under way');
  t.same(await gated, { value: 'through' }, 'which ends as if nothing were');
  t.equal((await stopped).status, 0);
  t.equal((await front.stop()).status, 0);
});

t.test('what a socket does not offer', async (t) => {
  const address = `unix:${shortDirectory(t)}/rpc`;
  const back = await startCallee(t, address, { rpc: { token } });
  const front = await startCaller(t, { address, rpc: { token } });
  t.match(await step(front, 'admin'), {
    code: 'RPC_NOT_OFFERED',
    message: 'the socket does not let other servers call the entrypoint "Admin"',
  });
  t.match(await step(front, 'props'), { code: 'RPC_NOT_OFFERED', message: /say props/u });
  t.equal((await back.stop()).status, 0);
  await front.stop();
  const offering = await startCallee(t, address, { rpc: { token, entrypoints: ['Admin'], props: true } });
  const other = await startCaller(t, { address, rpc: { token } });
  t.same(await step(other, 'admin'), { value: { admin: true } });
  t.same(await step(other, 'props'), { value: { said: 'by the caller' } });
  await other.stop();
  const named = await startCaller(t, { address, rpc: { token, entrypoint: 'Admin' } });
  t.same(await step(named, 'props'), { value: { admin: true, said: 'by the caller' } });
  await named.stop();
  await offering.stop();
});

t.test('servers that take no calls say why', async (t) => {
  const address = `unix:${shortDirectory(t)}/rpc`;
  const back = await startCallee(t, address);
  const wrong = await startCaller(t, { address, rpc: { token: 'another-token-of-those' } });
  t.match(await step(wrong, 'add'), { code: 'RPC_PEER_REFUSED', message: /another token/u });
  t.match(await step(wrong, 'fetch'), { code: 'RPC_PEER_REFUSED' });
  await wrong.stop();
  const elsewhere = await startCaller(t, { address, rpc: { token, path: '/elsewhere' } });
  t.match(await step(elsewhere, 'add'), { code: 'RPC_PEER_REFUSED', message: /answers 200/u });
  await elsewhere.stop();
  t.equal((await back.stop()).status, 0);
  const plain = createServer((_request, response) => response.writeHead(404).end());
  const unix = join(shortDirectory(t), 'plain');
  await new Promise<void>((resolve) => void plain.listen(unix, resolve));
  t.teardown(() => plain.close());
  const lost = await startCaller(t, { address: `unix:${unix}`, rpc: { token } });
  t.match(await step(lost, 'add'), { code: 'RPC_PEER_REFUSED', message: /answers 404/u });
  t.equal((await lost.stop()).status, 0);
});

t.test('over TLS, with a token or with a certificate of the caller', async (t) => {
  const authority = makeAuthority();
  const keypair = makeKeypair(authority, 'localhost');
  const trust = { trustBrowserCas: false, trustedCertificates: [authority.certificate] };
  const https = async (tls: object, rpc: unknown): Promise<Nanod> =>
    startCallee(t, '127.0.0.1:0', { protocol: 'https', tls: { keypair, ...tls }, rpc });
  const back = await https({}, { token });
  const where = { address: `https://localhost:${back.port}`, tls: trust };
  const front = await startCaller(t, { ...where, rpc: { token } });
  t.same(await step(front, 'add'), { value: 3 });
  await front.stop();
  const distrustful = await startCaller(t, { ...where, tls: { trustBrowserCas: false }, rpc: { token } });
  t.match(await step(distrustful, 'add'), { code: 'NETWORK_TLS' });
  await distrustful.stop();
  await back.stop();
  const strict = await https(
    { requireClientCerts: true, trustedCertificates: [authority.certificate] },
    true,
  );
  const address = `https://localhost:${strict.port}`;
  const known = await startCaller(t, {
    address,
    tls: { ...trust, keypair: makeKeypair(authority, 'caller') },
    rpc: true,
  });
  t.same(await step(known, 'add'), { value: 3 });
  await known.stop();
  await strict.stop();
});
