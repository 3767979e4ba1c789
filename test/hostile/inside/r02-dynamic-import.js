/** Ways to make V8 itself import something, which rejects with an error of the host. */

import { attacker } from './kit.js';

const nowhere = String('no such module');

/** A specifier that runs code when it becomes text. */
const active = (t) => ({
  toString() {
    t.call(() => new Error().stack, 'in toString');
    return nowhere;
  },
});

export default attacker({
  async 'every form of import()'(t) {
    const forms = {
      plain: () => import(nowhere),
      'a module of Node': () => import(String('node:fs')),
      'with attributes': () => import(nowhere, { with: { type: 'json' } }),
      'with attributes that throw': () =>
        import(nowhere, {
          get with() {
            throw new Error('with');
          },
        }),
      'with odd attributes': () => import(nowhere, { with: { type: Symbol('type') } }),
      'in a template': () => `${import(nowhere).catch((error) => t.walk(error, 'template'))}`,
      'in a tagged template': () =>
        String.raw(
          { raw: ['', ''] },
          import(nowhere).catch(() => {}),
        ),
      'in a class': () =>
        class {
          static [import(nowhere).catch((error) => t.walk(error, 'class'))] = 1;
        },
      'as a default': () => ((a = import(nowhere)) => a)(),
      'in an async generator': () =>
        (async function* () {
          yield import(nowhere);
        })().next(),
      'in an arrow in a getter': () =>
        ({
          get a() {
            return (() => import(nowhere))();
          },
        }).a,
      'of a data URL': () => import(String('data:text/javascript,export default 1')),
      'of the worker itself': () => import(String(import.meta.url)),
      'of a file': () => import(String('file:///etc/passwd')),
      'of a symbol': () => import(Symbol('specifier')),
      'of null': () => import(null),
      'of an object': () => import(active(t)),
      'of an object whose text is an object': () => import({ toString: () => ({}) }),
      'of a proxy': () => import(new Proxy({}, {})),
      'of __proto__': () => import(String('__proto__')),
      'of constructor': () => import(String('constructor')),
    };
    for (const [name, form] of Object.entries(forms)) {
      await t.settle(form, name);
      const { error, value } = await t.settle(form, name);
      t.walk(error ?? value, name);
    }
  },

  async 'the function that import() became is taken and used otherwise'(t) {
    const { error } = await t.settle(() => import(nowhere));
    t.ok(error instanceof TypeError, 'the error is a TypeError of the realm');
    t.same(Object.getPrototypeOf(error), TypeError.prototype, 'its prototype');
    t.ok(!error.stack.includes('node:'), error.stack);
  },

  async 'what a namespace of the bundle leads to'(t) {
    const { value } = await t.settle(() => import('./r02-imported.js'));
    t.same(value.default, 'imported', 'the default export');
    t.walk(value, 'namespace');
    t.call(() => (value.default = 1), 'assignment');
    t.call(() => Object.defineProperty(value, 'x', { value: 1 }), 'definition');
    const { value: again } = await t.settle(() => import('./r02-imported.js'));
    t.same(again, value, 'the namespace of the second import');
  },

  async 'Promise and then are patched while something is imported'(t) {
    const { then } = Promise.prototype;
    const seen = [];
    Promise.prototype.then = function (...args) {
      seen.push(this, ...args);
      return Reflect.apply(then, this, args);
    };
    Object.defineProperty(Promise.prototype, 'constructor', {
      get() {
        seen.push(this);
        return Promise;
      },
    });
    const outcome = await t.settle(() => import(nowhere));
    Promise.prototype.then = then;
    t.walk(outcome, 'outcome');
    t.walk(seen, 'seen');
  },

  async 'code in strings'(t) {
    const code = 'import("node:fs")';
    const attempts = {
      eval: () => eval(code),
      'indirect eval': () => (0, eval)(code),
      Function: () => Function(code)(),
      'new Function': () => new Function(code)(),
      AsyncFunction: () => new (async () => {}).constructor(code)(),
      GeneratorFunction: () => new function* () {}.constructor(code)().next(),
      AsyncGeneratorFunction: () => new async function* () {}.constructor(code)().next(),
      'Function of a bound function': () => (() => {}).bind().constructor(code)(),
      'Function of a proxy': () => new Proxy(() => {}, {}).constructor(code)(),
      'Function of a method of the platform': () => fetch.constructor(code)(),
      'Reflect.construct': () => Reflect.construct(Function, [code], Array)(),
      setTimeout: () => setTimeout(code),
      setInterval: () => setInterval(code),
      queueMicrotask: () => queueMicrotask(code),
      'an event handler': () => void (globalThis.onerror = code),
      'an event listener': () => addEventListener('x', code),
      'an async callback': () => Promise.resolve().then(code),
      'a reviver': () => JSON.parse('{}', code),
      'a replacer': () => 'a'.replace('a', code),
      'a source phase of WebAssembly': () => new WebAssembly.Module(new TextEncoder().encode(code)),
      'a code point of a regular expression': () => new RegExp(`(?<a>${code.replaceAll(/[^a-z]/g, '')})`),
    };
    for (const [name, attempt] of Object.entries(attempts)) {
      const { error } = await t.settle(attempt, name);
      if (/eval|Function|construct/.test(name)) t.same(error?.constructor, EvalError, name);
    }
  },

  'trusted strings and objects that stand for code'(t) {
    const object = { toString: () => 'import("node:fs")' };
    t.call(() => eval(object), 'eval of an object');
    t.call(() => eval(new String('import("node:fs")')), 'eval of a String');
    t.call(() => new Function(object)(), 'Function of an object');
  },
});
