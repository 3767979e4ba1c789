/** Errors of realms as errors of this process, and the other way round. They cross as text. */

import type { ErrorMessage } from '../messages/channel.ts';

const classes: Readonly<Record<string, ErrorConstructor>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** An error with the name, the stack and the code of the one that was thrown over there. */
export function receiveError({ kind, name, message, stack, code }: ErrorMessage): Error {
  if (kind === 'domexception') return new DOMException(message, name);
  const error = new (classes[name] ?? Error)(message);
  if (error.name !== name) define(error, 'name', name);
  if (stack !== '') define(error, 'stack', stack);
  if (code !== '') define(error, 'code', code);
  return error;
}

/** Anything that was thrown here, as text. */
export function sendError(thrown: unknown): ErrorMessage {
  if (!(thrown instanceof Error))
    return { kind: 'error', name: 'Error', message: String(thrown), stack: '', code: '' };
  const { name, message } = thrown;
  const kind = thrown instanceof DOMException ? 'domexception' : 'error';
  // The stack of the caller shows where its program lies, which is no business of a worker.
  return { kind, name, message, stack: '', code: '' };
}

function define(error: Error, key: string, value: string): void {
  Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: false });
}
