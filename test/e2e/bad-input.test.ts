/** What is wrong with a deployment is said before anything listens, with its place and a status that a script can act on. */

import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import t from 'tap';
import type { Test } from 'tap';
import { runNanod, serve, single } from '../helpers/nanod.ts';
import type { Deployment, Outcome } from '../helpers/nanod.ts';

const HELLO = `export default { fetch: () => new Response('hello') };`;

/** Fast enough for a test, slow enough for a machine that is busy. */
const tuning = { evaluationTimeout: 1500 };

/** A server of the test's own that holds a port, so that it can tell whether somebody has connected to it, or taken it. */
async function holdPort(t: Test): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** The statuses of requests that arrive together, in one write: all of them are there before anything else happens. */
async function pipelined(t: Test, port: number, count: number): Promise<string[]> {
  const client = connect(port, '127.0.0.1');
  t.teardown(() => client.destroy());
  const next = 'GET / HTTP/1.1\r\nHost: test\r\n\r\n'.repeat(count - 1);
  client.write(`${next}GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n`);
  let answer = '';
  for await (const chunk of client.setEncoding('latin1')) answer += String(chunk);
  return [...answer.matchAll(/^HTTP\/1\.1 (\d+) /gmu)].flatMap(([, status]) => status ?? []);
}

/** Serves what cannot be served. Nothing may be printed that says otherwise. */
async function refuse(
  t: Test,
  deployment: Deployment,
  status: number,
  ...errors: readonly RegExp[]
): Promise<Outcome> {
  const outcome = await runNanod(t, { tuning, ...deployment, args: ['serve'] });
  t.strictSame([outcome.status, outcome.signal, outcome.stdout], [status, null, ''], outcome.stderr);
  for (const error of errors) t.match(outcome.stderr, error);
  const count = outcome.stderr.split('\n').filter((line) => line.startsWith('error[')).length;
  t.equal(count, errors.length, 'each error is said once');
  return outcome;
}

function worker(name: string, bindings: object = {}): object {
  return { name, script: `${name}.js`, bindings };
}

t.test('a script that does not exist', async (t) => {
  await refuse(
    t,
    { config: { apps: [worker('api')] } },
    2,
    /^error\[SCRIPT_NOT_FOUND\]: apps\[0\]\.script.*: "api\.js" does not exist\n {2}hint: .*directory/m,
  );
});

t.test('a syntax error in a worker, with its file, line, column and the code around it', async (t) => {
  const files = {
    'main.js': `import './part.ts';\n${HELLO}`,
    'part.ts': `const a: number = 1;\nconst b = (a +;\n`,
  };
  const { stderr } = await refuse(
    t,
    { ...single(''), files },
    2,
    /^error\[WORKER_SYNTAX\]: part\.ts:2:15: worker "main" does not compile: /m,
  );
  t.match(stderr, /2 \|? ?const b = \(a \+;\n.*\^/, 'the code frame');
});

t.test('an import of a file, and of a package, that is not there', async (t) => {
  const files = { 'main.js': `import './gone.js';\nimport { x } from 'no-such-package';\n${HELLO}` };
  await refuse(
    t,
    { ...single(''), files },
    2,
    /^error\[WORKER_IMPORT\]: main\.js:1:8: worker "main": cannot find "\.\/gone\.js"/m,
    /^error\[WORKER_IMPORT\]: main\.js:2:19: worker "main": cannot find "no-such-package"/m,
  );
});

t.test('an import of a name that is not exported', async (t) => {
  const files = {
    'main.js': `import { two } from './one.js';\nexport default two;`,
    'one.js': `export const one = 1;`,
  };
  await refuse(t, { ...single(''), files }, 2, /^error\[WORKER_EXPORT_MISSING\]: main\.js:1:\d+: .*"two"/m);
});

t.test('a throw at the top level, with the place in the source', async (t) => {
  const files = {
    'main.ts': `import { check } from './lib/check.ts';\n\ncheck(7 as number);\n${HELLO}`,
    'lib/check.ts': CHECK,
  };
  const config = {
    threads: 1,
    apps: [{ name: 'main', script: 'main.ts' }],
    sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'main' }],
  };
  const { log } = await refuse(
    t,
    { config, files },
    1,
    /^error\[WORKER_EVALUATION\]: lib\/check\.ts:6:33: the worker "main" threw while it was evaluated: RangeError: 7 is too much$/m,
  );
  t.strictSame(log, [], 'it is said once');
});
const CHECK = `interface Limit { most: number }

const limit: Limit = { most: 5 };

export function check(value: number): void {
  if (value > limit.most) throw new RangeError(value + ' is too much');
}
`;

