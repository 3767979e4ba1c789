/**
 * The part of dialect 1 that says how a worker is looked after. The names are those of PM2; docs/pm2.md has what each means here. Runs in the
 * supervisor and in scripts.
 */
import { dirname, resolve } from 'node:path';
import { Cron } from 'croner';
import { z } from 'zod';
import { entry } from './manual.ts';
import { nameText, serviceName } from './service-name.ts';
import type { ConfigPath } from './problems.ts';
import type { Read } from './sourced.ts';
import type { Supervision, Watch } from './supervision.ts';
import type { ThreadCount, WorkerSource } from './types.ts';

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const sizes: Readonly<Record<string, number>> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** The longest interval of a timer, in milliseconds. */
const longest = 2 ** 31 - 1;
const duration = z.union([z.int().min(0).max(longest), z.string().regex(/^\d{1,6}(?:ms|s|m|h)?$/u)]);
const durationText = 'milliseconds, or a time such as "500ms", "10s", "5m" or "1h"';
const size = z.union([z.int().min(1), z.string().regex(/^\d{1,9}[KMG]?B?$/u)]);

const time = (description: string, implied: string): z.ZodOptional<typeof duration> =>
  entry(duration.optional(), { description, expected: durationText, default: implied });

const flag = (description: string, implied: string): z.ZodOptional<z.ZodBoolean> =>
  entry(z.boolean().optional(), { description, expected: 'true or false', default: implied });

const pathList = z.union([z.string().min(1), z.array(z.string().min(1))]);

const mostInstances = 256;

/** Debounces a change, where nothing is said, in milliseconds. */
const defaultWatchDelay = 200;

/** The attributes of an app. */
export const supervisionShape = {
  namespace: entry(z.string().regex(serviceName).optional(), {
    description: 'A name that several services may have: commands select all of them by it.',
    expected: `a name: ${nameText}`,
    default: 'none',
  }),
  autorestart: flag(
    'Whether the worker is started again after a crash. With `false`, the first one parks it.',
    '`true`',
  ),
  autostart: flag('With `false`, the worker is stopped when it is deployed for the first time.', '`true`'),
  max_restarts: entry(z.int().min(0).max(10_000).optional(), {
    description:
      'How many crashes within five minutes (or four times as many within a day) give a worker up: it is `errored`, and answers 503.',
    expected: 'a whole number from 0 to 10000',
    default: '`16`',
  }),
  min_uptime: time(
    'How long a worker has to run for the next restart to be as quick as the first.',
    '`"1s"`',
  ),
  restart_delay: time('The time before each start after a crash.', 'as `exp_backoff_restart_delay` says'),
  exp_backoff_restart_delay: time(
    'The time before the second start in a series of crashes. Each that follows waits half as long again, 15 seconds at most; the first does not wait.',
    '`100`',
  ),
  max_memory_restart: entry(size.optional(), {
    description:
      'A thread that holds more than this (objects and array buffers) is replaced without losing a request. Of several workers on it, the largest number counts.',
    expected: 'bytes, or a size such as "200M" or "1G"',
    default: 'none',
  }),
  kill_timeout: time('How long requests may go on when the worker is replaced or stopped.', '`"10s"`'),
  listen_timeout: time('How long the top level of the worker may take.', '`"10s"`'),
  wait_ready: flag(
    'Whether the worker is evaluated before calls are led to it, also where it would be at its first call.',
    '`false`',
  ),
  cron_restart: entry(z.string().max(200).refine(isCron).optional(), {
    description:
      'When the worker is started anew, without losing a request: a cron expression, in the time zone of the daemon (`TZ`).',
    expected: 'a cron expression such as "0 3 * * *"',
    default: 'none',
  }),
  instances: entry(z.union([z.literal('max'), z.int().min(-mostInstances).max(mostInstances)]).optional(), {
    description:
      'How many threads the group of the worker has, where nothing else says it; of several numbers the largest. `"max"` and 0 are one per core.',
    expected: `a whole number up to ${mostInstances}, or "max"`,
    default: 'the `threads` of the group',
  }),
  watch: entry(z.union([z.boolean(), pathList]).optional(), {
    description:
      'Deploys the worker again when its files change: those in the directory of its script, or at these paths. `nanod serve` does not watch.',
    expected: 'true, false, or paths',
    default: '`false`',
  }),
  ignore_watch: entry(pathList.optional(), {
    description:
      'What is not watched: names, paths and globs. `node_modules` and names that begin with a dot never are.',
    expected: 'a path or an array of paths',
    default: '`[]`',
  }),
  watch_delay: time(
    'How long nothing must change before the worker is deployed again.',
    `\`${defaultWatchDelay}\``,
  ),
} as const;

