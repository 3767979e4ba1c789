/** HTMLRewriter and streams: how a document comes in and goes out, what fails, and what is inserted from elsewhere. */

import t from 'tap';
import { evaluate } from '../helpers/realm.ts';

const HELPERS = `
const encode = (text) => new TextEncoder().encode(text);
const streamOf = (chunks) => { let i = 0; return new ReadableStream({ pull(c) { if (i < chunks.length) c.enqueue(encode(chunks[i++])); else c.close(); } }, { highWaterMark: 0 }); };
const chunksOf = async (response) => { const all = []; const decoder = new TextDecoder(); for await (const chunk of response.body) all.push(decoder.decode(chunk, { stream: true })); return all; };
`;

t.test('the response is the same but for its body, which is used', async (t) => {
  const results = await evaluate(`
    const original = new Response('<p>', { status: 201, statusText: 'Made', headers: { 'content-length': '3', a: 'b' } });
    const rewritten = new HTMLRewriter().transform(original);
    rewritten.headers.set('c', 'd');
    const empty = new Response(null, { status: 204 });
    return [rewritten.status, rewritten.statusText, [...rewritten.headers], original.bodyUsed, rewritten.bodyUsed, original.headers.has('c'), await rewritten.text(), new HTMLRewriter().transform(empty) === empty];`);
  t.same(results, [
    201,
    'Made',
    [
      ['a', 'b'],
      ['c', 'd'],
      ['content-type', 'text/plain;charset=UTF-8'],
    ],
    true,
    false,
    false,
    '<p>',
    true,
  ]);
});

t.test('nothing is read and nobody called before somebody reads', async (t) => {
  const results = await evaluate(`${HELPERS}
    const log = [];
    let i = 0;
    const body = new ReadableStream({ pull(c) { log.push('read ' + i); if (i++ < 3) c.enqueue(encode('<p>' + i)); else c.close(); } }, { highWaterMark: 0 });
    const reader = new HTMLRewriter().on('p', { element() { log.push('called'); } }).transform(new Response(body)).body.getReader();
    await new Promise((resolve) => setTimeout(resolve, 1));
    log.push('first');
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 1));
    log.push('second');
    await reader.read();
    return log;`);
  t.same(results, ['first', 'read 0', 'called', 'second', 'read 1', 'called']);
});

t.test('a document goes out as it comes in', async (t) => {
  const results = await evaluate(`${HELPERS}
    return chunksOf(new HTMLRewriter().on('p', { element(e) { e.append('!'); } }).transform(new Response(streamOf(['<p>a', 'b<', '/p><di', 'v>', '</div']))));`);
  t.same(results, ['<p>a', 'b', '!</p>', '<div>', '</div']);
});

t.test('bytes that nobody touches stay what they are', async (t) => {
  const results = await evaluate(`
    const bytes = new Uint8Array(70000).map((_, i) => (i * 7 + (i >> 8)) & 255);
    const same = async (init) => { const out = await new HTMLRewriter().on('x-none', { element() {} }).onDocument({ text() {}, comments() {} }).transform(new Response(init)).bytes(); return out.length === bytes.length && out.every((b, i) => b === bytes[i]); };
    const source = () => { let at = 0; return new ReadableStream({ pull(c) { if (at >= bytes.length) return c.close(); c.enqueue(bytes.slice(at, (at += 997))); } }); };
    return [await same(bytes), await same(source())];`);
  t.same(results, [true, true]);
});

t.test('a handler that fails fails the body with its error, and nobody is called again', async (t) => {
  const results = await evaluate(`${HELPERS}
    const error = new RangeError('boom');
    let canceled;
    let calls = 0;
    const body = () => new ReadableStream({ pull(c) { c.enqueue(encode('<p>x</p>')); }, cancel(reason) { canceled = reason === error; } });
    const failing = (element) => new HTMLRewriter().on('p', { element(e) { calls++; return element(e); } }).transform(new Response(body())).text().then(() => 'read', (e) => e === error);
    return [await failing(() => { throw error; }), canceled, await failing(async () => { await null; throw error; }), await failing((e) => { e.onEndTag(() => Promise.reject(error)); }), calls,
      await new HTMLRewriter().on('p', { element() { throw 5; } }).transform(new Response('<p>')).text().catch((e) => e)];`);
  t.same(results, [true, true, true, true, 3, 5]);
});

