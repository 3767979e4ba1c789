/** `createServer`: deployments in the process of a program. */

import process from 'node:process';
import t from 'tap';
import type { Test } from 'tap';
import { createServer } from '../../src/index.ts';
import type { EcosystemConfig, NanodServer } from '../../src/index.ts';
import { writeFiles } from '../helpers/nanod.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const MAIN = `
import { WorkerEntrypoint } from 'cloudflare:workers';
export default class extends WorkerEntrypoint {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/echo') return new Response(request.body, { headers: { method: request.method } });
    if (pathname === '/seen') return Response.json({ url: request.url, headers: [...request.headers], cf: request.cf });
    if (pathname === '/throw') throw new RangeError('thrown');
    if (pathname === '/empty') return new Response(null, { status: 204 });
    if (pathname === '/redirect') return Response.redirect('http://elsewhere/');
    if (pathname === '/socket') {
      const { 0: client, 1: server } = new WebSocketPair();
      server.accept();
      return new Response(null, { status: 101, webSocket: client });
    }
    if (pathname === '/wait') return this.wait(request);
    if (pathname === '/endless') return this.endless();
    return new Response('main');
  }
  wait({ signal }) {
    return new Promise((resolve, reject) => {
      console.log('waiting');
      signal.addEventListener('abort', () => { console.log('aborted'); reject(signal.reason); });
    });
  }
  endless() {
    let sent = 0;
    return new Response(new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(65536).fill(sent++)),
      cancel: () => console.log('canceled after ' + sent),
    }));
  }
  add(a, b) { return a + b; }
  same(value) { return value; }
  fail(value) { throw value; }
  stub() { return { call: () => 1 }; }
  describe(value) { return Object.prototype.toString.call(value); }
  async bodyOf(thing) { return thing.text(); }
  async reply() { return new Response('a body', { status: 201, headers: { a: 'b' } }); }
  exhaust() { const all = []; for (;;) all.push({ number: all.length }); }
}
export const other = { fetch: (request, env, ctx) => new Response('other ' + JSON.stringify(ctx.props)) };
`;

const deployment = {
  config: {
    apps: [
      {
        name: 'main',
        script: 'main.js',
        bindings: {
          TEXT: 'text',
          JSON: { json: { list: [1, 2] } },
          DATA: { data: new Uint8Array([1, 2, 3]) },
          REMOTE: { service: 'remote' },
          OTHER: { service: 'remote', entrypoint: 'other', props: { a: 1 } },
          LIMIT: { ratelimit: { limit: 1, period: 60 } },
        },
      },
      { name: 'remote', script: 'main.js', group: 'apart' },
    ],
    groups: { apart: {} },
    sockets: [
      {
        name: 'http',
        address: '127.0.0.1:0',
        service: 'main',
        routes: [{ pattern: 'remote.example/*', service: { service: 'remote', entrypoint: 'other' } }],
      },
      { name: 'side', address: '127.0.0.1:0', service: 'remote' },
    ],
  } satisfies EcosystemConfig,
  files: { 'main.js': MAIN },
};
// Written as JSON, which has no bytes.
const written = {
  ...deployment,
  config: `export default ${JSON.stringify(deployment.config).replace(/\{"0":1,"1":2,"2":3\}/u, 'new Uint8Array([1, 2, 3])')}`,
};

interface Main {
  add(a: number, b: number): Promise<number>;
  same<T>(value: T): Promise<T>;
  fail(value: unknown): Promise<never>;
  stub(): Promise<unknown>;
  describe(value: unknown): Promise<string>;
  bodyOf(thing: Request | Response): Promise<string>;
  reply(): Promise<Response>;
  exhaust(): Promise<never>;
}

async function start(t: Test, options = {}): Promise<TestServer> {
  return startServer(t, written, options);
}

t.test('a request goes where the sockets lead it, although none is open', async (t) => {
  const server = await start(t);
  const text = async (...args: Parameters<NanodServer['fetch']>): Promise<string> =>
    (await server.fetch(...args)).text();
  t.strictSame(server.sockets, []);
  t.equal(await text('http://anything/'), 'main');
  t.equal(await text(new URL('https://remote.example:8443/x')), 'other {}');
  t.equal(await text('http://anything/', { socket: 'side' }), 'main');
  t.equal(await text('http://anything/', { service: 'remote', entrypoint: 'other' }), 'other {}');
  await t.rejects(server.fetch('http://x/', { socket: 'sied' }), {
    message: 'no socket of HTTP is named "sied"',
  });
  await t.rejects(server.fetch('http://x/', { service: 'remoet' }), {
    message: 'no service is named "remoet"; did you mean "remote"?',
  });
  await t.rejects(server.fetch('no url'), TypeError);
});

t.test('what is asked arrives, and so does the answer', async (t) => {
  const server = await start(t);
  const seen = await server.fetch('http://host/seen?a=b#c', {
    headers: { A: 'b', c: 'd' },
    cf: { colo: 'here' },
  });
  t.strictSame(await seen.json(), {
    url: 'http://host/seen?a=b',
    headers: [
      ['a', 'b'],
      ['c', 'd'],
    ],
    cf: { colo: 'here' },
  });
  const echo = await server.fetch('http://host/echo', { method: 'PUT', body: 'text' });
  t.strictSame([echo.status, echo.headers.get('method'), await echo.text()], [200, 'PUT', 'text']);
  const request = new Request('http://host/echo', { method: 'POST', body: new Uint8Array([1, 2]) });
  t.strictSame(await (await server.fetch(request)).bytes(), new Uint8Array([1, 2]));
  const empty = await server.fetch('http://host/empty');
  t.strictSame([empty.status, empty.body], [204, null]);
  const redirect = await server.fetch('http://host/redirect');
  t.strictSame(
    [redirect.status, redirect.headers.get('location')],
    [302, 'http://elsewhere/'],
    'not followed',
  );
});

t.test('bodies stream in both directions at the pace of their readers', async (t) => {
  const server = await start(t);
  let pulled = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (pulled++ === 64) controller.close();
      else controller.enqueue(new Uint8Array(65_536).fill(pulled));
    },
  });
  const echo = await server.fetch('http://host/echo', { method: 'POST', body });
  t.ok(pulled < 20, 'most of it waits for somebody to read it');
  t.equal((await echo.arrayBuffer()).byteLength, 64 * 65_536);
  const endless = await server.fetch('http://host/endless');
  const reader = endless.body?.getReader();
  for (let i = 0; i < 10; i++) t.equal((await reader?.read())?.value?.[0], i);
  await reader?.cancel();
  await server.logged(/^canceled after \d+$/u);
  const failing = new ReadableStream({ pull: (controller) => controller.error(new Error('no more')) });
  await t.rejects(
    server.fetch('http://host/echo', { method: 'POST', body: failing }).then((response) => response.text()),
    { message: 'no more' },
  );
});

t.test('what a service throws is thrown here, with its stack', async (t) => {
  const server = await start(t);
  await t.rejects(server.fetch('http://host/throw'), {
    name: 'RangeError',
    message: 'thrown',
    stack: /main\.js:8:/u,
  });
  await t.rejects(server.fetch('http://host/socket'), { name: 'TypeError', message: /WebSocket/u });
  t.match(server.log, [{ level: 'error', service: 'main', error: { name: 'RangeError' } }]);
});

t.test('a signal gives a request up on both sides', async (t) => {
  const server = await start(t);
  const abort = new AbortController();
  const answer = server.fetch('http://host/wait', { signal: abort.signal });
  await server.logged(/^waiting$/u);
  abort.abort(new Error('enough'));
  await t.rejects(answer, { message: 'enough' });
  await server.logged(/^aborted$/u);
  await t.rejects(server.fetch('http://host/', { signal: abort.signal }), { message: 'enough' });
});

t.test('methods are called with data, errors and the objects of fetch', async (t) => {
  const server = await start(t);
  const main = server.getService<Main>('main');
  t.equal(await main.add(20, 22), 42);
  const circle: Record<string, unknown> = { name: 'circle' };
  circle['self'] = circle;
  const back = await main.same(circle);
  t.equal(back['self'], back);
  const data = {
    date: new Date(5),
    map: new Map([[{ key: 1 }, new Set([1n])]]),
    bytes: new Uint8Array([1, 2]),
    gap: undefined,
    pattern: /a/g,
  };
  t.strictSame(await main.same(data), data);
  const error = await main.same(new TypeError('as a value'));
  t.match(error, { name: 'TypeError', message: 'as a value' });
  t.ok(error instanceof TypeError);
  t.strictSame(await main.same([new URL('http://a/b'), new URLSearchParams('a=b')]), [
    new URL('http://a/b'),
    new URLSearchParams('a=b'),
  ]);
  t.strictSame([...(await main.same(new Headers({ a: 'b' })))], [['a', 'b']]);
  t.equal(await main.bodyOf(new Response('response') as Response), 'response');
  t.equal(await main.bodyOf(new Request('http://a/', { method: 'POST', body: 'request' })), 'request');
  const reply = await main.reply();
  t.strictSame([reply.status, reply.headers.get('a'), await reply.text()], [201, 'b', 'a body']);
  t.equal(await main.describe(new Map()), '[object Map]');
  t.equal(await main.describe(Object.create(null)), '[object Object]');
});

t.test('what cannot cross is said on this side', async (t) => {
  const server = await start(t);
  const main = server.getService<Main & Record<string, (...args: unknown[]) => Promise<unknown>>>('main');
  const refused = (path: RegExp): { name: string; message: RegExp } => ({
    name: 'DataCloneError',
    message: path,
  });
  await t.rejects(
    main.same(() => 1),
    refused(/^argument 1 is a function/u),
  );
  await t.rejects(main.same({ a: [Symbol('s')] }), refused(/^argument 1\.a\[0\] is a symbol/u));
  class Own {}
  await t.rejects(main.same(new Own()), refused(/class Own/u));
  await t.rejects(main.stub(), { name: 'TypeError', message: /stub/u });
  await t.rejects(main.fail(new SyntaxError('thrown back')), { name: 'SyntaxError', message: 'thrown back' });
  await t.rejects(
    main.fail('text').catch((thrown: unknown) => Promise.reject(new Error(String(thrown)))),
    { message: 'text' },
  );
  await t.rejects(Promise.resolve(main['missing']?.()), { name: 'TypeError', message: /missing/u });
  t.equal((main as unknown as PromiseLike<unknown>).then, undefined, 'a stub can be awaited');
});

t.test('the env of a worker: data as it is, services as stubs', async (t) => {
  const server = await start(t);
  interface Env {
    TEXT: string;
    JSON: { list: number[] };
    DATA: ArrayBuffer;
    REMOTE: Main;
    OTHER: { fetch(url: string): Promise<Response> };
    LIMIT: unknown;
  }
  const env = await server.getBindings<Env>('main');
  t.strictSame(
    [env.TEXT, env.JSON, new Uint8Array(env.DATA)],
    ['text', { list: [1, 2] }, new Uint8Array([1, 2, 3])],
  );
  t.equal(await env.REMOTE.add(1, 2), 3);
  t.equal(await (await env.OTHER.fetch('http://x/')).text(), 'other {"a":1}');
  t.equal(env.OTHER, env.OTHER);
  t.throws(() => env.LIMIT, { message: /"LIMIT" is of the kind ratelimit/u });
  await t.rejects(server.getBindings('internet'), { message: /no worker/u });
  t.throws(() => server.getService('nobody'), TypeError);
});

t.test('a thread that is lost takes its calls with it, and the next one finds another', async (t) => {
  const config = { apps: [{ name: 'main', script: 'main.js' }], threadMemoryMb: 32 };
  const server = await startServer(t, { config, files: { 'main.js': MAIN } });
  const main = server.getService<Main>('main');
  await t.rejects(main.exhaust(), { code: 'CHANNEL_LOST' });
  await server.logged(/serves the group default again/u);
  t.equal(await main.add(1, 1), 2);
});

t.test('several servers run side by side, and leave the process as it was', async (t) => {
  const events = ['SIGINT', 'SIGTERM', 'exit', 'uncaughtException', 'unhandledRejection'];
  const counts = (): number[] => events.map((event) => process.listenerCount(event));
  const before = counts();
  const cwd = process.cwd();
  const config = (text: string): EcosystemConfig => ({
    apps: [
      {
        name: 'w',
        modules: [{ name: 'w', esModule: `export default { fetch: () => new Response('${text}') }` }],
      },
    ],
    sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'w' }],
  });
  const servers = await Promise.all(['one', 'two'].map((text) => createServer(config(text), { threads: 1 })));
  const texts = servers.map(async (server) => {
    const [socket] = server.sockets;
    const outside = await fetch(socket?.url ?? '');
    return [await (await server.fetch('http://x/')).text(), await outside.text()];
  });
  t.strictSame(await Promise.all(texts), [
    ['one', 'one'],
    ['two', 'two'],
  ]);
  await servers[0]?.close();
  t.equal(await (await servers[1]?.fetch('http://x/'))?.text(), 'two');
  await servers[1]?.[Symbol.asyncDispose]();
  await t.rejects(Promise.resolve(servers[1]?.fetch('http://x/')), { message: 'the server is closed' });
  t.strictSame([counts(), process.cwd()], [before, cwd]);
  t.equal(new Function('return 1')(), 1, 'code of the program can still be made from text'); // eslint-disable-line @typescript-eslint/no-implied-eval
});

t.test('requests under way end before the server does', async (t) => {
  const code = `export default { async fetch() { console.log('here'); await new Promise((resolve) => setTimeout(resolve, 50)); return new Response('done'); } }`;
  const server = await startServer(
    t,
    {
      config: {
        apps: [{ name: 'w', script: 'w.js' }],
        sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'w' }],
      },
      files: { 'w.js': code },
    },
    { listen: true },
  );
  const answer = fetch(server.sockets[0]?.url ?? '').then((response) => response.text());
  await server.logged(/^here$/u);
  await server.close();
  t.equal(await answer, 'done');
});

t.test('options say what the command line says', async (t) => {
  const files = {
    'main.js': MAIN,
    'mock.ts': `export default { fetch(): Response { return new Response('mock') } }`,
    'env.js': `export default { fetch: (_, env) => new Response(env.STAGE + env.VARIABLE) }`,
  };
  const cwd = writeFiles(t, { files });
  const config: EcosystemConfig = {
    apps: [
      { name: 'main', script: 'main.js' },
      {
        name: 'env',
        script: 'env.js',
        bindings: { VARIABLE: { fromEnvironment: 'VARIABLE' } },
        env: { STAGE: 'local ' },
        env_live: { STAGE: 'live ' },
      },
    ],
    sockets: [{ name: 'http', address: '127.0.0.1:1', service: 'main' }],
  };
  const options = {
    cwd,
    overrides: { main: './mock.ts' },
    addresses: { http: '127.0.0.1:0' },
    variables: { VARIABLE: 'value' },
    env: 'live',
    threads: 1,
  };
  const server = await createServer(config, options);
  t.teardown(() => server.close());
  t.match(server.sockets, [{ name: 'http', url: /^http:\/\/127\.0\.0\.1:\d+\/$/u }]);
  t.equal(await (await server.fetch('http://x/')).text(), 'mock');
  t.equal(await (await server.fetch('http://x/', { service: 'env' })).text(), 'live value');
});

t.test('everything that is wrong is in the error', async (t) => {
  const config = { apps: [{ name: 'a', script: 'gone.js' }], sockets: 5 } as unknown as EcosystemConfig;
  await t.rejects(createServer(config), {
    name: 'CommandFailure',
    message: /gone\.js/u,
    errors: [{ code: 'CONFIG_VALUE' }, { code: 'SCRIPT_NOT_FOUND' }],
  });
  const cwd = writeFiles(t, { files: { 'a.js': `throw new Error('at the top')` } });
  const broken = createServer({ apps: [{ name: 'a', script: 'a.js' }] }, { cwd, threads: 1 });
  await t.rejects(broken, { errors: [{ code: 'WORKER_EVALUATION' }] });
  await t.rejects(createServer('nowhere.config.js', { cwd }), { errors: [{ code: 'CONFIG_NOT_FOUND' }] });
});

t.test('a program ends by itself when its servers are closed', async (t) => {
  const { startChild } = await import('../helpers/child.ts');
  const code = `
import { createServer } from ${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)};
await using server = await createServer('w.ts', { threads: 1 });
console.log(await (await server.fetch('http://x/', { service: 'w' })).text());
`;
  const cwd = writeFiles(t, {
    files: { 'program.ts': code, 'w.ts': 'export default { fetch: (): Response => new Response("out") }' },
  });
  const child = startChild(t, process.execPath, ['program.ts'], { cwd });
  t.strictSame(await child.ended, { status: 0, signal: null });
  t.equal(child.stdout, 'out\n');
});
