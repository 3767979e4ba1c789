/** Workers made of code that is given at run time: what a `workerLoader` binding does, in realms of one thread's registry. */

import t, { type Test } from 'tap';
import { stopCompiler } from '../../src/bundle/compile.ts';
import type { BindingSpec } from '../../src/messages/startup.ts';
import { endRequest, runInRequest, type RequestContext } from '../../src/services/request-context.ts';
import { type HostileWorkers, makeServices, type Services } from '../helpers/hostile.ts';
import { answerModule } from '../helpers/wasm.ts';

t.teardown(stopCompiler);

function loader(options: { name?: string; id?: string; maxWorkers?: number } = {}): BindingSpec {
  const { name = 'LOADER', id, maxWorkers = 100 } = options;
  return { kind: 'workerLoader', name, id, maxWorkers };
}

/** A worker whose handler is `body`; what that returns is the answer, as JSON. `top` stands in front of it. */
function worker(body: string, top = ''): string {
  return `"use strict";($nanod) => { $nanod.exports({ default: () => handler, Own: () => Own });
const { WorkerEntrypoint, RpcTarget } = $nanod.builtin('cloudflare:workers');
class Own extends WorkerEntrypoint { hello(who) { return 'hello ' + who + (this.ctx.props.mark ?? ''); } fetch() { return new Response('own'); } }
let loads = 0;
const code = (main, more = {}) => {
  loads++;
  return { compatibilityDate: '2026-01-01', mainModule: 'main.js', modules: { 'main.js': main, ...more.modules }, ...more, modules: { 'main.js': main, ...more.modules } };
};
const answering = (expression, more) => code('export default { async fetch(request, env, ctx) { return Response.json(await (async () => (' + expression + '))()); } }', more);
const ask = async (stub, url = 'http://x/') => (await stub.getEntrypoint().fetch(url)).json();
const failing = (promise) => promise.then(() => 'no error', (error) => [error.name, error.code ?? '', error.message]);
${top}
const handler = { async fetch(request, env, ctx) {
  const value = await (async () => {${body}
  })();
  return new Response(JSON.stringify(value === undefined ? null : value));
} };
}`;
}

interface World {
  readonly services: Services;
  /** Asks a worker within a request of its own, which has ended when this resolves. */
  ask(service?: string): Promise<unknown>;
}

async function makeWorld(t: Test, workers: HostileWorkers): Promise<World> {
  const services = await makeServices({ outbound: { code: worker('return "the internet"') }, ...workers });
  t.teardown(() => services.close());
  return {
    services,
    async ask(service = 'parent') {
      const context: RequestContext = { requestId: 'test', depth: 0 };
      const answer = new Promise<string>((resolve, reject) => {
        runInRequest(context, () => void services.text(service).then(resolve, reject));
      });
      try {
        return JSON.parse(await answer) as unknown;
      } finally {
        endRequest(context);
      }
    },
  };
}

async function evaluate(t: Test, body: string, binding = loader(), top = ''): Promise<unknown> {
  const { ask } = await makeWorld(t, { parent: { code: worker(body, top), bindings: [binding] } });
  return ask();
}

t.test('a worker is loaded once for each name, and without a name each time', async (t) => {
  const found = await evaluate(
    t,
    `const one = () => env.LOADER.get('one', () => answering('globalThis.n = (globalThis.n ?? 0) + 1'));
     const both = await Promise.all([ask(one()), ask(one())]);
     const third = await ask(one());
     const unnamed = () => env.LOADER.get(null, async () => answering('globalThis.n = (globalThis.n ?? 0) + 1'));
     const loaded = loads;
     const others = [await ask(unnamed()), await ask(unnamed()), await ask(env.LOADER.load(answering('7')))];
     return [both, third, loaded, others, loads];`,
  );
  t.strictSame(found, [[1, 2], 3, 1, [1, 1, 7], 4]);
});

