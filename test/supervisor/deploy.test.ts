/** Another plan takes over from the one that runs: all of it or nothing, and no request is lost. */

import { once } from 'node:events';
import { Agent, get, request } from 'node:http';
import t from 'tap';
import type { Test } from 'tap';
import { stopCompiler } from '../../src/bundle/compile.ts';
import type { NanodError } from '../../src/shared/errors.ts';
import { makeSupervisor, planOf } from '../helpers/supervisor.ts';

t.teardown(stopCompiler);

const drainMs = 10_000;
const http = { name: 'http', address: '127.0.0.1:0', service: 'main' };

/** Two workers; `main` asks `back`, and says which instance of itself has answered. */
function pair(main: string, back: string, more: object = {}): Parameters<typeof planOf>[1] {
  return {
    config: {
      threads: 2,
      apps: [
        { name: 'main', script: 'main.js', bindings: { BACK: { service: 'back' } } },
        { name: 'back', script: 'back.js' },
      ],
      sockets: [http],
      ...more,
    },
    files: {
      'main.js': `
        const id = crypto.randomUUID();
        export default {
          async fetch(request, env) {
            const { pathname } = new URL(request.url);
            if (pathname === '/id') return new Response(id);
            return new Response('${main}+' + await (await env.BACK.fetch(request)).text());
          },
        };`,
      'back.js': back,
    },
  };
}

function answering(text: string): string {
  return `export default { fetch: () => new Response('${text}') };`;
}

/** The body of an answer, over a connection of its own. */
function text(url = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve(body)).on('error', reject);
    }).on('error', reject);
  });
}

function codes(error: unknown): string[] {
  const errors = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
  return errors.map((each) => (each as NanodError).code);
}

t.test('a changed worker takes over, an unchanged one keeps its realm', async (t) => {
  const { supervisor } = makeSupervisor(t);
  const [listening] = await supervisor.start(await planOf(t, pair('a', answering('1'))));
  const url = listening?.url;
  t.equal(await text(url), 'a+1');
  const ids = new Set<string>();
  while (ids.size < 2) ids.add(await text(`${url}id`));

  const [same] = await supervisor.deploy(await planOf(t, pair('a', answering('2'))), drainMs);
  t.equal(same?.url, url, 'the socket stays');
  for (let i = 0; i < 10; i++) t.equal(await text(url), 'a+2');
  for (let i = 0; i < 10; i++) t.ok(ids.has(await text(`${url}id`)), 'the realm of main is the same');

  await supervisor.deploy(await planOf(t, pair('b', answering('2'))), drainMs);
  for (let i = 0; i < 10; i++) t.equal(await text(url), 'b+2');
});

t.test('one failure anywhere leaves everything as it was', async (t) => {
  const { supervisor } = makeSupervisor(t, { evaluationTimeout: 1000 });
  const [listening] = await supervisor.start(await planOf(t, pair('a', answering('1'))));
  const url = listening?.url;
  t.equal(await text(url), 'a+1');
  const refused: [string, string, string][] = [
    ['a top level that throws', 'throw new Error("no")', 'WORKER_EVALUATION'],
    ['one that never ends', 'for (;;);', 'WORKER_TIMEOUT'],
    ['one that waits for ever', 'await new Promise(() => {})', 'WORKER_TIMEOUT'],
  ];
  for (const [what, code, expected] of refused) {
    const plan = await planOf(t, pair('b', `${code}; ${answering('2')}`));
    t.strictSame(
      codes(await supervisor.deploy(plan, drainMs).catch((error: unknown) => error)),
      [expected],
      what,
    );
    t.equal(await text(url), 'a+1', what);
  }
  const missing = pair('b', answering('2'));
  const entry = { name: 'more', address: '127.0.0.1:0', service: { service: 'back', entrypoint: 'Nowhere' } };
  const plan = await planOf(t, pair('b', answering('2'), { sockets: [http, entry] }));
  t.strictSame(codes(await supervisor.deploy(plan, drainMs).catch((error: unknown) => error)), [
    'WORKER_ENTRYPOINT',
  ]);
  t.equal(await text(url), 'a+1');
  await supervisor.deploy(await planOf(t, missing), drainMs);
  t.equal(await text(url), 'b+2', 'a good one is deployed afterwards');
});