t.test('an error of the original is the error of the result', async (t) => {
  const results = await evaluate(`${HELPERS}
    const error = new Error('source');
    let i = 0;
    const body = new ReadableStream({ pull(c) { if (i++ === 0) c.enqueue(encode('<p>')); else c.error(error); } });
    const reader = new HTMLRewriter().transform(new Response(body)).body.getReader();
    const first = new TextDecoder().decode((await reader.read()).value);
    return [first, await reader.read().catch((e) => e === error)];`);
  t.same(results, ['<p>', true]);
});

t.test('who cancels the result cancels the original, and stops the handlers', async (t) => {
  const results = await evaluate(`${HELPERS}
    const reason = new Error('enough');
    let canceled;
    let calls = 0;
    const body = new ReadableStream({ pull(c) { c.enqueue(encode('<p>x</p><p>y</p>')); }, cancel(given) { canceled = given === reason; } });
    const reader = new HTMLRewriter().on('p', { async element() { calls++; await null; } }).transform(new Response(body)).body.getReader();
    await reader.read();
    const before = calls;
    await reader.cancel(reason);
    await new Promise((resolve) => setTimeout(resolve, 1));
    return [canceled, before, calls];`);
  t.same(results, [true, 2, 2]);
});

t.test('responses and streams are inserted when their turn comes', async (t) => {
  const results = await evaluate(`${HELPERS}
    const html = await new HTMLRewriter().on('div', { element(e) {
      e.before(streamOf(['<1>', '<2>'])); e.after(new Response('<3>'), { html: true }); e.prepend(new Response(null)); e.append(streamOf(['<é', '>']), { html: true }); e.append('&');
    }, text(t) { if (t.text) t.replace(new Response('é&€')); } }).transform(new Response('a<div>x</div>b')).text();
    const split = await new HTMLRewriter().onDocument({ end: (end) => { end.append(new ReadableStream({ type: 'bytes', pull(c) { c.enqueue(new Uint8Array([0xe2, 0x82])); c.enqueue(new Uint8Array([0xac, 60])); c.close(); } })); } }).transform(new Response('<p>')).text();
    return [html, split];`);
  t.same(results, ['a&lt;1&gt;&lt;2&gt;<div>é&amp;€<é>&amp;</div><3>b', '<p>€&lt;']);
});

t.test('inserted content that fails fails the body; one that is in use is refused', async (t) => {
  const results = await evaluate(`${HELPERS}
    const error = new Error('inserted');
    const failed = await new HTMLRewriter().on('p', { element(e) { e.append(new ReadableStream({ pull(c) { c.error(error); } })); } }).transform(new Response('<p></p>')).text().catch((e) => e === error);
    let refused;
    await new HTMLRewriter().on('p', { element(e) { const content = new Response('x'); e.before(content); try { e.before(content); } catch (e) { refused = e.name; } } }).transform(new Response('<p>')).text();
    return [failed, refused];`);
  t.same(results, [true, 'TypeError']);
});

t.test('a large response is inserted at the pace of the reader', async (t) => {
  const results = await evaluate(`${HELPERS}
    let pulled = 0;
    const large = new ReadableStream({ pull(c) { if (pulled++ < 200) c.enqueue(new Uint8Array(4096).fill(97)); else c.close(); } }, { highWaterMark: 0 });
    const reader = new HTMLRewriter().on('p', { element(e) { e.append(large, { html: true }); } }).transform(new Response('<p>x</p>')).body.getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 1));
    const early = pulled;
    let length = 0;
    for (;;) { const { done, value } = await reader.read(); if (done) break; length += value.length; }
    return [early < 20, pulled, length > 199 * 4096 - 65536];`);
  t.same(results, [true, 201, true]);
});

t.test('a rewriter can be used again, also while it is at work', async (t) => {
  const results = await evaluate(`
    const rewriter = new HTMLRewriter().on('p:first-child', { async element(e) { await null; e.append('!'); } });
    const both = [rewriter.transform(new Response('<p>a</p>')), rewriter.transform(new Response('<p>b</p>'))];
    return Promise.all(both.map((response) => response.text()));`);
  t.same(results, ['<p>a!</p>', '<p>b!</p>']);
});

t.test('a rewritten response can be rewritten again', async (t) => {
  const results = await evaluate(`
    const add = (text) => new HTMLRewriter().on('p', { element(e) { e.append(text); } });
    return add('2').transform(add('1').transform(new Response('<p>0</p>'))).text();`);
  t.equal(results, '<p>012</p>');
});
