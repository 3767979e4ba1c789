/**
 * Walks everything that can be reached from a value, and finds what is not of this realm. Runs inside a realm, as worker code, beside
 * attacks that patch every prototype of that realm: so it takes what it needs of the intrinsics when it is loaded, and looks nothing up
 * afterwards.
 *
 * The rule that it checks: every object's prototype chain ends in this realm's Object.prototype, or the object has no prototype at all;
 * every function's chain holds this realm's Function.prototype; and every chain that ends elsewhere belongs to somebody else.
 */

const { apply, ownKeys, getPrototypeOf, getOwnPropertyDescriptor } = Reflect;
const ObjectPrototype = Object.prototype;
const FunctionPrototype = Function.prototype;
/** A method as a function, whatever becomes of its prototype. */
export const captured =
  (method) =>
  (self, ...args) =>
    apply(method, self, args);
const mapHas = captured(Map.prototype.has);
const mapSet = captured(Map.prototype.set);
const mapForEach = captured(Map.prototype.forEach);
const setForEach = captured(Set.prototype.forEach);
const then = captured(Promise.prototype.then);
const deref = captured(WeakRef.prototype.deref);
const symbolText = captured(Symbol.prototype.toString);
const { Map: MapCtor, Promise: PromiseCtor, setTimeout } = globalThis;

export const isObject = (value) =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** A list that no setter on Array.prototype can listen to. */
export class Queue {
  #head;
  #tail;
  size = 0;

  push(item) {
    const link = { __proto__: null, item, next: undefined };
    if (this.#tail === undefined) this.#head = link;
    else this.#tail.next = link;
    this.#tail = link;
    this.size++;
  }

  shift() {
    const { item, next } = this.#head;
    this.#head = next;
    if (next === undefined) this.#tail = undefined;
    this.size--;
    return item;
  }
}

/** Ends of prototype chains that are known to be the attack's own. */
const ownEnds = new MapCtor();

/** The object has no prototype, and is the attack's own: what inherits from it may be the realm's. */
export function own(value) {
  mapSet(ownEnds, value, true);
  return value;
}

/** Prototypes of functions that have no other functions' methods: those of stubs. */
const ownCallables = new MapCtor();

/** What inherits from this object of the realm may be a function. */
export function callableBy(prototype) {
  mapSet(ownCallables, prototype, true);
}

/** Why the object cannot belong to this realm, or undefined. Traps of the worker's own proxies may run, and may throw. */
export function foreignness(value) {
  if (!isObject(value)) return undefined;
  let callable = false;
  let last = value;
  for (let i = 0; i < 10_000; i++) {
    if (last === FunctionPrototype || mapHas(ownCallables, last)) callable = true;
    const next = getPrototypeOf(last);
    if (next === null) break;
    last = next;
  }
  if (last !== ObjectPrototype && last !== value && !mapHas(ownEnds, last))
    return 'its prototype chain ends in another realm';
  if (typeof value === 'function' && !callable) return 'a function with another Function.prototype';
  return undefined;
}

const depthLimit = 14;

/** Walks everything that can be reached from values, and collects what is foreign. */
export class Walker {
  #seen = new MapCtor();
  #queue = new Queue();
  #pending = 0;
  #problems = '';
  /** Objects without a prototype, by path: nothing tells whose they are. */
  orphans = '';
  visited = 0;
  /** What stays out: `(owner, key) => boolean` for getters that must not be called. */
  skipGetter = () => false;
  onFunction = undefined;

  get problems() {
    return this.#problems;
  }

  problem(text) {
    this.#problems += `${text}\n`;
  }

  add(value, path, depth = 0) {
    if (!isObject(value) || depth > depthLimit || mapHas(this.#seen, value)) return;
    mapSet(this.#seen, value, true);
    this.#queue.push({ __proto__: null, value, path, depth });
  }

  has(value) {
    return mapHas(this.#seen, value);
  }

  /** Walks until nothing is left, promises included as far as they settle. */
  async finish(turns = 20) {
    for (let i = 0; i < turns; i++) {
      this.drain();
      if (this.#pending === 0 && i > 2) return;
      await new PromiseCtor((resolve) => setTimeout(resolve, 0));
    }
    this.drain();
  }

  drain() {
    while (this.#queue.size > 0) {
      const { value, path, depth } = this.#queue.shift();
      try {
        this.#visit(value, path, depth);
      } catch (error) {
        // A proxy of the worker's own threw.
        this.add(error, `${path}!`, depth + 1);
      }
    }
  }

  #visit(value, path, depth) {
    this.visited++;
    const why = foreignness(value);
    if (why !== undefined) this.problem(`${path}: ${why}`);
    const prototype = getPrototypeOf(value);
    if (prototype === null && value !== ObjectPrototype) this.orphans += `${path}\n`;
    else this.add(prototype, `${path}.__proto__`, depth + 1);
    this.#properties(value, value, path, depth);
    for (let link = prototype; link !== null; link = getPrototypeOf(link)) {
      if (link !== ObjectPrototype && link !== FunctionPrototype) this.#getters(link, value, path, depth);
    }
    this.#contents(value, path, depth);
    if (typeof value === 'function') this.onFunction?.(value, path);
  }

  #properties(owner, receiver, path, depth) {
    const keys = ownKeys(owner);
    for (let i = 0; i < keys.length; i++) {
      const descriptor = getOwnPropertyDescriptor(owner, keys[i]);
      if (descriptor === undefined) continue;
      const place = `${path}.${nameOf(keys[i])}`;
      this.add(descriptor.value, place, depth + 1);
      this.add(descriptor.get, `get ${place}`, depth + 1);
      this.add(descriptor.set, `set ${place}`, depth + 1);
      if (descriptor.get !== undefined) this.#read(descriptor.get, receiver, owner, keys[i], place, depth);
    }
  }

  #getters(owner, receiver, path, depth) {
    const keys = ownKeys(owner);
    for (let i = 0; i < keys.length; i++) {
      const get = getOwnPropertyDescriptor(owner, keys[i])?.get;
      if (get !== undefined) this.#read(get, receiver, owner, keys[i], `${path}.${nameOf(keys[i])}`, depth);
    }
  }

  #read(get, receiver, owner, key, place, depth) {
    if (this.skipGetter(owner, key)) return;
    try {
      this.add(apply(get, receiver, []), place, depth + 1);
    } catch (error) {
      this.add(error, `${place}!`, depth + 1);
    }
  }

  /** What no property shows. Each of the functions throws a TypeError of the realm for what it is not made for. */
  #contents(value, path, depth) {
    const visit = (each, what) => this.add(each, `${path}${what}`, depth + 1);
    attempt(() => mapForEach(value, (each, key) => (visit(each, '[value]'), visit(key, '[key]'))));
    attempt(() => setForEach(value, (each) => visit(each, '[member]')));
    attempt(() => visit(deref(value), '[target]'));
    if (typeof value !== 'function') attempt(() => this.promise(value, path, depth));
  }

  /** Follows a genuine promise; throws for anything else. */
  promise(value, path, depth = 0) {
    const settle = (mark) => (outcome) => {
      this.#pending--;
      this.add(outcome, `${path}${mark}`, depth + 1);
    };
    then(value, settle('[fulfilled]'), settle('[rejected]'));
    this.#pending++;
  }
}

function attempt(action) {
  try {
    action();
  } catch {
    // not of that kind
  }
}

/** A property's name as text. */
export function nameOf(key) {
  return typeof key === 'symbol' ? `[${symbolText(key)}]` : key;
}

export { apply };
