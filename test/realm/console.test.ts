/** console inside a realm. https://console.spec.whatwg.org/ */

import t from 'tap';
import { evaluate } from '../helpers/realm.ts';
import { printed, runInRealm } from '../helpers/realm-output.ts';

t.test('each method writes one record at its level', async (t) => {
  const { logs } = await runInRealm(`
    console.debug('d'); console.log('l'); console.info('i'); console.warn('w'); console.error('e'); console.dirxml('x');
    console.assert(true, 'no'); console.assert(false); console.assert(0, '%s!', 'yes'); console.assert(false, { a: 1 });
    console.clear(); console.timeStamp('t'); console.profile(); console.profileEnd(); console.log();`);
  t.same(logs, [
    [20, 'd'],
    [30, 'l'],
    [30, 'i'],
    [40, 'w'],
    [50, 'e'],
    [30, 'x'],
    [50, 'Assertion failed'],
    [50, 'Assertion failed: yes!'],
    [50, 'Assertion failed { a: 1 }'],
    [30, ''],
  ]);
});

t.test('format specifiers take arguments in order, the rest follows', async (t) => {
  t.same(
    await printed(`
      console.log('%s is %d and %i, %f, %j', 'Bob', 42.5, 42.9, '1.5abc', { a: 1 });
      console.log('%o %O', [1], { a: { b: { c: { d: 1 } } } });
      console.log('%c%% %x', 'css', 'extra', { x: 1 });
      console.log('%s %s', { toString() { return 'own'; } }, new Date(0));
      console.log('100%', 1); console.log('%s'); console.log('a', '%s', 'b'); console.log('%d %i %s', {}, 'x', Symbol('s')); console.log('%s', -0, 5n);`),
    [
      'Bob is 42.5 and 42, 1.5, {"a":1}',
      '[ 1, [length]: 1 ] { a: { b: { c: [Object] } } }',
      '% %x extra { x: 1 }',
      'own 1970-01-01T00:00:00.000Z',
      '100% 1',
      '%s',
      'a %s b',
      'NaN NaN Symbol(s)',
      '-0 5n',
    ],
  );
});

/** What one value looks like, by the code that makes it. */
const shown: readonly (readonly [code: string, text: string])[] = [
  [
    `[1, 'a', null, undefined, true, 10n, Symbol('x'), -0]`,
    "[ 1, 'a', null, undefined, true, 10n, Symbol(x), -0 ]",
  ],
  [`({ a: { b: { c: { d: 1 } } }, x: [[[[1]]]] })`, '{ a: { b: { c: [Object] } }, x: [ [ [Array] ] ] }'],
  [
    `({ 'a-b': 1, 2: 3, [Symbol('s')]: 4, ['__proto__']: 5 })`,
    "{ '2': 3, 'a-b': 1, ['__proto__']: 5, Symbol(s): 4 }",
  ],
  [`new Map([['k', new Map([[1, { a: 1 }]])]])`, "Map(1) { 'k' => Map(1) { 1 => { a: 1 } } }"],
  [`new Set([1, 'a'])`, "Set(2) { 1, 'a' }"],
  [`[1, , 3, , , 6]`, '[ 1, <1 empty item>, 3, <2 empty items>, 6 ]'],
  [`Object.assign([1], { x: 2 })`, '[ 1, x: 2 ]'],
  [`new Uint8Array([1, 2])`, 'Uint8Array(2) [ 1, 2 ]'],
  [`new ArrayBuffer(2)`, 'ArrayBuffer { [Uint8Contents]: <00 00>, [byteLength]: 2 }'],
  [`[new Date(0), new Date(NaN), /x/gi]`, '[ 1970-01-01T00:00:00.000Z, Invalid Date, /x/gi ]'],
  [
    `[function f() {}, () => {}, async () => {}, function* g() {}, class A {}, class B extends Map {}]`,
    '[\n  [Function: f],\n  [Function (anonymous)],\n  [AsyncFunction (anonymous)],\n  [GeneratorFunction: g],\n  [class A],\n  [class B extends Map]\n]',
  ],
  [`new (class Point { #hidden = 1; x = 1; get y() { return 2; } })()`, 'Point { x: 1 }'],
  [`Object.assign(Object.create(null), { a: 1 })`, '[Object: null prototype] { a: 1 }'],
  [
    `({ get a() { throw 1; }, set b(x) {}, get c() { return 1; }, set c(x) {} })`,
    '{ a: [Getter], b: [Setter], c: [Getter/Setter] }',
  ],
  [
    `(() => { const o = { n: 1 }; o.self = o; o.list = [o]; return o; })()`,
    '<ref *1> { n: 1, self: [Circular *1], list: [ [Circular *1] ] }',
  ],
  [
    `[new Number(3), new String('ab'), Object(Symbol('q')), new WeakSet(), new WeakMap()]`,
    "[\n  [Number: 3],\n  [String: 'ab'],\n  [Symbol: Symbol(q)],\n  WeakSet { <items unknown> },\n  WeakMap { <items unknown> }\n]",
  ],
  [`["it's", 'say "hi"', 'a\\n\\x1b\\ud800']`, `[ "it's", 'say "hi"', 'a\\n\\x1B\\ud800' ]`],
];

