/**
 * Attacks on what a wrapped binding hides: as the main module and, without its last line, as a classic script. The inner bindings hold the
 * word "hidden"; `env.SHOP` (or the global) has the methods `use`, which uses them, and `show`, which says whether it was called with them.
 */

const leaks = [];

/** Everything that can be reached from a value, without calling functions but getters. */
function search(root, label) {
  const seen = new Set();
  const queue = [[root, label]];
  for (let i = 0; i < queue.length && i < 50_000; i++) {
    const [value, path] = queue[i];
    if (typeof value === 'string' && value.includes('hidden')) leaks.push(path);
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value))
      continue;
    seen.add(value);
    queue.push([Object.getPrototypeOf(value), `${path}.__proto__`]);
    for (const key of Reflect.ownKeys(value)) {
      const descriptor = Reflect.getOwnPropertyDescriptor(value, key);
      const name = `${path}.${String(key)}`;
      for (const part of [descriptor.value, descriptor.get, descriptor.set]) queue.push([part, name]);
      try {
        queue.push([value[key], name]);
      } catch {
        // It needs another `this`.
      }
    }
  }
}

/** Asks for the inner bindings as the bundle does. */
function wrapAgain() {
  const scope = Reflect.get(globalThis, ['$na', 'nod'].join(''));
  if (scope === undefined) return;
  const indexes = [
    0,
    1,
    2,
    -1,
    0.5,
    '0',
    'length',
    'constructor',
    '__proto__',
    null,
    undefined,
    {},
    [0],
    2 ** 32,
  ];
  for (const index of indexes) {
    try {
      scope.wrap(index, (inner) => leaks.push(`wrap(${String(index)})`) && inner);
      leaks.push(`wrap(${String(index)}) threw nothing`);
    } catch (error) {
      if (!(error instanceof TypeError)) leaks.push(`wrap(${String(index)}) threw another error`);
    }
  }
  try {
    scope.wrap({ valueOf: () => scope.wrap(0, (inner) => leaks.push('nested') && inner) }, () => 1);
    leaks.push('a nested call threw nothing');
  } catch (error) {
    if (!(error instanceof TypeError)) leaks.push('a nested call threw another error');
  }
}

/** Lies in wait for whoever sets or gets a property of an ordinary object. */
function setTraps() {
  for (const key of ['0', '1', 'env', 'inner', 'name', 'SECRET', 'SERVICE', 'value', 'get']) {
    Object.defineProperty(Object.prototype, key, {
      __proto__: null,
      configurable: true,
      get: () => undefined,
      set(value) {
        search(value, `setter of ${key}`);
      },
    });
  }
}

function removeTraps() {
  for (const key of ['0', '1', 'env', 'inner', 'name', 'SECRET', 'SERVICE', 'value', 'get']) {
    Reflect.deleteProperty(Object.prototype, key);
  }
}

function attack(shop) {
  search(globalThis, 'globalThis');
  search(shop, 'SHOP');
  setTraps();
  wrapAgain();
  const used = shop.use();
  removeTraps();
  if (used !== 'hidden'.length) leaks.push(`use() gave ${used}`);
  if (shop.calls !== 1) leaks.push(`the function was called ${shop.calls} times`);
  search(globalThis, 'globalThis');
  return leaks.length === 0 ? 'safe' : leaks.join('\n');
}

wrapAgain();
