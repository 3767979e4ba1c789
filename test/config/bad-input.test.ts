import t from 'tap';
import { appSchema } from '../../src/config/ecosystem-schema.ts';
import { ignoredAttributes } from '../../src/config/ignored.ts';
import { laterAttributes } from '../../src/config/later.ts';
import { formatErrors } from '../../src/shared/errors.ts';
import { check, refuse } from '../helpers/config.ts';

const good = { name: 'a', script: 'a.js' };
const nameText =
  'a name: at most 128 letters, digits and `_ . : @ -`, starting with a letter, a digit or `_`';

t.test('ten mistakes give ten errors, in the order of the file where one pass finds them', async (t) => {
  const errors = await refuse({
    thread: 2,
    apps: [
      { name: 'a', script: 'a.js', group: 'nope', bindings: { X: { service: 'bb' }, Y: 5n } },
      { name: 'b', compatibilityDate: 'today' },
      { script: 'c.js', tails: [] },
    ],
    sockets: [
      { name: 's', address: 'localhost', service: 'a' },
      { name: 's', address: 80, service: 'a' },
    ],
  });
  t.strictSame(errors, [
    'CONFIG_VALUE apps[0].bindings.Y: expected a string, a JSON value, or one of { text }, { data }, { json }, { fromEnvironment }, { service }, { wasmModule }, { cryptoKey }, { memoryCache }, { ratelimit }, { versionMetadata }, { workerLoader }, { parameter }, { wrapped }, found the bigint 5n',
    'CONFIG_MISSING apps[1].script: is missing; expected exactly one of script, modules, serviceWorkerScript, inherit',
    'CONFIG_VALUE apps[1].compatibilityDate: expected a day written YYYY-MM-DD, found the string "today"',
    `CONFIG_MISSING apps[2].name: is missing; expected ${nameText}`,
    'CONFIG_NOT_AVAILABLE apps[2].tails: the attribute "tails" is not available in this version of nanod',
    'CONFIG_UNKNOWN_KEY thread: unknown key "thread"; did you mean "threads"?',
    'CONFIG_UNKNOWN_NAME apps[0].group: no group named "nope"',
    'CONFIG_UNKNOWN_NAME apps[0].bindings.X: no service named "bb"; did you mean "b"?',
    'CONFIG_ADDRESS sockets[0].address: "localhost" is not an address to listen on: the port is missing',
    'CONFIG_DUPLICATE sockets[1].name: the socket name "s" is already taken by sockets[0].name',
  ]);
});

t.test('a root that is no object', async (t) => {
  const expected = 'CONFIG_VALUE expected an object { apps: [...], … }, found';
  t.strictSame(await refuse(undefined), [`${expected} nothing`]);
  t.strictSame(await refuse(null), [`${expected} null`]);
  t.strictSame(await refuse('x'), [`${expected} the string "x"`]);
  t.strictSame(await refuse([good]), [`${expected} an array of 1`]);
  t.strictSame(await refuse(() => ({})), [`${expected} a function`]);
  t.strictSame(await refuse({}), ['CONFIG_MISSING apps: is missing; expected an array of apps']);
});

t.test('what was found is said for every type of value', async (t) => {
  const found = async (script: unknown): Promise<string | undefined> =>
    (await refuse({ apps: [{ name: 'a', script }] }))[0]?.split('found ')[1];
  t.equal(await found(5), 'the number 5');
  t.equal(await found(NaN), 'the number NaN');
  t.equal(await found(true), 'the boolean true');
  t.equal(await found(null), 'null');
  t.equal(await found(''), 'the string ""');
  t.equal(await found([]), 'an empty array');
  t.equal(await found([1, 2]), 'an array of 2');
  t.equal(await found({}), 'an empty object');
  t.equal(await found({ a: 1 }), 'an object with the key "a"');
  t.equal(await found({ a: 1, b: 1, c: 1, d: 1, e: 1 }), 'an object with the keys "a", "b", "c", "d", …');
  t.equal(await found(Symbol('x')), 'a symbol');
  t.equal(await found(new Uint8Array(3)), '3 bytes');
  t.equal(await found(new URL('file:///x')), 'an instance of "URL"');
  t.equal(await found(Promise.resolve()), 'a promise');
});

t.test('unknown keys get a suggestion only when one is near', async (t) => {
  const errors = await refuse({
    apps: [
      {
        ...good,
        scirpt: 1,
        compatibility_date: 1,
        entirelyDifferent: 1,
        bindings: { S: { service: 'a', entrypiont: 'x' } },
      },
    ],
    allowBindingCycles: true,
    sockets: [{ name: 's', adress: 1, address: 1, service: 'a' }],
    groups: { g: { thread: 1 } },
  });
  t.strictSame(errors, [
    'CONFIG_UNKNOWN_KEY apps[0].bindings.S.entrypiont: unknown key "entrypiont"; did you mean "entrypoint"?',
    'CONFIG_UNKNOWN_KEY apps[0].scirpt: unknown key "scirpt"; did you mean "script"?',
    'CONFIG_UNKNOWN_KEY apps[0].compatibility_date: unknown key "compatibility_date"; did you mean "compatibilityDate"?',
    'CONFIG_UNKNOWN_KEY apps[0].entirelyDifferent: unknown key "entirelyDifferent"',
    'CONFIG_UNKNOWN_KEY sockets[0].adress: unknown key "adress"; did you mean "address"?',
    'CONFIG_UNKNOWN_KEY groups.g.thread: unknown key "thread"; did you mean "threads"?',
  ]);
});

