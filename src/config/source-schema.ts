/**
 * The part of dialect 1 that says where code comes from: modules, service-worker scripts and extensions, each written in the configuration
 * or read from a file. Runs in the supervisor and in scripts.
 */
import { z } from 'zod';
import { entry } from './manual.ts';
import type { Choice } from './manual.ts';
import { isRecord } from './plain-copy.ts';
import type { ModuleKind } from './types.ts';

/** What the name of an extension's module begins with: a scheme that nothing else has. */
export const moduleScheme =
  /^(?!(?:about|blob|cloudflare|data|file|https?|nanod|node|workerd|workers?):)[a-z][a-z\d+.-]*:[\w./:@+-]{1,200}$/u;
const moduleSchemeText =
  'a name with a scheme of its own, such as "burrito-shop:kitchen" (not node:, cloudflare:, workerd:, nanod:, file: or another known one)';

/** A file that content is read from. */
export const filePath = entry(
  z.strictObject({
    file: entry(z.string().min(1), {
      description: 'Path of the file, counted from the directory of the configuration.',
      expected: 'the path of a file',
      errors: ['SCRIPT_NOT_FOUND'],
    }),
  }),
  { description: 'A file.', expected: 'an object { file }' },
);

/** Content that is text. */
export const sourceText = entry(z.string(), { description: 'The source text.', expected: 'source text' });

/** A field that holds text, or names a file. */
function textOrFile(description: string) {
  return entry(z.union([sourceText, filePath]).optional(), {
    description,
    expected: 'source text, or an object { file }',
    default: 'none',
    errors: ['SCRIPT_NOT_FOUND'],
    choose: (value: unknown): Choice =>
      typeof value === 'string' ? sourceText : isRecord(value) ? filePath : undefined,
  });
}

function isBase64(text: string): boolean {
  return Buffer.from(text, 'base64').toString('base64') === text;
}

/** Content that is bytes. */
export const bytes = entry(z.union([z.string().refine(isBase64), z.instanceof(Uint8Array)]), {
  description: 'The bytes.',
  expected: 'base64 with padding, or a Uint8Array',
});

function bytesOrFile(description: string) {
  return entry(z.union([bytes, filePath]).optional(), {
    description,
    expected: 'base64 with padding, a Uint8Array, or an object { file }',
    default: 'none',
    errors: ['SCRIPT_NOT_FOUND'],
    choose: (value: unknown): Choice =>
      typeof value === 'string' || value instanceof Uint8Array
        ? bytes
        : isRecord(value)
          ? filePath
          : undefined,
  });
}

const anyJson = entry(
  z.custom<unknown>((value) => value !== undefined),
  { description: 'A JSON value.', expected: 'a value that JSON can express' },
);
const escapedJson = entry(z.strictObject({ json: anyJson }), {
  description: 'A JSON value that would be taken for something else.',
  expected: 'an object { json }',
});

/** Whether a value is an object with this key and no other. */
export function hasOnly(value: unknown, key: string): value is Readonly<Record<string, unknown>> {
  return isRecord(value) && Object.keys(value).length === 1 && Object.hasOwn(value, key);
}

const jsonOrFile = entry(z.union([anyJson, escapedJson, filePath]).optional(), {
  description:
    'A JSON value, or a file of JSON. A value that is an object with no key but `file` or `json` is written `{ json: value }`.',
  expected: 'a value that JSON can express, or an object { file }',
  default: 'none',
  errors: ['SCRIPT_NOT_FOUND'],
  choose: (value: unknown): Choice => {
    if (hasOnly(value, 'file')) return filePath;
    return hasOnly(value, 'json') ? escapedJson : anyJson;
  },
});

/** The keys that say what a module is. */
export const moduleKinds = [
  'esModule',
  'commonJs',
  'text',
  'data',
  'wasm',
  'json',
] as const satisfies readonly ModuleKind[];

/** One of the modules that a worker consists of. */
export const moduleSchema = entry(
  z.strictObject({
    name: entry(z.string().min(1).max(500), {
      description:
        'What other modules import it by, and what messages call it: `lib/util.js`. Unique within the worker.',
      expected: 'the name of a module: a relative path without a step that leads out of it',
      errors: ['CONFIG_DUPLICATE'],
    }),
    esModule: textOrFile('An ES module. With a name or a file that ends in `.ts` or `.tsx`, TypeScript.'),
    commonJs: textOrFile(
      'A CommonJS module: `require`, `exports` and `module.exports`. Runs in strict mode. Importing it gives `module.exports` as the default export.',
    ),
    namedExports: entry(
      z
        .array(
          entry(z.string().min(1).max(500), {
            description: 'One name.',
            expected: 'the name of an export',
          }),
        )
        .optional(),
      {
        description: 'Of a `commonJs` module: properties of `module.exports` that can be imported by name.',
        expected: 'an array of names',
        default: '`[]`',
      },
    ),
    text: textOrFile('Importing it gives a string.'),
    data: bytesOrFile('Importing it gives an `ArrayBuffer`.'),
    wasm: bytesOrFile('Importing it gives a `WebAssembly.Module`.'),
    json: jsonOrFile,
  }),
  {
    description: 'A module.',
    expected: 'a module: { name, esModule | commonJs | text | data | wasm | json }',
    oneOf: moduleKinds,
  },
);

/** The `modules` of a worker. */
export const modulesField = entry(z.array(moduleSchema).min(1).optional(), {
  description:
    'The modules that the worker consists of, each with a name by which the others import it. The first one is the main module.',
  expected: 'an array of at least one module',
  default: 'none',
});

/** The `serviceWorkerScript` of a worker. */
export const serviceWorkerField = textOrFile(
  'A classic script that adds event listeners, `addEventListener("fetch", …)`; bindings are its global variables.',
);

/** A module of an extension. */
export const extensionModuleSchema = entry(
  z.strictObject({
    name: entry(z.string().regex(moduleScheme), {
      description: 'What workers import it by. Unique among the modules of all extensions.',
      expected: moduleSchemeText,
      errors: ['CONFIG_DUPLICATE'],
    }),
    internal: entry(z.boolean().optional(), {
      description: 'Only other modules of extensions may import it. What makes wrapped bindings is internal.',
      expected: 'true or false',
      default: '`false`',
      errors: ['WORKER_EXTENSION_INTERNAL'],
    }),
    esModule: entry(z.union([sourceText, filePath]), {
      description:
        'The module. It imports other modules of extensions, and built-in modules, by their names.',
      expected: 'source text, or an object { file }',
      errors: ['SCRIPT_NOT_FOUND'],
      choose: (value: unknown): Choice =>
        typeof value === 'string' ? sourceText : isRecord(value) ? filePath : undefined,
    }),
  }),
  { description: 'A module of an extension.', expected: 'a module: { name, internal?, esModule }' },
);

/** Modules offered to workers. */
export const extensionSchema = entry(
  z.strictObject({
    modules: entry(z.array(extensionModuleSchema), {
      description: 'The modules.',
      expected: 'an array of modules',
    }),
  }),
  { description: 'Modules offered to workers.', expected: 'an extension: { modules: [...] }' },
);
