/**
 * Freezes what the language itself brings to the realm of a thread: every built-in function, prototype and namespace (HARDENING R16). Runs
 * once, when all modules of the thread have been loaded.
 *
 * Node's own `--frozen-intrinsics` is not used: it turns the methods of all prototypes into accessors first, which takes V8's fast
 * paths for iteration, promises and copies of arrays away from every realm of the thread (docs/decisions/frozen-intrinsics.md).
 */

import vm from 'node:vm';

/** Objects that syntax leads to and no global does. */
function hiddenRoots(): object[] {
  const iterators = [
    [][Symbol.iterator](),
    new Map()[Symbol.iterator](),
    new Set()[Symbol.iterator](),
    ''[Symbol.iterator](),
    ''.matchAll(/./gu),
    [].values().map((value) => value),
    Iterator.from({ next: () => ({ done: true, value: undefined }) }),
    new Intl.Segmenter().segment('')[Symbol.iterator](),
  ];
  const functions = [
    async () => {},
    function* () {
      yield 1;
    },
    async function* () {
      yield Promise.resolve(1);
    },
  ];
  return [...iterators, ...functions].map((value) => Object.getPrototypeOf(value) as object);
}

/** What belongs to the language, by its global names; a bare context has no others. */
function languageRoots(): unknown[] {
  const names = vm.runInContext(
    'Object.getOwnPropertyNames(globalThis)',
    vm.createContext(vm.constants.DONT_CONTEXTIFY),
  ) as string[];
  const roots: unknown[] = [];
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as keyof typeof globalThis;
    if (name !== 'globalThis') roots.push(globalThis[name]);
  }
  return roots;
}

/** Of Node.js, what stands beside the language in every realm that people know. */
const hostRoots = [
  clearImmediate,
  clearInterval,
  clearTimeout,
  queueMicrotask,
  setImmediate,
  setInterval,
  setTimeout,
  structuredClone,
];

/** Freezes every intrinsic object of this realm. What inherits from Object, Function or an Error can still be given methods of its own. */
export function freezeIntrinsics(): void {
  const errors = [
    Error,
    AggregateError,
    EvalError,
    RangeError,
    ReferenceError,
    SyntaxError,
    TypeError,
    URIError,
  ];
  const functions = Object.getPrototypeOf(() => {}) as object;
  for (const prototype of [Object.prototype, functions, ...errors.map((error) => error.prototype)])
    allowOverrides(prototype);
  freezeAll([...languageRoots(), ...hiddenRoots(), ...hostRoots]);
}

function freezeAll(roots: readonly unknown[]): void {
  const found = new Set<object>();
  const add = (value: unknown): void => {
    if ((typeof value === 'object' && value !== null) || typeof value === 'function') found.add(value);
  };
  roots.forEach(add);
  // A set goes on with what is added while it is walked.
  found.forEach((object) => {
    Object.freeze(object);
    add(Object.getPrototypeOf(object));
    for (const key of Reflect.ownKeys(object)) {
      const descriptor = Reflect.getOwnPropertyDescriptor(object, key);
      for (const part of [descriptor?.value as unknown, descriptor?.get, descriptor?.set]) add(part);
    }
  });
}

/**
 * What inherits a read-only property cannot be given one of that name by assignment, and libraries assign `name` to their errors or
 * `toString` to their prototypes. Accessors allow that. No fast path of the engine asks for a property of these prototypes.
 */
function allowOverrides(prototype: object): void {
  for (const key of Reflect.ownKeys(prototype)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(prototype, key);
    if (descriptor?.configurable !== true || !('value' in descriptor)) continue;
    const value: unknown = descriptor.value;
    Object.defineProperty(prototype, key, {
      get: Object.assign(() => value, { value }), // the value is found from here, and frozen
      set(this: unknown, given: unknown) {
        if (this === prototype || (typeof this !== 'object' && typeof this !== 'function') || this === null)
          throw new TypeError(`Cannot assign to read only property '${String(key)}'`);
        Object.defineProperty(this, key, {
          ...(Object.hasOwn(this, key) ? {} : { enumerable: true, configurable: true, writable: true }),
          value: given,
        });
      },
      enumerable: descriptor.enumerable ?? false,
    });
  }
}
