/** What nobody catches is said once, with the service, the request and the place in the source; the thread lives on. */

import t from 'tap';
import { serve, single } from '../helpers/nanod.ts';
import type { LogLine } from '../helpers/nanod.ts';

const WORKER = `const life = crypto.randomUUID();

const routes = {
  timer: () => void setTimeout(() => { throw new RangeError('in a timer'); }, 1),
  interval: () => { const id = setInterval(() => { clearInterval(id); throw new RangeError('in an interval'); }, 1); },
  microtask: () => queueMicrotask(() => { throw new RangeError('in a microtask'); }),
  rejection: () => void Promise.reject(new RangeError('in a promise')),
  async: () => void (async () => { await null; throw new RangeError('in an async function'); })(),
  subclass: () => void class extends Promise {}.reject(new RangeError('in a promise of its own')),
  nothing: () => void Promise.reject(),
  hostile: () => void Promise.reject(new Proxy({}, { get() { throw new Error('trap'); }, getPrototypeOf() { throw new Error('trap'); } })),
  event: () => { const target = new EventTarget(); target.addEventListener('x', () => { throw new RangeError('in a listener'); }); target.dispatchEvent(new Event('x')); },
  waitUntil: (ctx) => ctx.waitUntil(Promise.reject(new RangeError('in waitUntil'))),
  laterWaitUntil: (ctx) => ctx.waitUntil(new Promise((resolve, reject) => setTimeout(() => reject(new RangeError('later in waitUntil')), 1))),
  handled: () => void Promise.reject(new RangeError('handled')).catch(() => {}),
};

export default {
  fetch(request, env, ctx) {
    const name = new URL(request.url).pathname.slice(1);
    if (name !== '') routes[name](ctx);
    return new Response(life);
  },
};
`;

/** The line of WORKER that a route stands in. */
function lineOf(route: string): number {
  return WORKER.split('\n').findIndex((line) => line.startsWith(`  ${route}:`)) + 1;
}

const cases: Readonly<Record<string, string>> = {
  timer: 'in a timer',
  interval: 'in an interval',
  microtask: 'in a microtask',
  rejection: 'in a promise',
  async: 'in an async function',
  subclass: 'in a promise of its own',
  event: 'in a listener',
  waitUntil: 'in waitUntil',
  laterWaitUntil: 'later in waitUntil',
};

t.test('whatever is thrown after nobody waits for it is logged once', async (t) => {
  const nanod = await serve(t, single(WORKER));
  const get = async (route: string): Promise<[number, string]> => {
    const response = await fetch(nanod.url + route);
    return [response.status, await response.text()];
  };
  const [, life] = await get('');
  for (const [route, message] of Object.entries(cases)) {
    await t.test(`${route}: ${message}`, async (t) => {
      t.strictSame(await get(route), [200, life], 'the request is answered all the same');
      const line = await nanod.logged(({ err }) => err?.message === message);
      t.match(line, {
        level: 50,
        service: 'main',
        thread: 1,
        version: /^[0-9a-f]{12}$/,
        msg: `uncaught RangeError: ${message}`,
        err: { type: 'RangeError', stack: new RegExp(`main\\.js:${lineOf(route)}:`) },
      });
      t.match(line.requestId, /./, 'it belongs to its request');
    });
  }
  for (const route of ['nothing', 'hostile', 'handled']) t.strictSame(await get(route), [200, life]);
  t.strictSame(await get(''), [200, life], 'the thread and its realm are the same as before');

  const { status, log } = await nanod.stop();
  t.equal(status, 0);
  const count = (isWanted: (line: LogLine) => boolean): number => log.filter(isWanted).length;
  for (const message of Object.values(cases))
    t.equal(
      count(({ err }) => err?.message === message),
      1,
      message,
    );
  t.equal(
    count(({ err }) => err?.message === 'handled'),
    0,
  );
  t.equal(
    count(({ source }) => source === 'unhandledrejection'),
    5,
  );
  t.equal(log.length, Object.keys(cases).length + 2, 'there is nothing else');
});

