/** Callbacks in the dictionaries that constructors are given. https://webidl.spec.whatwg.org/#idl-callback-functions */

import { TypeErrorCtor } from '../primordials.ts';

/** A function of the worker's. Call it through ReflectApply. */
export type Callback = (...args: unknown[]) => unknown;

/** Converts an optional member. Throws a TypeError for what is neither undefined nor callable. */
export function toCallback(value: unknown, where: string, name: string): Callback | undefined {
  if (value === undefined || typeof value === 'function') return value as Callback | undefined;
  throw new TypeErrorCtor(`${where}: ${name} is not a function.`);
}
