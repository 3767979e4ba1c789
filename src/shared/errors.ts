/**
 * The error table: every error that a user can meet, with its meaning, its exit status or HTTP status, and what to do about it.
 * Match on `code`, never on `instanceof`. docs/errors.md is generated from this table (`npm run docs:errors`), and a test fails on
 * a code that is unused.
 */

/** One row. `Details` are the facts that the message needs. */
export interface ErrorEntry<Details> {
  /** One sentence for docs/errors.md: what has happened. */
  readonly summary: string;
  /** Exit status of a command that ends with it: 1 failed, 2 wrong usage or invalid configuration. */
  readonly exitStatus?: 1 | 2;
  /** Status of a response that carries it. */
  readonly httpStatus?: number;
  /** What was wrong and what was found. Where it stands is printed in front of it. */
  readonly message: (details: Details) => string;
  /** What would be right, or what to try. */
  readonly hint?: (details: Details) => string;
}

function entry<Details>(row: ErrorEntry<Details>): ErrorEntry<Details> {
  return Object.freeze(row);
}

/** The table. Keep the codes in alphabetical order. */
export const errorTable = Object.freeze({
  INTERNAL: entry<{ reason: string }>({
    summary: 'nanod itself failed. This is a bug.',
    exitStatus: 1,
    httpStatus: 500,
    message: (d) => `internal error: ${d.reason}`,
    hint: () => 'please report it, with the log around it',
  }),
});

export type ErrorCode = keyof typeof errorTable;
export type ErrorDetails<Code extends ErrorCode> =
  (typeof errorTable)[Code] extends ErrorEntry<infer Details> ? Details : never;

/** Where an error stands in a user's files. */
export interface ErrorPlace {
  /** A path within the configuration: `apps[2].bindings.DB`. */
  readonly path?: string;
  /** A file, relative to the working directory where that is shorter. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
  /** The lines around it, marked, ready to print. */
  readonly frame?: string;
}

/** An error of the table. */
export class NanodError extends Error {
  override readonly name = 'NanodError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly place: ErrorPlace;

  constructor(code: ErrorCode, message: string, hint: string | undefined, place: ErrorPlace) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.place = place;
  }

  get exitStatus(): 1 | 2 {
    return (errorTable[this.code] as ErrorEntry<never>).exitStatus ?? 1;
  }

  get httpStatus(): number {
    return (errorTable[this.code] as ErrorEntry<never>).httpStatus ?? 500;
  }
}

/** Makes an error of the table: `makeError('SCRIPT_NOT_FOUND', { script }, { path: 'apps[0].script' })`. */
export function makeError<Code extends ErrorCode>(
  code: Code,
  details: ErrorDetails<Code>,
  place: ErrorPlace = {},
): NanodError {
  const row = errorTable[code] as unknown as ErrorEntry<ErrorDetails<Code>>;
  return new NanodError(code, row.message(details), row.hint?.(details), place);
}

/** `apps[0].script: message`, `src/a.ts:3:7: message`, or the message alone. */
export function describeError(error: NanodError): string {
  const { path, file, line, column } = error.place;
  const position = file === undefined ? undefined : [file, line, column].filter((x) => x !== undefined).join(':');
  const where = [path, position].filter((x) => x !== undefined).join(' (') + (path && position ? ')' : '');
  return where === '' ? error.message : `${where}: ${error.message}`;
}