t.test('modules of every kind', async (t) => {
  const found = await evaluate(
    t,
    `const bytes = Uint8Array.fromBase64('${answerModule}');
     return ask(env.LOADER.get('kinds', () => code(\`
       import { a } from './lib/a.js'; import common from './common.js'; import text from 'text.txt';
       import data from 'data.bin'; import json from 'data.json'; import wasm from 'answer.wasm';
       export default { async fetch() {
         const { f } = new WebAssembly.Instance(wasm).exports;
         const later = await import('./lib/a.js');
         return Response.json([a, common.b, text, [...new Uint8Array(data)], json, f(), later.a]);
       } }\`,
       { modules: {
         'lib/a.js': { js: 'export { a } from "../b.js"' }, 'b.js': 'export const a = 1',
         'common.js': { cjs: 'exports.b = require("./b.js").a + 1' },
         'text.txt': { text: 'text' }, 'data.bin': { data: new Uint8Array([0, 1, 2, 3]).subarray(1) },
         'data.json': { json: { deep: [null, { __proto__: { no: 1 }, yes: 1 }] } }, 'answer.wasm': { wasm: bytes.buffer },
       } })));`,
  );
  t.strictSame(found, [1, 2, 'text', [1, 2, 3], { deep: [null, { yes: 1 }] }, 42, 1]);
});

t.test('env is a copy, with services in it, and nothing else that does things', async (t) => {
  const found = await evaluate(
    t,
    `const given = { list: [1, new Date(0), new Map([[1, new Set([2])]])], bytes: new Uint8Array([1]).buffer,
       error: new RangeError('x'), blob: new Blob(['text']), own: { nested: ctx.exports.Own({ props: { mark: '!' } }) } };
     const stub = env.LOADER.get('env', () => answering(\`[env.list, [...new Uint8Array(env.bytes)], env.list[2].get(1).has(2),
       env.error instanceof RangeError, await env.blob.text(), await env.own.nested.hello('you'), Object.keys(env), env.list instanceof Array,
       (await env.own.nested.fetch('http://x/')).status]\`, { env: given }));
     const good = await ask(stub);
     given.list.push('later');
     const again = await ask(stub);
     const bad = [];
     for (const value of [() => 1, new RpcTarget(), new ReadableStream(), new Request('http://x/'), new AbortController().signal,
       Symbol('x'), env.LOADER, new Proxy({}, {})])
       bad.push(await failing(ask(env.LOADER.get(null, () => answering('1', { env: { a: [value] } })))));
     return [good, again.length, bad.map(([name, , message]) => name + ' ' + message.slice(0, 9))];`,
  );
  const listed = [1, '1970-01-01T00:00:00.000Z', {}];
  const names = ['list', 'bytes', 'error', 'blob', 'own'];
  t.strictSame(found, [
    [listed, [1], true, true, 'text', 'hello you!', names, true, 200],
    9,
    Array.from({ length: 8 }, () => 'DataCloneError env.a[0]:'),
  ]);
});

t.test('props, named entrypoints, methods and contexts are those of the loaded worker', async (t) => {
  const found = await evaluate(
    t,
    `const stub = env.LOADER.get('x', () => code(\`import { WorkerEntrypoint, env as imported } from 'cloudflare:workers';
       export class Named extends WorkerEntrypoint {
         async say() { return [this.ctx.props, Object.keys(this.ctx.exports), await this.ctx.exports.Named({ props: { in: 2 } }).inner(), imported === this.env, Object.keys(this.env)]; }
         inner() { return this.ctx.props; }
       }
       export default { fetch() { return new Response('default'); } }\`, { env: { A: 1 } }));
     const said = await stub.getEntrypoint('Named', { props: { out: 1 } }).say();
     const same = await (await stub.getEntrypoint(null).fetch('http://x/')).text();
     const none = await failing(stub.getEntrypoint('None').fetch('http://x/'));
     return [said, same, none[1]];`,
  );
  t.strictSame(found, [
    [{ out: 1 }, ['Named', 'default'], { in: 2 }, true, ['A']],
    'default',
    'WORKER_NO_HANDLER',
  ]);
});

t.test(
  'the global fetch reaches what the code says: what the giver reaches, nothing, or a service',
  async (t) => {
    const found = await evaluate(
      t,
      `const said = (more) => ask(env.LOADER.get(null, () => answering(
       'await fetch("http://example.com/").then(async (r) => await r.text(), (e) => [e.code, e.message.slice(0, 10)])', more)));
     return [await said({}), await said({ globalOutbound: null }), await said({ globalOutbound: ctx.exports.Own }),
       (await failing(said({ globalOutbound: {} })))[2], (await failing(said({ globalOutbound: () => 1 })))[2]];`,
    );
    const wrong = 'WorkerLoader: globalOutbound is neither null nor a service binding.';
    t.strictSame(found, ['"the internet"', ['DYNAMIC_NO_NETWORK', 'the worker'], 'own', wrong, wrong]);
  },
);

