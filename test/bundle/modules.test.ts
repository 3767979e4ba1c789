/** Workers whose modules are written in a configuration: how names are resolved, what each kind of module is, and where errors stand. */

import { Buffer } from 'node:buffer';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import { bundleWorker } from '../../src/bundle/bundle-worker.ts';
import type { BundleOutcome, BundleRequest } from '../../src/bundle/bundle.ts';
import { stopCompiler } from '../../src/bundle/compile.ts';
import { describeError } from '../../src/shared/errors.ts';
import { normalizeModuleName, resolveModuleName } from '../../src/shared/module-names.ts';
import type { ModuleKind, ModuleSource } from '../../src/shared/worker-source.ts';
import { bundleOf, errorsOf, evaluate } from '../helpers/bundle.ts';
import type { Evaluated } from '../helpers/bundle.ts';

t.teardown(stopCompiler);

const wasm = Buffer.from('\0asm\u0001\0\0\0', 'latin1').toString('base64');

function module(kind: ModuleKind, name: string, text: string, namedExports: string[] = []): ModuleSource {
  return { kind, name, content: { kind: 'inline', text }, namedExports };
}

function bundle(modules: ModuleSource[], rest: Partial<BundleRequest> = {}): Promise<BundleOutcome> {
  return bundleWorker({
    name: 'api',
    source: { kind: 'modules', modules },
    workingDirectory: '/app',
    ...rest,
  });
}

async function run(modules: ModuleSource[], builtins?: Record<string, object>): Promise<Evaluated> {
  return evaluate(bundleOf(await bundle(modules)), builtins);
}

async function told(outcome: Promise<BundleOutcome>): Promise<string[]> {
  return errorsOf(await outcome).map((error) => `${error.code} ${describeError(error)}`);
}

t.test('names count from the directory of the module that imports, as paths without a disk', (t) => {
  const cases = [
    ['main.js', './a.js', 'a.js'],
    ['main.js', 'a.js', 'a.js'],
    ['lib/a.js', './b.js', 'lib/b.js'],
    ['lib/a.js', 'b.js', 'lib/b.js'],
    ['lib/a.js', '../b.js', 'b.js'],
    ['lib/a.js', '/b.js', 'b.js'],
    ['lib/a.js', '../../b.js', undefined],
    ['lib/a.js', 'deep//./er/../b.js', 'lib/deep/b.js'],
    ['lib/a.js', 'cloudflare:workers', 'cloudflare:workers'],
    ['a.js', '.', undefined],
    ['a.js', '', undefined],
  ] as const;
  for (const [importer, specifier, wanted] of cases) {
    t.equal(resolveModuleName(importer, specifier), wanted, `${specifier} in ${importer}`);
  }
  t.equal(normalizeModuleName('./lib/../a.js'), 'a.js');
  t.equal(normalizeModuleName('own:a/../b'), 'own:a/../b');
  t.equal(normalizeModuleName('../a.js'), undefined);
  t.end();
});

t.test('modules of every kind are imported by their names', async (t) => {
  const { read, bundle } = await run(
    [
      module(
        'esModule',
        'main.js',
        `import text from './t'; import bytes from 'lib/bytes'; import wasm from './lib/w.wasm'; import data from 'd.json';
       import inner, { x } from 'lib/inner.js'; import { env } from 'cloudflare:workers';
       export default JSON.stringify([text, data, inner, x, env]); export { bytes, wasm };
       export const later = import('./lib/inner.js');`,
      ),
      module('text', 't', 'text “ü”'),
      module('data', 'lib/bytes', 'AP8='),
      module('wasm', 'lib/w.wasm', wasm),
      module('json', 'd.json', '{"a":[1]}'),
      module(
        'esModule',
        'lib/inner.js',
        `import t from '../t'; export default t + '!'; export let x = 1; x = 2;`,
      ),
    ],
    { 'cloudflare:workers': { env: 'ENV' } },
  );
  t.same(JSON.parse(read('default')), ['text “ü”', { a: [1] }, 'text “ü”!', 2, 'ENV']);
  t.match(read('bytes'), { name: 'lib/bytes', asked: 'data' });
  t.match(read('wasm'), { name: 'lib/w.wasm', asked: 'wasm' });
  t.match(await read('later'), { x: 2 });
  t.same(
    bundle.assets.map(({ name, bytes }) => [name, bytes.length]),
    [
      ['lib/bytes', 2],
      ['lib/w.wasm', 8],
    ],
  );
  t.same(bundle.sources, []);
});

t.test('a module of the worker hides a built-in one of the same name', async (t) => {
  const { read } = await run([
    module('esModule', 'main.js', `import { env } from 'cloudflare:workers'; export default env;`),
    module('esModule', 'cloudflare:workers', `export const env = 'own';`),
  ]);
  t.equal(read('default'), 'own');
});

