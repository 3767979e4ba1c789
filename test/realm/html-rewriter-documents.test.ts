/** What HTMLRewriter makes of documents: selectors, raw text, namespaces, encodings, odd markup, and where a document is cut. */

import process from 'node:process';
import t from 'tap';
import { evaluate } from '../helpers/realm.ts';

const HELPERS = `
const streamOf = (bytes, step) => { let at = 0; return new ReadableStream({ pull(c) { if (at >= bytes.length) return c.close(); c.enqueue(bytes.slice(at, (at += step))); } }); };
const seenBy = async (selector, html) => {
  const seen = [];
  await new HTMLRewriter().on(selector, { element(e) { seen.push(e.getAttribute('n') ?? e.tagName); } }).transform(new Response(html)).text();
  return seen.join(' ');
};
`;

const PAGE = `<div n=1 class="a b" data-x="Foo-bar baz"><p n=2>x<p n=3 class=a>y</p></p><span n=4 id=S></span><p n=5 lang="EN-us"></p></div>
<ul n=6><li n=7>1</li><li n=8>2</li><li n=9>3</li><li n=10>4</li></ul><A n=11 HREF="/x?a&amp;b">l</A><input n=12 type=TEXT>`;

t.test('selectors match what they say', async (t) => {
  const wanted: Record<string, string> = {
    '*': '1 2 3 4 5 6 7 8 9 10 11 12',
    P: '2 3 5',
    '.a': '1 3',
    '.b.a': '1',
    '.A': '',
    '#S': '4',
    '#s': '',
    'p.a, ul': '3 6',
    'div p': '2 3 5',
    'div > p': '2 5',
    'p > p': '3',
    'div p p': '3',
    'ul p': '',
    '[data-x]': '1',
    '[data-x="Foo-bar baz"]': '1',
    '[data-x="foo-bar baz"]': '',
    '[data-x="foo-BAR baz" i]': '1',
    '[type="text"]': '12',
    '[type="text" s]': '',
    '[data-x~=baz]': '1',
    '[data-x^=Foo]': '1',
    '[data-x$=baz]': '1',
    '[data-x*="o-b"]': '1',
    '[data-x*=""]': '',
    '[data-x|=Foo]': '1',
    '[lang|=en]': '5',
    '[href="/x?a&amp;b"]': '11',
    'li:first-child': '7',
    'li:nth-child(2)': '8',
    'li:nth-child(odd)': '7 9',
    'li:nth-child(2n)': '8 10',
    'li:nth-child(n+3)': '9 10',
    'li:nth-child(-n+2)': '7 8',
    'div > p:nth-of-type(2)': '5',
    'span:first-of-type': '4',
    'p:not(.a)': '2 5',
    'li:not(:first-child, :nth-child(3))': '8 10',
    ':not(:not(a))': '11',
  };
  const results = (await evaluate(`${HELPERS}
    const results = {};
    for (const selector of ${JSON.stringify(Object.keys(wanted))}) results[selector] = await seenBy(selector, ${JSON.stringify(PAGE)});
    return results;`)) as Record<string, string>;
  t.same(results, wanted);
});

t.test('selectors that need what follows, or are none, are refused', async (t) => {
  const refused = [
    'a + b',
    'a ~ b',
    ':hover',
    '::before',
    ':last-child',
    ':nth-last-child(1)',
    ':only-child',
  ];
  refused.push(
    ':empty',
    ':is(a)',
    ':has(a)',
    'svg|a',
    ':not(a b)',
    ':not()',
    ':nth-child(2 of a)',
    ':nth-child(x)',
  );
  refused.push('', ' ', 'a >', '> a', 'a,', '[', '[=x]', '[a=b]c', '1', '#');
  const results = (await evaluate(`
    return ${JSON.stringify(refused)}.map((selector) => { try { new HTMLRewriter().on(selector, {}); return selector; } catch (e) { return e.message; } });`)) as string[];
  t.same(
    results.filter((message) => !/^Parser error: .+\.$/.test(message)),
    [],
  );
  t.equal(results[0], 'Parser error: Unsupported combinator `+` in selector.');
});

