/**
 * What attacks are written with. Runs inside a realm, as worker code, beside attacks that patch every prototype of that realm: so it
 * takes what it needs of the intrinsics when it is loaded, and looks nothing up afterwards.
 *
 * The rule that it checks: every object's prototype chain ends in this realm's Object.prototype, or the object has no prototype at all;
 * every function's chain holds this realm's Function.prototype; and every chain that ends elsewhere belongs to somebody else.
 */

const { apply, ownKeys, getPrototypeOf, getOwnPropertyDescriptor, construct } = Reflect;
const { isArray } = Array;
const ObjectPrototype = Object.prototype;
const FunctionPrototype = Function.prototype;
const captured =
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
const slice = captured(String.prototype.slice);
const startsWith = captured(String.prototype.startsWith);
const join = captured(Array.prototype.join);
const { Response, URL, Map: MapCtor, Promise: PromiseCtor, setTimeout, String: StringCtor } = globalThis;
const searchParams = captured(getOwnPropertyDescriptor(URL.prototype, 'searchParams').get);
const getParam = captured(URLSearchParams.prototype.get);
const urlOf = captured(getOwnPropertyDescriptor(Request.prototype, 'url').get);

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

/** A list that no setter on Array.prototype can listen to. */
class Queue {
  #head;
  #tail;
  size = 0;

  push(item) {
    const link = { item, next: undefined };
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

/** Why the object cannot belong to this realm, or undefined. Traps of the worker's own proxies may run, and may throw. */
export function foreignness(value) {
  if (!isObject(value)) return undefined;
  let callable = false;
  let last = value;
  for (let i = 0; i < 10_000; i++) {
    if (last === FunctionPrototype) callable = true;
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
    this.#queue.push({ value, path, depth });
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

function nameOf(key) {
  return typeof key === 'symbol' ? `[${symbolText(key)}]` : key;
}

/** What an attack reports with. */
class Probe {
  walker = new Walker();
  #checks = 0;

  constructor(env, ctx, request) {
    this.env = env;
    this.ctx = ctx;
    this.request = request;
  }

  get checks() {
    return this.#checks;
  }

  /** Everything that can be reached from the value must belong to this realm. */
  walk(value, path = 'value') {
    this.#checks++;
    this.walker.add(value, path);
  }

  /** Calls the function; what it returns or throws must belong to this realm. Gives what it threw. */
  call(fn, path = 'call') {
    this.#checks++;
    try {
      this.walker.add(fn(), `${path}()`);
      return undefined;
    } catch (error) {
      this.walker.add(error, `${path}!`);
      return error;
    }
  }

  /** The same, for what a function throws, returns, or a promise of it settles with. Gives the outcome, in an object. */
  async settle(fn, path = 'call') {
    this.#checks++;
    try {
      const value = await fn();
      this.walker.add(value, `${path}[fulfilled]`);
      return { value };
    } catch (error) {
      this.walker.add(error, `${path}[rejected]`);
      return { error };
    }
  }

  same(actual, expected, what) {
    this.#checks++;
    if (actual !== expected) this.fail(`${what}: found ${textOf(actual)}, wanted ${textOf(expected)}`);
  }

  ok(condition, what) {
    this.same(!!condition, true, what);
  }

  fail(text) {
    this.#checks++;
    this.walker.problem(text);
  }
}

function textOf(value) {
  if (typeof value === 'symbol') return symbolText(value);
  return isObject(value) ? typeof value : StringCtor(value);
}

/**
 * A worker whose attacks are called by name: `?attack=...`. Without a name it lists them. The answer has one line for each problem, and
 * then `#` and the number of checks that were made.
 */
export function attacker(attacks) {
  const names = join(ownKeys(attacks), '\n');
  return {
    async fetch(request, env, ctx) {
      const name = getParam(searchParams(new URL(urlOf(request))), 'attack');
      if (name === null) return new Response(names);
      const probe = new Probe(env, ctx, request);
      let answer;
      try {
        answer = await attacks[name](probe);
      } catch (error) {
        probe.fail(`the attack itself failed: ${describe(error)}`);
        probe.walk(error, 'error');
      }
      await probe.walker.finish();
      const { problems } = probe.walker;
      return new Response(`${problems}${typeof answer === 'string' ? answer : ''}#${probe.checks}`);
    },
  };
}

/** Of an error that may be hostile. */
export function describe(error) {
  try {
    const { stack, message } = error;
    if (typeof stack === 'string') return stack;
    return typeof message === 'string' ? message : typeof error;
  } catch {
    return 'it cannot be described';
  }
}

export {
  apply,
  construct,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  isArray,
  isObject,
  ownKeys,
  slice,
  startsWith,
};
