/** ReadableStream inside a realm. https://streams.spec.whatwg.org/#rs-class */

import t from 'tap';
import { evaluate } from '../helpers/realm.ts';

t.test('chunks come out in order, and pull is called as the queue has room', async (t) => {
  const results = await evaluate(`
    const log = [];
    let next = 0;
    const stream = new ReadableStream({
      start(c) { log.push('start ' + c.desiredSize); },
      pull(c) { log.push('pull ' + c.desiredSize); if (next === 3) c.close(); else c.enqueue(next++); },
    }, { highWaterMark: 2 });
    await null;
    await null;
    await null;
    const before = next;
    const reader = stream.getReader();
    const read = [];
    for (let result; !(result = await reader.read()).done; ) read.push(result.value);
    await reader.closed;
    return [before, read, log[0], log[1], stream.locked];`);
  t.same(results, [2, [0, 1, 2], 'start 2', 'pull 2', true]);
});

t.test('a source may be asynchronous, and what it rejects with fails the stream', async (t) => {
  const results = await evaluate(`
    const thrown = new RangeError('no');
    const failing = new ReadableStream({ async pull(c) { if (c.seen) throw thrown; c.seen = true; c.enqueue('a'); } });
    const reader = failing.getReader();
    const first = await reader.read();
    const second = await reader.read().catch((e) => e === thrown);
    const closed = await reader.closed.catch((e) => e === thrown);
    const cannotStart = new ReadableStream({ async start() { throw thrown; } });
    const read = await cannotStart.getReader().read().catch((e) => e === thrown);
    let constructor;
    try { new ReadableStream({ start() { throw thrown; } }); } catch (e) { constructor = e === thrown; }
    return [first, second, closed, read, constructor];`);
  t.same(results, [{ value: 'a', done: false }, true, true, true, true]);
});

t.test('cancel reaches the source once, and waits for it', async (t) => {
  const results = await evaluate(`
    const reasons = [];
    let finish;
    const stream = new ReadableStream({ cancel(reason) { reasons.push(reason); return new Promise((r) => (finish = r)); } });
    let isDone = false;
    const canceled = stream.cancel('enough').then((value) => { isDone = true; return value; });
    await null;
    const before = isDone;
    finish('ignored');
    const value = await canceled;
    await stream.cancel('again');
    const failing = new ReadableStream({ cancel() { throw new TypeError('x'); } });
    return [reasons, before, value === undefined, await failing.cancel().catch((e) => e.message), (await failing.getReader().read()).done];`);
  t.same(results, [['enough'], false, true, 'x', true]);
});

t.test('a released reader fails its pending reads and the stream can be read by another', async (t) => {
  const results = await evaluate(`
    let controller;
    const stream = new ReadableStream({ start(c) { controller = c; } });
    const first = stream.getReader();
    const pending = first.read().catch((e) => e.constructor === TypeError);
    const closed = first.closed.catch((e) => e.constructor === TypeError);
    let locked;
    try { stream.getReader(); } catch (e) { locked = e.constructor === TypeError; }
    first.releaseLock();
    first.releaseLock();
    const second = stream.getReader();
    controller.enqueue('b');
    return [await pending, await closed, locked, await second.read(), await first.read().catch((e) => e.constructor === TypeError)];`);
  t.same(results, [true, true, true, { value: 'b', done: false }, true]);
});

t.test('strategies measure chunks, and what they throw fails the stream', async (t) => {
  const results = await evaluate(`
    const sizes = [];
    const bytes = new ReadableStream({ start(c) {
      c.enqueue(new Uint8Array(3)); sizes.push(c.desiredSize); c.enqueue(new Uint8Array(4)); sizes.push(c.desiredSize);
    } }, new ByteLengthQueuingStrategy({ highWaterMark: 5 }));
    let controller;
    const odd = new ReadableStream({ start(c) { controller = c; } }, { size: () => -1 });
    let enqueue;
    try { controller.enqueue(1); } catch (e) { enqueue = e.constructor === RangeError; }
    const read = await odd.getReader().read().catch((e) => e.constructor === RangeError);
    const wrong = [{ highWaterMark: -1 }, { highWaterMark: NaN }, { highWaterMark: 'x' }].map((strategy) => {
      try { new ReadableStream({}, strategy); } catch (e) { return e.constructor === RangeError; }
    });
    return [sizes, enqueue, read, wrong, new CountQueuingStrategy({ highWaterMark: 7 }).highWaterMark];`);
  t.same(results, [[2, -2], true, true, [true, true, true], 7]);
});

t.test('a byte stream fills the buffers of BYOB reads', async (t) => {
  const results = await evaluate(`
    const stream = new ReadableStream({ type: 'bytes', pull(c) {
      const { view } = c.byobRequest;
      view[0] = 1; view[1] = 2; view[2] = 3;
      c.byobRequest.respond(3);
    } });
    const reader = stream.getReader({ mode: 'byob' });
    const given = new Uint8Array(8);
    const { value, done } = await reader.read(given);
    const words = await reader.read(new Uint16Array(4));
    const exact = await reader.read(new Uint8Array(8), { min: 4 });
    const refused = await Promise.all([new Uint8Array(0), {}, undefined].map((view) => reader.read(view).catch((e) => e.constructor === TypeError)));
    return [[...value], done, given.byteLength, value.buffer.byteLength, words.value.constructor === Uint16Array, words.value.length,
      exact.value.length, refused];`);
  t.same(results, [[1, 2, 3], false, 0, 8, true, 1, 4, [true, true, true]]);
});

