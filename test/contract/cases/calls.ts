/** How calls relate: passed on, nested, side by side, named, outlived. */

import type { Case, ExpectedResponse } from '../case.ts';

export const calls: readonly Case[] = [
  {
    name: 'the request of the client can be passed on as it is',
    callee: async (request) =>
      Response.json([request.method, request.headers.get('x-a'), await request.text()]),
    caller: ({ callee, request, url }) => callee.fetch(new Request(url, request)),
    input: { method: 'POST', body: 'from the client', headers: { 'x-a': 'b' } },
    expected: {
      status: 200,
      body: '["POST","b","from the client"]',
      headers: { 'content-type': 'application/json' },
    } satisfies ExpectedResponse,
  },
  {
    name: 'a response of the callee can be passed on as it is',
    callee: () => {
      const headers = new Headers({ 'x-a': 'é', 'content-type': 'text/x-test' });
      return new Response(ReadableStream.from(['part ', 'by part']).pipeThrough(new TextEncoderStream()), {
        status: 203,
        headers,
      });
    },
    caller: ({ callee, url }) => callee.fetch(url),
    expected: {
      status: 203,
      body: 'part by part',
      headers: { 'content-type': 'text/x-test' },
    } satisfies ExpectedResponse,
  },
  {
    name: 'a redirect of the callee that is passed on by hand reaches the client',
    callee: () => Response.redirect('http://elsewhere/', 303),
    caller: ({ callee, url, request }) => callee.fetch(new Request(url, request)),
    expected: {
      status: 303,
      body: '',
      headers: { location: 'http://elsewhere/' },
    } satisfies ExpectedResponse,
  },
  {
    name: 'a body goes through several services and back',
    callee: (request, { self }) => {
      const depth = Number(request.headers.get('x-depth') ?? 5);
      if (depth === 0) return new Response(request.body);
      const headers = { 'x-depth': String(depth - 1) };
      return self.fetch(new Request(request, { headers }));
    },
    caller: async ({ callee, url }) => {
      const body = ReadableStream.from(['a', 'b', 'c']).pipeThrough(new TextEncoderStream());
      return (await callee.fetch(url, { method: 'POST', body, duplex: 'half' })).text();
    },
    expected: 'abc',
  },
  {
    name: 'a callee may call back while it is called',
    callee: async (request, { caller }) => {
      const index = new URL(request.url).pathname.split('/')[1] ?? '';
      const answer = await caller.fetch(`http://caller/back/${index}`, {
        method: 'POST',
        body: await request.text(),
      });
      return new Response(`${await answer.text()} and back`);
    },
    back: async (request) => new Response(`${await request.text()} there`),
    caller: async ({ callee, url }) => (await callee.fetch(url, { method: 'POST', body: 'here' })).text(),
    expected: 'here there and back',
  },
  {
    name: 'a hundred calls at once get each its own answer',
    callee: async (request) => {
      const number = Number(request.headers.get('x-number'));
      if (number % 3 === 0) await new Promise((resolve) => setTimeout(resolve, number % 7));
      if (number % 10 === 9) throw new RangeError(`no ${number}`);
      return new Response(`${number}:${await request.text()}`);
    },
    caller: async ({ callee, url }) => {
      const send = async (number: number): Promise<string> => {
        const init = { method: 'POST', headers: { 'x-number': String(number) }, body: `body ${number}` };
        return callee.fetch(url, init).then(
          (response) => response.text(),
          (error: unknown) => (error as Error).message,
        );
      };
      const outcomes = await Promise.all(Array.from({ length: 100 }, (_, i) => send(i)));
      return outcomes.filter((text, i) => text !== (i % 10 === 9 ? `no ${i}` : `${i}:body ${i}`));
    },
    expected: [],
  },
  {
    name: 'calls arrive in the order in which they were made',
    callee: (request, { notes }) => {
      const seen = ((globalThis as { seen?: string[] }).seen ??= []);
      seen.push(request.headers.get('x-number') ?? '');
      if (seen.length === 50) notes.set('seen', seen);
      return new Response('');
    },
    caller: async ({ callee, url, note }) => {
      await Promise.all(
        Array.from({ length: 50 }, (_, i) => callee.fetch(url, { headers: { 'x-number': String(i) } })),
      );
      const seen = (await note('seen')) as string[];
      return seen.every((number, i) => number === String(i));
    },
    expected: true,
  },
  {
    name: 'services that call each other more than 64 levels deep get an error with a code',
    callee: (request, { caller }) => {
      const index = new URL(request.url).pathname.split('/')[1] ?? '';
      return caller.fetch(`http://caller/back/${index}`);
    },
    back: (request, { callee }) => callee.fetch(request.url.replace('caller/back', 'callee')),
    caller: async ({ callee, url }) => {
      const error = (await callee.fetch(url).catch((reason: unknown) => reason)) as Error & { code?: string };
      return [error.code, error.message];
    },
    expected: ['CALL_TOO_DEEP', 'services called each other more than 64 levels deep'],
  },
  {
    name: 'they get it as well where each of them waits before it calls',
    callee: async (request, { caller }) => {
      await new Promise((resolve) => setTimeout(resolve));
      const index = new URL(request.url).pathname.split('/')[1] ?? '';
      return caller.fetch(`http://caller/back/${index}`);
    },
    back: async (request, { callee }) => {
      await new Promise((resolve) => setTimeout(resolve));
      return callee.fetch(request.url.replace('caller/back', 'callee'));
    },
    caller: async ({ callee, url }) => {
      const error = (await callee.fetch(url).catch((reason: unknown) => reason)) as Error & { code?: string };
      return error.code;
    },
    expected: 'CALL_TOO_DEEP',
  },
  {
    name: 'sixty levels are not too deep',
    callee: (request, { self }) => {
      const depth = Number(request.headers.get('x-depth'));
      return depth === 0
        ? new Response('bottom')
        : self.fetch(request.url, { headers: { 'x-depth': String(depth - 1) } });
    },
    caller: async ({ callee, url }) => (await callee.fetch(url, { headers: { 'x-depth': '60' } })).text(),
    expected: 'bottom',
  },
  {
    name: 'a binding leads to the entrypoint that it names, with its props',
    callee: (request, { entrypoint, ctx }) => Response.json([entrypoint, ctx.props]),
    caller: async ({ callee, named, url }) => {
      const both = [await callee.fetch(url), await named.fetch(url)];
      return Promise.all(both.map((response) => response.json()));
    },
    expected: [
      ['default', {}],
      ['Named', { from: 'caller', list: [1, { deep: true }] }],
    ],
  },
  {
    name: 'props are new for each call',
    callee: (request, { ctx }) => {
      const props = ctx.props as { list: unknown[] };
      props.list.push('more');
      return Response.json(props.list.length);
    },
    caller: async ({ named, url }) => [
      await (await named.fetch(url)).json(),
      await (await named.fetch(url)).json(),
    ],
    expected: [3, 3],
  },
  {
    name: 'what was given to waitUntil goes on after the response',
    callee: (request, { notes, ctx }) => {
      if (request.url.endsWith('go')) {
        notes.set('go', true);
        return new Response('');
      }
      ctx.waitUntil(notes.get('go').then(() => notes.set('done', 'after the response')));
      return new Response('at once');
    },
    caller: async ({ callee, url, note }) => {
      const text = await (await callee.fetch(url)).text();
      await callee.fetch(`${url}go`);
      return [text, await note('done')];
    },
    expected: ['at once', 'after the response'],
  },
  {
    name: 'a response body may be read long after the call, and out of order',
    callee: (request) => {
      const number = request.headers.get('x-number') ?? '';
      return new Response(ReadableStream.from([number, number]).pipeThrough(new TextEncoderStream()));
    },
    caller: async ({ callee, url, turns }) => {
      const send = (i: number): Promise<Response> =>
        callee.fetch(url, { headers: { 'x-number': String(i) } });
      const responses = await Promise.all([0, 1, 2, 3].map(send));
      await turns(5);
      const texts: string[] = [];
      for (const response of responses.reverse()) texts.push(await response.text());
      return texts;
    },
    expected: ['33', '22', '11', '00'],
  },
  {
    name: 'a request body that the callee does not read keeps nobody',
    callee: () => new Response('not interested'),
    caller: async ({ callee, url }) => {
      const body = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1024)) });
      return (await callee.fetch(url, { method: 'POST', body, duplex: 'half' })).text();
    },
    expected: 'not interested',
  },
  {
    name: 'objects of the other side are objects of this one',
    callee: async (request) =>
      Response.json([
        request instanceof Request,
        request.headers instanceof Headers,
        request.signal instanceof AbortSignal,
        request.body instanceof ReadableStream,
        (await request.bytes()) instanceof Uint8Array,
      ]),
    caller: async ({ callee, url }) => {
      const called = callee.fetch(url, { method: 'POST', body: 'x' });
      const response = await called;
      const all = [
        called instanceof Promise,
        response instanceof Response,
        response.headers instanceof Headers,
        response.body instanceof ReadableStream,
      ];
      return [...all, ...((await response.json()) as boolean[])];
    },
    expected: Array.from({ length: 9 }, () => true),
  },
];
