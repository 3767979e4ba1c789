/** Streams that cross the realm boundary: sources become streams of the realm, and its streams become sources. */

import t from 'tap';
import { neutral } from '../../src/realm/neutral.ts';
import type {
  CallState,
  DataState,
  ErrorState,
  ResponseState,
  SourceState,
} from '../../src/realm/prelude/state.ts';
import { makeTestRealm, type TestRealm } from '../helpers/realm.ts';

type Step = readonly ['chunk', number[]] | readonly ['end'] | readonly ['error', string, string];

/** A realm whose handler has this body. */
function handler(body: string): Promise<TestRealm> {
  return makeTestRealm(
    `"use strict";($nanod) => { $nanod.exports({ default: () => handler }); const handler = { async fetch(request) { ${body} } }; }`,
  );
}

function call({ realm }: TestRealm, source?: SourceState): Promise<ResponseState> {
  const body = source === undefined ? undefined : neutral.streamBody(source, -1);
  const request = neutral.request('POST', 'http://test/', '', body, '');
  return new Promise((resolve, reject) => {
    const settle: CallState['settle'] = (_call, response, error) => {
      if (response === undefined) reject(new Error(error?.message));
      else resolve(response);
    };
    const state = neutral.call(settle, undefined, request, undefined, undefined, undefined);
    realm.entry.open('default', '')?.fetch(request, state);
  });
}

/** One read of a source. */
function read(source: SourceState): Promise<Step> {
  return new Promise((resolve) => {
    source.read((step, buffer, error) => {
      if (step === 'chunk') resolve(['chunk', [...new Uint8Array(buffer as ArrayBuffer)]]);
      else if (step === 'end') resolve(['end']);
      else resolve(['error', (error as ErrorState).name, (error as ErrorState).message]);
    });
  });
}

async function readAll(source: SourceState): Promise<Step[]> {
  const steps: Step[] = [];
  do steps.push(await read(source));
  while (steps.at(-1)?.[0] === 'chunk');
  return steps;
}

function sourceOf(response: ResponseState): SourceState {
  return (response.body as DataState).source as SourceState;
}

const failure = neutral.error('error', 'RangeError', 'far away', '', '');

/** A source of the host's: `steps` are given one for each read, at once or a macrotask later. */
function makeSource(steps: readonly (readonly number[] | 'end' | 'error')[], isLate = false) {
  const seen = { reads: 0, canceled: [] as string[] };
  const give: SourceState['read'] = (sink) => {
    const step = steps[seen.reads++];
    const answer = (): void => {
      if (step === 'error') sink('error', undefined, failure);
      else if (step === undefined || step === 'end') sink('end', undefined, undefined);
      else sink('chunk', Uint8Array.from(step).buffer, undefined);
    };
    if (isLate) setImmediate(answer);
    else answer();
  };
  const source = neutral.source(give, (reason) => seen.canceled.push(`${reason.name}: ${reason.message}`));
  return { source, seen };
}

t.test('a stream of a worker is read on demand, and its chunks are copied', async (t) => {
  const realm = await handler(`
    const bytes = Uint8Array.of(1, 2, 3, 4);
    globalThis.pulls = 0;
    const stream = new ReadableStream({ pull(c) { pulls++; if (pulls < 3) c.enqueue(bytes.subarray(pulls, 3)); else c.close(); } }, { highWaterMark: 0 });
    if (request.url.endsWith('pulls')) return new Response(String(pulls));
    return new Response(stream);`);
  const source = sourceOf(await call(realm));
  t.same(await readAll(source), [['chunk', [2, 3]], ['chunk', [3]], ['end']]);
});

t.test('whatever else a worker enqueues is an error, and so is what it throws', async (t) => {
  for (const code of ["c.enqueue('text')", 'c.enqueue(new Uint16Array(1))', 'c.enqueue({ byteLength: 1 })']) {
    const realm = await handler(`return new Response(new ReadableStream({ pull(c) { ${code}; } }));`);
    t.equal((await read(sourceOf(await call(realm))))[1], 'TypeError', code);
  }
  const realm = await handler(
    `return new Response(new ReadableStream({ pull() { throw new RangeError('own') } }));`,
  );
  t.same(await readAll(sourceOf(await call(realm))), [['error', 'RangeError', 'own']]);
});

t.test('canceling a source cancels the stream, and no sink is called from then on', async (t) => {
  const realm = await handler(`
    const stream = new ReadableStream({ pull(c) { globalThis.controller = c; }, cancel(reason) { globalThis.reason = reason; controller.enqueue(new Uint8Array(1)); } });
    if (globalThis.reason) return new Response(reason.constructor === RangeError && reason.message);
    return new Response(stream);`);
  const source = sourceOf(await call(realm));
  let steps = 0;
  source.read(() => steps++);
  source.cancel(failure);
  const { body } = await call(realm);
  t.equal(body, 'far away');
  t.equal(steps, 0);
});

t.test('the receiver never runs on top of a worker that enqueues', async (t) => {
  const realm = await handler(`
    if (globalThis.controller) { globalThis.isEnqueuing = true; controller.enqueue(new Uint8Array(1)); globalThis.isEnqueuing = false; return new Response('x'); }
    return new Response(new ReadableStream({ start(c) { globalThis.controller = c; } }));`);
  const source = sourceOf(await call(realm));
  const order: string[] = [];
  source.read((step) => order.push(step));
  const settled = call(realm);
  await settled;
  t.same(order, ['chunk']);
});

