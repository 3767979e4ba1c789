/** Copies errors: name, message, stack and cause. https://html.spec.whatwg.org/#structuredserializeinternal (step 17) */

import { stackOf } from '../errors/describe.ts';
import { defineValue } from '../lazy.ts';
import {
  ErrorCtor,
  EvalErrorCtor,
  ObjectPrototypeHasOwnProperty,
  RangeErrorCtor,
  ReferenceErrorCtor,
  ReflectGetOwnPropertyDescriptor,
  StringCtor,
  SyntaxErrorCtor,
  TypeErrorCtor,
  URIErrorCtor,
} from '../primordials.ts';

const constructors = {
  __proto__: null,
  EvalError: EvalErrorCtor,
  RangeError: RangeErrorCtor,
  ReferenceError: ReferenceErrorCtor,
  SyntaxError: SyntaxErrorCtor,
  TypeError: TypeErrorCtor,
  URIError: URIErrorCtor,
} as unknown as Record<string, ErrorConstructor | undefined>;

/** The class of that name; Error for any other. */
export function errorConstructor(name: unknown): ErrorConstructor {
  return typeof name === 'string' ? (constructors[name] ?? ErrorCtor) : ErrorCtor;
}

/** An error of this realm with the same class, message and stack. `keepName`: the name too, where it is not that of a class. */
export function makeError(source: object, keepName: boolean): Error {
  const name: unknown = (source as { name?: unknown }).name;
  const construct = errorConstructor(name);
  const message = dataProperty(source, 'message');
  const error = message === undefined ? new construct() : new construct(StringCtor(message.value));
  if (keepName && construct === ErrorCtor && typeof name === 'string' && name !== 'Error') {
    defineValue(error, 'name', name);
  }
  const stack = stackOf(source);
  if (stack !== undefined) defineValue(error, 'stack', stack);
  return error;
}

/** An error of this realm from the texts of one. */
export function makeErrorOf(name: string, message: string, stack: string): Error {
  const construct = constructors[name] ?? ErrorCtor;
  const error = new construct(message);
  if (construct === ErrorCtor && name !== 'Error') defineValue(error, 'name', name);
  if (stack !== '') defineValue(error, 'stack', stack);
  return error;
}

/** An own property that is no accessor. */
export function dataProperty(holder: object, key: string): { value: unknown } | undefined {
  const descriptor = ReflectGetOwnPropertyDescriptor(holder, key);
  if (descriptor === undefined || !ObjectPrototypeHasOwnProperty(descriptor, 'value')) return undefined;
  return { value: descriptor.value };
}
