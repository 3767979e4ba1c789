/** The two workers that hold all cases: a caller, which the test reaches, and a callee, which only the caller reaches. */

import type { Case } from './case.ts';

function tableOf(cases: readonly Case[], side: 'caller' | 'callee' | 'back'): string {
  return `[${cases.map((each) => String(each[side])).join(',\n')}]`;
}

/** Answers `/run/<case>` for the test, and `/back/<case>` for the callee. */
export function callerCode(cases: readonly Case[]): string {
  return `
import { RpcProperty, RpcPromise, RpcStub, RpcTarget, WorkerEntrypoint } from 'cloudflare:workers';

const workers = { RpcProperty, RpcPromise, RpcStub, RpcTarget };

async function failure(run) {
  try {
    return 'nothing was thrown: ' + JSON.stringify(await run());
  } catch (error) {
    return error instanceof Error ? error.name + ': ' + error.message : 'no error: ' + error;
  }
}

export class Own extends WorkerEntrypoint {
  who() { return this.ctx.props; }
  async relayLater(name, ...args) { await null; return this.env.METHODS[name](...args); }
  relay(name, ...args) { return this.env.METHODS[name](...args); }
  again(depth) { return this.env.METHODS.bounce(depth); }
  async againLater(depth) { await new Promise((resolve) => setTimeout(resolve)); return this.env.METHODS.bounceLater(depth); }
}

const callers = ${tableOf(cases, 'caller')};
const backs = ${tableOf(cases, 'back')};

function given(index, request, env, ctx) {
  const url = 'http://callee/' + index + '/';
  const note = async (key) => (await env.CALLEE.fetch(url + '~notes/' + key)).json();
  return {
    url, note, request, workers, failure, ctx, rpc: env.METHODS, plain: env.PLAIN, handlers: env.HANDLERS, durable: env.DURABLE, own: env.OWN,
    callee: env.CALLEE, named: env.NAMED, missing: env.MISSING, empty: env.EMPTY,
    async turns(count) {
      for (let i = 0; i < count; i++) await (await env.CALLEE.fetch(url + '~turn')).text();
    },
  };
}

async function run(index, request, env, ctx) {
  try {
    const result = await callers[index](given(index, request, env, ctx));
    if (result instanceof Response) return result;
    return Response.json({ result });
  } catch (error) {
    return Response.json({ threw: String(error?.stack ?? error) });
  }
}

export default {
  async fetch(request, env, ctx) {
    const [, way, index] = new URL(request.url).pathname.split('/');
    return way === 'run' ? run(index, request, env, ctx) : backs[index](request, { callee: env.CALLEE, missing: env.MISSING });
  },
};`;
}