t.test('CommonJS: require, exports, module.exports, this, and return', async (t) => {
  const { read } = await run([
    module(
      'esModule',
      'main.js',
      `import whole, { named, missing } from 'c'; import plain from 'plain'; import fn from 'fn'; import nothing from 'nothing';
       export default JSON.stringify([whole, named, missing === undefined, plain, fn(), nothing]);`,
    ),
    module(
      'commonJs',
      'c',
      `exports.named = require('./t'); exports.data = require('d.json'); exports.esm = require('./esm').default;
       exports.same = require('plain') === require('./plain'); exports.bytes = require('bytes').asked;
       if (exports.same) return; exports.never = 1;`,
      ['named', 'missing', 'default'],
    ),
    module('commonJs', 'plain', 'this.z = typeof module.exports; // exports'),
    module('commonJs', 'fn', `module.exports = () => require('./count').next();`),
    module('commonJs', 'count', 'let count = 0; exports.next = () => ++count; exports.next();'),
    module('commonJs', 'nothing', 'module.exports = null;', ['x']),
    module('esModule', 'esm', `import c from 'c'; export default typeof c;`),
    module('text', 't', 'T'),
    module('json', 'd.json', '[1]'),
    module('data', 'bytes', 'AAA='),
  ]);
  t.same(JSON.parse(read('default')), [
    { named: 'T', data: [1], esm: 'undefined', same: true, bytes: 'data' },
    'T',
    true,
    { z: 'object' },
    2,
    null,
  ]);
});

t.test('the default export of a CommonJS module is module.exports, whatever it says of itself', async (t) => {
  const { read } = await run(
    [
      module('esModule', 'main.js', `import c, { default as d } from './c'; export default [c.x, c === d];`),
      module('commonJs', './c', 'exports.__esModule = true; exports.default = 1; exports.x = 2;'),
    ].map((each) => ({ ...each, name: normalizeModuleName(each.name) ?? '' })),
  );
  t.same(read('default'), [2, true]);
});

t.test('the main module may be CommonJS', async (t) => {
  const { read, names } = await run([
    module('commonJs', 'main', `const t = require('t'); module.exports = { fetch: () => t, extra: 1 };`, [
      'extra',
    ]),
    module('text', 't', 'T'),
  ]);
  t.equal(read('default').fetch(), 'T');
  t.same(names.toSorted(), ['default', 'extra']);
});

t.test(
  'a module without imports runs as it was written, and one without exports is a module still',
  async (t) => {
    const code = 'export default {};\nexport const here = 1;';
    t.ok(
      bundleOf(await bundle([module('esModule', 'main.js', code)])).code.includes('let   worker='),
      'not compiled',
    );
    for (const text of ['var x = 1;', '', `import './b.js';`]) {
      const modules = [module('esModule', 'a.js', text), module('esModule', 'b.js', 'globalThis.y = 1;')];
      t.equal(bundleOf(await bundle(modules)).format, 'module', text);
    }
  },
);

t.test('TypeScript by the name of a module, or for all of a worker', async (t) => {
  const typed = 'type A = string; export default "x" as A;';
  for (const name of ['main.ts', 'lib/main.mts']) {
    t.equal((await run([module('esModule', name, typed)])).read('default'), 'x');
  }
  const outcome = await bundle([module('esModule', 'main.js', typed)], { typescript: true });
  t.equal((await evaluate(bundleOf(outcome))).read('default'), 'x');
  t.match(await told(bundle([module('esModule', 'main.js', typed)])), [/^WORKER_SYNTAX main\.js:1:\d+: /u]);
});

t.test('nothing is looked for on the disk', async (t) => {
  const directory = t.testdir({ 'there.js': 'export default 1', node_modules: { pkg: { 'index.js': '' } } });
  for (const specifier of ['./there.js', join(directory, 'there.js'), 'pkg', 'esbuild', '../../there.js']) {
    for (const code of [
      `import '${specifier}';`,
      `const x = require('${specifier}');`,
      `import('${specifier}');`,
    ]) {
      const outcome = bundle([module('esModule', 'main.js', code)], { workingDirectory: directory });
      t.match(await told(outcome), [/^WORKER_IMPORT main\.js:1:\d+: worker "api": cannot find/u], code);
    }
  }
});

t.test('a name that is not there is told with those that are', async (t) => {
  const [error] = errorsOf(
    await bundle([
      module('esModule', 'lib/a.js', `import '../lib/b.js';\nimport 'util/b.js';`),
      module('esModule', 'lib/b.js', ''),
    ]),
  );
  t.match(error, { code: 'WORKER_IMPORT', place: { file: 'lib/a.js', line: 2, column: 8 } });
  t.match(error?.place.frame, /> 2 \| import 'util\/b\.js';/u);
  t.match(error?.hint, /the modules are lib\/a\.js, lib\/b\.js; there is "lib\/b\.js"/u);
  t.match(
    await told(bundle([module('esModule', 'a.js', `import 'cloudflare:kv'; import 'node:fs';`)])),
    [/^WORKER_BUILTIN_UNKNOWN a\.js:1:8/u, /^WORKER_NODE_MODULE a\.js:1:32/u].map((each) => each),
  );
});

