/** node:stream in a realm, against that of Node.js. */

import t from 'tap';
import { inRealm, sameAsNode } from '../helpers/like-node.ts';

const head = `const stream = require('stream'); const { Readable, Writable, Duplex, Transform, PassThrough, pipeline, finished, addAbortSignal } = stream;
const promises = require('stream/promises'); const util = require('util');
const upper = () => new Transform({ transform(chunk, encoding, done) { done(null, String(chunk).toUpperCase()); } });
const collect = async (source) => { const all = []; for await (const chunk of source) all.push(Buffer.isBuffer(chunk) ? ['buffer', String(chunk)] : chunk); return all; };
const sink = (into, options) => new Writable({ ...options, write(chunk, encoding, done) { into.push(String(chunk)); setTimeout(done, 0); } });`;

t.test('streams', (t) =>
  sameAsNode(t, head, [
    'collect(Readable.from(["a", "b"]))',
    'collect(Readable.from("text"))',
    'collect(Readable.from((async function* () { yield 1; yield { a: 2 }; })()))',
    'collect(Readable.from([Buffer.from("x")]).pipe(upper()))',
    'collect(new Readable({ read() { this.push("x"); this.push(null); } }))',
    'collect(new Readable({ encoding: "utf8", read() { this.push(Buffer.from([0xe2])); this.push(Buffer.from([0x82, 0xac])); this.push(null); } }))',
    '(async () => { const into = []; await promises.pipeline(Readable.from(["a", "b"]), upper(), sink(into)); return into; })()',
    'new Promise((done) => pipeline(Readable.from(["a"]), upper(), new PassThrough(), (error) => done(error?.message ?? "ok")).resume())',
    'promises.pipeline(Readable.from(["a"]), new Transform({ transform(c, e, done) { done(new Error("bad")); } }), sink([]))',
    'promises.pipeline(async function* () { yield "a"; yield "b"; }, async function* (source) { for await (const chunk of source) yield chunk + "!"; }, async (source) => collect(source))',
    'util.promisify(pipeline)(Readable.from(["a"]), sink([])).then(() => "done")',
    '(async () => { const made = new AbortController(); const going = promises.pipeline(new Readable({ read() {} }), sink([]), { signal: made.signal }); made.abort(); return going; })()',
    '(async () => { const r = new Readable({ read() {} }); setTimeout(() => r.destroy(new Error("gone")), 1); return promises.finished(r); })()',
    'new Promise((done) => { const w = sink([]); finished(w, (error) => done(error ?? "fine")); w.end("x"); })',
    'new Promise((done) => { const r = new Readable({ read() {} }); r.on("error", (e) => done([e.name, e.code])); const made = new AbortController(); addAbortSignal(made.signal, r); made.abort(); })',
    '(async () => { const into = []; const w = sink(into, { highWaterMark: 2 }); const went = [w.write("a"), w.write("bc")]; await new Promise((done) => w.once("drain", done)); w.end(); await promises.finished(w); return [went, into, w.writableFinished, w.destroyed]; })()',
    'new Promise((done) => { const w = sink([]); w.on("error", (e) => done([e.code, e.message])); w.end(); w.write("late"); })',
    'new Promise((done) => { const d = new Duplex({ read() { this.push("r"); this.push(null); }, write(chunk, e, next) { d.written = String(chunk); next(); } }); d.end("w"); d.on("data", (c) => (d.seen = String(c))); d.on("close", () => done([d.written, d.seen])); })',
    'new Promise((done) => { const r = Readable.from(["a", "b"]); const seen = []; r.on("readable", () => { let c; while ((c = r.read()) !== null) seen.push(c); }); r.on("end", () => done(seen)); })',
    'Readable.from([1, 2, 3, 4]).filter((x) => x % 2 === 0).map(async (x) => x * 10).toArray()',
    'Readable.from([1, 2, 3]).reduce((a, b) => a + b, 0)',
    'Readable.from([1, 2, 3]).take(2).toArray()',
    'new Promise((done) => { const w = new Writable({ writev(chunks, next) { done(chunks.map(({ chunk }) => String(chunk))); next(); } }); w.cork(); w.write("a"); w.write("b"); w.uncork(); })',
    'new Promise((done) => { class Up extends Transform { _transform(chunk, e, next) { this.push(chunk); next(); } _flush(next) { this.push("!"); next(); } } const up = new Up(); let all = ""; up.on("data", (c) => (all += c)).on("end", () => done(all)); up.end("x"); })',
    'new Promise((done) => { function Old() { Readable.call(this); } util.inherits(Old, Readable); Old.prototype._read = function () { this.push("old"); this.push(null); }; new Old().on("data", (c) => done(String(c))); })',
    '[stream === stream.Stream, stream.Readable.prototype instanceof stream, typeof stream.promises.pipeline, new PassThrough() instanceof Duplex]',
    '(() => { const r = new Readable({ read() {} }); return [r.readableHighWaterMark, r.readableFlowing, r.readableEnded, r instanceof require("events")]; })()',
    '(async () => { const r = new Readable({ objectMode: true, read() {} }); r.push({ a: 1 }); r.unshift({ b: 2 }); r.push(null); return collect(r); })()',
    'stream.compose(upper(), new PassThrough()) instanceof Duplex',
    'stream.isReadable(Readable.from([])) && stream.isErrored(new PassThrough())',
  ]),
);

