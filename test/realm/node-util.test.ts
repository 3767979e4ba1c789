/** node:util in a realm, against that of Node.js. */

import t from 'tap';
import { sameAsNode } from '../helpers/like-node.ts';

const head = `const util = require('util'); const { inspect, format, promisify, callbackify, types } = util;`;

const values = [
  '{ a: 1, b: "x", c: [1, , 3], d: { e: { f: { g: 1 } } } }',
  'new Map([["a", { b: 1 }], [{ c: 2 }, [3]]])',
  'new Set([1, "a", new Set()])',
  '[1.5, -0, NaN, 10n, true, null, undefined, Symbol("s")]',
  '"it\'s \\"quoted\\"\\n"',
  'new Date(0)',
  '/a.b/gi',
  'function named() {}',
  'class A extends Map {}',
  'async () => {}',
  'new (class Foo { constructor() { this.x = 1; } })()',
  'Object.create(null, { a: { value: 1, enumerable: true } })',
  '(() => { const a = { b: {} }; a.b.c = a; return a; })()',
  '{ get a() { return 1; }, set b(x) {}, get c() { return 1; }, set c(x) {} }',
  '{ [Symbol("k")]: 1, "a-b": 2, [inspect.custom]: undefined }',
  '{ [inspect.custom](depth, options, i) { return `custom ${typeof depth} ${typeof options.stylize} ${i === inspect}`; } }',
  'new Uint8Array([1, 2, 3])',
  'new ArrayBuffer(4)',
  'new DataView(new ArrayBuffer(2))',
  'Array.from({ length: 120 }, (_, i) => i)',
  '"x".repeat(50).split("")',
  '[["a", "b"], ["c"]]',
  'Object.assign(() => {}, { a: 1 })',
  'new WeakMap()',
  'Object(1)',
  'Object("abc")',
  '(function* () {})()',
  'Promise.resolve(1) && globalThis.Math',
  '{ long: "a".repeat(100), other: "b".repeat(20), third: [1, 2, 3] }',
  'JSON.parse(\'{"__proto__": 1}\')',
];

t.test('inspect', (t) =>
  sameAsNode(
    t,
    head,
    values.map((value) => `inspect(${value})`),
  ),
);

t.test('inspect with options', (t) =>
  sameAsNode(t, head, [
    'inspect({ a: { b: { c: { d: 1 } } } }, { depth: 0 })',
    'inspect({ a: { b: { c: { d: 1 } } } }, false, null)',
    'inspect({ b: 1, a: 2 }, { sorted: true })',
    'inspect({ a: [1, 2, { b: 3 }] }, { compact: false })',
    'inspect({ a: 1, b: "x" }, { colors: true })',
    'inspect([1, 2, 3, 4], { maxArrayLength: 2 })',
    'inspect("abcdef", { maxStringLength: 3 })',
    'inspect({ get a() { return { b: 1 }; } }, { getters: true })',
    'inspect([1], { showHidden: true })',
    'inspect({ a: 1, b: 2 }, { breakLength: 3 })',
    'inspect(123456789, { numericSeparator: true })',
    'typeof inspect.custom + typeof inspect.defaultOptions.depth',
  ]),
);

t.test('format', (t) =>
  sameAsNode(t, head, [
    'format("%s %d %i %f %j %o %O %c%%", "a", 1.5, 1.5, "2.5", { a: 1 }, [1], { b: {} }, "css")',
    'format("%s", { a: { b: { c: 1 } } }) + format("%s", Symbol("x")) + format("%s", 5n) + format("%s", -0)',
    'format("a", "b", { c: 1 }, 5)',
    'format(1, 2, "3")',
    'format("%s")',
    'format("%x %s", 1)',
    'format("%s", class A {}, () => {})',
    'format("%j", (() => { const a = {}; a.a = a; return a; })())',
    'util.formatWithOptions({ colors: true }, "%O", { a: 1 })',
  ]),
);

t.test('functions', (t) =>
  sameAsNode(t, head, [
    'promisify((a, done) => done(null, a + 1))(1)',
    'promisify((done) => done(new Error("no")))()',
    'promisify(function (done) { done(null, this.x); }).call({ x: 3 })',
    'promisify(Object.assign(() => {}, { [promisify.custom]: async () => "custom" }))()',
    'promisify(5)',
    '(() => { function f(a, b) {} f.extra = 1; const p = promisify(f); return [p.name, p.length, p.extra]; })()',
    'new Promise((done) => callbackify(async (x) => x + 1)(1, (error, value) => done([error, value])))',
    'new Promise((done) => callbackify(async () => { throw null; })((error) => done([error.code, error.reason])))',
    'new Promise((done) => callbackify(async () => { throw new Error("x"); })((error) => done(error.message)))',
    '(() => { function A() {} function B() {} util.inherits(A, B); return [new A() instanceof B, A.super_ === B]; })()',
    'util.inherits(function () {}, null)',
    'util.isDeepStrictEqual({ a: [1, new Set([2])] }, { a: [1, new Set([2])] })',
    'util.isDeepStrictEqual([0], [-0])',
    'util.stripVTControlCharacters("\\u001b[31mred\\u001b[39m")',
    'util.toUSVString("a\\ud800")',
    'util.parseEnv("A=1\\nB=\'x y\' # c\\nexport C=\\"a\\\\nb\\"\\n#D=1\\nE=")',
    'util.styleText("red", "x", { validateStream: false })',
    '(() => { const f = util.deprecate((x) => x + 1, "old", "DEP1"); return [f(1), f(2)]; })()',
    '(() => { const log = util.debuglog("none"); log("x"); return log.enabled; })()',
    'util._extend({ a: 1 }, { b: 2 })',
    '[util.TextEncoder === TextEncoder, util.TextDecoder === TextDecoder, util.types === require("util/types")]',
    'require("util").isArray([])',
  ]),
);

const tested = [
  '1', '"a"', 'null', '{}', '[]', 'Object(1)', 'Object("a")', 'Object(true)', 'Object(1n)', 'Object(Symbol())',
  'new Date()', '/x/g', 'new Map()', 'new Set()', 'new WeakMap()', 'new WeakSet()', 'Promise.resolve()', '() => {}', 'async () => {}',
  'function* () {}', '(function* () {})()', 'new Uint8Array()', 'new Float64Array()', 'new BigInt64Array()', 'new ArrayBuffer(1)',
  'new DataView(new ArrayBuffer(1))', 'new Proxy({}, {})', 'new Error()', 'Object.create(Error.prototype)',
  '(function () { return arguments; })()', 'new Map().entries()', 'new Set().values()', 'Buffer.from("a")', '{ then() {} }',
  '{ [Symbol.toStringTag]: "Map" }',
]; // prettier-ignore

t.test('types', (t) =>
  sameAsNode(
    t,
    `${head} const names = Object.keys(types).filter((name) => !/Eventtarget|External/i.test(name)).filter((name) => ${JSON.stringify(['isKeyObject', 'isCryptoKey'])}.indexOf(name) < 0);`,
    tested.map((value) => `names.filter((name) => types[name](${value})).sort()`),
  ),
);
