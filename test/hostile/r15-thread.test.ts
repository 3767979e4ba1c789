/**
 * What leaked code would find in a thread (HARDENING R15 to R18, R21): threads of a real supervisor, whose entry looks around when
 * everything is hardened.
 */

import { performance } from 'node:perf_hooks';
import { tmpdir } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import t from 'tap';
import { stopCompiler } from '../../src/bundle/compile.ts';
import { loadConfig } from '../../src/config/load.ts';
import { makeConfigPowers } from '../../src/config/powers.ts';
import type { LogMessage } from '../../src/messages/log.ts';
import { bundleConfig, preparePrelude } from '../../src/supervisor/deployment.ts';
import { Supervisor } from '../../src/supervisor/supervisor.ts';
import { defaultTuning } from '../../src/supervisor/tuning.ts';
import type { Findings } from '../fixtures/probe-thread.ts';
import { single, writeFiles } from '../helpers/nanod.ts';

t.teardown(stopCompiler);
setFlagsFromString('--allow-natives-syntax'); // before the thread starts

const directory = writeFiles(t, single('export default { fetch: () => new Response("") }'));
const { config } = await loadConfig(undefined, makeConfigPowers({ cwd: directory, environment: {} }));
if (config === undefined) throw new Error('the configuration is invalid');
const { bundles } = await bundleConfig(config, tmpdir());
if (bundles === undefined) throw new Error('the worker is invalid');

const found = new Map<string, Findings>();
let onFound = (): void => {};
const supervisor = new Supervisor({
  threadEntry: new URL('../fixtures/probe-thread.ts', import.meta.url),
  prelude: await preparePrelude(),
  cores: 1,
  tuning: defaultTuning,
  onLog(message: LogMessage) {
    if (!message.service.startsWith('probe ')) return;
    found.set(message.service.slice(6), JSON.parse(message.text) as Findings);
    onFound();
  },
  log: () => {},
  now: () => performance.now(),
  date: () => new Date(),
  activation: { environment: {}, pid: 0 },
});
t.teardown(() => supervisor.stop());
await supervisor.start({ config, bundles, nodejs: undefined });

/** The answer of a probe. */
async function findings(name: string): Promise<Findings> {
  for (;;) {
    const answer = found.get(name);
    if (answer !== undefined) return answer;
    await new Promise<void>((resolve) => (onFound = resolve));
  }
}

t.test('no code from strings, in no realm of the thread', async (t) => {
  const EvalError = 'throws EvalError';
  t.same(await findings('code'), {
    eval: EvalError,
    functions: [EvalError, EvalError, EvalError, EvalError],
  });
});

t.test('the intrinsics of the host are frozen', async (t) => {
  t.same(await findings('intrinsics'), { open: [], many: true });
});

t.test('freezing them costs no fast path of the engine', async (t) => {
  t.same(await findings('fast paths'), { lost: [] });
});

t.test('what inherits from them can still be given names of its own', async (t) => {
  t.same(await findings('overrides'), {
    error: ['OwnError', 'message', 'own text', ['name', 'cause', 'toString']],
    old: ['old text', true, 1],
    refused: ['throws TypeError', 'throws TypeError'],
  });
});

t.test('what is thrown and caught by no one is not looked at, and the thread lives', async (t) => {
  t.same(await findings('uncaught'), { looks: [], alive: true });
  t.equal(supervisor.threads, 1);
});

t.test('no environment, and no ambient powers', async (t) => {
  t.same(await findings('powers'), { env: [], there: [] });
});

t.test('nothing follows promises with async_hooks', async (t) => {
  t.same(await findings('promises'), { symbols: [] });
});
