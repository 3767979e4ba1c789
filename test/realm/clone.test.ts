/** structuredClone inside a realm. https://html.spec.whatwg.org/#structured-cloning */

import t from 'tap';
import { evaluate } from '../helpers/realm.ts';

t.test('values of every kind are cloned, with identity and cycles', async (t) => {
  const results = await evaluate(`
    const shared = { n: 1 };
    const value = { list: [1, 'a', null, undefined, true, 2n, -0, NaN], date: new Date(5), pattern: /a+/giu, map: new Map([[shared, new Set([shared])]]), boxed: [new Number(1), new String('s'), new Boolean(false), Object(3n)], shared };
    value.self = value;
    const copy = structuredClone(value);
    const [key, set] = [...copy.map][0];
    return [copy !== value && copy.self === copy, copy.list.length, typeof copy.list[5], Object.is(copy.list[6], -0), Object.is(copy.list[7], NaN), copy.date.getTime(), String(copy.pattern),
      key === copy.shared && set.has(key), copy.shared !== shared, copy.boxed.map((x) => [typeof x, String(x)]), Object.keys(copy).join()];`);
  t.same(results, [
    true,
    8,
    'bigint',
    true,
    true,
    5,
    '/a+/giu',
    true,
    true,
    [
      ['object', '1'],
      ['object', 's'],
      ['object', 'false'],
      ['object', '3'],
    ],
    'list,date,pattern,map,boxed,shared,self',
  ]);
});

t.test('arrays keep their holes and other properties, objects lose their class', async (t) => {
  const results = await evaluate(`
    const holes = [1, , 3]; holes.name = 'x'; holes.length = 5;
    const copy = structuredClone(holes);
    class Point { x = 1; get y() { return 2; } }
    const sparse = []; sparse.length = 2 ** 32 - 1; sparse[7] = 1;
    const named = structuredClone(JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}'));
    Object.defineProperty(holes, 'hidden', { value: 1 });
    return [copy.length, 1 in copy, copy.name, Object.keys(copy), Object.keys(structuredClone(new Point())), structuredClone(new Point()) instanceof Point,
      structuredClone(sparse).length, Object.keys(structuredClone(sparse)), Object.keys(named), Object.getPrototypeOf(named) === Object.prototype, structuredClone(Object.create({ inherited: 1 }))];`);
  t.same(results, [
    5,
    false,
    'x',
    ['0', '2', 'name'],
    ['x'],
    false,
    2 ** 32 - 1,
    ['7'],
    ['__proto__', 'constructor'],
    true,
    {},
  ]);
});

t.test('errors keep class, message, stack and cause', async (t) => {
  const results = await evaluate(`
    const error = Object.assign(new RangeError('m', { cause: { deep: [1] } }), { extra: 1 });
    const copy = structuredClone(error);
    class Mine extends TypeError {}
    const mine = structuredClone(new Mine('mine'));
    const nameless = new Error(); delete nameless.message;
    const dom = new DOMException('d', 'AbortError');
    const quota = structuredClone(new QuotaExceededError('q', { quota: 1, requested: 2 }));
    return [copy instanceof RangeError, copy.message, copy.stack === error.stack, copy.cause, 'extra' in copy, Object.keys(copy), mine.constructor === TypeError,
      structuredClone(Object.assign(new Error('x'), { name: 'Other' })).name, 'message' in Object.getOwnPropertyDescriptors(structuredClone(nameless)),
      structuredClone(dom).code, structuredClone(dom).stack === dom.stack, quota instanceof QuotaExceededError, quota.requested];`);
  t.same(results, [true, 'm', true, { deep: [1] }, false, [], true, 'Error', false, 20, true, true, 2]);
});

