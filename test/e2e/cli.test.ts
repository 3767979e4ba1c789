/** The command line: what it prints, and with which status it ends. */

import { readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { runNanod, serve, single } from '../helpers/nanod.ts';
import type { Outcome } from '../helpers/nanod.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const HELLO = single(`export default { fetch: () => new Response('hello') };`);

function assertFailed(t: Test, outcome: Outcome, status: number, stderr: RegExp | string): void {
  t.match({ ...outcome }, { status, signal: null, stdout: '', stderr });
}

t.test('nanod check says that all is well', async (t) => {
  const { status, stdout, stderr } = await runNanod(t, { ...HELLO, args: ['check'] });
  t.strictSame(
    { status, stdout, stderr },
    { status: 0, stdout: 'ecosystem.config.json: ok (1 worker, 1 socket)\n', stderr: '' },
  );
});

t.test('nanod check --json says it to a program', async (t) => {
  const { status, stdout, stderr } = await runNanod(t, { ...HELLO, args: ['check', '--json'] });
  t.strictSame({ status, stderr }, { status: 0, stderr: '' });
  t.strictSame(JSON.parse(stdout), {
    file: 'ecosystem.config.json',
    workers: 1,
    sockets: 1,
    evaluated: false,
    warnings: [],
  });
});

t.test('nanod check runs nothing unless it is asked to', async (t) => {
  const throwing = single(`console.log('it runs'); throw new RangeError('at the top');`);
  const quiet = await runNanod(t, { ...throwing, args: ['check'] });
  t.strictSame([quiet.status, quiet.stderr], [0, '']);
  const outcome = await runNanod(t, { ...throwing, args: ['check', '--evaluate'] });
  t.equal(outcome.status, 1);
  t.equal(outcome.stdout, '');
  t.match(outcome.stderr, /^error\[WORKER_EVALUATION\]: main\.js:1:31: .*RangeError: at the top$/m);
  t.match(outcome.log, [{ msg: 'it runs', service: 'main' }]);
});

t.test('nanod check names the file that it is given, or finds it in a directory', async (t) => {
  const files = {
    'site/ecosystem.config.json': JSON.stringify({ apps: [{ name: 'a', script: 'a.js' }] }),
    'site/a.js': `export default { fetch: () => new Response('') };`,
  };
  for (const config of ['site', 'site/', 'site/ecosystem.config.json']) {
    const { status, stdout } = await runNanod(t, { files, args: ['check', config] });
    t.strictSame([status, stdout], [0, 'site/ecosystem.config.json: ok (1 worker, 0 sockets)\n'], config);
  }
});

t.test('nanod check prints everything that is wrong, and ends with status 2', async (t) => {
  const config = {
    apps: [
      { name: 'api', script: 'api.js', bindings: { DB: { service: 'bd' } } },
      { name: 'db', scrip: 'db.js' },
      { name: 'gone', script: 'gone.js' },
    ],
    sockets: [{ name: 'http', address: '127.0.0.1:99999', service: 'api' }],
  };
  const outcome = await runNanod(t, { config, files: { 'api.js': '' }, args: ['check'] });
  t.equal(outcome.status, 2);
  t.equal(outcome.stdout, '');
  const errors = outcome.stderr.split('\n').filter((line) => line.startsWith('error['));
  t.equal(errors.length, 5, outcome.stderr);
  t.match(outcome.stderr, /apps\[0\]\.bindings\.DB.*no service named "bd"; did you mean "db"\?/);
  t.match(outcome.stderr, /apps\[1\].*"scrip".*did you mean "script"/);
  t.match(outcome.stderr, /apps\[1\].*script/);
  t.match(outcome.stderr, /apps\[2\]\.script.*"gone\.js" does not exist/);
  t.match(outcome.stderr, /sockets\[0\]\.address.*99999/);
});

t.test('nanod check --evaluate names every worker that cannot be evaluated', async (t) => {
  const config = { apps: ['a', 'b', 'c'].map((name) => ({ name, script: `${name}.js` })) };
  const files = { 'a.js': `throw new Error('one');`, 'b.js': `export default {};`, 'c.js': `null.x;` };
  const { status, stderr, stdout } = await runNanod(t, { config, files, args: ['check', '--evaluate'] });
  t.strictSame([status, stdout], [1, '']);
  t.match(stderr, /error\[WORKER_EVALUATION\]: a\.js:1:7: the worker "a" .*Error: one/);
  t.match(stderr, /error\[WORKER_EVALUATION\]: c\.js:1:6: the worker "c" .*TypeError/);
  t.notMatch(stderr, /b\.js/);
});

t.test('help and version are answers, not errors', async (t) => {
  const help = await runNanod(t, { args: ['--help'] });
  t.strictSame([help.status, help.stderr], [0, '']);
  for (const word of ['serve', 'check', '--help', '--version']) t.match(help.stdout, word);
  const command = await runNanod(t, { args: ['serve', '--help'] });
  t.strictSame([command.status, command.stderr], [0, '']);
  t.match(command.stdout, '--threads');
  const number = await runNanod(t, { args: ['--version'] });
  t.strictSame([number.status, number.stdout, number.stderr], [0, `${version}\n`, '']);
});

const wrong: Readonly<Record<string, RegExp>> = {
  '': /Name a command\./,
  serv: /unknown command "serv"; did you mean "serve"\?/,
  frobnicate: /unknown command "frobnicate"$/m,
  'serve --thread 1': /unknown option "--thread"; did you mean "--threads"\?/,
  'serve --thread=1': /unknown option "--thread"; did you mean "--threads"\?/,
  'check --jsno': /unknown option "--jsno"; did you mean "--json"\?/,
  'check -x': /unknown option "-x"$/m,
  'check a b c': /name one constant/,
  'serve --threads': /threads/,
  'serve --threads 0': /--threads: expected a whole number from 1 to 256/,
  'serve --threads 1.5': /--threads: expected a whole number/,
  'serve --threads many': /--threads: expected a whole number/,
};

for (const [line, message] of Object.entries(wrong)) {
  t.test(`nanod ${line}: is wrong usage, status 2`, async (t) => {
    const outcome = await runNanod(t, { ...HELLO, args: line.split(' ').filter(Boolean) });
    assertFailed(t, outcome, 2, message);
    t.match(outcome.stderr, /^error\[USAGE\]: .*\n {2}hint: .*--help.*\n$/);
  });
}

t.test('the words of errors do not depend on the language of the system', async (t) => {
  const outcome = await runNanod(t, {
    args: ['serve', '--thread', '1'],
    env: { LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8' },
  });
  assertFailed(t, outcome, 2, /unknown option "--thread"; did you mean/);
});

t.test('a directory without a configuration is said to be one', async (t) => {
  assertFailed(t, await runNanod(t, { args: ['serve'] }), 2, /error\[CONFIG_NOT_FOUND\]/);
  assertFailed(
    t,
    await runNanod(t, { args: ['check', 'nothing.json'] }),
    2,
    /error\[CONFIG_NOT_FOUND\]: .*nothing\.json/,
  );
});

t.test('a log level that is none, and settings that are none, are said to be', async (t) => {
  const level = await runNanod(t, { ...HELLO, args: ['serve'], env: { NANOD_LOG_LEVEL: 'loud' } });
  assertFailed(t, level, 2, /error\[USAGE\]: NANOD_LOG_LEVEL: expected one of .*, found "loud"/);
  for (const text of ['{', '7', '{"ingress":{"body":1}}', '{"drainTimeout":"1"}']) {
    const outcome = await runNanod(t, { ...HELLO, args: ['serve'], env: { NANOD_TUNING: text } });
    assertFailed(t, outcome, 2, /error\[USAGE\]: NANOD_TUNING: /);
  }
});

t.test('nanod serve --threads is stronger than the configuration', async (t) => {
  const nanod = await serve(t, { ...HELLO, args: ['--threads', '3'] });
  t.match(nanod.stdout(), /^nanod serves 1 worker on 3 threads\n/);
  t.equal((await nanod.stop()).status, 0);
});

t.test('a deployment without sockets is served, and said to be out of reach', async (t) => {
  const nanod = await serve(t, {
    config: { threads: 1, apps: [{ name: 'a', script: 'a.js' }] },
    files: { 'a.js': 'export default {};' },
  });
  t.equal(
    nanod.stdout(),
    'nanod serves 1 worker on 1 thread\nno socket is configured: nothing can be reached\n',
  );
  t.equal((await nanod.stop()).status, 0);
});

t.test('a deployment without anything waits for its end all the same', async (t) => {
  const nanod = await serve(t, { config: { apps: [] } });
  t.equal(
    nanod.stdout(),
    'nanod serves 0 workers on 0 threads\nno socket is configured: nothing can be reached\n',
  );
  // Long enough for a process that nothing keeps.
  await runNanod(t, { args: ['--version'] });
  t.equal(await Promise.race([nanod.ended, Promise.resolve('still there')]), 'still there');
  t.equal((await nanod.stop()).status, 0);
});

t.test('nanod check --evaluate misses what a socket points at', async (t) => {
  const config = {
    apps: [{ name: 'main', script: 'main.js' }],
    sockets: [{ name: 'http', address: '127.0.0.1:0', service: { service: 'main', entrypoint: 'Web' } }],
  };
  const outcome = await runNanod(t, { ...HELLO, config, args: ['check', '--evaluate'] });
  assertFailed(t, outcome, 2, /^error\[WORKER_ENTRYPOINT\]: sockets\[0\]\.service: /m);
});

t.test('what is wrong with the configuration and with the code is said in one run', async (t) => {
  const config = {
    apps: [
      { name: 'main', script: 'main.js', bindings: { DB: { service: 'db' } } },
      { name: 'other', script: 'other.js' },
    ],
  };
  const files = { 'main.js': 'export default {', 'other.js': `import './gone.js';` };
  for (const command of ['check', 'serve']) {
    const outcome = await runNanod(t, { config, files, args: [command] });
    assertFailed(t, outcome, 2, /^error\[CONFIG_UNKNOWN_NAME\]: apps\[0\]\.bindings\.DB.*$/m);
    t.match(outcome.stderr, /^error\[WORKER_SYNTAX\]: main\.js:1:/m);
    t.match(outcome.stderr, /^error\[WORKER_IMPORT\]: other\.js:1:/m);
  }
});

t.test('warnings of the bundler are shown', async (t) => {
  const code = `addEventListener('fetch', (event) => event.respondWith(import('./x.js')));`;
  const warning = /^warning: main\.js:1:\d+: import\(\) always rejects/m;
  const checked = await runNanod(t, { ...single(code), args: ['check'] });
  t.equal(checked.status, 0);
  t.match(checked.stderr, warning);
  const nanod = await serve(t, single(code));
  t.match((await nanod.stop()).stderr, warning);
});