t.test('a throw at the top level of a service-worker script, of a value that is no error', async (t) => {
  const code = `addEventListener('fetch', () => {});\nthrow 'just text';`;
  await refuse(t, single(code), 1, /^error\[WORKER_EVALUATION\]: .*the worker "main" threw .*just text$/m);
});

t.test('a rejected promise at the top level', async (t) => {
  const code = `await Promise.reject(new Error('later'));\n${HELLO}`;
  await refuse(t, single(code), 1, /^error\[WORKER_EVALUATION\]: main\.js:1:22: .*Error: later$/m);
});

t.test('a promise at the top level that never settles', async (t) => {
  const code = `await new Promise(() => {});\n${HELLO}`;
  await refuse(
    t,
    single(code),
    1,
    /^error\[WORKER_TIMEOUT\]: the worker "main" did not finish evaluating within 1\.5 s\n {2}hint: .*await/m,
  );
});

t.test('an endless loop at the top level, which does not keep the process', async (t) => {
  await refuse(t, single('for (;;);'), 1, /^error\[WORKER_TIMEOUT\]: the worker "main" did not finish/m);
});

t.test('several workers that cannot be evaluated are said together', async (t) => {
  const config = { threads: 2, apps: [worker('one'), worker('two'), worker('three'), worker('four')] };
  const files = {
    'one.js': `throw new Error('first');`,
    'two.js': `await new Promise(() => {});`,
    'three.js': HELLO,
    'four.js': `throw new Error('second');`,
  };
  await refuse(
    t,
    { config, files },
    1,
    /the worker "one" threw while it was evaluated: Error: first/,
    /the worker "two" did not finish/,
    /the worker "four" threw while it was evaluated: Error: second/,
  );
});

t.test('a worker whose top level overflows the heap of its thread', async (t) => {
  const code = `const all = []; for (;;) all.push({ n: all.length });`;
  const outcome = await refuse(
    t,
    { ...single(code, { threadMemoryMb: 32 }), tuning: { evaluationTimeout: 60_000 } },
    1,
    /^error\[THREAD_FAILED\]: a thread of the group "default" could not be started: it was lost while the worker "main" was evaluated$/m,
  );
  t.notMatch(outcome.stderr, /again/, 'it is not started anew');
});

t.test('a binding that names no service', async (t) => {
  const config = { apps: [worker('api', { DB: { service: 'bd' } }), worker('db')] };
  const files = { 'api.js': HELLO, 'db.js': HELLO };
  await refuse(
    t,
    { config, files },
    2,
    /^error\[CONFIG_UNKNOWN_NAME\]: apps\[0\]\.bindings\.DB.*no service named "bd"; did you mean "db"\?/m,
  );
});

t.test('bindings that go in a circle', async (t) => {
  const config = { apps: [worker('a', { B: { service: 'b' } }), worker('b', { A: { service: 'a' } })] };
  const files = { 'a.js': HELLO, 'b.js': HELLO };
  await refuse(t, { config, files }, 2, /^error\[CONFIG_CYCLE\]: apps\[1\]\.bindings\.A/m);
  const allowed = await serve(t, { files, config: { ...config, threads: 1, allowBindingCycles: true } });
  t.equal((await allowed.stop()).status, 0);
});

t.test('a socket that names no service', async (t) => {
  const config = {
    apps: [worker('api')],
    sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'apy' }],
  };
  await refuse(
    t,
    { config, files: { 'api.js': HELLO } },
    2,
    /^error\[CONFIG_UNKNOWN_NAME\]: sockets\[0\]\.service.*"apy"; did you mean "api"\?/m,
  );
});

t.test('two apps of one name', async (t) => {
  const config = { apps: [worker('api'), worker('api')] };
  await refuse(
    t,
    { config, files: { 'api.js': HELLO } },
    2,
    /^error\[CONFIG_DUPLICATE\]: apps\[1\]\.name.*"api".*apps\[0\]\.name/m,
  );
});

t.test('an entrypoint that the worker does not export', async (t) => {
  const config = {
    threads: 1,
    apps: [
      worker('api', {
        ADMIN: { service: 'db', entrypoint: 'Admim' },
        GOOD: { service: 'db', entrypoint: 'Admin' },
      }),
      { ...worker('db'), globalOutbound: { service: 'bare' } },
      worker('bare'),
    ],
    sockets: [{ name: 'http', address: '127.0.0.1:0', service: { service: 'db', entrypoint: 'Web' } }],
  };
  const files = {
    'api.js': HELLO,
    'db.js': `${HELLO} export const Admin = { fetch: () => new Response('admin') };`,
    'bare.js': 'export const nothing = 1;',
  };
  await refuse(
    t,
    { config, files },
    2,
    /^error\[WORKER_ENTRYPOINT\]: apps\[0\]\.bindings\.ADMIN: the worker "db" has no export "Admim"$/m,
    /^error\[WORKER_ENTRYPOINT\]: apps\[1\]\.globalOutbound: the worker "bare" has no default export$/m,
    /^error\[WORKER_ENTRYPOINT\]: sockets\[0\]\.service: the worker "db" has no export "Web"$/m,
  );
});

