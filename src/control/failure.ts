/** Errors on their way through the control API. */

import { errorTable, NanodError, type ErrorCode, type ErrorPlace } from '../shared/errors.ts';
import { CommandFailure } from './contract.ts';

/** The body of every answer that is not 2xx. */
export interface FailureBody {
  readonly errors: readonly {
    readonly code: string;
    readonly message: string;
    readonly hint: string | undefined;
    readonly place: ErrorPlace;
  }[];
}

export function toFailureBody(errors: readonly NanodError[]): FailureBody {
  return { errors: errors.map(({ code, message, hint, place }) => ({ code, message, hint, place })) };
}

/** What a body says; a code of another version of nanod becomes INTERNAL. */
export function fromFailureBody({ errors }: FailureBody): CommandFailure {
  return new CommandFailure(
    errors.map(({ code, message, hint, place }) => {
      const known = Object.hasOwn(errorTable, code) ? (code as ErrorCode) : 'INTERNAL';
      return new NanodError(known, message, hint, place);
    }),
  );
}

/** Every error of the table in what was thrown; undefined where there is something else. */
export function errorsIn(thrown: unknown): readonly NanodError[] | undefined {
  if (thrown instanceof NanodError) return [thrown];
  const inner: unknown =
    thrown instanceof CommandFailure || thrown instanceof AggregateError ? thrown.errors : undefined;
  if (!Array.isArray(inner)) return undefined;
  const errors = inner.map((each) => errorsIn(each));
  return errors.every((each) => each !== undefined) ? errors.flat() : undefined;
}
