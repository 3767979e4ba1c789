/**
 * Text that stands in a configuration itself, or in a file that it names: in dialect 1, in a draft, and read. Runs in the supervisor and in
 * scripts.
 */
import { resolve as resolvePath } from 'node:path';
import { z } from 'zod';
import { entry } from './manual.ts';
import type { ManualEntry } from './manual.ts';
import { isRecord } from './plain-copy.ts';
import { errorCode } from './powers.ts';
import type { ConfigPowers } from './powers.ts';
import type { Problems } from './problems.ts';
import type { Read, Sourced, Sourcing } from './sourced.ts';

/** The form that names a file. */
export const fileShape = entry(
  z.strictObject({
    file: entry(z.string().min(1), {
      description: 'Path of the file, counted from the directory of this file.',
      expected: 'the path of a file',
      errors: ['CONFIG_FILE'],
    }),
  }),
  { description: 'A file that holds the text.', expected: 'an object { file }' },
);

const plainText = entry(z.string().min(1), { description: 'The text itself.', expected: 'a text' });

const eitherSchema = z.union([plainText, fileShape]);

/** A schema for a text or `{ file }`, with an entry of its own. */
export function textOrFile(text: Omit<ManualEntry, 'choose'>): typeof eitherSchema {
  const choose = (value: unknown): z.ZodType | undefined =>
    typeof value === 'string' ? plainText : isRecord(value) ? fileShape : undefined;
  return entry(z.union(eitherSchema.options), { errors: ['CONFIG_FILE'], ...text, choose });
}

/** The text, or the path of the file (from the base directory) that holds it. */
export type DraftText = Sourced<string | { readonly file: string }>;

export function readTextOrFile(
  value: Read<typeof eitherSchema> | undefined,
  at: Sourcing,
  ...steps: readonly (string | number)[]
): DraftText | undefined {
  if (value === undefined || typeof value === 'string') return at.sourced(value, ...steps);
  return value.file === undefined ? undefined : at.sourced({ file: value.file }, ...steps);
}

/** What it takes to read the files that a draft names. */
export interface FileContext {
  /** Absolute. */
  readonly baseDir: string;
  readonly powers: Pick<ConfigPowers, 'readBytes' | 'statKind'>;
  readonly problems: Problems;
}

/** More than any certificate, key or module that somebody has written. */
const largestText = 16 * 1024 * 1024;

/** The text, from the file where it stands in one; `undefined` after a report when it cannot be had. */
export async function resolveText(
  { value, place }: DraftText,
  { baseDir, powers, problems }: FileContext,
): Promise<string | undefined> {
  if (typeof value === 'string') return value;
  const { file } = value;
  const fail = (reason: string): undefined =>
    problems.report('CONFIG_FILE', { file, reason }, place) as undefined;
  const path = resolvePath(baseDir, file);
  const kind = await powers.statKind(path);
  if (kind !== 'file') return fail(kind === 'missing' ? 'it does not exist' : notAFile(kind));
  try {
    const bytes = await powers.readBytes(path);
    if (bytes.byteLength > largestText) return fail('it is larger than 16 MiB');
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    return fail(error instanceof TypeError ? 'it is not UTF-8 text' : errorCode(error));
  }
}

function notAFile(kind: string): string {
  if (kind === 'directory') return 'it is a directory';
  return kind === 'other' ? 'it is not a file' : kind;
}
