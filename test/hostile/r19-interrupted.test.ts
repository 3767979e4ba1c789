/**
 * A turn that is interrupted skips every `catch` and `finally` block, the host's and the prelude's as well; the thread goes on with what is
 * left, and counts right (HARDENING R19). Interrupted as a supervisor can: through the inspector.
 */

import { once } from 'node:events';
import { Session } from 'node:inspector';
import { performance } from 'node:perf_hooks';
import { tmpdir } from 'node:os';
import t from 'tap';
import { stopCompiler } from '../../src/bundle/compile.ts';
import { loadConfig } from '../../src/config/load.ts';
import { makeConfigPowers } from '../../src/config/powers.ts';
import { bundleConfig, preparePrelude } from '../../src/supervisor/deployment.ts';
import { maxDepth } from '../../src/services/request-context.ts';
import { Supervisor } from '../../src/supervisor/supervisor.ts';
import { defaultTuning } from '../../src/supervisor/tuning.ts';
import { writeFiles } from '../helpers/nanod.ts';

t.teardown(stopCompiler);

const CALLER = `
const attempts = {
  loop: (env) => { console.log('stuck'); for (;;); },
  timerCall: (env) => new Promise(() => setTimeout(() => env.STUCK.fetch('http://x/'), 1)),
  call: (env) => env.STUCK.fetch('http://x/'),
  stream: (env) => env.STUCK.fetch('http://x/stream').then((response) => response.text()),
  timer: () => new Promise(() => setTimeout(() => { console.log('stuck'); for (;;); }, 1)),
  microtask: () => queueMicrotask(() => { console.log('stuck'); for (;;); }),
};

export default {
  async fetch(request, env) {
    const name = new URL(request.url).pathname.slice(1);
    if (name in attempts) return attempts[name](env);
    // From a timer: what was counted in turns before, and not taken off, would still count here.
    await new Promise((resolve) => setTimeout(resolve, 1));
    const answer = await env.FINE.fetch('http://x/', { method: 'POST', body: ReadableStream.from([new Uint8Array([111, 107])]), duplex: 'half' });
    return new Response(await answer.text());
  },
};`;

const STUCK = `export default {
  fetch(request) {
    const run = () => { console.log('stuck'); for (;;); };
    return new URL(request.url).pathname === '/stream' ? new Response(new ReadableStream({ pull: run })) : run();
  },
};`;

const FINE = `export default { fetch: async (request) => new Response(await request.text()) };`;

const directory = writeFiles(t, {
  config: {
    threads: 1,
    apps: [
      {
        name: 'main',
        script: 'main.js',
        bindings: { STUCK: { service: 'stuck' }, FINE: { service: 'fine' } },
      },
      { name: 'stuck', script: 'stuck.js' },
      { name: 'fine', script: 'fine.js' },
    ],
    sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'main' }],
  },
  files: { 'main.js': CALLER, 'stuck.js': STUCK, 'fine.js': FINE },
});
const { config, errors } = await loadConfig(undefined, makeConfigPowers({ cwd: directory, environment: {} }));
if (config === undefined) throw new AggregateError(errors);
const { bundles } = await bundleConfig(config, tmpdir());
if (bundles === undefined) throw new Error('a worker is invalid');

/** Called when a worker says that it is stuck. */
let onStuck = (): void => {};
const supervisor = new Supervisor({
  threadEntry: new URL('../../src/thread/main.ts', import.meta.url),
  prelude: await preparePrelude(),
  cores: 1,
  tuning: defaultTuning,
  onLog: ({ text }) => {
    if (text === 'stuck') onStuck();
  },
  log: () => {},
  now: () => performance.now(),
  date: () => new Date(),
  activation: { environment: {}, pid: 0 },
});
t.teardown(() => supervisor.stop());

const session = new Session();
session.connect();
t.teardown(() => session.disconnect());
const attached = once(session, 'NodeWorker.attachedToWorker');
session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
const [listening] = await supervisor.start({ config, bundles, nodejs: undefined });
const [{ params }] = (await attached) as [{ params: { sessionId: string } }];

/** Ends the turn that the thread is in. */
function interrupt(): void {
  const message = JSON.stringify({ id: 1, method: 'Runtime.terminateExecution' });
  session.post('NodeWorker.sendMessageToWorker', { sessionId: params.sessionId, message });
}

const url = listening?.url ?? '';
const works = async (): Promise<string> => (await fetch(url)).text();

/** More often than calls may nest. */
const often = maxDepth + 6;

for (const attempt of ['loop', 'call', 'stream', 'timer', 'timerCall', 'microtask']) {
  t.test(`${attempt}: others are served as before`, async (t) => {
    const answers = new Set<string>();
    for (let i = 0; i < often; i++) {
      const stuck = new Promise<void>((resolve) => (onStuck = resolve));
      const abort = new AbortController();
      const request = fetch(url + attempt, { signal: abort.signal }).catch(() => undefined);
      await stuck;
      interrupt();
      answers.add(await works());
      abort.abort();
      await request;
    }
    t.same([...answers], ['ok'], 'every call is answered');
    t.equal(supervisor.threads, 1, 'the thread is the same');
  });
}
