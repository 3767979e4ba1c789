/** Every function of the platform called with receivers and arguments of every kind. */

import { apis } from './apis.js';
import { attacker, isObject } from './kit.js';

const { apply, construct, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;

function revoked() {
  const { proxy, revoke } = Proxy.revocable(() => {}, {});
  revoke();
  return proxy;
}

function detached(view = (buffer) => buffer) {
  const buffer = new ArrayBuffer(8);
  const value = view(buffer);
  structuredClone(buffer, { transfer: [buffer] });
  return value;
}

/** A proxy that hands what its traps are given to the walk. */
function watching(t, target) {
  const traps = ownKeys(Reflect).filter((name) => typeof Reflect[name] === 'function');
  const handler = Object.fromEntries(
    traps.map((name) => [
      name,
      (...args) => {
        for (const arg of args) t.walk(arg, `trap ${name}`);
        return apply(Reflect[name], undefined, args);
      },
    ]),
  );
  return new Proxy(target, handler);
}

const throwing = new Proxy(() => {}, {
  get() {
    throw new RangeError('get');
  },
  has() {
    throw new RangeError('has');
  },
  apply() {
    throw new RangeError('apply');
  },
  ownKeys() {
    throw new RangeError('ownKeys');
  },
  getPrototypeOf() {
    throw new RangeError('getPrototypeOf');
  },
});

function oddValues(t) {
  const resizable = new ArrayBuffer(8, { maxByteLength: 16 });
  const shared = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer;
  let depth = 0;
  const reentrant = {
    get [Symbol.toPrimitive]() {
      if (depth++ < 3) t.call(() => new Response(reentrant), 're-entered');
      depth--;
      return undefined;
    },
    toString: () => 'http://test/',
    valueOf: () => resizable.resize(0) ?? 1,
  };
  return {
    nothing: undefined,
    null: null,
    true: true,
    'minus one': -1,
    NaN,
    infinity: Infinity,
    bigint: 1n,
    'empty text': '',
    text: 'x',
    'a line feed': '\n',
    'a lone surrogate': '\ud800',
    'a URL': 'http://test/',
    __proto__key: '__proto__',
    symbol: Symbol('odd'),
    array: [],
    pairs: [['a', 'b']],
    object: {},
    'object without a prototype': Object.create(null),
    'a watching proxy': watching(t, {}),
    'a watching proxy of a function': watching(t, function () {}),
    'a watching proxy of an array': watching(t, [['a', 'b']]),
    'a revoked proxy': revoked(),
    'a throwing proxy': throwing,
    function: () => {},
    class: class {},
    date: new Date(NaN),
    map: new Map([['a', 'b']]),
    promise: Promise.resolve(1),
    thenable: { then: (resolve, reject) => (t.walk([resolve, reject], 'then'), resolve(1)) },
    detached: detached(),
    'a view that was detached': detached((buffer) => new Uint8Array(buffer)),
    'a view that tracks its length': new Uint8Array(resizable),
    'a view out of bounds': (() => {
      const buffer = new ArrayBuffer(8, { maxByteLength: 8 });
      const view = new Uint8Array(buffer, 4);
      buffer.resize(2);
      return view;
    })(),
    'shared memory': new Uint8Array(shared, 0, 8),
    reentrant,
    'a Response without a brand': Object.create(Response.prototype),
    'a Request of another prototype': Object.setPrototypeOf(new Request('http://x/'), Response.prototype),
    response: new Response('x'),
    headers: new Headers({ a: 'b' }),
    signal: AbortSignal.abort(),
    stream: new ReadableStream(),
    blob: new Blob(['x']),
    form: new FormData(),
    event: new Event('x'),
    global: globalThis,
  };
}

/** Functions that must not be called at random, and why. */
const excluded = {
  setInterval: 'would go on for ever',
  console: 'formats what the walk looks at: it has its own calls',
};

/** The functions of the platform by path, and an object that has each. */
function platformFunctions(t) {
  const found = new Map();
  const seen = new Set();
  const visit = (holder, receiver, path, depth) => {
    if (!isObject(holder) || seen.has(holder) || depth > 3) return;
    seen.add(holder);
    if (typeof holder === 'function') found.set(holder, { path, receiver: undefined });
    for (const key of ownKeys(holder)) {
      if (key === 'constructor') continue;
      const { value, get, set } = getOwnPropertyDescriptor(holder, key);
      const place = `${path}.${String(key)}`;
      for (const fn of [value, get, set]) {
        if (typeof fn === 'function' && !found.has(fn)) found.set(fn, { path: place, receiver });
      }
      if (key === 'prototype') visit(value, instanceOf(holder), place, depth + 1);
    }
  };
  const made = instances(t);
  const instanceOf = (ctor) =>
    made.find((value) => value instanceof ctor) ?? Object.create(ctor.prototype ?? null);
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (t.env.LANGUAGE.includes(name) || name in excluded) continue;
    const value = globalThis[name];
    visit(value, value, name, 0);
    if (isObject(value) && typeof value !== 'function')
      visit(getPrototypeOf(value), value, `${name}.__proto__`, 1);
  }
  visit(t.ctx, t.ctx, 'ctx', 1);
  visit(getPrototypeOf(t.ctx), t.ctx, 'ctx.__proto__', 1);
  visit(getPrototypeOf(t.env.OTHER), t.env.OTHER, 'fetcher.__proto__', 1);
  visit(getPrototypeOf(new Headers().entries()), new Headers({ a: 'b' }).entries(), 'Headers iterator', 1);
  return found;
}

/** What the calls of the table return at once: receivers. */
function instances(t) {
  const made = [];
  for (const [name, calls] of Object.entries(apis(t))) {
    for (const call of name in excluded ? [] : calls) {
      try {
        const value = call();
        if (value instanceof Promise) value.catch(() => {});
        else if (isObject(value)) made.push(value);
      } catch {
        // no receiver
      }
    }
  }
  return made;
}

/** Calls each function of the platform with one odd value in every place. */
function attackWith(t, name, value) {
  for (const [fn, { path, receiver }] of platformFunctions(t)) {
    const args = [value, value, value];
    const where = `${path} with ${name}`;
    t.call(() => apply(fn, receiver, args), where);
    t.call(() => apply(fn, value, args), `${where} as receiver`);
    t.call(() => apply(fn, receiver, [args[0]]), `${where} once`);
    t.call(() => construct(fn, args), `new ${where}`);
    if (typeof value === 'function') t.call(() => construct(fn, args, value), `new ${where} as new.target`);
  }
}

const names = Object.keys(oddValues({ walk: () => {}, call: () => {} }));

export default attacker(
  Object.fromEntries(
    names.map((name) => [
      `every function of the platform with ${name}`,
      async (t) => {
        attackWith(t, name, oddValues(t)[name]);
        await t.walker.finish(5);
      },
    ]),
  ),
);
