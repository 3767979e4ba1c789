/** What a configuration can say of how a script becomes code. */
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import { bundleWorker } from '../../src/bundle/bundle-worker.ts';
import type { BundleOutcome } from '../../src/bundle/bundle.ts';
import { stopCompiler } from '../../src/bundle/compile.ts';
import { matchesGlob } from '../../src/bundle/module-rules.ts';
import type { BuildOptions } from '../../src/shared/worker-source.ts';
import { bundleOf, errorsOf, evaluate } from '../helpers/bundle.ts';
import type { Evaluated, Files } from '../helpers/bundle.ts';

t.teardown(stopCompiler);

type Options = BuildOptions | ((directory: string) => BuildOptions);

/** Bundles `worker.js` among the files with the options. */
function bundle(t: Test, files: Files, options: Options): Promise<BundleOutcome> {
  const directory = t.testdir({ 'package.json': '{}', ...files });
  const build = typeof options === 'function' ? options(directory) : options;
  const source = { kind: 'script', path: join(directory, 'worker.js'), build } as const;
  return bundleWorker({ name: 'api', source, workingDirectory: directory });
}

async function run(t: Test, files: Files, options: Options): Promise<Evaluated> {
  return evaluate(bundleOf(await bundle(t, files, options)));
}

t.test('an alias is found in the place of a package, and may stand for a file', async (t) => {
  const files = {
    'worker.js': `import a from 'a'; import b from 'b'; import d from 'node:fs'; export default [a, b, d].join();`,
    'mock.js': 'export default "mock";',
    'fs.js': 'export default "fs";',
    node_modules: {
      a: { 'index.js': 'export default "a";' },
      c: { 'index.js': 'import a from "a"; export default "c with " + a;' },
    },
  };
  const { read } = await run(t, files, (directory) => ({
    alias: { a: join(directory, 'mock.js'), b: 'c', 'node:fs': join(directory, 'fs.js') },
  }));
  t.equal(read('default'), 'mock,c with mock,fs');
});

t.test('an alias may stand for what it contains, and one that leads nowhere is an error', async (t) => {
  const files = {
    'worker.js': `import a from 'a'; export default a;`,
    node_modules: { a: { 'index.js': 'export default "a";' } },
  };
  t.equal((await run(t, files, { alias: { a: 'a' } })).read('default'), 'a');
  const [error] = errorsOf(await bundle(t, files, { alias: { a: 'nowhere' } }));
  t.match(error, { code: 'WORKER_IMPORT', place: { file: /worker\.js$/ } });
});

t.test('definitions stand in the place of names', async (t) => {
  const files = {
    'worker.js': 'export default [VERSION, process.env.STAGE, typeof OTHER, process.env.NODE_ENV];',
  };
  const { read } = await run(t, files, { define: { VERSION: '"1.2"', 'process.env.STAGE': '5' } });
  t.same([...read('default')], ['1.2', 5, 'undefined', 'production']);
});

t.test('minified code is shorter, does the same, and keeps its names', async (t) => {
  const files = {
    'worker.js': `
      import { helper } from './helper.js';
      class Counter { increment(amount) { const result = amount + 1; return result; } }
      export class Entry { }
      export const names = [Counter.name, Entry.name, helper.name];
      export default new Counter().increment(helper(1));`,
    'helper.js': 'export function helper(given) { const doubled = given * 2; return doubled; }',
  };
  const long = await run(t, files, {});
  const { read, bundle: short } = await run(t, files, { minify: true });
  t.equal(read('default'), 3);
  t.same([...read('names')], ['Counter', 'Entry', 'helper']);
  t.ok(short.code.split('\n').length < long.bundle.code.split('\n').length);
  t.notMatch(short.code, 'doubled');
});

t.test('rules say what files are', async (t) => {
  const files = {
    'worker.js': `
      import text from './docs/a.md'; import data from './b.png'; import code from './c.es6'; import raw from './d.js';
      export { text, data, code, raw };`,
    docs: { 'a.md': '# a' },
    'b.png': Buffer.from([1, 2]),
    'c.es6': 'export default "code";',
    'd.js': 'export default 1;',
  };
  const rules = [
    { kind: 'text', globs: ['**/*.md', './d.js'] },
    { kind: 'data', globs: ['*.png'] },
    { kind: 'esModule', globs: ['*.es6'] },
  ] as const;
  const { read, bundle: made } = await run(t, files, { rules });
  t.equal(read('text'), '# a');
  t.match(read('data'), { name: 'b.png', asked: 'data' });
  t.equal(read('code'), 'code');
  t.equal(read('raw'), 'export default 1;');
  t.same([...(made.assets[0]?.bytes ?? [])], [1, 2]);
});

t.test('a tsconfig that is named holds for the worker', async (t) => {
  const files = {
    'worker.js': `import lib from '@lib'; export default lib;`,
    'own.json': '{ "compilerOptions": { "paths": { "@lib": ["./src/lib.ts"] } } }',
    src: { 'lib.ts': 'const lib: string = "lib"; export default lib;' },
  };
  const { read } = await run(t, files, (directory) => ({ tsconfig: join(directory, 'own.json') }));
  t.equal(read('default'), 'lib');
});

t.test('a worker that is not bundled consists of the modules of its directory', async (t) => {
  const files = {
    'worker.js': `import a from './lib/a.js'; import text from './t.txt'; import md from 'r.md'; export default [a, text, md].join();`,
    lib: { 'a.js': 'import b from "../b.mjs"; export default "a" + b;' },
    'b.mjs': 'export default "b";',
    't.txt': 'text',
    'r.md': 'md',
    node_modules: { p: { 'index.js': 'export default 1;' } },
  };
  const rules = [{ kind: 'text', globs: ['**/*.md'] }] as const;
  const unbundled = (baseDir: string): BuildOptions => ({ rules, unbundled: { baseDir, findModules: true } });
  t.equal((await run(t, files, unbundled)).read('default'), 'ab,text,md');
  const packages = { ...files, 'worker.js': 'import p from "p";' };
  t.match(errorsOf(await bundle(t, packages, unbundled)), [{ code: 'WORKER_IMPORT' }]);
});

t.test('a worker that is not bundled may be its script alone', async (t) => {
  const files = { 'worker.js': `import a from './a.js';`, 'a.js': 'export default 1;' };
  const build = (baseDir: string): BuildOptions => ({ unbundled: { baseDir, findModules: false } });
  t.match(errorsOf(await bundle(t, files, build)), [{ code: 'WORKER_IMPORT' }]);
});

t.test('a directory of modules that is not there, or does not have the script', async (t) => {
  const files = { 'worker.js': 'export default 1;', sub: {} };
  for (const name of ['missing', 'sub']) {
    const build = (directory: string): BuildOptions => ({
      unbundled: { baseDir: join(directory, name), findModules: true },
    });
    const [error] = errorsOf(await bundle(t, files, build));
    t.equal(error?.code, 'WORKER_FILE_UNREADABLE', name);
  }
});

t.test('a pattern is matched in bounded time', (t) => {
  t.ok(matchesGlob('**/*.md', './a/b.md'));
  t.ok(matchesGlob('*', ''));
  t.notOk(matchesGlob('*.md', 'a.mdx'));
  t.notOk(matchesGlob('a', 'ab'));
  t.notOk(matchesGlob('', 'a'));
  t.notOk(matchesGlob('?.md', 'a.md'));
  t.notOk(matchesGlob('*a'.repeat(250), 'a'.repeat(249)));
  t.notOk(matchesGlob(`${'*a'.repeat(200)}b`, 'a'.repeat(4000)));
  t.end();
});
