/** Services that crash are started again, each by itself, and parked in the end; their neighbours notice nothing of it. */

import { Agent, get, type IncomingMessage } from 'node:http';
import t from 'tap';
import type { Test } from 'tap';
import { stopCompiler } from '../../src/bundle/compile.ts';
import { makeSupervisor, planOf, type TestSupervisor } from '../helpers/supervisor.ts';

t.teardown(stopCompiler);

/** Two workers on one thread, each behind an address of its own; each answers with a number of its realm. */
async function start(
  t: Test,
  bad: string,
  options: object = {},
): Promise<TestSupervisor & { readonly bad: string; readonly good: string }> {
  const answer = `const id = crypto.randomUUID(); export default { async fetch(request) { await handle?.(request); return new Response(id); } };`;
  const made = makeSupervisor(t);
  const plan = await planOf(t, {
    config: {
      threads: 1,
      apps: [
        { name: 'bad', script: 'bad.js', ...options },
        { name: 'good', script: 'good.js' },
      ],
      sockets: ['bad', 'good'].map((service) => ({ name: service, address: '127.0.0.1:0', service })),
    },
    files: { 'bad.js': `let handle; ${bad}; ${answer}`, 'good.js': `let handle; ${answer}` },
  });
  const listening = await made.supervisor.start(plan);
  const url = (name: string): string => listening.find(({ service }) => service === name)?.url ?? '';
  return { ...made, bad: url('bad'), good: url('good') };
}

interface Answer {
  readonly status: number | undefined;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

function ask(url: string, agent: Agent | false = false): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response: IncomingMessage) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      const { statusCode: status, headers } = response;
      response
        .on('end', () => resolve({ status, retryAfter: headers['retry-after'], text }))
        .on('error', reject);
    }).on('error', reject);
  });
}

/** Asks until an answer is what the test waits for. */
async function until(url: string, isWanted: (answer: Answer) => boolean): Promise<Answer> {
  for (;;) {
    const answer = await ask(url);
    if (isWanted(answer)) return answer;
  }
}

t.test(
  'a timer that throws again and again: the service is given up, and its neighbour never stops',
  async (t) => {
    const bad = 'setInterval(() => { throw new RangeError("in a timer"); }, 1)';
    const { supervisor, logs, records, ...urls } = await start(t, bad, {
      max_restarts: 5,
      exp_backoff_restart_delay: 1,
    });
    const agent = new Agent({ keepAlive: true });
    t.teardown(() => agent.destroy());
    const ids = new Set<string>();
    let asked = 0;
    let isOver = false;
    const neighbours = (async () => {
      while (!isOver) {
        const { status, text } = await ask(urls.good, asked++ % 2 === 0 ? agent : false);
        if (status !== 200) throw new Error(`the neighbour was answered ${status}`);
        ids.add(text);
      }
    })();

    t.match(await until(urls.bad, ({ status }) => status === 503), { retryAfter: /^\d+$/ });
    await until(urls.bad, ({ retryAfter }) => retryAfter === '60');
    isOver = true;
    await neighbours;
    t.ok(asked > 0, `${asked} requests to the neighbour were answered`);
    t.equal(ids.size, 1, 'by the same realm');
    t.equal(supervisor.threads, 1);

    const { count, recent } = supervisor.restarts.report('bad');
    t.equal(count, 6);
    t.match(recent[0], {
      kind: 'uncaught',
      source: 'timer',
      name: 'RangeError',
      message: 'in a timer',
      thread: 1,
      version: /^[0-9a-f]{64}$/,
      stack: /bad\.js:1:/,
    });
    t.match(
      logs.find(({ text }) => text.startsWith('uncaught')),
      { service: 'bad', version: /^[0-9a-f]{64}$/, thread: 1, requestId: '', error: { source: 'timer' } },
    );
    t.ok(records.includes('the service bad is given up: it has crashed more than 5 times within 5 minutes'));
    t.same(supervisor.restarts.report('good'), { count: 0, restarts: 0, recent: [] });
  },
);

t.test('a realm that has crashed is replaced, and no request is refused', async (t) => {
  const bad = `
    const crashes = new BroadcastChannel('x');
    let timer = setInterval(() => { if (wanted) { wanted = false; throw new Error('once'); } }, 1);
    let wanted = false;
    handle = (request) => {
      if (request.url.endsWith('/crash')) wanted = true;
      if (request.url.endsWith('/slow')) return new Promise((resolve) => { wanted = true; setTimeout(resolve, 50); });
    }`;
  const { supervisor, ...urls } = await start(t, bad);
  const { text: id } = await ask(urls.bad);
  const slow = ask(`${urls.bad}slow`);
  t.match(await until(urls.bad, ({ text }) => text !== id), { status: 200 });
  t.match(await slow, { status: 200, text: id }, 'what it was answering it has answered');
  t.equal(supervisor.restarts.report('bad').count, 1);
});

t.test('what a request has caused is its own affair, and what a worker reports itself as well', async (t) => {
  const bad = `
    setTimeout(() => reportError(new Error('reported')), 0);
    handle = () => { setTimeout(() => { throw new Error('late'); }, 1); void Promise.reject(new Error('floating')); }`;
  const { supervisor, logs, ...urls } = await start(t, bad);
  const { text: id } = await ask(urls.bad);
  const said = (message: string): boolean => logs.some(({ error }) => error?.message === message);
  await until(urls.bad, () => ['late', 'floating', 'reported'].every(said));
  t.match(await ask(urls.bad), { status: 200, text: id });
  t.equal(supervisor.restarts.report('bad').count, 0);
});

t.test('a rejection at the top level that nobody handles is a crash', async (t) => {
  const { supervisor, ...urls } = await start(
    t,
    `setTimeout(() => void Promise.reject(new Error('stray')), 1)`,
    {
      autorestart: false,
    },
  );
  await until(urls.bad, ({ status }) => status === 503);
  t.match(supervisor.restarts.report('bad').recent, [{ source: 'unhandledrejection', message: 'stray' }]);
});

t.test(
  'a worker that cannot be evaluated any more after a crash is tried until it is given up',
  async (t) => {
    // The realms of a thread share the cache of their service.
    const bad = `
    const cache = caches.default;
    const known = await cache.match('http://x/started');
    if (known !== undefined) throw new Error('only once');
    await cache.put('http://x/started', new Response('', { headers: { 'cache-control': 'max-age=1000' } }));
    setTimeout(() => { throw new Error('crash'); }, 1)`;
    const { supervisor, ...urls } = await start(t, bad, { max_restarts: 3, exp_backoff_restart_delay: 1 });
    await until(urls.bad, ({ retryAfter }) => retryAfter === '60');
    const kinds = supervisor.restarts.report('bad').recent.map(({ kind, message }) => `${kind} ${message}`);
    t.strictSame(kinds, [
      'evaluation only once',
      'evaluation only once',
      'evaluation only once',
      'uncaught crash',
    ]);
  },
);
