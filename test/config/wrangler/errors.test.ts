/** Errors name the path in the wrangler file, with line and column. */
import t from 'tap';
import { loadConfig } from '../../../src/config/load.ts';
import type { LoadOptions } from '../../../src/config/load.ts';
import { describeError } from '../../../src/shared/errors.ts';
import { powersOver } from '../../helpers/capnp.ts';
import type { Files } from '../../helpers/capnp.ts';

/** `CODE place: message` of every error that reading `path` gives, all steps included. */
async function errorsOf(path: string, files: Files, options?: LoadOptions): Promise<string[]> {
  const { errors = [] } = await loadConfig(path, powersOver({ 'w.js': '', ...files }), options);
  return errors.map((error) => `${error.code} ${describeError(error)}`);
}

t.test('dialect 1 refuses what is wrong, at the place in the wrangler file', async (t) => {
  const toml = [
    'name = "no spaces"',
    'main = "missing.js"',
    'compatibility_date = 2026-01-01',
    'compatibility_flags = ["no_such_flag"]',
    'minify = "yes"',
    'vars = { "a b" = "x" }',
    '[[services]]',
    'binding = "S"',
    'service = "nobody"',
    '[[services]]',
    'binding = "T"',
    '[[rules]]',
    'type = "Python"',
    'globs = "*"',
    '[dev]',
    'port = 70000',
  ].join('\n');
  const errors = await errorsOf('wrangler.toml', { 'wrangler.toml': toml });
  const expected = [
    /^CONFIG_MISSING services\[1\]\.service \(wrangler\.toml:10:3\): /u,
    /^CONFIG_VALUE rules\[0\]\.type \(wrangler\.toml:13:1\): expected one of ESModule/u,
    /^CONFIG_VALUE name \(wrangler\.toml:1:1\): /u,
    /^CONFIG_VALUE compatibility_date \(wrangler\.toml:3:1\): .* found a date or a time/u,
    /^CONFIG_VALUE minify \(wrangler\.toml:5:1\): /u,
    /^CONFIG_VALUE rules\[0\]\.globs \(wrangler\.toml:14:1\): /u,
    /^CONFIG_VALUE vars\["a b"\] \(wrangler\.toml:6:10\): /u,
    /^SCRIPT_NOT_FOUND main \(wrangler\.toml:2:1\): /u,
    /^CONFIG_FLAG compatibility_flags\[0\] \(wrangler\.toml:4:24\): /u,
    /^CONFIG_UNKNOWN_NAME services\[0\] \(wrangler\.toml:7:3\): .*nobody/u,
    /^CONFIG_ADDRESS dev\.port \(wrangler\.toml:16:1\): /u,
  ];
  for (const pattern of expected)
    t.ok(
      errors.some((error) => pattern.test(error)),
      String(pattern),
    );
  t.equal(errors.length, expected.length, errors.join('\n'));
});

t.test('a duplicate key, an unknown one, and one of an environment', async (t) => {
  const text =
    '{\n"name": "w", "main": "w.js",\n"mian": "x.js", "name": "v",\n"env": { "s": { "dev": {} } } }';
  t.strictSame(await errorsOf('wrangler.jsonc', { 'wrangler.jsonc': text }, { environment: 's' }), [
    'CONFIG_DUPLICATE name (wrangler.jsonc:3:17): the key "name" is already taken by line 2, column 1',
    'CONFIG_UNKNOWN_KEY mian (wrangler.jsonc:3:1): unknown key "mian"; did you mean "main"?',
    'CONFIG_UNKNOWN_KEY env.s.dev (wrangler.jsonc:4:17): unknown key "dev"',
  ]);
});

