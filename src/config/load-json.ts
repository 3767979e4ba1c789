/** Dialect 1 written as JSON: every error carries line and column. Runs in the supervisor. */
import { codeFrame, lineIndex } from '../shared/code-frame.ts';
import { displayPath } from '../shared/display-path.ts';
import { makeError } from '../shared/errors.ts';
import type { ErrorPlace, NanodError } from '../shared/errors.ts';
import { JsonTextError, offsetOfPath, parseJsonText } from './json-text.ts';
import type { DuplicateKey } from './json-text.ts';
import { deepestNesting, mostValues } from './plain-copy.ts';
import type { ConfigPowers } from './powers.ts';
import { formatPath } from './problems.ts';
import type { Problems } from './problems.ts';
import { readSourceText } from './source-file.ts';
import type { LoadedFile } from './source-file.ts';

/** Reads a file (an absolute path). */
export async function loadJsonFile(path: string, powers: ConfigPowers): Promise<LoadedFile> {
  const text = await readSourceText(path, powers);
  if (typeof text !== 'string') return { errors: [text] };
  const file = displayPath(path, powers.cwd);
  try {
    return parse(text, file);
  } catch (error) {
    if (!(error instanceof JsonTextError)) throw error;
    return { errors: [describeJsonError(error, text, file)] };
  }
}

function parse(text: string, file: string): LoadedFile {
  const { root, duplicates } = parseJsonText(text, { depth: deepestNesting, values: mostValues });
  const positionOf = lineIndex(text);
  const placeOf = (offset: number): ErrorPlace => ({ file, ...positionOf(offset) });
  const check = (problems: Problems): void => reportDuplicates(duplicates, placeOf, problems);
  return { value: root.value, locate: (path) => placeOf(offsetOfPath(root, path)), check };
}

/** Reports the keys that an object has twice. */
export function reportDuplicates(
  duplicates: readonly DuplicateKey[],
  placeOf: (offset: number) => ErrorPlace,
  problems: Problems,
): void {
  for (const { key, offset, firstOffset, path } of duplicates) {
    const { line, column } = placeOf(firstOffset);
    const details = { what: 'key', name: key, first: `line ${line}, column ${column}` };
    problems.report('CONFIG_DUPLICATE', details, { path: formatPath(path), ...placeOf(offset) });
  }
}

/** Not made before it is needed: the first number that is written in the way of a language takes 7 MB. */
function limitOf(kind: 'depth' | 'size'): string {
  return kind === 'depth' ? `${deepestNesting} levels` : mostValues.toLocaleString('en');
}

/** A text that does not parse, with the lines around the place where it goes wrong. */
export function describeJsonError(error: JsonTextError, text: string, file: string): NanodError {
  const position = lineIndex(text)(error.offset);
  const frame = codeFrame(text, position);
  const place = { file, ...position, ...(frame === undefined ? {} : { frame }) };
  if (error.kind === 'syntax') {
    return makeError('CONFIG_SYNTAX', { reason: error.message, advice: error.advice }, place);
  }
  return makeError('CONFIG_TOO_LARGE', { what: error.message, limit: limitOf(error.kind) }, place);
}
