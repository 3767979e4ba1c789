/** Workers made of code that is given at run time, in the real server: on several threads, behind a socket, over deployments. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { stopCompiler } from '../../src/bundle/compile.ts';
import { serve } from '../helpers/nanod.ts';
import { makeSupervisor, planOf } from '../helpers/supervisor.ts';

t.teardown(stopCompiler);

const get = async (url = ''): Promise<string> =>
  (await fetch(url, { headers: { connection: 'close' } })).text();

const parent = `export default {
  async fetch(request, env, ctx) {
    const name = new URL(request.url).pathname.slice(1);
    const worker = env.LOADER.get(name, async () => ({
      compatibilityDate: '2026-01-01',
      compatibilityFlags: ['nodejs_compat'],
      mainModule: 'main.js',
      modules: {
        'main.js': \`import { Buffer } from 'node:buffer';
          import { greet } from './lib/greet.js';
          export default { fetch(request, env) {
            if (request.method === 'POST') return new Response(request.body);
            const { pathname } = new URL(request.url);
            if (pathname === '/throw') greet(null);
            return new Response(greet(env.NAME) + Buffer.from('!').toString() + env.VERSION);
          } };\`,
        'lib/greet.js': "export const greet = (name) => {\\n  return 'hello ' + name.toString();\\n};",
      },
      env: { NAME: name, VERSION: env.VERSION },
    }));
    return worker.getEntrypoint().fetch(request);
  },
};`;

const files = { 'parent.js': parent };
const configOf = (version: string, threads = 2): object => ({
  threads,
  apps: [
    { name: 'parent', script: 'parent.js', bindings: { LOADER: { workerLoader: {} }, VERSION: version } },
  ],
  sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'parent' }],
});

t.test('a loaded worker answers on every thread, streams, and is named in stacks', async (t) => {
  const nanod = await serve(t, { config: configOf('1'), files });
  for (let i = 0; i < 6; i++) t.equal(await get(`${nanod.url}you`), 'hello you!1');
  const body = 'x'.repeat(300_000);
  const echo = await fetch(`${nanod.url}you`, { method: 'POST', body });
  t.equal(await echo.text(), body);
  await get(`${nanod.url}throw`);
  const { service, err } = await nanod.logged(({ source }) => source === 'fetch');
  t.equal(service, 'parent/LOADER/throw');
  t.match(err?.stack, /at greet \(lib\/greet\.js:2:26\)\n.*at .*main\.js:6:/u);
  t.equal((await nanod.stop()).status, 0);
});

t.test('a new version of the giver loads its workers anew', async (t) => {
  const { supervisor } = makeSupervisor(t);
  const [listening] = await supervisor.start(await planOf(t, { config: configOf('1', 1), files }));
  t.equal(await get(`${listening?.url}a`), 'hello a!1');
  await supervisor.deploy(await planOf(t, { config: configOf('2', 1), files }), 10_000);
  t.equal(await get(`${listening?.url}a`), 'hello a!2');
});

t.test('the example of the manual answers', async (t) => {
  const page = readFileSync(fileURLToPath(new URL('../../docs/workers.md', import.meta.url)), 'utf8');
  const [, lab = ''] = /```js\n(\/\/ lab\.js\n[^]*?)```/u.exec(page) ?? [];
  const nanod = await serve(t, {
    config: {
      threads: 1,
      apps: [{ name: 'lab', script: 'lab.js', bindings: { CODE: { workerLoader: {} } } }],
      sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'lab' }],
    },
    files: { 'lab.js': lab },
  });
  t.equal(await get(nanod.url), '42\n');
  t.match(await nanod.logged(({ service }) => service === 'lab'), { msg: 'doubling: asked' });
  await nanod.stop();
});

t.test("workerd's and wrangler's configurations have loaders as well", async (t) => {
  const capnp = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "parent", worker = (
    modules = [(name = "parent.js", esModule = embed "parent.js")],
    compatibilityDate = "2026-01-01",
    bindings = [(name = "LOADER", workerLoader = (id = "shared")), (name = "VERSION", text = "c")],
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "parent")],
);`;
  const workerd = await serve(t, {
    files: { ...files, 'config.capnp': capnp },
    args: ['config.capnp'],
  });
  t.equal(await get(`${workerd.url}a`), 'hello a!c');
  await workerd.stop();
  const wrangler = {
    name: 'parent',
    main: 'parent.js',
    compatibility_date: '2026-01-01',
    worker_loaders: [{ binding: 'LOADER' }],
    vars: { VERSION: 'w' },
  };
  const served = await serve(t, {
    files: { ...files, 'wrangler.json': JSON.stringify(wrangler) },
    args: ['wrangler.json', '--socket-addr=http=127.0.0.1:0'],
  });
  t.equal(await get(`${served.url}a`), 'hello a!w');
  await served.stop();
});