t.test('a byte stream takes chunks over, and gives default readers buffers of their own', async (t) => {
  const results = await evaluate(`
    const chunk = Uint8Array.of(1, 2, 3);
    const stream = new ReadableStream({ type: 'bytes', autoAllocateChunkSize: 16, start(c) { c.enqueue(chunk); }, pull(c) { c.byobRequest.view[0] = 9; c.byobRequest.respond(1); } });
    const reader = stream.getReader();
    const first = await reader.read();
    const second = await reader.read();
    let refused = 0;
    const resizable = new Uint8Array(new ArrayBuffer(4, { maxByteLength: 8 }));
    new ReadableStream({ type: 'bytes', start(c) {
      for (const bad of [chunk, new Uint8Array(0), 'text', resizable]) { try { c.enqueue(bad); } catch (e) { if (e.constructor === TypeError) refused++; } }
    } });
    return [chunk.byteLength, [...first.value], [...second.value], second.value.buffer.byteLength, refused];`);
  t.same(results, [0, [1, 2, 3], [9], 16, 4]);
});

t.test('tee gives both branches every chunk, and cancels with both reasons', async (t) => {
  const results = await evaluate(`
    const drain = async (stream) => { const all = []; for await (const chunk of stream) all.push(chunk); return all; };
    let reasons;
    const make = () => new ReadableStream({ start(c) { c.enqueue('a'); c.enqueue('b'); c.close(); } });
    const [one, two] = make().tee();
    const chunks = await Promise.all([drain(one), drain(two)]);
    const [three, four] = new ReadableStream({ cancel(reason) { reasons = reason; } }).tee();
    await Promise.all([three.cancel('x'), four.cancel('y')]);
    const bytes = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(Uint8Array.of(1)); c.close(); } });
    const [five, six] = bytes.tee();
    const [a, b] = [(await drain(five))[0], (await drain(six))[0]];
    a[0] = 7;
    return [chunks, reasons, b[0], Array.isArray(reasons)];`);
  t.same(results, [
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    ['x', 'y'],
    1,
    true,
  ]);
});

t.test('for await reads to the end, and cancels when it is left', async (t) => {
  const results = await evaluate(`
    const reasons = [];
    const make = () => { let i = 0; return new ReadableStream({ pull(c) { if (i < 3) c.enqueue(i++); else c.close(); }, cancel(r) { reasons.push(r === undefined); } }); };
    const all = [];
    for await (const chunk of make()) all.push(chunk);
    const left = make();
    for await (const chunk of left) break;
    const kept = make();
    for await (const chunk of kept.values({ preventCancel: true })) break;
    const rest = await kept.getReader().read();
    const iterator = make().values();
    const both = await Promise.all([iterator.next(), iterator.next(), iterator.return('r'), iterator.next()]);
    const promised = [];
    for await (const chunk of new ReadableStream({ start(c) { c.enqueue(Promise.resolve('unwrapped')); c.close(); } })) promised.push(chunk);
    return [all, reasons, left.locked, rest, both, promised, Object.getPrototypeOf(Object.getPrototypeOf(iterator)) === Object.getPrototypeOf(Object.getPrototypeOf((async function* () {}).prototype))];`);
  t.same(results, [
    [0, 1, 2],
    [true, false],
    false,
    { value: 1, done: false },
    [{ value: 0, done: false }, { value: 1, done: false }, { value: 'r', done: true }, { done: true }],
    ['unwrapped'],
    true,
  ]);
});

t.test('ReadableStream.from takes what can be iterated', async (t) => {
  const results = await evaluate(`
    const drain = async (stream) => { const all = []; for await (const chunk of stream) all.push(chunk); return all; };
    let returned;
    const endless = { async next() { return { value: 1, done: false }; }, async return(reason) { returned = reason; return {}; }, [Symbol.asyncIterator]() { return this; } };
    await ReadableStream.from(endless).cancel('stop');
    const refused = [null, 1, {}, { [Symbol.asyncIterator]: 1 }].map((value) => { try { ReadableStream.from(value); } catch (e) { return e.constructor === TypeError; } });
    return [await drain(ReadableStream.from(['a', Promise.resolve('b')])), await drain(ReadableStream.from((async function* () { yield 1; yield 2; })())),
      returned, refused, await drain(ReadableStream.from({ *[Symbol.iterator]() { yield 1; throw 2; } })).catch((e) => e)];`);
  t.same(results, [['a', 'b'], [1, 2], 'stop', [true, true, true, true], 2]);
});

t.test('methods refuse other receivers: with a rejection where they return promises', async (t) => {
  const results = await evaluate(`
    const isTypeError = (e) => e.constructor === TypeError;
    const reader = new ReadableStream().getReader();
    const throws = (f) => { try { f(); return false; } catch (e) { return isTypeError(e); } };
    const { read, cancel, releaseLock } = reader;
    const closed = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(reader), 'closed').get;
    const locked = Object.getOwnPropertyDescriptor(ReadableStream.prototype, 'locked').get;
    return [await Promise.all([read, cancel, closed, ReadableStream.prototype.pipeTo].flatMap((f) => [f.call({}), f.call(null), f.call(1)]).map((p) => p.catch(isTypeError))),
      [releaseLock, locked, ReadableStream.prototype.tee, ReadableStream.prototype.getReader].map((f) => throws(() => f.call({}))),
      [() => new ReadableStreamDefaultController(), () => new ReadableStreamBYOBRequest(), () => ReadableStream(), () => new ReadableStream(1), () => new ReadableStream({ type: 'x' })].map(throws)];`);
  t.same(results, [new Array(12).fill(true), new Array(4).fill(true), new Array(5).fill(true)]);
});
