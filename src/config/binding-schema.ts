/**
 * The part of dialect 1 that says what a worker is given: bindings of every kind, and how a service is named. Runs in the supervisor and
 * in scripts.
 */
import { z } from 'zod';
import { cryptoKeySchema } from './bindings/crypto-key.ts';
import { memoryCacheSchema } from './bindings/memory-cache.ts';
import { parameterSchema } from './bindings/parameter.ts';
import { rateLimitSchema } from './bindings/ratelimit.ts';
import { versionMetadataSchema } from './bindings/version-metadata.ts';
import { wasmModuleSchema } from './bindings/wasm-module.ts';
import { workerLoaderSchema } from './bindings/worker-loader.ts';
import { laterBindingKinds } from './later.ts';
import { entry } from './manual.ts';
import type { Choice } from './manual.ts';
import { isRecord } from './plain-copy.ts';
import { moduleScheme } from './source-schema.ts';
import { bytesValue, identifier, identifierText, isJson, jsonValue } from './values.ts';
import type { Json } from './values.ts';

const designatorAdvice = 'a service is named by a string, or by { service, entrypoint?, props? }';

const designatorShape = {
  service: entry(z.string(), {
    description: 'Name of the service.',
    expected: 'the name of a service',
    errors: ['CONFIG_UNKNOWN_NAME'],
  }),
  entrypoint: entry(z.string().regex(identifier).optional(), {
    description: 'The named export of the worker that is called.',
    expected: `the name of an export: ${identifierText}`,
    default: 'the default export',
  }),
  props: entry(z.custom<{ readonly [key: string]: Json }>(isRecord).optional(), {
    description:
      'What the entrypoint finds in `ctx.props`, so that it can tell its callers apart. Any JSON object.',
    expected: 'an object that JSON can express',
    default: '`{}`',
  }),
};

/** A service with the entrypoint and the props. */
export const designator = entry(z.strictObject(designatorShape), {
  description: 'A service, one of its entrypoints, and what that entrypoint is told about its caller.',
  expected: 'an object { service, entrypoint?, props? }',
  advice: designatorAdvice,
});

const designatorName = entry(z.string(), {
  description: 'Name of the service.',
  expected: 'the name of a service',
});

/** The two ways to name a service. Each use adds its own entry to a copy of it. */
export const targetSchema = z.union([designatorName, designator]);
/** What such a use says, its description aside. */
export const targetEntry = {
  expected: 'the name of a service, or an object { service, entrypoint?, props? }',
  errors: ['CONFIG_UNKNOWN_NAME'],
  choose: (value: unknown): Choice =>
    typeof value === 'string' ? designatorName : isRecord(value) ? designator : undefined,
} as const;

const bindingAdvice = 'for JSON data with such a key, write { json: { … } }';

const wrapperModule = entry(z.string().regex(moduleScheme), {
  description: 'The internal module of an [extension](#extensions) whose function makes the binding.',
  expected: 'the name of an internal module of an extension',
  errors: ['CONFIG_UNKNOWN_NAME'],
});

/** What a wrapped binding is made of. */
export const wrappedShape = entry(
  z.strictObject({
    moduleName: wrapperModule,
    entrypoint: entry(z.string().regex(identifier).optional(), {
      description:
        'The export that is the function. It is called with one object, the inner bindings, before any code of the worker runs.',
      expected: `the name of an export: ${identifierText}`,
      default: 'the default export',
      errors: ['WORKER_EXPORT_MISSING'],
    }),
    innerBindings: entry(
      z
        .record(
          entry(z.string().regex(identifier), {
            description: 'Name of the inner binding.',
            expected: `the name of a binding: ${identifierText}`,
          }),
          entry(
            z.custom<unknown>((value) => value !== undefined),
            {
              description: 'A binding of any kind.',
              expected: 'a binding',
              choose: chooseBinding,
            },
          ),
        )
        .optional(),
      {
        description:
          'What the function is given. The worker reaches them through what it returns, and no other way.',
        expected: 'an object of bindings',
        default: '`{}`',
      },
    ),
  }),
  {
    description: 'A function of an extension, and the bindings that it is given.',
    expected: 'an object { moduleName, entrypoint?, innerBindings? }',
  },
);

