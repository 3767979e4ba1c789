/** Texts that are meant to hurt whoever parses them. */
import t from 'tap';
import { load } from '../../helpers/wrangler.ts';

const texts: Readonly<Record<string, readonly [string, RegExp]>> = {
  'arrays without end': [`a = ${'['.repeat(5000)}`, /^CONFIG_SYNTAX /u],
  'arrays within arrays': [`a = ${'['.repeat(5000)}${']'.repeat(5000)}`, /^CONFIG_TOO_LARGE /u],
  'tables within tables': [
    `a = ${'{a = '.repeat(5000)}1${'}'.repeat(5000)}`,
    /^CONFIG_TOO_LARGE wrangler\.toml/u,
  ],
  'a long key': [`a${'.a'.repeat(5000)} = 1`, /^CONFIG_TOO_LARGE /u],
  'a deep header': [`[a${'.a'.repeat(5000)}]`, /^CONFIG_TOO_LARGE /u],
  'a string without an end': [`a = "${'x'.repeat(100_000)}`, /^CONFIG_SYNTAX /u],
  'a long string without an end': [`a = """${'x\n'.repeat(50_000)}`, /^CONFIG_SYNTAX /u],
  'a number without an end': [`a = ${'1'.repeat(200_000)}`, /^CONFIG_(?:TOO_LARGE|UNKNOWN_KEY) /u],
  'the prototype': ['__proto__.x = 1\n[constructor]\ny = 1', /^CONFIG_UNKNOWN_KEY __proto__/u],
  'a file that is too large': [`a = "${'x'.repeat(300_000)}"`, /^CONFIG_TOO_LARGE .*256 KiB/u],
  'a key twice': ['name = "a"\nname = "b"', /^CONFIG_SYNTAX wrangler\.toml:2:1/u],
  'a table twice': ['[vars]\n[vars]', /^CONFIG_SYNTAX wrangler\.toml:2:2/u],
  'no TOML at all': ['\u0000\u0001', /^CONFIG_SYNTAX /u],
};

for (const [name, [text, expected]] of Object.entries(texts)) {
  t.test(`TOML: ${name}`, async (t) => {
    const { described } = await load({ 'wrangler.toml': text });
    t.match(described[0], expected);
    t.notOk(described.some((line) => line.length > 2000));
  });
}

const jsonTexts: Readonly<Record<string, readonly [string, RegExp]>> = {
  'arrays without end': ['['.repeat(100_000), /^CONFIG_TOO_LARGE /u],
  'a comment without an end': ['{ /* ', /^CONFIG_SYNTAX wrangler\.jsonc:1:3: the comment/u],
  'nothing but comments': ['// x\n'.repeat(100_000), /^CONFIG_SYNTAX .*found the end of the file/u],
  'commas alone': ['[,]', /^CONFIG_SYNTAX /u],
  'two commas': ['{"name":"w",,}', /^CONFIG_SYNTAX /u],
  'no object': ['[]', /^CONFIG_VALUE wrangler\.jsonc:1:1: expected an object/u],
};

for (const [name, [text, expected]] of Object.entries(jsonTexts)) {
  t.test(`JSONC: ${name}`, async (t) => {
    const { described } = await load({ 'wrangler.jsonc': text });
    t.match(described[0], expected);
  });
}

t.test('a key named __proto__ is refused', async (t) => {
  const { value } = await load({
    'wrangler.json': '{"name":"w","main":"w.js","vars":{"__proto__":{"x":1}}}',
  });
  t.equal(({} as Record<string, unknown>)['x'], undefined);
  t.ok(value);
});
