/** A position in a stack trace of a bundle leads, through its source map alone, to the line and column in the author's file. */

import { SourceMap } from 'node:module';
import t from 'tap';
import { stopCompiler } from '../../src/bundle/compile.ts';
import type { Bundle } from '../../src/bundle/bundle.ts';
import { run } from '../helpers/bundle.ts';

t.teardown(stopCompiler);

/** `file:line:column` of the frames of `bundle.js` in a stack, in the author's files. */
function originalFrames(stack: string, bundle: Bundle): string[] {
  const map = new SourceMap(JSON.parse(bundle.sourceMap));
  return [...stack.matchAll(/bundle\.js:(\d+):(\d+)/gu)].map(([, line, column]) => {
    // Not findOrigin, which adds the distance from the beginning of the mapped range.
    const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
    if (!('originalSource' in entry)) return 'nowhere';
    return `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

/** Where a text stands in a file. */
function find(files: Record<string, string>, file: string, text: string): string {
  const content = files[file] ?? '';
  const before = content.slice(0, content.indexOf(text)).split('\n');
  return `${file}:${before.length}:${(before.at(-1) ?? '').length + 1}`;
}

async function stackOf(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    return (error as Error).stack ?? '';
  }
  throw new Error('nothing was thrown');
}

const body = `
// A comment, so that lines move.
export const count = 1, inner = { deep: (x) => { if (x) throw new RangeError('deep'); } };
  export   default { async fetch(request) {
    const before = 'é𝄞'; await null; return inner.deep(request), before;
  } };
export function property(value) { return value.missing.name; }
`;

for (const [way, files] of Object.entries<Record<string, string>>({
  'a module on its own': { 'worker.js': body },
  'a module through esbuild': {
    'worker.js': `import './other.js';${body}`,
    'other.js': 'globalThis.x = 1;\n\n',
  },
  'a TypeScript module': { 'worker.ts': `import { type A } from './types';\ntype B = {\n a: A };${body}` },
  'a module with top-level await and its own this': { 'worker.js': `await this;${body}` },
})) {
  t.test(way, async (t) => {
    const [entry = ''] = Object.keys(files);
    const { read, bundle } = await run(t, files);
    const frames = originalFrames(await stackOf(() => read('default').fetch(true)), bundle);
    t.same(frames, [find(files, entry, 'new RangeError'), find(files, entry, 'deep(request)')]);
    const [frame] = originalFrames(await stackOf(() => read('property')({})), bundle);
    t.equal(frame, find(files, entry, 'name; }'));
  });
}

t.test('frames in several files, in a folder and in a package', async (t) => {
  const files = {
    'worker.js': `import { a } from './lib/a.js';\nexport default () => a(() => { throw new Error('x') });\n`,
    lib: { 'a.js': `import b from 'b';\n/* line */ export function a(fail) {\n  return b(fail); }\n` },
    node_modules: {
      b: { 'package.json': '{}', 'index.js': `module.exports = function b(fail) {\n\n  fail();\n};\n` },
    },
  };
  const { read, bundle } = await run(t, files);
  t.same(originalFrames(await stackOf(read('default')), bundle), [
    'worker.js:2:38',
    'node_modules/b/index.js:3:3',
    'lib/a.js:3:10',
    'worker.js:2:22',
  ]);
});

t.test('classic scripts, with every kind of line end', async (t) => {
  const text =
    'var a = 1;\r\nvar b = 2;\rfunction fail(x) {\n\treturn  x.y.z }\u2028function again() { fail({}) }';
  const { context, bundle } = await run(t, { 'worker.js': text });
  const stack = await stackOf(context['again'] as () => void);
  t.same(originalFrames(stack, bundle), ['worker.js:4:14', 'worker.js:5:20']);
});

t.test('classic TypeScript scripts', async (t) => {
  const { context, bundle } = await run(t, {
    'worker.ts': `interface Nothing {\n  x: 1 }\nfunction fail(x: any): never {\n  return x.y.z; }`,
  });
  const stack = await stackOf(context['fail'] as () => void);
  t.same(originalFrames(stack, bundle), ['worker.ts:4:12']);
});

t.test('code behind import() and import.meta, which are rewritten, stays where it is', async (t) => {
  const text = `export default async (x) => { await import(x).catch(() => {}); import.meta.url; x.y.z }`;
  for (const head of ['', `import './e.js'; `]) {
    const { read, bundle } = await run(t, { 'worker.js': head + text, 'e.js': '' });
    const frames = originalFrames(await stackOf(() => read('default')('')), bundle);
    t.same(frames, [`worker.js:1:${(head + text).indexOf('.z') + 2}`]);
  }
});

t.test('the map holds the sources', async (t) => {
  const { bundle } = await run(t, {
    'worker.js': `import './e.js'; export default 1;`,
    'e.js': 'globalThis.a = 1;',
  });
  const map = JSON.parse(bundle.sourceMap);
  t.same(map.sources, ['e.js', 'worker.js']);
  t.equal(map.sourcesContent[0], 'globalThis.a = 1;');
});
