/** Bad input of workers: every error names the worker, the file, the line and the column, and all of one pass are told together. */

import { Buffer } from 'node:buffer';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { bundleWorker } from '../../src/bundle/bundle-worker.ts';
import { stopCompiler } from '../../src/bundle/compile.ts';
import { describeError } from '../../src/shared/errors.ts';
import type { NanodError } from '../../src/shared/errors.ts';
import { bundleFiles, errorsOf } from '../helpers/bundle.ts';
import type { Files } from '../helpers/bundle.ts';

t.teardown(stopCompiler);

async function errorsFor(t: Parameters<typeof bundleFiles>[0], files: Files): Promise<readonly NanodError[]> {
  return errorsOf(await bundleFiles(t, files));
}

/** `CODE file:line:column: message` */
function told(errors: readonly NanodError[]): string[] {
  return errors.map((error) => `${error.code} ${describeError(error)}`).toSorted();
}

t.test('a syntax error has its place and a frame', async (t) => {
  const [error, ...others] = await errorsFor(t, {
    'worker.js': 'const ok = 1;\nexport default {\n  fetch() { return new Response(;\n  },\n};\n',
  });
  t.same(others, []);
  t.equal(error?.code, 'WORKER_SYNTAX');
  t.match(error?.message, /^worker "api" does not compile: Unexpected ";"/u);
  t.match(error?.place, { file: 'worker.js', line: 3, column: 33 });
  t.equal(
    error?.place.frame,
    [
      '  1 | const ok = 1;',
      '  2 | export default {',
      '> 3 |   fetch() { return new Response(;',
      '    |                                 ^',
      '  4 |   },',
      '  5 | };',
    ].join('\n'),
  );
});

t.test('columns count UTF-16 units, also behind other characters', async (t) => {
  const errors = await errorsFor(t, {
    'worker.js': `const a = 'äöü€𝄞'; import x from './none.js'; export default x`,
  });
  t.match(errors[0]?.place, { line: 1, column: 35 });
});

t.test('everything that is wrong with imports is told in one pass', async (t) => {
  const errors = await errorsFor(t, {
    'worker.js': `import './lib/a.js';
      import missing from './missing.js'; import gone from 'not-installed/deep'; import scoped from '@a/b/c';
      import kv from 'cloudflare:kv'; import { connect } from 'cloudflare:email'; import own from 'nanod:own';
      import fs from 'node:fs/promises'; import dns from 'dns';
      import data from './data.xyz'; import './style.css'; import broken from './broken.wasm';
      export default [missing, gone, scoped, kv, connect, own, fs, dns, data, broken];`,
    lib: { 'a.js': `require('node:child_process'); const x = ;`, 'b.js': '' },
    'data.xyz': '',
    'style.css': '',
    'broken.wasm': '<html>not found</html>',
  });
  t.same(told(errors), [
    'WORKER_BUILTIN_UNKNOWN worker.js:3:22: worker "api": there is no built-in module "cloudflare:kv"',
    'WORKER_BUILTIN_UNKNOWN worker.js:3:63: worker "api": there is no built-in module "cloudflare:email"',
    'WORKER_BUILTIN_UNKNOWN worker.js:3:99: worker "api": there is no built-in module "nanod:own"',
    'WORKER_FILE_TYPE worker.js:5:24: worker "api": nanod does not know what to make of "data.xyz"',
    'WORKER_FILE_TYPE worker.js:5:45: worker "api": nanod does not know what to make of "style.css"',
    'WORKER_IMPORT worker.js:2:101: worker "api": cannot find "@a/b/c"',
    'WORKER_IMPORT worker.js:2:27: worker "api": cannot find "./missing.js"',
    'WORKER_IMPORT worker.js:2:60: worker "api": cannot find "not-installed/deep"',
    'WORKER_NODE_MODULE worker.js:4:22: worker "api": "node:fs/promises" is a module of Node.js',
    'WORKER_NODE_MODULE worker.js:4:58: worker "api": "dns" is a module of Node.js',
    'WORKER_SYNTAX lib/a.js:1:42: worker "api" does not compile: Unexpected ";"',
    'WORKER_WASM worker.js:5:79: worker "api": "broken.wasm" is no valid WebAssembly module: WebAssembly.Module(): expected magic word 00 61 73 6d, found 3c 68 74 6d @+0',
  ]);
  const hint = (module: string): string | undefined =>
    errors.find(({ message }) => message.includes(module))?.hint;
  t.equal(hint('@a/b/c'), "install it where the worker's files are: npm install @a/b");
  t.equal(hint('not-installed'), "install it where the worker's files are: npm install not-installed");
  t.equal(hint('./missing.js'), undefined);
});

