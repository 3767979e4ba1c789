/** Modules of extensions: who may import them, and the functions that make wrapped bindings. */

import t from 'tap';
import { bundleWorker } from '../../src/bundle/bundle-worker.ts';
import type { BundleOutcome, BundleRequest } from '../../src/bundle/bundle.ts';
import { stopCompiler } from '../../src/bundle/compile.ts';
import { originalPositions } from '../../src/bundle/source-map.ts';
import type { SourceMapData } from '../../src/bundle/bundle.ts';
import { describeError } from '../../src/shared/errors.ts';
import type { ExtensionModule } from '../../src/shared/worker-source.ts';
import { bundleFiles, bundleOf, errorsOf, evaluate } from '../helpers/bundle.ts';

t.teardown(stopCompiler);

function extension(name: string, text: string, internal = false): ExtensionModule {
  return { name, internal, content: { kind: 'inline', text } };
}

const shop = [
  extension('shop:api', `export { price } from 'shop:kitchen'; export const own = JSON.stringify([1]);`),
  extension(
    'shop:kitchen',
    `import { env } from 'cloudflare:workers'; export const price = () => env;`,
    true,
  ),
  extension(
    'shop:menu',
    `import { price } from 'shop:kitchen'; export default (env) => [env, price()];`,
    true,
  ),
];

function bundle(code: string, rest: Partial<BundleRequest> = {}): Promise<BundleOutcome> {
  const main = { kind: 'esModule', name: 'main.js', content: { kind: 'inline', text: code } } as const;
  const source = { kind: 'modules', modules: [main] } as const;
  return bundleWorker({ name: 'api', source, workingDirectory: '/app', extensions: shop, ...rest });
}

async function told(outcome: Promise<BundleOutcome>): Promise<string[]> {
  return errorsOf(await outcome).map((error) => `${error.code} ${describeError(error)}`);
}

const builtins = { 'cloudflare:workers': { env: 'ENV' } };

t.test('a worker imports what an extension offers, and that imports what it hides', async (t) => {
  const outcome = await bundle(`import { price, own } from 'shop:api'; export default [price(), own];`);
  t.same((await evaluate(bundleOf(outcome), builtins)).read('default'), ['ENV', '[1]']);
});

t.test('a worker of files does as well, and names of its own hide nothing of the extension', async (t) => {
  const code = `import { own } from 'shop:api'; const JSON = { stringify: () => 'mine' }; export default [own, JSON.stringify()];`;
  const directory = t.testdir({ 'main.ts': code, 'package.json': '{}', 'tsconfig.json': '{}' });
  const source = { kind: 'script', path: `${directory}/main.ts` } as const;
  const outcome = await bundle('', { source, workingDirectory: directory });
  t.same((await evaluate(bundleOf(outcome), builtins)).read('default'), ['[1]', 'mine']);
  t.same(bundleOf(outcome).sources, [`${directory}/main.ts`]);
});

t.test('internal modules are for extensions alone', async (t) => {
  for (const code of [
    `import 'shop:kitchen';`,
    `import('shop:kitchen');`,
    `globalThis.x = require('shop:kitchen');`,
  ]) {
    t.match(await told(bundle(code)), [
      /^WORKER_EXTENSION_INTERNAL main\.js:1:\d+: worker "api": "shop:kitchen" is an internal module/u,
    ]);
  }
  t.match(await told(bundle(`import 'shop:nothing';`)), [/^WORKER_IMPORT main\.js:1:8: /u]);
  const wrong = [extension('a:b', `import 'shop:none';\nimport './main.js';`)];
  t.match(await told(bundle(`import 'a:b';`, { extensions: wrong })), [
    /^WORKER_IMPORT a:b:1:8: /u,
    /^WORKER_IMPORT a:b:2:8: /u,
  ]);
});

/** Runs the code of a bundle; `wrap` calls each function with its index. */
async function runWrapped(outcome: BundleOutcome) {
  const made: unknown[] = [];
  const bundle = bundleOf(outcome);
  const wrap = (index: number, make: (env: unknown) => unknown): void => {
    made.push([index, make('inner')]);
  };
  const evaluated = await evaluate(bundle, { 'cloudflare:workers': { env: 'ENV', exports: made } }, wrap);
  return { made, evaluated };
}

t.test('a module of the worker stands in for none of an extension', async (t) => {
  const modules = [
    [
      'main.js',
      `import { price } from 'shop:api'; import own from 'shop:kitchen'; export default [price(), own];`,
    ],
    ['shop:kitchen', `export default 'own'; export const price = () => 'own';`],
    ['cloudflare:workers', `export const env = 'own';`],
  ].map(([name = '', text = '']) => {
    return { kind: 'esModule', name, content: { kind: 'inline', text } } as const;
  });
  const outcome = await bundle('', { source: { kind: 'modules', modules } });
  t.same((await evaluate(bundleOf(outcome), builtins)).read('default'), ['ENV', 'own']);
});

