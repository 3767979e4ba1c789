/** Streams in a realm whose built-ins the worker has replaced: they go on working, and show nothing of their inside. */

import t from 'tap';
import { evaluate } from '../helpers/realm.ts';

/** Replaces everything that streams could lean on; what gets through to the replacements is counted. */
const TAMPER = `
let touched = '';
const tamper = (holder, name) => {
  const { value } = Object.getOwnPropertyDescriptor(holder, name);
  Object.defineProperty(holder, name, { configurable: true, writable: true, value: function () { touched += String(name) + ' '; throw new Error('patched ' + name); } });
  return () => Object.defineProperty(holder, name, { configurable: true, writable: true, value });
};
const restore = [];
const patches = [[Promise, 'resolve'], [Promise, 'reject'], [Promise, 'all'], [Array.prototype, 'push'], [Array.prototype, 'shift'], [Array.prototype, Symbol.iterator],
  [Function.prototype, 'call'], [Function.prototype, 'apply'], [Function.prototype, 'bind'], [Reflect, 'apply'], [Reflect, 'construct'], [ArrayBuffer.prototype, 'slice'], [ArrayBuffer.prototype, 'transfer'],
  [Object.getPrototypeOf(Uint8Array.prototype), 'set'], [Object.getPrototypeOf(Uint8Array.prototype), 'subarray'], [Map.prototype, 'get'], [WeakMap.prototype, 'get'], [Math, 'min']];
`;

const PATCH = `
for (let i = 0; i < patches.length; i++) restore[i] = tamper(patches[i][0], patches[i][1]);
for (let i = 0; i < 3; i++) {
  Object.defineProperty(Array.prototype, i, { configurable: true, get() { touched += 'get ' + i + ' '; return undefined; }, set() { touched += 'set ' + i + ' '; } });
}
`;

const RESTORE = `
for (let i = 0; i < restore.length; i++) restore[i]();
for (let i = 0; i < 3; i++) delete Array.prototype[i];
`;

t.test('reading, piping, teeing and transforming use no built-in of the worker', async (t) => {
  const results = await evaluate(`${TAMPER}
    const classes = [ReadableStream, WritableStream, TransformStream, ByteLengthQueuingStrategy, IdentityTransformStream, TextDecoderStream];
    ${PATCH}
    let sum = 0;
    let bytes = 0;
    let i = 0;
    const source = new ReadableStream({ pull(c) { if (i < 5) c.enqueue(i++); else c.close(); } });
    const branches = source.tee();
    const one = branches[0].pipeThrough(new TransformStream()).pipeTo(new WritableStream({ write(chunk) { sum += chunk; } }));
    const reader = branches[1].getReader();
    for (;;) { const result = await reader.read(); if (result.done) break; sum += result.value; }
    await one;
    let k = 0;
    const byteSource = new ReadableStream({ type: 'bytes', pull(c) { if (k++ < 3) c.enqueue(new Uint8Array(4)); else { c.close(); c.byobRequest?.respond(0); } } });
    const byteBranches = byteSource.tee();
    const byob = byteBranches[0].getReader({ mode: 'byob' });
    const other = byteBranches[1].getReader();
    for (;;) { const result = await byob.read(new Uint8Array(3)); if (result.done) break; bytes += result.value.length; }
    for (;;) { const result = await other.read(); if (result.done) break; bytes += result.value.length; }
    ${RESTORE}
    return [sum, bytes, touched];`);
  t.same(results, [20, 24, '']);
});

t.test('a patched Promise.prototype.then is called for the promises of the worker only', async (t) => {
  const results = await evaluate(`
    const own = new Set();
    const mine = (promise) => { own.add(promise); return promise; };
    const later = async () => {};
    let calls = 0;
    let foreign = 0;
    const then = Promise.prototype.then;
    Promise.prototype.then = function () { calls++; if (!own.has(this)) foreign++; return Reflect.apply(then, this, arguments); };
    let i = 0;
    const chunks = [];
    const source = new ReadableStream({ pull(c) { if (i < 3) c.enqueue(i++); else c.close(); return mine(later()); }, start: () => mine(later()) });
    const transform = new TransformStream({ transform(chunk, c) { c.enqueue(chunk); return mine(later()); }, flush: () => mine(later()), start: () => mine(later()) });
    await source.pipeThrough(transform).pipeTo(new WritableStream({ write(chunk) { chunks.push(chunk); return mine(later()); }, close: () => mine(later()) }));
    for await (const chunk of ReadableStream.from(['x'])) chunks.push(chunk);
    Promise.prototype.then = then;
    return [calls > 0, foreign, chunks];`);
  t.same(results, [true, 0, [0, 1, 2, 'x']]);
});

