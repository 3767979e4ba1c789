/** What a worker can import besides its own code: values, bytes, WebAssembly, packages, built-in modules. */

import { Buffer } from 'node:buffer';
import t from 'tap';
import { stopCompiler } from '../../src/bundle/compile.ts';
import { bundleFiles, bundleOf, evaluate, run } from '../helpers/bundle.ts';

t.teardown(stopCompiler);

/** The smallest WebAssembly module. */
const emptyWasm = Buffer.from('\0asm\u0001\0\0\0', 'latin1');

t.test('JSON and text files are values', async (t) => {
  const { read } = await run(t, {
    'worker.js': `
      import data, { list } from './data.json'; import attributed from './data.json' with { type: 'json' };
      import text from './a.txt'; import page from './a.html'; import query from './a.sql';
      export default JSON.stringify([data, list, attributed.list[0], text, page, query]);`,
    'data.json': '{ "list": [1], "__proto__": "own" }',
    'a.txt': 'text “ü”\u2028\n',
    'a.html': '<p>',
    'a.sql': 'select 1',
  });
  const [data, ...rest] = JSON.parse(read('default'));
  t.equal(JSON.stringify(data), '{"list":[1],"__proto__":"own"}');
  t.same(rest, [[1], 1, 'text “ü”\u2028\n', '<p>', 'select 1']);
});

t.test('WebAssembly and data become assets, which the code asks for by index and kind', async (t) => {
  const { read, bundle } = await run(t, {
    'worker.js': `
      import module from './lib/z.wasm'; import again from './lib/z.wasm?module'; import bytes from './data.bin';
      export { module, again, bytes };`,
    lib: { 'z.wasm': emptyWasm },
    'data.bin': Buffer.from([0, 255]),
  });
  t.same(
    bundle.assets.map(({ kind, name }) => [kind, name]),
    [
      ['data', 'data.bin'],
      ['wasm', 'lib/z.wasm'],
    ],
  );
  t.same([...(bundle.assets[0]?.bytes ?? [])], [0, 255]);
  t.match(read('bytes'), { name: 'data.bin', asked: 'data' });
  t.match(read('module'), { name: 'lib/z.wasm', asked: 'wasm' });
  t.match(read('again'), { name: 'lib/z.wasm', asked: 'wasm' });
  t.same(bundle.sources.length, 3);
});

t.test(
  'built-in modules come from the realm: named, as a namespace, by import() and by require()',
  async (t) => {
    const env = { KEY: 'value' };
    const builtins = { 'cloudflare:workers': { env, waitUntil: () => 'waiting' } };
    const { read } = await run(
      t,
      {
        'worker.js': `
        import { env, waitUntil as wait } from 'cloudflare:workers'; import * as all from 'cloudflare:workers';
        export { env, wait, all }; export const later = async () => (await import('cloudflare:workers')).env;
        export { default as required } from './old.cjs';`,
        'old.cjs': `module.exports = require('cloudflare:workers').env;`,
      },
      builtins,
    );
    t.equal(read('env'), env);
    t.equal(read('wait')(), 'waiting');
    t.same(Object.keys(read('all')).toSorted(), [
      'DurableObject',
      'RpcPromise',
      'RpcProperty',
      'RpcStub',
      'RpcTarget',
      'WorkerEntrypoint',
      'env',
      'exports',
      'waitUntil',
    ]);
    t.equal(await read('later')(), env);
    t.equal(read('required'), env);
  },
);

