/** How `nanod serve` ends. */

import t from 'tap';
import { openRaw } from '../helpers/http.ts';
import { serve, single } from '../helpers/nanod.ts';
import type { Deployment } from '../helpers/nanod.ts';

/** Answers with a body that ends when the request's does; says so when it has seen the request. */
const SLOW = `
export default {
  fetch(request) {
    console.log('under way');
    return new Response(request.body);
  },
};`;

const HEAD = 'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n';
const isUnderWay = ({ msg }: { msg: string }): boolean => msg === 'under way';

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  t.test(`${signal} lets a request under way finish, refuses new ones, and ends with status 0`, async (t) => {
    const nanod = await serve(t, single(SLOW));
    const idle = await openRaw(t, nanod.port);
    const connection = await openRaw(t, nanod.port);
    connection.send(`${HEAD}6\r\nbegin,\r\n`);
    await connection.until('begin,');
    nanod.signal(signal);
    await idle.closed;
    await t.rejects(fetch(nanod.url), 'nobody listens any more');
    connection.send('3\r\nend\r\n0\r\n\r\n');
    await connection.closed;
    t.match(connection.received, /begin,\r\n3\r\nend\r\n0\r\n\r\n$/);
    const { status, stderr } = await nanod.ended;
    t.equal(status, 0);
    t.notMatch(stderr, /cut off|error/);
  });
}

t.test('a response that begins during the stop closes its connection', async (t) => {
  const code = `
    let go;
    export default {
      async fetch(request) {
        if (request.method === 'POST') { console.log('under way'); await request.text(); }
        return new Response('late');
      },
    };`;
  const nanod = await serve(t, single(code));
  const idle = await openRaw(t, nanod.port);
  const connection = await openRaw(t, nanod.port);
  connection.send(HEAD);
  await nanod.logged(isUnderWay);
  nanod.signal('SIGTERM');
  await idle.closed;
  connection.send('0\r\n\r\n');
  await connection.closed;
  t.match(connection.received, /^HTTP\/1\.1 200 OK\r\n[^]*connection: close\r\n[^]*late$/i);
  t.equal((await nanod.ended).status, 0);
});

t.test('a request that reaches an idle connection as nanod stops is answered', async (t) => {
  const code = `export default { fetch: () => new Response('answered') };`;
  const nanod = await serve(t, { ...single(code), tuning: { ingress: { lingerTimeout: 60_000 } } });
  const connection = await openRaw(t, nanod.port);
  connection.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  await connection.until('answered');
  nanod.signal('SIGTERM');
  await nobodyListens(nanod.url);
  connection.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  await connection.closed;
  t.match(connection.received, /answered[^]*connection: close\r\n[^]*answered$/i);
  t.equal((await nanod.ended).status, 0);
});

/** Resolves when a connection is refused. */
async function nobodyListens(url: string): Promise<void> {
  const answered = await fetch(url, { headers: { connection: 'close' } }).then(
    (response) => response.text(),
    () => undefined,
  );
  if (answered !== undefined) await nobodyListens(url);
}

t.test('a reader of the log that goes away takes nobody with it', async (t) => {
  const code = `export default { fetch() { console.log('a line'); return new Response('served'); } };`;
  const nanod = await serve(t, single(code));
  nanod.closeOutput();
  for (let request = 0; request < 5; request++) t.equal(await (await fetch(nanod.url)).text(), 'served');
  t.equal((await nanod.stop()).status, 0);
});

t.test('the stop waits for what was given to waitUntil', async (t) => {
  const code = `
    export default {
      fetch(request, env, ctx) {
        ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 300)).then(() => console.log('written')));
        return new Response('ok');
      },
    };`;
  const nanod = await serve(t, single(code));
  await (await fetch(nanod.url)).text();
  const { status, log } = await nanod.stop();
  t.equal(status, 0);
  t.match(
    log.map(({ msg }) => msg),
    ['written'],
  );
});

t.test('a second signal ends at once', async (t) => {
  for (const [second, status] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const) {
    const nanod = await serve(t, single(SLOW));
    const connection = await openRaw(t, nanod.port);
    const idle = await openRaw(t, nanod.port);
    connection.send(HEAD);
    await nanod.logged(isUnderWay);
    nanod.signal(second === 'SIGINT' ? 'SIGTERM' : 'SIGINT');
    await idle.closed; // it has begun to stop
    const outcome = await nanod.stop(second);
    t.equal(outcome.status, status);
    await connection.closed;
  }
});

t.test('one press of Ctrl-C that arrives twice is one', async (t) => {
  const nanod = await serve(t, single(SLOW));
  const connection = await openRaw(t, nanod.port);
  const idle = await openRaw(t, nanod.port);
  connection.send(HEAD);
  await nanod.logged(isUnderWay);
  nanod.signal('SIGINT');
  nanod.signal('SIGINT');
  await idle.closed;
  connection.send('0\r\n\r\n');
  await connection.closed;
  t.equal((await nanod.ended).status, 0);
});

t.test('requests that do not end in time are cut off and counted', async (t) => {
  const nanod = await serve(t, { ...single(SLOW), tuning: { drainTimeout: 200 } });
  const connection = await openRaw(t, nanod.port);
  connection.send(HEAD);
  await nanod.logged(isUnderWay);
  const { status, stderr } = await nanod.stop();
  await connection.closed;
  t.equal(status, 0);
  t.match(stderr, /^1 request cut off: too slow to end in time$/m);
});

t.test('work after the response that does not end in time is cut off as well', async (t) => {
  const code = `export default {
    fetch(request, env, ctx) {
      ctx.waitUntil(new Promise(() => {}));
      return new Response('ok');
    },
  };`;
  const nanod = await serve(t, { ...single(code), tuning: { drainTimeout: 200 } });
  await (await fetch(nanod.url)).text();
  t.equal((await nanod.stop()).status, 0);
});

const BLOCKING: Deployment = single(`export default {
  fetch() {
    console.log('under way');
    for (;;);
  },
};`);

t.test('a thread that a worker blocks does not keep the process', async (t) => {
  const nanod = await serve(t, { ...BLOCKING, tuning: { drainTimeout: 200 } });
  const connection = await openRaw(t, nanod.port);
  connection.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  await nanod.logged(isUnderWay);
  const { status, log } = await nanod.stop();
  t.equal(status, 0);
  t.match(log.at(-1)?.msg, /^thread \d+ is blocked: its requests are lost$/);
});
