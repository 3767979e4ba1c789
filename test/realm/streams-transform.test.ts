/** Transform streams inside a realm: the standard's, Cloudflare's, text and compression. https://streams.spec.whatwg.org/#ts-class */

import { gunzipSync, gzipSync } from 'node:zlib';
import t from 'tap';
import { evaluate } from '../helpers/realm.ts';

const HELPERS = `
const drain = async (stream) => { const all = []; for await (const chunk of stream) all.push(chunk); return all; };
const bytesOf = async (stream) => { const all = []; for await (const chunk of stream) all.push(...chunk); return all; };
const isTypeError = (e) => e.constructor === TypeError;
`;

t.test('a transformer sees every chunk, and may answer with any number', async (t) => {
  const results = await evaluate(`${HELPERS}
    const doubled = new TransformStream({ start(c) { c.enqueue('start'); }, async transform(chunk, c) { c.enqueue(chunk); c.enqueue(chunk); }, flush(c) { c.enqueue('end'); } });
    const early = new TransformStream({ transform(chunk, c) { if (chunk === 2) c.terminate(); else c.enqueue(chunk); } });
    return [await drain(ReadableStream.from([1, 2]).pipeThrough(doubled)), await drain(ReadableStream.from([1, 2, 3]).pipeThrough(early)),
      await drain(ReadableStream.from([1]).pipeThrough(new TransformStream()))];`);
  t.same(results, [['start', 1, 1, 2, 2, 'end'], [1], [1]]);
});

t.test('an error of a transformer reaches both sides', async (t) => {
  const results = await evaluate(`${HELPERS}
    const error = new Error('x');
    const transform = new TransformStream({ transform() { throw error; } });
    const writer = transform.writable.getWriter();
    const read = transform.readable.getReader().read().catch((e) => e === error);
    const write = writer.write(1).catch((e) => e === error);
    let reason;
    const canceled = new TransformStream({ cancel(r) { reason = r; } });
    await canceled.readable.cancel('r');
    return [await read, await write, await writer.closed.catch((e) => e === error), reason];`);
  t.same(results, [true, true, true, 'r']);
});

t.test('writes wait for a reader', async (t) => {
  const results = await evaluate(`
    const log = [];
    const transform = new TransformStream({ transform(chunk, c) { log.push('transform ' + chunk); c.enqueue(chunk); } });
    const writer = transform.writable.getWriter();
    writer.write('a').then(() => log.push('written'));
    await new Promise((r) => setTimeout(r));
    log.push('read');
    await transform.readable.getReader().read();
    await new Promise((r) => setTimeout(r));
    return log;`);
  t.same(results, ['read', 'transform a', 'written']);
});

t.test('IdentityTransformStream passes bytes on, and a write is done when they have been read', async (t) => {
  const results = await evaluate(`${HELPERS}
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    const log = [];
    const source = Uint8Array.of(1, 2, 3);
    writer.write(source).then(() => log.push('written'));
    await new Promise((r) => setTimeout(r));
    log.push('read');
    const reader = readable.getReader({ mode: 'byob' });
    const { value } = await reader.read(new Uint8Array(8));
    await new Promise((r) => setTimeout(r));
    const ended = reader.read(new Uint8Array(1));
    await writer.close();
    const text = new IdentityTransformStream().writable.getWriter().write('text').catch(isTypeError);
    return [log, [...value], (await ended).done, await text, new IdentityTransformStream() instanceof TransformStream];`);
  t.same(results, [['read', 'written'], [1, 2, 3], true, true, true]);
});

t.test('aborting or canceling an IdentityTransformStream ends the other side at once', async (t) => {
  const results = await evaluate(`${HELPERS}
    const one = new IdentityTransformStream();
    const writer = one.writable.getWriter();
    const write = writer.write(new Uint8Array(1)).catch((e) => e);
    await writer.abort('stop');
    const two = new IdentityTransformStream();
    const other = two.writable.getWriter();
    const waiting = other.write(new Uint8Array(1)).catch((e) => e);
    await two.readable.cancel('no more');
    return [await write, await one.readable.getReader().read().catch((e) => e), await waiting, await other.closed.catch((e) => e)];`);
  t.same(results, ['stop', 'stop', 'no more', 'no more']);
});

