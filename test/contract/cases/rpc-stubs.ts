/** What crosses by reference: RpcTargets and functions, as stubs that have to be let go. */

import type { Case } from '../case.ts';

const disposed = 'Error: The RPC stub was used after it was disposed.';

export const rpcStubs: readonly Case[] = [
  {
    name: 'an RpcTarget keeps its state where it is',
    caller: async ({ rpc, workers }) => {
      const counter = await rpc.counter();
      return [
        counter instanceof workers.RpcStub,
        await counter.increment(),
        await counter.increment(4),
        await counter.count,
      ];
    },
    expected: [true, 1, 5, 5],
  },
  {
    name: 'only what its class declares can be reached',
    caller: async ({ rpc, failure }) => {
      const counter = await rpc.counter();
      return [
        await failure(() => counter.instance()),
        await failure(async () => await counter.instance),
        await failure(async () => await counter.label),
        await failure(() => counter.constructor.name),
        await failure(() => counter.toString()),
        await failure(() => counter.hasOwnProperty('x')),
        await failure(() => counter.__defineGetter__('x')),
        await failure(() => counter.valueOf()),
      ];
    },
    expected: [
      'TypeError: The RPC receiver does not implement the method "instance".',
      'TypeError: The RPC receiver does not implement the property "instance".',
      'TypeError: The RPC receiver does not implement the property "label".',
      'nothing was thrown: "RpcStub"',
      'TypeError: The RPC receiver does not implement the method "toString".',
      'TypeError: The RPC receiver does not implement the method "hasOwnProperty".',
      'TypeError: The RPC receiver does not implement the method "__defineGetter__".',
      'TypeError: The RPC receiver does not implement the method "valueOf".',
    ],
  },
  {
    name: 'a function that is returned can be called',
    caller: async ({ rpc }) => {
      const add = await rpc.makeAdder(10);
      return [typeof add, await add(1), await add(2)];
    },
    expected: ['function', 11, 12],
  },
  {
    name: 'a function that is passed is called where it is',
    caller: async ({ rpc, failure }) => {
      const seen: unknown[] = [];
      const result = await rpc.call(
        (...args: unknown[]) => {
          seen.push(...args);
          return { got: args.length };
        },
        1,
        { a: 2 },
      );
      const thrown = await failure(() =>
        rpc.call(() => {
          throw new RangeError('from the callback');
        }),
      );
      return [seen, result, thrown];
    },
    expected: [[1, { a: 2 }], { got: 2 }, 'RangeError: from the callback'],
  },
  {
    name: 'an RpcTarget of the caller is called back',
    caller: async ({ rpc, workers }) => {
      class Mine extends workers.RpcTarget {
        #count = 0;
        increment(by: number): number {
          return (this.#count += by);
        }
        get count(): number {
          return this.#count;
        }
      }
      return rpc.callMethod(new Mine(), 3);
    },
    expected: [3, 3],
  },
  {
    name: 'a stub that comes back is the object’s again, wherever it has been',
    caller: async ({ rpc }) => {
      const counter = await rpc.counter();
      await counter.increment(1);
      const again = await rpc.echo(counter);
      return [await again.increment(1), await counter.count];
    },
    expected: [2, 2],
  },
  {
    name: 'after it was disposed a stub fails, and its target has heard',
    caller: async ({ rpc, failure, turns }) => {
      await rpc.noted();
      const counter = await rpc.counter('mine');
      counter[Symbol.dispose]();
      counter[Symbol.dispose]();
      const used = await failure(() => counter.increment());
      const duplicated = await failure(() => counter.dup());
      await turns(2);
      return [used, duplicated, await rpc.noted()];
    },
    expected: [disposed, disposed, ['disposed mine']],
  },
  {
    name: 'a duplicate keeps the target',
    caller: async ({ rpc, turns }) => {
      await rpc.noted();
      const counter = await rpc.counter('twice');
      const copy = counter.dup();
      counter[Symbol.dispose]();
      await turns(2);
      const before = await rpc.noted();
      const count = await copy.increment();
      copy[Symbol.dispose]();
      await turns(2);
      return [before, count, await rpc.noted()];
    },
    expected: [[], 1, ['disposed twice']],
  },
  {
    name: 'a result with stubs is disposed with them',
    caller: async ({ rpc, turns, failure }) => {
      await rpc.noted();
      const counters = await rpc.counters();
      const first = counters.list[0];
      await first.increment();
      counters[Symbol.dispose]();
      await turns(2);
      return [await failure(() => first.increment()), (await rpc.noted()).toSorted(), Object.keys(counters)];
    },
    expected: [disposed, ['disposed one', 'disposed two'], ['list']],
  },
  {
    name: 'stubs among the arguments go with the call, unless they are duplicated',
    caller: async ({ rpc, failure }) => {
      const double = (x: number): number => x * 2;
      await rpc.keep(double);
      const kept = await rpc.useKept(21);
      await rpc.keepUndup(double);
      return [kept, await failure(() => rpc.useKept(21))];
    },
    expected: [42, disposed],
  },
  {
    name: 'a stub of one’s own target is made with new',
    caller: async ({ workers, failure }) => {
      class Mine extends workers.RpcTarget {
        hello(name: string): string {
          return `hello ${name}`;
        }
      }
      const stub = new workers.RpcStub(new Mine());
      return [
        await stub.hello('you'),
        await new workers.RpcStub((x: number) => x + 1)(2),
        await failure(() => new workers.RpcStub({})),
        await failure(() => new workers.RpcPromise()),
      ];
    },
    expected: [
      'hello you',
      3,
      'TypeError: RpcStub: the value is neither an RpcTarget nor a function.',
      'TypeError: Illegal constructor',
    ],
  },
  {
    name: 'a target can be handed on through a service in between',
    caller: async ({ own }) => {
      const counter = await own.relay('counter');
      return [await counter.increment(2), await counter.increment(2)];
    },
    expected: [2, 4],
  },
];
