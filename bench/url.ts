/** What does a URL cost in a realm, compared with the host's own class? Prints JSON, nanoseconds a call. */

import { compareRealmAndHost } from './lib/both-realms.ts';

const cases = `(() => {
  const many = (make) => Array.from({ length: 64 }, (_, i) => make(i));
  const short = many((i) => 'http://a.com/' + i);
  const medium = many((i) => 'https://api.example.com/v1/users/' + i + '?page=2&limit=50');
  const long = many((i) => 'https://www.example.com/some/long/path/to/a/resource/with/segments/' + i + '?query=one&and=two&three=3#fragment');
  const url = new URL(medium[0]);
  const parsed = medium.map((text) => new URL(text));
  const pattern = new URLPattern({ pathname: '/v1/users/:id' });
  return {
    'new URL, short': (i) => new URL(short[i & 63]),
    'new URL, medium': (i) => new URL(medium[i & 63]),
    'new URL, long': (i) => new URL(long[i & 63]),
    'new URL, relative': (i) => new URL('/x/y?z', medium[i & 63]),
    'new URL(...).pathname': (i) => new URL(medium[i & 63]).pathname,
    'pathname of a known URL': (i) => parsed[i & 63].pathname,
    'new URL(...).searchParams.get': (i) => new URL(medium[i & 63]).searchParams.get('limit'),
    'URL.canParse': (i) => URL.canParse(medium[i & 63]),
    'set hash': (i) => { url.hash = 'x' + (i & 63); },
    'new URLSearchParams': (i) => new URLSearchParams('page=2&limit=50&q=a+b%20c'),
    'URLSearchParams to text': (i) => new URLSearchParams([['page', '2'], ['q', 'a b c']]).toString(),
    'URLPattern.test': (i) => pattern.test(medium[i & 63]),
  };
})()`;

console.log(JSON.stringify(await compareRealmAndHost(cases), undefined, 2));
