/** Fuzzes the readers of wrangler files: TOML and JSON with comments, each alone and up to a `Config`. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { JsonTextError, parseJsonText } from '../../src/config/json-text.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { ConfigPowers } from '../../src/config/powers.ts';
import { parseTomlText } from '../../src/config/wrangler/toml.ts';
import { assertGoodErrors } from './target.ts';
import type { FuzzTarget } from './target.ts';

const toml = `# A configuration.
name = "w"
main = 'w.js'
compatibility_date = "2026-01-01"
vars = { A = "a", B = [1, 2.5, true], "c d" = 0x10 }
[[services]]
binding = "S"
service = "w"
[env.staging.vars]
deep.er.key = """
text
"""
[dev]
port = 8787
[[rules]]
type = "Text"
globs = ["**/*.md"]
`;

const json = `{ // A configuration.
  "name": "w", "main": "w.js", "vars": { "A": "\\u0061", "B": [1, -2.5e3, null,], },
  "services": [{ "binding": "S", "service": "w" }], /* more */
  "env": { "staging": { "routes": ["example.com/*"] } },
  "kv_namespaces": [{ "binding": "K" }], "dev": { "port": 0 }, "alias": { "a": "./b.js" },
}
`;

const words = [
  ...'[]{},.:=-"#\\\'/*+'.split(''),
  ...['[[', ']]', '"""', "'''", '//', '/*', '*/', 'true', 'inf', 'nan', '1979-05-27', '1e400', '\\u', '0x'],
  ...['name', 'main', 'vars', 'services', 'env', 'routes', 'dev', 'port', '__proto__', 'constructor'],
  ...['\n', '\r\n', '\u0000', '\ufeff', '"a" = 1\n', '[a]\n', '[[a]]\n'],
];

const piece = fc.oneof(
  fc.constantFrom(...words),
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const soup = fc
  .array(piece, { maxLength: 60 })
  .chain((parts) => fc.constantFrom('', ' ').map((gap) => parts.join(gap)));

/** A sample with some of it replaced, or something else altogether. */
function textLike(sample: string): fc.Arbitrary<string> {
  const edit = fc.tuple(fc.nat({ max: sample.length }), fc.nat({ max: 12 }), fc.oneof(piece, soup));
  const mutated = fc
    .array(edit, { minLength: 1, maxLength: 4 })
    .map((edits) =>
      edits.reduce((text, [at, length, by]) => text.slice(0, at) + by + text.slice(at + length), sample),
    );
  return fc.oneof(
    { weight: 3, arbitrary: mutated },
    { weight: 2, arbitrary: soup },
    fc.string({ unit: 'binary' }),
  );
}

const limits = { depth: 100, values: 10_000 };

/** Parses, and permits no error but the one that says where the text is wrong. */
function parse(text: string, run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof JsonTextError)) throw error;
    assert.ok(error.offset >= 0 && error.offset <= text.length, `${error.offset} of ${text.length}`);
    return undefined;
  }
}

function powersFor(name: string, text: string): ConfigPowers {
  const refuse = (): Promise<never> => Promise.reject(new Error('nothing is run'));
  const contents = new Map([
    [`/base/${name}`, text],
    ['/base/w.js', ''],
  ]);
  return {
    cwd: '/base',
    environment: {},
    statKind: (wanted) => Promise.resolve(contents.has(wanted) ? 'file' : 'missing'),
    readBytes: (wanted) => Promise.resolve(Buffer.from(contents.get(wanted) ?? '', 'utf8')),
    stampOf: () => Promise.resolve(''),
    importModule: refuse,
    delay: refuse,
  };
}

function loads(name: string, sample: string): fc.IAsyncProperty<[string, string | undefined]> {
  const environment = fc.constantFrom(undefined, 'staging', '__proto__');
  return fc.asyncProperty(textLike(sample), environment, async (text, chosen) => {
    const { errors } = await loadConfig(name, powersFor(name, text), { environment: chosen });
    if (errors !== undefined) assertGoodErrors(errors, text, name);
  });
}

export const wrangler: FuzzTarget = {
  name: 'wrangler',
  properties: {
    'TOML is parsed, or refused at a place in it': fc.asyncProperty(textLike(toml), async (text) => {
      parse(text, () => parseTomlText(text, limits));
    }),
    'JSON with comments is parsed, or refused at a place in it': fc.asyncProperty(
      textLike(json),
      async (text) => {
        parse(text, () => parseJsonText(text, { ...limits, jsonc: true }));
      },
    ),
    'JSON is parsed to what it says, with comments and commas in it': fc.asyncProperty(
      fc.jsonValue({ maxDepth: 4 }),
      fc.constantFrom('', ' ', '\n', '/* , ] } */', '// "x"\n'),
      async (value, gap) => {
        const text = JSON.stringify(value, undefined, 1).replaceAll('\n', `${gap}\n`);
        const spaced = text.replace(/(?<=[[{][^]*[^[{,\s])(?=\s*[\]}]$)/u, ',');
        const { root } = parseJsonText(spaced, { ...limits, jsonc: true });
        assert.equal(JSON.stringify(root.value), JSON.stringify(value));
      },
    ),
    'a TOML file gives a configuration, or errors': loads('wrangler.toml', toml),
    'a JSONC file gives a configuration, or errors': loads('wrangler.jsonc', json),
  },
};
