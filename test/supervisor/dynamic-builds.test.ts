/** Bundles of code that is given at run time: the process that makes them, and what its code cannot do. */

import { MessageChannel, type MessagePort } from 'node:worker_threads';
import t, { type Test } from 'tap';
import type { BuildAnswer, BuildOutcome, DynamicCode } from '../../src/messages/builds.ts';
import { defaultBuildLimits, DynamicBuilds } from '../../src/supervisor/builds/dynamic-builds.ts';
import { KnownBuilds } from '../../src/supervisor/builds/known-builds.ts';
import { Builds } from '../../src/thread/dynamic/builds.ts';

/** Longer than any of this takes on any machine, in milliseconds. */
const patience = 600_000;

function makeBuilds(t: Test, limits = {}): { builds: Builds; port: MessagePort } {
  const supervisor = new DynamicBuilds({ ...defaultBuildLimits, time: patience, ...limits });
  const { port1, port2 } = new MessageChannel();
  supervisor.connect(port2);
  const builds = new Builds(port1);
  port1.ref();
  t.teardown(() => {
    supervisor.stop();
    port1.close();
  });
  return { builds, port: port1 };
}

function code(modules: Record<string, string>, more: Partial<DynamicCode> = {}): DynamicCode {
  const rows = Object.entries(modules).map(([name, text]) => [name, 'esModule', text]);
  return {
    name: 'api/LOADER/x',
    compatibilityDate: '2026-01-01',
    compatibilityFlags: [],
    modules: JSON.stringify(rows),
    ...more,
  };
}

function problemOf(outcome: BuildOutcome): string {
  return 'problem' in outcome ? outcome.problem : 'none';
}

t.test('many questions are answered, each with its own bundle', async (t) => {
  const { builds } = makeBuilds(t);
  const asked = Array.from({ length: 20 }, (_, n) =>
    builds.build(code({ 'm.js': `export const n = ${n};` })),
  );
  const outcomes = await Promise.all(asked);
  const found = outcomes.map((outcome) => 'bundle' in outcome && /n = (\d+)/u.exec(outcome.bundle.code)?.[1]);
  t.strictSame(
    found,
    outcomes.map((_, n) => String(n)),
  );
  const [one, two] = await Promise.all([
    builds.build(code({ 'm.js': 'import "./n.js"; export default {}', 'n.js': '' })),
    builds.build(code({ 'm.js': 'import process from "node:process"; export default process.env' })),
  ]);
  t.match(one, { bundle: { nodejs: false, assets: [], sourceMap: /n\.js/u } });
  t.match(problemOf(two), /m\.js:1:21: .*node:process/u);
  const flags = { compatibilityFlags: ['nodejs_compat'] };
  const third = await builds.build(code({ 'm.js': 'import "node:process"; export default 1' }, flags));
  t.match(third, { bundle: { nodejs: true } });
});

t.test('code reaches no file and no address', async (t) => {
  const { builds } = makeBuilds(t);
  const attempts = [
    'import text from "/etc/passwd"; export default text',
    'import text from "../../../../../etc/passwd"; export default text',
    'import text from "file:///etc/passwd"; export default text',
    'import text from "nanod-module:m.js"; export default text',
    'import text from "nanod-wrappers"; export default text',
    'import text from "nanod-builtin:node:fs"; export default text',
    'import text from "http://127.0.0.1/x.js"; export default text',
    'import text from "esbuild"; export default text',
    'import text from "/etc/passwd" with { type: "text" }; export default text',
    'import text from "fs"; export default text',
    'import text from "child_process"; export default text',
  ];
  for (const text of attempts) {
    const outcome = await builds.build(code({ 'm.js': text }));
    t.match(problemOf(outcome), /m\.js:1/u, text);
    t.notMatch(problemOf(outcome), /root:/u);
  }
  for (const name of ['/etc/passwd.map', 'file:///etc/passwd', '../../../../etc/passwd']) {
    const map = await builds.build(
      code({ 'm.js': `export default import('x');\n//# sourceMappingURL=${name}` }),
    );
    t.notMatch(JSON.stringify(map), /root:/u, `a source map ${name} is not read`);
  }
});