/** The kinds of binding that are objects, by the key that names the kind. */
export const taggedBindings = {
  text: entry(
    z.strictObject({
      text: entry(z.string(), { description: 'The string.', expected: 'a string' }),
    }),
    {
      description: 'A string. `NAME: "value"` is short for `NAME: { text: "value" }`.',
      expected: 'an object { text }',
      keyAdvice: bindingAdvice,
    },
  ),
  data: entry(z.strictObject({ data: bytesValue }), {
    description: 'Bytes. The worker sees an `ArrayBuffer`.',
    expected: 'an object { data }',
    keyAdvice: bindingAdvice,
  }),
  json: entry(z.strictObject({ json: jsonValue }), {
    description:
      'A JSON value. A number, a boolean, `null`, an array, and an object without a key that names a kind are short for it.',
    expected: 'an object { json }',
    keyAdvice: bindingAdvice,
  }),
  fromEnvironment: entry(
    z.strictObject({
      fromEnvironment: entry(z.string().min(1), {
        description: 'Name of the variable.',
        expected: 'the name of an environment variable',
        errors: ['CONFIG_ENVIRONMENT'],
      }),
    }),
    {
      description: 'A string taken from the environment that nanod runs in, when the configuration is read.',
      expected: 'an object { fromEnvironment }',
      keyAdvice: bindingAdvice,
    },
  ),
  service: entry(z.strictObject(designatorShape), {
    description: 'Another service: `env.NAME.fetch(request)` calls it.',
    expected: 'an object { service, entrypoint?, props? }',
    keyAdvice: bindingAdvice,
    errors: ['CONFIG_UNKNOWN_NAME', 'CONFIG_CYCLE'],
  }),
  wasmModule: wasmModuleSchema,
  cryptoKey: cryptoKeySchema,
  memoryCache: memoryCacheSchema,
  ratelimit: rateLimitSchema,
  versionMetadata: versionMetadataSchema,
  workerLoader: workerLoaderSchema,
  parameter: parameterSchema,
  wrapped: entry(z.strictObject({ wrapped: wrappedShape }), {
    description:
      'What a function of an [extension](#extensions) makes of other bindings: `env.NAME` is whatever it returns.',
    expected: 'an object { wrapped }',
    keyAdvice: bindingAdvice,
    errors: ['CONFIG_UNKNOWN_NAME'],
  }),
} as const;

export type BindingTag = keyof typeof taggedBindings;

const plainText = entry(z.string(), { description: 'A string.', expected: 'a string' });
const plainJson = entry(z.custom<Exclude<Json, string>>(isJson), {
  description: 'Any other JSON value.',
  expected: 'a value that JSON can express',
});

/** The kind that a binding of a plain copy is meant to have: `text` and `json` for the short forms too. */
export function bindingTag(value: unknown): BindingTag | 'plainText' | 'plainJson' | undefined {
  if (typeof value === 'string') return 'plainText';
  if (!isRecord(value)) return isJson(value) ? 'plainJson' : undefined;
  const tags = Object.keys(taggedBindings) as BindingTag[];
  return tags.find((tag) => Object.hasOwn(value, tag)) ?? 'plainJson';
}

function chooseBinding(value: unknown): Choice {
  const later = isRecord(value) ? Object.keys(value).find((key) => laterBindingKinds.has(key)) : undefined;
  const tag = bindingTag(value);
  if (later !== undefined && (tag === 'plainJson' || tag === undefined)) {
    return { later: `the binding kind "${later}"`, advice: laterBindingKinds.get(later) ?? bindingAdvice };
  }
  if (tag === 'plainText') return plainText;
  if (tag === 'plainJson') return plainJson;
  return tag === undefined ? undefined : taggedBindings[tag];
}

const kindsText = Object.keys(taggedBindings)
  .map((tag) => `{ ${tag} }`)
  .join(', ');

/** What `bindings` holds. */
export const bindingSchema = entry(z.union([plainText, ...Object.values(taggedBindings), plainJson]), {
  description: 'One of the kinds below.',
  expected: `a string, a JSON value, or one of ${kindsText}`,
  errors: ['CONFIG_NOT_AVAILABLE'],
  choose: chooseBinding,
});
