/** Response inside a realm. https://fetch.spec.whatwg.org/#response-class */

import t from 'tap';
import { evaluate } from '../helpers/realm.ts';

/** Inside a realm: the name of what `make` throws, or 'nothing'. */
const thrown = `const thrown = (make) => { try { make(); return 'nothing'; } catch (e) { return e.constructor === globalThis[e.name] ? e.name : '?'; } };
const rejected = async (promise) => { try { await promise; return 'nothing'; } catch (e) { return e.constructor === globalThis[e.name] ? e.name : '?'; } };`;

t.test('a response has the defaults of the standard', async (t) => {
  const results = await evaluate(`
    const r = new Response();
    return [r.status, r.statusText, r.ok, r.type, r.url, r.redirected, r.body, r.bodyUsed, [...r.headers].length, await r.text(),
      new Response(null).body, new Response(undefined).body, new Response('').body === null];`);
  t.same(results, [200, '', true, 'default', '', false, null, false, 0, '', null, null, false]);
});

t.test('status and status text are checked', async (t) => {
  const results = await evaluate(`${thrown}
    const make = (init, body = null) => () => new Response(body, init);
    return [thrown(make({ status: 199 })), thrown(make({ status: 600 })), thrown(make({ status: 0 })), thrown(make({ statusText: '\\n' })),
      thrown(make({ statusText: '€' })), ...[204, 205, 304].map((status) => thrown(make({ status }, ''))), thrown(() => Response('')),
      new Response('', { status: 65536 + 201 }).status, new Response('', { status: 299 }).ok, new Response('', { status: 300 }).ok,
      new Response(null, { statusText: 'All \\t right' }).statusText];`);
  t.same(results, [
    'RangeError',
    'RangeError',
    'RangeError',
    'TypeError',
    'TypeError',
    'TypeError',
    'TypeError',
    'TypeError',
    'TypeError',
    201,
    true,
    false,
    'All \t right',
  ]);
});

t.test('json, redirect and error make what the standard says', async (t) => {
  const results = await evaluate(`${thrown}
    const json = Response.json({ a: [1] }, { status: 201, headers: { x: 'y' } });
    const redirect = Response.redirect('http://a/b c', 308);
    const error = Response.error();
    const about = (r) => [r.status, r.type, r.body === null, [...r.headers].map((pair) => pair.join(': '))];
    return [about(json), await json.json(), about(redirect), about(error),
      Response.json(1, { headers: { 'content-type': 'application/x' } }).headers.get('content-type'),
      thrown(() => Response.json(undefined)), thrown(() => Response.json(() => {})), thrown(() => Response.json(1n)),
      thrown(() => Response.json('', { status: 204 })), thrown(() => Response.redirect('http://a/', 200)), thrown(() => Response.redirect('//'))];`);
  t.same(results, [
    [201, 'default', false, ['content-type: application/json', 'x: y']],
    { a: [1] },
    [308, 'default', true, ['location: http://a/b%20c']],
    [0, 'error', true, []],
    'application/x',
    'TypeError',
    'TypeError',
    'TypeError',
    'TypeError',
    'RangeError',
    'TypeError',
  ]);
});

t.test('a body is read once, in every form', async (t) => {
  const results = await evaluate(`${thrown}
    const form = new FormData(); form.append('f', new File(['data'], 'name.txt', { type: 'text/plain' }));
    const file = (await new Response(form).formData()).get('f');
    const used = new Response('x'); await used.text();
    const marked = new Uint8Array([0xef, 0xbb, 0xbf, 0x61]);
    return [await new Response('{"a":1}').json(), [...await new Response('é').bytes()], await new Response(marked).text(),
      await new Response('\\ufeffa').text(), await new Response('\\ud800').text() === '\\ufffd', (await new Response('x').blob()).type,
      [file.name, file.type, await file.text()], used.bodyUsed, await rejected(used.json()), await rejected(new Response('').json()),
      await rejected(new Response('').formData())];`);
  t.same(results, [
    { a: 1 },
    [0xc3, 0xa9],
    'a',
    'a',
    true,
    'text/plain;charset=UTF-8',
    ['name.txt', 'text/plain', 'data'],
    true,
    'TypeError',
    'SyntaxError',
    'TypeError',
  ]);
});

t.test('an empty form has a body that can be read back', async (t) => {
  const results = await evaluate(`
    const response = new Response(new FormData());
    const boundary = response.headers.get('content-type').split('boundary=')[1];
    const text = await response.clone().text();
    return [text.trim() === '--' + boundary + '--', [...await response.formData()].length];`);
  t.same(results, [true, 0]);
});

t.test('streams and async iterables are bodies', async (t) => {
  const results = await evaluate(`${thrown}
    const bytes = (text) => new TextEncoder().encode(text);
    const stream = new ReadableStream({ pull(c) { c.enqueue(bytes('ab')); c.close(); } });
    const response = new Response(stream);
    async function* parts() { yield bytes('x'); yield 'y'; }
    const wrong = new ReadableStream({ start(c) { c.enqueue('text'); c.close(); } });
    const locked = new ReadableStream(); locked.getReader();
    return [response.body === stream, await response.text(), stream.locked, await new Response(parts()).text(), await rejected(new Response(wrong).text()),
      thrown(() => new Response(locked)), response.headers.get('content-type')];`);
  t.same(results, [true, 'ab', true, 'xy', 'TypeError', 'TypeError', null]);
});

t.test('a clone and its original are read apart, and a used body has no clone', async (t) => {
  const results = await evaluate(`${thrown}
    const response = new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array([1, 2])); c.close(); } }), { status: 201, headers: { a: 'b' } });
    const clone = response.clone();
    clone.headers.set('a', 'c');
    const read = [[...await response.bytes()], [...await clone.bytes()], clone.status, response.headers.get('a')];
    return [read, thrown(() => response.clone())];`);
  t.same(results, [[[1, 2], [1, 2], 201, 'b'], 'TypeError']);
});

t.test('data: URLs are fetched inside the realm, and unknown schemes are not', async (t) => {
  const results = await evaluate(`${thrown}
    const response = await fetch('data:text/x;charset=utf-8,a%20b#c');
    const coded = await fetch('data:;base64,QUI=');
    return [response.status, response.type, response.headers.get('content-type'), await response.text(), coded.headers.get('content-type'),
      await coded.text(), await rejected(fetch('about:blank')), await rejected(fetch('data:no-comma')), await rejected(fetch('/relative'))];`);
  t.same(results, [
    200,
    'basic',
    'text/x;charset=utf-8',
    'a b',
    'text/plain;charset=US-ASCII',
    'AB',
    'TypeError',
    'TypeError',
    'TypeError',
  ]);
});