t.test('functions are handed over before any code of the worker runs', async (t) => {
  const code = `
    import './first.js'; import { exports as made } from 'cloudflare:workers';
    globalThis.atStart = made.length; export default {};`;
  const menu = [{ module: 'shop:menu', entrypoint: 'default' }];
  const first = {
    kind: 'esModule',
    name: 'first.js',
    content: {
      kind: 'inline',
      text: `import { exports as made } from 'cloudflare:workers'; globalThis.atFirst = made.length;`,
    },
  } as const;
  const main = { kind: 'esModule', name: 'main.js', content: { kind: 'inline', text: code } } as const;
  const source = { kind: 'modules', modules: [main, first] } as const;
  const { made, evaluated } = await runWrapped(await bundle('', { source, wrappers: menu }));
  t.same(made, [[0, ['inner', 'ENV']]]);
  t.equal(evaluated.context['atFirst'], 1);
  t.equal(evaluated.context['atStart'], 1);
  t.same(evaluated.names, ['default']);
});

t.test('whichever way the worker is made', async (t) => {
  const menu = [{ module: 'shop:menu', entrypoint: 'default' }];
  const directory = t.testdir({
    'package.json': '{}',
    'tsconfig.json': '{}',
    'module.js': 'export default { at: 1 };',
    'typed.ts': 'export default { at: 1 as number };',
    'classic.js': 'sloppy = 010;\nfunction top() {\n  throw new Error("here");\n}',
    'classic.ts': 'var sloppy: number = 8;\nfunction top() {\n  throw new Error("here");\n}',
  });
  for (const name of ['module.js', 'typed.ts', 'classic.js', 'classic.ts']) {
    const source = { kind: 'script', path: `${directory}/${name}` } as const;
    const outcome = await bundle('', { source, wrappers: menu, workingDirectory: directory });
    const { made, evaluated } = await runWrapped(outcome);
    t.same(made, [[0, ['inner', 'ENV']]], name);
    if (name.startsWith('classic')) {
      t.equal(evaluated.context['sloppy'], 8);
      t.equal(typeof evaluated.context['top'], 'function');
      const { code, sourceMap } = bundleOf(outcome);
      const places = originalPositions(JSON.parse(sourceMap) as SourceMapData);
      const lines = code.split('\n');
      const find = (text: string) => {
        const line = lines.findIndex((each) => each.includes(text));
        return places(line + 1, (lines[line] ?? '').indexOf(text) + 1);
      };
      t.match(find('throw new'), { source: name, line: 3, column: 3 });
      t.match(find('function top'), { source: name, line: 2, column: 1 });
      t.match(find('price()'), { source: 'shop:menu', line: 1 });
    } else t.same(evaluated.read('default'), { at: 1 });
  }
});

t.test('an export that is not there, and a module that waits before a classic script', async (t) => {
  const missing = [{ module: 'shop:menu', entrypoint: 'order' }];
  t.match(await told(bundle('export default {}', { wrappers: missing })), [
    'WORKER_EXPORT_MISSING worker "api": "shop:menu" has no export "order"',
  ]);
  const waits = [extension('a:b', 'await 1; export default () => 1;', true)];
  const source = { kind: 'serviceWorker', content: { kind: 'inline', text: 'var x = 1;' } } as const;
  const menu = [{ module: 'a:b', entrypoint: 'default' }];
  t.match(await told(bundle('', { source, wrappers: menu, extensions: waits })), [/^WORKER_SYNTAX /u]);
  const { made } = await runWrapped(await bundle('export default {}', { wrappers: menu, extensions: waits }));
  t.same(made, [[0, 1]]);
});

t.test('workers cannot call what hands them over', async (t) => {
  const menu = [{ module: 'shop:menu', entrypoint: 'default' }];
  for (const code of [`$nanod.wrap(0, (env) => env);`, `const { wrap } = $nanod; wrap(0, (env) => env);`]) {
    t.match(await told(bundle(`${code} export default {}`, { wrappers: menu })), [/^WORKER_IDENTIFIER /u]);
  }
  const source = {
    kind: 'serviceWorker',
    content: { kind: 'inline', text: '$nanod.wrap(0, (env) => env);' },
  } as const;
  t.match(await told(bundle('', { source, wrappers: menu })), [
    /^WORKER_IDENTIFIER serviceWorkerScript:1:1/u,
  ]);
});

t.test('a worker without extensions is not changed by those that there are', async (t) => {
  const alone = bundleOf(await bundleFiles(t, { 'a.js': 'export default 1;' }));
  const source = { kind: 'script', path: `${t.testdirName}/a.js` } as const;
  const beside = bundleOf(await bundle('', { source, workingDirectory: t.testdirName }));
  t.equal(beside.version, alone.version);
});
