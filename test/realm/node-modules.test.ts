/** The smaller modules of Node.js in a realm, against those of Node.js. */

import t from 'tap';
import { nodeExports, nodeModuleNames } from '../../src/bundle/node-modules.ts';
import { inRealm, sameAsNode } from '../helpers/like-node.ts';
import { evaluate } from '../helpers/realm.ts';

t.test('the bundler knows what the modules export', async (t) => {
  for (const name of nodeModuleNames) {
    const keys = (await inRealm(
      `return Object.keys(require('${name}')).filter((key) => key !== 'default').sort();`,
    )) as string[];
    t.strictSame(keys, nodeExports(name).toSorted(), name);
  }
});

t.test('what is exported is in Node.js as well', async (t) => {
  for (const name of nodeModuleNames) {
    const real = (await import(`node:${name}`)) as Record<string, unknown>;
    const extra = nodeExports(name).filter((key) => !(key in real) && !(key in (real['default'] as object)));
    t.strictSame(extra, [], name);
  }
});

t.test('path', (t) =>
  sameAsNode(t, `const path = require('path').posix;`, [
    'path.join("/a", "..", "b", "./c//d")',
    'path.normalize("/a/./b/../c/")',
    'path.resolve("/a", "b", "../c")',
    'path.relative("/a/b/c", "/a/d")',
    'path.parse("/srv/x/file.tar.gz")',
    'path.format({ dir: "/x", name: "a", ext: ".b" })',
    'path.basename("/a/b.html", ".html")',
    'path.dirname("/a/b/c")',
    'path.extname("a.b.c") + path.extname(".b")',
    'path.isAbsolute("/a") && !path.isAbsolute("a")',
    'path.sep + path.delimiter',
  ]),
);

t.test('querystring', (t) =>
  sameAsNode(t, `const qs = require('querystring');`, [
    'qs.parse("a=1&b=2&a=3&c=%20x+y&d")',
    'qs.parse("a:1;b:2", ";", ":")',
    'qs.parse("a=1&b=2&c=3", null, null, { maxKeys: 2 })',
    'qs.stringify({ a: [1, 2], b: "x y", c: "", d: true, e: null, f: 5n })',
    'qs.stringify({ a: "\\u20ac" })',
    'qs.escape("a b&c") + qs.unescape("a%20b%zz")',
  ]),
);

t.test('url', (t) =>
  sameAsNode(t, `const url = require('url');`, [
    'url.parse("http://user:pass@host.com:8080/p/a/t/h?query=string#hash")',
    'url.parse("/a?b=c&d=e", true).query',
    'url.parse("//host/x", false, true).host',
    'url.format({ protocol: "https", hostname: "a.b", pathname: "/c", query: { d: "e" } })',
    'url.format(new URL("https://user@a.b/c?d#e"), { fragment: false, auth: false })',
    'url.resolve("http://a.com/b/c", "../d")',
    'url.fileURLToPath("file:///a%20b")',
    'url.fileURLToPath("http://a")',
    'url.pathToFileURL("/a b#c").href',
    'url.urlToHttpOptions(new URL("https://a:b@c.d:1/e?f")).auth',
    'url.domainToASCII("espa\\u00f1ol.com") + url.domainToASCII("xn--i\\u00f1valid.com")',
    'url.domainToUnicode("xn--espaol-zwa.com")',
    'url.URL === URL',
  ]),
);

