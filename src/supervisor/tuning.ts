/**
 * Times and limits of a running deployment that are the same for everybody. They can be changed through an environment variable, for
 * tests and for measurements of nanod itself: no part of what nanod promises to its users.
 */

import type { IngressLimits } from '../messages/startup.ts';
import { makeError } from '../shared/errors.ts';

/** Times in milliseconds, sizes in bytes. */
export interface Tuning {
  /** How long threads may take to come up. */
  readonly startTimeout: number;
  /** How long the top level of a worker may take. */
  readonly evaluationTimeout: number;
  /** How long requests under way may take once nanod is to stop. */
  readonly drainTimeout: number;
  /** How often the memory of threads is looked at, where a worker limits it. */
  readonly memoryInterval: number;
  readonly ingress: IngressLimits;
}

export const defaultTuning: Tuning = Object.freeze({
  startTimeout: 30_000,
  evaluationTimeout: 10_000,
  drainTimeout: 10_000,
  memoryInterval: 10_000,
  ingress: Object.freeze({
    headerBytes: 32 * 1024,
    headersTimeout: 30_000,
    requestTimeout: 300_000,
    keepAliveTimeout: 65_000,
    lingerTimeout: 100,
    bodyBytes: 100 * 1024 * 1024,
    checkInterval: 5000,
  }),
});

/** The variable that changes it: JSON of any part of `Tuning`. */
export const tuningVariable = 'NANOD_TUNING';

/** The defaults, changed by the text of the variable. Throws USAGE for text that is no such JSON. */
export function readTuning(text: string | undefined): Tuning {
  if (text === undefined || text === '') return defaultTuning;
  try {
    return overlay(defaultTuning, JSON.parse(text));
  } catch (error) {
    throw makeError('USAGE', { reason: `${tuningVariable}: ${(error as Error).message}` });
  }
}

function overlay<T extends object>(defaults: T, changes: unknown): T {
  if (typeof changes !== 'object' || changes === null) throw new TypeError('expected an object');
  const result = { ...defaults } as Record<string, unknown>;
  for (const [key, value] of Object.entries(changes)) {
    const known = result[key];
    if (typeof known === 'object') result[key] = overlay(known as object, value);
    else if (typeof known === 'number' && typeof value === 'number') result[key] = value;
    else throw new TypeError(`"${key}" is no such setting, or no number`);
  }
  return Object.freeze(result as T);
}
