/** The prelude as one script: lazy where it says so, and safe beside a worker that has patched everything. */

import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import t from 'tap';
import { bundlePrelude, bundlePreludeFrom } from '../../src/bundle/bundle-prelude.ts';
import { stopCompiler } from '../../src/bundle/compile.ts';
import { identifiersIn, parse, scanProgram } from '../../src/bundle/syntax.ts';

t.teardown(stopCompiler);

interface FixturePrelude {
  shared: { name: string; make(): object; is(value: object): boolean };
  twice(text: string): string;
  loadLazy(): {
    fromCycle: string;
    early: { (): string; readonly name: string };
    generate(): AsyncGenerator<string>;
    count: number;
    increment(): number;
    Lazy: { name: string; again(): object };
    helper: string;
    starred: string;
    default: unknown;
  };
  loadOther(): { fromOther: string; loadLazy(): unknown };
  loadFailing(): unknown;
}

const main = fileURLToPath(new URL('../fixtures/prelude/main.ts', import.meta.url));
const text = await bundlePreludeFrom(main);

/** Evaluates the fixture in a realm of its own; `patch` runs there after the start, as a worker would. */
function start(patch = ''): {
  prelude: FixturePrelude;
  log: string[];
  context: vm.Context;
  host: { fail: boolean };
} {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY);
  const log: string[] = [];
  const run = new vm.Script(text).runInContext(context) as (host: object) => FixturePrelude;
  const host = { log, fail: false };
  const prelude = run(host);
  vm.runInContext(patch, context);
  return { prelude, log, context, host };
}

t.test('evaluating the script gives a function that starts the prelude', async (t) => {
  const { log, context } = start();
  t.same(log, ['captured', 'shared', 'main', 'start']);
  t.same(
    Object.keys(context).filter((name) => name.startsWith('__') || name.includes('$')),
    [],
    'nothing becomes a global',
  );
});

t.test('a required module is evaluated at the first call, and once', async (t) => {
  const { prelude, log } = start();
  const before = log.length;
  const lazy = prelude.loadLazy();
  t.same(log.slice(before), ['lazy-helper', 'lazy'], 'what was loaded already is not evaluated again');
  t.equal(prelude.loadLazy(), lazy);
  t.equal(prelude.loadOther().loadLazy(), lazy, 'the same module from another folder');
  t.same(log.slice(before), ['lazy-helper', 'lazy', 'other']);
});

t.test('what is required has live exports, and shares its classes with the eager modules', async (t) => {
  const { prelude } = start();
  const lazy = prelude.loadLazy();
  t.equal(lazy.count, 0);
  lazy.increment();
  t.equal(lazy.count, 1);
  t.equal(lazy.helper + lazy.starred, 'helperstarred');
  t.ok(prelude.shared.is(lazy.Lazy.again()));
  t.equal(typeof lazy.default, 'function');
});

t.test(
  'functions are there for the other modules of a circle, before their own module has run',
  async (t) => {
    const { prelude } = start();
    t.equal(prelude.twice('a'), 'aa');
    const lazy = prelude.loadLazy();
    t.equal(lazy.fromCycle, 'earlyearly');
    t.equal(lazy.early.name, 'early');
    t.same(await lazy.generate().next(), { value: 'aa', done: false });
  },
);