t.test('code cannot be what a bundle is made of', async (t) => {
  const { builds } = makeBuilds(t);
  const uses = await builds.build(code({ 'm.js': '$nanod.asset(0); export default {}' }));
  t.match(problemOf(uses), /m\.js:1:1: .*\$nanod/u);
  const hidden = await builds.build(code({ 'm.js': 'export default {};\n--> import("x")\n' }));
  t.match(problemOf(hidden), /m\.js:2/u);
  const closed = await builds.build(code({ 'm.js': '}); (() => { globalThis.out = 1; export default {};' }));
  t.match(problemOf(closed), /m\.js:1:1/u);
});

t.test('code that takes too much memory ends its own build', async (t) => {
  const { builds } = makeBuilds(t, { memoryMb: 48 });
  const large = `export default [${'[],'.repeat(1_000_000)}];`;
  t.match(problemOf(await builds.build(code({ 'm.js': large }))), /memory/u);
  t.match(await builds.build(code({ 'm.js': 'export default 1' })), { bundle: {} }, 'the next one is made');
});

t.test('code that takes too long ends its own build', async (t) => {
  const { builds } = makeBuilds(t, { time: 1 });
  const asked = ['1', '2'].map((value) => builds.build(code({ 'm.js': `export default ${value}` })));
  // A process needs more than a millisecond to start.
  for (const outcome of await Promise.all(asked)) t.match(problemOf(outcome), /longer than 0\.001 s/u);
});

t.test('nesting without end is refused', async (t) => {
  const { builds } = makeBuilds(t);
  const deep = [
    `export default ${'['.repeat(50_000)}${']'.repeat(50_000)};`,
    `import './n.js'; export default a${'.a'.repeat(100_000)};`,
    `import './n.js'; export default a${'()'.repeat(100_000)};`,
    `import './n.js'; export default a${'\`\`'.repeat(100_000)};`,
    `import './n.js'; export default ${'a+'.repeat(100_000)}a;`,
    `import './n.js'; ${'if (a) {} else '.repeat(50_000)} {}`,
  ];
  for (const text of deep)
    t.match(
      problemOf(await builds.build(code({ 'm.js': text, 'n.js': '' }))),
      /m\.js.*(?:nested|stack space)/u,
      text.slice(0, 60),
    );
  const rows = (kind: string, text: string): string =>
    JSON.stringify([
      ['m.js', 'esModule', 'import "./n"; export default {}'],
      ['n', kind, text],
    ]);
  const json = `${'[{"a":'.repeat(50_000)}1${'}]'.repeat(50_000)}`;
  t.match(problemOf(await builds.build(code({}, { modules: rows('json', json) }))), /n: .*nested/u);
  const common = `return ${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  t.match(
    problemOf(await builds.build(code({}, { modules: rows('commonJs', common) }))),
    /n.*(?:nested|stack space)/u,
  );
  const returns = await builds.build(code({}, { modules: rows('commonJs', 'if (exports) return;') }));
  t.match(returns, { bundle: {} }, 'a CommonJS module may return');
  const many = Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`${n}.js`, '']));
  t.match(problemOf(await builds.build(code(many))), /1000 modules, found 1001/u);
});

t.test('nobody is answered any more when nanod stops', async (t) => {
  const supervisor = new DynamicBuilds();
  const { port1, port2 } = new MessageChannel();
  supervisor.connect(port2);
  const answered = new Promise<BuildAnswer>((resolve) => port1.on('message', resolve));
  port1.postMessage({ id: 1, code: code({ 'm.js': 'export default 1' }) });
  t.match(await answered, { id: 1, outcome: { bundle: {} } });
  supervisor.stop();
  const last = new Promise<BuildAnswer>((resolve) => port1.on('message', resolve));
  port1.postMessage({ id: 2, code: code({ 'm.js': 'export default 2' }) });
  t.match(await last, { outcome: { problem: 'nanod is stopping' } });
  port1.close();
});

t.test('the bundles that were used last are known', (t) => {
  const known = new KnownBuilds(1000);
  const built = (length: number) => {
    const bytes = { version: '', assets: [], mentionsTemporal: false, nodejs: false };
    return { bundle: { ...bytes, code: 'x'.repeat(length / 2), sourceMap: '' } };
  };
  for (const key of ['a', 'b', 'c', 'd']) known.add(key, built(240));
  known.get('a');
  known.add('e', built(240));
  known.add('large', built(260));
  t.strictSame(
    ['a', 'b', 'c', 'd', 'e', 'large'].map((key) => known.get(key) !== undefined),
    [true, false, true, true, true, false],
  );
  t.end();
});