t.test('storage comes later, and says so for each use', async (t) => {
  const text = JSON.stringify(
    {
      name: 'w',
      main: 'w.js',
      durable_objects: { bindings: [{ name: 'D', class_name: 'D' }] },
      migrations: [{ tag: 'v1', new_classes: ['D'] }],
      kv_namespaces: [{ binding: 'K' }, { binding: 'L' }],
      r2_buckets: [{ binding: 'R' }],
      d1_databases: [{ binding: 'DB' }],
      queues: { producers: [{ binding: 'Q', queue: 'q' }], consumers: [{ queue: 'q' }] },
      hyperdrive: [{ binding: 'H' }],
      analytics_engine_datasets: [{ binding: 'A' }],
      tail_consumers: [{ service: 'x' }],
    },
    undefined,
    1,
  );
  const errors = await errorsOf('wrangler.json', { 'wrangler.json': text });
  t.strictSame(
    errors.map((error) => /^(\w+) (.*?) \(wrangler\.json:\d+:\d+\): /u.exec(error)?.slice(1).join(' ')),
    [
      'durable_objects.bindings[0]',
      'migrations[0]',
      'kv_namespaces[0]',
      'kv_namespaces[1]',
      'r2_buckets[0]',
      'd1_databases[0]',
      'queues.producers[0]',
      'queues.consumers[0]',
      'hyperdrive[0]',
      'analytics_engine_datasets[0]',
      'tail_consumers[0]',
    ].map((path) => `CONFIG_NOT_AVAILABLE ${path}`),
  );
});

t.test('what there will not be says what to do instead', async (t) => {
  const text = '{"name":"w","main":"w.js","ai":{"binding":"AI"},"vectorize":[{"binding":"V"}]}';
  t.strictSame(await errorsOf('wrangler.json', { 'wrangler.json': text }), [
    'CONFIG_UNSUPPORTED ai (wrangler.json:1:27): the binding or setting "ai" is not supported',
    'CONFIG_UNSUPPORTED vectorize (wrangler.json:1:49): the binding or setting "vectorize" is not supported',
  ]);
});

t.test('an environment that is not there', async (t) => {
  const text = '{"name":"w","main":"w.js","env":{"staging":{}}}';
  t.strictSame(await errorsOf('wrangler.json', { 'wrangler.json': text }, { environment: 'stagin' }), [
    'CONFIG_UNKNOWN_NAME env (wrangler.json:1:27): no environment named "stagin"; did you mean "staging"?',
  ]);
});

t.test('bindings of the same name, and without one', async (t) => {
  const text = JSON.stringify({
    name: 'w',
    main: 'w.js',
    vars: { A: 'a' },
    services: [{ binding: 'A', service: 'w' }, { service: 'w' }, 5],
    ratelimits: {},
  });
  t.match(await errorsOf('wrangler.json', { 'wrangler.json': text }), [
    /^CONFIG_MISSING services\[1\]\.binding /u,
    /^CONFIG_VALUE services\[2\] /u,
    /^CONFIG_DUPLICATE services\[0\] .* the binding "A" is already taken by vars\.A \(wrangler\.json:1:\d+\)/u,
    /^CONFIG_VALUE ratelimits /u,
  ]);
});

t.test('a secret whose name no binding can have', async (t) => {
  const files = { 'wrangler.json': '{"name":"w","main":"w.js"}', '.dev.vars': 'a.b=c' };
  t.match(await errorsOf('wrangler.json', files), [/^CONFIG_VALUE a\.b \(\.dev\.vars\): /u]);
});

t.test('files of other dialects have no companions', async (t) => {
  const files = { 'ecosystem.config.json': '{"apps":[]}', 'wrangler.json': '{"name":"w","main":"w.js"}' };
  const usage = (options: LoadOptions, path = 'ecosystem.config.json'): Promise<string[]> =>
    errorsOf(path, files, options);
  t.match(await usage({ environment: 'x' }), [/^CONFIG_UNKNOWN_NAME no environment named "x"/u]);
  t.match(await usage({ others: ['wrangler.json'] }), [/^USAGE .*only files of wrangler/u]);
  t.match(await usage({ others: ['ecosystem.config.json'] }, 'wrangler.json'), [
    /^USAGE .*only files of wr/u,
  ]);
  t.match(await usage({ others: ['wrangler.toml'] }, 'wrangler.json'), [/^CONFIG_NOT_FOUND /u]);
});
