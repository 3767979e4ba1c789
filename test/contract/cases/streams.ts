/** Bodies that are streams: they flow while they are made, at the pace of whoever reads. */

import type { Case } from '../case.ts';

export const streams: readonly Case[] = [
  {
    name: 'a streamed response arrives chunk by chunk',
    callee: (request, { notes }) => {
      if (request.url.endsWith('go')) {
        notes.set('go', true);
        return new Response('');
      }
      const encoder = new TextEncoder();
      const body = new ReadableStream({
        async start(controller) {
          controller.enqueue(encoder.encode('first'));
          await notes.get('go');
          controller.enqueue(encoder.encode('second'));
          controller.close();
        },
      });
      return new Response(body);
    },
    caller: async ({ callee, url }) => {
      const reader = ((await callee.fetch(url)).body as ReadableStream<Uint8Array>).getReader();
      const text = async (): Promise<unknown> => {
        const { done, value } = await reader.read();
        return done ? 'end' : new TextDecoder().decode(value);
      };
      const first = await text();
      await callee.fetch(`${url}go`);
      return [first, await text(), await text()];
    },
    expected: ['first', 'second', 'end'],
  },
  {
    name: 'a streamed request arrives chunk by chunk',
    callee: async (request, { notes }) => {
      const reader = (request.body as ReadableStream<Uint8Array>).getReader();
      const chunks: string[] = [];
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return Response.json(chunks);
        chunks.push(new TextDecoder().decode(value));
        notes.set(`got${chunks.length}`, true);
      }
    },
    caller: async ({ callee, url, note }) => {
      const encoder = new TextEncoder();
      const body = new ReadableStream({
        async start(controller) {
          controller.enqueue(encoder.encode('first'));
          await note('got1');
          controller.enqueue(encoder.encode('second'));
          await note('got2');
          controller.close();
        },
      });
      return (await callee.fetch(url, { method: 'POST', body, duplex: 'half' })).json();
    },
    expected: ['first', 'second'],
  },
  {
    name: 'both bodies flow at the same time',
    callee: (request) => new Response(request.body),
    caller: async ({ callee, url }) => {
      const { readable, writable } = new TransformStream();
      const writer = writable.getWriter();
      const sent = callee.fetch(url, { method: 'POST', body: readable, duplex: 'half' });
      const reader = ((await sent).body as ReadableStream<Uint8Array>).getReader();
      const echoed: number[] = [];
      for (let i = 0; i < 20; i++) {
        await Promise.all([
          writer.write(new Uint8Array([i])),
          reader.read().then(({ value }) => echoed.push(value?.[0] ?? -1)),
        ]);
      }
      await writer.close();
      return [echoed.length, echoed.at(-1), (await reader.read()).done];
    },
    expected: [20, 19, true],
  },
  {
    name: 'ten megabytes of a stream arrive intact, both ways',
    callee: (request) => new Response(request.body),
    caller: async ({ callee, url }) => {
      const chunk = 64 * 1024 - 7;
      const total = 160 * chunk;
      let made = 0;
      const body = new ReadableStream({
        pull(controller) {
          if (made === total) return controller.close();
          const part = new Uint8Array(chunk);
          for (let i = 0; i < chunk; i++) part[i] = ((made + i) * 31) % 251;
          made += chunk;
          controller.enqueue(part);
        },
      });
      const response = await callee.fetch(url, { method: 'POST', body, duplex: 'half' });
      let seen = 0;
      let wrong = 0;
      for await (const part of response.body as ReadableStream<Uint8Array>) {
        for (let i = 0; i < part.length; i++) if (part[i] !== ((seen + i) * 31) % 251) wrong++;
        seen += part.length;
      }
      return [seen === total, wrong];
    },
    expected: [true, 0],
  },
  {
    name: 'a reader that stops keeps the producer of a response from running away',
    callee: (request, { notes }) => {
      let made = 0;
      const body = new ReadableStream({
        pull(controller) {
          made += 64 * 1024;
          notes.set('made', made);
          controller.enqueue(new Uint8Array(64 * 1024));
        },
      });
      return new Response(body);
    },
    caller: async ({ callee, url, note, turns }) => {
      const reader = ((await callee.fetch(url)).body as ReadableStream<Uint8Array>).getReader();
      await reader.read();
      await turns(30);
      const stopped = (await note('made')) as number;
      await turns(10);
      const later = (await note('made')) as number;
      for (let i = 0; i < 40; i++) await reader.read();
      await turns(10);
      const resumed = (await note('made')) as number;
      await reader.cancel();
      return [
        stopped <= 1024 * 1024,
        later === stopped,
        resumed > stopped,
        resumed <= stopped + 42 * 64 * 1024,
      ];
    },
    expected: [true, true, true, true],
  },
  {
    name: 'a callee that stops reading keeps the producer of a request from running away',
    callee: async (request, { notes }) => {
      if (request.url.endsWith('go')) {
        notes.set('go', true);
        return new Response('');
      }
      const reader = (request.body as ReadableStream<Uint8Array>).getReader();
      await reader.read();
      await notes.get('go');
      let rest = 0;
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return Response.json(rest);
        rest += value.length;
      }
    },
    caller: async ({ callee, url, turns }) => {
      const total = 100 * 64 * 1024;
      let made = 0;
      const body = new ReadableStream({
        pull(controller) {
          if (made === total) return controller.close();
          made += 64 * 1024;
          controller.enqueue(new Uint8Array(64 * 1024));
        },
      });
      const called = callee.fetch(url, { method: 'POST', body, duplex: 'half' });
      await turns(30);
      const stopped = made;
      await turns(10);
      const later = made;
      await callee.fetch(`${url}go`);
      return [stopped <= 1024 * 1024, later === stopped, (await (await called).json()) === total - 64 * 1024];
    },
    expected: [true, true, true],
  },
  {
    name: 'nothing of a stream is made before somebody reads, beyond what its queue holds',
    callee: (request, { notes }) => {
      let pulls = 0;
      const body = new ReadableStream(
        {
          pull(controller) {
            notes.set('pulls', ++pulls);
            controller.enqueue(new Uint8Array([pulls]));
          },
        },
        { highWaterMark: 1 },
      );
      notes.set('pulls', pulls);
      return new Response(body);
    },
    caller: async ({ callee, url, note, turns }) => {
      const response = await callee.fetch(url);
      await turns(5);
      const before = (await note('pulls')) as number;
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      const first = (await reader.read()).value?.[0];
      await reader.cancel();
      return [before <= 1, first];
    },
    expected: [true, 1],
  },
  {
    name: 'a hundred thousand chunks that are there at once arrive, however small',
    callee: (request) => {
      const { readable, writable } = new TransformStream(
        {},
        { highWaterMark: Infinity },
        { highWaterMark: Infinity },
      );
      const writer = writable.getWriter();
      for (let i = 0; i < 100_000; i++) void writer.write(new Uint8Array([i % 256]));
      void writer.close();
      return new Response(request.headers.has('x-echo') ? request.body : readable);
    },
    caller: async ({ callee, url }) => {
      const first = await callee.fetch(url);
      const second = await callee.fetch(url, {
        method: 'POST',
        body: first.body,
        duplex: 'half',
        headers: { 'x-echo': '1' },
      });
      const bytes = await second.bytes();
      return [bytes.length, bytes.every((byte, i) => byte === i % 256)];
    },
    expected: [100_000, true],
  },
  {
    name: 'empty chunks are no end',
    callee: () =>
      new Response(
        ReadableStream.from([
          new Uint8Array(0),
          new Uint8Array([1]),
          new Uint8Array(0),
          new Uint8Array([2]),
        ]) as never,
      ),
    caller: async ({ callee, url }) => [...(await (await callee.fetch(url)).bytes())],
    expected: [1, 2],
  },
  {
    name: 'a stream that is a byte stream can be read into a buffer of the reader',
    callee: () => new Response('0123456789'),
    caller: async ({ callee, url }) => {
      const reader = ((await callee.fetch(url)).body as ReadableStream<Uint8Array>).getReader({
        mode: 'byob',
      });
      const first = await reader.read(new Uint8Array(4));
      const second = await reader.read(new Uint8Array(40));
      return [first, second].map(({ value }) => new TextDecoder().decode(value));
    },
    expected: ['0123', '456789'],
  },
  {
    name: 'a chunk that is no bytes fails the body for the reader, and cancels the stream',
    callee: (request, { notes }) => {
      const body = new ReadableStream({
        start: (controller) => controller.enqueue('text is no bytes'),
        cancel: (reason) => notes.set('cancelled', reason instanceof TypeError),
      });
      return new Response(body);
    },
    caller: async ({ callee, url, note }) => {
      const error = await (await callee.fetch(url)).text().catch((reason: unknown) => reason);
      return [error instanceof TypeError, await note('cancelled')];
    },
    expected: [true, true],
  },
  {
    name: 'an async iterable is a body',
    callee: async (request) =>
      new Response(
        (async function* () {
          yield '<';
          for await (const chunk of request.body as ReadableStream<Uint8Array>) yield chunk;
          yield '>';
        })() as never,
      ),
    caller: async ({ callee, url }) => {
      const body = (async function* () {
        yield 'a';
        yield new TextEncoder().encode('b');
      })();
      return (await callee.fetch(url, { method: 'POST', body, duplex: 'half' })).text();
    },
    expected: '<ab>',
  },
  {
    name: 'a body that has been read in part cannot be sent on',
    callee: () => new Response('0123456789'),
    caller: async ({ callee, url }) => {
      const response = await callee.fetch(url);
      const stream = response.body as ReadableStream<Uint8Array>;
      const reader = stream.getReader();
      await reader.read();
      reader.releaseLock();
      const error = await callee
        .fetch(url, { method: 'POST', body: stream, duplex: 'half' })
        .catch((reason: unknown) => reason);
      return error instanceof TypeError;
    },
    expected: true,
  },
];