t.test(
  'requests finish on the version that they began on, and its realm goes with the last of them',
  async (t) => {
    const { supervisor, logs } = makeSupervisor(t);
    const slow = `
    let release;
    export default {
      async fetch(request) {
        const { pathname } = new URL(request.url);
        if (pathname !== '/slow') return new Response('1');
        console.log('waiting');
        const timer = setInterval(() => {}, 1000);
        await new Promise((resolve) => { new BroadcastChannel('go').onmessage = resolve; });
        clearInterval(timer);
        return new Response('slow 1');
      },
    };`;
    const plan = await planOf(t, { ...pair('a', slow, { threads: 1 }) });
    const [listening] = await supervisor.start(plan);
    const url = listening?.url;
    const waiting = text(`${url}slow`);
    while (logs.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const next = `
    export default {
      fetch() {
        new BroadcastChannel('go').postMessage(1);
        return new Response('2');
      },
    };`;
    await supervisor.deploy(await planOf(t, pair('a', next, { threads: 1 })), drainMs);
    t.equal(await text(url), 'a+2');
    t.equal(await waiting, 'a+slow 1');
  },
);

t.test('a request that takes too long for the old version is cut off', async (t) => {
  const { supervisor, logs } = makeSupervisor(t);
  const slow = `
    export default { fetch: () => { console.log('waiting'); return new Promise((resolve) => setTimeout(resolve, 1e6)); } };`;
  const [listening] = await supervisor.start(await planOf(t, pair('a', slow, { threads: 1 })));
  const waiting = fetch(listening?.url ?? '');
  while (logs.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await supervisor.deploy(await planOf(t, pair('b', answering('2'), { threads: 1 })), 1);
  t.equal((await waiting).status, 503);
  t.equal(await text(listening?.url), 'b+2');
});

t.test('sockets, services, groups and threads come and go', async (t) => {
  const { supervisor } = makeSupervisor(t);
  const [listening] = await supervisor.start(await planOf(t, pair('a', answering('1'))));
  const more = await planOf(t, {
    config: {
      threads: 3,
      groups: { apart: { threads: 1 } },
      apps: [
        {
          name: 'main',
          script: 'main.js',
          bindings: { BACK: { service: 'back' } },
          compatibilityFlags: ['nodejs_compat'],
        },
        { name: 'back', script: 'back.js', group: 'apart' },
      ],
      sockets: [http, { name: 'direct', address: '127.0.0.1:0', service: 'back' }],
    },
    files: {
      'main.js': `import { Buffer } from 'node:buffer';
        export default { fetch: async (r, env) => new Response(Buffer.from('m').toString('hex') + await (await env.BACK.fetch(r)).text()) };`,
      'back.js': answering('apart'),
    },
  });
  const both = await supervisor.deploy(more, drainMs);
  t.equal(supervisor.threads, 4);
  t.equal(both[0]?.url, listening?.url);
  for (let i = 0; i < 10; i++) t.equal(await text(both[0]?.url), '6dapart');
  t.equal(await text(both[1]?.url), 'apart');

  const one = await planOf(t, {
    config: {
      threads: 1,
      apps: [{ name: 'other', script: 'o.js' }],
      sockets: [{ ...http, service: 'other' }],
    },
    files: { 'o.js': answering('other') },
  });
  await supervisor.deploy(one, drainMs);
  t.equal(supervisor.threads, 1);
  for (let i = 0; i < 5; i++) t.equal(await text(listening?.url), 'other');
  await t.rejects(text(both[1]?.url), 'nobody listens any more');
});

t.test('an address changes its host and keeps its port', async (t) => {
  const { supervisor } = makeSupervisor(t);
  const [first] = await supervisor.start(await planOf(t, pair('a', answering('1'))));
  const { port } = new URL(first?.url ?? '');
  for (const address of [`127.0.0.2:${port}`, `*:${port}`, `127.0.0.1:${port}`]) {
    const plan = await planOf(t, pair('a', answering('1'), { sockets: [{ ...http, address }] }));
    const [now] = await supervisor.deploy(plan, drainMs);
    t.equal(await text(now?.url), 'a+1', address);
  }
  await t.rejects(text(`http://127.0.0.2:${port}/`), 'nobody listens on the former hosts');
});

t.test('an address that is taken refuses the deployment', async (t) => {
  const { supervisor } = makeSupervisor(t);
  const [listening] = await supervisor.start(await planOf(t, pair('a', answering('1'))));
  const { createServer } = await import('node:net');
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  t.teardown(() => holder.close());
  const { port } = holder.address() as { port: number };
  const taken = { name: 'taken', address: port, service: 'back' };
  const plan = await planOf(t, pair('b', answering('2'), { sockets: [http, taken] }));
  t.strictSame(codes(await supervisor.deploy(plan, drainMs).catch((error: unknown) => error)), [
    'SOCKET_IN_USE',
  ]);
  t.equal(await text(listening?.url), 'a+1');
});

t.test('parked services refuse, and a stopped one leaves its address', async (t) => {
  const { supervisor } = makeSupervisor(t);
  const plan = await planOf(t, pair('a', answering('1')));
  const [listening] = await supervisor.start(plan);
  await supervisor.deploy({ ...plan, parked: new Map([['back', 'stopped']]) }, drainMs);
  t.equal((await fetch(listening?.url ?? '')).status, 503, 'an error of its caller, who does not catch it');
  t.strictSame(await supervisor.deploy({ ...plan, parked: new Map([['main', 'stopped']]) }, drainMs), []);
  await t.rejects(text(listening?.url));
  const [again] = await supervisor.deploy(plan, drainMs);
  t.equal(await text(again?.url), 'a+1');
  const id = await text(`${again?.url}id`);
  await supervisor.deploy({ ...plan, restarts: new Map([['main', 1]]) }, drainMs);
  t.not(await text(`${again?.url}id`), id, 'started anew');
});

/** Sends requests one after the other until it is told to stop. Resolves with how many were answered as expected, and what else came. */
async function load(url: string, keepAlive: boolean, end: AbortSignal): Promise<[number, string[]]> {
  const agent = new Agent({ keepAlive, maxSockets: 1 });
  const wrong: string[] = [];
  let good = 0;
  while (!end.aborted) {
    const outcome = await new Promise<string>((resolve) => {
      request(url, { agent }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () => resolve(`${response.statusCode} ${body}`));
        response.on('error', (error) => resolve(error.message));
      })
        .on('error', (error) => resolve(error.message))
        .end();
    });
    if (/^200 \d+\+\d+$/u.test(outcome)) good++;
    else wrong.push(outcome);
  }
  agent.destroy();
  return [good, wrong];
}

async function underLoad(t: Test, rounds: number): Promise<void> {
  const { supervisor } = makeSupervisor(t);
  const plans = await Promise.all([0, 1, 2].map((i) => planOf(t, pair(String(i), answering(String(i))))));
  const [listening] = await supervisor.start(plans[0] as (typeof plans)[0]);
  const end = new AbortController();
  const loads = [true, true, false, false].map((keepAlive) =>
    load(listening?.url ?? '', keepAlive, end.signal),
  );
  for (let i = 1; i <= rounds; i++)
    await supervisor.deploy(plans[i % plans.length] as (typeof plans)[0], drainMs);
  end.abort();
  for (const [good, wrong] of await Promise.all(loads)) {
    t.ok(good > 0, `${good} requests were answered`);
    t.strictSame(wrong, []);
  }
}

t.test('no request fails while one deployment follows the other', (t) => underLoad(t, 10));
