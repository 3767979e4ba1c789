/** Globals that cost nothing until a worker touches them (invariant 3 of the design). */

import { FunctionPrototypeBind, globalObject, ReflectDefineProperty } from './primordials.ts';

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
  defineLazyGlobals([name], load, enumerable);
}

/**
 * Defines globals that are loaded at their first use, and are ordinary data properties from then on. Every realm holds one small object for
 * each: a bound function, which is both getter and setter, and has the name for its `this` (bench/realm.ts).
 */
export function defineLazyGlobals<Name extends string>(
  names: readonly Name[],
  load: (name: Name) => unknown,
  enumerable: boolean,
): void {
  const { access } = {
    // A getter is called without arguments.
    access(this: Name, given?: unknown): unknown {
      const value = arguments.length === 0 ? load(this) : given;
      defineValue(globalObject, this, value, enumerable);
      return value;
    },
  };
  for (let i = 0; i < names.length; i++) {
    const bound = FunctionPrototypeBind(access, names[i]) as () => unknown;
    ReflectDefineProperty(
      globalObject,
      names[i] as Name,
      {
        __proto__: null,
        get: bound,
        set: bound,
        enumerable,
        configurable: true,
      } as PropertyDescriptor,
    );
  }
}
