/** The binding kind `memoryCache` in dialect 1 and in a `Config`. Runs in the supervisor and in scripts. */
import { z } from 'zod';
import { entry } from '../manual.ts';
import type { Read } from '../sourced.ts';
import type { MemoryCacheBinding } from '../types.ts';

/** Keys of one cache. Each takes room in a table, used or not. */
const mostKeys = 1_000_000;
/** Bytes of one cache. */
const mostBytes = 1024 ** 3;

const size = z.int().min(0).max(mostBytes);
const sizeText = `a whole number of bytes from 0 to ${mostBytes}`;

export const memoryCacheLimits = entry(
  z.strictObject({
    maxKeys: entry(z.int().min(0).max(mostKeys), {
      description: 'How many keys it holds. The ones that were not used for longest make room for new ones.',
      expected: `a whole number from 0 to ${mostKeys}`,
    }),
    maxValueSize: entry(size.clone(), {
      description: 'The largest value, in bytes of its serialized form. A larger one is not kept.',
      expected: sizeText,
    }),
    maxTotalValueSize: entry(size.clone(), {
      description: 'The size of all values together. Keys do not count.',
      expected: sizeText,
    }),
  }),
  {
    description: 'How much the cache holds. Where a limit is 0, it holds nothing.',
    expected: 'an object { maxKeys, maxValueSize, maxTotalValueSize }',
  },
);

export const memoryCacheFields = z.strictObject({
  id: entry(z.string().min(1).max(1024).optional(), {
    description:
      'Bindings with the same id share one cache, between workers and groups as well; it has the largest of their limits.',
    expected: 'a string of 1 to 1024 characters',
    default: 'a cache of the binding alone',
  }),
  limits: memoryCacheLimits,
});

export const memoryCacheSchema = entry(
  z.strictObject({
    memoryCache: entry(memoryCacheFields, {
      description: 'The cache.',
      expected: 'an object { id?, limits: { maxKeys, maxValueSize, maxTotalValueSize } }',
    }),
  }),
  {
    description:
      'A cache in memory, shared by all threads, with the [fields](#memory-caches) below: `await env.NAME.read(key, compute)`.',
    expected: 'an object { memoryCache }',
  },
);

export function readMemoryCache(
  name: string,
  { memoryCache }: Read<typeof memoryCacheSchema>,
): MemoryCacheBinding | undefined {
  const { id, limits = {} } = memoryCache ?? {};
  const { maxKeys, maxValueSize, maxTotalValueSize } = limits;
  if (maxKeys === undefined || maxValueSize === undefined || maxTotalValueSize === undefined)
    return undefined;
  const own = { maxKeys, maxValueSize, maxTotalValueSize };
  return { kind: 'memoryCache', name, ...(id === undefined ? {} : { id }), limits: own };
}
