import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import type { Test } from 'tap';
import { loadConfig } from '../../src/config/load.ts';
import { makeConfigPowers } from '../../src/config/powers.ts';
import type { ConfigPowers } from '../../src/config/powers.ts';
import type { Config } from '../../src/config/types.ts';
import { describeError, formatErrors } from '../../src/shared/errors.ts';
import type { NanodError } from '../../src/shared/errors.ts';

/** As `t.testdir` takes them. */
type Files = Readonly<Record<string, string | Buffer | Record<string, string>>>;

interface Loaded {
  readonly dir: string;
  readonly config: Config | undefined;
  readonly errors: readonly NanodError[];
  readonly described: readonly string[];
}

/** Loads from a directory that holds a script `a.js` and the given files. */
async function load(t: Test, files: Files, path?: string, powers?: Partial<ConfigPowers>): Promise<Loaded> {
  const dir = t.testdir({ 'a.js': 'export default {}', ...files });
  const given = { ...makeConfigPowers({ cwd: dir, environment: { TOKEN: 'x' } }), ...powers };
  const { config, errors = [] } = await loadConfig(path, given);
  return { dir, config, errors, described: errors.map((error) => `${error.code} ${describeError(error)}`) };
}

function firstService({ config, described }: Loaded): string | undefined {
  return config?.services[0]?.name ?? described.join('\n');
}

const json = (name: string): string => JSON.stringify({ apps: [{ name, script: 'a.js' }] });

t.test('every form of a module gives its configuration', async (t) => {
  const commonjs = { 'package.json': '{"type": "commonjs"}' };
  const neither = { 'package.json': '{}' };
  const app = `{ apps: [{ name: 'x', script: 'a.js' }] }`;
  const forms: readonly [string, Files][] = [
    ['an object', { 'ecosystem.config.js': `export default ${app}` }],
    ['a promise', { 'ecosystem.config.js': `export default Promise.resolve(${app})` }],
    ['a function', { 'ecosystem.config.js': `export default () => (${app})` }],
    ['an async function', { 'ecosystem.config.mjs': `export default async () => (${app})` }],
    ['top-level await', { 'ecosystem.config.mjs': `const app = await ${app}; export { app as default };` }],
    ['CommonJS', { 'ecosystem.config.cjs': `module.exports = ${app}` }],
    ['a CommonJS function', { 'ecosystem.config.cjs': `module.exports = async () => (${app})` }],
    ['CommonJS by package.json', { ...commonjs, 'ecosystem.config.js': `module.exports = ${app}` }],
    ['CommonJS by its syntax', { ...neither, 'ecosystem.config.js': `module.exports = ${app}` }],
    ['an ES module by its syntax', { ...neither, 'ecosystem.config.js': `export default ${app}` }],
    [
      'transpiled',
      {
        'ecosystem.config.cjs': `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = ${app}`,
      },
    ],
    [
      'TypeScript',
      {
        'ecosystem.config.ts': `const x: string = 'x'; export default { apps: [{ name: x, script: 'a.js' }] } as const`,
      },
    ],
    ['JSON', { 'ecosystem.config.json': json('x') }],
  ];
  for (const [name, files] of forms) {
    await t.test(name, async (t) => t.equal(firstService(await load(t, files)), 'x'));
  }
});

t.test('the file is looked for in an order, in the working directory or a given one', async (t) => {
  const files = {
    'ecosystem.config.mjs': 'export default () => { throw new Error("not this one"); }',
    'ecosystem.config.cjs': `module.exports = { apps: [{ name: 'cjs', script: 'a.js' }] }`,
    'ecosystem.config.json': json('json'),
    'ecosystem.config.js': {},
    sub: { 'ecosystem.config.json': json('sub'), 'other.json': json('other'), 'a.js': '' },
  };
  t.equal(firstService(await load(t, files)), 'cjs', 'a directory of that name is passed over');
  t.equal(firstService(await load(t, files, 'sub')), 'sub');
  t.equal(firstService(await load(t, files, 'sub/other.json')), 'other');
  const other = await load(t, files, './sub/../sub/other.json');
  t.equal(other.config?.source, join(other.dir, 'sub/other.json'));
  t.equal(other.config?.baseDir, join(other.dir, 'sub'));
  const absolute = await load(t, files, join(other.dir, 'sub'));
  t.match(absolute.config?.services[0], { source: { path: join(other.dir, 'sub/a.js') } });
});