t.test('an entrypoint of a worker that is not evaluated before is missed at the call', async (t) => {
  const nanod = await serve(t, {
    config: {
      threads: 1,
      preload: 'none',
      apps: [worker('api', { ADMIN: { service: 'db', entrypoint: 'Admim' } }), worker('db')],
      sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'api' }],
    },
    files: {
      'db.js': HELLO,
      'api.js': `export default {
        async fetch(request, env) {
          const error = await env.ADMIN.fetch('http://db/').then(() => undefined, (reason) => reason);
          return Response.json([error.code, error.message]);
        },
      };`,
    },
  });
  t.match(await (await fetch(nanod.url)).json(), ['WORKER_NO_HANDLER', /export "Admim"/]);
  await nanod.stop();
});

t.test('a port that another process listens on', async (t) => {
  const port = await holdPort(t);
  const config = {
    apps: [worker('api')],
    sockets: [{ name: 'http', address: `127.0.0.1:${port}`, service: 'api' }],
  };
  await refuse(
    t,
    { config, files: { 'api.js': HELLO } },
    1,
    new RegExp(
      `^error\\[SOCKET_IN_USE\\]: sockets\\[0\\]\\.address: another process is listening on 127\\.0\\.0\\.1:${port} already\n {2}hint: `,
      'm',
    ),
  );
});

t.test('a port that another nanod listens on, which would be shared without a word', async (t) => {
  const first = await serve(t, single(HELLO));
  const config = {
    apps: [worker('api')],
    sockets: [{ name: 'http', address: `127.0.0.1:${first.port}`, service: 'api' }],
  };
  await refuse(t, { config, files: { 'api.js': HELLO } }, 1, /^error\[SOCKET_IN_USE\]: /m);
  t.equal(await (await fetch(first.url)).text(), 'hello', 'the other one is not disturbed');
  await first.stop();
});

t.test('several sockets that cannot be listened on are said together', async (t) => {
  const addresses = [await holdPort(t), 0, await holdPort(t)].map((port) => `127.0.0.1:${port}`);
  const sockets = addresses.map((address, index) => ({ name: `s${index}`, address, service: 'api' }));
  await refuse(
    t,
    { config: { apps: [worker('api')], sockets }, files: { 'api.js': HELLO } },
    1,
    /^error\[SOCKET_IN_USE\]: sockets\[0\]\.address/m,
    /^error\[SOCKET_IN_USE\]: sockets\[2\]\.address/m,
  );
});

t.test('an address that is not of this machine', async (t) => {
  const config = {
    apps: [worker('api')],
    sockets: [{ name: 'http', address: '192.0.2.1:8080', service: 'api' }],
  };
  await refuse(
    t,
    { config, files: { 'api.js': HELLO } },
    1,
    /^error\[SOCKET_UNUSABLE\]: sockets\[0\]\.address: cannot listen on 192\.0\.2\.1:8080: .*EADDRNOTAVAIL/m,
  );
});

t.test(
  'a worker that cannot be evaluated at its first request fails that request, says why once, and is tried again',
  async (t) => {
    const code = `
    const { readings } = globalThis;
    await new Promise((resolve) => setTimeout(resolve, 20));
    throw new RangeError('not today');`;
    const nanod = await serve(t, single(code, { preload: 'none' }));
    t.strictSame(await pipelined(t, nanod.port, 3), ['503', '503', '503']);
    const { log } = await nanod.stop();
    // What the supervisor says of it comes by another way, before or after.
    const told = log.filter(({ service, err }) => service === 'main' && err !== undefined);
    t.equal(told.length, 1);
    t.match(told, [
      {
        service: 'main',
        level: 50,
        msg: /could not be evaluated/,
        err: { type: 'RangeError', message: 'not today', stack: /main\.js:4:11/ },
      },
    ]);
  },
);

t.test('a worker that never finishes its evaluation fails its requests in time', async (t) => {
  const nanod = await serve(t, {
    ...single('await new Promise(() => {});', { preload: 'none' }),
    tuning: { evaluationTimeout: 300 },
  });
  t.equal((await fetch(nanod.url)).status, 503);
  const { log, status } = await nanod.stop();
  t.equal(status, 0);
  const told = log.filter(({ service, err }) => service === 'main' && err !== undefined);
  t.match(told, [{ err: { message: /did not finish evaluating within 0\.3 s/ } }]);
});
