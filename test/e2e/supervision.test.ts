/** What the daemon does about services that crash, and what its commands say of it; through the real command line. */

import { rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import type { DeployReport, ServiceReport } from '../../src/control/api.ts';
import { rewrite } from '../helpers/bundle.ts';
import { makeDaemon, text, type TestDaemon } from '../helpers/daemon.ts';

const answering = (body: string): string => `export default { fetch: () => new Response('${body}') };`;

const crashing = `
  setInterval(() => { throw new RangeError('in a timer'); }, 1);
  ${answering('bad')}`;

function socket(service: string): object {
  return { name: service, address: '127.0.0.1:0', service };
}

/** The status of an answer, over a connection of its own. */
function statusOf(url = ''): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    }).on('error', reject);
  });
}

function urlOf({ sockets }: DeployReport, service: string): string {
  return sockets.find((each) => each.service === service)?.url ?? '';
}

/** Looks until it is so, and leaves the machine to others in between. */
async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await pause(20);
}

async function serviceOf(daemon: TestDaemon, name: string): Promise<ServiceReport> {
  const services = await daemon.json<ServiceReport[]>('ls');
  const found = services.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

t.test(
  'a service that crashes again and again is errored, and its neighbour on the same thread goes on',
  async (t) => {
    const bad = { name: 'bad', script: 'bad.js', max_restarts: 3, exp_backoff_restart_delay: 1 };
    const daemon = makeDaemon(t, {
      config: {
        threads: 1,
        apps: [bad, { name: 'good', script: 'good.js' }],
        sockets: [socket('bad'), socket('good')],
      },
      files: { 'bad.js': crashing, 'good.js': answering('good') },
    });
    const deployed = await daemon.json<DeployReport>('start');
    const url = urlOf(deployed, 'bad');
    let isOver = false;
    const neighbour = (async () => {
      while (!isOver)
        if ((await text(urlOf(deployed, 'good'))) !== 'good') throw new Error('the neighbour has failed');
    })();
    await statusOf(url);
    await until(async () => (await serviceOf(daemon, 'bad')).state === 'errored');
    isOver = true;
    await neighbour;
    t.equal(await statusOf(url), 503);
    t.match(await serviceOf(daemon, 'bad'), {
      restarts: 3,
      crashes: 4,
      lastCrash: { message: 'RangeError: in a timer', at: /^\d{4}-\d\d-\d\dT/ },
    });
    t.match(await serviceOf(daemon, 'good'), { state: 'online', restarts: 0, crashes: 0 });
    const { stdout } = await daemon.nanod('describe', 'bad');
    t.match(stdout, /RangeError: in a timer \(timer, thread \d+, [0-9a-f]{12}\)\n +at .*bad\.js:2:/);
    t.match((await daemon.nanod('ls')).stdout, /bad +worker +default +errored +[0-9a-f]{12} +3 /);
    t.match(daemon.log(), /the service bad is given up: it has crashed more than 3 times within 5 minutes/);

    await t.test('a restart gives it another chance', async (t) => {
      await daemon.nanod('restart', 'bad');
      t.match(await serviceOf(daemon, 'bad'), { state: 'online', crashes: 0, restarts: 4 });
      t.equal(await statusOf(url), 200);
      await until(async () => (await serviceOf(daemon, 'bad')).state === 'errored');
    });

    await t.test('and so does a better version', async (t) => {
      rewrite(daemon.directory, { 'bad.js': answering('better') });
      await daemon.json('reload');
      t.match(await serviceOf(daemon, 'bad'), { state: 'online', crashes: 0 });
      t.equal(await text(url), 'better');
    });

    await t.test('after a resurrection everything is tried again', async (t) => {
      rewrite(daemon.directory, { 'bad.js': crashing });
      await daemon.json('reload');
      await until(async () => (await serviceOf(daemon, 'bad')).state === 'errored');
      daemon.signal('SIGKILL');
      await daemon.json('resurrect');
      t.match(await serviceOf(daemon, 'bad'), { state: 'online' });
    });
  },
);

t.test('a version with a share of the requests that crashes again and again loses the share', async (t) => {
  const app = { name: 'a', script: 'a.js', max_restarts: 2, exp_backoff_restart_delay: 1 };
  const daemon = makeDaemon(t, {
    config: { threads: 1, apps: [app], sockets: [socket('a')] },
    files: { 'a.js': answering('stable') },
  });
  const url = urlOf(await daemon.json<DeployReport>('start'), 'a');
  rewrite(daemon.directory, { 'a.js': crashing });
  await daemon.json('deploy', '--percent', '50');
  await until(async () => {
    await text(url);
    return /the service a is given up/.test(daemon.log());
  });
  await until(async () => (await daemon.json<object[]>('versions')).length === 1);
  t.match(await serviceOf(daemon, 'a'), { state: 'online', crashes: 3 });
  for (let i = 0; i < 20; i++) t.equal(await text(url), 'stable');
});

t.test('namespaces select, and are shown', async (t) => {
  const app = (name: string, namespace?: string): object => ({
    name,
    script: 'a.js',
    ...(namespace && { namespace }),
  });
  const daemon = makeDaemon(t, {
    config: { threads: 1, apps: [app('api', 'web'), app('site', 'web'), app('job')] },
    files: { 'a.js': answering('a'), 'b.js': answering('b') },
  });
  await daemon.json('start');
  t.strictSame(await daemon.json('restart', 'web'), { services: ['api', 'site'] });
  t.match((await daemon.nanod('ls')).stdout, /^name +namespace +kind.*\napi +web +worker/);
  await daemon.json('start', 'b.js', '--name', 'other', '--namespace', 'web');
  t.strictSame(await daemon.json('stop', 'web'), { services: ['api', 'site', 'other'] });
  t.match((await daemon.nanod('restart', 'wbe')).stderr, /^error\[SELECTOR_UNMATCHED\]/);
});

t.test('what is not to be started by itself is deployed and stopped, until somebody starts it', async (t) => {
  const apps = [{ name: 'idle', script: 'a.js', autostart: false }];
  const daemon = makeDaemon(t, {
    config: { threads: 1, apps, sockets: [socket('idle')] },
    files: { 'a.js': answering('a') },
  });
  await daemon.json('start');
  t.match(await serviceOf(daemon, 'idle'), { state: 'stopped' });
  await daemon.json('start', 'idle');
  t.match(await serviceOf(daemon, 'idle'), { state: 'online' });
  await daemon.json('start');
  t.match(await serviceOf(daemon, 'idle'), { state: 'online' }, 'a later deployment does not stop it');
});

t.test('a change of a watched file is deployed, and one that is wrong is not', async (t) => {
  const daemon = makeDaemon(t, { files: { 'app/job.js': answering('1') } });
  const deployed = await daemon.json<DeployReport>('start', 'app/job.js', '--watch', '--port', '0');
  const url = urlOf(deployed, 'job');
  const logged = (pattern: RegExp): Promise<void> => until(() => pattern.test(daemon.log()));
  await logged(/"watching /);
  rewrite(daemon.directory, { 'app/job.js': answering('2') });
  await until(async () => (await text(url)) === '2');
  rewrite(daemon.directory, { 'app/job.js': 'export default {' });
  await logged(/a change could not be deployed/);
  t.match(daemon.log(), /a change could not be deployed: error\[WORKER_SYNTAX\]/);
  t.equal(await text(url), '2');
  rewrite(daemon.directory, { 'app/job.js': answering('3') });
  await until(async () => (await text(url)) === '3');
  t.match(await serviceOf(daemon, 'job'), { state: 'online' });
});

t.test('a configuration that is gone or half-written when it is reloaded changes nothing', async (t) => {
  const config = { threads: 1, apps: [{ name: 'a', script: 'a.js' }], sockets: [socket('a')] };
  const daemon = makeDaemon(t, { config, files: { 'a.js': answering('1') } });
  const url = urlOf(await daemon.json<DeployReport>('start'), 'a');
  rewrite(daemon.directory, { 'a.js': answering('2') });
  const file = join(daemon.directory, 'ecosystem.config.json');
  const whole = JSON.stringify(config);
  for (const half of ['', '{', whole.slice(0, -20)]) {
    writeFileSync(file, half);
    const { status, stderr } = await daemon.nanod('reload');
    t.equal(status, 2);
    t.match(stderr, /^error\[CONFIG_SYNTAX\]/, JSON.stringify(half));
  }
  rmSync(file);
  t.match(await daemon.nanod('reload'), { status: 2, stderr: /^error\[CONFIG_NOT_FOUND\]/ });
  t.equal(await text(url), '1');
  writeFileSync(file, whole);
  await daemon.json('reload');
  t.equal(await text(url), '2');
});

t.test('of two deployments at once, one waits for the other', async (t) => {
  const config = (name: string): string =>
    JSON.stringify({ threads: 1, apps: [{ name, script: 'a.js' }], sockets: [socket(name)] });
  const daemon = makeDaemon(t, {
    files: { 'a.js': answering('1'), 'one/a.js': answering('one'), 'two/a.js': answering('two') },
    config: { threads: 1, apps: [{ name: 'a', script: 'a.js' }], sockets: [socket('a')] },
  });
  rewrite(daemon.directory, {
    'one/ecosystem.config.json': config('one'),
    'two/ecosystem.config.json': config('two'),
  });
  await daemon.json('start');
  const [one, two, again] = await Promise.all([
    daemon.json<DeployReport>('start', 'one'),
    daemon.json<DeployReport>('start', 'two'),
    daemon.json<DeployReport[]>('reload', 'a'),
  ]);
  t.equal(again.length, 1);
  t.strictSame((await daemon.json<ServiceReport[]>('ls')).map(({ name }) => name).sort(), [
    'a',
    'one',
    'two',
  ]);
  t.strictSame([await text(urlOf(one, 'one')), await text(urlOf(two, 'two'))], ['one', 'two']);
});
