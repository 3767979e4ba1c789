/** A bundled worker behaves as the ES module that it was, whether it went through esbuild or not. */

import t from 'tap';
import { stopCompiler } from '../../src/bundle/compile.ts';
import { metaUrl, run } from '../helpers/bundle.ts';

t.teardown(stopCompiler);

/** The same module on both ways: alone, and with an import that takes it through esbuild. */
const ways = { 'on its own': '', 'through esbuild': 'import "./effect.js";' };

for (const [way, head] of Object.entries(ways)) {
  const files = (text: string): Record<string, string> => ({
    'worker.js': `${head}${text}`,
    'effect.js': '',
  });

  t.test(`exports are live bindings (${way})`, async (t) => {
    const { read, names } = await run(
      t,
      files('export let counter = 1; export function count() { counter++; } export { counter as "a name" };'),
    );
    t.same(names.toSorted(), ['a name', 'count', 'counter']);
    t.equal(read('counter'), 1);
    read('count')();
    t.equal(read('counter'), 2);
    t.equal(read('a name'), 2);
  });

  t.test(`every form of export works (${way})`, async (t) => {
    const { read, names } = await run(
      t,
      files(`
        export const a = 1, { b, c: [d, ...e], ...f } = { b: 2, c: [3, 4, 5], g: 6 };
        export var h = 7; export let i;
        export function j() { return 8 } export async function* k() {}
        export class L { static make() { return new L() } }
        const m = 9; export { m, m as n, m as __proto__, m as "string name" };
        export default { fetch() { return m } }
        i = 10;`),
    );
    const values = { a: 1, b: 2, d: 3, h: 7, i: 10, m: 9, n: 9, 'string name': 9 };
    for (const [name, value] of Object.entries(values)) t.equal(read(name), value, name);
    t.equal(read('__proto__'), 9);
    t.equal(JSON.stringify([read('e'), read('f'), read('j')()]), '[[4,5],{"g":6},8]');
    t.equal(read('L').make().constructor.name, 'L');
    t.equal(read('default').fetch(), 9);
    t.equal(names.length, 15);
  });

  t.test(`functions are hoisted, and an export can be used before its statement (${way})`, async (t) => {
    const { read } = await run(t, files('export const early = late(); export function late() { return 1 }'));
    t.equal(read('early'), 1);
  });

  t.test(`anonymous default exports of every kind work (${way})`, async (t) => {
    const kinds = {
      'function () { return 1 }': (value: () => unknown) => value(),
      'async function () {}': (value: () => Promise<unknown>) => String(value().then),
      'function* () { yield 1 }': (value: () => Iterator<number>) => value().next().value,
      'class { x = 1 }': (Value: new () => { x: number }) => new Value().x,
      '() => 1': (value: () => unknown) => value(),
      '(1, 2)': (value: number) => value - 1,
      '[1][0]': (value: number) => value,
      '/x/.exec("x").length;': (value: number) => value,
    };
    for (const [text, probe] of Object.entries(kinds)) {
      const { read } = await run(t, files(`export default ${text}\n;[0].map(String)`));
      t.ok(probe(read('default')), text);
    }
  });

  t.test(`a named default export is a variable of the module (${way})`, async (t) => {
    const { read } = await run(
      t,
      files('export default function handler() { return 1 } export const same = handler; handler = 2;'),
    );
    t.equal(read('same')(), 1);
    t.equal(read('default'), 2);
  });

  t.test(`this is undefined, the code is strict, and there is no arguments (${way})`, async (t) => {
    const { read } = await run(
      t,
      files(`
        export const self = typeof this, arrow = (() => typeof this)();
        export const callee = (function () { return this })();
        export let implicit; try { notDeclared = 1 } catch (error) { implicit = error.name }
        export const list = typeof arguments;`),
    );
    t.equal(read('self'), 'undefined');
    t.equal(read('arrow'), 'undefined');
    t.equal(read('callee'), undefined);
    t.equal(read('implicit'), 'ReferenceError');
    if (head !== '') t.equal(read('list'), 'undefined');
  });

  t.test(`top-level await suspends the module, and nothing else is async (${way})`, async (t) => {
    const { read, bundle } = await run(
      t,
      files(`
        export const first = await Promise.resolve(1);
        export const all = []; for await (const each of [2, Promise.resolve(3)]) all.push(each);`),
    );
    t.ok(bundle.topLevelAwait);
    t.equal(read('first'), 1);
    t.equal(JSON.stringify(read('all')), '[2,3]');
    const plain = await run(
      t,
      files('export const later = async () => { await 1; for await (const x of []) x; return 2 }'),
    );
    t.notOk(plain.bundle.topLevelAwait);
    t.equal(await plain.read('later')(), 2);
  });

  t.test(`import.meta is the realm's (${way})`, async (t) => {
    const { read } = await run(
      t,
      files('export default import.meta.url; export const same = import.meta === import.meta;'),
    );
    t.equal(read('default'), metaUrl);
    t.equal(read('same'), true);
  });

  t.test(`import() of what is not in the bundle is a rejected promise (${way})`, async (t) => {
    const { read } = await run(
      t,
      files(
        'const name = ["no", "where"].join(""); export default () => import(name, { with: { type: "json" } })',
      ),
    );
    await t.rejects(read('default')(), { message: 'no nowhere' });
  });

  t.test(`class features and using declarations work (${way})`, async (t) => {
    const { read } = await run(
      t,
      files(`
        const log = [];
        class Counter {
          static #made = 0; #n = 1; static { log.push('static block') }
          static make() { Counter.#made++; return new Counter() }
          next = () => this.#n++; get made() { return Counter.#made } static is(x) { return #n in x }
        }
        { using open = { [Symbol.dispose]() { log.push('closed') } }; log.push('open') }
        const counter = Counter.make(); counter.next();
        export default [counter.next(), counter.made, Counter.is(counter), Counter.name, ...log].join(' ');`),
    );
    t.equal(read('default'), '2 1 true Counter static block open closed');
  });

  t.test(`await using makes the module async (${way})`, async (t) => {
    const { read, bundle } = await run(
      t,
      files(
        'export let closed = false; await using x = { async [Symbol.asyncDispose]() { closed = true } };',
      ),
    );
    t.ok(bundle.topLevelAwait);
    t.equal(read('closed'), true);
  });

  t.test(`a hashbang is only a comment (${way})`, async (t) => {
    const { read } = await run(t, {
      ...files(''),
      'worker.js': `#!/usr/bin/env node\n${head}export default 1`,
    });
    t.equal(read('default'), 1);
  });
}

