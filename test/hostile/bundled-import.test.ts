/**
 * No `import` of a worker reaches V8, however it is hidden (HARDENING R2): each attack is bundled, compiled run where every import() that V8
 * meets is heard.
 */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { stopCompiler } from '../../src/bundle/compile.ts';
import type { Bundle } from '../../src/bundle/bundle.ts';
import type { Witnessed } from '../helpers/import-witness.ts';
import { bundleFiles } from '../helpers/bundle.ts';

t.teardown(stopCompiler);

// Only with this flag does V8 tell anybody which import() it meets.
const witness = new Worker(new URL('../helpers/import-witness.ts', import.meta.url), {
  execArgv: ['--experimental-vm-modules', '--no-warnings'],
});
t.teardown(() => witness.terminate());

/** Runs the code and hears which imports went to `$nanod` and which to V8. */
async function witnessed({ format, code }: Pick<Bundle, 'format' | 'code'>): Promise<Witnessed> {
  witness.postMessage({ format, code });
  const [heard] = (await once(witness, 'message')) as [Witnessed];
  return heard;
}

/** Expressions that import 'x' when they are evaluated. */
const expressions = [
  `import('x')`,
  `import/* comment */(/* ( */'x')`,
  `import\n(\n'x'\n)`,
  `import('x', { with: {} })`,
  `import(('y', 'x'),)`,
  `\`\${ \`\${import('x')}\` }\``,
  `String.raw\`\${import('x')}\``,
  `(class { static [(import('x'), 'key')] = 1 })`,
  `class { static { import('x') } }`,
  `class { static field = import('x') }`,
  `class extends (import('x'), Object) {}`,
  `((a = import('x')) => a)()`,
  `(({ [import('x')]: a }) => a)({})`,
  `{ get a() { return import('x') } }.a`,
  `{ ...import('x') }`,
  `[...[import('x')]]`,
  `(function* () { yield import('x') })().next()`,
  `(async () => { await import('x') })()`,
  `(async () => { for await (const a of [import('x')]) a })()`,
  `import('x')?.then`,
  `delete import('x')`,
  `typeof import('x')`,
  `import('x') instanceof Promise`,
  `1 / import('x') / 1`,
  `/\\/*/.test(import('x')) /* / */`,
  `(() => { label: import('x') })()`,
  `(() => { switch (1) { case import('x'): } })()`,
  `(() => { throw import('x') })`.replace('throw', 'return') + '()',
  `import('x').then(() => 1)`,
];

t.test('import() in every expression is a call of $nanod', async (t) => {
  for (const expression of expressions) {
    for (const [format, text] of Object.entries({
      classic: `var v = (${expression});`,
      module: `export const v = (${expression});`,
      awaiting: `export default (${expression});\nawait 0;`,
      // Where it runs in a CommonJS wrapper.
      commonjs: `import './dep.cjs'; export default 1;`,
    })) {
      const specifier = format === 'classic' ? expression : expression.replace(`'x'`, `globalThis.no ?? 'x'`);
      const result = await bundleFiles(t, {
        'worker.js': text.replace(expression, specifier),
        'dep.cjs': `module.exports = (${specifier});`,
      });
      if ('errors' in result) {
        t.pass(`${format} ${expression}: refused`);
        continue;
      }
      const { caught, escaped } = await witnessed(result.bundle);
      t.same(escaped, [], `${format} ${expression}: nothing escapes`);
      t.same(caught, ['x'], `${format} ${expression}: $nanod is asked`);
    }
  }
});

/** Texts that mean different things to a parser of modules and to one of scripts, or that try to look like something else. */
const disguises = [
  `let x = 1; export default x<!--/*\nimport('x')\n/*/1;`,
  `let x = 1; export default [x\n-->/*\nimport('x')\n/*/1];`,
  `export default 1; /*\n*/--> import('x')`,
  `export default 1 <!--\nimport('x')`,
  `export default '<!--'; import('x'); // -->`,
  `export default \`<!-- \${import('x')} -->\`;`,
  `//\u2028import('x')\nexport default 1`,
  `/*\u2029*/import('x')\nexport default 1`,
  `export default 1; \\u0069mport('x')`,
  `export default 1; //\rimport('x')`,
  `var v = 1 <!-- import('y')\nimport('x')`,
  `var v = 1\n--> import('y')\nimport('x')`,
  `/* */ --> import('y')\nimport('x')`,
  `#!import('y')\nimport('x')`,
  `#!/* \nimport('x') /* */; export default 1`,
  `var import_ = 1; with ({ $nanod_: 1 }) import('x')`,
  `var yield; yield\n/import('y')/g\nimport('x')`,
  `var await; await\n/1/import('x')`,
  `if (0) function f() {} else import('x')`,
  `({}) / import('x') / 1`,
  `{} /import('y')/.exec(1); import('x')`,
  `let async; async\n(import('x'))`,
  `export default 1; }); import('x'); ({`,
  `export default 1; });\nimport('x');\n(async ($nanod) => {`,
];

t.test('nothing gets through in disguise', async (t) => {
  for (const disguise of disguises) {
    // A specifier that the bundler cannot resolve.
    const text = disguise.replaceAll(`import('x')`, `import(globalThis.no ?? 'x')`);
    for (const file of ['worker.js', 'worker.mjs', 'worker.ts', 'worker.cjs']) {
      const result = await bundleFiles(t, { [file]: text });
      if ('errors' in result) continue;
      const { escaped } = await witnessed(result.bundle);
      t.same(escaped, [], `${file}: ${text.replace(/[^ -~]/gu, '↵')}`);
    }
  }
});

t.test('the disguises do import where they are run as they are', async (t) => {
  // Proof that the hook hears: the same texts, past the bundler.
  const code = `var v = 1\n--> import('y')\nimport('x')`;
  t.same((await witnessed({ format: 'script', code })).escaped, ['x']);
});
