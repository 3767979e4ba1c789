/** Fuzzes the readers of wrangler files: TOML and JSON with comments, each alone and up to a `Config`. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { JsonTextError, parseJsonText } from '../../src/config/json-text.ts';
import { loadConfig } from '../../src/config/load.ts';
import { parseTomlText } from '../../src/config/wrangler/toml.ts';
import { assertGoodErrors } from './target.ts';
import type { FuzzTarget } from './target.ts';
import { powersFor, textLike } from './texts.ts';

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