t.test('packages resolve as for workers: conditions, main fields, the browser map, NODE_ENV', async (t) => {
  const manifest = (fields: object): string => JSON.stringify({ name: 'x', version: '1.0.0', ...fields });
  const { read } = await run(t, {
    'worker.ts': `
      import a from 'conditions'; import b from 'fields'; import c from 'mapped'; import d from 'sub/path';
      export default [a, b, c, d, process.env.NODE_ENV].join();`,
    node_modules: {
      conditions: {
        'package.json': manifest({
          exports: { '.': { node: './node.js', workerd: './workerd.js', default: './default.js' } },
        }),
        'workerd.js': 'export default "workerd";',
      },
      fields: {
        'package.json': manifest({ main: './main.js', module: './module.js' }),
        'main.js': 'module.exports = "main";',
        'module.js': 'export default "module";',
      },
      mapped: {
        'package.json': manifest({ main: './index.js', browser: { './node.js': './browser.js', fs: false } }),
        'index.js': 'require("fs"); module.exports = require("./node.js");',
        'browser.js': 'module.exports = "browser";',
      },
      sub: {
        'package.json': manifest({ exports: { './path': { require: './no.cjs', import: './yes.mjs' } } }),
        'yes.mjs': 'export default "import";',
      },
    },
  });
  t.equal(read('default'), 'workerd,module,browser,import,production');
});

t.test(
  'CommonJS packages work: default, named and namespace imports, cycles, __esModule, require of ESM',
  async (t) => {
    const { read } = await run(t, {
      'worker.js': `
      import whole, { named } from './a.cjs'; import * as space from './a.cjs'; import marked from './marked.cjs';
      export default [whole.named, named, space.named, marked.default ?? marked, whole.cycle, whole.esm, whole.self].join();`,
      'a.cjs': `
      exports.named = 'n'; exports.self = this === exports && typeof module.exports;
      exports.cycle = require('./b.cjs').seen; exports.esm = require('./c.mjs').default;`,
      'b.cjs': `exports.seen = require('./a.cjs').named;`,
      'c.mjs': `export default 'esm';`,
      'marked.cjs': `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = 'marked';`,
    });
    t.equal(read('default'), 'n,n,n,marked,n,esm,object');
  },
);

t.test('a package may try a module of Node.js and go without it', async (t) => {
  const { read } = await run(t, {
    'worker.js': `import crypto from 'maybe'; export default crypto;`,
    node_modules: {
      maybe: {
        'package.json': '{}',
        'index.js': `try { module.exports = require('crypto') } catch { module.exports = 'none' }`,
      },
    },
  });
  t.equal(read('default'), 'none');
});

t.test('an installed package stands in for a module of Node.js of the same name', async (t) => {
  const { read } = await run(t, {
    'worker.js': `import events from 'events'; export default events;`,
    node_modules: { events: { 'package.json': '{}', 'index.js': `module.exports = 'a package';` } },
  });
  t.equal(read('default'), 'a package');
});

t.test('a CommonJS entry is a module whose default export is module.exports', async (t) => {
  const { read, bundle } = await run(t, {
    'worker.cjs': `module.exports = { fetch: () => typeof require };`,
  });
  t.equal(bundle.format, 'module');
  t.equal(typeof read('default').fetch, 'function');
});

t.test('a word that merely looks like an import is left alone', async (t) => {
  const text = `
    const words = ["import('x')", \`import.meta \${ { import: 1 }.import } import("y")\`, /import\\(/.source];
    // import('in a comment') /* import.meta */
    export default words.concat({ import(x) { return x } }.import('method')).join('|');`;
  const { read } = await run(t, { 'worker.js': text });
  t.equal(read('default'), `import('x')|import.meta 1 import("y")|import\\(|method`);
  const bundled = await run(t, { 'worker.js': `import './e.js'; ${text}`, 'e.js': '' });
  t.equal(bundled.read('default'), read('default'));
});

t.test('a script that mentions Temporal says so', async (t) => {
  const bundle = bundleOf(
    await bundleFiles(t, { 'worker.js': 'export default () => Temporal.Now.instant();' }),
  );
  t.ok(bundle.mentionsTemporal);
  const other = bundleOf(await bundleFiles(t, { 'worker.js': 'export default () => Date.now();' }));
  t.notOk(other.mentionsTemporal);
  t.equal((await evaluate(other)).names.length, 1);
});
