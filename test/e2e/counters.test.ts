/** What the supervisor hears from its threads about the calls that were made. */

import t from 'tap';
import { loadConfig } from '../../src/config/load.ts';
import { makeConfigPowers } from '../../src/config/powers.ts';
import { bundleConfig, preparePrelude } from '../../src/supervisor/deployment.ts';
import { Supervisor } from '../../src/supervisor/supervisor.ts';
import { readTuning } from '../../src/supervisor/tuning.ts';
import { writeFiles } from '../helpers/nanod.ts';

const near = `
import { RpcTarget, WorkerEntrypoint } from 'cloudflare:workers';
class Target extends RpcTarget { method() { return 1; } }
export default class extends WorkerEntrypoint {
  fetch() { return new Response('near'); }
  add(a, b) { return a + b; }
  async later() { await null; return 1; }
  fail() { throw new Error('no'); }
  async failLater() { await null; throw new Error('no'); }
  target() { return new Target(); }
  never() { return new Promise(() => {}); }
}
export class Named extends WorkerEntrypoint { method() { return 1; } }`;

const caller = `
const times = async (count, call) => { for (let i = 0; i < count; i++) await Promise.resolve(call()).catch(() => {}); };
export default {
  async fetch(request, { NEAR, NAMED, FAR }, ctx) {
    if (request.url.endsWith('fail')) throw new Error('no');
    await times(100, () => NEAR.add(1, 2));
    await times(20, () => NEAR.later());
    await times(3, () => NEAR.fail());
    await times(2, () => NEAR.failLater());
    await times(10, () => NEAR.fetch('http://near/'));
    await times(7, () => NAMED.method());
    await times(64, () => FAR.later());
    await times(5, () => FAR.fail());
    await times(6, () => FAR.fetch('http://far/'));
    const stub = await NEAR.target();
    await times(4, () => stub.method());
    NEAR.never()[Symbol.dispose]();
    FAR.never();
    const fetched = NEAR.never(); // waits for ever
    await FAR.add(1, 1);
    await fetch('http://127.0.0.1:1/').catch(() => {});
    return new Response('done');
  },
};`;

const apps = [
  {
    name: 'caller',
    script: 'caller.js',
    bindings: {
      NEAR: { service: 'near' },
      NAMED: { service: 'near', entrypoint: 'Named' },
      FAR: { service: 'far' },
    },
  },
  { name: 'near', script: 'near.js' },
  { name: 'far', script: 'near.js', group: 'others' },
];

t.test('calls are counted by caller and entrypoint, over all routes', async (t) => {
  const cwd = writeFiles(t, {
    files: { 'near.js': near, 'caller.js': caller },
    config: {
      threads: 1,
      groups: { others: { threads: 1 } },
      apps,
      sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'caller' }],
    },
  });
  const { config } = await loadConfig(undefined, makeConfigPowers({ cwd, environment: {} }));
  if (config === undefined) throw new Error('the configuration is wrong');
  const { bundles } = await bundleConfig(config, cwd);
  if (bundles === undefined) throw new Error('the workers are wrong');
  const supervisor = new Supervisor({
    threadEntry: new URL('../../src/thread/main.ts', import.meta.url),
    prelude: await preparePrelude(),
    cores: 1,
    activation: { environment: {}, pid: 0 },
    tuning: readTuning(undefined),
    onLog: () => {},
    log: () => {},
    now: () => performance.now(),
    date: () => new Date(),
  });
  t.teardown(() => supervisor.stop());
  const [listening] = await supervisor.start({ config, bundles, nodejs: undefined });
  t.equal(await (await fetch(String(listening?.url))).text(), 'done');
  t.equal((await fetch(`${listening?.url}fail`)).status, 500);
  const { edges, services, missing } = await supervisor.counters();
  const found = edges.map(
    ({ caller, callee, entrypoint, route, calls, errors, canceled, waiting, times }) => [
      `${caller.kind} ${caller.name} > ${callee} ${entrypoint} (${route})`,
      { calls, errors, canceled, waiting, timed: times.reduce((sum, count) => sum + count) },
    ],
  );
  t.strictSame(Object.fromEntries(found.toSorted()), {
    'service caller >   (stub)': { calls: 4, errors: 0, canceled: 0, waiting: 0, timed: 0 },
    'service caller > far default (channel)': { calls: 77, errors: 5, canceled: 0, waiting: 1, timed: 1 },
    'service caller > internet default (http)': { calls: 1, errors: 1, canceled: 0, waiting: 0, timed: 0 },
    'service caller > near Named (direct)': { calls: 7, errors: 0, canceled: 0, waiting: 0, timed: 0 },
    'service caller > near default (direct)': { calls: 138, errors: 5, canceled: 1, waiting: 1, timed: 2 },
    'socket http > caller default (direct)': { calls: 2, errors: 1, canceled: 0, waiting: 0, timed: 0 },
  });
  t.strictSame(services.map(({ service, calls }) => [service, calls]).toSorted(), [
    ['caller', 2],
    ['far', 77],
    ['internet', 1],
    ['near', 145],
  ]);
  t.equal(missing, 0);
});
