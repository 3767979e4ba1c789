/** What a caller sees when the thread that it has called dies: an error with a code, soon, whatever the call was doing. */

import t from 'tap';
import { serve } from '../helpers/nanod.ts';
import type { Case } from './case.ts';
import { deploy, runCase } from './contract.ts';

/** Each loses the callee's thread once; then the caller calls again until it is back. */
const cases: readonly Case[] = [
  {
    name: 'before the response: the call fails',
    callee: () => {
      const all: unknown[] = [];
      for (;;) all.push({ number: all.length });
    },
    caller: async ({ callee, url }) => {
      const error = (await callee.fetch(url).catch((reason: unknown) => reason)) as Error & { code?: string };
      return [error instanceof Error, error.code, error.message];
    },
    expected: [true, 'CHANNEL_LOST', 'the thread that was answering ended during the call'],
  },
  {
    name: 'every call under way fails, and every one after that fails until the thread is back',
    callee: (request) => {
      if (request.url.endsWith('answer')) return new Response('');
      if (!request.url.endsWith('overflow')) return new Promise(() => {});
      const all: unknown[] = [];
      for (;;) all.push({ number: all.length });
    },
    caller: async ({ callee, url }) => {
      const codeOf = (path: string): Promise<unknown> =>
        callee.fetch(url + path).then(
          () => 'answered',
          (error: unknown) => (error as { code?: string }).code,
        );
      const waiting = Array.from({ length: 20 }, () => codeOf('wait'));
      const codes = new Set([await codeOf('overflow'), ...(await Promise.all(waiting))]);
      // Which of the two depends on how soon the caller's thread hears of the new one.
      return [[...codes], ['GROUP_UNREACHABLE', 'answered'].includes(String(await codeOf('answer')))];
    },
    expected: [['CHANNEL_LOST'], true],
  },
  {
    name: 'in the middle of a response: the body fails',
    callee: (request) => {
      if (request.url.endsWith('overflow')) {
        const all: unknown[] = [];
        for (;;) all.push({ number: all.length });
      }
      return new Response(
        new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([1])) }),
      );
    },
    caller: async ({ callee, url }) => {
      const reader = ((await callee.fetch(url)).body as ReadableStream<Uint8Array>).getReader();
      const first = (await reader.read()).value?.[0];
      const second = reader.read().catch((reason: unknown) => reason);
      await callee.fetch(`${url}overflow`).catch(() => undefined);
      return [first, ((await second) as { code?: string }).code];
    },
    expected: [1, 'CHANNEL_LOST'],
  },
  {
    name: 'in the middle of methods: they fail, and stubs, streams and watchers with them',
    callee: () => {
      const all: unknown[] = [];
      for (;;) all.push({ number: all.length });
    },
    caller: async ({ callee, rpc, url }) => {
      const codeOf = (run: () => unknown): Promise<unknown> =>
        Promise.resolve()
          .then(run)
          .then(
            () => 'answered',
            (error: unknown) => (error as { code?: string }).code,
          );
      const counter = await rpc.counter();
      const broken = new Promise((resolve) =>
        counter.onRpcBroken((error: { code: string }) => resolve(error.code)),
      );
      const reader = (await rpc.endless()).getReader();
      await reader.read();
      const waiting = [
        codeOf(() => rpc.never()),
        codeOf(() => rpc.never().a.b()),
        codeOf(() => rpc.call(() => new Promise(() => {}))),
        codeOf(() => reader.read()),
      ];
      await callee.fetch(url).catch(() => undefined);
      return [...(await Promise.all(waiting)), await broken, await codeOf(() => counter.increment())];
    },
    expected: Array.from({ length: 6 }, () => 'CHANNEL_LOST'),
  },
  {
    name: 'in the middle of a request: its body is canceled',
    callee: async (request, { notes }) => {
      await (request.body as ReadableStream).getReader().read();
      notes.set('reading', true);
      if (!request.url.endsWith('overflow')) await new Promise(() => {});
      const all: unknown[] = [];
      for (;;) all.push({ number: all.length });
    },
    caller: async ({ callee, url, note }) => {
      const { promise, resolve } = Promise.withResolvers();
      const body = new ReadableStream({
        start: (controller) => controller.enqueue(new Uint8Array(1)),
        cancel: (reason: unknown) => resolve((reason as { code?: string }).code),
      });
      const called = callee
        .fetch(url, { method: 'POST', body, duplex: 'half' })
        .catch((reason: unknown) => reason);
      await note('reading');
      await callee.fetch(`${url}overflow`, { method: 'POST', body: 'x' }).catch(() => undefined);
      return [((await called) as { code?: string }).code, await promise];
    },
    expected: ['CHANNEL_LOST', 'CHANNEL_LOST'],
  },
];

t.test('a thread that is lost', async (t) => {
  const nanod = await serve(t, deploy(cases, 'others', { threadMemoryMb: 32 }));
  let losses = 0;
  for (const [index, each] of cases.entries()) {
    await t.test(each.name, async (t) => {
      await runCase(t, nanod.url, index, each);
      losses++;
      const isBack = ({ msg }: { msg: string }): boolean => msg.endsWith('serves the group others again');
      await nanod.logged(() => nanod.log().filter(isBack).length === losses);
    });
  }
  const { status, log } = await nanod.stop();
  t.equal(status, 0);
  t.equal(log.filter(({ msg }) => msg.includes('is lost')).length, cases.length);
});

t.test('a thread whose callers are lost lets go of their calls', async (t) => {
  const abandoned: Case = {
    name: '',
    callee: async (request, { notes }) => {
      notes.set('called', true);
      await new Promise((resolve) => request.signal.addEventListener('abort', resolve));
      console.log('let go', (request.signal.reason as { code?: string }).code);
      return new Response('');
    },
    caller: async ({ callee, url, note }) => {
      void callee.fetch(url);
      await note('called');
      const all: unknown[] = [];
      for (;;) all.push({ number: all.length });
    },
    expected: null,
  };
  const nanod = await serve(t, deploy([abandoned], 'others', { threadMemoryMb: 32 }));
  await t.rejects(fetch(`${nanod.url}run/0`));
  await nanod.logged(({ msg }) => msg === 'let go CHANNEL_LOST');
  t.equal((await nanod.stop()).status, 0);
});
