import { attacker, foreignness, own } from './kit.js';

function revokedProxy() {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** Values that a formatter stumbles over. */
const odd = {
  symbol: Symbol('name'),
  'an object whose text is an object': { toString: () => ({}), valueOf: () => ({}) },
  'an object whose text throws': {
    toString() {
      throw Symbol('thrown');
    },
  },
  'an object without a prototype': own(Object.create(null)),
  bigint: 10n,
  'a proxy that throws': new Proxy(() => {}, {
    get() {
      throw new RangeError('trap');
    },
    getPrototypeOf() {
      throw new RangeError('trap');
    },
  }),
  'a revoked proxy': revokedProxy(),
  null: null,
  'a long text': 'x'.repeat(2 ** 14),
  'an own Symbol.toPrimitive': { [Symbol.toPrimitive]: () => ({}) },
};

function eachOdd(action) {
  for (const [name, value] of Object.entries(odd)) action(value, name);
}

const errors = {
  Error: () => new Error('x'),
  TypeError: () => new TypeError('x'),
  RangeError: () => new RangeError('x'),
  SyntaxError: () => new SyntaxError('x'),
  ReferenceError: () => new ReferenceError('x'),
  EvalError: () => new EvalError('x'),
  URIError: () => new URIError('x'),
  AggregateError: () => new AggregateError([new Error('inner')], 'x'),
  SuppressedError: () => new SuppressedError(1, 2, 'x'),
  DOMException: () => new DOMException('x', 'AbortError'),
  'an error of the engine': () => {
    try {
      null.x;
    } catch (error) {
      return error;
    }
  },
  'an error of WebAssembly': () => {
    try {
      new WebAssembly.Module(new Uint8Array([0, 1, 2]));
    } catch (error) {
      return error;
    }
  },
  'an error of JSON': () => {
    try {
      JSON.parse('{');
    } catch (error) {
      return error;
    }
  },
  'an error of Intl': () => {
    try {
      new Intl.Locale('!');
    } catch (error) {
      return error;
    }
  },
};

/** Makes errors of every kind odd in one way, and reads their stacks. */
function stacksOf(t, tamper) {
  for (const [kind, make] of Object.entries(errors)) {
    eachOdd((value, name) => {
      const error = make();
      t.call(() => tamper(error, value), `${kind}, ${name}`);
      const thrown = t.call(() => error.stack, `${kind}, ${name}: stack`);
      t.same(thrown, undefined, `${kind}, ${name}: reading the stack throws`);
      t.same(typeof error.stack, 'string', `${kind}, ${name}`);
      t.call(() => Error.prototype.toString.call(error), `${kind}, ${name}: text`);
    });
  }
}

function heirOf(prototype, prepareStackTrace) {
  return Object.assign(Object.create(prototype), { prepareStackTrace, stackTraceLimit: 1e9 });
}

export default attacker({
  'the name is odd'(t) {
    stacksOf(t, (error, value) => Object.defineProperty(error, 'name', { value }));
  },

  'the name is a getter'(t) {
    stacksOf(t, (error, value) =>
      Object.defineProperty(error, 'name', {
        get() {
          throw value;
        },
      }),
    );
  },

  'the message is odd'(t) {
    stacksOf(t, (error, value) => Object.defineProperty(error, 'message', { value }));
  },

  'the message is a getter that throws'(t) {
    stacksOf(t, (error, value) =>
      Object.defineProperty(error, 'message', {
        get() {
          throw value;
        },
      }),
    );
  },

  'the error loses its prototype, or gets another'(t) {
    stacksOf(t, (error, value) =>
      Object.setPrototypeOf(error, typeof value === 'object' || typeof value === 'function' ? value : null),
    );
  },

  'the prototype of all errors is odd'(t) {
    eachOdd((value, name) => {
      for (const key of ['name', 'message', 'toString']) {
        const before = Object.getOwnPropertyDescriptor(Error.prototype, key);
        Object.defineProperty(Error.prototype, key, { value, configurable: true });
        for (const [kind, make] of Object.entries(errors)) {
          const error = make();
          t.same(
            t.call(() => error.stack, `${kind}, ${key} ${name}`),
            undefined,
            `${kind}, ${key} ${name}`,
          );
        }
        Object.defineProperty(Error.prototype, key, before);
      }
    });
  },

  async 'causes, aggregated errors and suppressed errors are odd'(t) {
    for (const [name, value] of Object.entries(odd)) {
      const makers = {
        cause: () => new Error('x', { cause: value }),
        'cause getter': () =>
          new Error('x', {
            get cause() {
              throw value;
            },
          }),
        aggregate: () => new AggregateError([value, value], value, { cause: value }),
        'aggregate of an odd iterable': () => new AggregateError(value),
        suppressed: () => new SuppressedError(value, value, value),
      };
      for (const [kind, make] of Object.entries(makers)) {
        t.call(() => make().stack, `${kind}, ${name}`);
        t.call(make, `${kind}, ${name}`);
      }
      await t.settle(() => Promise.any(value), `Promise.any of ${name}`);
      const { error: nobody } = await t.settle(
        () => Promise.any([Promise.reject(value)]),
        `Promise.any of a rejection with ${name}`,
      );
      t.call(() => nobody.stack, name);
    }
  },

  async 'disposal throws twice, with odd values'(t) {
    eachOdd((value, name) => {
      t.call(() => {
        const stack = new DisposableStack();
        stack.defer(() => {
          throw value;
        });
        stack.defer(() => {
          throw value;
        });
        stack.dispose();
      }, name);
      t.call(() => {
        using first = {
          [Symbol.dispose]() {
            throw value;
          },
        };
        void first;
        throw value;
      }, `using, ${name}`);
    });
    for (const [name, value] of Object.entries(odd)) {
      await t.settle(async () => {
        const stack = new AsyncDisposableStack();
        stack.defer(async () => {
          throw value;
        });
        stack.defer(() => {
          throw value;
        });
        await stack.disposeAsync();
      }, `async, ${name}`);
    }
  },

  async 'Array.fromAsync of what throws'(t) {
    for (const [name, value] of Object.entries(odd)) {
      await t.settle(() => Array.fromAsync(value), name);
      const throwing = {
        [Symbol.asyncIterator]() {
          throw value;
        },
      };
      await t.settle(() => Array.fromAsync(throwing), `iterator, ${name}`);
      const rejecting = { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(value) }) };
      await t.settle(() => Array.fromAsync(rejecting), `next, ${name}`);
      await t.settle(() => Array.fromAsync.call(value, [1]), `receiver, ${name}`);
      await t.settle(async () => {
        try {
          await Array.fromAsync({ length: 2 ** 53 });
        } catch (error) {
          error.name = value;
          return error.stack;
        }
      }, `length, ${name}`);
    }
  },

  'Error.captureStackTrace on odd objects'(t) {
    const targets = {
      object: {},
      frozen: Object.freeze({}),
      function() {},
      array: [],
      global: globalThis,
      error: new Error(),
    };
    for (const [kind, target] of Object.entries({ ...targets, ...odd })) {
      t.call(() => Error.captureStackTrace(target), kind);
      t.call(() => target.stack, `${kind}: stack`);
      eachOdd((value, name) => {
        t.call(() => Error.captureStackTrace(target, value), `${kind} below ${name}`);
        t.call(() => {
          const holder = { name: value, message: value, toString: () => value };
          Error.captureStackTrace(holder);
          return holder.stack;
        }, `${kind} of ${name}`);
      });
    }
    const trap = new Proxy(
      {},
      {
        defineProperty(target, key, descriptor) {
          t.walk(descriptor, 'descriptor');
          return Reflect.defineProperty(target, key, descriptor);
        },
        set(target, key, value, receiver) {
          t.walk([target, value, receiver], 'set');
          return Reflect.set(target, key, value, receiver);
        },
      },
    );
    t.call(() => Error.captureStackTrace(trap), 'proxy');
    t.call(() => trap.stack, 'proxy stack');
    const holder = Error.captureStackTrace({});
    t.walk(holder, 'holder');
  },

  'the formatter and the limit cannot be replaced'(t) {
    const stolen = [];
    const formatter = (...args) => {
      stolen.push(...args);
      return args;
    };
    const attempts = [
      () => (Error.prepareStackTrace = formatter),
      () => Object.defineProperty(Error, 'prepareStackTrace', { value: formatter }),
      () => Object.defineProperty(Error, 'prepareStackTrace', { get: () => formatter }),
      () => Reflect.defineProperty(Error, 'prepareStackTrace', { value: formatter, writable: true }),
      () => Reflect.set(Error, 'prepareStackTrace', formatter),
      () => delete Error.prepareStackTrace,
      () => (Error.stackTraceLimit = 1e9),
      () => Object.defineProperty(Error, 'stackTraceLimit', { get: () => t.fail('the limit was read') }),
      () => delete Error.stackTraceLimit,
      () => Object.assign(Error, { prepareStackTrace: formatter, stackTraceLimit: Infinity }),
      () => (Object.prototype.prepareStackTrace = formatter),
      () => (Function.prototype.prepareStackTrace = formatter),
      () => (TypeError.prepareStackTrace = formatter),
      () => void Object.setPrototypeOf(Error, heirOf(Function.prototype, formatter)),
      () => void Object.setPrototypeOf(Error, new Proxy(Function.prototype, { get: () => formatter })),
    ];
    for (const [i, attempt] of attempts.entries()) {
      t.call(attempt, `attempt ${i}`);
      for (const [kind, make] of Object.entries(errors)) {
        const error = make();
        t.same(typeof error.stack, 'string', `${kind} after attempt ${i}`);
      }
    }
    t.same(stolen.length, 0, 'call sites given away');
    Object.setPrototypeOf(Error, Function.prototype);
    t.same(Error.stackTraceLimit, 10, 'the limit');
    t.same(Error.prepareStackTrace === formatter, false, 'the formatter');
  },

  'the formatter called by hand'(t) {
    const { prepareStackTrace } = Error;
    const sites = new Proxy([], {
      get(target, key) {
        if (key === 'length') return 3;
        return {
          getFileName: () => 'worker:',
          toString: () => {
            throw 1;
          },
        };
      },
    });
    eachOdd((value, name) => {
      t.call(() => prepareStackTrace(value, value), name);
      t.call(() => prepareStackTrace(new Error(), value), name);
      t.call(() => prepareStackTrace(value, sites), name);
      t.call(() => prepareStackTrace.call(value, value, [value, value]), name);
      t.call(() => new prepareStackTrace(value, []), `new, ${name}`);
    });
    // What it learned from look-alikes, it must not use for the real ones.
    const seen = [];
    const evil = {
      getFileName() {
        seen.push(this);
        return 'worker:evil';
      },
      toString() {
        seen.push(this);
        return 'evil';
      },
    };
    t.call(() => prepareStackTrace(new Error(), [Object.create(evil)]));
    seen.length = 0;
    t.same(typeof new Error('x').stack, 'string', 'a stack');
    t.same(seen.length, 0, 'call sites given away');
  },

  'look-alikes of call sites, given to the formatter before it has seen a genuine one'(t) {
    const seen = [];
    const evil = Object.create(null, {
      getFileName: {
        value() {
          seen[seen.length] = this;
          return 'worker:evil';
        },
      },
      toString: {
        value() {
          seen[seen.length] = this;
          return 'evil';
        },
      },
    });
    const fake = Object.create(evil);
    Error.prepareStackTrace(new Error(), [fake]);
    const { stack } = new Error('genuine');
    t.same(seen.length, 0, 'call sites given away');
    t.ok(stack.includes('\n    at '), `the stack is whole: ${stack}`);
  },

  'globalThis.Error is replaced'(t) {
    const stolen = [];
    const formatter = (...args) => stolen.push(...args);
    class Fake extends Error {
      static prepareStackTrace = formatter;
    }
    const proxy = new Proxy(Error, {
      get: (target, key) => (key === 'prepareStackTrace' ? formatter : target[key]),
    });
    const attempts = [
      () => (globalThis.Error = Fake),
      () => (globalThis.Error = undefined),
      () => (globalThis.Error = proxy),
      () => delete globalThis.Error,
      () => Object.defineProperty(globalThis, 'Error', { value: Fake }),
      () => Object.defineProperty(globalThis, 'Error', { get: () => t.fail('the host read a getter') }),
      () => Reflect.set(globalThis, 'Error', Fake),
      () => Object.assign(globalThis, { Error: null }),
      () => Object.setPrototypeOf(globalThis, { Error: Fake }),
      () => Object.setPrototypeOf(globalThis, proxy),
    ];
    for (const [i, attempt] of attempts.entries()) {
      t.call(attempt, `attempt ${i}`);
      stacksOf(t, (error, value) => Object.defineProperty(error, 'name', { value }));
    }
    t.same(stolen.length, 0, 'call sites given away');
  },

  'call sites and frames name nobody else'(t) {
    const { stack } = new Error('x');
    t.ok(!stack.includes('node:') && !stack.includes('nanod:') && !stack.includes('/'), `frames: ${stack}`);
    const asynchronous = (async () => {
      await null;
      return new Error('x').stack;
    })();
    return asynchronous.then((text) => t.ok(!text.includes('node:') && !text.includes('nanod:'), text));
  },

  'array indexes are watched while a stack is formatted'(t) {
    const seen = [];
    for (let i = 0; i < 12; i++) {
      Object.defineProperty(Array.prototype, i, {
        get() {
          seen[seen.length] = this;
          return undefined;
        },
        set(value) {
          t.walk(this, 'array');
          t.walk(value, 'element');
        },
        configurable: true,
      });
    }
    for (const [kind, make] of Object.entries(errors)) t.same(typeof make().stack, 'string', kind);
  },

  'errors of nested formatting'(t) {
    const error = new Error('outer');
    let depth = 0;
    Object.defineProperty(error, 'name', {
      get() {
        if (depth++ < 50) {
          const inner = new Error('inner');
          Object.setPrototypeOf(inner, error);
          t.call(() => inner.stack, 'inner');
        }
        return Symbol('deep');
      },
    });
    t.same(
      t.call(() => error.stack),
      undefined,
      'it throws',
    );
    t.same(foreignness(error), undefined, 'error');
  },

  'the stack accessor is taken from an error and used on others'(t) {
    const own =
      Object.getOwnPropertyDescriptor(new Error(), 'stack') ??
      Object.getOwnPropertyDescriptor(Error.prototype, 'stack');
    t.walk(own, 'descriptor');
    const { get, set } = own;
    eachOdd((value, name) => {
      if (get === undefined) return;
      t.call(() => get.call(value), `get of ${name}`);
      t.call(() => set.call(value, value), `set of ${name}`);
      t.call(() => Reflect.construct(get, []), `new get`);
      const heir = Object.create(new Error());
      Object.defineProperty(heir, 'name', { value });
      t.call(() => heir.stack, `heir with ${name}`);
    });
  },
});
