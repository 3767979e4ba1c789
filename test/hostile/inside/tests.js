/** Attacks by way of tests: what a test is given, and what it can leave behind where the host asks for it. */

import { Walker } from './walker.js';

async function search(values) {
  const walker = new Walker();
  for (const [name, value] of Object.entries(values)) walker.add(value, name);
  await walker.finish();
  if (walker.problems !== '') throw new Error(walker.problems);
  if (walker.visited < 50) throw new Error(`only ${walker.visited} objects were found`);
}

/** The host finds nothing else in an error than text. */
const bad = new Proxy(
  {},
  {
    get() {
      throw new Error('looked at');
    },
    getPrototypeOf() {
      throw new Error('looked at');
    },
  },
);

export default {
  async test(controller, env, ctx) {
    await search({ controller, env, ctx, args: arguments });
    let escaped;
    try {
      escaped = controller.constructor.constructor('return process')();
    } catch (error) {
      await search({ error });
    }
    if (escaped !== undefined) throw new Error('escaped');
    let illegal;
    try {
      new controller.constructor({});
    } catch (error) {
      illegal = error;
    }
    if (!(illegal instanceof TypeError)) throw new Error('a controller can be made');
  },
};

export const patched = {
  test(controller, env, ctx) {
    const { apply } = Reflect;
    Reflect.apply = () => {
      throw new Error('stolen');
    };
    Function.prototype.call = Function.prototype.apply = () => 'stolen';
    Promise.prototype.then = () => 'stolen';
    Object.defineProperty(Object.prototype, 'test', { get: () => 'stolen', configurable: true });
    Object.defineProperty(Array.prototype, '0', { set: () => 'stolen', configurable: true });
    if (typeof ctx.waitUntil !== 'function' || apply === undefined) throw new Error('no context');
  },
};

export const throwsProxy = {
  test() {
    throw bad;
  },
};

export const thenable = {
  test: () => ({
    then(resolve, reject) {
      reject(bad);
      resolve(bad);
    },
  }),
};

export const overflow = {
  test() {
    return this.test();
  },
};

export class Constructing {
  constructor() {
    throw bad;
  }
  test() {}
}

export const looked = new Proxy(
  { test() {} },
  {
    get(target, key) {
      if (key !== 'test') throw new Error(`${String(key)} was read`);
      return target.test;
    },
  },
);

export const unreadable = bad;
export class Neither {}
export const primitive = 'test';