t.test('FixedLengthStream insists on its length', async (t) => {
  const results = await evaluate(`${HELPERS}
    const write = async (length, ...chunks) => {
      const { readable, writable } = new FixedLengthStream(length);
      const read = bytesOf(readable).then((all) => all.length, isTypeError);
      const writer = writable.getWriter();
      let failed = false;
      try { for (const chunk of chunks) await writer.write(new Uint8Array(chunk)); await writer.close(); } catch (e) { failed = isTypeError(e); }
      return [await read, failed];
    };
    const wrong = [[], [-1], ['x'], [{}]].map((args) => { try { new FixedLengthStream(...args); } catch (e) { return isTypeError(e); } });
    return [await write(4, 1, 3), await write(4, 1), await write(4, 3, 2), await write(0n), wrong];`);
  t.same(results, [
    [4, false],
    [true, true],
    [true, true],
    [0, false],
    [true, true, true, true],
  ]);
});

t.test('text streams keep characters together that chunks split', async (t) => {
  const results = await evaluate(`${HELPERS}
    const euro = new TextEncoder().encode('a€');
    const decoded = await drain(ReadableStream.from([euro.slice(0, 2), euro.slice(2)]).pipeThrough(new TextDecoderStream()));
    const cut = await drain(ReadableStream.from([euro.slice(0, 2)]).pipeThrough(new TextDecoderStream('utf-8')));
    const fatal = await drain(ReadableStream.from([euro.slice(0, 2)]).pipeThrough(new TextDecoderStream('utf-8', { fatal: true }))).catch(isTypeError);
    const encoded = await bytesOf(ReadableStream.from(['\\ud83d', '\\ude00', '\\ud83d']).pipeThrough(new TextEncoderStream()));
    const wrong = await drain(ReadableStream.from(['text']).pipeThrough(new TextDecoderStream())).catch(isTypeError);
    const { encoding, fatal: isFatal, ignoreBOM } = new TextDecoderStream('latin1', { ignoreBOM: true });
    return [decoded, cut, fatal, encoded, wrong, encoding, isFatal, ignoreBOM, new TextEncoderStream().encoding];`);
  t.same(results, [
    ['a', '€'],
    ['a', '\ufffd'],
    true,
    [0xf0, 0x9f, 0x98, 0x80, 0xef, 0xbf, 0xbd],
    true,
    'windows-1252',
    false,
    true,
    'utf-8',
  ]);
});

t.test('compression comes back as it went in', async (t) => {
  const results = (await evaluate(`${HELPERS}
    const text = 'nanoservice '.repeat(500);
    const through = async (stream, ...transforms) => bytesOf(transforms.reduce((s, transform) => s.pipeThrough(transform), stream));
    const input = () => ReadableStream.from([text.slice(0, 100), text.slice(100)]).pipeThrough(new TextEncoderStream());
    const same = [];
    for (const format of ['gzip', 'deflate', 'deflate-raw', 'brotli']) {
      const bytes = await through(input(), new CompressionStream(format), new DecompressionStream(format));
      same.push(new TextDecoder().decode(new Uint8Array(bytes)) === text);
    }
    return [same, await through(input(), new CompressionStream('gzip')), text];`)) as [
    boolean[],
    number[],
    string,
  ];
  t.same(results[0], [true, true, true, true]);
  t.equal(gunzipSync(Uint8Array.from(results[1])).toString(), results[2]);
});

