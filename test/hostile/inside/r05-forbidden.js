/** What would share memory, block the thread, or compile code. */

import sample from './sample.wasm';
import { attacker } from './kit.js';

const header = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
const sharedMemory = () => new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });

export default attacker({
  'the globals are gone, and nothing brings them back'(t) {
    for (const name of [
      'Atomics',
      'SharedArrayBuffer',
      'gc',
      'process',
      'require',
      'global',
      'module',
      'Buffer',
      'setImmediate',
    ]) {
      t.same(typeof globalThis[name], 'undefined', name);
      t.same(name in globalThis, false, name);
    }
    const frame = Object.getOwnPropertyNames(globalThis).filter((name) =>
      /node|v8|internal|binding/i.test(name),
    );
    t.same(frame.join(), '', 'names of Node');
  },

  'shared memory is found by way of WebAssembly, and wakes nobody'(t) {
    const { buffer } = sharedMemory();
    t.walk(buffer, 'buffer');
    const { constructor } = buffer;
    t.walk(new constructor(8), 'made');
    t.same(constructor.prototype, Object.getPrototypeOf(buffer), 'the prototype');
    t.call(() => new constructor(8, { maxByteLength: 16 }).grow(16), 'grow');
  },

  async 'shared memory wherever bytes are taken'(t) {
    const { buffer } = sharedMemory();
    const bytes = () => new Uint8Array(buffer, 0, 8);
    const uses = {
      body: () => new Response(bytes()).bytes(),
      'body of a buffer': () => new Response(buffer).text(),
      request: () =>
        t.env.OTHER.fetch('http://x/', { method: 'POST', body: bytes() }).then((response) =>
          response.bytes(),
        ),
      blob: () => new Blob([bytes(), buffer]).arrayBuffer(),
      decode: () => new TextDecoder().decode(bytes()),
      'decode legacy': () => new TextDecoder('big5').decode(bytes()),
      encodeInto: () => new TextEncoder().encodeInto('text', bytes()),
      random: () => crypto.getRandomValues(bytes()),
      clone: () => structuredClone(bytes()),
      transfer: () => structuredClone(buffer, { transfer: [buffer] }),
      enqueue: () =>
        new ReadableStream({ type: 'bytes', pull: (controller) => controller.enqueue(bytes()) })
          .getReader()
          .read(),
      byob: () =>
        new ReadableStream({ type: 'bytes', pull: (controller) => controller.enqueue(new Uint8Array(2)) })
          .getReader({ mode: 'byob' })
          .read(bytes()),
      compress: () =>
        new Response(ReadableStream.from([bytes()]).pipeThrough(new CompressionStream('gzip'))).bytes(),
      form: () => {
        const form = new FormData();
        form.append('a', new Blob([bytes()]));
        return new Response(form).text();
      },
      console: () => console.log(buffer, bytes()),
      url: () => new URLSearchParams(bytes()),
    };
    for (const [name, use] of Object.entries(uses)) {
      const { value } = await t.settle(use, name);
      const of = value?.buffer ?? value;
      if (name !== 'random' && of === buffer) t.fail(`${name} gave the shared memory itself`);
    }
  },

  async 'no code is compiled'(t) {
    const attempts = {
      Module: () => new WebAssembly.Module(header),
      'Module of a buffer': () => new WebAssembly.Module(header.buffer),
      'Reflect.construct': () => Reflect.construct(WebAssembly.Module, [header]),
      'a subclass': () => new (class extends WebAssembly.Module {})(header),
      'a bound constructor': () => new (WebAssembly.Module.bind(null, header))(),
      'a constructor of an instance': () => new sample.constructor(header),
      instantiate: () => WebAssembly.instantiate(header),
      'instantiate of a Response': () => WebAssembly.instantiate(new Response(header)),
      'instantiate by call': () => Reflect.apply(WebAssembly.instantiate, undefined, [header, {}]),
      validate: () => WebAssembly.validate(header),
      compile: () => WebAssembly.compile(header),
      compileStreaming: () => WebAssembly.compileStreaming(new Response(header)),
      instantiateStreaming: () => WebAssembly.instantiateStreaming(new Response(header)),
      'a new Function of WebAssembly': () =>
        new WebAssembly.Function({ parameters: [], results: [] }, () => {}),
    };
    for (const [name, attempt] of Object.entries(attempts)) {
      const { value } = await t.settle(attempt, name);
      if (value instanceof WebAssembly.Module || value?.module instanceof WebAssembly.Module)
        t.fail(`${name} compiled`);
    }
    for (const name of ['compile', 'compileStreaming', 'instantiateStreaming', 'validate']) {
      t.same(name in WebAssembly, false, name);
    }
  },

  async 'an instance, its imports and its traps'(t) {
    const given = [];
    const make = (f) => new WebAssembly.Instance(sample, { m: { f } });
    const instance = make((...args) => given.push(...args));
    t.walk(instance, 'instance');
    t.call(() => instance.exports.trap(), 'trap');
    t.call(() => instance.exports.call(Symbol('argument')), 'odd argument');
    t.call(
      () => instance.exports.call({ valueOf: () => t.call(() => new Error().stack) }),
      'active argument',
    );
    t.call(
      () =>
        make(() => {
          throw Object.create(null);
        }).exports.call(1),
      'odd error',
    );
    t.call(
      () =>
        make(function () {
          t.walk(this, 'this');
          t.walk([...arguments], 'arguments');
          return { valueOf: () => 1n };
        }).exports.call(1),
      'odd result',
    );
    t.call(
      () => new WebAssembly.Instance(sample, new Proxy({}, { get: () => new Proxy(() => {}, {}) })),
      'proxies as imports',
    );
    t.call(
      () =>
        new WebAssembly.Instance(sample, {
          get m() {
            throw new Error('import');
          },
        }),
      'imports that throw',
    );
    const { memory } = instance.exports;
    const before = memory.buffer;
    memory.grow(1);
    t.same(before.byteLength, 0, 'the old buffer is detached');
    await t.settle(() => structuredClone(memory.buffer, { transfer: [memory.buffer] }), 'transfer of memory');
    await t.settle(() => new Response(memory.buffer).bytes(), 'body of memory');
    t.walk(memory, 'memory');
  },

  async 'a stack that is switched by WebAssembly'(t) {
    const suspending = new WebAssembly.Suspending(() => new Promise((resolve) => setTimeout(resolve, 0, 7)));
    const { exports } = new WebAssembly.Instance(sample, { m: { f: suspending } });
    const call = WebAssembly.promising(exports.call);
    t.walk(call, 'promising');
    const { value } = await t.settle(() => call(1), 'suspended');
    t.same(value, 7, 'the result');
    await t.settle(() => exports.call(1), 'suspended outside');
    const deep = () => {
      try {
        return deep();
      } catch {
        return call(1);
      }
    };
    await t.settle(deep, 'at the end of the stack');
    const inside = new WebAssembly.Instance(sample, {
      m: {
        f: () => {
          const down = () => {
            try {
              return down();
            } catch (error) {
              t.walk(error, 'overflow of a small stack');
              return 1;
            }
          };
          t.call(() => new URL('http://x/'), 'a URL on a small stack');
          return down();
        },
      },
    });
    await t.settle(() => WebAssembly.promising(inside.exports.call)(1), 'overflow on a small stack');
  },
});