t.test('values look as they do in Node', async (t) => {
  const code = shown.map(([value]) => `console.log(${value});`).join('\n');
  t.same(
    await printed(code),
    shown.map(([, text]) => text),
  );
});

t.test('errors show their stack, fields and causes', async (t) => {
  const [one, two, three] = await printed(`
    console.error('failed:', Object.assign(new TypeError('outer', { cause: new RangeError('inner') }), { code: 'E1' }));
    const bare = new Error('no stack'); bare.stack = undefined;
    console.log([bare], new DOMException('aborted', 'AbortError'));
    console.log({ nested: new AggregateError([new Error('one')], 'all') });`);
  t.match(
    one,
    /^failed: TypeError: outer\n {4}at [^]*{\n {2}code: 'E1',\n {2}\[cause\]: RangeError: inner\n {6}at [^]*\n}$/,
  );
  t.match(two, /^\[ \[Error: no stack\] \] AbortError: aborted\n {4}at /);
  t.match(three, /^{\n {2}nested: AggregateError: all\n {6}at [^]*\[errors\]: \[\n {6}Error: one\n/);
});

t.test('long things are cut and counted, and a record has a limit', async (t) => {
  const texts = await printed(`
    console.log(Array.from({ length: 102 }, (_, i) => i).concat('x'));
    console.log(new Map(Array.from({ length: 101 }, (_, i) => [i, i])));
    console.log(['y'.repeat(10_001)]);
    console.log('z'.repeat(100_000));
    const wide = {}; for (let i = 0; i < 50_000; i++) wide['key' + i] = 'value' + i; console.log(wide);
    console.log(new Array(1e7).fill(1));
    const sparse = []; sparse[4e9] = 1; console.log(sparse);
    let deep = {}; for (let i = 0; i < 50_000; i++) deep = { deep }; console.dir(deep, { depth: Infinity });
    console.log(Array.from({ length: 100 }, () => Array.from({ length: 100 }, () => 'w'.repeat(1000))));`);
  t.match(texts[0], /... 3 more items\n\]$/);
  t.match(texts[1], /... 1 more item\n}$/);
  t.match(texts[2], /'... 1 more character/);
  t.match(texts[3], /^z+... \d+ more characters$/);
  t.match(texts[4], /... \d+ more properties\n}$/);
  t.match(texts[5], /... 9999900 more items\n\]$/);
  t.equal(texts[6], '[ <4000000000 empty items>, 1 ]');
  t.equal(texts.length, 9);
  for (const text of texts) t.ok(text.length < 66_000, `${text.length} characters`);
});

t.test('hostile values neither run, nor break it', async (t) => {
  const { logs } = await runInRealm(`
    let runs = 0;
    const trap = () => { runs++; throw new Error('trap'); };
    const handler = new Proxy({}, { get: () => trap });
    const proxy = new Proxy(function f() {}, handler);
    const { proxy: gone, revoke } = Proxy.revocable([], {}); revoke();
    class Getters { get [Symbol.toStringTag]() { return trap(); } get [Symbol.for('nodejs.util.inspect.custom')]() { return trap(); } }
    Object.defineProperty(Getters.prototype, 'constructor', { get: trap });
    const error = new Error('x');
    for (const key of ['stack', 'message', 'name']) Object.defineProperty(error, key, { get() { throw error; } });
    const values = [proxy, gone, { proxy }, [gone], new Map([[proxy, gone]]), new Set([gone]), Object.create(proxy), Object.setPrototypeOf(() => {}, gone), new Getters(), Object.create({ constructor: proxy }),
      error, { error }, { [Symbol.for('nodejs.util.inspect.custom')]() { throw 1; } }, Object.defineProperty(() => {}, 'name', { get: trap }), { toString: trap, valueOf: trap, toJSON: trap }];
    for (const value of values) { console.log(value); console.log('%s %d %i %f %o %O %c', value, value, value, value, value, value, value); console.table([value]); console.dir(value, { depth: 9, showHidden: true }); console.trace(value); }
    const before = runs;
    console.log('%j', { toJSON: trap });
    console.log('runs', before);`);
  t.equal(logs.length, 15 * 5 + 2);
  // %s may ask an object's own toString for its text, once.
  t.equal(logs.at(-1)?.[1], 'runs 1');
});

