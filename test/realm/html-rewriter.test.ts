/** HTMLRewriter inside a realm: what handlers are given, and what comes of what they do. */

import t from 'tap';
import { evaluate } from '../helpers/realm.ts';

const HELPERS = `
const rewrite = (html, set) => set(new HTMLRewriter()).transform(new Response(html)).text();
const on = (selector, handlers) => (rewriter) => rewriter.on(selector, handlers);
const thrown = (call) => { try { call(); return 'nothing'; } catch (error) { return error.name + ': ' + error.message; } };
`;

/** What a document becomes, for each method of a token called twice: with text, and with HTML. */
async function edited(html: string, set: string, methods: readonly string[]): Promise<unknown> {
  return evaluate(`${HELPERS}
    const results = {};
    for (const method of ${JSON.stringify(methods)}) {
      results[method] = await rewrite(${JSON.stringify(html)}, (rewriter) => { const edit = (token) => { token[method]('<&"'); token[method]('<u>', { html: true }); }; return ${set}; });
    }
    return results;`);
}

t.test('content is put around, into and in place of an element', async (t) => {
  const methods = ['before', 'after', 'prepend', 'append', 'replace', 'setInnerContent'];
  const results = await edited('a<p>b<i>c</i></p>d', `rewriter.on('p', { element: edit })`, methods);
  t.same(results, {
    before: 'a&lt;&amp;"<u><p>b<i>c</i></p>d',
    after: 'a<p>b<i>c</i></p><u>&lt;&amp;"d',
    prepend: 'a<p><u>&lt;&amp;"b<i>c</i></p>d',
    append: 'a<p>b<i>c</i>&lt;&amp;"<u></p>d',
    replace: 'a<u>d',
    setInnerContent: 'a<p><u></p>d',
  });
});

t.test('an element without content has a before, an after, and a replacement', async (t) => {
  const methods = ['before', 'after', 'prepend', 'append', 'replace', 'setInnerContent'];
  const results = await edited('a<br>b', `rewriter.on('br', { element: edit })`, methods);
  t.same(results, {
    before: 'a&lt;&amp;"<u><br>b',
    after: 'a<br><u>&lt;&amp;"b',
    prepend: 'a<br>b',
    append: 'a<br>b',
    replace: 'a<u>b',
    setInnerContent: 'a<br>b',
  });
});

t.test('text and comments take content as well', async (t) => {
  const methods = ['before', 'after', 'replace'];
  const texts = await edited(
    '<p>b</p>',
    `rewriter.on('p', { text: (token) => token.text && edit(token) })`,
    methods,
  );
  t.same(texts, { before: '<p>&lt;&amp;"<u>b</p>', after: '<p>b<u>&lt;&amp;"</p>', replace: '<p><u></p>' });
  const comments = await edited('a<!--b-->c', `rewriter.onDocument({ comments: edit })`, methods);
  t.same(comments, { before: 'a&lt;&amp;"<u><!--b-->c', after: 'a<!--b--><u>&lt;&amp;"c', replace: 'a<u>c' });
});

t.test('elements, text and comments can be removed, and know it', async (t) => {
  const results = await evaluate(`${HELPERS}
    const seen = [];
    const remove = (method) => (token) => { seen.push(token.removed); token[method](); seen.push(token.removed); };
    return [await rewrite('a<p>b<i>c</i></p>d', on('p', { element: remove('remove') })),
      await rewrite('a<p>b<i>c</i></p>d', on('p', { element: remove('removeAndKeepContent') })),
      await rewrite('a<p>b<i>c</i></p>d', on('i', { text: (t) => t.remove() })),
      await rewrite('a<!--b-->c', (r) => r.onDocument({ comments: remove('remove') })), seen];`);
  t.same(results, ['ad', 'ab<i>c</i>d', 'a<p>b<i></i></p>d', 'ac', [false, true, false, true, false, true]]);
});

t.test('what is inside of removed content is seen, and stays out', async (t) => {
  const results = await evaluate(`${HELPERS}
    const seen = [];
    const html = await rewrite('<div>a<p>b<!--c--></p></div>d', (r) => r.on('div', { element: (e) => e.setInnerContent('N') })
      .on('p', { element(e) { seen.push('p', e.removed); e.before('no').append('no').after('no'); e.onEndTag((tag) => { seen.push('/' + tag.name); tag.after('no'); }); },
        text: (t) => { t.text && seen.push(t.text); }, comments: (c) => { seen.push(c.text); } }));
    return [html, seen];`);
  t.same(results, ['<div>N</div>d', ['p', true, 'b', 'c', '/p']]);
});

