/** WritableStream and pipes inside a realm. https://streams.spec.whatwg.org/#ws-class */

import t from 'tap';
import { evaluate } from '../helpers/realm.ts';

t.test('writes reach the sink one at a time, and backpressure shows in ready', async (t) => {
  const results = await evaluate(`
    const log = [];
    let finish;
    const stream = new WritableStream({ write(chunk) { log.push(chunk); return new Promise((r) => (finish = r)); }, close() { log.push('close'); } }, { highWaterMark: 2 });
    const writer = stream.getWriter();
    const sizes = [writer.desiredSize];
    const first = writer.write('a');
    const ready = writer.ready;
    const second = writer.write('b');
    sizes.push(writer.desiredSize);
    const isNew = writer.ready !== ready;
    await Promise.resolve();
    const running = [...log];
    finish();
    await first;
    await writer.ready;
    const closed = writer.close();
    finish();
    await Promise.all([second, closed, writer.closed]);
    return [sizes, running, isNew, log, writer.desiredSize];`);
  t.same(results, [[2, 0], ['a'], true, ['a', 'b', 'close'], 0]);
});

t.test('abort drops what waits, tells the sink, and fires the signal', async (t) => {
  const results = await evaluate(`
    const log = [];
    let signal;
    const stream = new WritableStream({ start(c) { signal = c.signal; signal.addEventListener('abort', () => log.push('signal')); }, write() { log.push('write'); }, abort(reason) { log.push('abort ' + reason); } });
    const writer = stream.getWriter();
    const write = writer.write(1).catch((e) => e);
    await writer.abort('enough');
    let controller;
    const late = new WritableStream({ start(c) { controller = c; } });
    await late.abort('x');
    return [log, signal.reason, await write, await writer.closed.catch((e) => e), await writer.write(2).catch((e) => e), controller.signal.aborted, controller.signal.reason];`);
  t.same(results, [['signal', 'abort enough'], 'enough', 'enough', 'enough', 'enough', true, 'x']);
});

t.test('a sink that fails fails the stream', async (t) => {
  const results = await evaluate(`
    const error = new TypeError('full');
    const writer = new WritableStream({ write() { throw error; } }).getWriter();
    const outcomes = await Promise.all([writer.write(1), writer.write(2), writer.close(), writer.closed, writer.ready].map((p) => p.then(() => 'ok', (e) => e === error)));
    let controller;
    const other = new WritableStream({ start(c) { controller = c; } });
    controller.error('by itself');
    const otherWriter = other.getWriter();
    return [outcomes, writer.desiredSize, await otherWriter.closed.catch((e) => e)];`);
  t.same(results, [[true, true, true, true, 'ok'], null, 'by itself']); // close() lets go of who waits for room
});

t.test('a writer that has been released can do nothing', async (t) => {
  const results = await evaluate(`
    const stream = new WritableStream();
    const writer = stream.getWriter();
    let locked;
    try { stream.getWriter(); } catch (e) { locked = e.constructor === TypeError; }
    writer.releaseLock();
    const refused = await Promise.all([writer.write(), writer.close(), writer.abort(), writer.closed, writer.ready].map((p) => p.catch((e) => e.constructor === TypeError)));
    let size;
    try { writer.desiredSize; } catch (e) { size = e.constructor === TypeError; }
    return [locked, refused, size, stream.locked];`);
  t.same(results, [true, [true, true, true, true, true], true, false]);
});

t.test('a pipe moves everything, respects backpressure, and closes the destination', async (t) => {
  const results = await evaluate(`
    const log = [];
    let i = 0;
    const source = new ReadableStream({ pull(c) { log.push('pull ' + i); if (i < 3) c.enqueue(i++); else c.close(); } }, { highWaterMark: 0 });
    const dest = new WritableStream({ write(chunk) { log.push('write ' + chunk); }, close() { log.push('close'); } });
    const done = await source.pipeTo(dest);
    return [log, done === undefined, source.locked, dest.locked];`);
  t.same(results, [
    ['pull 0', 'write 0', 'pull 1', 'write 1', 'pull 2', 'write 2', 'pull 3', 'close'],
    true,
    false,
    false,
  ]);
});

t.test('errors and closing travel along a pipe both ways, unless they are kept from it', async (t) => {
  const results = await evaluate(`
    const error = new Error('x');
    const failing = () => new ReadableStream({ pull() { throw error; } });
    const log = [];
    const sink = (name) => new WritableStream({ abort(e) { log.push(name + ' ' + (e === error)); }, close() { log.push(name + ' close'); } });
    const forward = await failing().pipeTo(sink('abort')).catch((e) => e === error);
    const kept = sink('kept');
    const forwardKept = await failing().pipeTo(kept, { preventAbort: true }).catch((e) => e === error);
    await kept.close();
    let canceled;
    const source = new ReadableStream({ pull(c) { c.enqueue(1); }, cancel(e) { canceled = e === error; } });
    const backward = await source.pipeTo(new WritableStream({ write() { throw error; } })).catch((e) => e === error);
    const open = sink('open');
    await ReadableStream.from([1]).pipeTo(open, { preventClose: true });
    const writer = open.getWriter();
    await writer.close();
    return [forward, forwardKept, canceled, backward, log];`);
  t.same(results, [true, true, true, true, ['abort true', 'kept close', 'open close']]);
});

t.test('a signal stops a pipe at both ends', async (t) => {
  const results = await evaluate(`
    const log = [];
    const abort = new AbortController();
    const source = new ReadableStream({ cancel(reason) { log.push('cancel ' + reason); } });
    const dest = new WritableStream({ abort(reason) { log.push('abort ' + reason); } });
    const piped = source.pipeTo(dest, { signal: abort.signal }).catch((e) => 'rejected ' + e);
    await null;
    abort.abort('stop');
    log.push(await piped);
    const early = await new ReadableStream().pipeTo(new WritableStream(), { signal: AbortSignal.abort() }).catch((e) => e.name);
    const wrong = await new ReadableStream().pipeTo(new WritableStream(), { signal: {} }).catch((e) => e.constructor === TypeError);
    return [log.sort(), early, wrong, source.locked];`);
  t.same(results, [['abort stop', 'cancel stop', 'rejected stop'], 'AbortError', true, false]);
});

t.test('the sink never runs on top of the source', async (t) => {
  const results = await evaluate(`
    let controller;
    let isEnqueuing = false;
    const seen = [];
    new ReadableStream({ start(c) { controller = c; } }, { highWaterMark: 0 }).pipeTo(new WritableStream({ write(chunk) { seen.push([chunk, isEnqueuing]); } }));
    for (const chunk of ['a', 'b']) {
      await new Promise((r) => setTimeout(r));
      isEnqueuing = true;
      controller.enqueue(chunk);
      isEnqueuing = false;
    }
    await new Promise((r) => setTimeout(r));
    return seen;`);
  t.same(results, [
    ['a', false],
    ['b', false],
  ]);
});