t.test('a source becomes a byte stream of the realm, which reads nothing before it is asked', async (t) => {
  const { source, seen } = makeSource([[1, 2], [], [3], 'end'], true);
  const realm = await handler(`
    globalThis.stream = request.body;
    const reader = stream.getReader({ mode: 'byob' });
    const first = await reader.read(new Uint8Array(1));
    const second = await reader.read(new Uint8Array(4));
    const third = await reader.read(new Uint8Array(4));
    const last = await reader.read(new Uint8Array(4));
    const isLocal = Object.getPrototypeOf(first.value.buffer) === ArrayBuffer.prototype;
    return new Response(JSON.stringify([[...first.value], [...second.value], [...third.value], last.done, last.value.length, isLocal]));`);
  const untouched = await handler(
    `const { body } = request; await null; return new Response(String(body.locked));`,
  );
  t.equal((await call(untouched, source)).body, 'false');
  t.equal(seen.reads, 0);
  const { body } = await call(realm, source);
  t.same(JSON.parse(body as string), [[1], [2], [3], true, 0, true]);
});

t.test('an error of a source becomes one of the realm, and a cancellation reaches the source', async (t) => {
  const realm = await handler(`
    const reader = request.body.getReader();
    const chunk = await reader.read();
    const error = await reader.read().catch((e) => [e.constructor === RangeError, e.message]);
    return new Response(JSON.stringify([[...chunk.value], error]));`);
  const failing = await call(realm, makeSource([[1], 'error']).source);
  t.same(JSON.parse(failing.body as string), [[1], [true, 'far away']]);

  const canceling = await handler(`
    for await (const chunk of request.body) break;
    return new Response(String(request.bodyUsed));`);
  const { source, seen } = makeSource([[1], [2]]);
  t.equal((await call(canceling, source)).body, 'true');
  t.equal(seen.reads, 1);
  t.equal(seen.canceled.length, 1);
});

t.test('everything of a body is read through the shortest way', async (t) => {
  const realm = await handler(
    `return new Response(JSON.stringify([...new Uint8Array(await request.arrayBuffer())]));`,
  );
  for (const isLate of [false, true]) {
    const { body } = await call(realm, makeSource([[1, 2], [], [3], 'end'], isLate).source);
    t.same(JSON.parse(body as string), [1, 2, 3]);
  }
  const viaStream = await handler(
    `const { body } = request; const text = await request.text(); return new Response(text + body.locked);`,
  );
  t.equal((await call(viaStream, makeSource([[0x61], [0x62]]).source)).body, 'abtrue');
  const failing = await handler(
    `return new Response(await request.text().catch((e) => e.constructor.name + e.message));`,
  );
  t.equal((await call(failing, makeSource([[1], 'error']).source)).body, 'RangeErrorfar away');
});

t.test('many synchronous answers need no deep stack', async (t) => {
  const steps = Array.from({ length: 30_000 }, () => [1]);
  const realm = await handler(`
    const reader = request.body.getReader();
    const reads = Array.from({ length: 30000 }, () => reader.read());
    const results = await Promise.all(reads);
    return new Response(String(results.reduce((sum, { value }) => sum + value[0], 0)));`);
  t.equal((await call(realm, makeSource(steps).source)).body, '30000');
  const whole = await handler(`return new Response(String((await request.bytes()).length));`);
  t.equal((await call(whole, makeSource(steps).source)).body, '30000');
});

t.test('an untouched stream hands its source on, and a touched one is read', async (t) => {
  const { source } = makeSource([[1], 'end']);
  const echo = await handler(`request.body; return new Response(request.body);`);
  t.equal(sourceOf(await call(echo, source)), source);
  const peek = await handler(`
    const reader = request.body.getReader();
    await reader.read();
    reader.releaseLock();
    return new Response(request.body.pipeThrough(new TransformStream()));`);
  t.same(await readAll(sourceOf(await call(peek, makeSource([[1], [2], [3]]).source))), [
    ['chunk', [2]],
    ['chunk', [3]],
    ['end'],
  ]);
});

t.test('a clone has bytes of its own', async (t) => {
  const realm = await handler(`
    const clone = request.clone();
    const [mine, its] = await Promise.all([request.bytes(), clone.bytes()]);
    mine[0] = 9;
    return new Response(JSON.stringify([[...mine], [...its]]));`);
  const { body } = await call(realm, makeSource([[1, 2], [3]]).source);
  t.same(JSON.parse(body as string), [
    [9, 2, 3],
    [1, 2, 3],
  ]);
});

t.test('a source that throws does no harm', async (t) => {
  const broken = neutral.source(
    () => {
      throw new Error('host');
    },
    () => {
      throw new Error('host');
    },
  );
  const realm = await handler(`
    const outcome = (p) => p.then(() => 'ok', (e) => [e instanceof RangeError, e.message.includes('host')]);
    const [one, two] = [request.body, await outcome(request.body.getReader().read())];
    return new Response(JSON.stringify([two]));`);
  const { body } = await call(realm, broken);
  t.same(JSON.parse(body as string), [[true, false]]);
  const canceling = await handler(`await request.body.cancel('x'); return new Response('canceled');`);
  t.equal((await call(canceling, broken)).body, 'canceled');
});
