/** Globals that cost nothing until a worker touches them (invariant 3 of the design). */

import { globalObject, ReflectDefineProperty } from './primordials.ts';

/** Defines `name` on `target` as a data property, as WebIDL asks of interface objects: writable, configurable, not enumerable. */
export function defineValue(target: object, name: PropertyKey, value: unknown, enumerable = false): void {
  ReflectDefineProperty(target, name, {
    __proto__: null,
    value,
    writable: true,
    enumerable,
    configurable: true,
  } as PropertyDescriptor);
}

/** Defines a global that is loaded at its first use, and is an ordinary data property from then on. */
export function defineLazyGlobal(name: string, load: () => unknown, enumerable = false): void {
  // One function for both: a getter is called without arguments. Every realm holds one for each global (bench/realm.ts).
  const access = function (given: unknown): unknown {
    const value = arguments.length === 0 ? load() : given;
    defineValue(globalObject, name, value, enumerable);
    return value;
  };
  ReflectDefineProperty(globalObject, name, {
    __proto__: null,
    get: access as () => unknown,
    set: access,
    enumerable,
    configurable: true,
  } as PropertyDescriptor);
}
