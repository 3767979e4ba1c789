/** Methods, URLs, headers, statuses: everything of a message but its body. */

import type { Case } from '../case.ts';

export const headers: readonly Case[] = [
  {
    name: 'headers arrive in both directions, with names in lower case and values trimmed',
    callee: (request) =>
      new Response(null, {
        headers: { 'X-Back': ` ${request.headers.get('x-there') ?? ''}\t`, 'X-Empty': '' },
      }),
    caller: async ({ callee, url }) => {
      const response = await callee.fetch(url, { headers: { 'X-There': '  a, b  ' } });
      return [...response.headers];
    },
    expected: [
      ['x-back', 'a, b'],
      ['x-empty', ''],
    ],
  },
  {
    name: 'several Set-Cookie headers stay several',
    callee: () => {
      const response = new Response('');
      response.headers.append('set-cookie', 'a=1; Path=/');
      response.headers.append('set-cookie', 'b=2, 3');
      response.headers.append('x-other', '1');
      response.headers.append('x-other', '2');
      return response;
    },
    caller: async ({ callee, url }) => {
      const { headers } = await callee.fetch(url);
      return [headers.getSetCookie(), headers.get('set-cookie'), headers.get('x-other')];
    },
    expected: [['a=1; Path=/', 'b=2, 3'], 'a=1; Path=/, b=2, 3', '1, 2'],
  },
  {
    name: 'several headers of one name arrive as they were sent',
    callee: (request) => Response.json([...request.headers].filter(([name]) => name.startsWith('x-'))),
    caller: async ({ callee, url }) => {
      const headers = new Headers();
      for (const value of ['1', '2', '', '3']) headers.append('x-many', value);
      return (await callee.fetch(url, { headers })).json();
    },
    expected: [['x-many', '1, 2, , 3']],
  },
  {
    name: 'every character that a name may have, and every one that a value may have, arrives',
    callee: (request) =>
      new Response('', {
        headers: new Headers([...request.headers].filter(([name]) => name.startsWith('x-'))),
      }),
    caller: async ({ callee, url }) => {
      const name = "x-!#$%&'*+-.^_`|~09az";
      const value = Array.from({ length: 224 }, (_, i) => String.fromCharCode(i + 32))
        .join('')
        .replace('\x7f', '')
        .trim();
      const response = await callee.fetch(url, { headers: { [name]: value } });
      return response.headers.get(name) === value;
    },
    expected: true,
  },
  {
    name: 'names that objects inherit are headers like others',
    callee: (request) =>
      Response.json([request.headers.get('__proto__'), request.headers.get('constructor')]),
    caller: async ({ callee, url }) => {
      const headers = [
        ['__proto__', 'a'],
        ['constructor', 'b'],
      ];
      return (await callee.fetch(url, { headers })).json();
    },
    expected: ['a', 'b'],
  },
  {
    name: 'a thousand headers and one of a hundred kilobytes arrive',
    callee: (request) => {
      const all = [...request.headers].filter(([name]) => name.startsWith('x-'));
      return Response.json([all.length, request.headers.get('x-999'), request.headers.get('x-long')?.length]);
    },
    caller: async ({ callee, url }) => {
      const headers = new Headers({ 'x-long': 'y'.repeat(100_000) });
      for (let i = 0; i < 1000; i++) headers.set(`x-${i}`, String(i));
      return (await callee.fetch(url, { headers })).json();
    },
    expected: [1001, '999', 100_000],
  },
  {
    name: 'the headers of what arrives can be changed by whoever got it',
    callee: (request) => {
      request.headers.set('x-a', 'changed');
      return new Response(request.headers.get('x-a'), { headers: { 'x-a': 'original' } });
    },
    caller: async ({ callee, url }) => {
      const response = await callee.fetch(url, { headers: { 'x-a': 'original' } });
      const copy = new Response(response.body, response);
      copy.headers.set('x-a', 'copy');
      return [await copy.text(), response.headers.get('x-a'), copy.headers.get('x-a')];
    },
    expected: ['changed', 'original', 'copy'],
  },
  {
    name: 'every status that a Response can have arrives with its text',
    callee: (request) => {
      const status = Number(request.headers.get('x-status'));
      return new Response(null, { status, statusText: `Text of ${status}` });
    },
    caller: async ({ callee, url }) => {
      const wrong: unknown[] = [];
      for (const status of [
        200, 201, 204, 205, 206, 299, 300, 304, 399, 400, 404, 418, 451, 499, 500, 503, 599,
      ]) {
        const response = await callee.fetch(url, { headers: { 'x-status': String(status) } });
        const isOk = status >= 200 && status < 300;
        if (response.status !== status || response.statusText !== `Text of ${status}` || response.ok !== isOk)
          wrong.push(response.status);
        if ((await response.text()) !== '') wrong.push(`body of ${status}`);
      }
      return wrong;
    },
    expected: [],
  },
  {
    name: 'every method arrives; those that are known in capitals, others as they were written',
    callee: (request) => new Response(null, { headers: { 'x-method': request.method } }),
    caller: async ({ callee, url }) => {
      const methods = ['get', 'post', 'PUT', 'delete', 'OPTIONS', 'patch', 'PATCH', 'PROPFIND', 'a-b'];
      const sent = methods.map(async (method) =>
        (await callee.fetch(url, { method })).headers.get('x-method'),
      );
      return Promise.all(sent);
    },
    expected: ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'patch', 'PATCH', 'PROPFIND', 'a-b'],
  },
  {
    name: 'the answer to HEAD has no body, whatever the callee gives it',
    callee: (request, { notes }) =>
      request.headers.has('x-stream')
        ? new Response(new ReadableStream({ cancel: () => notes.set('cancelled', true) }))
        : new Response('a body', { headers: { 'x-a': request.method } }),
    caller: async ({ callee, url, note }) => {
      const text = await callee.fetch(url, { method: 'HEAD' });
      const stream = await callee.fetch(url, { method: 'HEAD', headers: { 'x-stream': '1' } });
      return [text.headers.get('x-a'), text.body, await text.text(), stream.body, await note('cancelled')];
    },
    expected: ['HEAD', null, '', null, true],
  },
  {
    name: 'the URL arrives serialized and without its fragment, and is that of the response',
    callee: (request) => new Response(request.url),
    caller: async ({ callee, url }) => {
      const response = await callee.fetch(`${url.replace('http', 'HTTP')}a/../b c?q=ä&r= #part`);
      const plain = await callee.fetch(`${url}plain#part`);
      const { pathname, search, hash } = new URL(await response.text());
      return [
        pathname.slice(-6),
        search,
        hash,
        new URL(response.url).pathname === pathname,
        new URL(response.url).hash,
        (await plain.text()).slice(-6),
      ];
    },
    expected: ['/b%20c', '?q=%C3%A4&r=%20', '', true, '', '/plain'],
  },
  {
    name: 'any host, port and user in a URL leads to the service behind the binding',
    callee: (request) => new Response(new URL(request.url).host),
    caller: async ({ callee, url }) => {
      const { pathname } = new URL(url);
      const urls = ['https://example.com', 'http://127.0.0.1:1', 'http://[::1]:99'].map(
        (origin) => origin + pathname,
      );
      return Promise.all(urls.map(async (each) => (await callee.fetch(each)).text()));
    },
    expected: ['example.com', '127.0.0.1:1', '[::1]:99'],
  },
  {
    name: 'a request with init takes what init says, and the rest from the request',
    callee: async (request) =>
      Response.json([request.method, request.headers.get('x-a'), await request.text()]),
    caller: async ({ callee, url }) => {
      const request = new Request(url, { method: 'PUT', headers: { 'x-a': 'request' }, body: 'request' });
      return (await callee.fetch(request, { headers: { 'x-a': 'init' } })).json();
    },
    expected: ['PUT', 'init', 'request'],
  },
  {
    name: 'a network error for an answer is an error for the caller',
    callee: () => Response.error(),
    caller: async ({ callee, url }) =>
      (await callee.fetch(url).catch((reason: unknown) => reason)) instanceof TypeError,
    expected: true,
  },
  {
    name: 'the cf property of a request arrives',
    callee: (request) => Response.json((request as { cf?: unknown }).cf ?? null),
    caller: async ({ callee, url }) => {
      const cf = { country: 'AQ', list: [1, { deep: true }] };
      return [await (await callee.fetch(url, { cf })).json(), await (await callee.fetch(url)).json()];
    },
    expected: [{ country: 'AQ', list: [1, { deep: true }] }, null],
  },
];