/** The methods that cases call. */
const methods = `
const record = [];

class Counter extends RpcTarget {
  #count = 0;
  instance = 'not for others';
  constructor(label) { super(); this.label = label; }
  increment(by = 1) { return (this.#count += by); }
  get count() { return this.#count; }
  self() { return this; }
  [Symbol.dispose]() { record.push('disposed ' + this.label); }
}

class Holder extends RpcTarget { keepAll(value, map) { return [value, map.size]; } }

class Base extends WorkerEntrypoint {
  inherited() { return 'inherited'; }
}

let kept;
let waiting = Promise.withResolvers();

export class Methods extends Base {
  field = 'of the instance';
  add(a, b) { return a + b; }
  async addLater(a, b) { await 0; return a + b; }
  echo(value) { return value; }
  echoAll(...values) { return values; }
  nest(depth) { let value = {}; for (let i = 0; i < depth; i++) value = { value }; return value; }
  nestedPromise() { return { inside: Promise.resolve(1) }; }
  async counterHolder() { await new Promise((resolve) => setTimeout(resolve)); return new Holder(); }
  describe(value) { return Object.prototype.toString.call(value) + ' ' + (value instanceof Object); }
  count(...args) { return args.length; }
  change(value) { value.changed = true; return value; }
  get info() { return { version: 1, nested: { deep: [1, 2] } }; }
  get broken() { throw new RangeError('a getter'); }
  who() { return this.ctx.props; }
  fail(message) { throw Object.assign(new TypeError(message, { cause: new RangeError('why') }), { status: 418, detail: { a: [1] } }); }
  async failLater(message) { await 0; throw new TypeError(message); }
  throws(what) { throw { null: null, text: 'text', number: 3, object: { a: 1 } }[what]; }
  user(id) { return { id, profile: { name: 'name ' + id, tags: ['a', 'b'], counter: new Counter('tagged') } }; }
  async userLater(id) { await 0; return this.user(id); }
  counter(label = 'counter') { return new Counter(label); }
  async counterLater() { await 0; return new Counter('later'); }
  counters() { return { list: [new Counter('one'), new Counter('two')] }; }
  makeAdder(n) { return (x) => x + n; }
  async call(callback, ...args) { return callback(...args); }
  async callMethod(target, ...args) { return [await target.increment(...args), await target.count]; }
  keep(stub) { kept = stub.dup(); return 'kept'; }
  keepUndup(stub) { kept = stub; return 'kept'; }
  async useKept(...args) { return kept(...args); }
  noted() { return record.splice(0); }
  response(status) { return new Response('a response', { status, headers: { 'x-a': 'b' } }); }
  async read(request) { return [request.method, request.url, request.headers.get('x-a'), await request.text()]; }
  endless() { return new ReadableStream({ start(c) { c.enqueue(new Uint8Array(1)); }, pull() { return new Promise(() => {}); } }); }
  stream(parts) { return ReadableStream.from(parts.map((part) => new TextEncoder().encode(part))); }
  async collect(stream) { return new Response(stream).text(); }
  async write(writable, parts) { const writer = writable.getWriter(); for (const part of parts) await writer.write(part); await writer.close(); }
  async aborted(signal) { if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve)); return String(signal.reason); }
  async never() { this.ctx.signal.addEventListener('abort', () => record.push('abandoned')); return new Promise(() => {}); }
  async until() { return waiting.promise; }
  go(value) { waiting.resolve(value); waiting = Promise.withResolvers(); }
  order(n) { record.push(n); }
  async serviceOf(service) { return service.who(); }
  async bounceLater(depth) { await new Promise((resolve) => setTimeout(resolve)); return depth >= 72 ? 'bottom' : this.env.OWN.againLater(depth + 1); }
  async callLater(callback) { await new Promise((resolve) => setTimeout(resolve)); return callback(); }
  bounce(depth) { return this.env.OWN.again(depth + 1); }
  thenable() { return { then(resolve) { resolve('unwrapped'); resolve('again'); } }; }
  liar() { return { then(resolve, reject) { resolve(1); reject(new Error('lied')); throw new Error('lied'); } }; }
  uncloneable() { return { items: [1, { callback: new WeakMap() }] }; }
  connect() { return 'connected'; }
  dup() { return 'dup'; }
  alarm() { return 'alarm'; }
  scheduled() { return 'scheduled'; }
}

export class Durable extends DurableObject { method() { return 'method'; } fetch() { return new Response('durable'); } }
if (new Durable({ state: true }, 1).ctx.state !== true) throw new Error('a Durable Object can be made');
export class Plain { fetch() { return new Response('plain'); } method() { return 'method'; } }
export const handlers = { greet(name, env, ctx) { return 'hello ' + name + ' ' + typeof env.OWN + ' ' + typeof ctx.waitUntil; } };
`;

/** Answers `/<case>/...`, and says what a case has noted. */
export function calleeCode(cases: readonly Case[]): string {
  return `
import { DurableObject, RpcTarget, WorkerEntrypoint } from 'cloudflare:workers';
${methods}
const callees = ${tableOf(cases, 'callee')};
const noted = new Map();

function notesOf(index) {
  const slot = (key) => {
    const name = index + '/' + key;
    if (!noted.has(name)) noted.set(name, Promise.withResolvers());
    return noted.get(name);
  };
  return {
    set(key, value) {
      const name = index + '/' + key;
      slot(key).resolve(value);
      noted.set(name, { promise: Promise.resolve(value), resolve() {} });
    },
    get: (key) => slot(key).promise,
  };
}

const answer = (entrypoint) => ({
  fetch(request, env, ctx) {
    const [, index, rest, key] = new URL(request.url).pathname.split('/');
    const notes = notesOf(index);
    if (rest === '~turn') return new Promise((resolve) => setTimeout(() => resolve(new Response('')), 1));
    if (rest === '~notes') return notes.get(key).then((value) => Response.json(value ?? null));
    return callees[index](request, { notes, ctx, entrypoint, caller: env.CALLER, self: env.SELF });
  },
});

export default answer('default');
export const Named = answer('Named');
export const Empty = { other() {} };`;
}