t.test('the importer of a module of Node.js is named, also when it is a package', async (t) => {
  const [error] = await errorsFor(t, {
    'worker.js': `import 'pkg'; export default 1;`,
    node_modules: { pkg: { 'package.json': '{}', 'index.js': `\nconst os = require('os');` } },
  });
  t.equal(error?.code, 'WORKER_NODE_MODULE');
  t.match(error?.place, { file: 'node_modules/pkg/index.js', line: 2, column: 20 });
});

t.test('names that other modules do not export', async (t) => {
  const errors = await errorsFor(t, {
    'worker.js': `
      import { withEnv, nonsense } from 'cloudflare:workers';
      import * as space from 'cloudflare:workers';
      import { there, notThere } from './lib.js';
      export default [withEnv, nonsense, space.RpcTarget, there, notThere];`,
    'lib.js': 'export const there = 1;',
  });
  t.same(told(errors), [
    'WORKER_BUILTIN_EXPORT worker.js:2:16: worker "api": "cloudflare:workers" has no export "withEnv" in this version of nanod',
    'WORKER_BUILTIN_EXPORT worker.js:2:25: worker "api": "cloudflare:workers" has no export "nonsense"',
    'WORKER_EXPORT_MISSING worker.js:4:23: worker "api": "lib.js" has no export "notThere"',
  ]);
  t.equal(
    errors[0]?.hint,
    'it exports DurableObject, RpcPromise, RpcProperty, RpcStub, RpcTarget, WorkerEntrypoint, env, exports, waitUntil',
  );
});

t.test('a member of a built-in namespace that it does not have', async (t) => {
  const errors = await errorsFor(t, {
    'worker.js': `import * as space from 'cloudflare:workers'; export default [space.withEnv];`,
  });
  t.same(told(errors), [
    'WORKER_BUILTIN_EXPORT worker.js:1:68: worker "api": "cloudflare:workers" has no export "withEnv" in this version of nanod',
  ]);
});

t.test('a name that is exported twice', async (t) => {
  const errors = await errorsFor(t, { 'worker.js': 'export const a = 1;\nconst b = 2;\nexport { b as a };' });
  t.same(told(errors), [
    'WORKER_EXPORT_DUPLICATE worker.js:3:15: worker "api": the name "a" is exported twice',
  ]);
});

t.test('an export of a variable that is not there, and a variable that is declared twice', async (t) => {
  const unknown = await errorsFor(t, { 'worker.js': 'export { nothing };' });
  t.match(unknown, [{ code: 'WORKER_SYNTAX', place: { line: 1, column: 10 } }]);
  const twice = await errorsFor(t, { 'worker.js': 'const a = 1;\nexport function a() {}' });
  t.match(twice, [{ code: 'WORKER_SYNTAX', place: { line: 2, column: 17 } }]);
});