t.test('nothing in a raw text is an element', async (t) => {
  const html = `<script>"<b>"; <!-- <script> </script> <b> --></script><style><b></style><title><b></title><textarea><b></textarea>
<xmp><b></xmp><iframe><b></iframe><noembed><b></noembed><noframes><b></noframes><noscript><b></noscript><!--<b>--><b n=1><plaintext><b></plaintext>`;
  t.equal(await evaluate(`${HELPERS} return seenBy('b', ${JSON.stringify(html)});`), '1');
});

t.test('SVG and MathML are told from HTML', async (t) => {
  const results = await evaluate(`
    const seen = [];
    const html = '<svg><style><a></a></style><title><b></b></title><path/><p>out</p></svg><math><mi><i></i></mi></math><svg><![CDATA[<q>]]></svg>';
    await new HTMLRewriter().on('*', { element(e) { seen.push(e.tagName + ' ' + e.namespaceURI.split('/').at(-1)); } }).onDocument({ text(t) { t.text && seen.push(t.text); } }).transform(new Response(html)).text();
    return seen.join();`);
  t.equal(
    results,
    'svg svg,style svg,a svg,title svg,b xhtml,path svg,p xhtml,out,math MathML,mi MathML,i xhtml,svg svg,<q>',
  );
});

t.test('a document whose markup cannot be told from text is refused', async (t) => {
  const results = await evaluate(`
    const tried = (html) => new HTMLRewriter().transform(new Response(html)).text().then(() => 'read', (e) => e.name);
    return Promise.all([tried('<select><xmp><b></xmp></select>'), tried('<select><option></select><xmp>'), tried('<frameset><style></style>')]);`);
  t.same(results, ['TypeError', 'read', 'TypeError']);
});

t.test('what a document leaves open is bounded', async (t) => {
  const results = await evaluate(`
    const error = (body) => new HTMLRewriter().on('p', {}).transform(new Response(body)).bytes().then((bytes) => bytes.length, (e) => e.message);
    const endless = () => { let n = 0; return new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(65536).fill(n++ === 0 ? 60 : 97)); } }); };
    const comment = '<!--' + 'x'.repeat(100000) + '-->';
    return [await error('<div>'.repeat(30000)), await error('<br>'.repeat(30000)), await error(comment), await error(endless())];`);
  t.same(results, [
    'Parser error: The memory limit has been exceeded.',
    120000,
    100007,
    'Parser error: The memory limit has been exceeded.',
  ]);
});

t.test('a document is read and written in its encoding', async (t) => {
  const results = await evaluate(`
    const bytes = (charset, given) => new HTMLRewriter().on('b', { element(e) { e.setAttribute('t', e.getAttribute('t') + '€'); e.append('é😀'); } })
      .transform(new Response(new Uint8Array(given), { headers: { 'content-type': 'text/html; charset=' + charset } })).bytes().then((all) => [...all].slice(6).join(' '));
    const tag = [60, 98, 32, 116, 61, 0xe9, 62, 60, 47, 98, 62];
    const error = (charset) => { try { new HTMLRewriter().transform(new Response('x', { headers: { 'content-type': 'text/html; charset=' + charset } })); return ''; } catch (e) { return e.message; } };
    return [await bytes('windows-1252', tag), await bytes('iso-8859-2', tag), error('utf-16le'), error('iso-2022-jp'), error('none')];`);
  const reference = [...'&#128512;'].map((c) => c.charCodeAt(0)).join(' ');
  const euro = [...'&#8364;'].map((c) => c.charCodeAt(0)).join(' ');
  t.same(results, [
    `233 128 34 62 233 ${reference} 60 47 98 62`,
    `233 ${euro} 34 62 233 ${reference} 60 47 98 62`,
    'Parser error: Expected ASCII-compatible encoding.',
    'Parser error: Expected ASCII-compatible encoding.',
    'Parser error: Unknown character encoding has been provided.',
  ]);
});

/** Everything that a tokenizer has a state for. */
const PIECES =
  `<a>|</a>|<b>|</b>|<b x=1>|<a href="x>y" b='q'>|<br>|<br/>|<p/>|text|é|<|>|&amp;|<!--|-->|--!>|<!-->|<!--->|<!x>|<?pi>|</ x>|</>|<script>|</script>|<!-- <script>|
<style>|</style>|<title>|</title>|<textarea>|</textarea>|<svg>|</svg>|<math>|</math>|<mi>|</mi>|<desc>|</desc>|<foreignObject>|</foreignObject>|<![CDATA[|]]>|<!doctype html>|
<!DOCTYPE x PUBLIC "a" 'b'>|<a b=c/d>|<a b=c/>|<a =x y="1"y="2">|</a x=">">|<a b="|"|'|=|/|<div|</div|<A B>|<plaintext>|<noscript>|<xmp>|</xmp>|<font color=x>|<a b=>|<a b= c>|
<!-- c -->|<!-- c --->|</a >|</A/>|</scripty>|<span a b = "x" c>|</span>`.split(/\|\n?/);