t.test('assert', (t) =>
  sameAsNode(
    t,
    `const assert = require('assert');
     const fails = async (run) => { try { await run(); return 'passed'; } catch (error) { return [error.name, error.code, error.operator]; } };`,
    [
      'fails(() => assert(1))',
      'fails(() => assert(0))',
      'fails(() => assert.ok(false, "message"))',
      'fails(() => assert.equal(1, "1"))',
      'fails(() => assert.strictEqual(1, "1"))',
      'fails(() => assert.deepEqual({ a: 1 }, { a: "1" }))',
      'fails(() => assert.deepStrictEqual({ a: 1 }, { a: "1" }))',
      'fails(() => assert.deepStrictEqual(new Map([[1, { a: [] }]]), new Map([[1, { a: [] }]])))',
      'fails(() => assert.deepStrictEqual(new Set([1, [2]]), new Set([[2], 1])))',
      'fails(() => assert.deepStrictEqual([1, , 3], [1, undefined, 3]))',
      'fails(() => assert.deepStrictEqual(new Date(0), new Date(0)))',
      'fails(() => assert.deepStrictEqual(/a/g, /a/i))',
      'fails(() => assert.deepStrictEqual(NaN, NaN))',
      'fails(() => assert.deepStrictEqual(-0, 0))',
      'fails(() => assert.deepStrictEqual(Buffer.from("a"), Buffer.from("a")))',
      'fails(() => assert.deepStrictEqual(new (class A {})(), new (class B {})()))',
      'fails(() => assert.deepStrictEqual(new Error("a"), new Error("b")))',
      'fails(() => assert.notDeepStrictEqual({ a: 1 }, { a: 1 }))',
      'fails(() => assert.throws(() => { throw new TypeError("x y"); }, { name: "TypeError", message: /x/ }))',
      'fails(() => assert.throws(() => { throw new TypeError("x"); }, TypeError))',
      'fails(() => assert.throws(() => {}))',
      'fails(() => assert.doesNotThrow(() => { throw new Error("x"); }))',
      'fails(() => assert.rejects(Promise.reject(new Error("x")), /x/))',
      'fails(() => assert.rejects(async () => {}))',
      'fails(() => assert.match("abc", /x/))',
      'fails(() => assert.ifError(null))',
      'fails(() => assert.fail("boom"))',
      'fails(() => assert.strict.equal(1, "1"))',
      'fails(() => require("assert/strict").deepEqual([1], ["1"]))',
      '(() => { try { assert.strictEqual(1, 2); } catch (error) { return [error instanceof Error, error.actual, error.expected, error.message]; } })()',
    ],
  ),
);

t.test('the message of an assertion shows what differs', async (t) => {
  const message = await inRealm(
    `try { require('assert').deepStrictEqual({ a: 1, b: [1, 2] }, { a: 1, b: [1, 3] }); } catch (error) { return error.message; }`,
  );
  t.match(message, /strictly deep-equal:\n\+ actual - expected\n[^]*2[^]*3/u);
});

t.test('diagnostics_channel', (t) =>
  sameAsNode(
    t,
    `const dc = require('diagnostics_channel'); const { AsyncLocalStorage } = require('async_hooks');
     const seen = []; const listen = (message, name) => seen.push([message, name]);`,
    [
      'dc.channel("a") === dc.channel("a")',
      'dc.hasSubscribers("a")',
      '(dc.subscribe("a", listen), dc.channel("a").publish({ x: 1 }), dc.hasSubscribers("a"))',
      '(dc.unsubscribe("a", listen), dc.channel("a").publish(2), seen)',
      '(() => { const als = new AsyncLocalStorage(); dc.channel("b").bindStore(als, (m) => m + 1); return dc.channel("b").runStores(1, (x) => [x, als.getStore()], null, "arg"); })()',
      `(async () => {
         const order = []; const tracing = dc.tracingChannel('t');
         tracing.subscribe(Object.fromEntries(['start', 'end', 'asyncStart', 'asyncEnd', 'error'].map((name) => [name, (m) => order.push([name, m.result ?? null, m.error?.message ?? null])])));
         order.push(tracing.traceSync((a, b) => a + b, {}, null, 1, 2));
         try { tracing.traceSync(() => { throw new Error('no'); }); } catch (error) { order.push(error.message); }
         order.push(await tracing.tracePromise(async () => 'later'));
         await new Promise((done) => tracing.traceCallback((cb) => setTimeout(cb, 1, null, 'called'), 0, {}, null, (e, r) => { order.push(r); done(); }));
         return order;
       })()`,
    ],
  ),
);

