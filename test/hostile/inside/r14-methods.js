/** Methods called from realm to realm, by a caller that does what it can. `METHODS` looks at what it is given, and is not its own. */

import {
  DurableObject,
  env,
  RpcPromise,
  RpcProperty,
  RpcStub,
  RpcTarget,
  WorkerEntrypoint,
} from 'cloudflare:workers';
import { attacker, callableBy } from './kit.js';

const { Object, Reflect, Function, Symbol, Proxy, Promise } = globalThis;

// Stubs and their properties are functions without the methods of functions: any name is one of the other side.
callableBy(RpcStub.prototype);
callableBy(Reflect.getPrototypeOf(env.METHODS.look));

class Mine extends RpcTarget {
  field = Function;
  method(...args) {
    return args.length;
  }
}

const values = () => ({
  primitives: [undefined, null, true, 1, 1n, 'text', '\ud800'],
  plain: { a: { b: [{}] }, __proto__: { inherited: 1 } },
  'a null prototype': Object.assign(Object.create(null), { constructor: 1 }),
  'an own __proto__': JSON.parse('{"__proto__": {"constructor": 1}, "constructor": {"prototype": {}}}'),
  'a class': new (class A {
    get x() {
      return 1;
    }
  })(),
  'built-ins': [new Date(), /x/g, new Map([[{}, new Set([{}])]]), new Error('e', { cause: {} }), Object(1n)],
  bytes: [new Uint8Array(8), new DataView(new ArrayBuffer(4)), new ArrayBuffer(8, { maxByteLength: 16 })],
  web: [
    new Headers({ a: 'b' }),
    new URL('http://x/'),
    new URLSearchParams('a=b'),
    new Request('http://x/', { method: 'POST', body: 'x' }),
  ],
  more: [
    new Response('x'),
    new Blob(['x']),
    new File(['x'], 'constructor'),
    new DOMException('m', 'DataError'),
  ],
  streams: [
    ReadableStream.from([new Uint8Array(1)]),
    new WritableStream(),
    AbortSignal.abort({ reason: {} }),
    new AbortController().signal,
  ],
  references: [() => Object, new Mine(), new RpcStub(new Mine()), new RpcStub(() => 1)],
  'what cannot cross': new WeakMap(),
  'a symbol': Symbol('s'),
  'a proxy': new Proxy({}, {}),
  'a revoked proxy': (() => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  })(),
  'a getter that throws': {
    get x() {
      throw new Error('mine');
    },
  },
  'a getter that overflows': {
    get x() {
      const dive = () => dive();
      return dive();
    },
  },
  'a used body': (() => {
    const response = new Response('x');
    response.text();
    return response;
  })(),
  'a locked stream': (() => {
    const stream = new ReadableStream();
    stream.getReader();
    return stream;
  })(),
  deep: (() => {
    let value = {};
    for (let i = 0; i < 5000; i++) value = { value };
    return value;
  })(),
});

const names = [
  'constructor',
  '__proto__',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '__defineGetter__',
  '__lookupGetter__',
  'call',
  'apply',
  'bind',
  'secret',
  'env',
  'ctx',
  'fetch',
  'connect',
  'dup',
  'alarm',
  'then',
  'catch',
  'finally',
  'toJSON',
  'length',
  'name',
  'arguments',
  'caller',
  '',
  '0',
];