t.test('without a global outbound connect() reaches nothing either', async (t) => {
  const found = await evaluate(
    t,
    `return ask(env.LOADER.get('x', () => code(\`import { connect } from 'cloudflare:sockets';
       export default { async fetch() {
         const said = await connect('example.com:80').opened.then(() => 'open', (e) => e.message);
         return Response.json(said);
       } }\`, { globalOutbound: null })));`,
  );
  t.match(found, /may not reach the network/u);
});

t.test('code that is wrong is told to those who call it, with module and line', async (t) => {
  const cases: Record<string, [string, RegExp]> = {
    syntax: [`code('export default {\\n  fetch() { retrun 1 }\\n}')`, /main\.js:2:20: Unexpected token/u],
    'syntax elsewhere': [
      `code('import "./lib/b.js"; export default {}', { modules: { 'lib/b.js': 'let a;\\nlet a;' } })`,
      /lib\/b\.js:2:5/u,
    ],
    'a throw': [`code('\\nthrow new RangeError("up")')`, /RangeError: up \(at main\.js:2:7\)/u],
    'an unknown import': [`code('import "./none.js"; export default {}')`, /main\.js:1:8.*none\.js/u],
    'no main module': [`({ ...code(''), mainModule: 'other.js' })`, /no main module "other\.js"/u],
    'a main module of another kind': [
      `({ ...code(''), modules: { 'main.js': { text: '' } } })`,
      /neither js nor cjs/u,
    ],
    'a name that leads out': [
      `code('export default {}', { modules: { '../x.js': '' } })`,
      /found "\.\.\/x\.js"/u,
    ],
    'a name twice': [
      `code('export default {}', { modules: { './a.js': '', 'a.js': '' } })`,
      /"a\.js" stands there twice/u,
    ],
    'a name without .js': [`code('export default {}', { modules: { 'a.ts': '' } })`, /does not end in \.js/u],
    'two kinds': [`code('', { modules: { 'a.js': { js: '', cjs: '' } } })`, /has 2 of js, cjs/u],
    Python: [`code('', { modules: { 'a.py': { py: '' } } })`, /Python/u],
    'no date': [`({ ...code(''), compatibilityDate: undefined })`, /compatibilityDate is not a string/u],
    'a wrong date': [`({ ...code(''), compatibilityDate: '2026-99-99' })`, /expected a date/u],
    'an unknown flag': [`code('', { compatibilityFlags: ['x_y'] })`, /no flag "x_y"/u],
    'no object': [`5`, /not an object/u],
    'no text': [`code('', { modules: { 'a.js': { js: 5 } } })`, /is not a string/u],
    'no bytes': [`code('', { modules: { 'a.bin': { data: 'x' } } })`, /no ArrayBuffer/u],
    'invalid wasm': [
      `code('import "./a.wasm"; export default {}', { modules: { 'a.wasm': { wasm: new Uint8Array([0]) } } })`,
      /a\.wasm/u,
    ],
    'a getter that throws': [`({ get mainModule() { throw new Error('getter') } })`, /^getter$/u],
    'a proxy that throws': [`new Proxy({}, { get() { throw new Error('trap') } })`, /^trap$/u],
  };
  for (const [name, [given, wanted]] of Object.entries(cases)) {
    const found = await evaluate(
      t,
      `return failing(ask(env.LOADER.get('x', () => (${given}))).then((value) => { throw new Error('answered ' + value) }));`,
    );
    t.match((found as string[])[2], wanted, name);
  }
});

t.test('a name that cannot be loaded can be asked for again', async (t) => {
  const found = await evaluate(
    t,
    `const mine = new TypeError('mine');
     const first = env.LOADER.get('x', () => { throw mine; });
     const same = await ask(first).catch((error) => error === mine);
     const method = await first.getEntrypoint().hello().catch((error) => error === mine);
     const rejected = await ask(env.LOADER.get('x', () => Promise.reject(5))).catch((error) => error);
     return [same, method, rejected, await ask(env.LOADER.get('x', () => answering('"well"')))];`,
  );
  t.strictSame(found, [true, true, 5, 'well']);
});

