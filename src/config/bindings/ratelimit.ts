/** The binding kind `ratelimit` in dialect 1 and in a `Config`. Runs in the supervisor and in scripts. */
import { z } from 'zod';
import { mostPerPeriod } from '../../shared/rate-counters.ts';
import { entry } from '../manual.ts';
import type { Read } from '../sourced.ts';
import type { RateLimitBinding } from '../types.ts';

const longestPeriod = 24 * 60 * 60;

export const rateLimitFields = z.strictObject({
  id: entry(z.string().min(1).max(1024).optional(), {
    description: 'Bindings with the same id and the same period count together, between workers as well.',
    expected: 'a string of 1 to 1024 characters',
    default: 'counters of the binding alone',
  }),
  limit: entry(z.int().min(1).max(mostPerPeriod), {
    description: 'How many calls with one key are within the limit in any period.',
    expected: `a whole number from 1 to ${mostPerPeriod}`,
  }),
  period: entry(z.int().min(1).max(longestPeriod), {
    description: 'The length of a period.',
    expected: `a whole number of seconds from 1 to ${longestPeriod}`,
  }),
});

export const rateLimitSchema = entry(
  z.strictObject({
    ratelimit: entry(rateLimitFields, {
      description: 'The limit.',
      expected: 'an object { id?, limit, period }',
    }),
  }),
  {
    description:
      'A limit on how often something happens, with the [fields](#rate-limits) below: `await env.NAME.limit({ key })` gives `{ success }`.',
    expected: 'an object { ratelimit }',
  },
);

export function readRateLimit(
  name: string,
  { ratelimit }: Read<typeof rateLimitSchema>,
): RateLimitBinding | undefined {
  const { id, limit, period } = ratelimit ?? {};
  if (limit === undefined || period === undefined) return undefined;
  return { kind: 'ratelimit', name, ...(id === undefined ? {} : { id }), limit, period };
}
