/** The shapes of what the daemon is asked, checked before anything is done with it. Loaded by the daemon only. */

import { z } from 'zod';
import type { RouteName } from './routes.ts';

const name = z.string().min(1).max(1000);

const bundle = z.strictObject({
  format: z.enum(['module', 'script']),
  code: z.string(),
  sourceMap: z.string(),
  version: z.string().regex(/^[0-9a-f]{64}$/u),
  topLevelAwait: z.boolean(),
  mentionsTemporal: z.boolean(),
  assets: z.array(z.strictObject({ kind: z.enum(['wasm', 'data']), name: z.string(), base64: z.base64() })),
});

/** Records that are read from the past at once. */
const mostLogLines = 100_000;

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'm') instanceof RegExp;
  } catch {
    return false;
  }
}

const nothing = z.strictObject({});

/** What each question carries. */
export const requestSchemas = Object.freeze({
  ping: nothing,
  list: nothing,
  select: z.strictObject({ selectors: z.array(name).min(1) }),
  describe: z.strictObject({ selectors: z.array(name).min(1) }),
  threads: nothing,
  env: z.strictObject({ selectors: z.array(name).min(1), values: z.boolean() }),
  vitals: nothing,
  deploy: z.strictObject({
    source: name,
    config: z.record(z.string(), z.unknown()),
    bundles: z.record(z.string(), bundle),
    only: z.array(name).optional(),
    share: z
      .strictObject({
        percent: z.number().min(0).max(100),
        sticky: z
          .strictObject({
            kind: z.enum(['header', 'cookie']),
            name: z.string().regex(/^[!#$%&'*+.^_`|~\w-]+$/u),
          })
          .optional(),
      })
      .optional(),
  }),
  share: z.strictObject({ action: z.enum(['promote', 'abort']), service: name.optional() }),
  versions: z.strictObject({ service: name.optional() }),
  rollback: z.strictObject({ service: name, version: z.string().min(1).optional() }),
  act: z.strictObject({
    action: z.enum(['start', 'stop', 'restart', 'delete']),
    selectors: z.array(name).min(1),
  }),
  scale: z.strictObject({
    name,
    threads: z.union([z.int().min(1).max(256), z.string().regex(/^[+-]?\d{1,3}$/u)]),
  }),
  save: nothing,
  resurrect: nothing,
  update: z.strictObject({ runtime: z.string().regex(/^\//u), args: z.array(z.string()).max(100) }),
  kill: nothing,
  logs: z.strictObject({
    selectors: z.array(name).optional(),
    lines: z.int().min(0).max(mostLogLines).optional(),
    follow: z.boolean().optional(),
    since: z.number().optional(),
    level: z.int().min(0).max(60).optional(),
    stream: z.enum(['out', 'error']).optional(),
    grep: z.string().max(10_000).refine(isPattern, 'expected a regular expression').optional(),
  }),
  flush: z.strictObject({ selectors: z.array(name).optional() }),
}) satisfies Readonly<Record<RouteName, z.ZodType>>;
