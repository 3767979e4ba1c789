/** Headers inside a realm. https://fetch.spec.whatwg.org/#headers-class */

import t from 'tap';
import { evaluate } from '../helpers/realm.ts';

/** Inside a realm: the name of what `make` throws, or 'nothing'. */
const thrown = `const thrown = (make) => { try { make(); return 'nothing'; } catch (e) { return e.constructor === globalThis[e.name] ? e.name : '?'; } };`;

t.test('headers come from pairs, records, other headers, or nothing', async (t) => {
  const results = await evaluate(`${thrown}
    const entries = (init) => [...new Headers(init)];
    const copied = new Headers([['b', '2'], ['a', '1']]);
    return [entries(), entries([['B', '2'], ['a', '1']]), entries({ X: 1, 'y-z': 'q' }), entries(copied), entries(new Map([['m', 'v']])),
      thrown(() => new Headers(null)), thrown(() => new Headers(1)), thrown(() => new Headers([['a']])),
      thrown(() => new Headers([['a', 'b', 'c']])), thrown(() => new Headers({ [Symbol.toStringTag]: 'x' }))];`);
  t.same(results, [
    [],
    [
      ['a', '1'],
      ['b', '2'],
    ],
    [
      ['x', '1'],
      ['y-z', 'q'],
    ],
    [
      ['a', '1'],
      ['b', '2'],
    ],
    [['m', 'v']],
    'TypeError',
    'TypeError',
    'TypeError',
    'TypeError',
    'TypeError',
  ]);
});

t.test('names are case-insensitive tokens, values are trimmed byte strings', async (t) => {
  const results = await evaluate(`${thrown}
    const headers = new Headers();
    headers.set('X-One', ' \\t a \\r\\n');
    headers.append('x-oNe', 'b');
    return [headers.get('X-ONE'), headers.has('x-one'), headers.get('other'),
      thrown(() => headers.set('a b', '')), thrown(() => headers.set('', '')), thrown(() => headers.get('é')),
      thrown(() => headers.set('a', 'x\\ny')), thrown(() => headers.set('a', 'x\\0y')), thrown(() => headers.set('a', '€')),
      thrown(() => headers.append('a'))];`);
  t.same(results, ['a, b', true, null, ...Array.from({ length: 7 }, () => 'TypeError')]);
});

t.test('iteration is sorted, combines equal names, and keeps cookies apart', async (t) => {
  const results = await evaluate(`
    const headers = new Headers([['set-cookie', 'z=1'], ['b', '1'], ['a', 'x'], ['b', '2'], ['Set-Cookie', 'a=2']]);
    const visited = [];
    headers.forEach((value, name, all) => visited.push([name, value, all === headers]));
    return [[...headers], [...headers.keys()], [...headers.values()], headers.getSetCookie(), headers.get('set-cookie'), visited.length,
      headers.entries().next().value, Object.prototype.toString.call(headers.keys())];`);
  t.same(results, [
    [
      ['a', 'x'],
      ['b', '1, 2'],
      ['set-cookie', 'z=1'],
      ['set-cookie', 'a=2'],
    ],
    ['a', 'b', 'set-cookie', 'set-cookie'],
    ['x', '1, 2', 'z=1', 'a=2'],
    ['z=1', 'a=2'],
    'z=1, a=2',
    4,
    ['a', 'x'],
    '[object Headers Iterator]',
  ]);
});

t.test('an iteration sees what changes behind it', async (t) => {
  const results = await evaluate(`
    const headers = new Headers({ a: '1', b: '2', c: '3' });
    const seen = [];
    for (const [name] of headers) { seen.push(name); if (name === 'a') headers.delete('b'); if (name === 'c') headers.append('d', '4'); }
    return seen;`);
  t.same(results, ['a', 'c', 'd']);
});

t.test('what arrived from elsewhere is immutable, what a worker made is not', async (t) => {
  const results = await evaluate(`${thrown}
    const response = new Response('', { headers: { a: '1' } });
    response.headers.append('Set-Cookie', 'x=1');
    const request = new Request('http://a/', { headers: { host: 'b', cookie: 'c', 'content-length': '1' } });
    const redirect = Response.redirect('http://a/');
    const data = await fetch('data:text/plain,x');
    return [thrown(() => data.headers.set('a', 'b')), response.headers.getSetCookie(), [...request.headers.keys()], thrown(() => redirect.headers.set('a', 'b')),
      thrown(() => Response.error().headers.append('a', 'b')), thrown(() => redirect.headers.delete('location')),
      redirect.headers.get('location')];`);
  t.same(results, [
    'TypeError',
    ['x=1'],
    ['content-length', 'cookie', 'host'],
    'TypeError',
    'TypeError',
    'TypeError',
    'http://a/',
  ]);
});

t.test('mode no-cors keeps only what a form could send', async (t) => {
  const results = await evaluate(`
    const { headers } = new Request('http://a/', { mode: 'no-cors', headers: { accept: 'text/html', 'x-a': '1', 'content-type': 'text/plain' } });
    headers.set('content-type', 'application/json');
    headers.append('accept-language', 'de');
    return [...headers];`);
  t.same(results, [
    ['accept', 'text/html'],
    ['accept-language', 'de'],
    ['content-type', 'text/plain'],
  ]);
});
