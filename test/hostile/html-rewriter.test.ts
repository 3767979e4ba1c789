/** HTMLRewriter and the Cache API in a realm whose built-ins the worker has replaced: they go on working, and show nothing of their inside. */

import t from 'tap';
import { evaluate } from '../helpers/realm.ts';

/** Replaces what these could lean on; what gets through to the replacements is noted. */
const TAMPER = `
let touched = '';
const tamper = (holder, name) => {
  const { value } = Object.getOwnPropertyDescriptor(holder, name);
  Object.defineProperty(holder, name, { configurable: true, writable: true, value: function () { touched += String(name) + ' '; throw new Error('patched ' + String(name)); } });
  return () => Object.defineProperty(holder, name, { configurable: true, writable: true, value });
};
const restore = [];
const patches = [[JSON, 'parse'], [JSON, 'stringify'], [Promise, 'resolve'], [Promise, 'reject'], [Array.prototype, 'push'], [Array.prototype, 'map'], [Array.prototype, 'join'], [Array.prototype, Symbol.iterator],
  [String.prototype, 'slice'], [String.prototype, 'split'], [String.prototype, 'replaceAll'], [String.prototype, 'toLowerCase'], [RegExp.prototype, 'exec'], [Function.prototype, 'call'], [Reflect, 'apply'],
  [Map.prototype, 'get'], [Map.prototype, 'set'], [Object.getPrototypeOf(Uint8Array.prototype), 'set'], [Object.getPrototypeOf(Uint8Array.prototype), 'subarray'], [ArrayBuffer.prototype, 'transfer'],
  [Response.prototype, 'text'], [Response.prototype, 'clone'], [Request.prototype, 'clone'], [Headers.prototype, 'get'], [URL, 'parse']];
const patch = () => {
  for (let i = 0; i < patches.length; i++) restore[i] = tamper(patches[i][0], patches[i][1]);
  for (let i = 0; i < 5; i++) Object.defineProperty(Array.prototype, i, { configurable: true, get() { touched += 'get ' + i + ' '; return undefined; }, set() { touched += 'set ' + i + ' '; } });
  for (let i = 0; i < names.length; i++) trap(names[i]);
};
const names = ['then', 'toJSON', 'body', 'status', 'headers', 'html', 'source'];
const { defineProperty } = Object;
// Promises that the worker may see ask for then, and options for html.
const trap = (name) => defineProperty(Object.prototype, name, { configurable: true, get() { if (name !== 'html' && name !== 'then') touched += 'get ' + name + ' '; return undefined; } });
const mend = () => {
  for (let i = 0; i < restore.length; i++) restore[i]();
  for (let i = 0; i < 5; i++) delete Array.prototype[i];
  for (let i = 0; i < names.length; i++) delete Object.prototype[names[i]];
};
`;

t.test('rewriting uses no built-in of the worker', async (t) => {
  const results = await evaluate(`${TAMPER}
    const pieces = [new TextEncoder().encode('<!doctype html><div a="1" b>x<p>y</'), new TextEncoder().encode('p><br><!--c--></div>z')];
    let i = 0;
    const original = new Response(new ReadableStream({ pull(c) { if (i < 2) c.enqueue(pieces[i++]); else c.close(); } }));
    const inserted = new Response('<i>');
    new HTMLRewriter().on('a', {}).transform(new Response('')); // everything is loaded
    patch();
    let html;
    try {
      const rewriter = new HTMLRewriter().on('div, p', { element(e) { e.setAttribute('n', e.getAttribute('a') + e.tagName); e.before('<').after('>', { html: true }); e.removeAttribute('b'); e.onEndTag((tag) => { tag.before('end'); }); }, text(t) { if (t.text === 'y') t.replace(inserted); } })
        .onDocument({ comments(c) { c.text = 'd'; }, doctype(d) { d.name; }, end(end) { end.append('&'); } });
      const rewritten = rewriter.transform(original);
      html = await rewritten.arrayBuffer();
    } finally {
      mend();
    }
    return [new TextDecoder().decode(html), touched];`);
  t.same(results, [
    '<!doctype html>&lt;<div a="1" n="1div">x&lt;<p n="nullp">&lt;i&gt;end</p>><br><!--d-->end</div>>z&amp;',
    '',
  ]);
});

t.test('caching uses no built-in of the worker', async (t) => {
  const results = await evaluate(`${TAMPER}
    const url = 'http://test/patched';
    const request = new Request(url, { headers: { range: 'bytes=1-' } });
    const response = new Response('kept');
    await caches.default.match(url);
    let put;
    patch();
    try {
      put = caches.default.put(url, response);
    } finally {
      mend();
    }
    await put;
    patch();
    let one, two, three;
    try {
      one = caches.default.match(request);
      two = caches.default.delete(url);
      three = caches.open('patched');
    } finally {
      mend();
    }
    return [await (await one).text(), await two, String(await three), touched];`);
  t.same(results, ['ept', true, '[object Cache]', '']);
});

t.test('tokens and plans cannot be fed from outside', async (t) => {
  const results = await evaluate(`
    const leaked = [];
    for (const name of ['selector', 'element', 'comments', 'text', 'doctype', 'end', 'before', 'after', 'replacement', 'onEndTag', 'attributes']) {
      Object.defineProperty(Object.prototype, name, { configurable: true, get() { leaked.push(name); return undefined; }, set(value) { leaked.push('set ' + name); } });
    }
    const given = new HTMLRewriter().on('p', { __proto__: null, element(e) { e.append('!'); } }).transform(new Response('<p>x</p>'));
    const html = await given.text();
    for (const name of ['selector', 'element', 'comments', 'text', 'doctype', 'end', 'before', 'after', 'replacement', 'onEndTag', 'attributes']) delete Object.prototype[name];
    return [html, leaked];`);
  t.same(results, ['<p>x!</p>', []]);
});

t.test('a handler that throws at the end of its stack fails the body, and no more', async (t) => {
  const results = await evaluate(`
    const deep = () => deep();
    const failed = await new HTMLRewriter().on('p', { element: deep }).transform(new Response('<p>')).text().catch((e) => e instanceof RangeError);
    const rewriter = new HTMLRewriter().on('p', { element(e) { e.append('!'); } });
    const transforms = [];
    const down = () => { try { down(); } catch {} if (transforms.length > 300) return; try { transforms.push(rewriter.transform(new Response('<p>x</p>'))); } catch (e) { if (!(e instanceof RangeError)) transforms.push(e); } };
    down();
    const texts = await Promise.all(transforms.map((response) => response.text().catch((e) => e.name)));
    return [failed, [...new Set(texts)].filter((text) => text !== 'RangeError' && text !== 'TypeError')];`);
  t.same(results, [true, ['<p>x!</p>']]);
});
