/** URL and URLPattern inside a realm. https://url.spec.whatwg.org/ https://urlpattern.spec.whatwg.org/ */

import t from 'tap';
import { evaluate } from '../helpers/realm.ts';

const PARTS = [
  'href',
  'origin',
  'protocol',
  'username',
  'password',
  'host',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash',
] as const;

const inputs = [
  'http://example.com',
  'https://user:pa%3Ass@Example.COM:8443/a/./b/../c?x=1&y#frag',
  'https://user@host/',
  'http://:pw@host/?',
  'http://[2001:DB8::1]:81/#',
  'http://0x7f.1/',
  'http://host:80/?a:b@c/d#e?f/g',
  'file:///C:/x/../y',
  'file://server/share',
  'data:text/plain,hello world?q#f',
  'mailto:a@b.c',
  'javascript:alert(1)//x',
  'web+demo:/.//not-a-host/',
  'foo://h@st:1/p@th:x?y',
  'foo:',
  'foo://',
  'blob:https://example.com:443/uuid',
  'blob:ftp://example.com/uuid',
  'wss://h/\t\n a',
  'http://faß.example/é?é#é',
];

t.test('components are what the host finds, in every kind of URL', async (t) => {
  const results = await evaluate(`
    return ${JSON.stringify(inputs)}.map((input) => {
      const url = new URL(input);
      return [...${JSON.stringify(PARTS)}.map((part) => url[part]), String(url), JSON.stringify(url), url.searchParams.toString()];
    });`);
  const expected = inputs.map((input) => {
    const url = new URL(input);
    return [...PARTS.map((part) => url[part]), String(url), JSON.stringify(url), url.searchParams.toString()];
  });
  t.same(results, expected);
});

type SettableUrl = URL & Record<string, string>;

/** Sets each part of each URL to each value. Runs in the host, and as text in a realm. */
function setEverything(inputs: string[], parts: string[], values: string[]): string[][] {
  const results: string[][] = [];
  for (const input of inputs) {
    for (const part of parts) {
      for (const value of values) {
        const url = new URL(input) as SettableUrl;
        const params = url.searchParams;
        let thrown = '';
        try {
          url[part] = value;
        } catch (error) {
          thrown = (error as Error).name;
        }
        results.push([input, part, value, url.href, params.toString(), thrown]);
      }
    }
  }
  return results;
}

t.test('setters do what the host does', async (t) => {
  const values = [
    '',
    'x',
    'ftp',
    'https:',
    'a:81',
    '[::1]:90',
    ':1',
    '99999',
    '0080',
    '/é/../?',
    '?a b',
    '#',
    'x@y',
    ' ',
  ];
  const settable = PARTS.filter((part) => part !== 'origin');
  const given = JSON.stringify([inputs, settable, values]);
  t.same(
    await evaluate(`return (${String(setEverything)})(...${given});`),
    setEverything(inputs, settable, values),
  );
});

t.test('labels in Punycode are validated, which the host does not do', async (t) => {
  const results = await evaluate(`
    const url = new URL('https://example.com/');
    url.host = 'xn--a.pt';
    url.hostname = 'xn--';
    return [
      ['https://xn--fa-hia.de/', 'https://xn--a.pt/', 'file://xn--/p', 'https://a.xn--pokxncvks/', 'http://XN--0.pt/', 'foo://xn--/', 'https://h/?xn--']
        .map((input) => URL.parse(input)?.href ?? null),
      url.href, URL.canParse('/x', 'https://xn--/'), URL.canParse('https://h/', 'https://XN--/'), URL.canParse('https://h/', 'https://h%61/'),
    ];`);
  t.same(results, [
    ['https://xn--fa-hia.de/', null, null, null, null, 'foo://xn--/', 'https://h/?xn--'],
    'https://example.com/',
    false,
    false,
    true,
  ]);
});

t.test('invalid URLs are TypeErrors of the realm, or null, or false', async (t) => {
  const results = await evaluate(`
    const error = (f) => { try { return f(); } catch (e) { return [e.constructor === TypeError, e.message]; } };
    return [
      error(() => new URL('/relative')), error(() => new URL()), error(() => { new URL('http://a').href = 'b'; }),
      error(() => new URL('/x', 'mailto:a')), error(() => new URL(Symbol())), error(() => URL('http://a'))[0],
      URL.parse('nonsense'), URL.canParse('nonsense'), URL.parse('x', 'http://a/b/c').href, URL.canParse('x', undefined),
    ];`);
  t.same(results, [
    [true, 'Invalid URL: "/relative"'],
    [true, 'URL constructor: 1 argument required, but only 0 present.'],
    [true, 'URL.href: the value is not a valid URL.'],
    [true, 'Invalid URL: "/x"'],
    [true, 'Cannot convert a Symbol value to a string'],
    true,
    null,
    false,
    'http://a/b/x',
    false,
  ]);
});

