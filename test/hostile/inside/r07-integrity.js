/** Attacks on what the prelude keeps for itself: through the realm's prototypes, through its classes, through what its functions return. */

import { attacker } from './kit.js';

const url = 'http://test/';

/** Calls the function while setters on Array.prototype keep every array that something is stored in. */
function stealArrays(action) {
  const stolen = [];
  const { defineProperty } = Reflect;
  for (let i = 0; i < 16; i++) {
    defineProperty(Array.prototype, i, {
      __proto__: null,
      configurable: true,
      set(value) {
        defineProperty(stolen, stolen.length, {
          __proto__: null,
          value: this,
          writable: true,
          configurable: true,
        });
        defineProperty(this, i, {
          __proto__: null,
          value,
          writable: true,
          enumerable: true,
          configurable: true,
        });
      },
    });
  }
  try {
    return [action(), stolen];
  } finally {
    for (let i = 0; i < 16; i++) delete Array.prototype[i];
  }
}

/** Whatever was stolen is changed: texts that no header could be made of. */
function poison(stolen) {
  for (const list of stolen) {
    try {
      list.push('x-injected\nyes\n\nno', 'x\n\r\n');
      list.length = 1;
      list[0] = 'x-injected\nyes\nx-more\n\n';
    } catch {
      // has no such method
    }
  }
}

/** What the other service sees of the headers. */
async function headersThere(t, init) {
  const response = await t.env.OTHER.fetch(`${url}headers`, init);
  return response.text();
}

/** Parents that a derived class must not come to call. */
function fakeParent(t, ctor, given) {
  const before = Object.getPrototypeOf(ctor);
  function parent(...args) {
    given.push(...args);
    return Reflect.construct(before, args, new.target);
  }
  parent.prototype = before.prototype;
  t.call(() => void Object.setPrototypeOf(ctor, parent), `parent of ${ctor.name}`);
  return () => t.call(() => void Object.setPrototypeOf(ctor, before));
}

const derived = () =>
  Object.getOwnPropertyNames(globalThis)
    .map((name) => globalThis[name])
    .filter(
      (value) => typeof value === 'function' && typeof Object.getPrototypeOf(value)?.prototype === 'object',
    );

/** Ways to make one of each derived class; most take what their parents take. */
const makers = {
  File: (Ctor) => new Ctor(['x'], 'name'),
  FetchEvent: (Ctor) => new Ctor('x', { request: new Request(url) }),
  PromiseRejectionEvent: (Ctor) => new Ctor('x', { promise: Promise.resolve() }),
  IdentityTransformStream: (Ctor) => new Ctor(),
  FixedLengthStream: (Ctor) => new Ctor(1),
};

