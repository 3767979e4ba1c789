/** Code written in a configuration, served: modules, service-worker scripts, extensions and wrapped bindings. */

import t from 'tap';
import { runNanod, serve } from '../helpers/nanod.ts';

const wasm = Buffer.from('\0asm\u0001\0\0\0', 'latin1').toString('base64');

const mainModule = `
import text from './t'; import bytes from 'd'; import wasm from 'w'; import { twice } from 'lib/twice.js'; import c from 'c';
import { price } from 'shop:prices'; import { env as imported } from 'cloudflare:workers';
const atStart = imported.SHOP.order('veggie');
export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname === '/throw') c.fail();
    return Response.json({
      text, bytes: [...new Uint8Array(bytes)], wasm: wasm instanceof WebAssembly.Module, twice: twice(2), c: c.name, price: price('rice'),
      atStart, order: await env.SHOP.order('meat'), isOwn: env.SHOP instanceof Object, inner: Object.keys(env), kitchen: env.KITCHEN,
    });
  },
};`;

const config = {
  threads: 1,
  apps: [
    {
      name: 'main',
      modules: [
        { name: 'main.js', esModule: mainModule },
        { name: 't', text: 'text “ü”' },
        { name: 'd', data: 'AP8=' },
        { name: 'w', wasm },
        { name: 'lib/twice.js', esModule: { file: 'twice.ts' } },
        {
          name: 'c',
          commonJs: `exports.name = 'common';\nexports.fail = () => {\n  throw new Error('from c');\n};`,
        },
      ],
      bindings: {
        SHOP: {
          wrapped: {
            moduleName: 'shop:binding',
            innerBindings: {
              RECIPES: { veggie: ['rice', 'beans'], meat: ['meat'] },
              KITCHEN: { service: 'kitchen' },
            },
          },
        },
      },
    },
    {
      name: 'classic',
      serviceWorkerScript:
        'addEventListener("fetch", (event) => event.respondWith(SHOP.order("meat").then((text) => new Response(text + typeof KITCHEN))));',
      bindings: {
        SHOP: {
          wrapped: {
            moduleName: 'shop:binding',
            innerBindings: { RECIPES: { meat: ['meat'] }, KITCHEN: { service: 'kitchen' } },
          },
        },
      },
    },
    {
      name: 'kitchen',
      modules: [
        {
          name: 'k',
          esModule:
            'export default { fetch: async (request) => new Response("cooked " + (await request.text())) }',
        },
      ],
    },
  ],
  extensions: [
    {
      modules: [
        { name: 'shop:prices', esModule: { file: 'prices.js' } },
        { name: 'shop:binding', internal: true, esModule: { file: 'binding.js' } },
        { name: 'shop:kitchen', internal: true, esModule: { file: 'kitchen.js' } },
      ],
    },
  ],
  sockets: [
    { name: 'http', address: '127.0.0.1:0', service: 'main' },
    { name: 'classic', address: '127.0.0.1:0', service: 'classic' },
  ],
};

const files = {
  'twice.ts': 'export const twice = (n: number): number => 2 * n;',
  'prices.js': 'import { prices } from "shop:kitchen"; export const price = (name) => prices[name];',
  'kitchen.js': 'export const prices = { rice: 1, beans: 2, meat: 5 };',
  'binding.js': `import { prices } from 'shop:kitchen';
export default (env) => ({
  async order(name) {
    const sum = env.RECIPES[name].reduce((total, each) => total + prices[each], 0);
    const answer = await env.KITCHEN.fetch('http://kitchen/', { method: 'POST', body: name });
    return (await answer.text()) + ' for ' + sum;
  },
});`,
};

t.test('modules, extensions and wrapped bindings at work', async (t) => {
  const nanod = await serve(t, {
    config: { ...config, preload: 'none' },
    files,
  });
  const answer = await fetch(nanod.url);
  t.same(await answer.json(), {
    text: 'text “ü”',
    bytes: [0, 255],
    wasm: true,
    twice: 4,
    c: 'common',
    price: 1,
    atStart: {},
    order: 'cooked meat for 5',
    isOwn: true,
    inner: ['SHOP'],
  });
  t.equal(await (await fetch(nanod.urls[1] ?? '')).text(), 'cooked meat for 5undefined');
  t.equal((await fetch(`${nanod.url}throw`)).status, 500);
  const line = await nanod.logged(({ err }) => err?.message === 'from c');
  t.match(line.err?.stack, /\(c:3:9\)/u);
  t.match(line.err?.stack, /main\.js:7:\d+/u);
});

t.test('nanod check looks at all of it, and evaluates it', async (t) => {
  const good = await runNanod(t, { config, files, args: ['check', '--evaluate'] });
  t.equal(good.status, 0, good.stderr);
  t.match(good.stdout, /3 workers, evaluated/u);
  const bad = await runNanod(t, {
    config: {
      ...config,
      apps: [
        { name: 'a', modules: [{ name: 'main.js', esModule: 'import "./gone.js";' }] },
        { name: 'b', serviceWorkerScript: 'a b' },
        {
          name: 'c',
          modules: [{ name: 'x.ts', esModule: { file: 'broken.ts' } }],
          bindings: { S: { service: 'none' } },
        },
      ],
      sockets: [],
    },
    files: { ...files, 'broken.ts': 'export default {\n' },
    args: ['check'],
  });
  t.equal(bad.status, 2);
  t.match(bad.stderr, /error\[CONFIG_UNKNOWN_NAME\]/u);
  t.match(bad.stderr, /error\[WORKER_IMPORT\]: main\.js:1:8: worker "a": cannot find "\.\/gone\.js"/u);
  t.match(bad.stderr, /error\[WORKER_SYNTAX\]: serviceWorkerScript:1:3: worker "b"/u);
  t.match(bad.stderr, /error\[WORKER_SYNTAX\]: broken\.ts:2:1: worker "c"/u);
});

t.test('a wrapper that is no function, or that throws, fails the evaluation', async (t) => {
  for (const [code, wanted] of [
    ['export default 1;', /needs a function, which its module does not export/u],
    ['export default () => { throw new Error("no shop") };', /threw while it was evaluated: Error: no shop/u],
  ] as const) {
    const outcome = await runNanod(t, {
      config,
      files: { ...files, 'binding.js': code },
      args: ['check', '--evaluate'],
    });
    t.equal(outcome.status, 1);
    t.match(outcome.stderr, wanted);
  }
});
