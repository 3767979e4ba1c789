/** Attributes of PM2 about the life of an app: what they come to, what is refused, and what is accepted with a warning. */

import t from 'tap';
import { ignoredAttributes } from '../../src/config/ignored.ts';
import type { Supervision } from '../../src/config/supervision.ts';
import { accept, check, refuse } from '../helpers/config.ts';

const app = { name: 'a', script: 'src/a.js' };

/** What is said of a good configuration. */
async function warningsOf(value: unknown): Promise<readonly string[]> {
  const result = await check(value);
  if (result.config === undefined) throw new AggregateError(result.errors);
  return result.warnings ?? [];
}

/** What the one app says of its life. */
async function supervision(attributes: object): Promise<Supervision | undefined> {
  const { services } = await accept({ apps: [{ ...app, ...attributes }] });
  const [worker] = services;
  return worker?.kind === 'worker' ? worker.supervision : undefined;
}

t.test('a worker that says nothing has nothing', async (t) => {
  t.equal(await supervision({}), undefined);
  t.equal(await supervision({ watch: false }), undefined);
});

t.test('everything that can be said', async (t) => {
  t.strictSame(
    await supervision({
      namespace: 'web',
      autorestart: false,
      autostart: false,
      max_restarts: 3,
      min_uptime: '5s',
      restart_delay: 100,
      exp_backoff_restart_delay: '250',
      max_memory_restart: '200M',
      kill_timeout: '1m',
      listen_timeout: '500ms',
      wait_ready: true,
      cron_restart: '0 3 * * *',
      watch: ['src', '/else/where'],
      ignore_watch: '*.log',
      watch_delay: '1s',
    }),
    {
      namespace: 'web',
      autorestart: false,
      autostart: false,
      maxRestarts: 3,
      minUptime: 5000,
      restartDelay: 100,
      backoffDelay: 250,
      maxMemory: 200 * 1024 * 1024,
      killTimeout: 60_000,
      listenTimeout: 500,
      waitReady: true,
      cronRestart: '0 3 * * *',
      watch: { paths: ['/base/src', '/else/where'], ignored: ['*.log'], base: '/base', delay: 1000 },
    },
  );
});

t.test('sizes', async (t) => {
  const size = async (text: unknown): Promise<unknown> =>
    (await supervision({ max_memory_restart: text }))?.maxMemory;
  t.equal(await size(1000), 1000);
  t.equal(await size('1000'), 1000);
  t.equal(await size('64K'), 65_536);
  t.equal(await size('1G'), 1024 ** 3);
  t.equal(await size('1GB'), 1024 ** 3);
});

t.test('what is watched of a worker that only says that it is', async (t) => {
  const watched = async (source: object): Promise<unknown> => {
    const { services } = await accept(
      { apps: [{ name: 'a', watch: true, ...source }] },
      { contents: { '/base/m/b.js': '' } },
    );
    const [worker] = services;
    return worker?.kind === 'worker' ? worker.supervision?.watch?.paths : undefined;
  };
  t.strictSame(await watched({ script: 'src/a.js' }), ['/base/src']);
  t.strictSame(await watched({ modules: [{ name: 'a', esModule: 'export default {}' }] }), undefined);
});

t.test('values that mean nothing are refused', async (t) => {
  const refusals: readonly [object, RegExp][] = [
    [{ cron_restart: 'every night' }, /cron_restart: expected a cron expression such as "0 3 \* \* \*"/],
    [{ cron_restart: '99 * * * *' }, /cron expression/],
    [{ max_memory_restart: 'much' }, /bytes, or a size such as "200M"/],
    [{ max_memory_restart: 0 }, /bytes, or a size/],
    [{ min_uptime: '1 fortnight' }, /milliseconds, or a time such as "500ms"/],
    [{ kill_timeout: -1 }, /milliseconds/],
    [{ max_restarts: 1.5 }, /a whole number/],
    [{ autorestart: 'no' }, /true or false/],
    [{ namespace: 'a b' }, /a name/],
    [{ instances: 'many' }, /"max"/],
    [{ watch: [1] }, /true, false, or paths/],
  ];
  for (const [attributes, pattern] of refusals) {
    const errors = await refuse({ apps: [{ ...app, ...attributes }] });
    t.equal(errors.length, 1, JSON.stringify(attributes));
    t.match(errors[0], pattern);
  }
});

t.test('attributes without a meaning are accepted, each with a warning that says why', async (t) => {
  const given = Object.fromEntries(ignoredAttributes.map((name) => [name, 1]));
  t.strictSame(
    (await warningsOf({ apps: [{ ...app, ...given }] })).map(
      (warning) => /^apps\[0\]\.(\w+): ignored: \S/.exec(warning)?.[1],
    ),
    ignoredAttributes,
  );
});

t.test('instances are threads of the group, where nothing else says how many', async (t) => {
  const threads = async (value: object): Promise<[unknown, readonly string[]]> => {
    const groups = (await accept(value)).groups.map((group) => [group.name, group.threads]);
    return [Object.fromEntries(groups), await warningsOf(value)];
  };
  const two = { ...app, instances: 2 };
  t.strictSame(await threads({ apps: [two] }), [{ default: 2 }, []]);
  t.strictSame(await threads({ apps: [{ ...app, instances: 'max' }] }), [{ default: 'auto' }, []]);
  t.strictSame(await threads({ apps: [{ ...app, instances: -1 }] }), [{ default: 'auto' }, []]);
  t.strictSame(
    await threads({ apps: [two, { name: 'b', script: 'b.js', group: 'jobs' }], groups: { jobs: {} } }),
    [{ default: 2, jobs: 'auto' }, []],
  );
  const [groups, warnings] = await threads({ apps: [two, { name: 'b', script: 'b.js', instances: 3 }] });
  t.same(groups, { default: 3 });
  t.match(warnings, [/^apps\[0\]\.instances: not followed: the group default has 3 threads/]);
  t.match(await threads({ threads: 1, apps: [two] }), [{ default: 1 }, [/has 1 thread, /]]);
});
