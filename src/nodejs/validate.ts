/** Checks of arguments, with the errors of Node.js. */

import { AbortError, invalidArgType, outOfRange } from './errors.ts';

/** A function of whatever arguments. */
export type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

export function validateFunction(value: unknown, name: string): asserts value is AnyFunction {
  if (typeof value !== 'function') throw invalidArgType(name, 'of type function', value);
}

export function validateString(value: unknown, name: string): asserts value is string {
  if (typeof value !== 'string') throw invalidArgType(name, 'of type string', value);
}

export function validateObject(value: unknown, name: string): asserts value is object {
  if (typeof value !== 'object' || value === null) throw invalidArgType(name, 'of type object', value);
}

/** An integer from `min` to `max`. */
export function validateInteger(
  value: unknown,
  name: string,
  min = Number.MIN_SAFE_INTEGER,
  max = Number.MAX_SAFE_INTEGER,
): asserts value is number {
  if (typeof value !== 'number') throw invalidArgType(name, 'of type number', value);
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value);
  if (value < min || value > max) throw outOfRange(name, `>= ${min} && <= ${max}`, value);
}

/** An AbortSignal, or undefined. */
export function validateAbortSignal(value: unknown, name: string): asserts value is AbortSignal | undefined {
  if (value !== undefined && (typeof value !== 'object' || value === null || !('aborted' in value))) {
    throw invalidArgType(name, 'an instance of AbortSignal', value);
  }
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new AbortError(signal.reason);
}