export default attacker({
  async 'lists of headers cannot be got at through Array.prototype'(t) {
    const [headers, stolen] = stealArrays(() => {
      const made = new Headers({ a: 'b', c: 'd' });
      made.append('e', 'f');
      made.set('a', 'g');
      made.delete('c');
      return made;
    });
    poison(stolen);
    t.same([...headers].join(' '), 'a,g e,f', 'the headers');
    t.same(await headersThere(t, { headers }), 'a: g\ne: f\n', 'the headers there');
  },

  async 'neither of a request, nor of one that is made of another'(t) {
    const [request, stolen] = stealArrays(() => {
      const first = new Request(url, {
        headers: [
          ['a', 'b'],
          ['c', 'd'],
        ],
        method: 'POST',
        body: 'x',
      });
      first.headers.append('e', 'f');
      return new Request(first, { headers: first.headers });
    });
    poison(stolen);
    t.same(
      await headersThere(t, request),
      'a: b\nc: d\ncontent-type: text/plain;charset=UTF-8\ne: f\n',
      'there',
    );
  },

  async 'nor of a response, a redirect or a form'(t) {
    const [response, stolen] = stealArrays(() => {
      const made = Response.json({ a: 1 }, { headers: { a: 'b' } });
      made.headers.append('set-cookie', 'c');
      made.headers.get('a');
      return made;
    });
    poison(stolen);
    t.same([...response.headers].join(' '), 'a,b content-type,application/json set-cookie,c', 'the headers');
  },

  async 'a redirect is followed with the headers that were sent'(t) {
    const [promise, stolen] = stealArrays(() =>
      t.env.OTHER.fetch(`${url}redirect-to-headers`, { headers: { a: 'b' } }),
    );
    poison(stolen);
    const response = await promise;
    t.same(await response.text(), 'a: b\n', 'there');
  },

  async 'header texts that would start another header'(t) {
    const bad = ['a\nb', 'a\rb', 'a\0b', '\na: b', 'a\n', 'a\r\n b', 'a\u2028b', 'a\u010ab', 'a\ud83d\ude00'];
    for (const value of bad) {
      for (const init of [
        { a: value },
        [['a', value]],
        { [value]: 'a' },
        [[value, 'a']],
        new Map([['a', value]]),
      ]) {
        const { value: made } = await t.settle(() => new Headers(init), JSON.stringify(value));
        if (made !== undefined)
          t.ok(![...made].flat().some((text) => /[\n\r\0]/.test(text)), `accepted ${JSON.stringify(value)}`);
      }
      await t.settle(() => new Response('x', { statusText: value }), 'statusText');
      await t.settle(() => t.env.OTHER.fetch(url, { method: value }), 'method');
      await t.settle(
        () => new Response(new Blob(['x'], { type: value })).headers.get('content-type'),
        'type',
      );
    }
    // The text is read once: what it is the second time does not count.
    let turn = 0;
    const changing = { toString: () => (turn++ === 0 ? 'a' : 'a\nb: c') };
    t.same([...new Headers({ x: changing })].join(), 'x,a', 'a text that changes');
  },

  async 'types of bodies become headers'(t) {
    const types = ['text/plain\nx-injected: 1', 'a/b\r\nc', 'ä/ö', 'a/b;c="\n"'];
    for (const type of types) {
      const bodies = [
        new Blob(['x'], { type }),
        new File(['x'], 'x', { type }),
        new Blob(['x']).slice(0, 1, type),
      ];
      for (const body of bodies) {
        const text = await headersThere(t, { method: 'POST', body });
        t.ok(!text.includes('injected'), text);
      }
      const { value } = await t.settle(
        () => new Response('x', { headers: { 'content-type': 'a/b' } }).blob(),
        'blob',
      );
      t.same(value.type, 'a/b', 'type');
    }
    const form = new FormData();
    form.append('a"\r\nx: y', new File(['x'], 'b"\r\nx: y', { type: 'c/d' }));
    const text = await new Response(form).text();
    t.ok(!/\r\nx: y/.test(text), text);
  },

  'a derived class hands nothing to a parent that a worker put there'(t) {
    for (const Ctor of derived()) {
      const given = [];
      const restore = fakeParent(t, Ctor, given);
      const make = makers[Ctor.name] ?? ((Class) => new Class('x'));
      t.call(() => make(Ctor), Ctor.name);
      t.call(() => new AbortController(), 'AbortController');
      t.call(() => performance.measure('m'), 'measure');
      t.call(() => new Response(new FormData()), 'form');
      restore();
      for (const value of given) {
        t.walk(value, `given to the parent of ${Ctor.name}`);
        if (Object(value) === value)
          t.call(() => new Ctor(value, value, value), `${Ctor.name} of what its parent was given`);
        const isToken =
          Object(value) === value && Reflect.ownKeys(value).length === 0 && typeof value !== 'function';
        if (isToken) t.fail(`${Ctor.name} gave its parent a token`);
      }
    }
  },

  'private fields are stamped on objects of the worker'(t) {
    const victims = () => [
      {},
      [],
      () => {},
      new Proxy({}, {}),
      globalThis,
      Object.prototype,
      new Response('x'),
      Object.create(null),
    ];
    for (const Ctor of derived()) {
      const before = Object.getPrototypeOf(Ctor);
      for (const victim of victims()) {
        t.call(
          () =>
            void Object.setPrototypeOf(Ctor, function () {
              return victim;
            }),
        );
        const make = makers[Ctor.name] ?? ((Class) => new Class('x'));
        t.call(() => make(Ctor), `stamped ${Ctor.name}`);
        t.call(() => make(Ctor), `stamped ${Ctor.name} twice`);
        t.call(() => new AbortController().abort(), 'abort');
        t.call(() => AbortSignal.any([AbortSignal.abort()]), 'any');
        for (const key of Reflect.ownKeys(Ctor.prototype)) {
          const descriptor = Reflect.getOwnPropertyDescriptor(Ctor.prototype, key);
          for (const fn of [descriptor.get, descriptor.set, descriptor.value]) {
            if (typeof fn === 'function')
              t.call(
                () => Reflect.apply(fn, victim, [{}, {}]),
                `${Ctor.name}.${String(key)} of a stamped object`,
              );
          }
        }
        t.call(() => void Object.setPrototypeOf(Ctor, before));
      }
    }
  },

  async 'a class that extends what returns an object of the platform'(t) {
    const made = [
      new Response('x'),
      new Request(url),
      new Headers(),
      new ReadableStream(),
      new AbortController().signal,
      t.env.OTHER,
      t.ctx,
    ];
    for (const object of made) {
      class Stamp extends function () {
        return object;
      } {
        #mine = 1;
        static mine = (value) => value.#mine;
      }
      new Stamp();
      t.same(Stamp.mine(object), 1, 'the stamp');
      t.walk(object, 'stamped');
    }
    await t.settle(() => made[0].text(), 'text');
    await t.settle(() => t.env.OTHER.fetch(made[1]), 'fetch');
  },

  async 'prototypes of instances are replaced'(t) {
    const response = new Response('text');
    Object.setPrototypeOf(response, null);
    const { value } = await t.settle(() => Reflect.apply(Response.prototype.text, response, []), 'text');
    t.same(value, 'text', 'the text');
    const request = Object.setPrototypeOf(
      new Request(url, { method: 'POST', body: 'b' }),
      new Proxy({}, { get: () => t.fail('a trap') }),
    );
    const { value: answer } = await t.settle(() => t.env.OTHER.fetch(request), 'fetch');
    t.same(await answer.text(), 'b', 'the body there');
    const headers = Object.setPrototypeOf(new Headers({ a: 'b' }), Array.prototype);
    await t.settle(() => new Response('x', { headers }), 'headers');
    const signal = Object.setPrototypeOf(AbortSignal.abort(1), null);
    const { error } = await t.settle(() => t.env.OTHER.fetch(url, { signal }), 'signal');
    t.same(error, 1, 'the reason');
    const stream = Object.setPrototypeOf(new Response('streamed').body, null);
    t.same(await new Response(stream).text(), 'streamed', 'the stream');
    const view = Object.setPrototypeOf(new Uint8Array([104, 105]), null);
    t.same(await new Response(view).text(), 'hi', 'the bytes');
  },

  async 'methods are replaced that the prelude could call'(t) {
    const calls = [];
    const before = [];
    for (const Ctor of [
      Headers,
      Request,
      Response,
      URL,
      URLSearchParams,
      Blob,
      FormData,
      ReadableStream,
      AbortSignal,
      EventTarget,
      Event,
    ]) {
      for (const key of Reflect.ownKeys(Ctor.prototype)) {
        const descriptor = Reflect.getOwnPropertyDescriptor(Ctor.prototype, key);
        if (key === 'constructor' || !descriptor.configurable) continue;
        before.push([Ctor.prototype, key, descriptor]);
        const spy = function (...args) {
          calls[calls.length] = [`${Ctor.name}.${String(key)}`, this, args];
          throw new Error('replaced');
        };
        const { get, value } = descriptor;
        if (typeof value === 'function') Object.defineProperty(Ctor.prototype, key, { value: spy });
        else if (get !== undefined) Object.defineProperty(Ctor.prototype, key, { get: spy });
      }
    }
    const restore = () => {
      for (const [prototype, key, descriptor] of before) Object.defineProperty(prototype, key, descriptor);
    };
    const form = new FormData();
    const uses = [
      () => new Request(url, { headers: { a: 'b' }, method: 'POST', body: 'x' }),
      () => new Request(new Request(url, { headers: { a: 'b' } }), { headers: new Map([['a', 'b']]) }),
      () => new Response('x', { headers: [['a', 'b']] }),
      () => new Response(form),
      () => new Response(new Blob(['x'], { type: 'a/b' })),
      () => Response.json({}),
      () => Response.redirect(url),
      () =>
        t.env.OTHER.fetch(url, {
          method: 'POST',
          body: new ReadableStream({ pull: (c) => c.close() }),
          duplex: 'half',
        }),
      () => t.env.OTHER.fetch(url, { signal: AbortSignal.timeout(1000) }),
      () => fetch('data:text/plain,x'),
      () => AbortSignal.any([AbortSignal.abort(), AbortSignal.timeout(1)]),
      () => structuredClone(new Blob(['x'])),
    ];
    for (const [i, use] of uses.entries()) {
      try {
        await use();
      } catch (error) {
        t.fail(`use ${i} failed: ${error.message}`);
      }
    }
    const called = calls.map(([name]) => name).join();
    restore();
    t.same(called, '', 'methods that were called');
    t.walk(calls, 'calls');
  },

  async 'look-alikes of requests and responses'(t) {
    const fake = Object.create(Response.prototype, {
      status: { value: 200 },
      headers: { value: new Headers() },
    });
    const { error } = await t.settle(() => t.env.OTHER.fetch(Object.create(Request.prototype)), 'request');
    t.ok(error instanceof TypeError, 'a Request without a brand');
    await t.settle(() => new Request(new Proxy(new Request(url), {})), 'a proxy of a Request');
    await t.settle(() => new Response(fake), 'a body that looks like a Response');
    await t.settle(() => Reflect.apply(Response.prototype.clone, fake, []), 'clone');
    await t.settle(
      () => Reflect.construct(Response, ['x'], Request),
      'a Response with a prototype of Request',
    );
    await t.settle(
      () => Reflect.construct(Request, [url], Response).text(),
      'a Request with a prototype of Response',
    );
    await t.settle(
      () => Reflect.construct(Response, ['x'], Object.assign(() => {}).bind()),
      'no constructor',
    );
    await t.settle(
      () => Reflect.construct(Response, ['x'], new Proxy(class {}, { get: () => null })),
      'a null prototype',
    );
    const odd = new Proxy(function () {}, {
      get(target, key, receiver) {
        t.walk([target, receiver], `new.target ${String(key)}`);
        return key === 'prototype' ? globalThis : Reflect.get(target, key);
      },
    });
    const { value } = await t.settle(() => Reflect.construct(Response, ['x'], odd), 'an odd new.target');
    t.same(Object.getPrototypeOf(value), globalThis, 'its prototype');
  },

  async 'species, constructors and thenables'(t) {
    const seen = [];
    const spy = function (...args) {
      seen.push(this, new.target, ...args);
      return {};
    };
    for (const Ctor of [Array, ArrayBuffer, Promise, RegExp, Map, Set, Object.getPrototypeOf(Uint8Array)]) {
      Object.defineProperty(Ctor, Symbol.species, { get: () => spy, configurable: true });
    }
    for (const Ctor of [Array, ArrayBuffer, Uint8Array, Promise]) {
      Object.defineProperty(Ctor.prototype, 'constructor', { get: () => spy, configurable: true });
    }
    const uses = [
      () => new Response(new Uint8Array([1, 2])).bytes(),
      () => new Response(new Uint8Array([1, 2])).arrayBuffer(),
      () => new Blob([new Uint8Array([1, 2, 3])]).slice(1).arrayBuffer(),
      () => new TextEncoder().encode('x'),
      () =>
        t.env.OTHER.fetch(url, { method: 'POST', body: new Uint8Array([1]) }).then((response) =>
          response.bytes(),
        ),
      () => structuredClone({ a: [new Uint8Array(1), new ArrayBuffer(1)] }),
      () =>
        new ReadableStream({ type: 'bytes', pull: (c) => c.enqueue(new Uint8Array(4)) })
          .getReader({ mode: 'byob' })
          .read(new Uint8Array(2)),
      () => crypto.getRandomValues(new Uint8Array(2)),
      () => new URLPattern('/:a', url).exec('http://test/b'),
    ];
    for (const [i, use] of uses.entries()) t.call(use, `use ${i}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    t.walk(seen, 'seen');
  },

  async 'keys that mean something on prototypes'(t) {
    const keys = [
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      'then',
      'get',
      'set',
      'value',
      'length',
    ];
    for (const key of keys) {
      const headers = t.call(() => new Headers({ [key]: 'x' }), key) ?? new Headers([[key, 'x']]);
      t.same(headers.get(key), 'x', `header ${key}`);
      const params = new URLSearchParams([[key, 'x']]);
      t.same(params.get(key), 'x', `parameter ${key}`);
      t.same(params.toString(), `${key}=x`, `text of ${key}`);
      const form = new FormData();
      form.append(key, 'x');
      t.same(form.get(key), 'x', `field ${key}`);
      const clone = structuredClone(JSON.parse(`{"${key}": {"a": 1}}`));
      t.ok(Object.hasOwn(clone, key), `clone of ${key}`);
      t.same(Object.getPrototypeOf(clone), Object.prototype, `prototype of the clone of ${key}`);
      const pattern = new URLPattern({ pathname: `/:${key.replaceAll('_', 'a')}` });
      t.walk(pattern.exec({ pathname: '/x' }), `groups of ${key}`);
      const target = new EventTarget();
      let heard = 0;
      target.addEventListener(key, () => heard++);
      target.dispatchEvent(new Event(key));
      t.same(heard, 1, `event ${key}`);
      console.count(key);
      console.time(key);
      performance.mark(key);
      const { value } = await t.settle(
        () => t.env.OTHER.fetch(`${url}headers`, { headers: { [`x-${key}`]: key } }),
        key,
      );
      t.ok((await value.text()).includes(key.toLowerCase()), `there, ${key}`);
    }
    t.same({}.a, undefined, 'Object.prototype');
  },
});
