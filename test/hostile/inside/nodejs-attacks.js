/** Attacks with and on the modules of Node.js. */

import * as assert from 'node:assert';
import * as asyncHooks from 'node:async_hooks';
import * as buffer from 'node:buffer';
import * as crypto from 'node:crypto';
import * as diagnostics from 'node:diagnostics_channel';
import * as events from 'node:events';
import * as path from 'node:path';
import * as process from 'node:process';
import * as punycode from 'node:punycode';
import * as querystring from 'node:querystring';
import * as stream from 'node:stream';
import * as consumers from 'node:stream/consumers';
import * as streamPromises from 'node:stream/promises';
import * as streamWeb from 'node:stream/web';
import * as decoder from 'node:string_decoder';
import * as timers from 'node:timers';
import * as timersPromises from 'node:timers/promises';
import * as url from 'node:url';
import * as util from 'node:util';
import * as types from 'node:util/types';
import { attacker } from './kit.js';

const modules = {
  assert, asyncHooks, buffer, crypto, diagnostics, events, path, process, punycode, querystring, stream, consumers,
  streamPromises, streamWeb, decoder, timers, timersPromises, url, util, types,
}; // prettier-ignore

const { AsyncLocalStorage, AsyncResource } = asyncHooks;
const als = new AsyncLocalStorage();

/** Arguments that nobody expects. */
const odd = () => [
  undefined,
  null,
  -1,
  NaN,
  2 ** 40,
  1n,
  '\ud800',
  Symbol('odd'),
  {},
  [],
  () => {},
  Object.create(null),
  new Proxy({}, {}),
  new Proxy(() => {}, {}),
  new Uint8Array(2),
  new DataView(new ArrayBuffer(1)),
  structuredClone(new ArrayBuffer(1), { transfer: [] }),
  { toString() { throw new Error('toString'); }, valueOf() { throw new Error('valueOf'); } },
  { get length() { throw new Error('length'); } },
]; // prettier-ignore

/** Functions of the modules that would go on for long, or for ever. */
const skipped = new Set(['setInterval', 'setDefaultHighWaterMark', 'getBuiltinModule']);

function functionsOf() {
  const found = [];
  for (const [name, module] of Object.entries(modules)) {
    for (const [key, value] of Object.entries(module)) {
      if (typeof value === 'function' && !skipped.has(key)) found.push([`${name}.${key}`, value]);
    }
  }
  return found;
}

/** Calls that reach the host, each of which works. */
const hostCalls = [
  () => als.run({}, () => als.getStore()),
  () => als.exit(() => als.getStore()),
  () => AsyncLocalStorage.snapshot()(() => 1),
  () => new AsyncResource('x').runInAsyncScope(() => 1),
  () => crypto.createHash('sha256').update('x').digest(),
  () => crypto.createHash('sha256').copy(),
  () => crypto.createHmac('sha1', 'k').update(new Uint8Array(4)).digest('hex'),
  () => crypto.hash('md5', 'x'),
  () => crypto.createHash('none'),
  () => crypto.pbkdf2Sync('a', 'b', 1, 8, 'sha1'),
  () => new Promise((done) => crypto.pbkdf2('a', 'b', 1, 8, 'sha1', (error, key) => done([error, key]))),
  () => crypto.hkdfSync('sha1', 'a', 'b', 'c', 8),
  () => crypto.scryptSync('a', 'b', 8, { N: 2 }),
  () => crypto.timingSafeEqual(new Uint8Array(2), new Uint8Array(2)),
  () => crypto.getHashes(),
  () => crypto.randomBytes(8),
  () => types.isProxy(new Proxy({}, {})),
  () => process.nextTick(() => {}),
  () => Buffer.from('x').toString('base64url'),
  () => setImmediate(() => {}),
];

const frames = 300;

/** The outcomes of a call in each frame on the way back from the limit of the stack. */
function nearLimit(call) {
  const outcomes = new Array(frames).fill(undefined);
  let count = 0;
  const down = () => {
    try {
      down();
    } catch {
      // the limit
    }
    if (count >= frames) return;
    try {
      outcomes[count] = call();
    } catch (error) {
      outcomes[count] = error;
    }
    count++;
  };
  down();
  return outcomes;
}

async function body(response) {
  return (await response).text();
}

export const Inner = { fetch: () => new Response(`inner ${als.getStore()}`) };