t.test('a tagged binding with another key says how to write such data', async (t) => {
  const { errors } = await check({ apps: [{ ...good, bindings: { T: { text: 'x', lang: 'en' } } }] });
  t.match(errors, [
    {
      code: 'CONFIG_UNKNOWN_KEY',
      hint: 'the keys here are text; for JSON data with such a key, write { json: { … } }',
    },
  ]);
});

t.test('attributes of PM2 that this version lacks are told apart from unknown keys', async (t) => {
  for (const attribute of laterAttributes) {
    const errors = await refuse({ apps: [{ ...good, [attribute]: 1 }] });
    t.strictSame(errors, [
      `CONFIG_NOT_AVAILABLE apps[0].${attribute}: the attribute "${attribute}" is not available in this version of nanod`,
    ]);
  }
  const { errors } = await check({ apps: [{ ...good, cron: '* * * * *' }] });
  t.match(errors?.[0]?.hint, /cron_restart/);
});

t.test('every attribute of PM2 is supported, accepted with a warning, or refused by name', (t) => {
  // lib/API/schema.json of PM2, but for `name`, `script` and `env`.
  const attributes =
    'args exec_interpreter interpreter_args node_args max_memory_restart restart_delay min_uptime max_restarts kill_timeout listen_timeout wait_ready watch ignore_watch cron_restart cwd instances exec_mode namespace autorestart merge_logs out_file error_file log_file log_type log_date_format time source_map_support stop_exit_codes exp_backoff_restart_delay disable_logs treekill windowsHide vizion pmx automation uid gid pid_file port watch_delay interpreter'.split(
      ' ',
    );
  const known = new Set([...laterAttributes, ...ignoredAttributes, ...Object.keys(appSchema.shape)]);
  t.strictSame(
    attributes.filter((attribute) => !known.has(attribute)),
    [],
  );
  t.end();
});

t.test('kinds of binding that this version lacks are named', async (t) => {
  for (const kind of ['kv', 'r2', 'd1', 'durableObject', 'queue']) {
    const errors = await refuse({ apps: [{ ...good, bindings: { B: { [kind]: 'x' } } }] });
    t.strictSame(errors, [
      `CONFIG_NOT_AVAILABLE apps[0].bindings.B: the binding kind "${kind}" is not available in this version of nanod`,
    ]);
  }
});

t.test('services that are refused cause no errors about those who use them', async (t) => {
  const errors = await refuse({
    apps: [{ ...good, bindings: { FILES: { service: 'files' } }, globalOutbound: 'net' }],
    services: [
      { name: 'files', kind: 'assets' },
      { name: 'net', kind: 'queue' },
      { name: 'x', kind: 'wrong' },
      5,
    ],
    sockets: [{ name: 's', address: 0, service: 'files' }],
  });
  const kinds =
    'expected a service with one of the kinds network, external, disk, assets: { name, kind, … }, found';
  t.strictSame(errors, [
    'CONFIG_MISSING services[0].directory: is missing; expected the path of a directory',
    `CONFIG_VALUE services[1]: ${kinds} an object with the keys "name", "kind"`,
    `CONFIG_VALUE services[2]: ${kinds} an object with the keys "name", "kind"`,
    `CONFIG_VALUE services[3]: ${kinds} the number 5`,
  ]);
});

t.test('threads: whole numbers from 1 to 256, or auto', async (t) => {
  for (const threads of [0, -1, 1.5, 257, '2', 'max', NaN, Infinity, null]) {
    const errors = await refuse({ apps: [good], threads, groups: { g: { threads } } });
    t.equal(errors.length, 2, String(threads));
    for (const error of errors) t.match(error, /expected a whole number from 1 to 256, or "auto", found /);
  }
  for (const threads of [1, 256, 'auto']) t.strictSame(await refuse({ apps: [good], threads }), []);
});

t.test('compatibilityDate: a day of the calendar', async (t) => {
  const good = ['2024-02-29', '2026-12-31'];
  const bad = [
    '2026-02-29',
    '2026-13-01',
    '2026-1-1',
    '20260101',
    '2026-01-01T00:00:00Z',
    '',
    20260101,
    new Date(0),
  ];
  for (const compatibilityDate of good) {
    t.strictSame(await refuse({ apps: [{ name: 'a', script: 'a', compatibilityDate }] }), []);
  }
  for (const compatibilityDate of bad) {
    const errors = await refuse({ apps: [{ name: 'a', script: 'a', compatibilityDate }] });
    t.match(errors, [
      /^CONFIG_VALUE apps\[0\]\.compatibilityDate: expected a day written YYYY-MM-DD, found /,
    ]);
  }
});

