/**
 * What does a memory cache cost that lies in shared memory, against one that a thread of its own holds and others ask? The decision in
 * docs/decisions/memory-cache.md comes from here. Prints JSON, nanoseconds a call.
 */

import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { CacheMemory, makeCacheMemory } from '../src/shared/cache-memory/cache-memory.ts';

interface Task {
  readonly memory: SharedArrayBuffer;
  /** Above 0 while the other thread is to read all the time. */
  readonly busy: SharedArrayBuffer;
}

const sizes = [20, 1000, 100_000];
const rounds = 20_000;

function open(memory: SharedArrayBuffer, thread: number): CacheMemory {
  return new CacheMemory({ memory, thread, now: () => 0 });
}

async function measure(run: (round: number) => unknown, times = rounds): Promise<number> {
  const start = process.hrtime.bigint();
  for (let round = 0; round < times; round += 1) {
    const result = run(round);
    if (result instanceof Promise) await result;
  }
  return Math.round(Number(process.hrtime.bigint() - start) / times);
}

/** The other thread: answers messages, and reads while it is told to. */
function serve({ memory, busy }: Task): void {
  const cache = open(memory, 2);
  const flag = new Int32Array(busy);
  parentPort?.on('message', (message: unknown) => {
    parentPort?.postMessage(message);
    while (message === 'read' && Atomics.load(flag, 0) > 0) cache.read(Buffer.from('20'));
  });
}

async function compare(): Promise<Record<string, number>> {
  const memory = makeCacheMemory({ maxKeys: 1000, maxValueSize: 1e6, maxTotalValueSize: 1e8 });
  const busy = new SharedArrayBuffer(4);
  const worker = new Worker(new URL(import.meta.url), { workerData: { memory, busy } satisfies Task });
  const ask = (message: string): Promise<unknown> => {
    worker.postMessage(message);
    return once(worker, 'message');
  };
  await ask('there?');
  const cache = open(memory, 1);
  const results: Record<string, number> = {};
  for (const size of sizes) {
    const key = Buffer.from(String(size));
    const content = { text: Buffer.alloc(size, 'x'), bytes: new Uint8Array(0), expiration: Infinity };
    results[`write ${size}`] = await measure(() => cache.put(key, content));
    results[`read ${size}`] = await measure(() => cache.read(Buffer.from(String(size))));
  }
  results['read a missing key'] = await measure(() => cache.read(Buffer.from('none')));
  results['message to a thread and back'] = await measure(() => ask('x'), 2000);
  Atomics.store(new Int32Array(busy), 0, 1);
  await ask('read');
  results['read 20 while another thread reads all the time'] = await measure(() =>
    cache.read(Buffer.from('20')),
  );
  Atomics.store(new Int32Array(busy), 0, 0);
  await worker.terminate();
  return results;
}

if (isMainThread) console.log(JSON.stringify(await compare(), undefined, 2));
else serve(workerData as Task);
