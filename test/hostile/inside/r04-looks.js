/**
 * Objects with traps in every place that a host could look at. `witness` is the host's: it notes the file of whoever made a trap run. The
 * prelude may look, on behalf of the worker; the host never.
 */

import { attacker } from './kit.js';

const host = globalThis.witness;
delete globalThis.witness;

/** Notes who looks. It is a function of the host, whose errors are none of the question. */
function witness(what) {
  try {
    host(what);
  } catch {
    // the end of the stack
  }
}

const nameOf = (key) => (typeof key === 'string' || typeof key === 'symbol' ? String(key) : '');

const { ownKeys } = Reflect;
const traps = ownKeys(Reflect).filter((name) => typeof Reflect[name] === 'function');

/** A proxy that reports every look at it, what it gives for a property included. */
function watched(target, where, depth = 2) {
  const handler = {};
  for (const name of traps) {
    handler[name] = (...args) => {
      witness(`${where}: ${name} ${nameOf(args[1])}`);
      const value = Reflect[name](...args);
      const isFree =
        name !== 'get' || Object.getOwnPropertyDescriptor(args[0], args[1])?.configurable !== false;
      return depth > 0 && isFree && name === 'get' && Object(value) === value
        ? watched(value, `${where}.${nameOf(args[1])}`, depth - 1)
        : value;
    };
  }
  return new Proxy(target, handler);
}

/** An error with an accessor for everything that somebody may want to know of it. */
function watchedError(where) {
  const error = new RangeError('x');
  for (const key of [
    'name',
    'message',
    'stack',
    'code',
    'cause',
    'errors',
    'toString',
    'toJSON',
    'then',
    Symbol.toStringTag,
    Symbol.toPrimitive,
    Symbol.iterator,
    Symbol.for('nodejs.util.inspect.custom'),
  ]) {
    Object.defineProperty(error, key, {
      get() {
        witness(`${where}: get ${String(key)}`);
        return undefined;
      },
      configurable: true,
    });
  }
  return error;
}

const odd = (where) => [
  watchedError(where),
  watched(new TypeError('y'), where),
  watched({}, where),
  watched(() => {}, where),
];

const turns = async (count = 5) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setTimeout(resolve, 1));
};

export default attacker({
  async 'what is thrown where nobody catches it'(t) {
    for (const value of odd('thrown')) {
      const thrower = () => {
        throw value;
      };
      setTimeout(thrower, 0);
      queueMicrotask(thrower);
      clearInterval(setInterval(thrower, 1));
      Promise.reject(value);
      void (async () => thrower())();
      reportError(value);
      t.ctx.waitUntil(Promise.reject(value));
      const target = new EventTarget();
      target.addEventListener('x', thrower);
      t.call(() => target.dispatchEvent(new Event('x')), 'event');
    }
    await turns();
  },

  async 'promises that are odd themselves'(t) {
    const promise = Promise.reject(new Error('x'));
    for (const key of [
      'then',
      'catch',
      'constructor',
      'domain',
      Symbol.toStringTag,
      Symbol.for('nodejs.util.inspect.custom'),
    ])
      Object.defineProperty(promise, key, {
        get() {
          witness(`promise: get ${String(key)}`);
          return undefined;
        },
      });
    class Own extends Promise {
      static get [Symbol.species]() {
        witness('promise: species');
        return Promise;
      }
    }
    void Own.reject(1);
    t.ctx.waitUntil(watched(Promise.resolve(1), 'waitUntil'));
    t.ctx.waitUntil({
      get then() {
        witness('waitUntil: then');
        return undefined;
      },
    });
    await turns();
    t.ok(true, 'looked');
  },

  async 'what is logged, cloned and sent'(t) {
    for (const value of odd('sent')) {
      for (const name of ['log', 'error', 'dir', 'table', 'trace', 'group', 'count', 'time', 'assert'])
        t.call(() => console[name](value, { value }), name);
      t.call(
        () => console.log('%s %d %i %o %O %c %j', value, value, value, value, value, value, value),
        'format',
      );
      t.call(() => structuredClone(value), 'clone');
      await t.settle(() => t.env.OTHER.fetch(value), 'fetch');
      await t.settle(() => t.env.OTHER.fetch('http://x/', { method: 'POST', body: value }), 'body');
      await t.settle(
        () => t.env.OTHER.fetch('http://x/', { headers: value, cf: value, signal: value }),
        'init',
      );
      await t.settle(() => t.env.NETWORK.fetch('http://127.0.0.1:1/', { headers: value }), 'network');
      await t.settle(() => new Response(value), 'response');
      const controller = new AbortController();
      const call = t.settle(() => t.env.OTHER.fetch('http://x/hang', { signal: controller.signal }), 'hang');
      setTimeout(() => controller.abort(value), 1);
      await call;
      const body = new ReadableStream({ pull: (source) => source.error(value) });
      await t.settle(
        () => t.env.OTHER.fetch('http://x/', { method: 'POST', body, duplex: 'half' }),
        'stream',
      );
    }
  },

  async 'globals, and what a host may look for among them'(t) {
    const names = [
      'process',
      'require',
      'module',
      'Buffer',
      'global',
      'Temporal',
      'then',
      'toJSON',
      'name',
      'console',
    ];
    const symbols = [Symbol.toStringTag, Symbol.for('nodejs.util.inspect.custom'), Symbol.toPrimitive];
    for (const name of [...names, ...symbols]) {
      Object.defineProperty(globalThis, name, {
        get() {
          witness(`globalThis: get ${String(name)}`);
          return undefined;
        },
        configurable: true,
      });
    }
    for (const name of ['toString', 'valueOf', 'constructor', 'then', 'toJSON', 'domain']) {
      const before = Object.getOwnPropertyDescriptor(Object.prototype, name);
      Object.defineProperty(Object.prototype, name, {
        get() {
          witness(`Object.prototype: get ${name}`);
          return before?.value;
        },
        configurable: true,
      });
    }
    await turns();
    await t.settle(() => t.env.OTHER.fetch('http://x/', { method: 'POST', body: 'x' }), 'fetch');
    void Promise.reject(new Error('x'));
    setTimeout(() => {
      throw new Error('x');
    }, 0);
    await turns();
    t.ok(true, 'looked');
  },

  async answers(t) {
    for (let kind = 0; kind < 12; kind++)
      await t.settle(() => t.env.ODD.fetch(`http://x/${kind}`), `answer ${kind}`);
  },
});