t.test('searchParams and the query follow each other', async (t) => {
  const results = await evaluate(`
    const url = new URL('http://h/?a=1#f');
    const params = url.searchParams;
    const seen = [params === url.searchParams];
    params.append('b', 'x y&z');
    seen.push(url.href);
    url.search = '?c=3';
    seen.push(params.toString());
    url.href = 'http://h/?d=4';
    seen.push([...params]);
    params.delete('d');
    seen.push(url.href);
    const opaque = new URL('data:x   ?q#f');
    opaque.searchParams.delete('q');
    seen.push(opaque.href === (() => { const u = new URL('data:x   ?q#f'); u.search = ''; return u.href; })());
    url.pathname = '/p';
    params.set('e', 'é');
    seen.push(url.href);
    return seen;`);
  t.same(results, [
    true,
    'http://h/?a=1&b=x+y%26z#f',
    'c=3',
    [['d', '4']],
    'http://h/',
    true,
    'http://h/p?e=%C3%A9',
  ]);
});

t.test('the classes look as Web IDL says', async (t) => {
  const results = await evaluate(`
    const descriptor = (o, k) => { const d = Object.getOwnPropertyDescriptor(o, k); return [d.enumerable, d.configurable, typeof d.get, typeof d.set]; };
    return [URL.name, URL.length, String(new URL('http://a')), Object.prototype.toString.call(new URL('http://a')),
      descriptor(URL.prototype, 'href'), descriptor(URL.prototype, 'origin'), descriptor(URL, 'canParse'), descriptor(URL.prototype, 'toJSON'),
      Object.getOwnPropertyNames(new URL('http://a')), 'createObjectURL' in URL, URLSearchParams.prototype[Symbol.iterator] === URLSearchParams.prototype.entries];`);
  t.same(results, [
    'URL',
    1,
    'http://a/',
    '[object URL]',
    [true, true, 'function', 'function'],
    [true, true, 'function', 'undefined'],
    [true, true, 'undefined', 'undefined'],
    [true, true, 'undefined', 'undefined'],
    [],
    false,
    true,
  ]);
});

t.test('URLPattern matches, and its results are objects of the realm', async (t) => {
  const results = await evaluate(`
    const pattern = new URLPattern('/books/:id(\\\\d+)/:rest*', 'https://shop.example');
    const match = pattern.exec('https://shop.example/books/12/a/b?x#y');
    return [
      match.pathname, match.inputs, match.search.groups, Object.getPrototypeOf(match) === Object.prototype,
      pattern.test('https://shop.example/books/x'), pattern.test({ pathname: '/books/1', baseURL: 'https://shop.example' }),
      pattern.hasRegExpGroups, pattern.pathname, new URLPattern({ hostname: '*.example' }).test('http://a.b.example/'),
      new URLPattern({ pathname: '/A' }, { ignoreCase: true }).test('http://h/a'), new URLPattern().test('foo:bar'),
      new URLPattern({ pathname: '/:__proto__' }).exec({ pathname: '/x' }).pathname.groups.__proto__,
      new URLPattern({ pathname: '/{:a}?' }).exec({ pathname: '/' }).pathname.groups.a === undefined,
    ];`);
  t.same(results, [
    { groups: { id: '12', rest: 'a/b' }, input: '/books/12/a/b' },
    ['https://shop.example/books/12/a/b?x#y'],
    { 0: 'x' },
    true,
    false,
    true,
    true,
    '/books/:id(\\d+)/:rest*',
    true,
    true,
    true,
    'x',
    true,
  ]);
});

t.test('an invalid URLPattern is a TypeError of the realm', async (t) => {
  const patterns = ['/(', '/(()', '/:a/:a', '{/a', '/a}', '/(?x)', '/([)', '/(é)', '/\\'];
  const results = await evaluate(`
    const error = (f) => { try { return f() && 'no error'; } catch (e) { return e.constructor === TypeError; } };
    return [
      ...${JSON.stringify(patterns)}.map((pathname) => error(() => new URLPattern({ pathname }))),
      error(() => new URLPattern('/relative')), error(() => new URLPattern({}, 'http://a')), error(() => new URLPattern({ port: 'x' })),
      error(() => new URLPattern().test({}, 'http://a')),
    ];`);
  t.same(results, new Array(patterns.length + 4).fill(true));
});
