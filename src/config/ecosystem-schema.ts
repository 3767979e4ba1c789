/**
 * Dialect 1, `ecosystem.config.*`: PM2-shaped. The schema is the manual: every field says what it means, its default, and what a value
 * must be. What fields say about each other (names, cycles) is checked in resolve.ts. Runs in the supervisor and in scripts.
 */
import { z } from 'zod';
import { adminSchema } from './admin-schema.ts';
import { appAssetsSchema } from './app-assets.ts';
import { environmentSchema, namedEnvironment } from './app-environment.ts';
import type { NamedEnvironments } from './app-environment.ts';
import { bindingSchema, targetEntry, targetSchema } from './binding-schema.ts';
import { buildShape } from './build-schema.ts';
import { ignoredAppAttribute } from './ignored.ts';
import { laterAppAttribute, laterRootKey } from './later.ts';
import { appLogShape, logsSchema } from './log-settings.ts';
import { entry } from './manual.ts';
import { nameText, serviceName } from './service-name.ts';
import { serviceSchema } from './service-schema.ts';
import { extensionSchema, modulesField, serviceWorkerField } from './source-schema.ts';
import { socketSchema } from './socket-schema.ts';
import { supervisionShape } from './supervision-schema.ts';
import { autoPreloadLimit, defaultGroup, defaultThreadMemoryMb, internetService } from './types.ts';
import { identifier, identifierText } from './values.ts';

/** The compatibility date of an app that names none. */
export const defaultCompatibilityDate = '2026-11-01';

/** The attributes that say what the code of an app is. */
export const codeKeys = ['script', 'modules', 'serviceWorkerScript', 'inherit'] as const;

const mostThreads = 256;

const leastThreadMemory = 16;
const mostThreadMemory = 1024 * 1024;

const threadCount = z.union([z.literal('auto'), z.int().min(1).max(mostThreads)]);
const threadCountText = `a whole number from 1 to ${mostThreads}, or "auto"`;

/** A worker. */
export const appSchema = entry(
  z.strictObject({
    name: entry(z.string().regex(serviceName), {
      description: 'Name of the service, unique among all services.',
      expected: `a name: ${nameText}`,
      errors: ['CONFIG_DUPLICATE'],
    }),
    script: entry(z.string().min(1).optional(), {
      description:
        'Path of the file that the worker starts from, counted from the directory of this file. Exactly one of `script`, `modules`, `serviceWorkerScript` and `inherit` is there, or none of them where there are `assets`.',
      expected: 'the path of a script',
      default: 'none',
      errors: ['SCRIPT_NOT_FOUND'],
    }),
    modules: modulesField,
    serviceWorkerScript: serviceWorkerField,
    inherit: entry(z.string().optional(), {
      description:
        'The worker whose code this one runs, with other bindings; see [Workers that inherit](#workers-that-inherit).',
      expected: 'the name of a worker',
      default: 'none',
      errors: ['CONFIG_UNKNOWN_NAME'],
    }),
    ...buildShape,
    ...supervisionShape,
    group: entry(z.string().optional(), {
      description: 'The group whose threads hold the worker.',
      expected: 'the name of a group',
      default: `\`"${defaultGroup}"\``,
      errors: ['CONFIG_UNKNOWN_NAME'],
    }),
    compatibilityDate: entry(z.iso.date().optional(), {
      description: 'The day whose behaviour of the platform the worker was written for.',
      expected: 'a day written YYYY-MM-DD',
      default: `\`"${defaultCompatibilityDate}"\``,
    }),
    compatibilityFlags: entry(
      z
        .array(
          entry(z.string().regex(/^[a-z0-9_]{1,128}$/u), {
            description: 'One flag.',
            expected: 'a flag: lower-case letters, digits and `_`',
            errors: ['CONFIG_FLAG', 'CONFIG_NOT_AVAILABLE'],
          }),
        )
        .optional(),
      {
        description:
          'Behaviours of the platform switched on or off apart from the date. `nodejs_compat` gives the worker [modules of Node.js](workers.md#modules-of-nodejs). Flags of workerd that name what a worker finds here anyway are accepted.',
        expected: 'an array of flags',
        default: '`[]`',
      },
    ),
    bindings: entry(
      z
        .record(
          entry(z.string().regex(identifier), {
            description: 'Name of the binding.',
            expected: `the name of a binding: ${identifierText}`,
          }),
          bindingSchema,
        )
        .optional(),
      {
        description:
          'What the worker finds in `env`, by name. It can reach nothing else, `globalOutbound` aside.',
        expected: 'an object of bindings',
        default: '`{}`',
      },
    ),
    env: entry(environmentSchema.optional(), {
      description:
        'Values that become bindings: strings as text, others as JSON. Those of `env_NAME` come over them where nanod is told `--env NAME`. They are no part of any process’s environment.',
      expected: 'an object of strings and other JSON values',
      default: '`{}`',
      errors: ['CONFIG_DUPLICATE', 'CONFIG_UNKNOWN_NAME'],
    }),
    assets: entry(appAssetsSchema.optional(), {
      description:
        'A [static site](assets.md) in front of the worker: what it has a file for, the worker is not asked. An app with `assets` and without code is a static site.',
      expected: 'an object { directory, … }',
      default: 'none',
    }),
    routes: entry(
      z
        .array(
          entry(z.string().min(1), {
            description: 'A [pattern](#routes) such as `example.com/api/*`.',
            expected: 'a pattern such as "example.com/api/*"',
            errors: ['CONFIG_ROUTE', 'CONFIG_DUPLICATE'],
          }),
        )
        .optional(),
      {
        description:
          'Patterns that lead to the app, as in [routes](#routes), on the first of the `sockets` that speaks HTTP.',
        expected: 'an array of patterns',
        default: '`[]`',
        errors: ['CONFIG_MISSING'],
      },
    ),
    globalOutbound: entry(targetSchema.optional(), {
      ...targetEntry,
      description: 'The service that the global `fetch` of the worker goes to.',
      default: `\`"${internetService}"\`, which reaches public addresses only`,
      errors: ['CONFIG_UNKNOWN_NAME', 'CONFIG_CYCLE'],
    }),
    ...appLogShape,
  }),
  {
    description: 'A worker: a service made of code.',
    expected: 'an app: { name, script, … }',
    oneOf: codeKeys,
    orElse: 'assets',
    keyed: { pattern: namedEnvironment, schema: environmentSchema },
    ignored: ignoredAppAttribute,
    later: laterAppAttribute,
  },
);

