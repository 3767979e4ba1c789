/** Values that cross with a call: always copies, or stubs of what cannot be copied. */

import type { Case } from '../case.ts';

export const rpcValues: readonly Case[] = [
  {
    name: 'everything that structured cloning takes arrives as objects of the receiver',
    caller: async ({ rpc }) => {
      const cycle: Record<string, unknown> = { list: [1, , 3] };
      cycle['self'] = cycle;
      const value = {
        date: new Date(5),
        map: new Map<unknown, unknown>([[{ key: 1 }, new Set([1, 2])]]),
        pattern: /a+/giu,
        bytes: new Uint8Array([1, 2, 3]),
        view: new DataView(new ArrayBuffer(2)),
        big: 10n,
        boxed: Object('text') as unknown,
        nothing: undefined,
        cycle,
      };
      const back = await rpc.echo(value);
      return [
        back !== value && back instanceof Object,
        back.date instanceof Date && back.date.getTime(),
        [...back.map][0][1] instanceof Set,
        String(back.pattern) === '/a+/giu' && back.pattern instanceof RegExp,
        back.bytes instanceof Uint8Array && [...back.bytes],
        back.view instanceof DataView,
        back.big === 10n,
        back.boxed instanceof String,
        'nothing' in back,
        back.cycle.self === back.cycle,
        1 in back.cycle.list,
      ];
    },
    expected: [true, 5, true, true, [1, 2, 3], true, true, true, true, true, false],
  },
  {
    name: 'neither side sees what the other changes later',
    caller: async ({ rpc }) => {
      const mine = { a: 1, deep: { b: 1 }, bytes: new Uint8Array([1]) };
      const call = rpc.echo(mine);
      mine.deep.b = 2;
      mine.bytes[0] = 2;
      const back = await call;
      const changed = await rpc.change(mine);
      return [back.deep.b, back.bytes[0], changed.changed, 'changed' in mine];
    },
    expected: [1, 1, true, false],
  },
  {
    name: 'one object that is passed twice arrives as one',
    caller: async ({ rpc }) => {
      const one = { a: 1 };
      const back = await rpc.echo([one, { again: one }]);
      return back[0] === back[1].again;
    },
    expected: true,
  },
  {
    name: 'what a class makes of a plain object crosses as a plain object, and symbols stay at home',
    caller: async ({ rpc }) => {
      class Point {
        x = 1;
        get double(): number {
          return this.x * 2;
        }
      }
      const back = await rpc.echo(Object.assign(new Point(), { [Symbol('s')]: 1, ['__proto__x']: 2 }));
      return [
        Object.getPrototypeOf(back) === Object.prototype,
        Object.keys(back),
        Object.getOwnPropertySymbols(back).length,
      ];
    },
    expected: [true, ['x', '__proto__x'], 0],
  },
  {
    name: 'an own property named __proto__ is no prototype',
    caller: async ({ rpc }) => {
      const back = await rpc.echo(JSON.parse('{"__proto__": {"polluted": true}, "a": 1}'));
      return [back.polluted ?? null, Object.keys(back), Object.getPrototypeOf(back) === Object.prototype];
    },
    expected: [null, ['__proto__', 'a'], true],
  },
  {
    name: 'errors keep their class, message, cause and fields',
    caller: async ({ rpc }) => {
      const error = Object.assign(new RangeError('range', { cause: { code: 1 } }), { extra: [1] });
      const many = new AggregateError([new TypeError('one')], 'many');
      const back = await rpc.echo({ error, many });
      return [
        back.error instanceof RangeError,
        back.error.message,
        back.error.cause,
        back.error.extra,
        back.many.errors[0] instanceof TypeError,
        Object.keys(back.error),
      ];
    },
    expected: [true, 'range', { code: 1 }, [1], true, ['extra']],
  },
  {
    name: 'a DOMException is one there as well',
    caller: async ({ rpc }) => {
      const back = await rpc.echo(new DOMException('message', 'DataError'));
      return [back instanceof DOMException, back.name, back.message];
    },
    expected: [true, 'DataError', 'message'],
  },
  {
    name: 'what cannot cross is named by its path',
    caller: async ({ rpc, failure }) => [
      await failure(() => rpc.echo({ items: [0, { callback: new WeakMap() }] })),
      await failure(() => rpc.echo(1, Symbol('s'))),
      await failure(() => rpc.echo(new Map([['key', Promise.resolve()]]))),
      await failure(() => rpc.echo({ 'a b': new Proxy({}, {}) })),
      await failure(() => rpc.uncloneable()),
    ],
    expected: [
      'DataCloneError: args[0].items[1].callback: this kind of object cannot be cloned',
      'DataCloneError: args[1]: a symbol cannot be cloned',
      'DataCloneError: args[0].get("key"): this kind of object cannot be cloned',
      'DataCloneError: args[0]["a b"]: this kind of object cannot be cloned',
      'DataCloneError: result.items[1].callback: this kind of object cannot be cloned',
    ],
  },
  {
    name: 'a value that is nested 10,000 deep arrives whole, or is an error of its own call',
    caller: async ({ rpc, failure }) => {
      const nest = (depth: number): object => {
        let value = {};
        for (let i = 0; i < depth; i++) value = { value };
        return value;
      };
      const outcomes = await Promise.all([
        failure(() => rpc.describe(nest(10_000))),
        rpc.add(1, 2),
        failure(() => rpc.echo(nest(10_000))),
        failure(() => rpc.nest(10_000)),
        rpc.add(3, 4),
      ]);
      const said = (text: unknown): unknown =>
        /^nothing was thrown|^DataCloneError: (?:args|result).*nested too deep|Maximum call stack/u.test(
          String(text),
        ) || text;
      return [said(outcomes[0]), outcomes[1], said(outcomes[2]), said(outcomes[3]), outcomes[4]];
    },
    expected: [true, 3, true, true, 7],
  },
  {
    name: 'a promise of a result is an argument that stands for it',
    caller: async ({ rpc, failure }) => {
      const mutable = { a: 1 };
      const user = rpc.userLater(7);
      const late = rpc.echoAll(user.id, mutable, user.profile.name, rpc.addLater(1, 2), (x: number) => x + 1);
      mutable.a = 2;
      const [id, copy, name, sum, add] = await late;
      return [
        [id, copy, name, sum, await add(1)],
        await rpc.echo(rpc.user(3)).profile.name,
        await rpc.callMethod(rpc.counterLater(), 5),
        await rpc.callMethod(rpc.user(1).profile.counter, 6),
        await rpc.call(rpc.makeAdder(3), 4),
        await failure(() => rpc.add(rpc.failLater('first'), rpc.add(1, 1))),
        await failure(() => rpc.add(rpc.user(1).profile.nothing.at.all, 1)),
        await failure(() => rpc.add(rpc.add(1, 1), new WeakMap())),
      ];
    },
    expected: [
      [7, { a: 1 }, 'name 7', 3, 2],
      'name 3',
      [5, 5],
      [6, 6],
      7,
      'TypeError: first',
      'TypeError: The RPC receiver does not implement the property "nothing".',
      'DataCloneError: args[1]: this kind of object cannot be cloned',
    ],
  },
  {
    name: 'other promises do not cross, and none does inside another value',
    caller: async ({ rpc, failure }) => [
      await failure(() => rpc.echo(Promise.resolve(1))),
      await failure(() => rpc.echo({ inside: rpc.add(1, 2) })),
      await failure(() => rpc.echo([rpc.user(1).id])),
      await failure(() => rpc.nestedPromise()),
      await rpc.echo(rpc.add(rpc.add(1, 2), rpc.add(3, 4))),
    ],
    expected: [
      'DataCloneError: args[0]: this kind of object cannot be cloned',
      'DataCloneError: args[0].inside: this kind of object cannot be cloned',
      'DataCloneError: args[0][0]: a function cannot be cloned',
      'DataCloneError: result.inside: this kind of object cannot be cloned',
      10,
    ],
  },
  {
    name: 'a method of a binding can be passed as the function that it is',
    caller: async ({ rpc, own }) => [await rpc.call(rpc.add, 1, 2), await rpc.call(own.who)],
    expected: [3, { own: true }],
  },
  {
    name: 'arguments of a call that has to wait cross whole, wherever it goes then',
    caller: async ({ own }) =>
      own.relayLater('counterHolder').keepAll({ deep: [1, new Date(5)] }, new Map([[1, 2]])),
    expected: [{ deep: [1, '1970-01-01T00:00:00.005Z'] }, 1],
  },
  {
    name: 'a getter that throws is an error, and nothing of it gets across',
    caller: async ({ rpc, failure }) =>
      failure(() =>
        rpc.echo({
          get field() {
            throw new Error('mine');
          },
        }),
      ).then((text) => text.startsWith('DataCloneError') || text === 'Error: mine'),
    expected: true,
  },
  {
    name: 'requests and responses arrive with their bodies',
    caller: async ({ rpc }) => {
      const request = new Request('http://x/path', { method: 'POST', body: 'body', headers: { 'x-a': 'b' } });
      const response = await rpc.response(201);
      const back = await rpc.echo(new Response(ReadableStream.from([new Uint8Array([65, 66])])));
      return [
        await rpc.read(request),
        request.bodyUsed,
        response instanceof Response,
        response.status,
        response.headers.get('x-a'),
        await response.text(),
        await back.text(),
      ];
    },
    expected: [['POST', 'http://x/path', 'b', 'body'], true, true, 201, 'b', 'a response', 'AB'],
  },
  {
    name: 'headers, URLs and their parameters arrive',
    caller: async ({ rpc }) => {
      const headers = await rpc.echo(new Headers({ a: '1', b: '2' }));
      const url = await rpc.echo(new URL('http://a/b?c=d#e'));
      const params = await rpc.echo(new URLSearchParams('a=1&a=2'));
      return [
        headers instanceof Headers && [...headers],
        url instanceof URL && url.href,
        params instanceof URLSearchParams && params.getAll('a'),
      ];
    },
    expected: [
      [
        ['a', '1'],
        ['b', '2'],
      ],
      'http://a/b?c=d#e',
      ['1', '2'],
    ],
  },
  {
    name: 'blobs, files and forms arrive',
    caller: async ({ rpc }) => {
      const form = new FormData();
      form.append('text', 'a\nb');
      form.append('file', new File(['abc'], 'näme\n.txt', { type: 'text/plain', lastModified: 7 }));
      const [blob, back] = await rpc.echo([new Blob(['xyz'], { type: 'a/b' }), form]);
      const file = back.get('file');
      return [
        blob instanceof Blob && !(blob instanceof File),
        blob.type,
        await blob.text(),
        back.get('text'),
        file instanceof File,
        [file.name, file.type, file.lastModified, await file.text()],
      ];
    },
    expected: [true, 'a/b', 'xyz', 'a\nb', true, ['näme\n.txt', 'text/plain', 7, 'abc']],
  },
  {
    name: 'streams go on after they have crossed, in both directions',
    caller: async ({ rpc }) => {
      const text = await new Response(await rpc.stream(['one ', 'two'])).text();
      const collected = await rpc.collect(
        ReadableStream.from([new TextEncoder().encode('three '), new TextEncoder().encode('four')]),
      );
      const seen: unknown[] = [];
      const writable = new WritableStream({
        write(chunk) {
          seen.push(chunk);
        },
        close() {
          seen.push('closed');
        },
      });
      await rpc.write(writable, ['a', { b: [1] }]);
      return [text, collected, seen];
    },
    expected: ['one two', 'three four', ['a', { b: [1] }, 'closed']],
  },
  {
    name: 'a signal aborts on the other side with its reason',
    caller: async ({ rpc, turns }) => {
      const controller = new AbortController();
      const waiting = rpc.aborted(controller.signal);
      await turns(2);
      controller.abort(new RangeError('stop'));
      return [await waiting, await rpc.aborted(AbortSignal.abort('text'))];
    },
    expected: ['RangeError: stop', 'text'],
  },
  {
    name: 'a binding can be handed on',
    caller: async ({ rpc, own, ctx }) => [
      await rpc.serviceOf(own),
      await rpc.serviceOf(ctx.exports['Own']({ props: { handed: 'on' } })),
    ],
    expected: [{ own: true }, { handed: 'on' }],
  },
  {
    name: 'sixty-four kilobytes arrive unchanged',
    caller: async ({ rpc }) => {
      const bytes = new Uint8Array(65536).map((_, i) => i);
      const back = await rpc.echo(bytes);
      return [back.length, back.every((byte: number, i: number) => byte === (i & 255)), bytes.length];
    },
    expected: [65536, true, 65536],
  },
];
