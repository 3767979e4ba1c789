/** Copies errors: name, message, stack and cause. https://html.spec.whatwg.org/#structuredserializeinternal (step 17) */

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
import { type Copier, copyValue, fillProperties } from './copier.ts';

const constructors = {
  __proto__: null,
  EvalError: EvalErrorCtor,
  RangeError: RangeErrorCtor,
  ReferenceError: ReferenceErrorCtor,
  SyntaxError: SyntaxErrorCtor,
  TypeError: TypeErrorCtor,
  URIError: URIErrorCtor,
} as unknown as Record<string, ErrorConstructor | undefined>;

/** An error of this realm with the same class, message and stack. */
export function makeError(copier: Copier, source: object): Error {
  const name: unknown = (source as { name?: unknown }).name;
  const construct = typeof name === 'string' ? (constructors[name] ?? ErrorCtor) : ErrorCtor;
  const message = dataProperty(source, 'message');
  const error = message === undefined ? new construct() : new construct(StringCtor(message.value));
  if (copier.source.wholeErrors && construct === ErrorCtor && typeof name === 'string' && name !== 'Error') {
    defineValue(error, 'name', name);
  }
  const stack: unknown = (source as { stack?: unknown }).stack;
  if (typeof stack === 'string') defineValue(error, 'stack', stack);
  return error;
}

/** Copies what an error holds. */
export function fillError(copier: Copier, source: object, target: object): void {
  const cause = dataProperty(source, 'cause');
  if (cause !== undefined) defineValue(target, 'cause', copyValue(copier, cause.value, 'cause'));
  if (!copier.source.wholeErrors) return;
  const errors = dataProperty(source, 'errors');
  if (errors !== undefined) defineValue(target, 'errors', copyValue(copier, errors.value, 'errors'));
  fillProperties(copier, source as Record<string, unknown>, target as Record<string, unknown>);
}

function dataProperty(holder: object, key: string): { value: unknown } | undefined {
  const descriptor = ReflectGetOwnPropertyDescriptor(holder, key);
  if (descriptor === undefined || !ObjectPrototypeHasOwnProperty(descriptor, 'value')) return undefined;
  return { value: descriptor.value };
}