t.test('a module that is not loaded makes no functions', async (t) => {
  t.match(text, /\n *early = function early\(\) \{/u);
  t.notMatch(text, /^function early/mu);
});

t.test('before a module is asked for, nothing of the lazy ones is there, variables included', async (t) => {
  const start = /^var \$later = function \(\) \{\n([^]*?)^\$later = \$evaluated;/mu.exec(text)?.[1] ?? '';
  t.match(start, 'function early');
  const [, seenByAll = ''] = /^var (.*);$/mu.exec(text) ?? [];
  t.notMatch(seenByAll.split(', '), ['helper']);
});

t.test('classes have the names that they were given', async (t) => {
  const { prelude } = start();
  t.equal(prelude.shared.name, 'Shared');
  t.equal(prelude.loadLazy().Lazy.name, 'Lazy');
  t.equal(prelude.shared.make().constructor.name, 'Shared');
});

t.test('a module that failed half way is evaluated again at its next use', async (t) => {
  const { prelude, log, host } = start();
  host.fail = true;
  t.throws(() => prelude.loadFailing(), { message: 'half way' });
  t.throws(() => prelude.loadFailing(), { message: 'half way' });
  host.fail = false;
  const module = prelude.loadFailing() as { early: string; value: string };
  t.same([module.early, module.value], ['early', 'whole']);
  t.equal(prelude.loadFailing(), module);
  t.equal(log.filter((name) => name === 'failing').length, 3);
});

/** Replaces every function and accessor of every intrinsic by one that reports, and puts traps on the prototypes that all inherit. */
const patchEverything = `
  globalThis.touched = [];
  Reflect.setPrototypeOf(touched, null);
  const seen = new Set([globalThis]), queue = [globalThis], keys = Reflect.ownKeys, descriptor = Reflect.getOwnPropertyDescriptor;
  const define = Reflect.defineProperty, parent = Reflect.getPrototypeOf, push = Function.prototype.call.bind(Array.prototype.push);
  for (const make of [function* () {}, async () => {}, async function* () {}]) push(queue, make);
  push(queue, parent([][Symbol.iterator]()), parent(new Map().entries()), parent(''[Symbol.iterator]()));
  const holders = [];
  while (queue.length > 0) {
    const holder = queue.pop(); push(holders, holder);
    for (const key of keys(holder)) {
      if (key === 'touched') continue;
      const { value, get, set } = descriptor(holder, key);
      for (const next of [value, get, set, parent(holder)]) {
        if ((typeof next !== 'object' && typeof next !== 'function') || next === null || seen.has(next)) continue;
        seen.add(next); push(queue, next);
      }
    }
  }
  const plans = [];
  for (const holder of holders) for (const key of keys(holder)) {
    const { value, get, configurable, writable } = descriptor(holder, key);
    if (!configurable && !writable) continue;
    if (typeof value === 'function' && key !== 'constructor') push(plans, [holder, key, 'value']);
    else if (get) push(plans, [holder, key, 'get']);
  }
  const text = String, Failure = Error, trap = Object.prototype, heard = touched;
  const touch = (key) => function () { heard[heard.length] = text(key); throw new Failure('patched') };
  const report = (key) => () => { heard[heard.length] = 'Object.prototype.' + key; };
  const list = plans, length = plans.length;
  for (let i = 0; i < length; i++) {
    const plan = list[i];
    define(plan[0], plan[1], plan[2] === 'value' ? { __proto__: null, value: touch(plan[1]) } : { __proto__: null, get: touch(plan[1]) });
  }
  const traps = ['get', 'set', 'value', 'writable', 'enumerable', 'configurable', '__esModule', 'default', 'then', '0', '1'];
  for (let i = 0; i < traps.length; i++) define(trap, traps[i], { __proto__: null, get: report(traps[i]), set: report(traps[i]), configurable: true });
  define(trap, 'inherited', { __proto__: null, value: 1, enumerable: true });
`;

t.test('loading a module late uses nothing that a worker could have patched', async (t) => {
  const { prelude, log, context } = start(patchEverything);
  const lazy = prelude.loadLazy();
  const other = prelude.loadOther();
  t.equal(lazy.increment(), 1);
  t.equal(lazy.helper + lazy.starred + other.fromOther, 'helperstarredhelper');
  t.equal(prelude.shared.is(lazy.Lazy.again()), true);
  t.same(log.slice(4), ['lazy-helper', 'lazy', 'other']);
  t.same(Object.values(context['touched'] as string[]), []);
});

t.test('the patches do bite: the bundler’s own form of the helpers touches them', async (t) => {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [main],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'unsafePrelude',
    target: 'esnext',
    logLevel: 'silent',
  });
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY);
  const wrapped = `(function ($host) { ${outputFiles[0]?.text ?? ''}; return unsafePrelude.start(); })`;
  const run = vm.runInContext(wrapped, context) as (host: object) => FixturePrelude;
  const prelude = run({ log: [] });
  vm.runInContext(patchEverything, context);
  try {
    prelude.loadLazy();
    t.fail('must throw');
  } catch {
    t.not((context['touched'] as string[]).length, 0);
  }
});

t.test('code that cannot be a prelude is refused', async (t) => {
  const refusals = {
    'export const nothing = 1;': /export `start`/u,
    'export const start = (name) => import(name);': /holds import\(\)/u,
    'export const start = () => import.meta.url;': /holds import\.meta/u,
    'export const start = () => eval("1");': /holds eval/u,
    'await 1; export const start = () => 1;': /holds top-level await/u,
    'export const start = (name) => require(name);': /require\(\) that the bundler cannot resolve/u,
    'export const start = () => require("./common.cjs");': /helper __commonJS/u,
  };
  for (const [source, message] of Object.entries(refusals)) {
    const directory = t.testdir({ 'main.js': source, 'common.cjs': 'module.exports = 1;' });
    await t.rejects(bundlePreludeFrom(`${directory}/main.js`), { message }, source);
  }
});

t.test('the prelude itself is one strict expression without a way to load or make code', async (t) => {
  const prelude = await bundlePrelude();
  t.doesNotThrow(() => new vm.Script(prelude));
  const parsed = parse(prelude, 'script');
  if ('problem' in parsed) throw new Error(parsed.problem.reason);
  const { program } = parsed;
  t.equal(program.body.length, 1);
  t.match(prelude, /^\(function \(\$host\) \{ "use strict";\n/u);
  const facts = scanProgram(program);
  t.same(facts.dynamicImports, []);
  t.notOk(facts.mentionsRequire);
  const names = new Set(identifiersIn(program).map(({ name }) => name));
  for (const name of ['eval', '__toESM', '__commonJS', '__require', '__name']) t.notOk(names.has(name), name);
  t.same(prelude.match(/class _\w+/gu) ?? [], [], 'no class has an invented name');
});
