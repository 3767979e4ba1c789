/**
 * Dialect 1 as a JSON Schema (draft 2020-12), for editors that complete and check what people write. Made from the zod schemas and
 * the manual: what a file must be is written once. It says nothing of what parts of a configuration say of each other. Runs in scripts.
 */
import { z } from 'zod';
import { bindingSchema, taggedBindings } from './binding-schema.ts';
import { ecosystemSchema } from './ecosystem-schema.ts';
import { entryOf, inner } from './manual.ts';
import type { ManualEntry } from './manual.ts';

/** A schema of JSON Schema. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The schema of an `ecosystem.config.json`. */
export function ecosystemJsonSchema(): JsonSchema {
  const { description, ...schema } = convert(ecosystemSchema) ?? {};
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'ecosystem.config of nanod',
    description,
    ...schema,
    $defs: { binding: convertBinding() },
  };
}

const reference = { $ref: '#/$defs/binding' };
const chooseBinding = entryOf(bindingSchema)?.choose;

/** `undefined` where nothing in JSON is such a value. */
function convert(schema: z.ZodType, outer?: ManualEntry): JsonSchema | undefined {
  const entry = outer ?? entryOf(schema);
  if (schema instanceof z.ZodOptional) return convert(inner(schema), entry);
  const converted = convertKind(schema, entry);
  return converted && { ...describe(entry), ...converted };
}

function describe(entry: ManualEntry | undefined): JsonSchema {
  if (entry === undefined) return {};
  const { description, default: implied } = entry;
  const text = implied === undefined ? description : `${description}\n\nDefault: ${implied}.`;
  // Links of the manual lead to headings of its page.
  return { description: text.replace(/\[(?<shown>[^\]]+)\]\([^)\s]+\)/gu, '$<shown>') };
}

function convertKind(schema: z.ZodType, entry: ManualEntry | undefined): JsonSchema | undefined {
  if (entry?.choose !== undefined && entry.choose === chooseBinding) return reference;
  if (schema instanceof z.ZodObject) return convertObject(schema, entry);
  if (schema instanceof z.ZodArray) return convertArray(schema);
  if (schema instanceof z.ZodRecord) return convertRecord(schema);
  if (schema instanceof z.ZodUnion) return convertUnion(schema.options as readonly z.ZodType[]);
  return schema instanceof z.ZodCustom ? convertCustom(schema) : convertLeaf(schema);
}

function convertObject(schema: z.ZodObject, entry: ManualEntry | undefined): JsonSchema {
  const shape: Readonly<Record<string, z.ZodType>> = schema.shape;
  const fields = Object.entries(shape);
  const required = fields.filter(([, field]) => !(field instanceof z.ZodOptional)).map(([key]) => key);
  const { oneOf = [], orElse, keyed } = entry ?? {};
  const alternatives: JsonSchema[] = oneOf.map((key) => ({ required: [key] }));
  if (orElse !== undefined) alternatives.push({ required: [orElse], not: { anyOf: [...alternatives] } });
  return {
    type: 'object',
    properties: Object.fromEntries(fields.flatMap(([key, field]) => withKey(key, convert(field)))),
    ...(keyed === undefined ? {} : { patternProperties: { [keyed.pattern.source]: convert(keyed.schema) } }),
    ...(required.length === 0 ? {} : { required }),
    ...(alternatives.length === 0 ? {} : { oneOf: alternatives }),
    additionalProperties: false,
  };
}

function withKey(key: string, schema: JsonSchema | undefined): [string, JsonSchema][] {
  return schema === undefined ? [] : [[key, schema]];
}

function convertArray(schema: z.ZodArray): JsonSchema {
  const items = convert(schema.element as z.ZodType) ?? false;
  return { ...convertLeaf(schema), items };
}

function convertRecord(schema: z.ZodRecord): JsonSchema {
  const names = convert(schema.keyType as unknown as z.ZodType);
  return {
    type: 'object',
    propertyNames: names ?? true,
    additionalProperties: convert(schema.valueType as z.ZodType) ?? false,
  };
}

/** Of one member, that member: what cannot be written in JSON is left out. */
function convertUnion(options: readonly z.ZodType[]): JsonSchema | undefined {
  const converted = options.map((option) => convert(option)).filter((option) => option !== undefined);
  const [only] = converted;
  return converted.length <= 1 ? only : { anyOf: converted };
}

/** One of each type of JSON. */
const samples: Readonly<Record<string, unknown>> = {
  null: null,
  boolean: true,
  number: 1,
  string: 'x',
  array: [],
  object: {},
};

/** What a function accepts is found by asking it. */
function convertCustom(schema: z.ZodCustom): JsonSchema | undefined {
  const types = Object.keys(samples).filter((type) => schema.safeParse(samples[type]).success);
  if (types.length === 0) return undefined;
  return types.length === Object.keys(samples).length ? {} : { type: types.length === 1 ? types[0] : types };
}

function convertLeaf(schema: z.ZodType): JsonSchema {
  const entries = Object.entries(z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }));
  return Object.fromEntries(entries.filter(([key]) => key !== '$schema'));
}

/** An object with a key that names a kind is of that kind, and JSON otherwise. */
function convertBinding(): JsonSchema {
  const tags = Object.keys(taggedBindings).map((tag) => ({ required: [tag] }));
  const kinds = Object.values(taggedBindings).map((schema) => convert(schema));
  const json = { description: 'A string, or any other JSON value.', not: { type: 'object', anyOf: tags } };
  return { ...describe(entryOf(bindingSchema)), anyOf: [...kinds, json] };
}
