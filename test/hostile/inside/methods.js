/** A service with methods that walk everything they are given, and answer with what is not their own. */

import { RpcStub, RpcTarget, WorkerEntrypoint } from 'cloudflare:workers';
import { callableBy, Walker } from './walker.js';

callableBy(RpcStub.prototype);

async function report(values) {
  const walker = new Walker();
  walker.add(values, 'args');
  await walker.finish(5);
  return walker.problems;
}

class Counter extends RpcTarget {
  #count = 0;
  secret = 'secret';
  increment() {
    return ++this.#count;
  }
  get count() {
    return this.#count;
  }
  self() {
    return this;
  }
}

export default class extends WorkerEntrypoint {
  secret = 'secret';
  look(...args) {
    return report([args, this, this.env, this.ctx]);
  }
  async lookLater(...args) {
    await null;
    return report([args, this, this.ctx.signal, this.ctx.exports]);
  }
  /** Calls back, and looks at what comes of it. */
  async use(callback, ...args) {
    const outcomes = [];
    for (const run of [() => callback(...args), () => callback.anything.at.all(), () => callback.then]) {
      try {
        outcomes.push(await run());
      } catch (error) {
        outcomes.push(error);
      }
    }
    return report([callback, outcomes]);
  }
  echo(value) {
    return value;
  }
  counter() {
    return new Counter();
  }
  stubOf() {
    return new RpcStub(new Counter());
  }
  fn() {
    return (...args) => report(args);
  }
  fail(kind) {
    if (kind === 'getter')
      throw Object.defineProperty(new RangeError('m'), 'message', {
        get() {
          throw new Error('in message');
        },
      });
    if (kind === 'proxy') throw new Proxy(new Error('m'), {});
    if (kind === 'cause') throw new Error('m', { cause: { deep: [Object, Function] } });
    if (kind === 'symbol') throw Symbol('s');
    if (kind === 'function') throw Object;
    throw Object.assign(new TypeError('m'), {
      fn: Object,
      constructor: Function,
      __proto__: Function.prototype,
    });
  }
  later() {
    return new Promise((resolve) => setTimeout(resolve, 5, { a: [1] }));
  }
  thenable() {
    return {
      then(resolve, reject) {
        resolve({ resolve, reject });
      },
    };
  }
  getters() {
    return {
      get constructor() {
        return Function;
      },
      get field() {
        throw new Error('in a getter');
      },
    };
  }
  constructors() {
    return { constructor: 1, __proto__: null, prototype: { constructor: {} } };
  }
  recurse(service, depth) {
    return service.recurse(service, depth + 1);
  }
}