t.test('attributes are read as they are written, and written with quotes', async (t) => {
  const results = await evaluate(`${HELPERS}
    let seen;
    const html = await rewrite('<A HREF = "x&amp;y" b=\\'q\\' c=1 d e="" f="1" f="2" g=>', on('a', { element(e) {
      seen = [[...e.attributes], e.getAttribute('HREF'), e.getAttribute('none'), e.hasAttribute('D'), e.hasAttribute('none')];
      e.setAttribute('B', 'n"n&<').setAttribute('New', 'v').removeAttribute('C').removeAttribute('none');
    } }));
    return [html, seen];`);
  t.same(results, [
    '<A HREF = "x&amp;y" b="n&quot;n&<" d e="" f="1" f="2" g new="v">',
    [
      [
        ['href', 'x&amp;y'],
        ['b', 'q'],
        ['c', '1'],
        ['d', ''],
        ['e', ''],
        ['f', '1'],
        ['f', '2'],
        ['g', ''],
      ],
      'x&amp;y',
      null,
      true,
      false,
    ],
  ]);
});

t.test('an iterator of attributes ends with a change of them', async (t) => {
  const results = await evaluate(`${HELPERS}
    let seen;
    await rewrite('<a x y>', on('a', { element(e) {
      const iterator = e.attributes;
      seen = [iterator.next(), Object.getPrototypeOf(Object.getPrototypeOf(iterator)) === Iterator.prototype];
      e.setAttribute('z', '');
      seen.push(thrown(() => iterator.next()), [...e.attributes].length);
      const whole = e.attributes;
      [...whole];
      seen.push(whole.next());
    } }));
    return seen;`);
  t.same(results, [
    { done: false, value: ['x', ''] },
    true,
    'Error: The attributes of this element have been modified during iteration. You must create a new iterator after modifying attributes.',
    3,
    { done: true },
  ]);
});

t.test('elements are renamed with their end tags', async (t) => {
  const results = await evaluate(`${HELPERS}
    return [await rewrite('<P a>x</P>', on('p', { element(e) { e.tagName = 'Div'; e.after(e.tagName); } })),
      await rewrite('<br/><path/>', on('*', { element(e) { e.tagName = 'x'; } })),
      await rewrite('<svg><a b=1 /></svg>', on('a', { element(e) { e.setAttribute('c', ''); } }))];`);
  t.same(results, ['<Div a>x</Div>div', '<x/><x/>', '<svg><a b=1 c="" /></svg>']);
});

t.test(
  'the last handler for an end tag is called with it, after what was asked of the element',
  async (t) => {
    const results = await evaluate(`${HELPERS}
    return [await rewrite('<p>x</P >', on('p', { element(e) {
        e.onEndTag(() => { throw new Error('replaced'); });
        e.onEndTag(async (tag) => { await null; tag.before(tag.name).before('2').after('3').after('4'); tag.name = 'q'; });
        e.append('1'); e.after('5'); } })),
      await rewrite('<p>x</p>', on('p', { element: (e) => e.onEndTag((tag) => tag.remove().before('B')) })),
      await rewrite('<p>x', on('p', { element(e) { e.append('no'); e.onEndTag(() => { throw new Error('no end tag'); }); } }))];`);
    t.same(results, ['<p>x1p2</q>435', '<p>xB', '<p>x']);
  },
);

t.test('an element without an end tag ends before the end tag of what is around it', async (t) => {
  const results = await evaluate(`${HELPERS}
    const calls = [];
    return [await rewrite('<ul><li>1<li>2</ul>', on('li', { element(e) { e.append('!').after('?'); e.onEndTag((tag) => { calls.push(tag.name); }); } })),
      await rewrite('<ul><li>1</ul>x', on('li', { element: (e) => e.remove() })), calls];`);
  t.same(results, ['<ul><li>1<li>2!?!?</ul>', '<ul></ul>x', ['ul', 'ul']]);
});

t.test('a text ends with an empty piece', async (t) => {
  const results = await evaluate(`${HELPERS}
    const seen = [];
    await rewrite('a<b>x &amp; y</b><!----><script>if (a < b) "</b>";</script>', (r) => r.on('b, script', { text: (t) => { seen.push([t.text, t.lastInTextNode]); } }));
    return seen;`);
  t.same(results, [
    ['x &amp; y', false],
    ['', true],
    ['if (a < b) "</b>";', false],
    ['', true],
  ]);
});

t.test('comments can be rewritten, if they still end where they end', async (t) => {
  const results = await evaluate(`${HELPERS}
    const texts = [];
    const html = await rewrite('<!--a--><!b><?c><!---->', (r) => r.onDocument({ comments(c) { texts.push(c.text); c.text += '!'; } }));
    const refused = [];
    await rewrite('<!--a-->', (r) => r.onDocument({ comments(c) { for (const text of ['a-->b', '--!>', '>', '->', 'a<!-']) refused.push(thrown(() => { c.text = text; })); } }));
    return [html, texts, new Set(refused).size, refused[0]];`);
  t.same(results, [
    '<!--a!--><!--b!--><!--?c!--><!--!-->',
    ['a', 'b', '?c', ''],
    1,
    "TypeError: Parser error: Comment text shouldn't contain a comment-closing sequence.",
  ]);
});

