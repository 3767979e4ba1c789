/** The work that bench/streams.ts gives to two implementations of streams, as source text: it runs in a realm, and on Node's own globals. */

/** What one run moves, by workload. */
export const workloads = [
  { name: 'read', what: 'reader.read() in a loop, from pull', chunks: 20_000 },
  { name: 'readQueued', what: 'reader.read() in a loop, from a full queue', chunks: 20_000 },
  { name: 'readAsyncPull', what: 'the same, from an async pull', chunks: 20_000 },
  { name: 'iterate', what: 'for await, from pull', chunks: 20_000 },
  { name: 'write', what: 'await writer.write() in a loop', chunks: 20_000 },
  { name: 'writeReady', what: 'await writer.ready, writer.write() in a loop', chunks: 20_000 },
  { name: 'pipe', what: 'pipeTo, high water marks of 1', chunks: 20_000 },
  { name: 'pipeWide', what: 'pipeTo, high water marks of 16', chunks: 20_000 },
  { name: 'transform', what: 'pipeThrough an identity transform, pipeTo', chunks: 20_000 },
  { name: 'transformAsync', what: 'pipeThrough an async transform, pipeTo', chunks: 20_000 },
  { name: 'tee', what: 'tee, both branches read in parallel', chunks: 10_000 },
  { name: 'readBytes', what: 'reader.read() of a byte stream, 4 KiB chunks', chunks: 10_000 },
  { name: 'readByob', what: 'BYOB reads of 4 KiB', chunks: 10_000 },
  { name: 'pipeBytes', what: 'pipeTo from a byte stream, 4 KiB chunks', chunks: 10_000 },
  { name: 'short', what: 'new stream of 1 chunk, read to its end', chunks: 4_000 },
  { name: 'shortPipe', what: 'new stream of 1 chunk, piped to a new stream', chunks: 4_000 },
] as const;

export type WorkloadName = (typeof workloads)[number]['name'];

/** An expression: a function from a workload's name and a number of chunks to a promise. */
export const workloadSource = `(() => {
function source(n, highWaterMark = 1) {
  let i = 0;
  return new ReadableStream({ pull(c) { if (i < n) c.enqueue(i++); else c.close(); } }, { highWaterMark });
}
function byteSource(n) {
  let i = 0;
  return new ReadableStream({ type: 'bytes', pull(c) { if (i++ < n) c.enqueue(new Uint8Array(4096)); else c.close(); } });
}
async function drain(stream) {
  const reader = stream.getReader();
  let count = 0;
  while (!(await reader.read()).done) count++;
  return count;
}
const sink = (highWaterMark = 1) => new WritableStream({ write() {} }, { highWaterMark });
const work = {
  read: (n) => drain(source(n)),
  readQueued: (n) => drain(new ReadableStream({ start(c) { for (let i = 0; i < n; i++) c.enqueue(i); c.close(); } })),
  readAsyncPull(n) {
    let i = 0;
    return drain(new ReadableStream({ async pull(c) { if (i < n) c.enqueue(i++); else c.close(); } }));
  },
  async iterate(n) {
    let count = 0;
    for await (const chunk of source(n)) count++;
    return count;
  },
  async write(n) {
    const writer = sink().getWriter();
    for (let i = 0; i < n; i++) await writer.write(i);
    return writer.close();
  },
  async writeReady(n) {
    const writer = sink().getWriter();
    for (let i = 0; i < n; i++) { await writer.ready; writer.write(i); }
    return writer.close();
  },
  pipe: (n) => source(n).pipeTo(sink()),
  pipeWide: (n) => source(n, 16).pipeTo(sink(16)),
  transform: (n) => source(n).pipeThrough(new TransformStream()).pipeTo(sink()),
  transformAsync: (n) => source(n)
    .pipeThrough(new TransformStream({ async transform(chunk, c) { c.enqueue(chunk); } })).pipeTo(sink()),
  tee(n) {
    const [a, b] = source(n).tee();
    return Promise.all([drain(a), drain(b)]);
  },
  readBytes: (n) => drain(byteSource(n)),
  async readByob(n) {
    let i = 0;
    const stream = new ReadableStream({ type: 'bytes', pull(c) {
      if (i++ < n) c.byobRequest.respond(4096);
      else { c.close(); c.byobRequest.respond(0); }
    } });
    const reader = stream.getReader({ mode: 'byob' });
    let view = new Uint8Array(4096);
    for (;;) {
      const { value, done } = await reader.read(view);
      if (done) return;
      view = value;
    }
  },
  pipeBytes: (n) => byteSource(n).pipeTo(sink()),
  async short(n) {
    for (let i = 0; i < n; i++) await drain(new ReadableStream({ start(c) { c.enqueue(i); c.close(); } }));
  },
  async shortPipe(n) {
    for (let i = 0; i < n; i++) await new ReadableStream({ start(c) { c.enqueue(i); c.close(); } }).pipeTo(sink());
  },
};
return (name, n) => work[name](n);
})()`;