t.test('names and objects of any make are only names and objects', async (t) => {
  const found = await evaluate(
    t,
    `const names = ['__proto__', 'constructor', '../../x', '\\u0000', '\\ud800', '', 'a'.repeat(1024), {}, 5];
     const said = [];
     for (const name of names) said.push(await ask(env.LOADER.get(name, () => answering('"yes"'))));
     const modules = JSON.parse('{ "__proto__": { "text": "p" }, "constructor": { "text": "c" } }');
     const imported = await ask(env.LOADER.get('m', () => code(
       'import p from "__proto__"; import c from "constructor"; export default { fetch() { return Response.json([p, c]) } }', { modules: Object.fromEntries(Object.entries(modules)) })));
     const tooLong = (() => { try { env.LOADER.get('a'.repeat(1025), () => 1) } catch (error) { return error.name } })();
     let reads = 0;
     const counted = answering('"read"');
     const watched = new Proxy(counted, { get(target, key) { if (typeof key === 'string') reads++; return target[key] } });
     const read = await ask(env.LOADER.get('watched', () => ({ __proto__: watched })));
     return [new Set(said).size, said.length, imported, tooLong, read, reads < 12];`,
  );
  t.strictSame(found, [1, 9, ['p', 'c'], 'TypeError', 'read', true]);
});

t.test('what was asked for longest ago makes room, and is loaded again when it is asked for', async (t) => {
  const { ask, services } = await makeWorld(t, {
    parent: {
      code: worker(
        `for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) await ask(env.LOADER.get(name, () => answering('1')));
         return loads;`,
      ),
      bindings: [loader({ maxWorkers: 2 })],
    },
  });
  t.equal(await ask(), 4, 'b had to go for c');
  t.equal(services.registry.dynamicWorkers, 2, 'and goes when the request has ended');
});

t.test('a worker without a name goes with its request', async (t) => {
  const { ask, services } = await makeWorld(t, {
    parent: {
      code: worker(
        `globalThis.kept ??= env.LOADER.load(answering('"here"'));
         return failing(ask(globalThis.kept).then((said) => { throw new Error(said) }));`,
      ),
      bindings: [loader()],
    },
  });
  t.match(await ask(), ['Error', '', 'here']);
  t.equal(services.registry.dynamicWorkers, 0);
  t.match(await ask(), ['Error', 'DYNAMIC_UNLOADED', /unloaded/u]);
});

t.test('thousands of names in one request are refused before they are too many', async (t) => {
  const { ask, services } = await makeWorld(t, {
    parent: {
      code: worker(
        `const stubs = [];
         try { for (let i = 0; i < 5000; i++) stubs.push(env.LOADER.get('n' + i, () => new Promise(() => {}))); }
         catch (error) { return [stubs.length, error.code] }`,
      ),
      bindings: [loader({ maxWorkers: 10 })],
    },
  });
  t.strictSame(await ask(), [20, 'DYNAMIC_FULL']);
  t.strictSame(await ask(), [20, 'DYNAMIC_FULL'], 'those of the request before make room');
  t.equal(services.registry.dynamicWorkers, 0, 'nothing runs that has no code');
});

t.test('thousands of names over time take no more room than is said', async (t) => {
  const { ask, services } = await makeWorld(t, {
    parent: {
      code: worker(
        `globalThis.n ??= 0;
         const answers = [];
         for (let i = 0; i < 5; i++) answers.push(ask(env.LOADER.get('n' + globalThis.n++, () => answering('1'))));
         return (await Promise.all(answers)).length;`,
      ),
      bindings: [loader({ maxWorkers: 5 })],
    },
  });
  for (let i = 0; i < 40; i++) t.equal(await ask(), 5);
  t.equal(services.registry.dynamicWorkers, 5);
});

t.test('bindings with one id share their workers, for as long as who gave the code is there', async (t) => {
  const body = `return ask(env.LOADER.get('x', () => answering(JSON.stringify(WHO))));`;
  const { ask, services } = await makeWorld(t, {
    parent: { code: worker(body.replace('WHO', '"parent"')), bindings: [loader({ id: 'shared' })] },
    other: {
      code: worker(body.replace('WHO', '"other"')),
      bindings: [loader({ id: 'shared', name: 'LOADER' })],
    },
    apart: { code: worker(body.replace('WHO', '"apart"')), bindings: [loader({ id: 'another' })] },
  });
  t.strictSame([await ask('parent'), await ask('other'), await ask('apart')], ['parent', 'parent', 'apart']);
  services.registry.stage({ set: [], removed: ['parent'], adopted: new Map(), nodejs: undefined });
  await services.registry.retire(services.registry.commit());
  t.equal(await ask('other'), 'other');
});

