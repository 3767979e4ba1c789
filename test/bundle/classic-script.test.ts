/** Workers in service-worker syntax. */

import t from 'tap';
import { stopCompiler } from '../../src/bundle/compile.ts';
import { bundleFiles, bundleOf, run } from '../helpers/bundle.ts';

t.teardown(stopCompiler);

const sloppy = `
  var answer = 042; function handler() { return typeof this + arguments.callee.name }
  with ({ inner: 1 }) { var fromWith = inner } <!-- an old comment
--> another one
  undeclared = delete Object.prototype; let lexical = 1;
  function twice(a, a) { return a } if (answer) { function annexB() {} }
`;

t.test('a plain script runs as it was written: sloppy, with its variables as globals', async (t) => {
  const { context, bundle } = await run(t, { 'worker.js': sloppy });
  t.equal(bundle.format, 'script');
  t.equal(bundle.code, sloppy);
  t.notOk(bundle.topLevelAwait);
  t.equal(context['answer'], 34);
  t.equal(context['fromWith'], 1);
  t.equal(context['undeclared'], false);
  t.equal((context['handler'] as () => string).call(undefined), 'objecthandler');
  t.equal(typeof context['annexB'], 'function');
  t.equal('lexical' in context, false);
});

t.test('a script that is strict by its own directive stays strict', async (t) => {
  const { context } = await run(t, {
    'worker.js': `'use strict'; var self = (function () { return this })();`,
  });
  t.equal(context['self'], undefined);
});

t.test('a large sloppy script is not rewritten', async (t) => {
  const text = `(function () { ${'with ({}) { var x = 010; }\n'.repeat(20_000)} })();\naddEventListener = 1;`;
  const { bundle } = await run(t, { 'worker.js': text });
  t.equal(bundle.code, text);
});

t.test('a script that uses require or module, as universal modules do, is still a script', async (t) => {
  const text = `(function (root) { if (typeof module === 'object' && typeof require === 'function') module.exports = 1; else root.api = 2; })(this);`;
  const { bundle, context } = await run(t, { 'worker.js': text });
  t.equal(bundle.code, text);
  t.equal(context['api'], 2);
});

t.test('import() in a script rejects, and the author is warned', async (t) => {
  const { context, bundle } = await run(t, {
    'worker.js': `var load = () => import('./other.js');`,
    'other.js': '',
  });
  await t.rejects((context['load'] as () => Promise<unknown>)());
  t.match(bundle.warnings, [/^worker\.js:1:18: import\(\) always rejects/u]);
});

t.test('types are stripped from a script, and nothing else happens to it', async (t) => {
  const { context, bundle } = await run(t, {
    'worker.ts': `
      import type { Thing } from './types.ts';
      enum Level { Low }
      function handler(this: unknown, thing?: Thing): string { return typeof this + Level[0] }
      var published: number = 1; const lexical = 2 as number;`,
  });
  t.equal(bundle.format, 'script');
  t.equal(context['published'], 1);
  t.equal((context['handler'] as () => string).call(undefined), 'objectLow');
});

t.test('a TypeScript script is strict if tsconfig.json says so, as it would be by tsc', async (t) => {
  const { context } = await run(t, {
    'worker.ts': `var self: unknown = (function (this: unknown) { return this })();`,
    'tsconfig.json': '{ "compilerOptions": { "strict": true } }',
  });
  t.equal(context['self'], undefined);
});

t.test('a script with imports is bundled, strict, and keeps its variables to itself', async (t) => {
  const { context, bundle } = await run(t, {
    'worker.js': `
      import { name } from './name.js'; import text from './a.txt'; import bytes from './d.bin';
      var local = 1; globalThis.seen = [name, text, bytes.name, typeof this, import.meta.url].join();`,
    'name.js': `export const name = 'imported';`,
    'a.txt': 'text',
    'd.bin': 'x',
  });
  t.equal(bundle.format, 'script');
  t.equal(context['seen'], 'imported,text,d.bin,undefined,worker:///index.js');
  t.equal('local' in context, false);
});

t.test('a script named .mjs is a module without exports', async (t) => {
  const { context, bundle } = await run(t, {
    'worker.mjs': `var local = 1; globalThis.strict = (function () { return !this })();`,
  });
  t.equal(bundle.format, 'script');
  t.equal(context['strict'], true);
  t.equal('local' in context, false);
});

t.test('top-level await alone makes a module', async (t) => {
  const { bundle, context } = await run(t, {
    'worker.js': `globalThis.done = await Promise.resolve('done');`,
  });
  t.equal(bundle.format, 'module');
  t.ok(bundle.topLevelAwait);
  t.equal(context['done'], 'done');
});

t.test('await as a name in a sloppy script is a name', async (t) => {
  const bundle = bundleOf(await bundleFiles(t, { 'worker.js': `var await = 1; var yield = await;` }));
  t.equal(bundle.format, 'script');
});

t.test('an empty file is a script that does nothing', async (t) => {
  const { bundle } = await run(t, { 'worker.js': '' });
  t.equal(bundle.format, 'script');
});
