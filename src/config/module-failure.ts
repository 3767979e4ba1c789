/**
 * Finds out where a module of a user's failed: Node knows the position of some errors, writes it into the stack of others, and leaves
 * that of a syntax error in an ES module out. Runs in the supervisor.
 */
import { fileURLToPath } from 'node:url';
import { codeFrame } from '../shared/code-frame.ts';
import type { TextPosition } from '../shared/code-frame.ts';
import { displayPath } from '../shared/display-path.ts';
import { makeError } from '../shared/errors.ts';
import type { ErrorPlace, NanodError } from '../shared/errors.ts';
import { describeThrown } from '../shared/text.ts';
import type { ConfigPowers } from './powers.ts';
import { readSourceText } from './source-file.ts';

interface Position extends TextPosition {
  /** Absolute. */
  readonly path: string;
}

/** The error of the table for whatever importing or running the file at `path` threw. */
export async function describeModuleFailure(
  error: unknown,
  path: string,
  powers: ConfigPowers,
): Promise<NanodError> {
  const reason = describeThrown(error);
  const advice = adviceFor(reason, error);
  const stack = stackOf(error);
  const parsed =
    positionInHeader(stack) ?? (isSyntaxError(error) ? await findSyntaxError(path, powers) : undefined);
  if (parsed !== undefined) {
    return makeError('CONFIG_SYNTAX', { reason, advice }, await placeOf(parsed, powers));
  }
  const place = await placeOf(positionInFrames(stack) ?? { path, line: 0 }, powers);
  return makeError('CONFIG_THREW', { reason, advice }, place);
}

async function placeOf({ path, line, column }: Position, powers: ConfigPowers): Promise<ErrorPlace> {
  const file = displayPath(path, powers.cwd);
  if (line === 0) return { file };
  const text = await readSourceText(path, powers);
  const frame = typeof text === 'string' ? codeFrame(text, { line, column }) : undefined;
  return {
    file,
    line,
    ...(column === undefined ? {} : { column }),
    ...(frame === undefined ? {} : { frame }),
  };
}

function stackOf(error: unknown): string {
  try {
    const stack: unknown = error instanceof Error ? error.stack : '';
    return typeof stack === 'string' ? stack.slice(0, 20_000) : '';
  } catch {
    return '';
  }
}

function isSyntaxError(error: unknown): boolean {
  return error instanceof SyntaxError;
}

const headerLine = /^(?<place>(?:file:\/\/|\/|[A-Za-z]:\\).*):(?<line>\d+)$/u;

/** Node puts `file:line`, the source line and a line of carets in front of the stack of an error in parsing or linking. */
function positionInHeader(stack: string): Position | undefined {
  const lines = stack.split('\n');
  const groups = headerLine.exec(lines[0] ?? '')?.groups;
  if (groups?.['place'] === undefined) return undefined;
  const carets = lines.slice(1, 8).find((line) => /^\s*\^+\s*$/u.test(line));
  const column = carets === undefined ? undefined : carets.indexOf('^') + 1;
  return { path: toPath(groups['place']), line: Number(groups['line']), column };
}

const frameLine =
  /^\s+at (?:.*\()?(?:async )?(?<place>(?:file:\/\/|\/|[A-Za-z]:\\).*):(?<line>\d+):(?<column>\d+)\)?$/u;

/** The innermost frame that is in a file of the user's own. */
function positionInFrames(stack: string): Position | undefined {
  for (const text of stack.split('\n')) {
    const groups = frameLine.exec(text)?.groups;
    if (groups?.['place'] === undefined || groups['place'].includes('/node_modules/')) continue;
    return { path: toPath(groups['place']), line: Number(groups['line']), column: Number(groups['column']) };
  }
  return undefined;
}

function toPath(place: string): string {
  if (!place.startsWith('file:')) return place;
  try {
    return fileURLToPath(new URL(place));
  } catch {
    return place;
  }
}

/** Parses the file again with a parser that says where; the file is fine when the error is in a module that it imports. */
async function findSyntaxError(path: string, powers: ConfigPowers): Promise<Position | undefined> {
  const text = await readSourceText(path, powers);
  if (typeof text !== 'string' || /\.[cm]?ts$/iu.test(path)) return undefined;
  const { parse } = await import('acorn');
  const failures = (['module', 'script'] as const).map((sourceType) => {
    try {
      parse(text, { ecmaVersion: 'latest', sourceType, allowHashBang: true });
      return undefined;
    } catch (error) {
      return error instanceof SyntaxError && 'loc' in error
        ? (error.loc as { line: number; column: number })
        : undefined;
    }
  });
  const [asModule, asScript] = failures;
  if (asModule === undefined || asScript === undefined) return undefined;
  // A file that is wrong either way was meant to be what it stays for longer.
  const { line, column } = isBefore(asModule, asScript) ? asScript : asModule;
  return { path, line, column: column + 1 };
}

function isBefore(a: { line: number; column: number }, b: { line: number; column: number }): boolean {
  return a.line < b.line || (a.line === b.line && a.column < b.column);
}

function adviceFor(reason: string, error: unknown): string | undefined {
  if (/^(?:module|exports|require) is not defined in ES module scope/u.test(reason)) {
    return 'Node takes the file for an ES module: write `export default`, or name it ecosystem.config.cjs';
  }
  if (isSyntaxError(error) && /Unexpected token 'export'|import statement outside a module/u.test(reason)) {
    return 'Node takes the file for CommonJS: write `module.exports =`, or name it ecosystem.config.mjs';
  }
  return /strip-only mode/u.test(reason)
    ? 'types are removed from the file, not compiled: no enums, namespaces or parameter properties'
    : undefined;
}