t.test('names that could be taken for paths or hide something are refused', async (t) => {
  const names = ['', '.', '..', '../x', 'a/b', 'a\\b', 'a b', '-a', 'a\n', 'é', 'a\u202eb', 'x'.repeat(129)];
  for (const name of names) {
    const errors = await refuse({ apps: [{ name, script: 'a' }] });
    t.equal(errors.length, 1, JSON.stringify(name));
    t.match(errors[0], /^CONFIG_VALUE apps\[0\]\.name: expected a name/);
  }
  for (const name of ['a-b', '1', '_x', 'a.b', 'team:api@2', 'x'.repeat(128)]) {
    t.strictSame(await refuse({ apps: [{ name, script: 'a' }] }), []);
  }
});

t.test('names of bindings and entrypoints are identifiers', async (t) => {
  const bindings = { 'a-b': 1, '1a': 1, '': 1, OK: { service: 'a', entrypoint: 'not ok' } };
  const errors = await refuse({ apps: [{ ...good, bindings }], allowBindingCycles: true });
  t.match(errors, [
    /^CONFIG_VALUE apps\[0\]\.bindings\["a-b"\]: expected the name of a binding/,
    /^CONFIG_VALUE apps\[0\]\.bindings\["1a"\]: expected the name of a binding/,
    /^CONFIG_VALUE apps\[0\]\.bindings\[""\]: expected the name of a binding/,
    /^CONFIG_VALUE apps\[0\]\.bindings\.OK\.entrypoint: expected the name of an export/,
  ]);
  t.equal(errors.length, 4);
});

t.test('data is strict base64', async (t) => {
  for (const data of ['A', 'AA', 'AA=', 'A A=', 'AAE-', 'AAEC\n', [0], 5]) {
    const errors = await refuse({ apps: [{ ...good, bindings: { D: { data } } }] });
    t.match(errors, [
      /^CONFIG_VALUE apps\[0\]\.bindings\.D\.data: expected base64 with padding, or a Uint8Array/,
    ]);
  }
  for (const data of ['', 'AA==', 'AAE=', 'AAEC']) {
    t.strictSame(await refuse({ apps: [{ ...good, bindings: { D: { data } } }] }), []);
  }
});

t.test('a script must be a file', async (t) => {
  const script = (name: string): unknown => ({ name, script: `./${name}.js` });
  const errors = await refuse(
    { apps: ['ok', 'gone', 'dir', 'pipe', 'denied'].map(script) },
    {
      kinds: {
        '/base/gone.js': 'missing',
        '/base/dir.js': 'directory',
        '/base/pipe.js': 'other',
        '/base/denied.js': 'EACCES',
      },
    },
  );
  t.strictSame(errors, [
    'SCRIPT_NOT_FOUND apps[1].script: "./gone.js" does not exist',
    'SCRIPT_NOT_FOUND apps[2].script: "./dir.js" is a directory, not a script',
    'SCRIPT_NOT_FOUND apps[3].script: "./pipe.js" is not a file',
    'SCRIPT_NOT_FOUND apps[4].script: "./denied.js" cannot be read: EACCES',
  ]);
});

t.test('a variable that is not set, with a suggestion', async (t) => {
  const bindings = { A: { fromEnvironment: 'API_TOKNE' }, B: { fromEnvironment: 'constructor' } };
  const errors = await refuse({ apps: [{ ...good, bindings }] }, { environment: { API_TOKEN: 'x' } });
  t.strictSame(errors, [
    'CONFIG_ENVIRONMENT apps[0].bindings.A: the environment variable "API_TOKNE" is not set; did you mean "API_TOKEN"?',
    'CONFIG_ENVIRONMENT apps[0].bindings.B: the environment variable "constructor" is not set',
  ]);
  t.notMatch(errors.join(), /"x"/, 'the values of other variables stay out of it');
});

t.test('beyond two hundred errors the rest is counted', async (t) => {
  const { errors = [] } = await check({ apps: Array.from({ length: 1000 }, () => 'no app') });
  t.equal(errors.length, 201);
  t.match(errors.at(-1), { code: 'CONFIG_TOO_MANY_ERRORS', message: '800 more errors are not shown' });
});

t.test('what a user wrote cannot drive the terminal', async (t) => {
  const { errors = [] } = await check({
    apps: [{ ...good, '\u001b[2Jx': 1, bindings: { B: { service: 'a\u009b31m\u202e' } } }],
  });
  t.equal(errors.length, 2);
  t.notMatch(formatErrors(errors), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});
