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
      /** What is left out although it was written, each with its place, on one line. */
      readonly warnings?: readonly string[];
    }
  | { readonly errors: readonly NanodError[] };

const largestFile = 16 * 1024 * 1024;

/** The text of a file (an absolute path), which must be UTF-8 and of at most 16 MiB, or of at most `most` bytes. */
export async function readSourceText(
  path: string,
  powers: Pick<ConfigPowers, 'cwd' | 'readBytes'>,
  most = largestFile,
): Promise<string | NanodError> {
  const file = displayPath(path, powers.cwd);
  try {
    const bytes = await powers.readBytes(path, most);
    if (bytes.byteLength > most) {
      return makeError(
        'CONFIG_TOO_LARGE',
        { what: 'the file is too large', limit: sizeText(most) },
        { file },
      );
    }
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError)
      return makeError('CONFIG_SYNTAX', { reason: 'the file is not UTF-8 text' }, { file });
    return makeError('CONFIG_UNREADABLE', { file, reason: errorCode(error) });
  }
}

function sizeText(bytes: number): string {
  return bytes < 1024 * 1024 ? `${bytes / 1024} KiB` : `${bytes / 1024 / 1024} MiB`;
}
