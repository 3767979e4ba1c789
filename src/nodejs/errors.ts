/** Errors as Node.js makes them: with a `code`, and in the text of the stack `TypeError [CODE]: message`. */

import { inspect } from './util/lazy-inspect.ts';

type ErrorClass = new (message: string) => Error;

/** An error of a class of the language, with a code. */
export function nodeError(
  code: string,
  message: string,
  Class: ErrorClass = TypeError,
): Error & { code: string } {
  const error = new Class(message) as Error & { code: string };
  // The stack is made from the name when it is first read; afterwards the name is what it was.
  Object.defineProperty(error, 'name', {
    value: `${error.name} [${code}]`,
    configurable: true,
    writable: true,
  });
  void error.stack;
  delete (error as { name?: string }).name;
  error.code = code;
  return error;
}

/** `ERR_INVALID_ARG_TYPE` */
export function invalidArgType(name: string, expected: string, value: unknown): Error {
  const what = name.includes(' ') ? name : `"${name}" ${name.includes('.') ? 'property' : 'argument'}`;
  return nodeError('ERR_INVALID_ARG_TYPE', `The ${what} must be ${expected}. Received ${describe(value)}`);
}

/** `ERR_OUT_OF_RANGE` */
export function outOfRange(name: string, range: string, value: unknown): Error {
  const message = `The value of "${name}" is out of range. It must be ${range}. Received ${received(value)}`;
  return nodeError('ERR_OUT_OF_RANGE', message, RangeError);
}

/** Large integers in groups of three digits. */
function received(value: unknown): string {
  const isLarge =
    (Number.isInteger(value) && Math.abs(value as number) > 2 ** 32) ||
    (typeof value === 'bigint' && (value > 2n ** 32n || value < -(2n ** 32n)));
  if (!isLarge) return inspect(value);
  const text = String(value).replace(/\B(?=(\d{3})+$)/gu, '_');
  return typeof value === 'bigint' ? `${text}n` : text;
}

/** `ERR_INVALID_ARG_VALUE` */
export function invalidArgValue(name: string, value: unknown, reason = 'is invalid'): Error {
  const what = name.includes('.') ? 'property' : 'argument';
  return nodeError('ERR_INVALID_ARG_VALUE', `The ${what} '${name}' ${reason}. Received ${inspect(value)}`);
}

/** `AbortError`, with the reason of the signal as its cause. */
export class AbortError extends Error {
  readonly code = 'ABORT_ERR';

  constructor(cause?: unknown) {
    super('The operation was aborted', cause === undefined ? undefined : { cause });
    this.name = 'AbortError';
  }
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value === 'object') {
    const name = (value as { constructor?: { name?: string } }).constructor?.name;
    return name ? `an instance of ${name}` : inspect(value, { depth: -1 });
  }
  const text = inspect(value, { colors: false });
  return `type ${typeof value} (${text.length > 28 ? `${text.slice(0, 25)}...` : text})`;
}
