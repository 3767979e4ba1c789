/** Whoever gives up is heard on the other side, and whoever waits hears why. */

import type { Case } from '../case.ts';

export const cancellation: readonly Case[] = [
  {
    name: 'the cancellation of a response body reaches its producer, with the reason',
    callee: (request, { notes }) => {
      const body = new ReadableStream({
        start: (controller) => controller.enqueue(new Uint8Array(1)),
        cancel: (reason: unknown) => notes.set('cancelled', [reason instanceof RangeError, String(reason)]),
      });
      return new Response(body);
    },
    caller: async ({ callee, url, note }) => {
      const reader = ((await callee.fetch(url)).body as ReadableStream).getReader();
      await reader.read();
      await reader.cancel(new RangeError('enough'));
      return note('cancelled');
    },
    expected: [true, 'RangeError: enough'],
  },
  {
    name: 'the cancellation of a response body that nobody has read reaches its producer',
    callee: (request, { notes }) =>
      new Response(new ReadableStream({ cancel: () => notes.set('cancelled', true) })),
    caller: async ({ callee, url, note }) => {
      await ((await callee.fetch(url)).body as ReadableStream).cancel();
      return note('cancelled');
    },
    expected: true,
  },
  {
    name: 'the cancellation of a request body reaches its producer, with the reason',
    callee: async (request) => {
      const reader = (request.body as ReadableStream).getReader();
      await reader.read();
      await reader.cancel(new RangeError('enough'));
      return new Response('ok');
    },
    caller: async ({ callee, url }) => {
      const { promise, resolve } = Promise.withResolvers();
      const body = new ReadableStream({
        start: (controller) => controller.enqueue(new Uint8Array(1)),
        cancel: (reason: unknown) => resolve([reason instanceof RangeError, String(reason)]),
      });
      const response = await callee.fetch(url, { method: 'POST', body, duplex: 'half' });
      return [await response.text(), await promise];
    },
    expected: ['ok', [true, 'RangeError: enough']],
  },
  {
    name: "the caller's signal aborts that of the callee's request before there is a response",
    callee: async (request, { notes }) => {
      notes.set('called', true);
      await new Promise((resolve) => request.signal.addEventListener('abort', resolve));
      const reason = request.signal.reason as Error;
      notes.set('aborted', [reason instanceof RangeError, reason.message]);
      throw new Error('nobody hears this');
    },
    caller: async ({ callee, url, note }) => {
      const controller = new AbortController();
      const called = callee.fetch(url, { signal: controller.signal }).catch((reason: unknown) => reason);
      await note('called');
      const reason = new RangeError('no longer');
      controller.abort(reason);
      return [(await called) === reason, await note('aborted')];
    },
    expected: [true, [true, 'no longer']],
  },
  {
    name: 'an abort without a reason is an AbortError on both sides',
    callee: async (request, { notes }) => {
      notes.set('called', true);
      await new Promise((resolve) => request.signal.addEventListener('abort', resolve));
      const { name, code } = request.signal.reason as DOMException;
      notes.set('aborted', [name, code, request.signal.reason instanceof DOMException]);
      return new Response('');
    },
    caller: async ({ callee, url, note }) => {
      const controller = new AbortController();
      const called = callee.fetch(url, { signal: controller.signal }).catch((reason: unknown) => reason);
      await note('called');
      controller.abort();
      const { name, code } = (await called) as DOMException;
      return [name, code, await note('aborted')];
    },
    expected: ['AbortError', 20, ['AbortError', 20, true]],
  },
  {
    name: 'a timeout of the caller is a TimeoutError on both sides',
    callee: async (request, { notes }) => {
      await new Promise((resolve) => request.signal.addEventListener('abort', resolve));
      notes.set('aborted', (request.signal.reason as Error).name);
      return new Response('');
    },
    caller: async ({ callee, url, note }) => {
      const error = await callee
        .fetch(url, { signal: AbortSignal.timeout(20) })
        .catch((reason: unknown) => reason);
      return [(error as Error).name, await note('aborted')];
    },
    expected: ['TimeoutError', 'TimeoutError'],
  },
  {
    name: 'a signal that is aborted already calls nobody',
    callee: (request, { notes }) => {
      if (request.url.endsWith('was-called')) return Response.json(false);
      notes.set('called', true);
      return new Response('');
    },
    caller: async ({ callee, url, note }) => {
      const error = await callee
        .fetch(url, { signal: AbortSignal.abort('why') })
        .catch((reason: unknown) => reason);
      await (await callee.fetch(`${url}was-called`)).json();
      const called = await Promise.race([
        note('called'),
        callee.fetch(`${url}was-called`).then((response) => response.json()),
      ]);
      return [error, called];
    },
    expected: ['why', false],
  },
  {
    name: "an abort during a streamed response fails the caller's body, cancels the producer and aborts the request",
    callee: (request, { notes }) => {
      request.signal.addEventListener('abort', () =>
        notes.set('aborted', (request.signal.reason as Error).message),
      );
      const body = new ReadableStream({
        start: (controller) => controller.enqueue(new Uint8Array([7])),
        cancel: () => notes.set('cancelled', true),
      });
      return new Response(body);
    },
    caller: async ({ callee, url, note }) => {
      const controller = new AbortController();
      const response = await callee.fetch(url, { signal: controller.signal });
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      const first = (await reader.read()).value?.[0];
      const second = reader.read().catch((reason: unknown) => reason);
      const reason = new RangeError('in the middle');
      controller.abort(reason);
      return [first, (await second) === reason, await note('aborted'), await note('cancelled')];
    },
    expected: [7, true, 'in the middle', true],
  },
  {
    name: 'an abort before a streamed response is read fails it as well',
    callee: (request, { notes }) =>
      new Response(new ReadableStream({ cancel: () => notes.set('cancelled', true) })),
    caller: async ({ callee, url, note }) => {
      const controller = new AbortController();
      const response = await callee.fetch(url, { signal: controller.signal });
      const reason = new RangeError('before');
      controller.abort(reason);
      const error = await response.text().catch((thrown: unknown) => thrown);
      return [error === reason, await note('cancelled')];
    },
    expected: [true, true],
  },
  {
    name: 'an abort after the whole response was read changes nothing',
    callee: (request, { notes }) => {
      if (request.url.endsWith('later')) return Response.json('fine');
      request.signal.addEventListener('abort', () => notes.set('aborted', true));
      return new Response(new Response('all of it').body);
    },
    caller: async ({ callee, url }) => {
      const controller = new AbortController();
      const text = await (await callee.fetch(url, { signal: controller.signal })).text();
      controller.abort();
      return [text, await (await callee.fetch(`${url}later`)).json()];
    },
    expected: ['all of it', 'fine'],
  },
  {
    name: 'an abort cancels the body of the request under way',
    callee: async (request, { notes }) => {
      const reader = (request.body as ReadableStream).getReader();
      await reader.read();
      notes.set('reading', true);
      const error = await reader.read().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      notes.set('failed', error instanceof Error || error instanceof DOMException);
      return new Response('');
    },
    caller: async ({ callee, url, note }) => {
      const controller = new AbortController();
      const { promise, resolve } = Promise.withResolvers();
      const body = new ReadableStream({
        start: (stream) => stream.enqueue(new Uint8Array(1)),
        cancel: () => resolve(true),
      });
      const called = callee.fetch(url, { method: 'POST', body, duplex: 'half', signal: controller.signal });
      const outcome = called.catch((reason: unknown) => reason);
      await note('reading');
      controller.abort('over');
      return [await outcome, await promise, await note('failed')];
    },
    expected: ['over', true, true],
  },
  {
    name: 'a response that comes after the abort is let go',
    callee: async (request, { notes }) => {
      if (request.url.endsWith('go')) {
        notes.set('go', true);
        return new Response('');
      }
      notes.set('called', true);
      await notes.get('go');
      return new Response(new ReadableStream({ cancel: () => notes.set('cancelled', true) }));
    },
    caller: async ({ callee, url, note }) => {
      const controller = new AbortController();
      const called = callee.fetch(url, { signal: controller.signal }).catch((reason: unknown) => reason);
      await note('called');
      controller.abort('over');
      const outcome = await called;
      await callee.fetch(`${url}go`);
      return [outcome, await note('cancelled')];
    },
    expected: ['over', true],
  },
  {
    name: 'the signal of a request that is passed on aborts the one behind it',
    callee: async (request, { notes, self }) => {
      if (!request.url.endsWith('second')) {
        notes.set('first', true);
        return self.fetch(new Request(`${request.url}second`, request));
      }
      notes.set('called', true);
      await new Promise((resolve) => request.signal.addEventListener('abort', resolve));
      notes.set('aborted', (request.signal.reason as Error).message);
      return new Response('');
    },
    caller: async ({ callee, url, note }) => {
      const controller = new AbortController();
      const called = callee.fetch(url, { signal: controller.signal }).catch((reason: unknown) => reason);
      await note('called');
      controller.abort(new Error('all the way'));
      await called;
      return note('aborted');
    },
    expected: 'all the way',
  },
  {
    name: 'one signal ends many calls',
    callee: async (request, { notes }) => {
      const number = Number(request.headers.get('x-number'));
      notes.set(`called${number}`, true);
      await new Promise((resolve) => request.signal.addEventListener('abort', resolve));
      notes.set(`aborted${number}`, true);
      return new Response('');
    },
    caller: async ({ callee, url, note }) => {
      const controller = new AbortController();
      const numbers = Array.from({ length: 10 }, (_, i) => i);
      const outcomes = numbers.map((i) =>
        callee
          .fetch(url, { signal: controller.signal, headers: { 'x-number': String(i) } })
          .catch((reason: unknown) => reason),
      );
      await Promise.all(numbers.map((i) => note(`called${i}`)));
      controller.abort('all');
      const aborted = await Promise.all(numbers.map((i) => note(`aborted${i}`)));
      return [(await Promise.all(outcomes)).every((reason) => reason === 'all'), aborted.every(Boolean)];
    },
    expected: [true, true],
  },
];
