/** URLSearchParams inside a realm. https://url.spec.whatwg.org/#interface-urlsearchparams */

import t from 'tap';
import { evaluate } from '../helpers/realm.ts';

t.test('it is made from a string, pairs, a record, or another one', async (t) => {
  const results = await evaluate(`
    const make = (...args) => { try { return new URLSearchParams(...args).toString(); } catch (e) { return e.constructor === TypeError; } };
    return [
      make(), make(undefined), make(null), make('?a=b&&c'), make('a=%zz%4'), make('a+b=%2B'), make('%ac\\ufeff'),
      make([['a', 1], ['b', 'x y']]), make(new Map([['m', '1']])), make({ a: 1, b: '?' }), make({ '\\ud83d': 1, '\\ufffd': 2 }),
      make(new URLSearchParams('a=1&a=2')), make([['a']]), make([1]), make(['ab']), make([new String('ab')]), make({ [Symbol.iterator]: 1 }), make(Symbol()),
      make(Object.create({ inherited: 1 }, { hidden: { value: 1 }, own: { value: 2, enumerable: true } })),
    ];`);
  t.same(results, [
    '',
    '',
    'null=',
    'a=b&c=',
    'a=%25zz%254',
    'a+b=%2B',
    '%EF%BF%BD%EF%BB%BF=',
    'a=1&b=x+y',
    'm=1',
    'a=1&b=%3F',
    '%EF%BF%BD=2',
    'a=1&a=2',
    true,
    true,
    true,
    'a=b',
    true,
    true,
    'own=2',
  ]);
});

t.test('names and values are found, changed, removed and counted', async (t) => {
  const results = await evaluate(`
    const params = new URLSearchParams('a=1&b=2&a=3&c=');
    const seen = [params.get('a'), params.getAll('a'), params.get('x'), params.getAll('x'), params.has('c', ''), params.has('c', 'x'), params.has('a', undefined), params.size];
    params.set('a', 9);
    seen.push(params.toString());
    params.append('b', '3');
    params.delete('b', '2');
    seen.push(params.toString());
    params.set('new', 'é~*');
    params.delete('a', undefined);
    seen.push(params.toString(), params.size);
    return seen;`);
  t.same(results, [
    '1',
    ['1', '3'],
    null,
    [],
    true,
    false,
    true,
    4,
    'a=9&b=2&c=',
    'a=9&c=&b=3',
    'c=&b=3&new=%C3%A9%7E*',
    3,
  ]);
});

t.test('sorting is stable and by code units', async (t) => {
  const sorted = await evaluate(`
    const params = new URLSearchParams([['\\ufffd', 1], ['z', 2], ['\\u{1f308}', 3], ['a', 4], ['z', 1], ['', 5]]);
    params.sort();
    return [...params];`);
  t.same(sorted, [
    ['', '5'],
    ['a', '4'],
    ['z', '2'],
    ['z', '1'],
    ['\u{1f308}', '3'],
    ['\ufffd', '1'],
  ]);
});

t.test('iteration is live, and its objects are iterators of the realm', async (t) => {
  const results = await evaluate(`
    const params = new URLSearchParams('a=1&b=2&c=3');
    const seen = [];
    for (const [name] of params) { seen.push(name); if (name === 'a') params.delete('b'); if (name === 'c' && params.size < 4) params.append('d', 4); }
    params.forEach(function (value, name, self) { seen.push(name + value + this.x + (self === params)); if (name === 'a') self.delete('c'); }, { x: 'x' });
    const iterator = params.keys();
    const prototype = Object.getPrototypeOf(iterator);
    let error;
    try { prototype.next.call({}); } catch (e) { error = e.constructor === TypeError; }
    return [seen, String(iterator), prototype === Object.getPrototypeOf(params.entries()), Object.hasOwn(prototype, 'constructor'),
      Object.getPrototypeOf(prototype) === Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())), [...params.values()], error,
      iterator[Symbol.iterator]() === iterator];`);
  t.same(results, [
    ['a', 'c', 'd', 'a1xtrue', 'd4xtrue'],
    '[object URLSearchParams Iterator]',
    true,
    false,
    true,
    ['1', '4'],
    true,
    true,
  ]);
});

t.test('wrong receivers and missing arguments are TypeErrors', async (t) => {
  const all = await evaluate(`
    const params = new URLSearchParams('a=1');
    const calls = [() => params.append('a'), () => params.get(), () => params.set('a'), () => params.has(), () => params.delete(), () => params.getAll(),
      () => params.forEach(), () => params.forEach(1), () => URLSearchParams.prototype.toString.call({}), () => URLSearchParams.prototype.entries.call({}),
      () => URLSearchParams(), () => URLSearchParams.prototype.size];
    return calls.map((call) => { try { call(); return 'no error'; } catch (e) { return e.constructor === TypeError; } });`);
  t.same(all, new Array(12).fill(true));
});

t.test('a form body with malformed UTF-8 is decoded byte by byte', async (t) => {
  const entries = await evaluate(`
    const bytes = Uint8Array.from([0x61, 0x3d, 0xe2, 0x25, 0x38, 0x32, 0x25, 0x41, 0x43, 0x26, 0xff, 0x3d, 0x2b]);
    const form = await new Response(bytes, { headers: { 'content-type': 'application/x-www-form-urlencoded' } }).formData();
    return [...form];`);
  t.same(entries, [
    ['a', '€'],
    ['\ufffd', ' '],
  ]);
});
