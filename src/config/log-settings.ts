/**
 * How the records of services are kept: the part of dialect 1 that says it, PM2's attributes among it, and what it comes to. Runs in the
 * supervisor and in scripts.
 */
import { resolve as resolvePath } from 'node:path';
import { z } from 'zod';
import { entry } from './manual.ts';
import { placeName, type Problems } from './problems.ts';
import type { DraftName, Read, Sourced, Sourcing } from './sourced.ts';
import { ownName } from '../shared/log-record.ts';
import { quote } from '../shared/text.ts';

export type LogFormat = 'json' | 'pretty';

/** Limits of the files of one service, and of what it may write. What is absent has its default. */
export interface LogLimits {
  readonly format?: LogFormat;
  readonly maxFileBytes?: number;
  readonly maxFileHours?: number;
  readonly maxFiles?: number;
  readonly maxAgeDays?: number;
  readonly linesPerSecond?: number;
  readonly burst?: number;
}

/** What a configuration says of the records of all its services. */
export interface LogSettings extends LogLimits {
  readonly maxTotalBytes?: number;
  readonly minFreeBytes?: number;
}

/** What it says of those of one service, over what it says of all. Paths are absolute; `null` is nowhere. */
export interface ServiceLogs extends LogLimits {
  readonly outFile?: string | null;
  readonly errorFile?: string | null;
  /** Has the records of both. */
  readonly logFile?: string | null;
}

/** What nobody says otherwise. */
export const defaultLogs = Object.freeze({
  format: 'json',
  maxFileBytes: 10 * 1024 * 1024,
  maxFileHours: 24,
  maxFiles: 10,
  maxAgeDays: 30,
  maxTotalBytes: 1024 * 1024 * 1024,
  minFreeBytes: 64 * 1024 * 1024,
} satisfies LogSettings);

const gigabyte = 1024 ** 3;

function wholeNumber(
  least: number,
  most: number,
  description: string,
  implied: number,
): z.ZodOptional<z.ZodInt> {
  return entry(z.int().min(least).max(most).optional(), {
    description,
    expected: `a whole number from ${least} to ${most}`,
    default: `\`${implied}\``,
  });
}

const limitsShape = {
  format: entry(z.enum(['json', 'pretty']).optional(), {
    description: 'What a record is in a file: a line of JSON, or a line for people.',
    expected: '"json" or "pretty"',
    default: '`"json"`',
  }),
  maxFileBytes: wholeNumber(
    1024,
    gigabyte,
    'A file that would become larger is rotated: it is compressed, and another one is begun.',
    defaultLogs.maxFileBytes,
  ),
  maxFileHours: wholeNumber(1, 8760, 'A file that is older is rotated.', defaultLogs.maxFileHours),
  maxFiles: wholeNumber(0, 1000, 'Rotated files that are kept of each file.', defaultLogs.maxFiles),
  maxAgeDays: wholeNumber(1, 3650, 'Rotated files that are older are removed.', defaultLogs.maxAgeDays),
  linesPerSecond: wholeNumber(
    1,
    1_000_000,
    'Lines that a service may write in a second, on each thread. What is more is dropped, counted, and said. A line of more than 1024 characters counts as several.',
    500,
  ),
  burst: wholeNumber(1, 10_000_000, 'Lines that it may write at once after a quiet time.', 5000),
} as const;

/** `apps[…].logs`. */
export const appLogsSchema = entry(z.strictObject(limitsShape), {
  description: 'How the log of one service is kept.',
  expected: 'an object { format?, maxFileBytes?, … }',
  keyAdvice:
    '`maxTotalBytes` and `minFreeBytes` are of all services together: they belong in `logs` of the whole file',
});

/** `logs` of the whole file. */
export const logsSchema = entry(
  z.strictObject({
    ...limitsShape,
    maxTotalBytes: wholeNumber(
      1024 * 1024,
      1024 * gigabyte,
      'Bytes that the log files of the daemon may have together: beyond that, the oldest are removed. Of several configurations, the smallest counts.',
      defaultLogs.maxTotalBytes,
    ),
    minFreeBytes: wholeNumber(
      0,
      1024 * gigabyte,
      'Bytes that the disk has free at least: below that, nothing is logged until there is room again, and services go on. Of several configurations, the largest counts.',
      defaultLogs.minFreeBytes,
    ),
  }),
  { description: 'How the log is kept.', expected: 'an object { format?, maxFileBytes?, … }' },
);

function fileField(description: string, fallback: string): z.ZodOptional<z.ZodString> {
  return entry(
    z
      .string()
      .regex(/^[^\0]+$/u)
      .optional(),
    {
      description,
      expected: 'the path of a file',
      default: fallback,
    },
  );
}

function aliasOf(name: string): z.ZodOptional<z.ZodString> {
  return fileField(`Another name of \`${name}\`.`, 'none');
}

const outName = 'NAME-out.log';
const errorName = 'NAME-error.log';