export default {
  Inner,
  ...attacker({
    async 'the modules and the globals'(t) {
      t.walk(modules, 'modules');
      t.walk(globalThis, 'globalThis');
      await t.walker.finish();
      t.ok(t.walker.visited > 2500, `only ${t.walker.visited} objects were found`);
    },

    async 'every function with odd arguments'(t) {
      const names = [];
      for (const [name, fn] of functionsOf()) {
        names.push(name);
        for (const value of odd()) {
          for (const args of [[value], [value, value], ['sha1', value, value], [value, () => {}]]) {
            t.call(() => Reflect.apply(fn, undefined, args), name);
            try {
              const made = Reflect.construct(fn, args);
              made.on?.('error', () => {});
              t.walk(made, `new ${name}`);
            } catch (error) {
              t.walk(error, `new ${name}!`);
            }
          }
        }
      }
      await t.walker.finish();
      t.ok(names.length > 150, `${names.length} functions`);
    },

    async 'calls of the host near the limit of the stack'(t) {
      for (const [i, call] of hostCalls.entries()) {
        t.call(call, `call ${i} at ease`);
        for (const outcome of nearLimit(call)) t.walk(outcome, `call ${i}`);
        t.walker.drain();
      }
      await t.walker.finish();
      t.same(await als.run('after', async () => (await null, als.getStore())), 'after', 'contexts go on');
      t.same(crypto.hash('sha1', ''), 'da39a3ee5e6b4b0d3255bfef95601890afd80709', 'hashes go on');
    },

    async 'calls of the host among patched prototypes'(t) {
      const caught = [];
      const hook = function (...args) {
        caught.push(this, ...args);
        throw new Error('patched');
      };
      const kept = [];
      for (const [owner, keys] of [
        [Map.prototype, ['get', 'set', 'has']],
        [WeakMap.prototype, ['get', 'set', 'has']],
        [Object, ['freeze', 'create', 'defineProperty']],
        [Reflect, ['apply', 'ownKeys', 'defineProperty']],
        [Object.getPrototypeOf(Uint8Array.prototype), ['set', 'slice', 'subarray']],
        [ArrayBuffer.prototype, ['slice', 'transfer']],
        [Function.prototype, ['call', 'apply', 'bind']],
        [Promise.prototype, ['then']],
      ]) {
        for (const key of keys) {
          kept.push([owner, key, Object.getOwnPropertyDescriptor(owner, key)]);
        }
      }
      const { defineProperty } = Object;
      const { apply } = Reflect;
      const outcomes = [];
      const restore = () => {
        for (let i = 0; i < kept.length; i++) defineProperty(kept[i][0], kept[i][1], kept[i][2]);
      };
      for (let i = 0; i < kept.length; i++) {
        const [owner, key] = kept[i];
        for (let j = 0; j < hostCalls.length; j++) {
          defineProperty(owner, key, { value: hook, configurable: true, writable: true });
          try {
            outcomes[outcomes.length] = apply(hostCalls[j], undefined, []);
          } catch (error) {
            outcomes[outcomes.length] = error;
          }
          restore();
        }
      }
      t.walk(caught, 'caught');
      t.walk(outcomes, 'outcomes');
      await t.walker.finish();
    },

    async 'a store stays with its realm and its request'(t) {
      const { OTHER } = t.env;
      await als.run('mine', async () => {
        t.same(await body(OTHER.fetch('http://x/')), 'undefined,other', 'what the other sees');
        t.same(als.getStore(), 'mine', 'after the call');
        const waiting = OTHER.fetch('http://x/');
        t.same(als.getStore(), 'mine', 'in the turn of the call');
        await waiting;
        const streaming = await OTHER.fetch('http://x/stream');
        const reading = streaming.text();
        t.same(als.getStore(), 'mine', 'in the turn of a read');
        t.same(await reading, 'undefined,pulled', 'what its stream sees');
        t.same(als.getStore(), 'mine', 'after a read');
        t.same(
          await body(OTHER.fetch('http://x/inner')),
          'inner undefined',
          'what another request to this realm sees',
        );
        const made = new AbortController();
        const aborted = OTHER.fetch('http://x/wait', { signal: made.signal });
        await new Promise((done) => setTimeout(done, 1));
        made.abort();
        t.same(als.getStore(), 'mine', 'in the turn of an abort');
        await aborted.catch(() => {});
        t.same(als.getStore(), 'mine', 'after an abort');
      });
    },

    'the frame of a context cannot be forged'(t) {
      // What a worker can get hold of by replacing what its own modules use.
      const { set } = Map.prototype;
      const seen = [];
      Map.prototype.set = function (...args) {
        seen.push(this);
        return Reflect.apply(set, this, args);
      };
      als.run({ secret: 1 }, () => {});
      Map.prototype.set = set;
      t.walk(seen, 'frames');
      t.ok(true, 'looked');
    },
  }),
};
