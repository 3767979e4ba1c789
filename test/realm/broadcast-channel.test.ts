/** BroadcastChannel: within a realm, and between the realms of a service. */

import t from 'tap';
import { setTimeout as wait } from 'node:timers/promises';
import { evaluate, makeTestRealm, type TestRealm } from '../helpers/realm.ts';

t.test('channels of one name hear each other, in the order they were made', async (t) => {
  const results = await evaluate(`
    const made = ['a', 'b', 'c'].map(() => new BroadcastChannel('order'));
    const stranger = new BroadcastChannel('another');
    const seen = [];
    made.forEach((channel, i) => { channel.onmessage = ({ data }) => seen.push(data + ' at ' + i); });
    stranger.onmessage = () => seen.push('stranger');
    made[0].postMessage('from 0');
    made[2].postMessage('from 2');
    made[1].close();
    await new Promise((resolve) => made[0].addEventListener('message', resolve));
    return seen;`);
  t.same(results, ['from 0 at 2', 'from 2 at 0']);
});

t.test('each receiver has a message of its own, with everything that can be cloned', async (t) => {
  const results = await evaluate(`
    const [sender, one, two] = ['', '', ''].map(() => new BroadcastChannel('values'));
    const next = (channel) => new Promise((resolve) => { channel.onmessage = resolve; });
    const events = Promise.all([next(one), next(two)]);
    const buffer = new Uint8Array([1, 2, 3, 4]).buffer;
    const sparse = [1, , 3];
    sparse.extra = 'x';
    const value = {
      text: 'a\\ud800"', flag: true, nothing: null, missing: undefined, numbers: [0, -0, NaN, Infinity, -Infinity, 1.5, 2 ** 60],
      big: -(2n ** 70n), boxed: [Object(1n), new String('s'), new Number(-0), new Boolean(false)], date: new Date(5), invalid: new Date(NaN),
      regexp: /a\\/b/gi, map: new Map([[{ k: 1 }, new Set([1, 'two'])]]), sparse, ['__proto__']: 'own',
      views: [new Uint8Array(buffer, 1, 2), new DataView(buffer), new Float64Array([1.5])], buffer,
      growing: new Uint8Array(new ArrayBuffer(2, { maxByteLength: 8 })),
      error: new RangeError('r', { cause: { why: 1 } }), exception: new DOMException('m', 'DataCloneError'),
      file: new File(['fi', 'le'], 'n.txt', { type: 'text/plain', lastModified: 7 }), blob: new Blob(['bl']),
    };
    value.self = value;
    Object.defineProperty(value, '__proto__', { value: 'own', enumerable: true });
    sender.postMessage(value);
    new Uint8Array(buffer)[1] = 99;
    const [{ data, origin, ports, isTrusted, source }, other] = await events;
    return [
      origin, ports, isTrusted, source, other.data === data, data.self === data, data.map === other.data.map,
      data.text === 'a\\ud800"', data.flag, data.nothing, 'missing' in data && data.missing === undefined,
      data.numbers.map((n) => Object.is(n, -0) ? '-0' : String(n)), String(data.big),
      data.boxed.map((box) => typeof box + typeof box.valueOf()), Object.is(data.boxed[2].valueOf(), -0), data.date.getTime(), String(data.invalid.getTime()),
      String(data.regexp), [...data.map].map(([k, v]) => [k, [...v]]), Object.keys(data.sparse), data.sparse.length, data.sparse.extra,
      Object.hasOwn(data, '__proto__'), Object.getPrototypeOf(data) === Object.prototype,
      [...data.views[0]], data.views[0].buffer === data.buffer, data.views[1].buffer === data.buffer, data.views[1].byteLength, data.views[2][0],
      data.growing.buffer.maxByteLength, (data.growing.buffer.resize(4), data.growing.length),
      data.error instanceof RangeError, data.error.message, data.error.cause, data.error.stack === value.error.stack,
      data.exception instanceof DOMException, data.exception.name, data.exception.code,
      data.file instanceof File, data.file.name, data.file.type, data.file.lastModified, await data.file.text(), await data.blob.text(),
    ];`);
  t.same(results, [
    '',
    [],
    true,
    null,
    false,
    true,
    false,
    true,
    true,
    null,
    true,
    ['0', '-0', 'NaN', 'Infinity', '-Infinity', '1.5', '1152921504606847000'],
    '-1180591620717411303424',
    ['objectbigint', 'objectstring', 'objectnumber', 'objectboolean'],
    true,
    5,
    'NaN',
    '/a\\/b/gi',
    [[{ k: 1 }, [1, 'two']]],
    ['0', '2', 'extra'],
    3,
    'x',
    true,
    true,
    [2, 3],
    true,
    true,
    4,
    1.5,
    8,
    4,
    true,
    'r',
    { why: 1 },
    true,
    true,
    'DataCloneError',
    25,
    true,
    'n.txt',
    'text/plain',
    7,
    'file',
    'bl',
  ]);
});

