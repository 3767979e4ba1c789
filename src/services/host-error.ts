/** Errors of nanod itself as a worker sees them: neutral, with the code of the table. */

import { neutral } from '../realm/neutral.ts';
import type { ErrorState } from '../realm/prelude/state.ts';
import { type ErrorCode, type ErrorDetails, makeError } from '../shared/errors.ts';

/** A neutral error of the table. Becomes an `Error` of the receiving realm, with `code`. */
export function makeHostError<Code extends ErrorCode>(code: Code, details: ErrorDetails<Code>): ErrorState {
  return neutral.error('error', 'Error', makeError(code, details).message, '', code);
}