t.test('timers', (t) =>
  sameAsNode(
    t,
    `const timers = require('timers'); const promises = require('timers/promises'); const util = require('util');`,
    [
      'new Promise((done) => timers.setTimeout((a, b) => done([a, b]), 1, "x", "y"))',
      'new Promise((done) => timers.setImmediate(done, "now"))',
      '(() => { const timer = timers.setTimeout(() => {}, 1000); const had = [timer.hasRef(), timer.unref().hasRef(), timer.ref() === timer, typeof +timer, timer.refresh() === timer]; timers.clearTimeout(timer); return had; })()',
      'new Promise((done) => { const timer = timers.setTimeout(() => done("fired"), 1); clearTimeout(timer); timers.setTimeout(done, 20, "cleared"); })',
      'new Promise((done) => { let count = 0; const timer = timers.setInterval(() => { if (++count === 3) { timers.clearInterval(timer); done(count); } }, 1); })',
      'promises.setTimeout(1, "value")',
      'util.promisify(timers.setTimeout)(1, "value")',
      'promises.setImmediate("value")',
      '(async () => { const seen = []; for await (const value of promises.setInterval(1, "x")) if (seen.push(value) === 3) return seen; })()',
      'promises.setTimeout(1000, "value", { signal: AbortSignal.abort() })',
      '(async () => { const made = new AbortController(); const waiting = promises.setTimeout(1000, "value", { signal: made.signal }); made.abort(); return waiting; })()',
      'promises.scheduler.wait(1)',
      'timers.setTimeout("code")',
    ],
  ),
);

t.test('process says what is true of a realm, and cannot end anything', async (t) => {
  const options = {
    nodejs: true,
    bindings: [
      { kind: 'text', name: 'GREETING', text: 'hello' },
      { kind: 'json', name: 'LIST', json: '[1]' },
    ],
  } as const;
  const found = await evaluate(
    `const ticks = [];
     process.nextTick((value) => ticks.push(value), 'tick'); ticks.push('code');
     await null; await null;
     const thrown = ['exit', 'abort', 'kill', 'chdir', 'binding'].map((name) => { try { process[name](0); } catch (error) { return error.code; } });
     const [seconds, nanoseconds] = process.hrtime(process.hrtime());
     return { env: process.env, ticks, thrown: [...new Set(thrown)], version: process.version, node: process.versions.node,
       cwd: process.cwd(), hr: seconds === 0 && nanoseconds >= 0, big: typeof process.hrtime.bigint(), tag: String(process),
       same: $nanod.builtin('node:process') === process, events: process.getBuiltinModule('events') === $nanod.builtin('node:events'),
       none: process.getBuiltinModule('fs') === undefined };`,
    options,
  );
  t.strictSame(found, {
    env: { GREETING: 'hello' },
    ticks: ['code', 'tick'],
    thrown: ['ERR_METHOD_NOT_IMPLEMENTED'],
    version: process.version,
    node: process.versions.node,
    cwd: '/',
    hr: true,
    big: 'bigint',
    tag: '[object process]',
    same: true,
    events: true,
    none: true,
  });
});

t.test('stream/consumers and punycode', (t) =>
  sameAsNode(
    t,
    `const consumers = require('stream/consumers'); const { Readable } = require('stream'); const punycode = require('punycode');`,
    [
      'consumers.text(Readable.from(["a", "\\u20ac"]))',
      'consumers.json(Readable.from([Buffer.from("{\\"a\\":"), Buffer.from("1}")]))',
      'consumers.buffer(Readable.from([Buffer.from("a")])).then(String)',
      'consumers.arrayBuffer(Readable.from([Buffer.from("abc")])).then((b) => b.byteLength)',
      'punycode.toASCII("ma\\u00f1ana.com") + punycode.decode("maana-pta")',
    ],
  ),
);