t.test('deep values are no matter', async (t) => {
  const depth = await evaluate(`
    const [sender, receiver] = ['', ''].map(() => new BroadcastChannel('deep'));
    let value = null;
    for (let i = 0; i < 50_000; i++) value = { value };
    sender.postMessage(value);
    let { data } = await new Promise((resolve) => { receiver.onmessage = resolve; });
    let count = 0;
    for (; data !== null; data = data.value) count++;
    return count;`);
  t.equal(depth, 50_000);
});

t.test('wrong arguments and states are refused', async (t) => {
  const results = await evaluate(`
    const code = (f) => { try { return f() ?? 'ok'; } catch (e) { return e.name; } };
    const channel = new BroadcastChannel(null);
    const closed = new BroadcastChannel('x');
    closed.close();
    closed.close();
    const { port1 } = new MessageChannel();
    return [
      channel.name, code(() => BroadcastChannel('x')), code(() => new BroadcastChannel()), code(() => new BroadcastChannel(Symbol('x'))),
      code(() => channel.postMessage()), code(() => channel.postMessage(() => {})), code(() => channel.postMessage(port1)),
      code(() => channel.postMessage(new ReadableStream())), code(() => closed.postMessage(1)), code(() => structuredClone(channel)),
      code(() => BroadcastChannel.prototype.name), code(() => BroadcastChannel.prototype.onmessage),
    ];`);
  t.same(results, [
    'null',
    'TypeError',
    'TypeError',
    'TypeError',
    'TypeError',
    'DataCloneError',
    'DataCloneError',
    'DataCloneError',
    'InvalidStateError',
    'DataCloneError',
    'TypeError',
    'TypeError',
  ]);
});

const PEER = `"use strict";($nanod) => { $nanod.exports({ default: () => ({
  async fetch(request) { channel.postMessage({ url: request.url, bytes: new Uint8Array([7, 8]) }); return new Response(''); } }) });
  const channel = new BroadcastChannel('peers');
  channel.onmessage = ({ data }) => console.log(data.url, data instanceof Object, data.bytes instanceof Uint8Array, ...data.bytes);
}`;

/** The first `count` records of a realm's log. */
async function logged({ logs }: TestRealm, count: number): Promise<string[]> {
  while (logs.length < count) await wait(1);
  return logs.map(([, text]) => text);
}

t.test('realms of one service hear each other, and nobody else', async (t) => {
  const a = await makeTestRealm(PEER, { service: 'shop' });
  const b = await makeTestRealm(PEER, { service: 'shop' });
  const c = await makeTestRealm(PEER, { service: 'bank' });
  const gone = await makeTestRealm(PEER, { service: 'shop' });
  gone.realm.dispose();
  await a.fetch('http://test/1');
  await c.fetch('http://test/2');
  await b.fetch('http://test/3');
  t.same(await logged(b, 1), ['http://test/1 true true 7 8']);
  t.same(await logged(a, 1), ['http://test/3 true true 7 8']);
  t.same([c.logs, gone.logs], [[], []]);
  for (const { realm } of [a, b, c]) realm.dispose();
});
