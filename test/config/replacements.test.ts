/** Stand-ins for services: `overrides` in a configuration, and `--replace`. */

import t from 'tap';
import { readConfig } from '../../src/config/load.ts';
import type { LoadResult } from '../../src/config/load.ts';
import { describeError } from '../../src/shared/errors.ts';
import { accept, check, fakePowers, refuse, workerOf } from '../helpers/config.ts';

const app = {
  name: 'api',
  script: 'api.js',
  group: 'jobs',
  compatibilityFlags: ['nodejs_compat'],
  bindings: { BANK: { service: 'bank' }, KEY: { fromEnvironment: 'UNSET' } },
};
const base = {
  apps: [app, { name: 'web', script: 'web.js', bindings: { API: { service: 'api' } } }],
  services: [{ name: 'bank', kind: 'external', address: 'https://bank.example' }],
  groups: { jobs: {} },
};

function replacing(value: unknown, replace: Readonly<Record<string, string>>): Promise<LoadResult> {
  const named = Object.entries(replace).map(([name, path]) => ({ name, value: path }));
  return readConfig(value, { baseDir: '/elsewhere', powers: fakePowers(), overrides: { replace: named } });
}

/** Throws where the configuration is refused. */
function loaded(result: LoadResult): LoadResult & { readonly config: object } {
  if (result.config === undefined) throw new Error(result.errors.map(describeError).join('\n'));
  return result;
}

t.test('a service of any kind becomes a worker without bindings, which reaches nothing', async (t) => {
  const overrides = { api: './mocks/api.ts', bank: 'mocks/bank.js', internet: 'mocks/net.js' };
  const config = await accept({ ...base, overrides });
  const nowhere = { service: 'nowhere' };
  t.match(workerOf(config, 'api'), {
    source: { kind: 'script', path: '/base/mocks/api.ts' },
    group: 'jobs',
    compatibilityFlags: ['nodejs_compat'],
    globalOutbound: nowhere,
  });
  t.strictSame(workerOf(config, 'api').bindings, [], 'the secret that is not there is not looked for');
  t.match(workerOf(config, 'bank'), { group: 'default', bindings: [], globalOutbound: nowhere });
  t.match(workerOf(config, 'internet'), { source: { path: '/base/mocks/net.js' }, globalOutbound: nowhere });
  t.match(workerOf(config, 'web'), {
    source: { path: '/base/web.js' },
    globalOutbound: { service: 'internet' },
  });
  t.match(
    config.services.find(({ name }) => name === 'nowhere'),
    { kind: 'network', allow: [] },
  );
});

t.test('whoever reads a configuration with overrides is told of them', async (t) => {
  const { warnings } = loaded(await check({ ...base, overrides: { api: 'mock.js' } }));
  t.strictSame(warnings, ['overrides.api: "mock.js" takes the place of the service "api"']);
});

t.test(
  'the command line counts from the working directory, goes before the file, and is no news',
  async (t) => {
    const { config, warnings } = loaded(
      await replacing({ ...base, overrides: { bank: 'b.js' } }, { api: 'a.js', bank: 'c.js' }),
    );
    t.match(
      config?.services.map((service) => service.kind === 'worker' && service.source),
      [{ path: '/base/a.js' }, { path: '/elsewhere/web.js' }, { path: '/base/c.js' }],
    );
    t.equal(warnings?.length, 1);
  },
);

t.test('a name that is taken is not taken from its service', async (t) => {
  const value = {
    apps: [
      { name: 'nowhere', script: 'a.js' },
      { name: 'b', script: 'b.js' },
    ],
    overrides: { b: 'c.js' },
  };
  const config = await accept(value);
  t.match(workerOf(config, 'b'), { globalOutbound: { service: 'nowhere-2' } });
});

t.test('what is wrong is said with its place', async (t) => {
  const overrides = { bnak: 'mock.js', api: '', web: 5 };
  t.match(await refuse({ ...base, overrides }), [
    /^CONFIG_VALUE overrides\.api: expected the path of a script/u,
    /^CONFIG_VALUE overrides\.web: expected the path of a script/u,
    /^CONFIG_UNKNOWN_NAME overrides\.bnak: no service named "bnak"; did you mean "bank"\?/u,
    /^CONFIG_ENVIRONMENT/u,
  ]);
  const missing = await refuse(
    { ...base, overrides: { api: 'gone.js' } },
    { kinds: { '/base/gone.js': 'missing' } },
  );
  t.match(missing, [/^SCRIPT_NOT_FOUND overrides\.api: .*gone\.js/u]);
  const { errors = [] } = await replacing(base, { nobody: 'x.js', api: 'y.js' });
  t.match(errors.map(describeError), [/^--replace nobody=x\.js: no service named "nobody"/u]);
});

t.test('a service whose own description is refused is not unknown', async (t) => {
  const value = { apps: [{ name: 'api' }], overrides: { api: 'mock.js' } };
  t.match(await refuse(value), [/^CONFIG_MISSING apps\[0\]/u]);
});
