/** Calling methods and reading properties of another service. */

import type { Case } from '../case.ts';

const gone = (name: string): string => `TypeError: The RPC receiver does not implement the method "${name}".`;

export const rpcCalls: readonly Case[] = [
  {
    name: 'methods take any number of arguments and give their result',
    caller: async ({ rpc }) => [
      await rpc.add(1, 2),
      await rpc.addLater('a', 'b'),
      await rpc.count(),
      await rpc.count(1, undefined, null, 4, 5),
      await rpc.inherited(),
      (await rpc.add(1n, 2n)) === 3n,
      await rpc.echo(undefined),
      Object.is(await rpc.echo(-0), -0),
    ],
    expected: [3, 'ab', 0, 5, 'inherited', true, null, true],
  },
  {
    name: 'a method that was taken out of its binding still works',
    caller: async ({ rpc }) => {
      const { add, echo } = rpc;
      return [await add(2, 3), await echo('x'), typeof add, rpc.add === rpc.add];
    },
    expected: [5, 'x', 'function', true],
  },
  {
    name: 'a property is read by awaiting it, and so is what is in it',
    caller: async ({ rpc }) => [await rpc.info, await rpc.info.nested.deep, await rpc.info.version],
    expected: [{ version: 1, nested: { deep: [1, 2] } }, [1, 2], 1],
  },
  {
    name: 'what a class does not declare cannot be called',
    caller: async ({ rpc, failure }) =>
      Promise.all([
        failure(() => rpc.nothing()),
        failure(() => rpc.field()),
        failure(() => rpc.dup()),
        failure(() => rpc.connect()),
        failure(() => rpc.alarm()),
        failure(() => rpc.scheduled()),
        failure(() => rpc.ctx()),
        failure(() => rpc.env()),
        failure(() => rpc.info()),
        failure(() => rpc.nothing.at.all()),
        failure(async () => await rpc.nothing),
        failure(async () => await rpc.field),
        failure(async () => await rpc.env),
      ]),
    expected: [
      gone('nothing'),
      gone('field'),
      gone('dup'),
      'TypeError: connect: the address must be "host:port", or { hostname, port }.', // of the binding itself
      gone('alarm'),
      gone('scheduled'),
      gone('ctx'),
      gone('env'),
      gone('info'),
      'TypeError: The RPC receiver does not implement the property "nothing".',
      'TypeError: The RPC receiver does not implement the property "nothing".',
      'TypeError: The RPC receiver does not implement the property "field".',
      'TypeError: The RPC receiver does not implement the property "env".',
    ],
  },
  {
    name: 'names of the language are no methods of a service',
    caller: async ({ rpc }) => [
      rpc.toString === Object.prototype.toString,
      typeof rpc.constructor,
      rpc.then,
      typeof rpc.hasOwnProperty,
      '__proto__' in rpc,
    ],
    expected: [true, 'function', null, 'function', true],
  },
  {
    name: 'a class that does not extend WorkerEntrypoint takes requests only',
    caller: async ({ plain, failure, url }) => [
      await (await plain.fetch(url)).text(),
      await failure(() => plain.method()),
      await failure(async () => await plain.property),
    ],
    expected: [
      'plain',
      'TypeError: The entrypoint "Plain" does not support RPC: its class does not extend WorkerEntrypoint of "cloudflare:workers".',
      'TypeError: The entrypoint "Plain" does not support RPC: its class does not extend WorkerEntrypoint of "cloudflare:workers".',
    ],
  },
  {
    name: 'a Durable Object is there to be declared, and says that it is not available',
    caller: async ({ durable, failure, url }) => [
      await failure(() => durable.method()),
      await failure(async () => await durable.property),
      await failure(() => durable.fetch(url)),
    ],
    expected: [
      'TypeError: Durable Objects are not available in this version of nanod: a class that extends DurableObject cannot be called.',
      'TypeError: Durable Objects are not available in this version of nanod: a class that extends DurableObject cannot be called.',
      'Error: Durable Objects are not available in this version of nanod: a class that extends DurableObject cannot be called.',
    ],
  },
  {
    name: 'a method of an object of handlers takes one argument, and gets env and ctx after it',
    caller: async ({ handlers, failure }) => [
      await handlers.greet('you'),
      await failure(() => handlers.greet()),
      await failure(() => handlers.greet(1, 2)),
      await failure(() => handlers.other(1)),
    ],
    expected: [
      'hello you object function',
      'TypeError: The method "greet" of an object of handlers takes exactly one argument; a class that extends WorkerEntrypoint takes any number.',
      'TypeError: The method "greet" of an object of handlers takes exactly one argument; a class that extends WorkerEntrypoint takes any number.',
      gone('other'),
    ],
  },
  {
    name: 'an entrypoint knows its props, and a worker its own entrypoints',
    caller: async ({ rpc, own, ctx }) => [
      await rpc.who(),
      await own.who(),
      await ctx.exports['Own'].who(),
      await ctx.exports['Own']({ props: { a: [1] } }).who(),
      Object.keys(ctx.exports).toSorted(),
    ],
    expected: [
      { from: 'caller', list: [1, { deep: true }] },
      { own: true },
      {},
      { a: [1] },
      ['Own', 'default'],
    ],
  },
  {
    name: 'what a method throws reaches the caller whole',
    caller: async ({ rpc }) => {
      try {
        await rpc.fail('no');
      } catch (error) {
        const { name, message, cause, status, detail, stack } = error as Error & Record<string, unknown>;
        return [
          error instanceof TypeError,
          name,
          message,
          cause instanceof RangeError && cause.message,
          status,
          detail,
          /fail/u.test(String(stack)),
        ];
      }
      return 'nothing was thrown';
    },
    expected: [true, 'TypeError', 'no', 'why', 418, { a: [1] }, true],
  },
  {
    name: 'what is no error becomes one',
    caller: async ({ rpc, failure }) => [
      await failure(() => rpc.throws('null')),
      await failure(() => rpc.throws('text')),
      await failure(() => rpc.throws('number')),
      await failure(() => rpc.failLater('later')),
      await failure(async () => await rpc.broken),
    ],
    expected: [
      'Error: METHODS.throws threw what is no error: null',
      'Error: METHODS.throws threw what is no error: text',
      'Error: METHODS.throws threw what is no error: 3',
      'TypeError: later',
      'RangeError: a getter',
    ],
  },
  {
    name: 'a thenable is a promise, and settles once',
    caller: async ({ rpc }) => [await rpc.thenable(), await rpc.liar()],
    expected: ['unwrapped', 1],
  },
  {
    name: 'calls on one stub are delivered in the order in which they were made',
    caller: async ({ rpc }) => {
      await rpc.noted();
      await Promise.all(Array.from({ length: 50 }, (_, i) => rpc.order(i)));
      const seen = await rpc.noted();
      return seen.every((n: number, i: number) => n === i) && seen.length;
    },
    expected: 50,
  },
  {
    name: 'a call that waits lets others pass',
    caller: async ({ rpc }) => {
      const waiting = rpc.until();
      const quick = await rpc.add(1, 1);
      await rpc.go('gone');
      return [quick, await waiting];
    },
    expected: [2, 'gone'],
  },
  {
    name: 'a result is asked for what is in it before it is there',
    caller: async ({ rpc }) => {
      const user = rpc.userLater(7);
      return [
        await user.profile.name,
        await user.id,
        await user.profile.tags,
        await rpc.user(8).profile.name,
        await rpc.user(9).profile.counter.increment(3),
        await rpc.counterLater().self().self().increment(2),
      ];
    },
    expected: ['name 7', 7, ['a', 'b'], 'name 8', 3, 2],
  },
  {
    name: 'asking a failed result fails likewise, and what is not there says so',
    caller: async ({ rpc, failure }) => [
      await failure(() => rpc.failLater('first').profile.name()),
      await failure(async () => await rpc.fail('first').a.b.c),
      await failure(() => rpc.user(1).profile.nothing()),
      await failure(() => rpc.add(1, 2).toFixed(1)),
    ],
    expected: [
      'TypeError: first',
      'TypeError: first',
      gone('nothing'),
      'TypeError: The RPC receiver is no object: it has no methods or properties.',
    ],
  },
  {
    name: 'a promise of a result is a promise',
    caller: async ({ rpc, workers }) => {
      const promise = rpc.add(1, 2);
      const property = rpc.info;
      return [
        promise instanceof Promise,
        promise instanceof workers.RpcPromise,
        property instanceof workers.RpcProperty,
        await promise.then((value: number) => value + 1),
        await promise.finally(() => {}),
        await rpc.fail('caught').catch((error: Error) => error.message),
        await property.then((value: { version: number }) => value.version),
        await Promise.all([rpc.add(1, 1), rpc.info.version]),
      ];
    },
    expected: [true, true, true, 4, 3, 'caught', 1, [2, 1]],
  },
  {
    name: 'a call that its caller gives up is told so',
    caller: async ({ rpc, turns }) => {
      await rpc.noted();
      const never = rpc.never();
      await turns(3);
      never[Symbol.dispose]();
      await turns(3);
      return rpc.noted();
    },
    expected: ['abandoned'],
  },
  {
    name: 'methods that call each other in a circle end with an error',
    caller: async ({ rpc, failure }) => failure(() => rpc.bounce(0)),
    expected: 'Error: services called each other more than 64 levels deep',
  },
  {
    name: 'they end likewise where each of them waits before it calls on, and so do callbacks',
    caller: async ({ rpc, failure }) => {
      let calls = 0;
      const callback = async (): Promise<unknown> => {
        calls++;
        await new Promise((resolve) => setTimeout(resolve));
        return rpc.callLater(callback);
      };
      return [
        await failure(() => rpc.bounceLater(0)),
        await failure(() => rpc.callLater(callback)),
        calls > 20 && calls < 100,
        await rpc.add(1, 2),
      ];
    },
    expected: [
      'Error: services called each other more than 64 levels deep',
      'Error: services called each other more than 64 levels deep',
      true,
      3,
    ],
  },
  {
    name: 'many calls that wait are not deep',
    caller: async ({ rpc }) => {
      const waiting = Array.from({ length: 200 }, () => rpc.until());
      const shallow = await Promise.all(Array.from({ length: 200 }, () => rpc.bounceLater(70)));
      await rpc.go('gone');
      return [new Set(shallow).size, new Set(await Promise.all(waiting)).size];
    },
    expected: [1, 1],
  },
  {
    name: 'a call goes on through a service in between',
    caller: async ({ own }) => [
      await own.relay('add', 2, 3),
      await own.relay('counter').increment(4),
      (await own.relay('info').catch((error: Error) => error.message)) as unknown,
    ],
    expected: [5, 4, gone('info').slice('TypeError: '.length)],
  },
];
