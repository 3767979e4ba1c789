/** Request inside a realm. https://fetch.spec.whatwg.org/#request-class */

import t from 'tap';
import { evaluate } from '../helpers/realm.ts';

/** Inside a realm: the name of what `make` throws, or 'nothing'. */
const thrown = `const thrown = (make) => { try { make(); return 'nothing'; } catch (e) { return e.constructor === globalThis[e.name] ? e.name : '?'; } };
const rejected = async (promise) => { try { await promise; return 'nothing'; } catch (e) { return e.constructor === globalThis[e.name] ? e.name : '?'; } };`;

t.test('a request has the defaults of the standard', async (t) => {
  const results = await evaluate(`
    const r = new Request('HTTP://User@EXAMPLE.com:80/a/../b?c#d'.replace('User@', ''));
    return [r.method, r.url, r.body, r.bodyUsed, r.redirect, r.mode, r.credentials, r.cache, r.referrer, r.referrerPolicy, r.integrity,
      r.keepalive, r.destination, r.duplex, r.signal instanceof AbortSignal, r.signal.aborted, [...r.headers].length];`);
  t.same(results, [
    'GET',
    'http://example.com/b?c#d',
    null,
    false,
    'follow',
    'cors',
    'same-origin',
    'default',
    'about:client',
    '',
    '',
    false,
    '',
    'half',
    true,
    false,
    0,
  ]);
});

t.test('methods are upper-cased where the standard says so, and checked', async (t) => {
  const results = await evaluate(`${thrown}
    const method = (name) => new Request('http://a/', { method: name }).method;
    return [method('get'), method('pOst'), method('Delete'), method('patch'), method('PATCH'), method('chicken'),
      thrown(() => method('CONNECT')), thrown(() => method('trace')), thrown(() => method('a b')), thrown(() => method(''))];`);
  t.same(results, [
    'GET',
    'POST',
    'DELETE',
    'patch',
    'PATCH',
    'chicken',
    'TypeError',
    'TypeError',
    'TypeError',
    'TypeError',
  ]);
});

t.test('words that the standard does not know are refused', async (t) => {
  const results = await evaluate(`${thrown}
    const bad = ['mode', 'credentials', 'cache', 'redirect', 'referrerPolicy', 'priority', 'duplex'];
    const refused = bad.map((member) => thrown(() => new Request('http://a/', { [member]: 'x' })));
    return [refused, thrown(() => new Request('http://a/', { mode: 'navigate' })), thrown(() => new Request('http://a/', { window: 1 })),
      thrown(() => new Request('http://a/', { signal: {} })), thrown(() => new Request('/relative')), thrown(() => new Request('http://u:p@a/')),
      thrown(() => new Request()), thrown(() => Request('http://a/')), new Request('http://a/', { priority: 'high' }).url];`);
  t.same(results, [
    Array.from({ length: 7 }, () => 'TypeError'),
    'TypeError',
    'TypeError',
    'TypeError',
    'TypeError',
    'TypeError',
    'TypeError',
    'TypeError',
    'http://a/',
  ]);
});

t.test('bodies give a content type, and are read once in every form', async (t) => {
  const results = await evaluate(`${thrown}
    const make = (body, headers) => new Request('http://a/', { method: 'POST', body, headers });
    const form = new FormData(); form.append('a', 'b');
    const types = ['text', new Uint8Array(2), new Blob(['x'], { type: 'image/png' }), new URLSearchParams('a=b')]
      .map((body) => make(body).headers.get('content-type'));
    const used = make('{"a":1}');
    const all = [await make('{"a":1}').json(), await make('é').text(), (await make('é').arrayBuffer()).byteLength,
      [...await make('ab').bytes()], (await make('x', { 'content-type': 'text/x' }).blob()).type,
      (await make(form).formData()).get('a'), (await make(new URLSearchParams('q=%20')).formData()).get('q'), await used.text()];
    return [types, make(form).headers.get('content-type').startsWith('multipart/form-data; boundary='), all, used.bodyUsed,
      await rejected(used.text()), await rejected(make('{').json()), await rejected(make('x').formData())];`);
  t.same(results, [
    ['text/plain;charset=UTF-8', null, 'image/png', 'application/x-www-form-urlencoded;charset=UTF-8'],
    true,
    [{ a: 1 }, 'é', 2, [97, 98], 'text/x', 'b', ' ', '{"a":1}'],
    true,
    'TypeError',
    'SyntaxError',
    'TypeError',
  ]);
});

t.test('GET and HEAD have no body, and a stream needs duplex', async (t) => {
  const results = await evaluate(`${thrown}
    const stream = () => new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('s')); c.close(); } });
    const streamed = new Request('http://a/', { method: 'POST', body: stream(), duplex: 'half' });
    return [thrown(() => new Request('http://a/', { body: 'x' })), thrown(() => new Request('http://a/', { method: 'HEAD', body: '' })),
      thrown(() => new Request('http://a/', { method: 'POST', body: stream() })), streamed.body instanceof ReadableStream, await streamed.text()];`);
  t.same(results, ['TypeError', 'TypeError', 'TypeError', true, 's']);
});

t.test('the body of another message can be sent on without duplex', async (t) => {
  const results = await evaluate(`
    const first = new Request('http://a/', { method: 'POST', body: 'one' });
    const second = new Request('http://b/', { method: 'POST', headers: first.headers, body: first.body });
    const third = new Request('http://c/', { method: 'PUT', body: new Response(new Uint8Array([65])).body });
    return [await second.text(), await third.text(), first.bodyUsed];`);
  t.same(results, ['one', 'A', true]);
});

t.test('a request made of another takes its body along, unless it gets one of its own', async (t) => {
  const results = await evaluate(`${thrown}
    const first = new Request('http://a/', { method: 'POST', body: 'one', headers: { x: '1' } });
    const replaced = new Request(first, { body: 'two' });
    const untouched = first.bodyUsed;
    const moved = new Request(first);
    return [await replaced.text(), replaced.headers.get('x'), untouched, first.bodyUsed, await moved.text(), thrown(() => new Request(first)),
      thrown(() => first.clone()), await new Request(first, { body: 'three' }).text()];`);
  t.same(results, ['two', '1', false, true, 'one', 'TypeError', 'TypeError', 'three']);
});

t.test('a clone has the same body and a signal that follows', async (t) => {
  const results = await evaluate(`
    const controller = new AbortController();
    const request = new Request('http://a/', { method: 'PUT', body: 'text', signal: controller.signal, headers: { a: 'b' } });
    const clone = request.clone();
    const read = [await request.text(), clone.bodyUsed, await clone.text(), clone.method, clone.headers.get('a')];
    controller.abort(new Error('over'));
    return [read, request.signal === controller.signal, request.signal.aborted, clone.signal.aborted, clone.signal.reason.message];`);
  t.same(results, [['text', false, 'text', 'PUT', 'b'], false, true, true, 'over']);
});
