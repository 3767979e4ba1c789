/** Bodies that are there at once: text, bytes, forms, nothing. */

import type { Case } from '../case.ts';

export const bodies: readonly Case[] = [
  {
    name: 'text arrives as text, both ways',
    callee: async (request) => new Response(`<${await request.text()}>`),
    caller: async ({ callee, url }) =>
      (await callee.fetch(url, { method: 'POST', body: 'aé€😀\n\0' })).text(),
    expected: '<aé€😀\n\0>',
  },
  {
    name: 'text that is not well-formed is made so',
    callee: async (request) => new Response(`${await request.text()}\udc00`),
    caller: async ({ callee, url }) => (await callee.fetch(url, { method: 'POST', body: 'a\ud800b' })).text(),
    expected: 'a\ufffdb\ufffd',
  },
  {
    name: 'bytes arrive as bytes, both ways',
    callee: async (request) => new Response((await request.bytes()).reverse()),
    caller: async ({ callee, url }) => {
      const all = new Uint8Array(256).map((_, i) => i);
      const response = await callee.fetch(url, { method: 'POST', body: all });
      return [...new Uint8Array(await response.arrayBuffer())];
    },
    expected: Array.from({ length: 256 }, (_, i) => 255 - i),
  },
  {
    name: 'a view sends its own part of its buffer',
    callee: async (request) => new Response(new DataView((await request.arrayBuffer()).slice(0), 1, 2)),
    caller: async ({ callee, url }) => {
      const view = new Uint8Array([0, 1, 2, 3, 4, 5]).subarray(1, 4);
      return [...(await (await callee.fetch(url, { method: 'POST', body: view })).bytes())];
    },
    expected: [2, 3],
  },
  {
    name: 'no body is no body, both ways',
    callee: async (request, { notes }) => {
      notes.set('body', [request.body === null, await request.text(), request.bodyUsed]);
      return new Response(null);
    },
    caller: async ({ callee, url, note }) => {
      const response = await callee.fetch(url, { method: 'POST' });
      return [await note('body'), response.body === null, await response.text(), response.bodyUsed];
    },
    expected: [[true, '', false], true, '', false],
  },
  {
    name: 'an empty body is a body, both ways',
    callee: async (request, { notes }) => {
      notes.set('body', [request.body === null, (await request.bytes()).length, request.bodyUsed]);
      return new Response(new Uint8Array(0));
    },
    caller: async ({ callee, url, note }) => {
      const response = await callee.fetch(url, { method: 'POST', body: '' });
      return [await note('body'), response.body === null, await response.text(), response.bodyUsed];
    },
    expected: [[false, 0, true], false, '', true],
  },
  {
    name: 'JSON arrives as JSON',
    callee: async (request) => Response.json({ got: await request.json() }, { status: 201 }),
    caller: async ({ callee, url }) => {
      const response = await callee.fetch(url, {
        method: 'PUT',
        body: JSON.stringify({ a: [1, null, 'é'] }),
      });
      return [response.status, response.headers.get('content-type'), await response.json()];
    },
    expected: [201, 'application/json', { got: { a: [1, null, 'é'] } }],
  },
  {
    name: 'forms arrive with their files',
    callee: async (request) => {
      const form = await request.formData();
      const file = form.get('file') as File;
      const back = new FormData();
      back.append('names', [...form.keys()].join());
      back.append('copy', new File([await file.text(), '!'], `${file.name}.bak`, { type: file.type }));
      return new Response(back);
    },
    caller: async ({ callee, url }) => {
      const form = new FormData();
      form.append('a', '1');
      form.append('file', new File(['content'], 'ä "quoted".txt', { type: 'text/x-test' }));
      const back = await (await callee.fetch(url, { method: 'POST', body: form })).formData();
      const copy = back.get('copy') as File;
      return [back.get('names'), copy.name, copy.type, await copy.text()];
    },
    expected: ['a,file', 'ä "quoted".txt.bak', 'text/x-test', 'content!'],
  },
  {
    name: 'each kind of body brings its own content type',
    callee: (request) => Response.json(request.headers.get('content-type')),
    caller: async ({ callee, url }) => {
      const bodies = [
        'text',
        new URLSearchParams({ a: 'b' }),
        new Blob(['x'], { type: 'image/png' }),
        new Uint8Array(1),
      ];
      const sent = bodies.map(async (body) => (await callee.fetch(url, { method: 'POST', body })).json());
      return Promise.all(sent);
    },
    expected: [
      'text/plain;charset=UTF-8',
      'application/x-www-form-urlencoded;charset=UTF-8',
      'image/png',
      null,
    ],
  },
  {
    name: 'a clone has the same body as the original, on both sides',
    callee: async (request) => {
      const copy = request.clone();
      return new Response(`${await request.text()}+${await copy.text()}`);
    },
    caller: async ({ callee, url }) => {
      const request = new Request(url, { method: 'POST', body: 'a' });
      const copy = request.clone();
      const first = await callee.fetch(request);
      const second = await callee.fetch(copy);
      const again = second.clone();
      return [await first.text(), await again.text(), await second.text()];
    },
    expected: ['a+a', 'a+a', 'a+a'],
  },
  {
    name: 'a clone of a streamed body has the same bytes, on both sides',
    callee: async (request) => {
      const copy = request.clone();
      const both = await Promise.all([request.text(), copy.text()]);
      return new Response(
        ReadableStream.from([both[0] ?? '', '+', both[1] ?? '']).pipeThrough(new TextEncoderStream()),
      );
    },
    caller: async ({ callee, url }) => {
      const body = ReadableStream.from(['a', 'b']).pipeThrough(new TextEncoderStream());
      const response = await callee.fetch(url, { method: 'POST', body, duplex: 'half' });
      const [left, right] = (response.clone().body as ReadableStream).tee();
      const read = (stream: ReadableStream): Promise<string> => new Response(stream as never).text();
      return Promise.all([response.text(), read(left), read(right)]);
    },
    expected: ['ab+ab', 'ab+ab', 'ab+ab'],
  },
  {
    name: 'what the caller does to its bytes and headers after the call does not reach the callee',
    callee: async (request, { notes }) => {
      if (request.url.endsWith('changed')) {
        notes.set('changed', true);
        return new Response('');
      }
      await notes.get('changed');
      return Response.json([request.headers.get('x-a'), await request.text()]);
    },
    caller: async ({ callee, url }) => {
      const body = new TextEncoder().encode('before');
      const headers = new Headers({ 'x-a': 'before' });
      const called = callee.fetch(url, { method: 'POST', body, headers });
      body.fill(33);
      headers.set('x-a', 'after');
      await callee.fetch(`${url}changed`);
      return (await called).json();
    },
    expected: ['before', 'before'],
  },
  {
    name: 'what the callee does to its bytes and headers after its answer does not reach the caller',
    callee: async (request, { notes }) => {
      const body = new TextEncoder().encode('before');
      const response = new Response(body, { headers: { 'x-a': 'before' } });
      setTimeout(() => {
        body.fill(33);
        response.headers.set('x-a', 'after');
        notes.set('changed', true);
      });
      return response;
    },
    caller: async ({ callee, url, note }) => {
      const response = await callee.fetch(url);
      await note('changed');
      return [response.headers.get('x-a'), await response.text()];
    },
    expected: ['before', 'before'],
  },
  {
    name: 'what the callee does to the bytes it was sent does not reach the caller',
    callee: async (request) => {
      (await request.bytes()).fill(33);
      return new Response('');
    },
    caller: async ({ callee, url }) => {
      const body = new TextEncoder().encode('mine');
      await callee.fetch(url, { method: 'POST', body });
      return new TextDecoder().decode(body);
    },
    expected: 'mine',
  },
  {
    name: 'a request is used up by the call',
    callee: () => new Response(''),
    caller: async ({ callee, url }) => {
      const request = new Request(url, { method: 'POST', body: 'once' });
      await callee.fetch(request);
      const again = await callee.fetch(request).catch((error: unknown) => error);
      return [request.bodyUsed, again instanceof TypeError];
    },
    expected: [true, true],
  },
  {
    name: 'ten megabytes of text and of bytes arrive intact',
    callee: async (request) => {
      const bytes = await request.bytes();
      return new Response(request.headers.has('x-text') ? new TextDecoder().decode(bytes) : bytes);
    },
    caller: async ({ callee, url }) => {
      const text = '0123456789'.repeat(1024 * 1024);
      const asText = await callee.fetch(url, { method: 'POST', body: text, headers: { 'x-text': '1' } });
      const bytes = new TextEncoder().encode(text);
      const asBytes = await callee.fetch(url, { method: 'POST', body: bytes });
      const back = await asBytes.bytes();
      return [(await asText.text()) === text, back.length, back.every((byte, i) => byte === 48 + (i % 10))];
    },
    expected: [true, 10 * 1024 * 1024, true],
  },
];
