import t from 'tap';
import { defaultCompatibilityDate } from '../../src/config/ecosystem-schema.ts';
import type { EcosystemConfig } from '../../src/config/ecosystem-schema.ts';
import { preloads } from '../../src/config/types.ts';
import { defaultClientTls } from '../../src/shared/tls-options.ts';
import { accept, refuse, workerOf } from '../helpers/config.ts';

const internet = { kind: 'network', name: 'internet', allow: ['public'], deny: [], tls: defaultClientTls };

t.test('the smallest app gets every default', async (t) => {
  const config = await accept({ apps: [{ name: 'a', script: 'a.js' }] });
  t.strictSame(config, {
    source: undefined,
    baseDir: '/base',
    preload: 'auto',
    threadMemoryMb: 1536,
    groups: [{ name: 'default', threads: 'auto' }],
    services: [
      {
        kind: 'worker',
        name: 'a',
        source: { kind: 'script', path: '/base/a.js' },
        group: 'default',
        compatibilityDate: defaultCompatibilityDate,
        compatibilityFlags: [],
        bindings: [],
        globalOutbound: { service: 'internet' },
      },
      internet,
    ],
    sockets: [],
    admin: [],
    extensions: [],
  });
});

t.test('a full configuration is read as it is written', async (t) => {
  const written = {
    $schema: 'https://example.com/schema.json',
    threads: 3,
    threadMemoryMb: 512,
    preload: 'none',
    allowBindingCycles: true,
    groups: { jobs: { threads: 1 }, other: {} },
    apps: [
      {
        name: 'a',
        script: '/abs/a.ts',
        group: 'jobs',
        compatibilityDate: '2024-02-29',
        compatibilityFlags: ['nodejs_compat'],
        globalOutbound: { service: 'b', entrypoint: 'Out', props: { from: 'a' } },
      },
      { name: 'b', script: './sub/b.js', bindings: { A: { service: 'a' } } },
    ],
    services: [],
    sockets: [
      { name: 'main', address: '*:80', service: 'a' },
      { name: 'admin', address: 9000, service: { service: 'b', entrypoint: 'Admin' } },
    ],
  } satisfies EcosystemConfig;
  const config = await accept(written);
  t.equal(config.threadMemoryMb, 512);
  t.strictSame(config.groups, [
    { name: 'default', threads: 3 },
    { name: 'jobs', threads: 1 },
    { name: 'other', threads: 3 },
  ]);
  t.strictSame(workerOf(config, 'a'), {
    kind: 'worker',
    name: 'a',
    source: { kind: 'script', path: '/abs/a.ts' },
    group: 'jobs',
    compatibilityDate: '2024-02-29',
    compatibilityFlags: ['nodejs_compat'],
    bindings: [],
    globalOutbound: { service: 'b', entrypoint: 'Out', props: '{"from":"a"}' },
  });
  t.strictSame(config.sockets, [
    {
      name: 'main',
      address: { kind: 'tcp', host: '*', port: 80 },
      protocol: 'http',
      service: { service: 'a' },
      group: 'jobs',
    },
    {
      name: 'admin',
      address: { kind: 'tcp', host: '127.0.0.1', port: 9000 },
      protocol: 'http',
      service: { service: 'b', entrypoint: 'Admin' },
      group: 'default',
    },
  ]);
});

t.test('the default group is listed once, and only where it is used', async (t) => {
  const named = await accept({ apps: [{ name: 'a', script: 'a' }], groups: { default: { threads: 2 } } });
  t.strictSame(named.groups, [{ name: 'default', threads: 2 }]);
  const unused = await accept({ apps: [{ name: 'a', script: 'a', group: 'g' }], groups: { g: {} } });
  t.strictSame(unused.groups, [{ name: 'g', threads: 'auto' }]);
});

t.test('bindings of every kind and their short forms', async (t) => {
  const bindings = {
    PLAIN: 'text',
    EMPTY: '',
    TEXT: { text: 'long form' },
    NUMBER: 1.5,
    BOOLEAN: false,
    NULL: null,
    LIST: [1, { service: 'a' }],
    OBJECT: { limits: { text: 1 } },
    JSON: { json: { text: 'tagged', kv: 1 } },
    JSON_NULL: { json: null },
    DATA: { data: 'AAEC' },
    BYTES: { data: new Uint8Array([0, 1, 2]) },
    BUFFER: { data: Buffer.from('xx\u0000\u0001\u0002').subarray(2) },
    ENV: { fromEnvironment: 'TOKEN' },
    SELF: { service: 'b', entrypoint: 'Api', props: { deep: [1] } },
  };
  const apps = [
    { name: 'a', script: 'a', bindings },
    { name: 'b', script: 'b' },
  ];
  const config = await accept({ apps }, { environment: { TOKEN: 's3cret' } });
  t.strictSame(workerOf(config, 'a').bindings, [
    { kind: 'text', name: 'PLAIN', text: 'text' },
    { kind: 'text', name: 'EMPTY', text: '' },
    { kind: 'text', name: 'TEXT', text: 'long form' },
    { kind: 'json', name: 'NUMBER', json: '1.5' },
    { kind: 'json', name: 'BOOLEAN', json: 'false' },
    { kind: 'json', name: 'NULL', json: 'null' },
    { kind: 'json', name: 'LIST', json: '[1,{"service":"a"}]' },
    { kind: 'json', name: 'OBJECT', json: '{"limits":{"text":1}}' },
    { kind: 'json', name: 'JSON', json: '{"text":"tagged","kv":1}' },
    { kind: 'json', name: 'JSON_NULL', json: 'null' },
    { kind: 'data', name: 'DATA', base64: 'AAEC' },
    { kind: 'data', name: 'BYTES', base64: 'AAEC' },
    { kind: 'data', name: 'BUFFER', base64: 'AAEC' },
    { kind: 'fromEnvironment', name: 'ENV', variable: 'TOKEN', text: 's3cret' },
    { kind: 'service', name: 'SELF', service: 'b', entrypoint: 'Api', props: '{"deep":[1]}' },
  ]);
});

