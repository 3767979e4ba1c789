import { readFileSync } from 'node:fs';
import t from 'tap';
import { z } from 'zod';
import { configDoc } from '../../scripts/config-doc.ts';
import { compareGenerated } from '../../scripts/generated-file.ts';
import { ecosystemSchema } from '../../src/config/ecosystem-schema.ts';
import { inner, entryOf } from '../../src/config/manual.ts';
import { errorTable, formatErrors } from '../../src/shared/errors.ts';
import { load } from '../helpers/capnp.ts';
import { check } from '../helpers/config.ts';

const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');

/** Every schema within a schema, with the keys that lead to it. */
function* schemasIn(schema: z.ZodType, name: string): Generator<{ schema: z.ZodType; name: string }> {
  yield { schema, name };
  if (schema instanceof z.ZodOptional) yield* schemasIn(inner(schema), name);
  if (schema instanceof z.ZodArray) yield* schemasIn(schema.element as z.ZodType, `${name}[]`);
  if (schema instanceof z.ZodRecord) yield* schemasIn(schema.valueType as z.ZodType, `${name}.*`);
  if (schema instanceof z.ZodObject) {
    for (const [key, field] of Object.entries(schema.shape) as [string, z.ZodType][]) {
      yield* schemasIn(field, `${name}.${key}`);
    }
  }
  if (schema instanceof z.ZodUnion && entryOf(schema)?.choose !== undefined) {
    for (const option of schema.options as z.ZodType[]) {
      if (!(option instanceof z.ZodNever)) yield* schemasIn(option, name);
    }
  }
}

const schemas = [...schemasIn(ecosystemSchema, '')];

t.test('docs/configuration.md holds the fields of the schema as they are', async (t) => {
  const { wanted, present } = await compareGenerated(configDoc);
  t.equal(present, wanted, 'npm run docs:config');
});

t.test('every field is described and documented', (t) => {
  t.ok(schemas.length > 40, 'the whole schema is walked');
  for (const { schema, name } of schemas) {
    const isWithinOptional = schemas.some(
      ({ schema: outer }) => outer instanceof z.ZodOptional && inner(outer) === schema,
    );
    if (isWithinOptional) continue;
    const entry = entryOf(schema);
    if (entry === undefined) {
      t.fail(`${name} has no entry in the manual`);
      continue;
    }
    t.match(entry.description, /^[A-Z`].*\.$/u, `${name} is described in sentences`);
    t.notMatch(entry.expected, /\.$/u, `what ${name} must be stands within a sentence`);
    if (schema instanceof z.ZodObject) {
      for (const key of Object.keys(schema.shape)) t.match(page, `- **\`${key}\`**: `);
    }
  }
  t.end();
});

t.test('links of the page lead to errors that exist', (t) => {
  for (const [, code = '', anchor = ''] of page.matchAll(/\[([A-Z_]+)\]\(errors\.md#([a-z_]+)\)/gu)) {
    if (!Object.hasOwn(errorTable, code)) t.fail(code);
    if (anchor !== code.toLowerCase()) t.fail(anchor);
  }
  t.end();
});

t.test('the example of the page is a good configuration', async (t) => {
  const source = /```js\n\/\/ ecosystem\.config\.js\n([^]*?)```/u.exec(page)?.[1] ?? '';
  const dir = t.testdir({ 'ecosystem.config.mjs': source });
  const module = (await import(`${dir}/ecosystem.config.mjs`)) as { default: unknown };
  const { config, errors } = await check(module.default, { environment: { API_TOKEN: 'x' } });
  t.strictSame(errors, undefined);
  t.equal(config?.services.length, 4);
});

t.test('the other examples are as well', async (t) => {
  const blocks = [...page.matchAll(/```js\n\/\/ (\w+)\.config\.js\n([^]*?)```/gu)];
  const dir = t.testdir(Object.fromEntries(blocks.map(([, name, text = '']) => [`${name}.mjs`, text])));
  for (const [, name] of blocks) {
    const module = (await import(`${dir}/${name}.mjs`)) as { default: unknown };
    const environment = { API_TOKEN: 'x', RPC_TOKEN: 'x'.repeat(16) };
    const { errors } = await check(module.default, { environment });
    t.strictSame(errors, undefined, String(name));
  }
  t.equal(blocks.length, 6);
});

t.test('the schema can be written as JSON Schema', (t) => {
  const schema = z.toJSONSchema(ecosystemSchema, { io: 'input', unrepresentable: 'any' });
  t.match(schema, {
    type: 'object',
    required: ['apps'],
    additionalProperties: false,
    properties: { apps: { type: 'array', items: { required: ['name'] } } },
  });
  t.end();
});

t.test(
  "the example of workerd's configuration is one, and its error is printed as the page says",
  async (t) => {
    const [, example = ''] = /^```capnp\n(?<text>[^]*?)^```/mu.exec(page) ?? [];
    const files = { 'worker.js': 'export default {};' };
    const good = await load({ ...files, 'config.capnp': example });
    t.strictSame(good.described, []);
    t.match(good.value, { apps: [{ name: 'main' }], sockets: [{ name: 'http' }] });
    const bad = await load({ ...files, 'config.capnp': example.replace('"worker.js", ', '5, ') });
    t.match(page, `\n${formatErrors(bad.errors).trim()}\n`);
  },
);