t.test('corrupt, cut and trailing data are TypeErrors of the realm', async (t) => {
  const packed = JSON.stringify([...gzipSync('some text')]);
  const results = await evaluate(`${HELPERS}
    const packed = ${packed};
    const unpack = (bytes) => bytesOf(ReadableStream.from([Uint8Array.from(bytes)]).pipeThrough(new DecompressionStream('gzip'))).then((all) => all.length, isTypeError);
    const constructors = [() => new CompressionStream('zip'), () => new CompressionStream(), () => DecompressionStream('gzip')].map((f) => { try { f(); } catch (e) { return isTypeError(e); } });
    const chunk = await bytesOf(ReadableStream.from(['text']).pipeThrough(new CompressionStream('gzip'))).catch(isTypeError);
    return [await unpack(packed), await unpack([1, 2, 3]), await unpack(packed.slice(0, -4)), await unpack([...packed, 0]), await unpack([]), constructors, chunk];`);
  t.same(results, [9, true, true, true, true, [true, true, true], true]);
});

t.test('output that nobody reads is not made beyond a limit', async (t) => {
  const bomb = JSON.stringify([...gzipSync(Buffer.alloc(8 * 1024 * 1024))]);
  const results = (await evaluate(`
    const stream = new DecompressionStream('gzip');
    const writer = stream.writable.getWriter();
    let isWritten = false;
    const written = writer.write(Uint8Array.from(${bomb})).then(() => (isWritten = true));
    const reader = stream.readable.getReader();
    let total = (await reader.read()).value.length;
    await new Promise((r) => setTimeout(r, 50));
    const before = isWritten;
    writer.close();
    for (let result; !(result = await reader.read()).done; ) total += result.value.length;
    await written;
    return [before, total];`)) as unknown[];
  t.same(results, [false, 8 * 1024 * 1024]);
});

t.test('streams can be transferred within the realm', async (t) => {
  const results = await evaluate(`${HELPERS}
    const stream = ReadableStream.from([1, 2]);
    const moved = structuredClone(stream, { transfer: [stream] });
    const transform = new TransformStream();
    const movedTransform = structuredClone({ transform }, { transfer: [transform] }).transform;
    const locked = new WritableStream();
    locked.getWriter();
    let refused;
    try { structuredClone(locked, { transfer: [locked] }); } catch (e) { refused = e.name; }
    const isLocked = [stream.locked, transform.readable.locked, transform.writable.locked];
    const chunks = await drain(moved.pipeThrough(movedTransform));
    const again = [stream, transform, transform.readable].map((one) => {
      try { structuredClone(one, { transfer: [one] }); } catch (e) { return e.name; }
    });
    return [isLocked, chunks, again, refused];`);
  t.same(results, [[true, true, true], [1, 2], Array(3).fill('DataCloneError'), 'DataCloneError']);
});

t.test('the chunks of a transferred stream are cloned, and it keeps its backpressure', async (t) => {
  const results = await evaluate(`${HELPERS}
    let pulls = 0;
    const first = { when: new Date(1), bytes: new Uint8Array([1]) };
    const source = new ReadableStream({
      pull(controller) { pulls++; controller.enqueue(pulls === 1 ? first : { pulls }); },
    }, { highWaterMark: 0 });
    const stream = structuredClone(source, { transfer: [source] });
    const reader = stream.getReader();
    const { value } = await reader.read();
    const turn = () => new Promise((resolve) => setTimeout(resolve, 2));
    await turn();
    const held = pulls;
    const reason = new RangeError('enough');
    await reader.cancel(reason);
    const written = [];
    const sink = new WritableStream({ write(chunk) { written.push(chunk); if (chunk === 'bad') throw new RangeError('refused'); } });
    const writer = structuredClone(sink, { transfer: [sink] }).getWriter();
    const desired = writer.desiredSize;
    await writer.write('good');
    await writer.write(() => {}).catch((error) => written.push(error.name));
    const closed = await writer.closed.catch((error) => error.name);
    return [value !== first, value, held, desired, written, closed];`);
  t.same(results, [
    true,
    { when: '1970-01-01T00:00:00.001Z', bytes: { 0: 1 } },
    2,
    1,
    ['good', 'DataCloneError'],
    'DataCloneError',
  ]);
});