t.test('patched prototypes and a full stack leave it working', async (t) => {
  const { logs, uncaught } = await runInRealm(`
    console.log('loaded before the dive', {}, [], new Map(), new Error('x'));
    let foreign = 0;
    (function dive() { try { dive(); } catch {} try { console.log('near', { a: [1, new Map([[1, new Error('x')]])] }); } catch (e) { if (!(e instanceof RangeError)) foreign++; } })();
    if (foreign > 0) throw new Error('an error of another realm came out');
    const { ownKeys } = Reflect;
    const holders = [Array.prototype, String.prototype, RegExp.prototype, Map.prototype, Number.prototype, Object];
    for (let h = 0; h < holders.length; h++) {
      const keys = ownKeys(holders[h]);
      for (let k = 0; k < keys.length; k++) {
        try { if (keys[k] !== 'constructor' && typeof holders[h][keys[k]] === 'function') holders[h][keys[k]] = () => { throw 'patched'; }; } catch {}
      }
    }
    Object.prototype.get = () => 'polluted'; Object.prototype.value = 1;
    console.log('fine %s', 1.5, { a: [1, 'x'], m: new Map });
    console.table([{ a: 1 }]);`);
  t.same(uncaught, []);
  t.same(
    logs.slice(-2).map(([, text]) => text),
    [
      "fine 1.5 { a: [ 1, 'x' ], m: Map(0) {} }",
      '┌─────────┬───┐\n│ (index) │ a │\n├─────────┼───┤\n│ 0       │ 1 │\n└─────────┴───┘',
    ],
  );
});

t.test('groups, counters, stopwatches and tables', async (t) => {
  const { logs } = await runInRealm(`
    console.group('G'); console.log('in\\nside'); console.groupCollapsed(); console.log('deep'); console.groupEnd(); console.groupEnd(); console.groupEnd(); console.log('out');
    console.count(); console.count('x'); console.count(); console.countReset(); console.count(); console.countReset('none');
    console.time('t'); console.time('t'); console.timeLog('t', 'more', { a: 1 }); console.timeEnd('t'); console.timeEnd('t');
    console.table([[1, 'a']], ['1']); console.table('text'); console.trace('here');`);
  const texts = logs.map(([, text]) => text);
  t.same(texts.slice(0, 9), [
    'G',
    '  in\n  side',
    '    deep',
    'out',
    'default: 1',
    'x: 1',
    'default: 2',
    'default: 1',
    "Count for 'none' does not exist",
  ]);
  t.equal(texts[9], "Label 't' already exists for console.time()");
  t.match(texts[10], /^t: [\d.]+ms more { a: 1 }$/);
  t.match(texts[11], /^t: [\d.]+ms$/);
  t.equal(texts[12], "No such label 't' for console.timeEnd()");
  t.equal(
    texts[13],
    "┌─────────┬─────┐\n│ (index) │ 1   │\n├─────────┼─────┤\n│ 0       │ 'a' │\n└─────────┴─────┘",
  );
  t.equal(texts[14], 'text');
  t.match(texts[15], /^Trace: here\n {4}at /);
});

t.test('console is a namespace object, and labels are converted as Web IDL says', async (t) => {
  const results = await evaluate(`
    const prototype = Object.getPrototypeOf(console);
    const thrown = {};
    const rethrown = ['count', 'countReset', 'time', 'timeLog', 'timeEnd'].map((method) => { try { console[method]({ toString() { throw thrown; } }); } catch (e) { return e === thrown; } });
    const { log } = console;
    log('detached');
    return [String(console), Reflect.ownKeys(prototype), Object.getPrototypeOf(prototype) === Object.prototype, rethrown, Object.getOwnPropertyDescriptor(globalThis, 'console').enumerable, console.log.name, console.log.length];`);
  t.same(results, ['[object console]', [], true, [true, true, true, true, true], false, 'log', 0]);
});

t.test('platform objects show what their class has registered', async (t) => {
  t.same(
    await printed(
      `console.log(new Event('x')); console.log(new AbortController()); console.log(new (class Mine extends EventTarget { a = 1 })());`,
    ),
    [
      "Event { type: 'x', defaultPrevented: false, cancelable: false }",
      'AbortController { signal: AbortSignal { aborted: false } }',
      'Mine [EventTarget] { a: 1 }',
    ],
  );
});