t.test('bindings stay live across modules, re-exports and namespaces', async (t) => {
  const { read } = await run(t, {
    'worker.js': `
      import { count, increment } from './counter.js';
      import * as all from './barrel.js';
      export { count, increment, all };
      export { count as again } from './barrel.js';
      export * from './barrel.js';
      export * as named from './counter.js';
      export const now = () => [count, all.count, all.default === undefined].join();`,
    'barrel.js': `export * from './counter.js'; export { default as original, increment as step } from './counter.js';`,
    'counter.js': `export let count = 0; export const increment = () => ++count; export default 'counter';`,
  });
  read('step')();
  read('increment')();
  t.equal(read('now')(), '2,2,true');
  t.equal(read('again'), 2);
  t.equal(read('named').count, 2);
  t.equal(read('original'), 'counter');
});

t.test('modules in a circle see each other’s functions at once and their values later', async (t) => {
  const { read } = await run(t, {
    'worker.js': `import { fromB, early } from './b.js'; export function fromA() { return 'a' } export { fromB, early }; export const a = 'value a';`,
    'b.js': `import { fromA, a } from './worker.js'; export const early = fromA(); export const fromB = () => a;`,
  });
  t.equal(read('early'), 'a');
  t.equal(read('fromB')(), 'value a');
});

t.test('modules are evaluated once, in the order of the imports', async (t) => {
  const { context } = await run(t, {
    'worker.js': `import './a.js'; import './b.js'; globalThis.log.push('worker'); export default 1;`,
    'a.js': `import './log.js'; import './b.js'; log.push('a');`,
    'b.js': `import './log.js'; log.push('b');`,
    'log.js': `globalThis.log = ['log'];`,
  });
  t.equal(String(context['log']), 'log,b,a,worker');
});

