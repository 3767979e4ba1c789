/**
 * What attacks are written with: a worker whose attacks are called by name, and the probe that each of them reports to. Runs inside a realm;
 * it goes on working whatever an attack does to the realm's prototypes.
 */

import { captured, isObject, nameOf, Walker } from './walker.js';

const { ownKeys, getOwnPropertyDescriptor } = Reflect;
const join = captured(Array.prototype.join);
const { Response, URL, String: StringCtor } = globalThis;
const searchParams = captured(getOwnPropertyDescriptor(URL.prototype, 'searchParams').get);
const getParam = captured(URLSearchParams.prototype.get);
const urlOf = captured(getOwnPropertyDescriptor(Request.prototype, 'url').get);

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
      // At once: a promise in there is handled now or never.
      this.walker.drain();
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
      const given = fn();
      this.walker.add(given, `${path}()`);
      this.walker.drain();
      const value = await given;
      this.walker.add(value, `${path}[fulfilled]`);
      this.walker.drain();
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
  if (typeof value === 'symbol') return nameOf(value);
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

export { callableBy, foreignness, isObject, own, Walker } from './walker.js';