t.test('errors stand in the file, or where there is none, in the module', async (t) => {
  const directory = t.testdir({ src: { 'lib.js': 'export const a = 1;\nexport const a = 2;\n' } });
  const file = (name: string, path: string): ModuleSource => ({
    kind: 'esModule',
    name,
    content: { kind: 'file', path: join(directory, path) },
  });
  const main = module('esModule', 'main.js', `import 'x';`);
  const rest = { workingDirectory: directory };
  t.match(await told(bundle([main, file('x', 'src/lib.js')], rest)), [/^WORKER_\w+ src\/lib\.js:2:14: /u]);
  t.match(await told(bundle([file('x', 'src/lib.js')], rest)), [/^WORKER_\w+ src\/lib\.js:2:14: /u]);
  t.match(await told(bundle([main, file('x', 'gone.js')], rest)), [
    /^WORKER_FILE_UNREADABLE main\.js:1:8: worker "api": cannot read "gone\.js": it does not exist/u,
  ]);
  t.match(await told(bundle([file('x', 'gone.js')], rest)), [
    /^SCRIPT_NOT_FOUND "gone\.js" is not the script/u,
  ]);
  const broken: [ModuleKind, string, RegExp][] = [
    ['json', '{"a":}', /^WORKER_SYNTAX x:1:6: /u],
    ['wasm', 'AAAA', /^WORKER_WASM main\.js:1:8: worker "api": "x" is no valid/u],
    ['commonJs', 'import "y";', /^WORKER_SYNTAX x: .*x is a CommonJS module/u],
    ['commonJs', 'a b', /^WORKER_SYNTAX x:1:3: /u],
    ['esModule', 'globalThis.y = $nanod;', /^WORKER_IDENTIFIER x:1:16: /u],
  ];
  for (const [kind, text, wanted] of broken) {
    t.match(await told(bundle([main, module(kind, 'x', text)])), [wanted], `${kind}: ${text}`);
  }
  t.match(await told(bundle([module('esModule', 'x', 'export default $nanodX;')])), [
    /^WORKER_IDENTIFIER x:1:16/u,
  ]);
});

t.test('files are named as sources, and the map has the text of modules', async (t) => {
  const directory = t.testdir({ 'lib.js': 'export default 1;' });
  const { sources, sourceMap } = bundleOf(
    await bundle(
      [
        module('esModule', 'main.js', `import x from 'x'; export default x;`),
        { kind: 'esModule', name: 'x', content: { kind: 'file', path: join(directory, 'lib.js') } },
      ],
      { workingDirectory: directory },
    ),
  );
  t.same(sources, [join(directory, 'lib.js')]);
  t.match(JSON.parse(sourceMap), { sources: ['lib.js', 'main.js'] });
});

t.test('a service-worker script is a classic script, whatever is in it', async (t) => {
  const script = (text: string, rest: Partial<BundleRequest> = {}): Promise<BundleOutcome> =>
    bundleWorker({
      name: 'api',
      source: { kind: 'serviceWorker', content: { kind: 'inline', text } },
      workingDirectory: '/app',
      ...rest,
    });
  const { context } = await evaluate(bundleOf(await script('sloppy = 010; function top() { return this }')));
  t.equal(context['sloppy'], 8);
  t.equal(typeof context['top'], 'function');
  t.match(await told(script('addEventListener(\n;')), [/^WORKER_SYNTAX serviceWorkerScript:2:1: /u]);
  t.match(await told(script('export default 1;')), [/^WORKER_SYNTAX serviceWorkerScript:1:1: /u]);
  const typed = bundleOf(await script('const a: string = "x"; var b = a;', { typescript: true }));
  t.equal((await evaluate(typed)).context['b'], 'x');
  const directory = t.testdir({});
  const path = join(directory, 'sw.ts');
  writeFileSync(path, '\ufeffvar a = 1 as number;\nvar b = ;');
  const source = { kind: 'serviceWorker', content: { kind: 'file', path } } as const;
  const request = { name: 'api', source, workingDirectory: directory };
  t.match(await told(bundleWorker(request)), [/^WORKER_SYNTAX sw\.ts:2:9: /u]);
});

t.test('the version is that of the content', async (t: Test) => {
  const main = module('esModule', 'main.js', `import x from 'x'; export default x;`);
  const one = bundleOf(await bundle([main, module('text', 'x', 'a')]));
  const same = bundleOf(await bundle([main, module('text', 'x', 'a')], { workingDirectory: '/other' }));
  const other = bundleOf(await bundle([main, module('text', 'x', 'b')]));
  t.equal(one.version, same.version);
  t.not(one.version, other.version);
});
