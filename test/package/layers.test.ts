/** The import rules (.dependency-cruiser.mjs), applied to small trees that break them. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import type { IConfiguration } from 'dependency-cruiser';
import t from 'tap';
import type { Test } from 'tap';

/** The configuration is JavaScript without types. */
const { default: config } = (await import(
  String(new URL('../../.dependency-cruiser.mjs', import.meta.url))
)) as {
  default: Required<Pick<IConfiguration, 'forbidden' | 'options'>>;
};

/** The two files, and the only rules that the first one's import of the second breaks. */
type Case = readonly [from: string, to: string, rules: readonly string[], type?: 'type'];

const CASES: readonly Case[] = [
  ['src/cli/serve.ts', 'src/control/client.ts', []],
  ['src/supervisor/pool.ts', 'src/messages/startup.ts', []],
  ['src/thread/main.ts', 'src/services/worker.ts', []],
  ['src/config/load.ts', 'src/shared/errors.ts', []],
  ['src/main.ts', 'src/cli/serve.ts', []],
  ['src/main.ts', 'src/supervisor/pool.ts', []],
  ['src/realm/realm.ts', 'src/realm/prelude/host-api.ts', [], 'type'],
  ['src/messages/call.ts', 'src/realm/prelude/state.ts', [], 'type'],
  ['test/realm/x.test.ts', 'src/realm/prelude/state.ts', []],
  ['src/cli/serve.ts', 'src/supervisor/pool.ts', ['layer-cli']],
  ['src/cli/serve.ts', 'src/config/types.ts', ['layer-cli'], 'type'],
  ['src/config/load.ts', 'src/supervisor/pool.ts', ['layer-config']],
  ['src/shared/errors.ts', 'src/config/types.ts', ['layer-shared'], 'type'],
  ['src/supervisor/pool.ts', 'src/thread/main.ts', ['layer-supervisor', 'thread-by-url']],
  ['src/main.ts', 'src/thread/main.ts', ['thread-by-url']],
  ['src/supervisor/pool.ts', 'src/main.ts', ['layer-supervisor', 'top-of-src']],
  ['src/unheard-of/a.ts', 'src/shared/errors.ts', ['layers-complete']],
  ['src/shared/errors.ts', 'test/helpers/child.ts', ['layer-shared']],
  ['src/realm/prelude/url.ts', 'src/shared/text.ts', ['prelude-alone']],
  ['src/realm/prelude/url.ts', 'src/shared/text.ts', ['prelude-alone'], 'type'],
  ['src/realm/realm.ts', 'src/realm/prelude/host-api.ts', ['prelude-types-only']],
  ['src/thread/main.ts', 'src/realm/prelude/host-api.ts', ['neutral-state-only'], 'type'],
  ['src/config/load.ts', 'src/realm/prelude/state.ts', ['neutral-state-readers'], 'type'],
  ['src/nodejs/url.ts', 'src/nodejs/errors.ts', []],
  ['src/nodejs/url.ts', 'src/shared/text.ts', ['nodejs-alone']],
  ['src/bundle/bundle.ts', 'src/nodejs/main.ts', ['layer-bundle', 'nodejs-as-text'], 'type'],
];

/** The names of the rules that a tree of files breaks, in alphabetical order. */
async function broken(t: Test, files: Readonly<Record<string, string>>): Promise<string[]> {
  const root = mkdtempSync(join(tmpdir(), 'nanod-layers-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries({ 'package.json': '{ "type": "module" }', ...files })) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const folders = new Set(Object.keys(files).map((path) => String(path.split('/')[0])));
  const { output } = await cruise([...folders], {
    ...config.options,
    baseDir: root,
    validate: true,
    ruleSet: { forbidden: config.forbidden },
  });
  if (typeof output === 'string') throw new Error(output);
  return [...new Set(output.summary.violations.map(({ rule }) => rule.name))].toSorted();
}

/** How a file at `from` writes the path of `to`. */
function specifier(from: string, to: string): string {
  return `${'../'.repeat(from.split('/').length - 1)}${to}`.replace(/^(?!\.)/, './');
}

for (const [from, to, rules, type] of CASES) {
  const verdict = rules.length === 0 ? 'may' : 'must not';
  t.test(`${from} ${verdict} import ${type === undefined ? '' : 'a type of '}${to}`, async (t) => {
    const text = `import ${type ?? ''} { x } from '${specifier(from, to)}';\nexport const y = x;\n`;
    t.strictSame(await broken(t, { [from]: text, [to]: 'export const x = 1;\n' }), rules);
  });
}

t.test('a cycle of types is a cycle', async (t) => {
  const a = "import type { B } from './b.ts';\nexport type A = B | 1;\n";
  const b = "import type { A } from './a.ts';\nexport type B = A | 2;\n";
  t.strictSame(await broken(t, { 'src/shared/a.ts': a, 'src/shared/b.ts': b }), ['no-cycles']);
});

t.test('a module that is not there is reported', async (t) => {
  t.strictSame(await broken(t, { 'src/shared/a.ts': "import './b.ts';\n" }), ['resolvable']);
});
