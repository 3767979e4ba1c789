/** Text for the properties of an object. Part of inspect.ts. */

import {
  ObjectGetOwnPropertySymbols,
  ObjectKeys,
  ObjectPrototypeHasOwnProperty,
  ObjectPrototypePropertyIsEnumerable,
  ReflectGetOwnPropertyDescriptor,
  ReflectOwnKeys,
} from '../primordials.ts';
import type { InspectContext } from './inspect-context.ts';
import { quoteKey } from './quote.ts';

/** From this many elements on, an array is not searched for other properties. */
export const MANY_ELEMENTS = 10_000;

/**
 * `key: value` for each own property that is shown. `skip`: so many properties with index names come first, and are no properties
 * but the elements of an array.
 */
export function formatProperties(context: InspectContext, value: object, level: number, skip = 0): string[] {
  const entries: string[] = [];
  if (skip > MANY_ELEMENTS) return entries;
  const keys = shownKeys(context, value);
  for (let i = skip; i < keys.length; i++) {
    if (context.budget <= 0) {
      entries[entries.length] = more(keys.length - i, 'property', 'properties');
      return entries;
    }
    entries[entries.length] = formatProperty(context, value, keys[i] as PropertyKey, level);
  }
  return entries;
}

function shownKeys(context: InspectContext, value: object): PropertyKey[] {
  if (context.showHidden) return ReflectOwnKeys(value);
  const keys: PropertyKey[] = ObjectKeys(value);
  const symbols = ObjectGetOwnPropertySymbols(value);
  for (let i = 0; i < symbols.length; i++) {
    const symbol = symbols[i] as symbol;
    if (ObjectPrototypePropertyIsEnumerable(value, symbol)) keys[keys.length] = symbol;
  }
  return keys;
}

/** `key: value`; the key is in brackets if the property is not enumerable. */
export function formatProperty(
  context: InspectContext,
  holder: object,
  key: PropertyKey,
  level: number,
): string {
  const name = quoteKey(key as string | symbol);
  const enumerable = ObjectPrototypePropertyIsEnumerable(holder, key);
  const shown = enumerable || typeof key === 'symbol' ? name : `[${key as string}]`;
  context.budget -= shown.length + 2;
  return `${shown}: ${formatPropertyValue(context, holder, key, level)}`;
}

/** The value of a property; accessors are named, not called. */
export function formatPropertyValue(
  context: InspectContext,
  holder: object,
  key: PropertyKey,
  level: number,
): string {
  const descriptor = ReflectGetOwnPropertyDescriptor(holder, key);
  if (descriptor === undefined) return 'undefined';
  if (!ObjectPrototypeHasOwnProperty(descriptor, 'value')) {
    if (descriptor.get === undefined) return descriptor.set === undefined ? 'undefined' : '[Setter]';
    return descriptor.set === undefined ? '[Getter]' : '[Getter/Setter]';
  }
  return context.formatInner(descriptor.value, level);
}

/** `... 3 more items` */
export function more(count: number, one = 'item', many = 'items'): string {
  return `... ${count} more ${count === 1 ? one : many}`;
}