t.test('buffers and views share memory in the clone as they did', async (t) => {
  const results = await evaluate(`
    const buffer = new ArrayBuffer(8);
    const shorts = new Uint16Array(buffer, 2, 2);
    shorts[0] = 258;
    const copy = structuredClone({ shorts, view: new DataView(buffer, 1), again: shorts, floats: Float64Array.of(1.5), big: BigInt64Array.of(-1n) });
    const growing = new ArrayBuffer(4, { maxByteLength: 8 });
    const tracking = structuredClone(new Uint8Array(growing));
    const fixed = structuredClone(new Uint8Array(growing, 0, 4));
    const full = new ArrayBuffer(4, { maxByteLength: 4 });
    new Uint8Array(full).set([1, 2, 3, 4]);
    const kinds = [new Uint16Array(full, 2), new Uint16Array(full, 2, 1), new DataView(full)].map((view) => {
      const clone = structuredClone(view);
      const bytes = [...new Uint8Array(clone.buffer)];
      clone.buffer.resize(2);
      let length; try { length = clone.byteLength; } catch { length = 'out of bounds'; }
      return [bytes, length];
    });
    tracking.buffer.resize(6); fixed.buffer.resize(6);
    return [copy.shorts.buffer === copy.view.buffer, copy.shorts === copy.again, copy.shorts[0], copy.shorts.byteOffset, copy.shorts.length, copy.view.byteLength, copy.shorts.buffer.byteLength, [...copy.floats], String(copy.big),
      tracking.length, fixed.length, growing.byteLength, [...new Uint8Array(full)], kinds];`);
  t.same(results, [
    true,
    true,
    258,
    2,
    2,
    7,
    8,
    [1.5],
    '-1',
    6,
    4,
    4,
    [1, 2, 3, 4],
    [
      [[1, 2, 3, 4], 0],
      [[1, 2, 3, 4], 0],
      [[1, 2, 3, 4], 2],
    ],
  ]);
});

t.test('transferred buffers move, with their views, and only if everything else can be cloned', async (t) => {
  const results = await evaluate(`
    const name = (f) => { try { return f(); } catch (e) { return e.name; } };
    const buffer = new ArrayBuffer(4, { maxByteLength: 8 });
    const view = new Uint8Array(buffer);
    view[1] = 7;
    const refused = name(() => structuredClone({ buffer, callback() {} }, { transfer: [buffer] }));
    const kept = buffer.byteLength;
    const copy = structuredClone({ view, again: view, buffer, other: new Map([[buffer, 1]]) }, { transfer: [buffer] });
    copy.buffer.resize(8);
    const twice = new ArrayBuffer(1);
    return [refused, kept, buffer.detached, copy.view.buffer === copy.buffer, copy.view === copy.again, copy.view[1], copy.view.length, [...copy.other.keys()][0] === copy.buffer,
      name(() => structuredClone(buffer)), name(() => structuredClone(1, { transfer: [buffer] })), name(() => structuredClone(1, { transfer: [twice, twice] })), name(() => structuredClone(1, { transfer: [{}] })),
      name(() => structuredClone(1, { transfer: [1] })), name(() => structuredClone(1, { transfer: 1 })), name(() => structuredClone(1, 1)), name(() => structuredClone())];`);
  t.same(results, [
    'DataCloneError',
    4,
    true,
    true,
    true,
    7,
    8,
    true,
    'DataCloneError',
    'DataCloneError',
    'DataCloneError',
    'DataCloneError',
    'TypeError',
    'TypeError',
    'TypeError',
    'TypeError',
  ]);
});

t.test('what cannot be cloned is named by its path', async (t) => {
  const results = await evaluate(`
    const refusal = (value) => { try { structuredClone(value); return 'cloned'; } catch (e) { return (e instanceof DOMException ? '' : 'not a DOMException: ') + e.message; } };
    return [refusal(() => {}), refusal({ items: [1, { 'call back': Symbol() }] }), refusal(new Map([['k', [class {}]], [1, 2]])), refusal(new Set([Symbol()])), refusal(new Error('', { cause: () => {} })),
      refusal({ p: Promise.resolve() }), refusal(new WeakMap()), refusal([new Proxy({}, { get() { throw 1; } })]), refusal({ r: new Response() }), refusal(new EventTarget()), refusal([].values()), refusal((function* () {})())];`);
  t.same(results, [
    'value: a function cannot be cloned',
    'value.items[1]["call back"]: a symbol cannot be cloned',
    'value.get("k")[0]: a function cannot be cloned',
    'value.values(): a symbol cannot be cloned',
    'value.cause: a function cannot be cloned',
    'value.p: this kind of object cannot be cloned',
    'value: this kind of object cannot be cloned',
    'value[0]: this kind of object cannot be cloned',
    'value.r: this platform object cannot be cloned',
    'value: this platform object cannot be cloned',
    'value: this kind of object cannot be cloned',
    'value: this kind of object cannot be cloned',
  ]);
});

