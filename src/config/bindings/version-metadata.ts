/** The binding kind `versionMetadata` in dialect 1 and in a `Config`. Runs in the supervisor and in scripts. */
import { z } from 'zod';
import { entry } from '../manual.ts';
import type { Choice } from '../manual.ts';
import { isRecord } from '../plain-copy.ts';
import type { Read } from '../sourced.ts';
import type { VersionMetadataBinding } from '../types.ts';

const yes = entry(z.literal(true), { description: 'Without a tag.', expected: 'true' });

export const versionMetadataFields = entry(
  z.strictObject({
    tag: entry(z.string().max(256).optional(), {
      description: 'The `tag` that the worker sees: whatever names the version to people, such as a commit.',
      expected: 'a string of at most 256 characters',
      default: '`""`',
    }),
  }),
  { description: 'With a tag.', expected: 'an object { tag? }' },
);

export const versionMetadataSchema = entry(
  z.strictObject({
    versionMetadata: entry(z.union([yes, versionMetadataFields]), {
      description: 'Whether there is a tag.',
      expected: 'true, or an object { tag? }',
      choose: (value): Choice => (value === true ? yes : isRecord(value) ? versionMetadataFields : undefined),
    }),
  }),
  {
    description:
      'What the worker can know of its own version: `{ id, tag, timestamp }`. The `id` is a hash of its code and its configuration, the `timestamp` the time when this nanod first ran it (ISO 8601).',
    expected: 'an object { versionMetadata }',
  },
);

export function readVersionMetadata(
  name: string,
  { versionMetadata }: Read<typeof versionMetadataSchema>,
): VersionMetadataBinding | undefined {
  if (versionMetadata === undefined) return undefined;
  const tag = versionMetadata === true ? undefined : (versionMetadata as { tag?: string }).tag;
  return { kind: 'versionMetadata', name, tag: tag ?? '' };
}
