/** Connections to another worker: bytes both ways, ends and failures, whichever way lies between. The callee's half is in workers.ts. */

import type { Case } from '../case.ts';

export const connections: readonly Case[] = [
  {
    name: 'bytes travel both ways, though both sides begin by writing',
    caller: async ({ callee }) => {
      const socket = callee.connect('greets:1');
      const writer = socket.writable.getWriter();
      await writer.write(new TextEncoder().encode('caller'));
      await writer.close();
      const text = await new Response(socket.readable).text();
      return [text, (await socket.closed) === undefined];
    },
    expected: ['hello, caller', true],
  },
  {
    name: 'much travels at the pace of the slower side',
    caller: async ({ callee }) => {
      const socket = callee.connect({ hostname: 'echo', port: 1 });
      const sending = (async () => {
        const writer = socket.writable.getWriter();
        for (let i = 0; i < 50; i++) await writer.write(new Uint8Array(40_000).fill(i));
        await writer.close();
      })();
      const bytes = await new Response(socket.readable).bytes();
      await sending;
      return [bytes.length, bytes.every((byte, at) => byte === Math.floor(at / 40_000))];
    },
    expected: [2_000_000, true],
  },
  {
    name: 'a handler that fails breaks the connection with its error',
    caller: async ({ callee, failure }) => {
      const read = async (host: string): Promise<string> => {
        const socket = callee.connect(`${host}:1`);
        const seen = await failure(() => new Response(socket.readable).text());
        return `${seen} / ${await failure(() => socket.closed)}`;
      };
      return [await read('throws'), await read('breaks')];
    },
    expected: [
      'RangeError: no connections today / RangeError: no connections today',
      'RangeError: not any more / RangeError: not any more',
    ],
  },
  {
    name: 'a callee that reads no more, and has ended, ends the connection',
    caller: async ({ callee, failure }) => {
      const socket = callee.connect('cancels:1');
      const text = await new Response(socket.readable).text();
      return [text, await failure(() => socket.writable.getWriter().closed)].map(
        (each) => each.split(':')[0],
      );
    },
    expected: ['', 'Error'],
  },
  {
    name: 'a caller that closes at once has closed',
    caller: async ({ callee, failure }) => {
      const socket = callee.connect('echo:1');
      return [await failure(() => socket.close()), await failure(() => socket.closed)];
    },
    expected: ['nothing was thrown: undefined', 'nothing was thrown: undefined'],
  },
  {
    name: 'an entrypoint that is not there, or takes no connections, is an error',
    caller: async ({ missing, empty, failure }) => {
      const codes: unknown[] = [];
      for (const service of [missing, empty])
        codes.push((await failure(() => service.connect('a:1').opened)).split(':')[0]);
      return codes;
    },
    expected: ['Error', 'Error'],
  },
];