function isCron(pattern: string): boolean {
  try {
    new Cron(pattern, { paused: true });
    return true;
  } catch {
    return false;
  }
}

/** The fields as they were read. */
export type SupervisionFields = Read<z.ZodObject<typeof supervisionShape>>;

/** What a draft holds of them. */
export interface DraftSupervision {
  readonly fields: Omit<Supervision, 'watch'>;
  readonly watch: readonly string[] | true | undefined;
  readonly ignored: readonly string[];
  readonly watchDelay: number;
  /** Threads of its group. */
  readonly instances: { readonly value: ThreadCount; readonly path: ConfigPath } | undefined;
}

/** `undefined` where nothing is said. */
export function readSupervision(app: SupervisionFields, path: ConfigPath): DraftSupervision | undefined {
  if (Object.keys(supervisionShape).every((key) => app[key as keyof typeof supervisionShape] === undefined))
    return undefined;
  const { instances, watch } = app;
  return {
    fields: {
      ...present('namespace', app.namespace),
      ...present('autorestart', app.autorestart),
      ...present('autostart', app.autostart),
      ...present('maxRestarts', app.max_restarts),
      ...present('minUptime', milliseconds(app.min_uptime)),
      ...present('restartDelay', milliseconds(app.restart_delay)),
      ...present('backoffDelay', milliseconds(app.exp_backoff_restart_delay)),
      ...present('maxMemory', bytes(app.max_memory_restart)),
      ...present('killTimeout', milliseconds(app.kill_timeout)),
      ...present('listenTimeout', milliseconds(app.listen_timeout)),
      ...present('waitReady', app.wait_ready),
      ...present('cronRestart', app.cron_restart),
    },
    watch: watch === undefined || watch === false ? undefined : watch === true ? true : list(watch),
    ignored: list(app.ignore_watch),
    watchDelay: milliseconds(app.watch_delay) ?? defaultWatchDelay,
    instances:
      instances === undefined
        ? undefined
        : {
            value: typeof instances === 'number' && instances > 0 ? instances : 'auto',
            path: [...path, 'instances'],
          },
  };
}

function present<Key extends string, T>(key: Key, value: T | undefined): { [K in Key]?: T } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]: T });
}

function list(paths: string | readonly (string | undefined)[] | undefined): string[] {
  return (typeof paths === 'string' ? [paths] : (paths ?? [])).filter((path) => path !== undefined);
}

/** Of a text or a number; a text without a unit counts milliseconds. */
function milliseconds(value: string | number | undefined): number | undefined {
  if (typeof value !== 'string') return value;
  const [, number = '0', unit = 'ms'] = /^(\d+)(\D*)$/u.exec(value) ?? [];
  return Math.min(longest, Number(number) * (units[unit === '' ? 'ms' : unit] ?? 1));
}

function bytes(value: string | number | undefined): number | undefined {
  if (typeof value !== 'string') return value;
  const [, number = '0', unit = ''] = /^(\d+)([KMG]?)/u.exec(value) ?? [];
  return Number(number) * (sizes[unit] ?? 1);
}

/** With absolute paths. `source`: of the worker. */
export function resolveSupervision(
  draft: DraftSupervision | undefined,
  source: WorkerSource,
  baseDir: string,
): { readonly supervision?: Supervision } {
  if (draft === undefined) return {};
  const { fields, watch, ignored, watchDelay: delay } = draft;
  const paths = watch === true ? directoriesOf(source) : (watch ?? []).map((path) => resolve(baseDir, path));
  const watched: Watch | undefined =
    paths.length === 0 ? undefined : { paths, ignored, base: baseDir, delay };
  const supervision = { ...fields, ...present('watch', watched) };
  return Object.keys(supervision).length === 0 ? {} : { supervision };
}

/** What is watched of a worker where nothing else is said. */
export function watchOf(source: WorkerSource, baseDir: string): Watch {
  return { paths: directoriesOf(source), ignored: [], base: baseDir, delay: defaultWatchDelay };
}

function directoriesOf(source: WorkerSource): string[] {
  const files =
    source.kind === 'script'
      ? [source.path]
      : (source.kind === 'modules' ? source.modules : [source]).flatMap(({ content }) =>
          content.kind === 'file' ? [content.path] : [],
        );
  return [...new Set(files.map((file) => dirname(file)))];
}
