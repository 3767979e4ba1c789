/** The JSON Schema of dialect 1 says of a file what nanod says. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import t from 'tap';
import { ecosystemJsonSchema } from '../../src/config/json-schema.ts';
import { schemaFile } from '../../scripts/schema.ts';
import { compareGenerated } from '../../scripts/generated-file.ts';
import { check } from '../helpers/config.ts';
import { docPages } from '../helpers/doc-pages.ts';
import { load } from '../helpers/wrangler.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const validate = new Ajv2020({
  strict: true,
  allowUnionTypes: true,
  strictRequired: false,
  formats: { date: true },
}).compile(ecosystemJsonSchema());

function complaints(value: unknown): string {
  validate(JSON.parse(JSON.stringify(value)));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`).join('\n');
}

t.test('the file in the package is the present one, and the package exports it', async (t) => {
  const { wanted, present } = await compareGenerated(schemaFile);
  t.ok(wanted === present, 'run: npm run docs:schema');
  const { exports: exported, files } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
    exports: Record<string, unknown>;
    files: string[];
  };
  t.equal(exported['./schema/ecosystem.schema.json'], './schema/ecosystem.schema.json');
  t.ok(files.includes('schema'));
});

t.test('the examples are valid', async (t) => {
  const page = docPages().find(({ path }) => path === 'docs/configuration.md');
  const blocks = [...(page?.text ?? '').matchAll(/```js\n\/\/ \w+\.config\.js\n([^]*?)```/gu)];
  const directory = t.testdir(
    Object.fromEntries(blocks.map(([, text = ''], index) => [`${index}.mjs`, text])),
  );
  const files = [...blocks.keys()].map((index) => `${directory}/${index}.mjs`);
  t.ok(files.length > 2);
  for (const file of [`${root}ecosystem.config.js`, ...files]) {
    const { default: value } = (await import(file)) as { default: unknown };
    t.equal(complaints(value), '', file);
  }
});

t.test('what a wrangler file becomes is valid', async (t) => {
  const text = readFileSync(`${root}test/fixtures/wrangler/gateway/wrangler.toml`, 'utf8');
  t.equal(complaints((await load({ 'wrangler.toml': text })).value), '');
});

const app = { name: 'a', script: 'a.js' };

/** Values that are good or bad by themselves, whatever else there is. */
const values: Readonly<Record<string, unknown>> = {
  'nothing but apps': { apps: [app] },
  'a schema': { $schema: 'x', apps: [] },
  'bindings of all forms': {
    apps: [
      {
        ...app,
        bindings: { A: 'x', B: { json: { text: 1 } }, C: { other: 1 }, D: null, E: { data: 'AA==' } },
      },
    ],
  },
  'a designator': { apps: [{ ...app, globalOutbound: { service: 'internet', props: {} } }] },
  'named environments': { apps: [{ ...app, env: { A: 'x' }, env_staging: { A: 1 } }] },
  'no apps': {},
  'an unknown key': { apps: [], sokets: [] },
  'a name with a space': { apps: [{ ...app, name: 'a b' }] },
  'no script': { apps: [{ name: 'a' }] },
  'two kinds of code': { apps: [{ ...app, serviceWorkerScript: '' }] },
  'a binding with a wrong value': { apps: [{ ...app, bindings: { A: { text: 5 } } }] },
  'a binding with a name that cannot be written': { apps: [{ ...app, bindings: { 'a b': 'x' } }] },
  'no modules': { apps: [{ name: 'a', modules: [] }] },
  'a wrong number of threads': { apps: [], threads: 0 },
  'a wrong word': { apps: [], preload: 'some' },
  'a service of no kind': { apps: [], services: [{ name: 'x', kind: 'nothing' }] },
  'an unknown key in a rule': { apps: [{ ...app, rules: [{ kind: 'text', globs: [], fallthrough: true }] }] },
  'an inner binding with a wrong value': {
    apps: [
      { ...app, bindings: { W: { wrapped: { moduleName: 'x:y', innerBindings: { A: { text: 5 } } } } } },
    ],
  },
};

/** Errors about what parts of a configuration say of each other, of which a schema knows nothing. */
const beyond = new Set(['CONFIG_UNKNOWN_NAME', 'CONFIG_ENVIRONMENT']);

t.test('the schema and nanod agree', async (t) => {
  let good = 0;
  for (const [name, value] of Object.entries(values)) {
    const { errors = [] } = await check(value);
    const isGood = errors.every(({ code }) => beyond.has(code));
    if (isGood) good += 1;
    t.equal(complaints(value) === '', isGood, name);
  }
  t.equal(good, 5);
});

t.test('every field is described', (t) => {
  const walk = (schema: unknown, path: string): void => {
    if (typeof schema !== 'object' || schema === null) return;
    for (const [key, value] of Object.entries(schema)) {
      if (key === 'properties') {
        for (const [name, field] of Object.entries(value as object)) {
          t.match(field, { description: /\S\.$/u }, `${path}.${name}`);
        }
      }
      walk(value, `${path}.${key}`);
    }
  };
  walk(ecosystemJsonSchema(), '');
  t.end();
});
