/**
 * Text of a thrown value, made inside the realm that threw it, so that nobody else ever has to look at the value. Small and
 * self-contained: it is what runs when everything else has gone wrong.
 */

import {
  ErrorIsError,
  ErrorPrototype,
  FunctionPrototypeToString,
  ObjectPrototypeHasOwnProperty,
  ReflectGetOwnPropertyDescriptor,
  ReflectGetPrototypeOf,
  StringCtor,
  StringPrototypeSlice,
  SymbolPrototypeToString,
} from '../primordials.ts';

/** What describeError makes of a thrown value: plain text of bounded length. */
export interface ErrorDescription {
  readonly name: string;
  readonly message: string;
  /** Header, frames, and those of the causes; '' for what is no error. */
  readonly stack: string;
}

const MAX_NAME = 256;
const MAX_MESSAGE = 8 * 1024;
const MAX_STACK = 32 * 1024;
const MAX_CAUSES = 4;
const MAX_CHAIN = 100;

/**
 * Text of any value that was thrown. Never throws. Getters are called on errors only (as `stack` itself may be one), never on
 * other objects. `causes`: how many of the errors behind it the stack tells.
 */
export function describeError(value: unknown, causes = MAX_CAUSES): ErrorDescription {
  try {
    if (isErrorLike(value)) return describeErrorObject(value, causes);
    return { name: 'Error', message: describeThrown(value), stack: '' };
  } catch {
    return { name: 'Error', message: 'an error that cannot be described was thrown', stack: '' };
  }
}

/** Whether the value is an error of any realm, or inherits from this realm's Error.prototype. Never throws. */
export function isErrorLike(
  value: unknown,
  prototypeOf: (value: object) => object | null = ReflectGetPrototypeOf,
): value is object {
  if (typeof value !== 'object' || value === null) return false;
  try {
    if (ErrorIsError?.(value) === true) return true;
    let link = prototypeOf(value);
    for (let i = 0; link !== null && i < MAX_CHAIN; i++) {
      if (link === ErrorPrototype) return true;
      link = prototypeOf(link);
    }
  } catch {
    // a proxy's trap threw, or it is revoked
  }
  return false;
}

function describeErrorObject(error: object, causes: number): ErrorDescription {
  const name = readText(error, 'name', MAX_NAME) ?? 'Error';
  const message = readText(error, 'message', MAX_MESSAGE) ?? '';
  let stack = readText(error, 'stack', MAX_STACK) ?? '';
  let cause = ownValue(error, 'cause');
  for (let i = 0; i < causes && cause !== undefined; i++) {
    stack += `\n  [cause]: ${describeCause(cause)}`;
    cause = isErrorLike(cause) ? ownValue(cause, 'cause') : undefined;
  }
  return { name, message, stack: clip(stack, MAX_STACK) };
}

function describeCause(cause: unknown): string {
  if (!isErrorLike(cause)) return describeThrown(cause);
  const stack = readText(cause, 'stack', MAX_STACK) ?? '';
  if (stack !== '') return stack;
  return `${readText(cause, 'name', MAX_NAME) ?? 'Error'}: ${readText(cause, 'message', MAX_MESSAGE) ?? ''}`;
}

/**
 * The stack of an error, or of what Error.captureStackTrace was called with; undefined where it is no text. Never throws: near stack
 * overflow it is the host's formatter that fails, with an error of the host.
 */
export function stackOf(target: object): string | undefined {
  try {
    const { stack } = target as { stack?: unknown };
    return typeof stack === 'string' ? stack : undefined;
  } catch {
    return undefined;
  }
}

/** What is no error: primitives as they print, objects by an own message that is plain data. */
function describeThrown(value: unknown): string {
  try {
    if (typeof value === 'string') return clip(value, MAX_MESSAGE);
    if (typeof value === 'symbol') return clip(SymbolPrototypeToString(value), MAX_MESSAGE);
    if (typeof value === 'bigint') return clip(`${StringCtor(value)}n`, MAX_MESSAGE);
    if (typeof value === 'function') return clip(FunctionPrototypeToString(value), MAX_NAME);
    if (typeof value !== 'object' || value === null) return StringCtor(value);
    const message = ownValue(value, 'message');
    return typeof message === 'string'
      ? clip(message, MAX_MESSAGE)
      : 'an object that is not an Error was thrown';
  } catch {
    return 'a value that cannot be described was thrown';
  }
}

/** A property as text, or undefined where it is neither a string, a number nor a boolean, or its getter throws. */
function readText(target: object, key: string, limit: number): string | undefined {
  try {
    const value = (target as Record<string, unknown>)[key];
    if (typeof value === 'string') return clip(value, limit);
    return typeof value === 'number' || typeof value === 'boolean' ? StringCtor(value) : undefined;
  } catch {
    return undefined;
  }
}

/** An own data property's value; undefined for accessors. */
function ownValue(target: object, key: string): unknown {
  try {
    const descriptor = ReflectGetOwnPropertyDescriptor(target, key);
    return descriptor !== undefined && ObjectPrototypeHasOwnProperty(descriptor, 'value')
      ? descriptor.value
      : undefined;
  } catch {
    return undefined;
  }
}

function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${StringPrototypeSlice(text, 0, limit)}... (${text.length - limit} more characters)`;
}
