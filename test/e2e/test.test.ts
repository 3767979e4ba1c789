/** `nanod test`: what it runs, what it prints, and how it ends. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runNanod, writeFiles } from '../helpers/nanod.ts';
import type { Deployment } from '../helpers/nanod.ts';

const shop: Deployment = {
  config: {
    apps: [
      {
        name: 'shop',
        script: 'shop.ts',
        bindings: { BANK: { service: 'bank' }, MAIL: { service: 'mail' } },
        compatibilityFlags: ['nodejs_compat'],
      },
      { name: 'mail', script: 'mail.js', group: 'others' },
      { name: 'untested', script: 'mail.js' },
    ],
    services: [{ name: 'bank', kind: 'external', address: 'https://bank.invalid' }],
    groups: { others: {} },
    // Nothing of it is listened on.
    sockets: [{ name: 'http', address: 'systemd:absent', service: 'shop' }],
  },
  files: {
    'shop.ts': `
import assert from 'node:assert';
import { WorkerEntrypoint } from 'cloudflare:workers';
interface Env { BANK: Fetcher; MAIL: Fetcher & { send(to: string): Promise<string> } }
interface Fetcher { fetch(url: string): Promise<Response> }
export default {
  async test(controller: object, env: Env, ctx: { waitUntil(promise: Promise<unknown>): void }) {
    console.log(Object.prototype.toString.call(controller), Object.keys(env).join());
    ctx.waitUntil(Promise.resolve());
    assert.equal(await env.MAIL.send('Ada'), 'sent to Ada');
  },
};
export class Checkout extends WorkerEntrypoint<Env> {
  async test() {
    const response = await this.env.BANK.fetch('https://bank/pay');
    assert.equal(await response.text(), 'paid');
  }
}
export const refusal = { test() { throw new RangeError('no\\u001b[2J money'); } };
export const pays = { fetch() {} };
`,
    'mail.js': `
import { WorkerEntrypoint } from 'cloudflare:workers';
export default class extends WorkerEntrypoint { send(to) { return 'sent to ' + to; } }
`,
    'mock.ts': `export default { fetch(): Response { return new Response('paid'); } };`,
  },
};
const replace = ['--replace', 'bank=mock.ts'];

t.test('every test of every worker runs, and each is told as workerd does', async (t) => {
  const { status, stdout, stderr, log } = await runNanod(t, { ...shop, args: ['test', '.', ...replace] });
  t.equal(status, 1);
  const times = / \(\d+ ms\)$/gmu;
  t.equal(
    stdout.replaceAll(times, ''),
    `[ TEST ] shop
[ PASS ] shop
[ TEST ] shop:Checkout
[ PASS ] shop:Checkout
[ TEST ] shop:refusal
[ FAIL ] shop:refusal
    RangeError: no\\u001b[2J money
        at Object.test (shop.ts:19:41)
3 tests: 2 passed, 1 failed
`,
  );
  t.equal(stdout.match(times)?.length, 4);
  t.match(log, [{ level: 30, service: 'shop', msg: '[object TestController] BANK,MAIL' }]);
  t.notMatch(stderr, 'warning');
});

t.test('a filter means services and entrypoints by globs', async (t) => {
  const run = async (filter: string): Promise<[number | null, string[]]> => {
    const { status, stdout } = await runNanod(t, { ...shop, args: ['test', '.', filter, ...replace] });
    return [status, [...stdout.matchAll(/^\[ TEST \] (.*)$/gmu)].map((match) => String(match[1]))];
  };
  t.strictSame(await run('shop:C*'), [0, ['shop:Checkout']]);
  t.strictSame(await run('s?op:default'), [0, ['shop']]);
  t.strictSame(await run('*:[CR]*'), [1, []]);
});

t.test('no test at all is an error', async (t) => {
  const none = await runNanod(t, { ...shop, args: ['test', '.', 'untested'] });
  t.match(none, {
    status: 1,
    stdout: '',
    stderr: /^error\[TESTS_NOT_FOUND\]: no test matches "untested"\n/u,
  });
  const close = await runNanod(t, { ...shop, args: ['test', '.', 'shop:Chekout'] });
  t.match(close, { status: 1, stderr: /did you mean "shop:Checkout"\?/u });
});

t.test('results as JSON and as JUnit XML', async (t) => {
  const cwd = writeFiles(t, shop);
  const args = ['test', '--json', '--junit', 'results.xml', '--no-verbose', ...replace];
  const { status, stdout, stderr } = await runNanod(t, { cwd, args });
  t.strictSame([status, stderr], [1, ''], 'what the worker has to say is not asked for');
  t.match(JSON.parse(stdout), {
    passed: 2,
    failed: 1,
    ms: Number,
    tests: [
      { service: 'shop', entrypoint: 'default', status: 'passed', ms: Number },
      { service: 'shop', entrypoint: 'Checkout', status: 'passed' },
      { service: 'shop', entrypoint: 'refusal', status: 'failed', error: { name: 'RangeError' } },
    ],
  });
  const xml = readFileSync(join(cwd, 'results.xml'), 'utf8');
  t.match(xml, /<testsuite name="shop" tests="3" failures="1" errors="0" skipped="0" time="[\d.]+">/u);
  t.match(xml, '<failure type="RangeError" message="no\uFFFD[2J money">RangeError: no');
  t.match(xml, /<testcase name="default" classname="shop" time="[\d.]+"\/>/u);
  const unwritable = await runNanod(t, { cwd, args: ['test', ...replace, '--junit', 'no/such.xml'] });
  t.match(unwritable, { status: 1, stderr: /^error\[OUTPUT_UNWRITABLE\]: no\/such\.xml: /mu });
});

t.test('what goes wrong besides the handler fails its own test, and the others run', async (t) => {
  const files = {
    'main.js': `
export const afterwards = { test(_, __, ctx) { ctx.waitUntil(Promise.reject(new Error('too late'))); } };
export const callee = { test: async (_, env) => { await env.SELF.fetch('http://x/').catch(() => {}); } };
export const thrown = { fetch() { throw new Error('expected'); } };
export const timer = { test: () => new Promise((resolve) => { setTimeout(() => { resolve(); throw new Error('in a timer'); }); }) };
export const endless = { test() { for (;;); } };
export const waiting = { test: () => new Promise(() => {}) };
export const well = { test() {} };
`,
    'broken.js': 'export const never = { test() {} }; throw new TypeError("at the top");',
  };
  const config = {
    apps: [
      { name: 'broken', script: 'broken.js' },
      { name: 'main', script: 'main.js', bindings: { SELF: { service: 'main', entrypoint: 'thrown' } } },
    ],
    allowBindingCycles: true,
  };
  const { status, stdout } = await runNanod(t, { config, files, args: ['test', '--json', '--timeout', '2'] });
  t.equal(status, 1);
  const { tests } = JSON.parse(stdout) as {
    tests: { service: string; entrypoint: string; error?: object }[];
  };
  const byName = Object.fromEntries(
    tests.map(({ service, entrypoint, error }) => [`${service}:${entrypoint}`, error]),
  );
  t.match(byName['broken:default'], { name: 'TypeError', message: 'at the top', stack: /broken\.js:1:/u });
  t.match(byName['main:afterwards'], { message: 'too late', stack: /main\.js:2:/u });
  t.match(byName['main:timer'], { message: 'in a timer' });
  t.match(byName['main:endless'], { name: 'TimeoutError', message: 'the test did not end within 2 s' });
  t.match(byName['main:waiting'], { name: 'TimeoutError' });
  t.ok('main:callee' in byName && byName['main:callee'] === undefined);
  t.ok('main:well' in byName && byName['main:well'] === undefined);
});

t.test('the filter of a capnp file may begin with its constant', async (t) => {
  const files = {
    'config.capnp': `using Workerd = import "/workerd/workerd.capnp";
const a :Workerd.Config = (services = [(name = "one", worker = (modules = [(name = "w", esModule = "export const x = { test() {} }")]))]);
const b :Workerd.Config = (services = [(name = "two", worker = (modules = [(name = "w", esModule = "export const y = { test() {} }")]))]);
`,
  };
  const { status, stdout } = await runNanod(t, { files, args: ['test', 'config.capnp', 'b:*:y'] });
  t.match({ status, stdout }, { status: 0, stdout: /^\[ PASS \] two:y \(/mu });
});

t.test('wrong usage is said', async (t) => {
  for (const args of [
    ['a', 'b', 'c'],
    ['--timeout', '0'],
    ['--replace', 'bank'],
    ['--junit', 'a', '--junit', 'b'],
  ]) {
    const outcome = await runNanod(t, { ...shop, args: ['test', ...args] });
    t.match(outcome, { status: 2, stdout: '', stderr: /^error\[USAGE\]/u }, args.join(' '));
  }
});
