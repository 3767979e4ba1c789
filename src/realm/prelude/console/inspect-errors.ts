/** Text for errors. Part of inspect.ts. */

import { describeError } from '../errors/describe.ts';
import {
  ArrayPrototypeIncludes,
  ObjectKeys,
  ObjectPrototypeHasOwnProperty,
  StringPrototypeIncludes,
} from '../primordials.ts';
import { indentLines, type InspectContext } from './inspect-context.ts';
import { formatProperty } from './inspect-properties.ts';
import { layOut } from './layout.ts';
import { ownData } from './lookup.ts';

/** Beyond the enumerable ones, an error's cause and those of an AggregateError are shown. */
const HIDDEN = ['cause', 'errors'];

/** The stack, then what else the error holds. */
export function formatError(context: InspectContext, error: object, level: number): string {
  const base = indentLines(stackOf(error), context.indentation);
  context.budget -= base.length;
  const keys = keysOf(error, base);
  const entries: string[] = [];
  for (let i = 0; i < keys.length && context.budget > 0; i++) {
    entries[entries.length] = formatProperty(context, error, keys[i] as string, level);
  }
  return entries.length === 0 ? base : layOut(context, { entries, base, open: '{', close: '}', level });
}

function stackOf(error: object): string {
  const { name, message, stack } = describeError(error, 0);
  if (stack === '') return `[${message === '' ? name : `${name}: ${message}`}]`;
  return StringPrototypeIncludes(stack, '\n    at ') ? stack : `[${stack}]`;
}

/** Own keys to show: not those whose text is in the stack already. */
function keysOf(error: object, stack: string): string[] {
  const keys = ObjectKeys(error);
  const shown: string[] = [];
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    if (key === 'name' || key === 'message' || key === 'stack') {
      const text = ownData(error, key);
      if (typeof text === 'string' && StringPrototypeIncludes(stack, text)) continue;
    }
    shown[shown.length] = key;
  }
  for (let i = 0; i < HIDDEN.length; i++) {
    const key = HIDDEN[i] as string;
    if (ObjectPrototypeHasOwnProperty(error, key) && !ArrayPrototypeIncludes(keys, key))
      shown[shown.length] = key;
  }
  return shown;
}
