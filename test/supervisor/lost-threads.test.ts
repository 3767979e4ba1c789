/** Threads that die again and again, or hold too much: who is to blame is parked, and who is not goes on. */

import { get, request } from 'node:http';
import t from 'tap';
import type { Test } from 'tap';
import { stopCompiler } from '../../src/bundle/compile.ts';
import { makeSupervisor, planOf, type TestSupervisor } from '../helpers/supervisor.ts';

t.teardown(stopCompiler);

interface Answer {
  readonly status: number | undefined;
  readonly text: string;
}

function ask(url: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode, text })).on('error', reject);
    }).on('error', reject);
  });
}

/** Asks until somebody answers: while a thread is being replaced, nobody listens. */
async function answer(url: string): Promise<Answer> {
  for (;;) {
    const found = await ask(url).catch(() => undefined);
    if (found !== undefined) return found;
  }
}

/** A request whose body is still to come. */
function openRequest(url: string): { end(): void; readonly answer: Promise<Answer> } {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = request(url, { method: 'POST', agent: false }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    response.on('end', () => resolve({ status: response.statusCode, text })).on('error', reject);
  });
  sent.on('error', reject);
  sent.write('x');
  return { end: () => sent.end(), answer: promise };
}

const overflowing = `
  const all = [];
  export default { fetch(request) {
    if (new URL(request.url).pathname === '/overflow') for (;;) all.push({ number: all.length });
    return new Response('greedy');
  } };`;

/** One thread with `greedy`, `gateway` in front of it, and `good`, each behind an address of its own. */
async function start(t: Test): Promise<TestSupervisor & { url(service: string): string }> {
  const made = makeSupervisor(t);
  const policy = { max_restarts: 4 };
  const plan = await planOf(t, {
    config: {
      threads: 1,
      threadMemoryMb: 24,
      apps: [
        { name: 'greedy', script: 'greedy.js', ...policy },
        { name: 'gateway', script: 'gateway.js', ...policy, bindings: { GREEDY: { service: 'greedy' } } },
        { name: 'good', script: 'good.js', ...policy },
      ],
      sockets: ['greedy', 'gateway', 'good'].map((service) => {
        return { name: service, address: '127.0.0.1:0', service };
      }),
    },
    files: {
      'greedy.js': overflowing,
      'gateway.js': `export default { fetch: (request, env) => env.GREEDY.fetch(request) };`,
      'good.js': `export default { fetch: () => new Response('good') };`,
    },
  });
  const listening = await made.supervisor.start(plan);
  const urls = new Map(listening.map(({ service, url }) => [service, url]));
  return { ...made, url: (service) => urls.get(service) ?? '' };
}

/** Has the thread die by a request. Resolves when another one answers. */
async function kill(url: string, neighbour: string): Promise<void> {
  await ask(url).then(
    () => Promise.reject(new Error('the thread lives')),
    () => {},
  );
  await answer(neighbour);
}

t.test('who was running each time when a thread died is given up', async (t) => {
  const { supervisor, records, url } = await start(t);
  await kill(`${url('greedy')}overflow`, url('good'));
  t.match(supervisor.restarts.report('greedy'), { count: 1, recent: [{ kind: 'thread', thread: 1 }] });
  t.match(await ask(url('greedy')), { status: 200 }, 'it has another chance');
  await kill(`${url('greedy')}overflow`, url('good'));
  while ((await answer(url('greedy'))).status !== 503);
  t.match(await ask(url('good')), { status: 200, text: 'good' });
  t.equal(supervisor.threads, 1, 'a deployment starts none where one is about to come back');
  t.ok(
    records.some((text) => /^the service greedy is given up: it has crashed more than 4 times/.test(text)),
  );
  t.equal(supervisor.restarts.report('good').count, 0);
});

t.test('of those who call each other nobody is blamed before it is known who it was', async (t) => {
  const { supervisor, records, url } = await start(t);
  await kill(`${url('gateway')}overflow`, url('good'));
  await kill(`${url('gateway')}overflow`, url('good'));
  t.equal(records.filter((text) => /^thread \d+ was running gateway when it was lost$/.test(text)).length, 2);
  for (const name of ['gateway', 'greedy', 'good']) t.equal(supervisor.restarts.report(name).count, 0, name);
  t.match(await ask(url('gateway')), { status: 200, text: 'greedy' });
  await kill(`${url('greedy')}overflow`, url('good'));
  t.equal(supervisor.restarts.report('greedy').count, 1, 'now it is');
});

t.test('a thread that holds more than it may is replaced, and no request is lost', async (t) => {
  const { supervisor, records } = makeSupervisor(t, { memoryInterval: 20 });
  const plan = await planOf(t, {
    config: {
      threads: 1,
      apps: [
        { name: 'leak', script: 'leak.js', max_memory_restart: '96M' },
        { name: 'good', script: 'good.js' },
      ],
      sockets: ['leak', 'good'].map((service) => ({ name: service, address: '127.0.0.1:0', service })),
    },
    files: {
      'leak.js': `
        const id = crypto.randomUUID();
        const all = [];
        export default { async fetch(request) {
          if (new URL(request.url).pathname === '/leak') all.push(new Uint8Array(16 * 1024 * 1024).fill(1));
          await request.text();
          return new Response(id);
        } };`,
      'good.js': `
        const id = crypto.randomUUID();
        export default { fetch: () => new Response(id) };`,
    },
  });
  const [leak, good] = (await supervisor.start(plan)).map(({ url }) => url) as [string, string];
  const first = await ask(leak);
  const neighbour = await ask(good);
  const slow = openRequest(`${leak}slow`);
  for (let i = 0; i < 8; i++) t.equal((await ask(`${leak}leak`)).status, 200);
  let id = first.text;
  while (id === first.text) id = (await answer(leak)).text;
  t.not((await ask(good)).text, neighbour.text);
  slow.end();
  t.match(await slow.answer, { status: 200, text: first.text }, 'what it was answering it has answered');
  t.equal(supervisor.threads, 1);
  const isReplaced = (text: string): boolean =>
    /^thread 1 holds \d+ MB of 96 MB: another has taken its place$/.test(text);
  while (!records.some(isReplaced)) await ask(good);
  t.equal(records.filter(isReplaced).length, 1);
});