t.test('an empty environment variable counts as set', async (t) => {
  const apps = [{ name: 'a', script: 'a', bindings: { E: { fromEnvironment: 'EMPTY' } } }];
  const config = await accept({ apps }, { environment: { EMPTY: '' } });
  t.strictSame(workerOf(config, 'a').bindings, [
    { kind: 'fromEnvironment', name: 'E', variable: 'EMPTY', text: '' },
  ]);
});

t.test('names that objects inherit are names like others', async (t) => {
  const apps = ['constructor', 'toString', 'hasOwnProperty', '__proto__'].map((name) => ({
    name,
    script: 'a',
    group: 'valueOf',
    bindings: { constructor: { service: 'b' }, toString: 'text' },
  }));
  const config = await accept({
    apps: [...apps, { name: 'b', script: 'b' }],
    groups: { valueOf: {} },
    sockets: [{ name: 'isPrototypeOf', address: 'constructor:80', service: '__proto__' }],
  });
  t.strictSame(
    config.services.map((service) => service.name),
    ['constructor', 'toString', 'hasOwnProperty', '__proto__', 'b', 'internet'],
  );
  t.strictSame(workerOf(config, '__proto__').bindings, [
    { kind: 'service', name: 'constructor', service: 'b' },
    { kind: 'text', name: 'toString', text: 'text' },
  ]);
  t.equal(config.sockets[0]?.group, 'valueOf');
});

t.test('the result is frozen all the way down and shares nothing with what was given', async (t) => {
  const flags = ['url_standard'];
  const props = { list: [{ x: 1 }] };
  const bytes = new Uint8Array([1, 2, 3]);
  const app = {
    name: 'a',
    script: 'a',
    compatibilityFlags: flags,
    bindings: { B: { service: 'b', props }, J: props, D: { data: bytes } },
  };
  const given = {
    apps: [app, { name: 'b', script: 'b' }],
    sockets: [{ name: 's', address: 0, service: 'a' }],
    groups: { g: {} },
  };
  const config = await accept(given);
  const before = JSON.stringify(config);
  flags.push('b');
  props.list.push({ x: 2 });
  bytes.fill(9);
  app.name = 'other';
  t.equal(JSON.stringify(config), before);
  const pending: unknown[] = [config];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    if (!Object.isFrozen(value)) t.fail(`${JSON.stringify(value)} is not frozen`);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== Array.prototype) t.fail('an object is not plain');
    pending.push(...Object.values(value));
  }
  t.strictSame(structuredClone(config), config, 'a thread can be sent it');
});

t.test('a compatibility flag is one that nanod knows', async (t) => {
  const errors = await refuse({
    apps: [
      {
        name: 'a',
        script: 'a',
        compatibilityFlags: ['nodejs_compt', 'nodejs_compat', 'enable_nodejs_fs_module'],
      },
      { name: 'b', script: 'b', compatibilityFlags: ['url_standard', 'no_such_thing'] },
    ],
  });
  t.match(errors, [
    /^CONFIG_FLAG .*apps\[0\]\.compatibilityFlags\[0\].*unknown compatibility flag "nodejs_compt"; did you mean "nodejs_compat"\?/u,
    /^CONFIG_NOT_AVAILABLE .*apps\[0\]\.compatibilityFlags\[2\].*the compatibility flag "enable_nodejs_fs_module"/u,
    /^CONFIG_FLAG .*apps\[1\]\.compatibilityFlags\[1\].*unknown compatibility flag "no_such_thing"/u,
  ]);
  const flags = ['nodejs_compat_v2', 'global_fetch_strictly_public'];
  const config = await accept({ apps: [{ name: 'a', script: 'a', compatibilityFlags: flags }] });
  t.strictSame(workerOf(config, 'a').compatibilityFlags, flags);
});

t.test('preload: auto evaluates up to a hundred workers', async (t) => {
  const apps = (count: number): unknown[] =>
    Array.from({ length: count }, (_, index) => ({ name: `w${index}`, script: 'w' }));
  t.ok(preloads(await accept({ apps: apps(100) })));
  t.notOk(preloads(await accept({ apps: apps(101) })));
  t.ok(preloads(await accept({ apps: apps(101), preload: 'all' })));
  t.notOk(preloads(await accept({ apps: apps(1), preload: 'none' })));
});