t.test('a dependency with top-level await delays its importers', async (t) => {
  const { read, bundle } = await run(t, {
    'worker.js': `import { ready } from './slow.js'; export default ready;`,
    'slow.js': `await new Promise((done) => Promise.resolve().then(done)); export const ready = true;`,
  });
  t.ok(bundle.topLevelAwait);
  t.equal(read('default'), true);
});

t.test('import() of a module of the bundle gives its namespace, evaluates it late and once', async (t) => {
  const { read, context } = await run(t, {
    'worker.js': `
      globalThis.evaluations = 0;
      export const load = () => import('./late.js');
      export const loadAsync = async () => (await import('./late-await.js')).default;`,
    'late.js': `evaluations++; export let n = 1; export const add = () => n++; export default class Late {}`,
    'late-await.js': `export default await Promise.resolve('awaited');`,
  });
  t.equal(context['evaluations'], 0);
  const first = await read('load')();
  const second = await read('load')();
  t.equal(context['evaluations'], 1);
  t.equal(first, second);
  first.add();
  t.equal(second.n, 2);
  t.equal(first.default.name, 'Late');
  t.equal(await read('loadAsync')(), 'awaited');
});

t.test('classes keep their names where esbuild renames them', async (t) => {
  const { read } = await run(t, {
    'worker.js': `
      import { Item as Base } from './item.js';
      export class Item { static of() { return new Item() } }
      export const Named = class _Named { static of() { return new _Named() } };
      export class Sub extends Base { self() { return Sub } base() { return Base } }
      export const late = () => import('./item.js');
      export { Base };`,
    'item.js': `export class Item { static of() { return new Item() } }`,
  });
  t.equal(read('Item').of().constructor.name, 'Item');
  t.equal(read('Base').of().constructor.name, 'Item');
  t.equal(read('Named').of().constructor.name, '_Named', 'a name that the author gave stays');
  t.equal(new (read('Sub'))().self().name, 'Sub');
  t.equal(new (read('Sub'))().base(), read('Base'));
  t.equal((await read('late')()).Item, read('Base'));
});

t.test('a class whose name means another class inside keeps both meanings', async (t) => {
  const { read } = await run(t, {
    'worker.js': `
      import { Item as Base } from './item.js';
      export class Item extends Base { static of() { return new Item() } base() { return new Base() } }`,
    'item.js': `export class Item { kind = 'base' }`,
  });
  const item = read('Item').of();
  t.equal(item.constructor, read('Item'));
  t.not(item.base().constructor, read('Item'));
});

t.test(
  'TypeScript: types vanish, enums and parameter properties work, unused imports are dropped',
  async (t) => {
    const { read, bundle } = await run(t, {
      'worker.ts': `
      import type { Shape } from './types.ts';
      import { area, type Size } from './area';
      enum Color { Red, Green = 'green' }
      const enum Inline { One = 1 }
      namespace Space { export const inner = Inline.One }
      abstract class Base<T> { constructor(protected readonly size: T) {} }
      class Square extends Base<number> implements Shape { declare kind: string; area(): number { return area(this.size!) } }
      export default { area: new Square(3).area(), color: Color.Green satisfies string, red: Color[0], inner: Space.inner };
      export type { Size };`,
      'area.ts': `export interface Size {} export const area = (n: number): number => n ** 2;`,
      'types.ts': `throw new Error('never evaluated'); export interface Shape { area(): number }`,
    });
    t.equal(JSON.stringify(read('default')), '{"area":9,"color":"green","red":"Red","inner":1}');
    t.notMatch(bundle.code, 'never evaluated');
  },
);

t.test('JSX uses the factory that tsconfig.json names, and decorators are compiled', async (t) => {
  const { read } = await run(t, {
    'worker.tsx': `
      const h = (tag: string, props: object | null, ...children: unknown[]) => [tag, props, children];
      const upper = (value: () => string, _: unknown) => function (this: unknown) { return value.call(this).toUpperCase() };
      class Page { @upper title() { return 'title' } }
      export default JSON.stringify(<p id="x">{new Page().title()}</p>);`,
    'tsconfig.json': '{ "compilerOptions": { "jsx": "react", "jsxFactory": "h" } }',
  });
  t.equal(read('default'), '["p",{"id":"x"},["TITLE"]]');
});
