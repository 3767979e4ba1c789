/** The network service where it lives: in a thread with frozen intrinsics, without code generation and without ambient powers. */

import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import t from 'tap';

t.test('a hardened thread can send requests', async (t) => {
  setFlagsFromString('--disallow-code-generation-from-strings');
  const worker = new Worker(new URL('../fixtures/network-thread.ts', import.meta.url), {
    execArgv: ['--no-warnings'],
  });
  t.teardown(() => worker.terminate());
  const [outcome] = await once(worker, 'message');
  t.strictSame(outcome, {
    hardened: { evaluates: false, frozen: true },
    get: 'GET ',
    post: 'POST text',
    stream: 'POST ab',
    refused: 'NETWORK_REFUSED',
    unreachable: 'NETWORK_UNREACHABLE',
    invalid: 'NETWORK_REQUEST',
    uncaught: [],
  });
});