t.test('a thenable trap on Object.prototype sees only what the worker may have', async (t) => {
  const results = await evaluate(`
    const seen = new Set();
    Object.defineProperty(Object.prototype, 'then', { configurable: true, get() { seen.add(Object.getPrototypeOf(this) === Object.prototype ? Object.keys(this).join() : Object.prototype.toString.call(this)); return undefined; } });
    let i = 0;
    const source = new ReadableStream({ pull(c) { if (i < 3) c.enqueue(new Uint8Array(++i)); else c.close(); } });
    const [one, two] = source.tee();
    await one.pipeThrough(new TransformStream()).pipeTo(new WritableStream());
    const reader = two.getReader();
    while (!(await reader.read()).done);
    const canceled = new ReadableStream().cancel();
    await canceled;
    delete Object.prototype.then;
    return [...seen].filter((each) => each !== 'value,done' && each !== '[object Uint8Array]');`);
  t.same(results, []);
});

t.test(
  'a worker that replaces Promise.prototype.constructor breaks nothing but its own streams',
  async (t) => {
    const results = await evaluate(`
    const leaked = [];
    const own = Object.getOwnPropertyDescriptor(Promise.prototype, 'constructor');
    class Spy extends Promise { constructor(executor) { super((a, b) => { executor(a, b); }); } static get [Symbol.species]() { leaked.push('species'); return Spy; } }
    Object.defineProperty(Promise.prototype, 'constructor', { configurable: true, get() { return Spy; } });
    let threw = false;
    try {
      const reader = new ReadableStream({ pull(c) { c.enqueue(1); } }).getReader();
      void reader.read();
      new ReadableStream().pipeTo(new WritableStream());
    } catch (e) { threw = e instanceof Error && e.constructor !== Error; }
    Object.defineProperty(Promise.prototype, 'constructor', own);
    const reader = new ReadableStream({ pull(c) { c.enqueue(1); } }).getReader();
    return [threw, (await reader.read()).value];`);
    t.same(results, [false, 1]);
  },
);

t.test('streams near the end of the stack throw errors of the realm only', async (t) => {
  const results = await evaluate(`
    const foreign = [];
    const check = (e) => { if (!(e instanceof Error) || e.constructor !== RangeError) foreign.push(String(e && e.name)); };
    const attempts = [
      () => new ReadableStream({ pull(c) { c.enqueue(1); } }).getReader().read(),
      () => new ReadableStream({ type: 'bytes', pull(c) { c.enqueue(new Uint8Array(1)); } }).getReader({ mode: 'byob' }).read(new Uint8Array(1)),
      () => new ReadableStream().tee(), () => new ReadableStream().pipeThrough(new TransformStream()), () => new WritableStream().getWriter().write(1),
      () => ReadableStream.from([1]).values().next(), () => new CompressionStream('gzip').writable.getWriter().write(new Uint8Array(1)),
      () => new Response(new ReadableStream()).text(), () => new IdentityTransformStream(), () => new TextDecoderStream('latin1'),
    ];
    for (const attempt of attempts) attempt(); // loads everything
    const dive = (attempt) => { let done = false; const go = () => { try { go(); } catch (e) { check(e); } if (!done) { try { const p = attempt(); done = true; if (p instanceof Promise) p.catch(check); } catch (e) { check(e); } } }; go(); };
    for (const attempt of attempts) for (let i = 0; i < 5; i++) dive(attempt);
    await new Promise((r) => setTimeout(r));
    return foreign;`);
  t.same(results, []);
});