const LISTENER = `const seen = [];
const tell = (event) => seen.push([event.constructor.name, event.type, event.isTrusted, event.cancelable,
  event.promise === promise, event.reason?.message, event.target === globalThis, event instanceof PromiseRejectionEvent]);
addEventListener('unhandledrejection', tell);
onunhandledrejection = (event) => { 
  if (event.reason.message !== 'not prevented') event.preventDefault();
  if (event.reason.message === 'handled there') event.promise.catch(() => {});
};
addEventListener('rejectionhandled', tell);
let promise;
const kinds = {
  '/plain': (error) => Promise.reject(error),
  '/subclass': (error) => class extends Promise {}.reject(error),
  '/patched': (error) => Object.assign(Promise.reject(error), { then() { throw 1; }, constructor: undefined }),
  '/trapped': (error) => Object.setPrototypeOf(Promise.reject(error), new Proxy(Promise.prototype, {
    getPrototypeOf() { seen.push('a trap ran'); return null; } })),
};
export default {
  async fetch(request) {
    seen.length = 0;
    const { pathname, searchParams } = new URL(request.url);
    promise = kinds[pathname](new RangeError(searchParams.get('message')));
    await new Promise((resolve) => setTimeout(resolve));
    const before = seen.length;
    Promise.prototype.then.call(Object.setPrototypeOf(promise, Promise.prototype), null, () => {});
    await new Promise((resolve) => setTimeout(resolve));
    return Response.json([before, ...seen]);
  },
};
`;

t.test('the worker hears of a rejection that nobody handles, and that somebody does after all', async (t) => {
  const nanod = await serve(t, single(LISTENER));
  const ask = async (path: string): Promise<unknown> => (await fetch(nanod.url + path)).json();
  const event = ['PromiseRejectionEvent'];
  for (const kind of ['plain', 'subclass', 'patched']) {
    t.same(
      await ask(`${kind}?message=prevented`),
      [
        1,
        [...event, 'unhandledrejection', true, true, true, 'prevented', true, true],
        [...event, 'rejectionhandled', true, false, true, 'prevented', true, true],
      ],
      kind,
    );
  }
  t.same(await ask('plain?message=not prevented'), [
    1,
    [...event, 'unhandledrejection', true, true, true, 'not prevented', true, true],
    [...event, 'rejectionhandled', true, false, true, 'not prevented', true, true],
  ]);
  t.equal(
    ((await ask('plain?message=handled there')) as unknown[]).length,
    2,
    'a handler from a listener comes in time',
  );
  t.same(await ask('trapped?message=trapped'), [0], 'a promise that hides what it is belongs to nobody');

  const { log, stderr } = await nanod.stop();
  t.match(
    log.map(({ level, msg }) => [level, msg]),
    [
      [50, 'uncaught RangeError: not prevented'],
      [50, 'a rejected promise was handled by no one'],
    ],
  );
  t.equal(log.length, 2, 'what was prevented is not in the log');
  t.notMatch(stderr, /PromiseRejectionHandledWarning/);
});

t.test('records of requests that wait for the same realm to load carry their own request', async (t) => {
  const code = `export default { fetch(request) { console.log(new URL(request.url).pathname); return new Response(''); } };`;
  const nanod = await serve(t, single(code, { preload: 'none' }));
  await Promise.all(['a', 'b', 'c'].map(async (path) => (await fetch(nanod.url + path)).text()));
  const { log } = await nanod.stop();
  t.equal(new Set(log.map(({ requestId }) => requestId)).size, 3);
});

t.test('a request that no worker could answer is logged with its id', async (t) => {
  const cases = {
    'a default export without a handler': [
      `export default {};`,
      500,
      /"main" did not answer: .* no fetch handler/,
    ],
    'a script without a listener': [`const nothing = 1;`, 500, /"main" did not answer: .* no fetch handler/],
    'a top level that throws': [
      `export default {}; throw new Error('top');`,
      503,
      /"main" could not be evaluated/,
    ],
  } as const;
  for (const [name, [code, status, message]] of Object.entries(cases)) {
    const nanod = await serve(t, single(code, { preload: 'none' }));
    for (const expected of ['1-1', '1-2']) {
      const response = await fetch(nanod.url);
      t.strictSame([response.status, response.headers.get('x-request-id')], [status, expected], name);
      const line = await nanod.logged(
        ({ service, requestId }) => service === 'nanod' && requestId === expected,
      );
      t.match(line, { level: 50, msg: message });
    }
    await nanod.stop();
  }
});