t.test('the reserved identifier, in every position, with and without esbuild', async (t) => {
  for (const text of [
    'const $nanod = 1; export default $nanod;',
    'export default function ({ $nanod }) { return import.meta.url }',
    'export default { $nanod };',
    'export default () => $nanod.builtin("cloudflare:workers");',
    'export class $nanod {}',
    'addEventListener("fetch", () => $nanod);',
  ]) {
    const column = text.indexOf('$nanod') + 1;
    const plain = await errorsFor(t, { 'worker.js': text });
    t.match(plain[0], { code: 'WORKER_IDENTIFIER', place: { file: 'worker.js', line: 1, column } }, text);
    const files = { 'worker.js': `import { env } from 'cloudflare:workers'; env;\n${text}` };
    const bundled = await errorsFor(t, files);
    t.match(bundled[0], { code: 'WORKER_IDENTIFIER', place: { file: 'worker.js', line: 2, column } }, text);
  }
});

t.test('property names are not identifiers', async (t) => {
  const outcome = await bundleFiles(t, {
    'worker.js': 'export default { $nanod: 1, $nanod() {}, x: { y: 1 }.$nanod };',
  });
  t.ok('bundle' in outcome);
});

t.test('a script that is missing, a directory, unreadable, or of an unknown kind', async (t) => {
  const directory = t.testdir({ 'dir.js': {}, 'worker.py': 'print()', 'secret.js': '', 'worker.json': '{}' });
  const errorOf = async (file: string): Promise<NanodError | undefined> => {
    const source = { kind: 'script', path: join(directory, file) } as const;
    const request = { name: 'api', source, workingDirectory: directory };
    return errorsOf(await bundleWorker(request))[0];
  };
  t.match(await errorOf('none.js'), {
    code: 'SCRIPT_NOT_FOUND',
    message: '"none.js" is not the script of worker "api": it does not exist',
  });
  t.match(await errorOf('none.ts'), { code: 'SCRIPT_NOT_FOUND' });
  t.match(await errorOf('none.py'), { code: 'SCRIPT_NOT_FOUND' });
  t.match(await errorOf('dir.js'), { code: 'SCRIPT_NOT_FOUND', message: /it is a directory/u });
  t.match(await errorOf('worker.py'), { code: 'WORKER_FILE_TYPE', place: { file: 'worker.py' } });
  t.match(await errorOf('worker.json'), { code: 'WORKER_FILE_TYPE' });
  chmodSync(join(directory, 'secret.js'), 0);
  if (process.getuid?.() !== 0)
    t.match(await errorOf('secret.js'), { code: 'SCRIPT_NOT_FOUND', message: /permission denied/u });
});

t.test('an import of an address', async (t) => {
  const errors = await errorsFor(t, {
    'worker.js': `import x from 'https://example.com/x.js'; export default x;`,
  });
  t.match(errors, [{ code: 'WORKER_IMPORT', hint: /not loaded/u, place: { line: 1, column: 15 } }]);
  t.ok(
    'bundle' in
      (await bundleFiles(t, { 'worker.js': `export default () => import('https://example.com/x.js');` })),
  );
});

t.test('a directory that is imported as a file', async (t) => {
  const errors = await errorsFor(t, {
    'worker.js': `import './folder'; export default 1;`,
    folder: { 'a.js': '' },
  });
  t.match(errors, [{ code: 'WORKER_IMPORT', place: { file: 'worker.js', line: 1, column: 8 } }]);
});

t.test('source and deferred imports are errors', async (t) => {
  for (const text of [
    'export default () => import.source("./a.wasm");',
    'export default () => import.defer("./b.js");',
    'import source x from "./a.wasm"; export default x;',
    'import defer * as x from "./b.js"; export default x;',
  ]) {
    const errors = await errorsFor(t, {
      'worker.js': text,
      'a.wasm': Buffer.from('\0asm\u0001\0\0\0', 'latin1'),
      'b.js': '',
    });
    t.equal(errors[0]?.code, 'WORKER_SYNTAX', text);
    t.equal(errors[0]?.place.file, 'worker.js', text);
  }
});

t.test('code that is nested too deeply is an error', async (t) => {
  const depth = 20_000;
  const errors = await errorsFor(t, {
    'worker.js': `export default ${'['.repeat(depth)}1${']'.repeat(depth)};`,
  });
  t.equal(errors[0]?.code, 'WORKER_SYNTAX');
});