t.test('what a service has loaded goes with it, timers and all', async (t) => {
  const { ask, services } = await makeWorld(t, {
    parent: {
      code: worker(
        `return ask(env.LOADER.get('x', () => answering('setInterval(() => console.log("alive"), 1) && 1')));`,
      ),
      bindings: [loader()],
    },
  });
  await ask();
  t.equal(services.registry.dynamicWorkers, 1);
  await services.close();
  t.equal(services.registry.dynamicWorkers, 0);
});

t.test('a limit of calls counts env and fetch together, for each request', async (t) => {
  const { ask } = await makeWorld(t, {
    parent: {
      code: worker(
        `return ask(env.LOADER.get('x', () => answering(\`[
           await fetch('http://a/').then((r) => r.status, (e) => e.code), await env.OWN.hello('a').catch((e) => e.code ?? e.message),
           await env.OWN.hello('b').catch((e) => e.code), await fetch('http://a/').then((r) => r.status, (e) => e.code)]\`,
           { env: { OWN: ctx.exports.Own }, limits: { cpuMs: 10, subRequests: 2 } })));`,
      ),
      bindings: [loader()],
    },
  });
  const expected = [200, 'hello a', 'DYNAMIC_LIMIT', 'DYNAMIC_LIMIT'];
  t.strictSame(await ask(), expected);
  t.strictSame(await ask(), expected);
});

t.test('loaded workers hear and keep nothing of each other, nor of who has loaded them', async (t) => {
  const found = await evaluate(
    t,
    `const heard = [];
     const own = new BroadcastChannel('c');
     own.onmessage = ({ data }) => heard.push(data);
     const listen = env.LOADER.get('listen', () => answering(\`await new Promise((resolve) => {
       const c = new BroadcastChannel('c'); globalThis.heard ??= []; c.onmessage = ({ data }) => globalThis.heard.push(data);
       setTimeout(() => resolve(globalThis.heard), 1); })\`));
     await ask(listen);
     const talk = env.LOADER.get('talk', () => answering(\`await (async () => {
       new BroadcastChannel('c').postMessage('psst');
       await caches.default.put('http://x/', new Response('kept', { headers: { 'cache-control': 'max-age=60' } }));
       return (await caches.default.match('http://x/')).text(); })()\`));
     const kept = await ask(talk);
     const mine = await caches.default.match('http://x/');
     await ask(listen);
     const theirs = await ask(listen);
     own.close();
     return [kept, mine === undefined, heard, theirs, await ask(env.LOADER.get('names', () => answering('[typeof env.LOADER, Object.keys(ctx.exports)]')))];`,
  );
  t.strictSame(found, ['kept', true, [], [], ['undefined', ['default']]]);
});

t.test('objects that are none of a loader are refused, and so is a worker from hand to hand', async (t) => {
  const found = await evaluate(
    t,
    `const stub = env.LOADER.get('x', () => answering('1'));
     const refused = (run) => { try { run(); return 'no error' } catch (error) { return error.name } };
     const { get, load } = env.LOADER.constructor.prototype;
     const { getEntrypoint } = stub.constructor.prototype;
     return [refused(() => new env.LOADER.constructor()), refused(() => new stub.constructor()), refused(() => get.call({}, 'x', () => 1)),
       refused(() => load.call({}, {})), refused(() => getEntrypoint.call({})), refused(() => env.LOADER.get('x')),
       refused(() => env.LOADER.get('x', 5)), refused(() => env.LOADER.load(5)), refused(() => stub.getDurableObjectClass('x')),
       refused(() => stub.getEntrypoint('default', { props: 5 })), refused(() => structuredClone(env.LOADER)),
       await failing(ctx.exports.Own.hello(stub)), await failing(ctx.exports.Own.hello(stub.getEntrypoint()))];`,
  );
  const types = Array.from({ length: 10 }, () => 'TypeError');
  t.match(found, [...types, 'DataCloneError', ['DataCloneError'], ['DataCloneError']]);
});
