/** Values that cross from one realm to another, as RPC copies them (HARDENING R14). */

import vm from 'node:vm';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { bundlePreludeFrom } from '../../src/bundle/bundle-prelude.ts';
import type { CopySource } from '../../src/realm/prelude/clone/copy-source.ts';

const main = fileURLToPath(new URL('../fixtures/foreign-copy/main.ts', import.meta.url));
const script = new vm.Script(await bundlePreludeFrom(main));

interface Half {
  readonly source: CopySource;
  readonly copyForeign: (value: unknown, source: CopySource, root: string) => unknown;
}

function makeHalf(): { context: vm.Context; half: Half } {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY);
  const start = script.runInContext(context) as (host: object) => Half;
  return { context, half: start({}) };
}

/** Copies what `make` yields in one realm into another, where `inspect` is called with the copy. */
function cross(make: string, inspect: string): unknown {
  const sender = makeHalf();
  const receiver = makeHalf();
  const value: unknown = vm.runInContext(make, sender.context);
  const look = vm.runInContext(`(copy) => JSON.stringify((${inspect})(copy))`, receiver.context) as (
    copy: unknown,
  ) => string;
  return JSON.parse(look(receiver.half.copyForeign(value, sender.half.source, 'args[0]')));
}

/** The same for what cannot cross: what the receiver's realm sees thrown. */
function refuse(make: string): unknown {
  const sender = makeHalf();
  const receiver = makeHalf();
  const value: unknown = vm.runInContext(make, sender.context);
  const look = vm.runInContext(
    '(copy) => { try { copy(); return ["copied"]; } catch (e) { return [Error.isError(e) && e instanceof Error, e.name, e.message]; } }',
    receiver.context,
  ) as (copy: () => unknown) => unknown[];
  return Array.from(look(() => receiver.half.copyForeign(value, sender.half.source, 'args[0]')));
}

t.test('every object of the copy belongs to the receiver', async (t) => {
  const local = `(copy) => [copy instanceof Object, copy.list instanceof Array, copy.map instanceof Map, [...copy.map.keys()][0] instanceof Object, copy.set instanceof Set, copy.date instanceof Date,
    copy.pattern instanceof RegExp, copy.bytes instanceof Uint8Array, copy.bytes.buffer instanceof ArrayBuffer, copy.view instanceof DataView, copy.error instanceof TypeError, copy.error.cause instanceof Array,
    copy.instance instanceof Object, copy.nothing instanceof Object, copy.boxed instanceof Number, copy.list.constructor.constructor === Function]`;
  const value = `({ list: [1, [2]], map: new Map([[{}, 1]]), set: new Set([1]), date: new Date(1), pattern: /x/, bytes: new Uint8Array(3), view: new DataView(new ArrayBuffer(2)),
    error: new TypeError('m', { cause: [] }), instance: new (class Foo { a = 1 })(), nothing: Object.create(null), boxed: new Number(3) })`;
  t.same(cross(value, local), new Array(16).fill(true));
});

t.test('errors keep more than a clone does: name, fields, and the errors in them', async (t) => {
  const value = `Object.assign(new AggregateError([new RangeError('one')], 'all'), { name: 'Mine', code: 'E1', detail: { a: [1] } })`;
  t.same(
    cross(
      value,
      `(e) => [e.name, e.message, e.code, e.detail, e.errors[0].message, e.errors[0] instanceof RangeError, Object.getPrototypeOf(e) === Error.prototype]`,
    ),
    ['Mine', 'all', 'E1', { a: [1] }, 'one', true, true],
  );
});

t.test('cycles, holes and __proto__ cross as data', async (t) => {
  const value = `(() => { const a = [1, , 3]; const o = JSON.parse('{"__proto__": {"admin": true}}'); o.a = a; o.self = o; return o; })()`;
  t.same(
    cross(
      value,
      `(o) => [o.self === o, 1 in o.a, o.a.length, o.admin === undefined, Object.keys(o), Object.getPrototypeOf(o) === Object.prototype]`,
    ),
    [true, false, 3, true, ['__proto__', 'a', 'self'], true],
  );
});

t.test('what cannot cross is named by its path', async (t) => {
  t.same(refuse(`({ items: [0, 1, 2, { callback() {} }] })`), [
    true,
    'DataCloneError',
    'args[0].items[3].callback: a function cannot be cloned',
  ]);
  t.same(refuse(`Symbol('s')`), [true, 'DataCloneError', 'args[0]: a symbol cannot be cloned']);
});

t.test('nothing of a thrown value, a proxy or a getter gets across', async (t) => {
  const failed = [true, 'DataCloneError', 'args[0]: reading the value failed'];
  t.same(refuse(`({ get a() { throw { secret: globalThis }; } })`), failed);
  t.same(refuse(`new Proxy({}, { ownKeys() { throw globalThis; } })`), failed);
  t.same(
    refuse(
      `new Proxy([], { get(target, key) { return key === 'length' ? { valueOf() { throw 1; } } : []; } })`,
    ),
    failed,
  );
  t.same(
    refuse(`(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()`),
    failed,
  );
  t.same(refuse(`Object.defineProperty(new Error('x'), 'name', { get() { throw globalThis; } })`), failed);
});

t.test('a lying proxy gives only copies', async (t) => {
  const lying = `new Proxy([], { get(target, key) { return key === 'length' ? '2' : { leaked: [globalThis.Object.prototype] }; }, ownKeys: () => ['length', '0', '1'],
    getOwnPropertyDescriptor: (target, key) => key === 'length' ? Reflect.getOwnPropertyDescriptor(target, key) : { value: 1, enumerable: true, configurable: true } })`;
  const local = `(copy) => copy.every((item) => item instanceof Object && item.leaked instanceof Array && item.leaked[0] instanceof Object)`;
  t.equal(cross(lying, local), true);
});