/** Threads that services are placed on together. */
export const groupSchema = entry(
  z.strictObject({
    threads: entry(threadCount.optional(), {
      description: 'How many threads the group has.',
      expected: threadCountText,
      default: 'the `threads` of the whole configuration',
    }),
  }),
  { description: 'Services placed together on the same threads.', expected: 'a group: { threads? }' },
);

/** The whole file. */
export const ecosystemSchema = entry(
  z.strictObject({
    $schema: entry(z.string().optional(), {
      description:
        'Ignored; editors look for the [JSON Schema](#what-editors-know) of the file here: `"./node_modules/nanod/schema/ecosystem.schema.json"`.',
      expected: 'a URL',
      default: 'none',
    }),
    apps: entry(z.array(appSchema), {
      description: 'The workers.',
      expected: 'an array of apps',
    }),
    services: entry(z.array(serviceSchema).optional(), {
      description: `The services that are no workers, each of one of the [kinds](#services) below. \`${internetService}\` is there without being named, unless a service has that name.`,
      expected: 'an array of services',
      default: '`[]`',
      errors: ['CONFIG_NOT_AVAILABLE'],
    }),
    sockets: entry(z.array(socketSchema).optional(), {
      description: 'Where nanod listens.',
      expected: 'an array of sockets',
      default: '`[]`',
    }),
    admin: entry(adminSchema.optional(), {
      description: 'Where nanod says how it is. See [health and metrics](metrics.md).',
      expected: 'an object { address, metrics? }',
      default: 'none: it is told over the control API only',
    }),
    extensions: entry(z.array(extensionSchema).optional(), {
      description: 'Modules offered to every worker by name; see [Extensions](#extensions).',
      expected: 'an array of extensions',
      default: '`[]`',
    }),
    groups: entry(
      z
        .record(
          entry(z.string().regex(serviceName), {
            description: 'Name of the group.',
            expected: `the name of a group: ${nameText}`,
          }),
          groupSchema,
        )
        .optional(),
      {
        description: `Groups of threads by name. \`${defaultGroup}\` is there without being named.`,
        expected: 'an object of groups',
        default: '`{}`',
      },
    ),
    threads: entry(threadCount.optional(), {
      description: 'How many threads a group has that does not say it itself. `"auto"` is one per core.',
      expected: threadCountText,
      default: '`"auto"`',
    }),
    threadMemoryMb: entry(z.int().min(leastThreadMemory).max(mostThreadMemory).optional(), {
      description:
        'How many megabytes of objects the heap of one thread may hold. A thread that needs more is lost, with the requests that it was answering, and started anew.',
      expected: `a whole number from ${leastThreadMemory} to ${mostThreadMemory}`,
      default: `\`${defaultThreadMemoryMb}\``,
    }),
    preload: entry(z.enum(['auto', 'all', 'none']).optional(), {
      description: `Which workers are evaluated before nanod listens: \`"all"\`, \`"none"\` (each at its first request), or \`"auto"\` (all, when there are at most ${autoPreloadLimit}).`,
      expected: '"auto", "all" or "none"',
      default: '`"auto"`',
    }),
    logs: entry(logsSchema.optional(), {
      description: 'How the daemon keeps the log; see [logs](#logs).',
      expected: 'an object { format?, maxFileBytes?, … }',
      default: '`{}`',
    }),
    overrides: entry(
      z
        .record(
          entry(z.string().regex(serviceName), {
            description: 'Name of the service that is replaced.',
            expected: `the name of a service: ${nameText}`,
          }),
          entry(z.string().min(1), {
            description: 'Path of the script, counted from the directory of this file.',
            expected: 'the path of a script',
            errors: ['SCRIPT_NOT_FOUND'],
          }),
        )
        .optional(),
      {
        description:
          'Services, of whatever kind, whose place a worker takes that is made of this script: see [Replacing a service](testing.md#replacing-a-service). It holds wherever the configuration is read, so it belongs in one that is read for tests.',
        expected: 'an object of paths',
        default: '`{}`',
        errors: ['CONFIG_UNKNOWN_NAME'],
      },
    ),
    allowBindingCycles: entry(z.boolean().optional(), {
      description: 'Permits workers that reach each other, or themselves, in a circle of bindings.',
      expected: 'true or false',
      default: '`false`',
    }),
  }),
  {
    description: 'The whole file.',
    expected: 'an object { apps: [...], … }',
    advice: 'the file exports one object, and its workers are in `apps`',
    later: laterRootKey,
  },
);

/** What a user writes: for `satisfies EcosystemConfig` in a TypeScript configuration. */
export type EcosystemConfig = Omit<z.input<typeof ecosystemSchema>, 'apps'> & {
  apps: (z.input<typeof appSchema> & NamedEnvironments)[];
};
