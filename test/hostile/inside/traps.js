/**
 * Patches what code inherits without asking: accessors for every name and index on the prototypes that all objects share, and wrappers around
 * every function of the language. All of them remember what they were given, so that it can be looked at when they are gone. Runs
 * inside a realm.
 */

import { apply, captured, isObject, Queue } from './walker.js';

const { construct, defineProperty, deleteProperty, get, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } =
  Reflect;
const { setPrototypeOf } = Object;
const { String: StringCtor, Map: MapCtor } = globalThis;
const mapGet = captured(Map.prototype.get);
const mapSet = captured(Map.prototype.set);

/** What traps were given, each under the name of the trap. No object of it is made with a prototype. */
export class Catch {
  #given = new Queue();
  #counts = new MapCtor();

  add(value, where) {
    if (!isObject(value)) return;
    const count = mapGet(this.#counts, where) ?? 0;
    if (count >= 200) return;
    mapSet(this.#counts, where, count + 1);
    this.#given.push({ __proto__: null, value, where });
  }

  /** Hands everything to the walker; the traps must be gone. */
  walk(t) {
    while (this.#given.size > 0) {
      const { value, where } = this.#given.shift();
      t.walk(value, `given to ${where}`);
      t.walker.drain();
    }
  }
}

/** The prototypes that a missing property is looked for on. */
const shared = [
  ['Object', Object.prototype],
  ['Array', Array.prototype],
  ['Function', Function.prototype],
  ['Promise', Promise.prototype],
  ['Error', Error.prototype],
  ['Iterator', Iterator.prototype],
  ['Uint8Array', Uint8Array.prototype],
];

const symbols = ownKeys(Symbol)
  .filter((key) => typeof Symbol[key] === 'symbol')
  .map((key) => Symbol[key]);

/**
 * Accessors for names and indexes on the shared prototypes. `keep`: what is set arrives nevertheless, and what is read is what would have been
 * read; otherwise a setter swallows it, and a getter gives `answer`. Gives a function that takes them away again.
 */
export function trapNames(names, given, { keep = true, answer = undefined, max = 64 } = {}) {
  const keys = [...names, ...symbols];
  for (let i = 0; i < max; i++) keys.push(StringCtor(i));
  const undo = new Queue();
  for (let n = 0; n < shared.length; n++) {
    const { 0: what, 1: prototype } = shared[n];
    const parent = getPrototypeOf(prototype);
    for (let k = 0; k < keys.length; k++) {
      const key = keys[k];
      const before = bareDescriptor(prototype, key);
      if (before !== undefined && (!before.configurable || !keep)) continue;
      const where = `${what}.prototype.${StringCtor(key)}`;
      const installed = defineProperty(prototype, key, {
        __proto__: null,
        get() {
          given.add(this, where);
          if (!keep) return answer;
          if (before === undefined) return parent === null ? undefined : get(parent, key, this);
          return before.get === undefined ? before.value : apply(before.get, this, []);
        },
        set(value) {
          given.add(this, `${where} =`);
          given.add(value, `${where} = value`);
          if (!keep) return;
          defineProperty(this, key, {
            __proto__: null,
            value,
            writable: true,
            enumerable: true,
            configurable: true,
          });
        },
        configurable: true,
      });
      if (installed) undo.push({ __proto__: null, prototype, key, before });
    }
  }
  return () => {
    while (undo.size > 0) {
      const { prototype, key, before } = undo.shift();
      deleteProperty(prototype, key);
      if (before !== undefined) defineProperty(prototype, key, before);
    }
  };
}

/** A descriptor that inherits nothing. */
function bareDescriptor(holder, key) {
  const descriptor = getOwnPropertyDescriptor(holder, key);
  return descriptor === undefined ? undefined : setPrototypeOf(descriptor, null);
}

/** Wraps every function and accessor that can be reached from the globals of the language. Gives a function that undoes it. */
export function wrapFunctions(given, roots) {
  const undo = new Queue();
  const seen = new Set(roots.map(([, root]) => root));
  const queue = [...roots];
  const wrap = (fn, where) =>
    function (...args) {
      given.add(this, where);
      for (let i = 0; i < args.length; i++) given.add(args[i], where);
      return new.target === undefined ? apply(fn, this, args) : construct(fn, args, new.target);
    };
  while (queue.length > 0) {
    const [path, holder] = queue.shift();
    for (const key of ownKeys(holder)) {
      const before = bareDescriptor(holder, key);
      if (before === undefined || key === 'constructor') continue;
      const where = `${path}.${StringCtor(key)}`;
      const { value } = before;
      if (isObject(value) && !seen.has(value) && key !== 'prototype') {
        seen.add(value);
        queue.push([where, value]);
      }
      if (key === 'prototype' && isObject(value) && !seen.has(value)) {
        seen.add(value);
        queue.push([where, value]);
        continue;
      }
      if (!before.configurable) continue;
      const after = setPrototypeOf({ ...before }, null);
      if (typeof value === 'function' && value.prototype === undefined) after.value = wrap(value, where);
      else if (before.get !== undefined) after.get = wrap(before.get, where);
      else continue;
      if (defineProperty(holder, key, after)) undo.push({ __proto__: null, holder, key, before });
    }
    const parent = getPrototypeOf(holder);
    if (parent !== null && !seen.has(parent)) {
      seen.add(parent);
      queue.push([`${path}.__proto__`, parent]);
    }
  }
  return () => {
    while (undo.size > 0) {
      const { holder, key, before } = undo.shift();
      defineProperty(holder, key, before);
    }
  };
}