export default attacker({
  async 'what a method is given belongs to its realm'(t) {
    const all = values();
    for (const name of Reflect.ownKeys(all)) {
      for (const method of ['look', 'lookLater']) {
        const { value, error } = await t.settle(
          () => t.env.METHODS[method](values()[name]),
          `${method}: ${name}`,
        );
        t.walk(error, name);
        if (value !== undefined) t.same(value, '', `${method}: ${name}`);
      }
    }
  },

  async 'what comes back belongs to the caller'(t) {
    const all = values();
    for (const name of Reflect.ownKeys(all)) {
      const { value } = await t.settle(() => t.env.METHODS.echo(values()[name]), `echo: ${name}`);
      t.walk(value, name);
    }
    for (const method of ['counter', 'stubOf', 'fn', 'later', 'thenable', 'getters', 'constructors'])
      await t.settle(() => t.env.METHODS[method](), method);
  },

  async 'what is thrown belongs to the caller'(t) {
    for (const kind of ['', 'getter', 'proxy', 'cause', 'symbol', 'function']) {
      const { error } = await t.settle(() => t.env.METHODS.fail(kind), `fail: ${kind}`);
      t.ok(error instanceof Error, `fail: ${kind}`);
      t.walk(error.stack, 'stack');
    }
  },

  async 'no name leads out of the class'(t) {
    const counter = await t.env.METHODS.counter();
    for (const stub of [
      t.env.METHODS,
      counter,
      t.env.METHODS.counter(),
      t.env.METHODS.look,
      t.ctx.exports.default,
    ]) {
      for (const name of names) {
        t.call(() => stub[name], name);
        await t.settle(() => stub[name], `${name} read`);
        await t.settle(() => stub[name](), `${name} called`);
        await t.settle(() => stub[name].constructor.constructor('return 1')(), `${name} constructor`);
        await t.settle(() => Reflect.apply(stub[name], undefined, [Object]), `${name} applied`);
      }
      for (const symbol of [Symbol.iterator, Symbol.toPrimitive, Symbol.hasInstance, Symbol('own')])
        t.call(() => stub[symbol], 'a symbol');
      t.walk(Reflect.getPrototypeOf(stub), 'prototype');
      t.walk(Reflect.ownKeys(stub), 'own keys');
    }
    const { error } = await t.settle(() => t.env.METHODS.secret(), 'secret');
    t.ok(/does not implement/.test(error.message), 'a field is no method');
  },

  async 'a callback is called in its own realm, with its own values'(t) {
    const seen = [];
    const problems = await t.env.METHODS.use(
      function (...args) {
        seen.push(this, args);
        return { back: [Object, () => 1] };
      },
      { a: 1 },
      () => 1,
    );
    t.same(problems, '', 'the callee');
    t.walk(seen, 'the callback');
    const target = await t.env.METHODS.use(new Mine(), 1);
    t.same(target, '', 'a target');
  },

  async 'stubs, promises and properties show nothing of their inside'(t) {
    const stub = await t.env.METHODS.counter();
    const promise = t.env.METHODS.counter();
    const property = t.env.METHODS.echo;
    for (const value of [
      stub,
      promise,
      property,
      RpcStub,
      RpcPromise,
      RpcProperty,
      RpcTarget,
      WorkerEntrypoint,
      DurableObject,
    ]) {
      t.walk(value, 'value');
      t.call(() => Object.getOwnPropertyDescriptors(value), 'descriptors');
      t.call(() => new value(() => {}, {}), 'new');
      t.call(() => value(() => {}, {}), 'call');
      t.call(() => structuredClone(value), 'clone');
      t.call(() => console.log(value), 'console');
    }
    t.call(() => Reflect.construct(promise.constructor, [() => {}, { ops: {} }]), 'construct');
    t.call(() => RpcStub.prototype.dup.call({}), 'dup of another');
    t.call(() => RpcStub.prototype[Symbol.dispose].call(Object), 'dispose of another');
    await promise;
  },

  async 'what breaks belongs to whoever watches it'(t) {
    const stub = await t.env.METHODS.counter();
    const own = new RpcStub(new Mine());
    const heard = Promise.withResolvers();
    for (const watched of [
      stub,
      own,
      stub.dup(),
      t.env.METHODS.counter(),
      t.env.METHODS.counter().self,
      stub.self(),
    ]) {
      t.call(() => watched.onRpcBroken(Object), 'a callback');
      t.call(() => watched.onRpcBroken({}), 'no callback');
      t.call(() => watched.onRpcBroken.call({}, () => {}), 'of another');
    }
    t.env.METHODS.fail('').onRpcBroken((...args) => heard.resolve(args));
    t.walk(await heard.promise, 'the error');
    t.env.METHODS.fail('').onRpcBroken(() => {
      throw Object;
    });
    own[Symbol.dispose]();
    t.call(() => own.onRpcBroken(() => {}), 'disposed');
  },

  async 'patched built-ins see nothing of a call'(t) {
    const { METHODS } = t.env;
    let seen;
    const { apply } = Reflect;
    const see = (value) => {
      seen = { value, next: seen };
    };
    const patch = (holder, key) => {
      const original = holder[key];
      holder[key] = function (...args) {
        see(this);
        see(args);
        return apply(original, this, args);
      };
    };
    await METHODS.echo({ warm: [new Map(), new Error('x')] });
    for (const key of ['get', 'set', 'has']) {
      patch(Map.prototype, key);
      patch(WeakMap.prototype, key);
    }
    for (const key of ['push', 'map', 'slice', Symbol.iterator]) patch(Array.prototype, key);
    for (const key of ['then', 'catch']) patch(Promise.prototype, key);
    for (const key of ['call', 'apply', 'bind']) patch(Function.prototype, key);
    Object.defineProperty(Object.prototype, 'ops', { configurable: true, set: see });
    Object.defineProperty(Object.prototype, '0', { configurable: true, set: see });
    const all = values();
    for (const name of Reflect.ownKeys(all)) {
      try {
        t.walk(await METHODS.echo(all[name]), name);
      } catch (error) {
        t.walk(error, name);
      }
    }
    t.walk(seen, 'seen');
  },

  async 'services that call each other end with an error'(t) {
    const { error } = await t.settle(() => t.env.METHODS.recurse(t.env.METHODS, 0), 'recurse');
    t.ok(/64 levels/.test(error.message), error.message);
    t.same(await t.env.METHODS.echo(1), 1, 'afterwards');
  },
});
