/** Copies of bytes, also where they are made: in a thread with frozen intrinsics, which take V8's fast paths away from some ways of copying. */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { copyOfBytes } from '../../src/shared/bytes.ts';

t.test('a copy is a buffer of its own and of exact size', (t) => {
  const pool = Uint8Array.of(1, 2, 3, 4, 5);
  const copy = copyOfBytes(pool.subarray(1, 4));
  pool.fill(0);
  t.strictSame(new Uint8Array(copy), Uint8Array.of(2, 3, 4));
  t.equal(copyOfBytes(new Uint8Array()).byteLength, 0);
  t.end();
});

t.test('a copy costs no more than memory in a thread with frozen intrinsics', async (t) => {
  const module = new URL('../../src/shared/bytes.ts', import.meta.url).href;
  const code = `
    import { parentPort } from 'node:worker_threads';
    import { copyOfBytes } from ${JSON.stringify(module)};
    const bytes = new Uint8Array(2 ** 20);
    function best(copy) {
      let least = Infinity;
      for (let i = 0; i < 20; i++) {
        const began = performance.now();
        copy();
        least = Math.min(least, performance.now() - began);
      }
      return least;
    }
    const plain = best(() => new Uint8Array(bytes.length).set(bytes));
    parentPort.postMessage(best(() => copyOfBytes(bytes)) / plain);
  `;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), {
    execArgv: ['--frozen-intrinsics', '--no-warnings'],
  });
  const [ratio] = (await once(worker, 'message')) as [number];
  t.ok(ratio < 30, `${ratio.toFixed(1)} times a plain copy`);
});
