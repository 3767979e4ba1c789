/** What goes wrong on one side is an error of the other side's realm, with what a person needs to know and nothing more. */

import type { Case } from '../case.ts';

export const errors: readonly Case[] = [
  {
    name: 'an error that the callee throws is an error of the same class',
    callee: (request) => {
      const kinds: Record<string, () => unknown> = {
        TypeError: () => new TypeError('wrong type'),
        RangeError: () => new RangeError('out of range'),
        SyntaxError: () => new SyntaxError('odd'),
        DOMException: () => new DOMException('not now', 'InvalidStateError'),
        Custom: () => Object.assign(new Error('mine'), { name: 'CustomError', code: 'E_CUSTOM' }),
      };
      throw kinds[new URL(request.url).hash.slice(1) || request.headers.get('x-kind') || '']?.() as Error;
    },
    caller: async ({ callee, url }) => {
      const describe = async (kind: string): Promise<unknown> => {
        const error = (await callee
          .fetch(url, { headers: { 'x-kind': kind } })
          .catch((reason: unknown) => reason)) as Error;
        const isOfClass =
          kind === 'Custom' ? error.constructor === Error : error instanceof (globalThis as never)[kind];
        return [isOfClass, error.name, error.message];
      };
      return Promise.all(['TypeError', 'RangeError', 'SyntaxError', 'DOMException', 'Custom'].map(describe));
    },
    expected: [
      [true, 'TypeError', 'wrong type'],
      [true, 'RangeError', 'out of range'],
      [true, 'SyntaxError', 'odd'],
      [true, 'InvalidStateError', 'not now'],
      [true, 'CustomError', 'mine'],
    ],
  },
  {
    name: 'a rejection is as good as a throw',
    callee: async () => {
      await Promise.resolve();
      throw new RangeError('later');
    },
    caller: async ({ callee, url }) => {
      const error = (await callee.fetch(url).catch((reason: unknown) => reason)) as Error;
      return [error instanceof RangeError, error.message, typeof error.stack];
    },
    expected: [true, 'later', 'string'],
  },
  {
    name: 'an error brings nothing but name, message, stack',
    callee: () => {
      throw Object.assign(new Error('bare', { cause: new Error('inner') }), {
        secret: 'key',
        deep: { object: true },
      });
    },
    caller: async ({ callee, url }) => {
      const error = (await callee.fetch(url).catch((reason: unknown) => reason)) as object;
      return Reflect.ownKeys(error).map(String).sort();
    },
    expected: ['message', 'stack'],
  },
  {
    name: 'whatever else is thrown arrives as an Error that says what it was',
    callee: (request) => {
      const things: Record<string, unknown> = {
        null: null,
        undefined,
        string: 'just text',
        number: 7,
        object: { message: 'like an error' },
        symbol: Symbol('sym'),
        proxy: new Proxy(Object.create(null) as object, {
          get() {
            throw new Error('trap');
          },
          getPrototypeOf() {
            throw new Error('trap');
          },
          getOwnPropertyDescriptor() {
            throw new Error('trap');
          },
        }),
        getter: Object.defineProperty(new Error('hidden'), 'message', {
          get() {
            throw new Error('trap');
          },
        }),
      };
      throw things[request.headers.get('x-kind') ?? ''] as Error;
    },
    caller: async ({ callee, url }) => {
      const kinds = ['null', 'undefined', 'string', 'number', 'object', 'symbol', 'proxy', 'getter'];
      const describe = async (kind: string): Promise<unknown> => {
        const error = (await callee
          .fetch(url, { headers: { 'x-kind': kind } })
          .catch((reason: unknown) => reason)) as Error;
        return [kind, error instanceof Error, error.name, error.message];
      };
      return Promise.all(kinds.map(describe));
    },
    expected: [
      ['null', true, 'Error', 'null'],
      ['undefined', true, 'Error', 'undefined'],
      ['string', true, 'Error', 'just text'],
      ['number', true, 'Error', '7'],
      ['object', true, 'Error', 'like an error'],
      ['symbol', true, 'Error', 'Symbol(sym)'],
      ['proxy', true, 'Error', 'an object that is not an Error was thrown'],
      ['getter', true, 'Error', ''],
    ],
  },
  {
    name: 'an answer that is no Response is a TypeError',
    callee: (request) => {
      const things: Record<string, unknown> = {
        undefined,
        text: 'hello',
        object: { status: 200 },
        lookalike: Object.create(Response.prototype),
        promise: Promise.resolve(null),
      };
      return things[request.headers.get('x-kind') ?? ''];
    },
    caller: async ({ callee, url }) => {
      const describe = async (kind: string): Promise<unknown> => {
        const error = await callee
          .fetch(url, { headers: { 'x-kind': kind } })
          .catch((reason: unknown) => reason);
        return [kind, error instanceof TypeError, /Response/.test(String(error))];
      };
      return Promise.all(['undefined', 'text', 'object', 'lookalike', 'promise'].map(describe));
    },
    expected: ['undefined', 'text', 'object', 'lookalike', 'promise'].map((kind) => [kind, true, true]),
  },
  {
    name: 'a Response that was used already is a TypeError',
    callee: async () => {
      const response = new Response('once');
      await response.text();
      return response;
    },
    caller: async ({ callee, url }) =>
      (await callee.fetch(url).catch((reason: unknown) => reason)) instanceof TypeError,
    expected: true,
  },
  {
    name: 'an entrypoint that is missing, or has no handler, is an error with a code',
    callee: () => new Response(''),
    caller: async ({ missing, empty, url }) => {
      const describe = async (service: typeof missing): Promise<unknown> => {
        const error = (await service.fetch(url).catch((reason: unknown) => reason)) as Error & {
          code: string;
        };
        return [error.name, error.code, error.message];
      };
      return Promise.all([missing, empty].map(describe));
    },
    expected: [
      [
        'Error',
        'WORKER_NO_HANDLER',
        'The worker has no fetch handler: it needs an export "Missing" with a fetch method.',
      ],
      [
        'Error',
        'WORKER_NO_HANDLER',
        'The worker has no fetch handler: it needs an export "Empty" with a fetch method.',
      ],
    ],
  },
  {
    name: 'an error in the middle of a response body fails the reader',
    callee: () => {
      let pulls = 0;
      const body = new ReadableStream({
        pull(controller) {
          if (++pulls > 2) throw new RangeError('the source is dry');
          controller.enqueue(new Uint8Array([pulls]));
        },
      });
      return new Response(body, { status: 202 });
    },
    caller: async ({ callee, url }) => {
      const response = await callee.fetch(url);
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      const read = [(await reader.read()).value?.[0], (await reader.read()).value?.[0]];
      const error = (await reader.read().catch((reason: unknown) => reason)) as Error;
      return [response.status, read, error instanceof RangeError, error.message];
    },
    expected: [202, [1, 2], true, 'the source is dry'],
  },
  {
    name: 'an error in the middle of a request body fails its reader',
    callee: async (request) => {
      const error = (await request.text().catch((reason: unknown) => reason)) as Error;
      return Response.json([error instanceof RangeError, error.message]);
    },
    caller: async ({ callee, url }) => {
      let pulls = 0;
      const body = new ReadableStream({
        pull(controller) {
          if (++pulls > 2) controller.error(new RangeError('the source is dry'));
          else controller.enqueue(new Uint8Array([pulls]));
        },
      });
      return (await callee.fetch(url, { method: 'POST', body, duplex: 'half' })).json();
    },
    expected: [true, 'the source is dry'],
  },
  {
    name: 'wrong arguments are TypeErrors, and call nobody',
    callee: (request, { notes }) => {
      notes.set('called', true);
      return new Response('');
    },
    caller: async ({ callee, url }) => {
      const wrong: (readonly [unknown, object?])[] = [
        ['not a url'],
        [url, { method: 'GET', body: 'x' }],
        [url, { method: 'bad method' }],
        [url, { headers: { 'bad name': 'x' } }],
        [url, { headers: { a: 'b\nc' } }],
        [url, { signal: 'no' }],
        [url, { redirect: 'maybe' }],
        [url, { method: 'POST', body: new ReadableStream() }],
        [Symbol('no')],
      ];
      const outcomes = wrong.map(([input, init]) =>
        callee.fetch(input, init).then(
          () => 'called',
          (reason: unknown) => reason instanceof TypeError,
        ),
      );
      return Promise.all(outcomes);
    },
    expected: Array.from({ length: 9 }, () => true),
  },
  {
    name: 'an error that passes through several services keeps its class and message',
    callee: (request, { self }) => {
      const depth = Number(request.headers.get('x-depth'));
      if (depth === 0) throw new RangeError('at the bottom');
      return self.fetch(request.url, { headers: { 'x-depth': String(depth - 1) } });
    },
    caller: async ({ callee, url }) => {
      const error = (await callee
        .fetch(url, { headers: { 'x-depth': '3' } })
        .catch((reason: unknown) => reason)) as Error;
      return [error instanceof RangeError, error.message];
    },
    expected: [true, 'at the bottom'],
  },
  {
    name: 'an error of nanod that passes through several services keeps its code',
    callee: (request, { caller }) => caller.fetch(request.url.replace(/callee.(\d+).*/, 'caller/back/$1')),
    back: (_request, { missing }) => missing.fetch('http://callee/'),
    caller: async ({ callee, url }) => {
      const error = (await callee.fetch(url).catch((reason: unknown) => reason)) as { code?: string };
      return [error.code, error instanceof Error];
    },
    expected: ['WORKER_NO_HANDLER', true],
  },
];
