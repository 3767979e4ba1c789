/** The file that a configuration is read from, as text, whatever its dialect. Runs in the supervisor. */
import { displayPath } from '../shared/display-path.ts';
import { makeError } from '../shared/errors.ts';
import type { NanodError } from '../shared/errors.ts';
import { errorCode } from './powers.ts';
import type { ConfigPowers } from './powers.ts';
import type { Locator, Problems } from './problems.ts';

/** The value that a file gives, and where its parts stand; or why there is none. */
export type LoadedFile =
  | {
      readonly value: unknown;
      readonly locate?: Locator;
      /** Reports what is wrong with the text although it gives a value. */
      readonly check?: (problems: Problems) => void;
    }
  | { readonly errors: readonly NanodError[] };

const largestFile = 16 * 1024 * 1024;

/** The text of a file (an absolute path), which must be UTF-8 and of at most 16 MiB. */
export async function readSourceText(
  path: string,
  powers: Pick<ConfigPowers, 'cwd' | 'readBytes'>,
): Promise<string | NanodError> {
  const file = displayPath(path, powers.cwd);
  try {
    const bytes = await powers.readBytes(path, largestFile);
    if (bytes.byteLength > largestFile) {
      return makeError('CONFIG_TOO_LARGE', { what: 'the file is too large', limit: '16 MiB' }, { file });
    }
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError)
      return makeError('CONFIG_SYNTAX', { reason: 'the file is not UTF-8 text' }, { file });
    return makeError('CONFIG_UNREADABLE', { file, reason: errorCode(error) });
  }
}
