/**
 * `npm run docs:config`: rewrites the lists of fields in docs/configuration.md from the schema, each between the comments
 * `<!-- fields NAME -->` and `<!-- end -->`; the prose around them is written by hand. With `--check` it ends with status 1 when the file
 * is stale.
 */
import process from 'node:process';
import { z } from 'zod';
import { appAssetsSchema } from '../src/config/app-assets.ts';
import { cryptoKeyFields } from '../src/config/bindings/crypto-key.ts';
import { memoryCacheFields, memoryCacheLimits } from '../src/config/bindings/memory-cache.ts';
import { parameterFields } from '../src/config/bindings/parameter.ts';
import { rateLimitFields } from '../src/config/bindings/ratelimit.ts';
import { workerLoaderFields } from '../src/config/bindings/worker-loader.ts';
import { versionMetadataFields } from '../src/config/bindings/version-metadata.ts';
import { designator, taggedBindings, wrappedShape } from '../src/config/binding-schema.ts';
import { ruleSchema } from '../src/config/build-schema.ts';
import { appSchema, ecosystemSchema, groupSchema } from '../src/config/ecosystem-schema.ts';
import { timeoutsSchema } from '../src/config/kinds/external.ts';
import { laterAttributes } from '../src/config/later.ts';
import { logsSchema } from '../src/config/log-settings.ts';
import { entryOf } from '../src/config/manual.ts';
import type { ManualEntry } from '../src/config/manual.ts';
import { serviceKinds } from '../src/config/service-schema.ts';
import {
  extensionModuleSchema,
  extensionSchema,
  filePath,
  moduleSchema,
} from '../src/config/source-schema.ts';
import { clientTlsSchema } from '../src/config/client-tls.ts';
import { keypairSchema, pemSchema } from '../src/config/pem.ts';
import { rpcClientSchema, rpcLimitsSchema, rpcServerSchema } from '../src/config/rpc.ts';
import { serverTlsSchema, sniSchema } from '../src/config/server-tls.ts';
import { routeSchema, socketSchema } from '../src/config/socket-schema.ts';
import { writeOrCheck } from './generated-file.ts';
import type { GeneratedFile } from './generated-file.ts';

const shapes: Readonly<Record<string, z.ZodObject>> = {
  top: ecosystemSchema,
  app: appSchema,
  appAssets: appAssetsSchema,
  rule: ruleSchema,
  designator,
  key: cryptoKeyFields,
  memoryCache: memoryCacheFields,
  memoryCacheLimits,
  rateLimit: rateLimitFields,
  workerLoader: workerLoaderFields,
  parameter: parameterFields,
  versionMetadata: versionMetadataFields,
  socket: socketSchema,
  route: routeSchema,
  tls: serverTlsSchema,
  keypair: keypairSchema,
  pem: pemSchema.options[1],
  sni: sniSchema,
  group: groupSchema,
  logs: logsSchema,
  wrapped: wrappedShape,
  module: moduleSchema,
  sourceFile: filePath,
  extension: extensionSchema,
  extensionModule: extensionModuleSchema,
  ...serviceKinds,
  timeouts: timeoutsSchema,
  clientTls: clientTlsSchema,
  rpcServer: rpcServerSchema,
  rpcClient: rpcClientSchema,
  rpcLimits: rpcLimitsSchema,
};

function link(code: string): string {
  return `[${code}](errors.md#${code.toLowerCase()})`;
}

function entryFor(schema: z.ZodType, name: string): ManualEntry {
  const entry = entryOf(schema);
  if (entry === undefined) throw new Error(`the field ${name} has no entry`);
  return entry;
}

/** What happens when a field is wrong: the error of its type, and those of its own. */
function whenWrong(entry: ManualEntry, isRequired: boolean): string {
  const codes = ['CONFIG_VALUE', ...(isRequired ? ['CONFIG_MISSING'] : []), ...(entry.errors ?? [])];
  return `Wrong: ${codes.map(link).join(', ')}.`;
}

function describeField(name: string, schema: z.ZodType): string {
  const entry = entryFor(schema, name);
  const isRequired = !(schema instanceof z.ZodOptional);
  const must = isRequired ? 'Required' : `Default: ${entry.default ?? 'none'}`;
  return `- **\`${name}\`**: ${entry.description}\n\n  Expected: ${entry.expected}. ${must}. ${whenWrong(entry, isRequired)}\n`;
}

function describeShape(shape: z.ZodObject): string {
  const fields = Object.entries(shape.shape) as [string, z.ZodType][];
  return fields.map(([name, schema]) => describeField(name, schema)).join('\n');
}

function describeBindings(): string {
  const kinds = Object.entries(taggedBindings) as [string, z.ZodObject][];
  return kinds
    .map(([tag, schema]) => {
      const entry = entryFor(schema, tag);
      const field = entryFor((schema.shape as Record<string, z.ZodType>)[tag] ?? schema, tag);
      const own = {
        ...field,
        errors: [...(entry.errors ?? []), ...(entry.errors ? [] : (field.errors ?? []))],
      };
      return `- **\`${tag}\`**: ${entry.description}\n\n  Expected: ${entry.expected}, with ${field.expected}. ${whenWrong(own, false)}\n`;
    })
    .join('\n');
}

function describeLater(): string {
  return laterAttributes.map((name) => `\`${name}\``).join(', ');
}

function fieldsOf(name: string): string {
  if (name === 'bindings') return describeBindings();
  if (name === 'later') return describeLater();
  const shape = shapes[name];
  if (shape === undefined) throw new Error(`docs/configuration.md asks for unknown fields: ${name}`);
  return describeShape(shape);
}

/** docs/configuration.md with its lists renewed. */
export const configDoc: GeneratedFile = {
  path: 'docs/configuration.md',
  script: 'docs:config',
  generate: (present) =>
    present.replace(
      /(<!-- fields (\w+) -->)[^]*?(<!-- end -->)/gu,
      (_, start: string, name: string, end: string) => [start, fieldsOf(name), end].join('\n\n'),
    ),
};

if (import.meta.main) await writeOrCheck(configDoc, process.argv.slice(2));