/** Attributes of PM2 that say where records go (PM2's `lib/API/schema.json`). */
export const appLogShape = {
  logs: entry(appLogsSchema.optional(), {
    description: 'How the log of this service is kept, over the [`logs`](#logs) of the whole file.',
    expected: 'an object { format?, maxFileBytes?, … }',
    default: '`{}`',
  }),
  out_file: fileField(
    'The file for records below the level of warnings, counted from the directory of this file; `"/dev/null"` for none.',
    `\`${outName}\` in the daemon's [home](daemon.md#the-home)`,
  ),
  output: aliasOf('out_file'),
  out: aliasOf('out_file'),
  error_file: fileField(
    'The file for warnings and errors.',
    `\`${errorName}\` in the daemon's [home](daemon.md#the-home)`,
  ),
  error: aliasOf('error_file'),
  err_file: aliasOf('error_file'),
  log_file: fileField('A file for all records, besides the two.', 'none'),
  log: aliasOf('log_file'),
  disable_logs: entry(z.boolean().optional(), {
    description: 'Records go to no file. `nanod logs` shows them as they come.',
    expected: 'true or false',
    default: '`false`',
  }),
  log_type: entry(z.enum(['json', 'pretty']).optional(), {
    description: 'Another name of `format` in `logs`.',
    expected: '"json" or "pretty"',
    default: '`"json"`',
  }),
  merge_logs: alwaysTrue('The records of all threads go to the same file.'),
  combine_logs: alwaysTrue('Another name of `merge_logs`.'),
  time: alwaysTrue('Every record carries its time.'),
} as const;

/** PM2's switches for what nanod always does. */
function alwaysTrue(description: string): z.ZodOptional<z.ZodLiteral<true>> {
  return entry(z.literal(true).optional(), {
    description: `${description} It cannot be switched off.`,
    expected: 'true, which it always is',
    default: '`true`',
  });
}

/** What a dialect says of the log of one worker. Paths are as they are written. */
export interface DraftLogs {
  readonly limits: LogLimits;
  readonly isDisabled: boolean;
  readonly outFile: string | undefined;
  readonly errorFile: string | undefined;
  readonly logFile: string | undefined;
}

type AppLogs = Read<z.ZodObject<typeof appLogShape>>;

/** Reads the attributes of an app, over what is said of all. A file that is named twice is reported. */
export function readLogs(app: AppLogs, shared: LogLimits, at: Sourcing): DraftLogs {
  const format = app.log_type === undefined ? {} : { format: app.log_type };
  return {
    limits: { ...limitsOf(shared), ...format, ...limitsOf(app.logs ?? {}) },
    isDisabled: app.disable_logs ?? false,
    outFile: oneOf(app, ['out_file', 'output', 'out'], at),
    errorFile: oneOf(app, ['error_file', 'error', 'err_file'], at),
    logFile: oneOf(app, ['log_file', 'log'], at),
  };
}

function oneOf(
  app: AppLogs,
  names: readonly (
    'out_file' | 'output' | 'out' | 'error_file' | 'error' | 'err_file' | 'log_file' | 'log'
  )[],
  at: Sourcing,
): string | undefined {
  const given = names.flatMap((name): Sourced<string>[] => {
    const value = at.sourced(app[name], name);
    return value === undefined ? [] : [value];
  });
  const [first, second] = given;
  if (first !== undefined && second !== undefined) {
    const details = { what: 'log file', name: second.value, first: placeName(first.place) };
    at.problems.report('CONFIG_DUPLICATE', details, second.place);
  }
  return first?.value;
}

const limitNames = Object.keys(limitsShape) as (keyof LogLimits)[];

function limitsOf(settings: { readonly [Name in keyof LogLimits]?: LogLimits[Name] | undefined }): LogLimits {
  const given = limitNames.flatMap((name) => {
    const value = settings[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(given);
}

/** What is said of all services; undefined where that is nothing. */
export function readLogSettings(settings: Read<typeof logsSchema> | undefined): LogSettings | undefined {
  if (settings === undefined) return undefined;
  const { maxTotalBytes, minFreeBytes } = settings;
  const read: LogSettings = {
    ...limitsOf(settings),
    ...(maxTotalBytes === undefined ? {} : { maxTotalBytes }),
    ...(minFreeBytes === undefined ? {} : { minFreeBytes }),
  };
  return Object.keys(read).length === 0 ? undefined : read;
}

/** PM2 takes these for nowhere. */
const nowhere = new Set(['/dev/null', 'NULL']);

/** With absolute paths; nothing where nothing is said. */
export function resolveLogs(draft: DraftLogs | undefined, baseDir: string): { readonly logs?: ServiceLogs } {
  if (draft === undefined) return {};
  const { limits, isDisabled } = draft;
  const fileAt = (path: string | undefined): string | null | undefined => {
    if (isDisabled) return null;
    return path === undefined ? undefined : nowhere.has(path) ? null : resolvePath(baseDir, path);
  };
  const outFile = fileAt(draft.outFile);
  const errorFile = fileAt(draft.errorFile);
  const logFile = fileAt(draft.logFile);
  const logs: ServiceLogs = {
    ...limits,
    ...(outFile === undefined ? {} : { outFile }),
    ...(errorFile === undefined ? {} : { errorFile }),
    ...(logFile === undefined ? {} : { logFile }),
  };
  return Object.keys(logs).length === 0 ? {} : { logs };
}

/** The services; one that is called as nanod itself is in the log is reported. */
export function refuseOwnName<Draft extends DraftName>(
  services: readonly Draft[],
  problems: Problems,
): readonly Draft[] {
  for (const { name } of services) {
    if (name?.value !== ownName) continue;
    const expected = 'another name: in the log, nanod itself is called so';
    problems.report('CONFIG_VALUE', { expected, found: quote(ownName) }, name.place);
  }
  return services;
}
