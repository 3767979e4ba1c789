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
});