t.test('doctypes and the end of a document are told', async (t) => {
  const results = await evaluate(`${HELPERS}
    const seen = [];
    const html = await rewrite('<!DOCTYPE Html PUBLIC "-//W3C//DTD" "x">y', (r) => r.onDocument({
      doctype(d) { seen.push([d.name, d.publicId, d.systemId]); }, end(end) { end.append('<').append('<hr>', { html: true }); } }));
    await rewrite('<!doctype>', (r) => r.onDocument({ doctype: (d) => { seen.push([d.name, d.publicId, d.systemId]); } }));
    return [html, seen];`);
  t.same(results, [
    '<!DOCTYPE Html PUBLIC "-//W3C//DTD" "x">y&lt;<hr>',
    [
      ['html', '-//W3C//DTD', 'x'],
      [null, null, null],
    ],
  ]);
});

t.test('handlers are called in order, as methods, one after the other', async (t) => {
  const results = await evaluate(`${HELPERS}
    const log = [];
    class Handler {
      constructor(name) { this.name = name; }
      async element(e) { log.push(this.name + ' begins'); await new Promise((resolve) => setTimeout(resolve, 2)); e.append(this.name); log.push(this.name + ' ends'); }
      text(t) { t.text && log.push(this.name + ' ' + t.text); }
    }
    const documented = { name: 'document', text: Handler.prototype.text };
    const html = await rewrite('<p>x</p>', (r) => r.onDocument(documented).on('p', new Handler('one')).on('*', new Handler('two')));
    return [html, log];`);
  t.same(results, [
    '<p>xonetwo</p>',
    ['one begins', 'one ends', 'two begins', 'two ends', 'one x', 'two x', 'document x'],
  ]);
});

t.test('every handler has an object of its own over the same token', async (t) => {
  const results = await evaluate(`${HELPERS}
    return rewrite('<p>x</p>', (r) => r.on('p', { element(e) { e.own = 1; e.setAttribute('a', '1'); } }).on('p', { element(e) { e.setAttribute('b', e.getAttribute('a') + e.own); } }));`);
  t.equal(results, '<p a="1" b="1undefined">x</p>');
});

t.test('what a handler was given is of no use after it', async (t) => {
  const results = await evaluate(`${HELPERS}
    const kept = [];
    await rewrite('<!doctype html><p a>x<!--y--></p>', (r) => r.on('p', { element(e) { kept.push(e); kept.push(e.attributes); e.onEndTag((tag) => { kept.push(tag); }); }, text: (t) => { kept.push(t); }, comments: (c) => { kept.push(c); } })
      .onDocument({ doctype: (d) => { kept.push(d); }, end: (end) => { kept.push(end); } }));
    const uses = kept.map((token) => thrown(() => token.next ? token.next() : token.append ? token.append('x') : 'publicId' in token ? token.publicId : token.before('x')));
    return [kept.length, [...new Set(uses)]];`);
  t.same(results, [
    8,
    [
      'TypeError: This content token is no longer valid. Content tokens are only valid during the execution of the relevant content handler.',
    ],
  ]);
});

t.test('names that HTML has no room for are refused', async (t) => {
  const results = await evaluate(`${HELPERS}
    const seen = [];
    await rewrite('<a><br>', (r) => r.on('a', { element(e) {
      for (const name of ['', 'a b', 'a=', 'a>', 'a/']) seen.push(thrown(() => e.setAttribute(name, '')));
      for (const name of ['', '1', 'é', 'a b', 'a>']) seen.push(thrown(() => { e.tagName = name; }));
      seen.push(thrown(() => e.before(Symbol('x'))), thrown(() => e.before('x', 1)), thrown(() => e.setAttribute('x')), thrown(() => e.onEndTag({})));
    } }).on('br', { element(e) { seen.push(thrown(() => e.onEndTag(() => {}))); } }));
    return [seen.every((text) => text.startsWith('TypeError: ')), seen[1], seen[6], seen.at(-1)];`);
  t.same(results, [
    true,
    'TypeError: Parser error: ` ` character is forbidden in the attribute name',
    'TypeError: Parser error: The first character of the tag name should be an ASCII alphabetical character.',
    'TypeError: Parser error: No end tag.',
  ]);
});

t.test('arguments are checked when they are given', async (t) => {
  const results = await evaluate(`${HELPERS}
    const used = new Response('x');
    await used.text();
    return [() => new HTMLRewriter().on('a'), () => new HTMLRewriter().on('a', 1), () => new HTMLRewriter().on('a', { element: null }), () => new HTMLRewriter().onDocument({ end: {} }),
      () => new HTMLRewriter().transform('x'), () => new HTMLRewriter().transform(used), () => new HTMLRewriter().transform(Response.error()), () => HTMLRewriter(),
      () => new HTMLRewriter().on('a', undefined).onDocument(null)].map((call) => thrown(call).split(':')[0]);`);
  t.same(results, [...new Array<string>(6).fill('TypeError'), 'nothing', 'TypeError', 'nothing']);
});