t.test('no configuration, and files that are none', async (t) => {
  t.strictSame((await load(t, {}, undefined)).described, [
    `CONFIG_NOT_FOUND no configuration file; looked for ecosystem.config.{js,cjs,mjs,ts,json} in ${t.testdirName}`,
  ]);
  t.strictSame((await load(t, { sub: {} }, 'sub')).described, [
    'CONFIG_NOT_FOUND no configuration file; looked for ecosystem.config.{js,cjs,mjs,ts,json} in sub',
  ]);
  t.strictSame((await load(t, {}, 'nope.json')).described, [
    'CONFIG_NOT_FOUND no configuration file; looked for nope.json',
  ]);
  t.strictSame((await load(t, {}, 'a.js/x.json')).described, [
    'CONFIG_NOT_FOUND no configuration file; looked for a.js/x.json',
  ]);
  t.strictSame((await load(t, { 'config.yaml': '' }, 'config.yaml')).described, [
    'CONFIG_FORMAT "config.yaml" is not a kind of configuration file that nanod knows',
  ]);
  t.match((await load(t, { 'x.capnp': '' }, 'x.capnp')).described, [
    /^CONFIG_REFERENCE x\.capnp: the file has no constant of the type Config/,
  ]);
  for (const name of ['wrangler.json', 'wrangler.jsonc', 'wrangler.staging.json']) {
    t.match((await load(t, { [name]: '{}' }, name)).described, [
      /^CONFIG_MISSING name \(wrangler/,
      /^CONFIG_MISSING main \(wrangler/,
    ]);
  }
  t.strictSame((await load(t, {}, '/dev/null')).described, [
    'CONFIG_UNREADABLE cannot read "/dev/null": it is not a file',
  ]);
});

t.test('a file that cannot be read', async (t) => {
  const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
  const readBytes = (): Promise<never> => Promise.reject(denied);
  t.strictSame((await load(t, { 'x.json': '{}' }, 'x.json', { readBytes })).described, [
    'CONFIG_UNREADABLE cannot read "x.json": EACCES',
  ]);
  const dir = t.testdir({});
  symlinkSync('loop.json', join(dir, 'loop.json'));
  const powers = makeConfigPowers({ cwd: dir, environment: {} });
  t.match((await loadConfig('loop.json', powers)).errors, [{ code: 'CONFIG_UNREADABLE', message: /ELOOP/ }]);
  if (process.getuid?.() === 0) return;
  writeFileSync(join(dir, 'denied.json'), '{}');
  chmodSync(join(dir, 'denied.json'), 0);
  t.match((await loadConfig('denied.json', powers)).errors, [
    { code: 'CONFIG_UNREADABLE', message: /EACCES/ },
  ]);
});

t.test('syntax errors have file, line, column and frame', async (t) => {
  const broken = `{\n  apps: [\n    { name: 'a' script: 'a.js' },\n  ],\n}\n`;
  const forms: readonly [string, string, Files][] = [
    ['ecosystem.config.js', `export default ${broken}`, {}],
    ['ecosystem.config.mjs', `export default ${broken}`, {}],
    ['ecosystem.config.cjs', `module.exports = ${broken}`, {}],
    ['ecosystem.config.ts', `export default ${broken}`, {}],
    ['ecosystem.config.js', `module.exports = ${broken}`, { 'package.json': '{}' }],
    ['ecosystem.config.js', `export default ${broken}`, { 'package.json': '{}' }],
  ];
  for (const [name, text, more] of forms) {
    await t.test(`${name}: ${text.slice(0, 6)}`, async (t) => {
      const { errors } = await load(t, { ...more, [name]: text });
      t.match(errors, [{ code: 'CONFIG_SYNTAX', place: { file: name, line: 3, column: 17 } }]);
      t.match(errors[0]?.place.frame, `> 3 |     { name: 'a' script: 'a.js' },\n    |                 ^`);
    });
  }
});

t.test('syntax that only the other kind of module, or a compiler, understands', async (t) => {
  const asEsm = await load(t, { 'ecosystem.config.js': `\nmodule.exports = {}` });
  t.match(asEsm.errors, [
    { code: 'CONFIG_THREW', hint: /ecosystem\.config\.cjs/, place: { line: 2, column: 1 } },
  ]);
  const asCjs = await load(t, { 'ecosystem.config.cjs': `\nexport default {}` });
  t.match(asCjs.errors, [{ code: 'CONFIG_SYNTAX', hint: /ecosystem\.config\.mjs/, place: { line: 2 } }]);
  const asEnum = await load(t, { 'ecosystem.config.ts': `enum A { b }\nexport default {}` });
  t.match(asEnum.errors, [{ code: 'CONFIG_SYNTAX', hint: /types are removed/, place: { line: 1 } }]);
});

t.test('a module that throws says where', async (t) => {
  const cases: readonly [string, string, object][] = [
    ['at the top', `export default {};\n\n  throw new Error('no luck');`, { line: 3, column: 9 }],
    ['in its function', `export default () => {\n  return missing.apps;\n};`, { line: 2, column: 3 }],
    ['in a promise', `export default Promise.resolve().then(() => {\n  null.x;\n});`, { line: 2, column: 8 }],
    ['in JSON.parse', `export default JSON.parse('{');`, { line: 1, column: 21 }],
  ];
  for (const [name, text, position] of cases) {
    await t.test(name, async (t) => {
      const { errors } = await load(t, { 'ecosystem.config.js': text });
      t.match(errors, [{ code: 'CONFIG_THREW', place: { file: 'ecosystem.config.js', ...position } }]);
      t.type(errors[0]?.place.frame, 'string');
    });
  }
});

t.test('an error in a module that it imports is shown there', async (t) => {
  const { errors } = await load(t, {
    'ecosystem.config.js': `import { apps } from './lib/apps.js';\nexport default { apps: apps() };`,
    lib: { 'apps.js': `export function apps() {\n  throw new TypeError('deep');\n}` },
  });
  t.match(errors, [
    {
      code: 'CONFIG_THREW',
      message: 'the configuration threw: deep',
      place: { file: 'lib/apps.js', line: 2, column: 9 },
    },
  ]);
  t.match(errors[0]?.place.frame, `> 2 |   throw new TypeError('deep');`);
});

t.test('an import that does not resolve', async (t) => {
  const missing = await load(t, { 'ecosystem.config.js': `import './nope.js';\nexport default {}` });
  t.match(missing.errors, [
    {
      code: 'CONFIG_THREW',
      message: /Cannot find module .*nope\.js/,
      place: { file: 'ecosystem.config.js' },
    },
  ]);
  const name = await load(t, { 'ecosystem.config.js': `import { nope } from './a.js';\nexport default {}` });
  t.match(name.errors, [
    {
      code: 'CONFIG_SYNTAX',
      message: /does not provide an export named 'nope'/,
      place: { line: 1, column: 10 },
    },
  ]);
});

t.test('thrown values of every sort are described', async (t) => {
  const thrown: readonly [string, RegExp][] = [
    [`'a string'`, /threw: a string$/],
    ['undefined', /threw: undefined$/],
    ['null', /threw: null$/],
    ['Symbol("s")', /threw: Symbol\(s\)$/],
    ['{ message: "like an error" }', /threw: like an error$/],
    ['{ get message() { throw this; } }', /threw: a value that cannot be described$/],
    ['Object.create(null)', /threw: a value that cannot be described$/],
    ['Object.assign(new Error("x"), { stack: 5 })', /threw: x$/],
    ['Object.defineProperty(new Error("x"), "stack", { get() { throw this; } })', /threw: x$/],
    ['new Error("")', /threw: an error without a message$/],
    ['new Error("first\\nsecond")', /threw: first$/],
    ['new Error("x".repeat(10_000))', /threw: x{499}…$/],
  ];
  for (const [value, message] of thrown) {
    await t.test(value, async (t) => {
      const { errors } = await load(t, { 'ecosystem.config.js': `throw ${value};` });
      t.match(errors, [{ code: 'CONFIG_THREW', message }]);
    });
  }
});

t.test('files that export no configuration', async (t) => {
  const nothing = await load(t, { 'ecosystem.config.mjs': '' });
  t.strictSame(nothing.described, ['CONFIG_EXPORT ecosystem.config.mjs: the file exports nothing']);
  const named = await load(t, { 'ecosystem.config.mjs': 'export const apps = [], sockets = [];' });
  t.strictSame(named.described, [
    'CONFIG_EXPORT ecosystem.config.mjs: the file has no default export, only "apps", "sockets"',
  ]);
  const empty = await load(t, { 'ecosystem.config.cjs': '' });
  t.strictSame(empty.described, ['CONFIG_MISSING apps: is missing; expected an array of apps']);
  const functions = await load(t, { 'ecosystem.config.cjs': 'module.exports = () => () => ({})' });
  t.match(functions.described, [/CONFIG_VALUE expected an object .* found a function/]);
});

t.test('a configuration that never settles is given up on', async (t) => {
  const delay = async (milliseconds: number): Promise<void> => {
    t.equal(milliseconds, 30_000);
  };
  for (const text of [
    'export default new Promise(() => {})',
    'export default () => ({ then() {} })',
    'await new Promise(() => {})',
  ]) {
    await t.test(text, async (t) => {
      const { described } = await load(t, { 'ecosystem.config.mjs': text }, undefined, { delay });
      t.strictSame(described, [
        'CONFIG_TIMEOUT ecosystem.config.mjs: the configuration did not settle within 30 s',
      ]);
    });
  }
});

t.test('the wait for a configuration ends with it', async (t) => {
  let signal: AbortSignal | undefined;
  const delay = (_: number, given: AbortSignal): Promise<never> => {
    signal = given;
    return new Promise((_, reject) => given.addEventListener('abort', () => reject(new Error('aborted'))));
  };
  await load(t, { 'ecosystem.config.mjs': 'export default {}' }, undefined, { delay });
  t.equal(signal?.aborted, true);
});

t.test('a file is read anew each time', async (t) => {
  for (const [name, write] of [
    ['ecosystem.config.mjs', (app: string) => `export default { apps: [${app}] }`],
    ['ecosystem.config.cjs', (app: string) => `module.exports = { apps: [${app}] }`],
    ['ecosystem.config.ts', (app: string) => `const apps: unknown = [${app}]; export default { apps }`],
  ] as const) {
    const dir = t.testdir({ 'a.js': '' });
    const powers = makeConfigPowers({ cwd: dir, environment: {} });
    for (const app of ['one', 'two', 'three']) {
      writeFileSync(join(dir, name), write(`{ name: '${app}', script: 'a.js' }`));
      const { config } = await loadConfig(undefined, powers);
      t.equal(config?.services[0]?.name, app);
    }
  }
});

t.test('errors in JSON have line and column', async (t) => {
  const text = `{
  "apps": [
    { "name": "a", "script": "a.js", "name": "b" },
    { "name": "c", "scirpt": "a.js", "bindings": { "X": { "service": "bb" } } }
  ],
  "sockets": [{ "name": "s", "address": "nope", "service": "b" }]
}`;
  const { described } = await load(t, { 'ecosystem.config.json': text });
  const file = 'ecosystem.config.json';
  t.strictSame(described, [
    `CONFIG_DUPLICATE apps[0].name (${file}:3:38): the key "name" is already taken by line 3, column 7`,
    `CONFIG_MISSING apps[1].script (${file}:4:5): is missing; expected exactly one of script, modules, serviceWorkerScript, inherit`,
    `CONFIG_UNKNOWN_KEY apps[1].scirpt (${file}:4:20): unknown key "scirpt"; did you mean "script"?`,
    `CONFIG_UNKNOWN_NAME apps[1].bindings.X (${file}:4:52): no service named "bb"; did you mean "b"?`,
    `CONFIG_ADDRESS sockets[0].address (${file}:6:30): "nope" is not an address to listen on: the port is missing`,
  ]);
});

t.test('JSON that does not parse has a frame', async (t) => {
  const { errors } = await load(t, { 'ecosystem.config.json': '{\n  "apps": [\n    // none yet\n  ]\n}\n' });
  t.equal(
    formatErrors(errors),
    `error[CONFIG_SYNTAX]: ecosystem.config.json:3:5: expected a value, found "/"
    1 | {
    2 |   "apps": [
  > 3 |     // none yet
      |     ^
    4 |   ]
    5 | }
  hint: JSON has no comments; ecosystem.config.js may have them
`,
  );
});

t.test('hostile JSON files', async (t) => {
  const cases: readonly [string | Buffer, RegExp][] = [
    [
      '{"apps": '.repeat(10_000),
      /^CONFIG_TOO_LARGE x\.json:1:\d+: the nesting is too deep; the limit is 100 levels$/,
    ],
    [
      `{"apps": [${'0,'.repeat(600_000)}0]}`,
      /^CONFIG_TOO_LARGE x\.json:1:\d+: .*too many values; the limit is 500,000$/,
    ],
    [
      Buffer.alloc(17 * 1024 * 1024, 0x20),
      /^CONFIG_TOO_LARGE x\.json: the file is too large; the limit is 16 MiB$/,
    ],
    [Buffer.from([0x22, 0xff, 0x22]), /^CONFIG_SYNTAX x\.json: the file is not UTF-8 text$/],
    [
      '{"apps": [], "__proto__": {"threads": 1}}',
      /^CONFIG_FORBIDDEN_KEY __proto__ \(x\.json:1:14\): the key/,
    ],
    ['', /^CONFIG_SYNTAX x\.json:1:1: expected a value, found the end of the file$/],
  ];
  for (const [index, [content, message]] of cases.entries()) {
    await t.test(`case ${index}`, async (t) => {
      t.match((await load(t, { 'x.json': content }, 'x.json')).described, [message]);
    });
  }
});

t.test('the environment is the one that is handed in', async (t) => {
  const config = (name: string): string =>
    JSON.stringify({ apps: [{ name: 'a', script: 'a.js', bindings: { V: { fromEnvironment: name } } }] });
  const given = await load(t, { 'ecosystem.config.json': config('TOKEN') });
  t.match(given.config?.services[0], {
    bindings: [{ kind: 'fromEnvironment', variable: 'TOKEN', text: 'x' }],
  });
  const ambient = await load(t, { 'ecosystem.config.json': config('PATH') });
  t.match(ambient.described, [/^CONFIG_ENVIRONMENT .*"PATH" is not set/]);
});

t.test('scripts are looked for on the disk', async (t) => {
  const apps = ['a.js', 'sub', 'gone.js', '../gone/x.js'].map((script, index) => ({
    name: `w${index}`,
    script,
  }));
  const { described } = await load(t, { 'x.json': JSON.stringify({ apps }), sub: {} }, 'x.json');
  t.match(described, [
    /"sub" is a directory/,
    /"gone\.js" does not exist/,
    /"\.\.\/gone\/x\.js" does not exist/,
  ]);
});