t.test('between the streams of Node.js and those of the web', (t) =>
  sameAsNode(t, head, [
    'collect(Readable.fromWeb(new ReadableStream({ start(c) { c.enqueue("a"); c.enqueue(new Uint8Array([98])); c.close(); } })))',
    'collect(Readable.fromWeb(new Response("body").body))',
    'collect(Readable.fromWeb(new ReadableStream({ pull() { throw new Error("web"); } })))',
    'new Promise((done) => { const r = Readable.fromWeb(new ReadableStream({ cancel(reason) { done(String(reason)); } })); r.on("error", () => {}); r.destroy(new Error("enough")); })',
    'new Response(Readable.toWeb(Readable.from([Buffer.from("a"), Buffer.from("b")], { objectMode: false }))).text()',
    'collect(Readable.toWeb(Readable.from(["x", { y: 1 }])))',
    '(async () => { const r = new Readable({ read() { this.destroy(new Error("node")); } }); return Readable.toWeb(r).getReader().read(); })()',
    '(async () => { let reads = 0; const r = new Readable({ highWaterMark: 4, read() { reads++; this.push("12345678"); } }); const reader = Readable.toWeb(r).getReader(); await reader.read(); await new Promise((done) => setTimeout(done, 5)); const before = reads; await reader.cancel(); return [before < 6, r.destroyed]; })()',
    '(async () => { const into = []; const w = Writable.fromWeb(new WritableStream({ write(chunk) { into.push(String(chunk)); } })); w.write("a"); w.end("b"); await promises.finished(w); return into; })()',
    '(async () => { const into = []; const writer = Writable.toWeb(sink(into)).getWriter(); await writer.write("a"); await writer.write("b"); await writer.close(); return into; })()',
    '(async () => { const { readable, writable } = Duplex.toWeb(new PassThrough()); const writer = writable.getWriter(); writer.write(Buffer.from("x")); writer.close(); return new Response(readable).text(); })()',
    '(async () => { const both = Duplex.fromWeb(new TransformStream({ transform(chunk, c) { c.enqueue(String(chunk) + "!"); } }), { encoding: "utf8" }); both.end("x"); return collect(both); })()',
    '(async () => { const into = []; await promises.pipeline(new Blob(["blob"]).stream(), upper(), sink(into)); return into; })()',
    'require("stream/web").ReadableStream === ReadableStream',
  ]),
);

t.test('a stream of Node.js answers a request', async (t) => {
  t.equal(
    await inRealm(`const { Readable } = require('stream');
      const response = new Response(Readable.toWeb(Readable.from(['a', 'b'].map((x) => Buffer.from(x)), { objectMode: false })));
      return response.text();`),
    'ab',
  );
});

t.test('process.stdout and process.stderr are lines of the log', async (t) => {
  const { makeTestRealm } = await import('../helpers/realm.ts');
  const realm = await makeTestRealm(
    `"use strict";($nanod) => { $nanod.exports({ default: () => ({ async fetch() {
      process.stdout.write('one\\ntw'); process.stdout.write('o\\n'); process.stderr.write('bad'); await null; await null;
      return new Response(''); } }) }); }`,
    { nodejs: true },
  );
  await realm.fetch();
  t.strictSame(realm.logs, [
    [30, 'one'],
    [30, 'two'],
    [50, 'bad'],
  ]);
});