t.test('where a document is cut into chunks makes no difference', async (t) => {
  const results = await evaluate(`${HELPERS}
    let seed = 20;
    const random = (n) => { seed = (seed * 1103515245 + 12345) & 0x7fffffff; return (seed >> 8) % n; };
    const pieces = ${JSON.stringify(PIECES)};
    const read = async (bytes, step) => {
      const log = [];
      let text = '';
      const flush = () => { if (text !== '') log.push('text ' + text); text = ''; };
      const html = await new HTMLRewriter()
        .on('*', { element(e) { flush(); log.push(e.tagName + JSON.stringify([...e.attributes])); e.setAttribute('n', 'v'); try { e.onEndTag((tag) => { flush(); log.push('/' + tag.name); tag.before('^'); }); } catch {} } })
        .onDocument({ text(t) { text += t.text; if (t.lastInTextNode) flush(); }, comments(c) { flush(); log.push('comment ' + c.text); c.text += '!'; }, doctype(d) { flush(); log.push('doctype ' + d.name); } })
        .transform(new Response(streamOf(bytes, step))).text().catch((e) => e.name);
      return html === 'TypeError' ? html : html + JSON.stringify(log);
    };
    const different = [];
    for (let i = 0; i < 400; i++) {
      let html = '';
      for (let n = 1 + random(12); n > 0; n--) html += pieces[random(pieces.length)];
      const bytes = new TextEncoder().encode(html);
      const whole = await read(bytes, bytes.length);
      for (const step of [1, 2, 5]) if (await read(bytes, step) !== whole) different.push(html);
    }
    return different;`);
  t.same(results, []);
});

t.test('without edits, a document goes out as it came in, whatever it is', async (t) => {
  const results = await evaluate(`${HELPERS}
    let seed = 7;
    const random = (n) => { seed = (seed * 1103515245 + 12345) & 0x7fffffff; return (seed >> 8) % n; };
    const pieces = ${JSON.stringify(PIECES)};
    const see = () => {};
    const rewriter = new HTMLRewriter().on('*', { element(e) { [...e.attributes]; try { e.onEndTag(see); } catch {} }, text: see, comments: see }).onDocument({ doctype: see, comments: see, text: see, end: see });
    const different = [];
    for (let i = 0; i < 400; i++) {
      let html = '';
      for (let n = 1 + random(12); n > 0; n--) html += pieces[random(pieces.length)];
      const out = await rewriter.transform(new Response(streamOf(new TextEncoder().encode(html), 1 + random(9)))).text().catch((e) => e.message);
      if (out !== html && !out.startsWith('Parser error: <')) different.push([html, out]);
    }
    return different;`);
  t.same(results, []);
});

/** Processor time of this thread, in milliseconds, for rewriting a document so many times: how busy the machine is makes no difference. */
async function costOf(piece: string, length: number, times: number): Promise<number> {
  const before = process.threadCpuUsage();
  await evaluate(`
    const html = ${JSON.stringify(piece)}.repeat(${Math.floor(length / piece.length)});
    for (let i = 0; i < ${times}; i++) await new HTMLRewriter().transform(new Response(html)).bytes().catch(() => {});`);
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

t.test('odd markup takes time in proportion to its length', async (t) => {
  const pieces = [
    '<!x>',
    '</ a>',
    '<a\0></a\0>',
    '<!--',
    '<script><!--',
    '<svg><![CDATA[',
    '<a b="',
    '<a b ',
    '<',
  ];
  for (const piece of pieces) {
    const many = await costOf(piece, 10_000, 20);
    const long = await costOf(piece, 200_000, 1);
    // In the square of the length, it would be twenty times as much.
    t.ok(
      long < 8 * (many + 10),
      `${JSON.stringify(piece)}: ${long.toFixed(0)} ms for one, ${many.toFixed(0)} ms for twenty of a twentieth`,
    );
  }
});
