/** Files that a configuration names for what they hold, such as keys and WebAssembly modules. Runs in the supervisor. */
import { resolve as resolvePath } from 'node:path';
import { z } from 'zod';
import { entry } from './manual.ts';
import { errorCode } from './powers.ts';
import type { ConfigPowers } from './powers.ts';
import type { Problems } from './problems.ts';
import type { Sourced } from './sourced.ts';

/** A file, in place of what it holds. */
export const fileSchema = entry(
  z.strictObject({
    file: entry(z.string().min(1), {
      description: 'Path of the file, counted from the directory of the configuration.',
      expected: 'the path of a file',
      errors: ['CONFIG_UNREADABLE'],
    }),
  }),
  { description: 'A file, in place of what it holds.', expected: 'an object { file }' },
);

/** The bytes of a file by its path from the base directory; `undefined` after a report where it cannot be read. */
export type ReadContent = (file: Sourced<string>) => Promise<Uint8Array | undefined>;

interface ContentContext {
  /** Absolute. */
  readonly baseDir: string;
  readonly powers: Pick<ConfigPowers, 'readBytes' | 'statKind'>;
  readonly problems: Problems;
}

export function makeContentReader({ baseDir, powers, problems }: ContentContext): ReadContent {
  return async ({ value: file, place }) => {
    const path = resolvePath(baseDir, file);
    const kind = await powers.statKind(path); // a device or a pipe would never end
    try {
      if (kind === 'file') return await powers.readBytes(path);
      problems.report('CONFIG_UNREADABLE', { file, reason: whyNot(kind) }, place);
    } catch (error) {
      problems.report('CONFIG_UNREADABLE', { file, reason: errorCode(error) }, place);
    }
    return undefined;
  };
}

function whyNot(kind: string): string {
  switch (kind) {
    case 'missing':
      return 'it does not exist';
    case 'directory':
      return 'it is a directory';
    case 'other':
      return 'it is not a file';
    default:
      return kind;
  }
}
