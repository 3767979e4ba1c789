/** An object's own idea of itself as text, for `%s`. */

import { FunctionPrototypeToString, ReflectApply, StringPrototypeIncludes } from '../primordials.ts';
import { isCallable } from '../webidl.ts';
import { inheritedData, isProxy } from './lookup.ts';

/** A function's source; for others, what the `toString` of the object's class returns; undefined where that is a built-in one, or fails. */
export function ownText(value: object): string | undefined {
  try {
    if (isProxy(value)) return undefined;
    if (typeof value === 'function') return FunctionPrototypeToString(value);
    const toText = inheritedData(value, 'toString');
    if (!isCallable(toText) || isBuiltIn(toText)) return undefined;
    const text = ReflectApply(toText, value, []);
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}

function isBuiltIn(fn: object): boolean {
  return isProxy(fn) || StringPrototypeIncludes(FunctionPrototypeToString(fn), '[native code]');
}