t.test('nesting of any depth is cloned, or refused with a path of bounded length', async (t) => {
  const results = await evaluate(`
    const nest = (depth, inner) => { let value = inner; for (let i = 0; i < depth; i++) value = i % 3 === 0 ? { n: value } : i % 3 === 1 ? [value] : new Map([['k', value]]); return value; };
    let copy = structuredClone(nest(30000, 'bottom'));
    let depth = 0;
    for (; typeof copy === 'object'; depth++) copy = copy instanceof Map ? copy.get('k') : Array.isArray(copy) ? copy[0] : copy.n;
    let cause = new Error('last');
    for (let i = 0; i < 3000; i++) cause = new Error('e', { cause });
    let errors = 0;
    for (let e = structuredClone(cause); e !== undefined; e = e.cause) errors++;
    let message;
    try { structuredClone(nest(30000, () => {})); } catch (e) { message = e.message; }
    return [copy, depth, errors, message.length < 400, message.endsWith(': a function cannot be cloned')];`);
  t.same(results, ['bottom', 30000, 3001, true, true]);
});

t.test('near stack overflow it works or throws a RangeError of the realm', async (t) => {
  const results = await evaluate(`
    const kinds = new Set();
    const value = { a: [1, { b: new Map([[1, new Error('x')]]) }] };
    (function dive() { try { dive(); } catch {} try { structuredClone(value); kinds.add('cloned'); } catch (e) { kinds.add(e instanceof RangeError || e instanceof DOMException); } })();
    return [...kinds].sort();`);
  t.same((results as unknown[]).includes(false), false);
});

t.test('getters run once, in order, and what they throw comes out as it is', async (t) => {
  const results = await evaluate(`
    const order = [];
    const value = { get a() { order.push('a'); delete this.c; return 1; }, get b() { order.push('b'); return 2; }, c: 3 };
    const copy = structuredClone(value);
    const thrown = {};
    let caught;
    try { structuredClone({ get x() { throw thrown; } }); } catch (e) { caught = e === thrown; }
    const transferred = structuredClone({ get a() { order.push('once'); return 1; } }, { transfer: [new ArrayBuffer(1)] });
    return [order, copy, caught, transferred];`);
  t.same(results, [['a', 'b', 'once'], { a: 1, b: 2 }, true, { a: 1 }]);
});

t.test('patched and frozen prototypes change nothing', async (t) => {
  const results = await evaluate(`
    for (const key of ['set', 'get', 'forEach', 'has', Symbol.iterator]) Map.prototype[key] = () => { throw 'patched'; };
    for (const key of ['push', 'forEach', 'slice', Symbol.iterator]) Array.prototype[key] = () => { throw 'patched'; };
    Object.keys = Object.defineProperty = Array.isArray = () => { throw 'patched'; };
    Date.prototype.getTime = ArrayBuffer.prototype.slice = RegExp.prototype.toString = () => { throw 'patched'; };
    ArrayBuffer.prototype.constructor = { get [Symbol.species]() { throw 'patched'; } };
    Object.freeze(Object.prototype);
    const copy = structuredClone({ toString: 1, constructor: [2], date: new Date(3), bytes: Uint8Array.of(4), map: new Map() });
    return [copy.toString, copy.constructor[0], +copy.date, copy.bytes[0]];`);
  t.same(results, [1, 2, 3, 4]);
});
