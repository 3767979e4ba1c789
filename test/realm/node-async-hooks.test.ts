/** AsyncLocalStorage and AsyncResource in a realm: the store follows the code, and goes when nobody can come back to it. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { inRealm, sameAsNode } from '../helpers/like-node.ts';
import { makeTestRealm } from '../helpers/realm.ts';

const head = `const { AsyncLocalStorage, AsyncResource } = require('async_hooks');
const { EventEmitter, once } = require('events'); const { Readable, Transform, pipeline } = require('stream');
const { setTimeout: sleep } = require('timers/promises');
const als = new AsyncLocalStorage(); const other = new AsyncLocalStorage(); const get = () => als.getStore();`;

t.test('the store follows awaits, timers, streams, events and callbacks', (t) =>
  sameAsNode(t, head, [
    'get()',
    'als.run("a", get)',
    'als.run("a", (x, y) => [get(), x, y], 1, 2)',
    'als.run("a", () => { try { als.run("b", () => { throw new Error("x"); }); } catch { return get(); } })',
    'als.run("a", async () => { await null; await sleep(1); return get(); })',
    'als.run("a", async () => { await { then: (f) => f() }; return get(); })',
    'als.run("a", () => new Promise((done) => setTimeout(() => done(get()), 1)))',
    'als.run("a", () => new Promise((done) => { let n = 0; const id = setInterval(() => { if (++n === 2) { clearInterval(id); done(get()); } }, 1); }))',
    'als.run("a", () => new Promise((done) => queueMicrotask(() => done(get()))))',
    'als.run("a", () => new Promise((done) => process.nextTick(() => done(get()))))',
    'als.run("a", () => new Promise((done) => setImmediate(() => done(get()))))',
    'als.run("a", () => Promise.resolve(1).then(get))',
    'als.run("a", () => Promise.reject(1).catch(get))',
    'als.run("a", () => Promise.reject(1).finally(get).catch(get))',
    'als.run("a", () => Promise.all([als.run("b", async () => { await null; return get(); }), sleep(1).then(get)]))',
    'als.run("a", () => { const e = new EventEmitter(); return als.run("b", () => new Promise((done) => { e.on("x", () => done(get())); e.emit("x"); })); })',
    'als.run("a", async () => { const e = new EventEmitter(); setTimeout(() => e.emit("x"), 1); await once(e, "x"); return get(); })',
    'als.run("a", async () => { const seen = []; for await (const x of Readable.from([1, 2])) seen.push([x, get()]); return seen; })',
    'als.run("a", () => new Promise((done) => pipeline(Readable.from(["x"]), new Transform({ transform(chunk, _, next) { next(null, chunk); } }), async function (source) { for await (const _ of source); return get(); }, (error, value) => done([error ?? null, value, get()]))))',
    'als.run("a", async () => { const reader = new ReadableStream({ async pull(c) { await null; c.enqueue(get()); c.close(); } }).getReader(); const { value } = await reader.read(); return [value, get()]; })',
    'als.run("a", async () => { const steps = []; for await (const x of (async function* () { steps.push(get()); yield 1; steps.push(get()); })()) steps.push(get()); return steps; })',
    'als.run("a", () => other.run("b", () => als.run("c", () => [get(), other.getStore()])))',
    'als.run("a", () => [als.exit(get), get()])',
    'als.run("a", () => als.exit(async () => { await null; return get(); }))',
    'als.run(undefined, get)',
    'als.run("a", () => als.run(undefined, get))',
    'als.run("a", () => AsyncLocalStorage.bind(get))()',
    'als.run("a", () => AsyncLocalStorage.snapshot())((x) => [get(), x], 5)',
    'als.run("a", () => new AsyncResource("T")).runInAsyncScope(function (x) { return [get(), this.y, x]; }, { y: 1 }, 2)',
    'als.run("a", () => new AsyncResource("T").bind(get))()',
    'als.run("a", () => AsyncResource.bind(get))()',
    'als.run("a", async () => { als.enterWith("b"); await null; return get(); })',
    'als.run("a", () => { als.enterWith("b"); const inner = sleep(1).then(get); als.enterWith("c"); return inner.then((x) => [x, get()]); })',
    'als.run("a", () => { als.disable(); return get(); })',
    'new AsyncLocalStorage({ defaultValue: "d", name: "n" }).getStore()',
    'new AsyncLocalStorage({ name: "n" }).name',
    'AsyncLocalStorage.bind(5)',
    'new AsyncResource()',
  ]),
);

t.test('requests that overlap do not see each other, nor what came before', async (t) => {
  const realm = await makeTestRealm(
    `"use strict";($nanod) => { $nanod.exports({ default: () => handler });
      const { AsyncLocalStorage } = $nanod.builtin('node:async_hooks');
      const als = new AsyncLocalStorage();
      const handler = { async fetch(request) {
        const before = als.getStore();
        const id = new URL(request.url).searchParams.get('id');
        als.enterWith(id);
        const body = new ReadableStream({ async pull(c) { await null; c.enqueue(new TextEncoder().encode(als.getStore())); c.close(); } });
        for (let i = 0; i < 3; i++) await new Promise((done) => setTimeout(done, Math.random() * 4));
        return new Response(JSON.stringify([before ?? null, als.getStore(), await new Response(body).text()]));
      } }; }`,
    { nodejs: true },
  );
  const ids = Array.from({ length: 20 }, (_, index) => String(index));
  const answers = await Promise.all(ids.map((id) => realm.fetch(`http://test/?id=${id}`)));
  t.strictSame(
    answers.map(({ body }) => JSON.parse(body as string) as unknown),
    ids.map((id) => [null, id, id]),
  );
});

t.test('the stores of contexts that have ended are collected', async (t) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const realm = await makeTestRealm(
    `"use strict";($nanod) => { $nanod.exports({ default: () => handler });
      const { AsyncLocalStorage } = $nanod.builtin('node:async_hooks');
      const als = new AsyncLocalStorage();
      const handler = { async fetch() {
        for (let i = 0; i < 2000; i++) {
          await als.run({ bytes: new Array(2000).fill(i) }, async () => { await null; setTimeout(() => als.getStore(), 0); await null; });
          if (i % 50 === 0) await new Promise((done) => setTimeout(done, 0));
        }
        return new Response('done');
      } }; }`,
    { nodejs: true },
  );
  await realm.fetch();
  collect();
  const before = process.memoryUsage().heapUsed;
  // 2,000 stores of 16 KB each time.
  for (let i = 0; i < 4; i++) await realm.fetch();
  await new Promise((done) => setImmediate(done));
  collect();
  const grown = process.memoryUsage().heapUsed - before;
  t.ok(grown < 4_000_000, `the heap grew by ${grown} bytes`);
});

t.test('a worker that never asks for a context has none', async (t) => {
  t.strictSame(
    await inRealm(
      `return Object.getOwnPropertyNames(globalThis).filter((name) => /async.*(context|storage)/i.test(name));`,
    ),
    [],
  );
});
