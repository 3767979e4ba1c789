/** The memory of caches against a model, between threads, and after threads that were cut off. */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { CacheMemory, makeCacheMemory } from '../../src/shared/cache-memory/cache-memory.ts';
import { flightAt, flightWord, word } from '../../src/shared/cache-memory/layout.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function open(memory: SharedArrayBuffer, thread = 1, now: () => number = () => 0): CacheMemory {
  return new CacheMemory({ memory, thread, now });
}

function put(
  cache: CacheMemory,
  key: string,
  text: string,
  expiration = Infinity,
  bytes = new Uint8Array(0),
): void {
  cache.put(encoder.encode(key), { text: encoder.encode(text), bytes, expiration });
}

function get(cache: CacheMemory, key: string): string | undefined {
  const found = cache.read(encoder.encode(key));
  return found === undefined ? undefined : decoder.decode(found.bytes.subarray(0, found.textLength));
}

/** A generator of numbers below `limit`, the same in every run. */
function makeRandom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 8) % limit;
  };
}

t.test('a cache keeps text and bytes of every length', (t) => {
  const cache = open(makeCacheMemory({ maxKeys: 50, maxValueSize: 1e6, maxTotalValueSize: 1e7 }));
  for (const length of [0, 1, 251, 252, 253, 504, 1000, 70_000]) {
    const bytes = new Uint8Array(length).fill(length);
    put(cache, `k${length}`, 'x'.repeat(length), Infinity, bytes);
    const found = cache.read(encoder.encode(`k${length}`));
    t.equal(found?.textLength, length);
    t.equal(decoder.decode(found?.bytes.subarray(0, length)), 'x'.repeat(length));
    t.strictSame(found?.bytes.subarray(length), bytes);
  }
  t.equal(get(cache, 'k'), undefined);
  t.end();
});

t.test('the least recently used make room, and the limits hold', (t) => {
  const cache = open(makeCacheMemory({ maxKeys: 3, maxValueSize: 10, maxTotalValueSize: 20 }));
  for (const key of ['a', 'b', 'c']) put(cache, key, key);
  get(cache, 'a');
  put(cache, 'd', 'd');
  t.equal(get(cache, 'b'), undefined, 'it was not used for longest');
  t.strictSame(
    ['a', 'c', 'd'].map((key) => get(cache, key)),
    ['a', 'c', 'd'],
  );
  put(cache, 'e', 'x'.repeat(10));
  put(cache, 'f', 'x'.repeat(10));
  t.strictSame(cache.state, { keys: 2, bytes: 20, resets: 0 });
  put(cache, 'e', 'x'.repeat(11));
  t.equal(get(cache, 'e'), undefined, 'what is too large replaces what was there by nothing');
  t.end();
});

t.test('what has expired is gone, and goes first', (t) => {
  let now = 0;
  const cache = open(makeCacheMemory({ maxKeys: 2, maxValueSize: 10, maxTotalValueSize: 20 }), 1, () => now);
  put(cache, 'old', '1');
  put(cache, 'short', '2', 5);
  now = 5;
  t.equal(get(cache, 'short'), '2');
  now = 6;
  put(cache, 'new', '3');
  t.strictSame(
    ['old', 'short', 'new'].map((key) => get(cache, key)),
    ['1', undefined, '3'],
  );
  put(cache, 'late', '4', 5);
  t.equal(get(cache, 'late'), undefined);
  t.end();
});

t.test('a limit of 0 keeps nothing', (t) => {
  for (const limits of [
    { maxKeys: 0, maxValueSize: 10, maxTotalValueSize: 10 },
    { maxKeys: 10, maxValueSize: 0, maxTotalValueSize: 10 },
    { maxKeys: 10, maxValueSize: 10, maxTotalValueSize: 0 },
  ]) {
    const cache = open(makeCacheMemory(limits));
    put(cache, 'a', '');
    t.equal(get(cache, 'a'), undefined);
    t.equal(cache.enter(encoder.encode('a')).kind, 'compute');
  }
  t.end();
});

t.test('thousands of random steps do what a plain map does', (t) => {
  const limits = { maxKeys: 40, maxValueSize: 3000, maxTotalValueSize: 20_000 };
  const memory = makeCacheMemory(limits);
  const views = [open(memory, 1), open(memory, 2)];
  const model = new Map<string, string>();
  const random = makeRandom(7);
  for (let step = 0; step < 20_000; step += 1) {
    const cache = views[random(2)] as CacheMemory;
    const key = `${'k'.repeat(random(3) * 200)}${random(60)}`;
    const action = random(10);
    if (action < 5) {
      const text = String(random(10)).repeat(random(3100));
      put(cache, key, text);
      model.delete(key);
      if (text.length <= limits.maxValueSize) {
        const total = (): number => [...model.values()].reduce((sum, each) => sum + each.length, 0);
        while (model.size >= limits.maxKeys || total() + text.length > limits.maxTotalValueSize)
          model.delete(model.keys().next().value as string);
        model.set(key, text);
      }
    } else if (action < 9) {
      const text = model.get(key);
      if (get(cache, key) !== text) t.fail(`step ${step}: ${key}`);
      if (text !== undefined) model.delete(key);
      if (text !== undefined) model.set(key, text);
    } else {
      cache.delete(encoder.encode(key));
      model.delete(key);
    }
  }
  const bytes = [...model.values()].reduce((sum, each) => sum + each.length, 0);
  t.strictSame(views[0]?.state, { keys: model.size, bytes, resets: 0 });
  t.end();
});

t.test('one computes, the others wait until it ends, also where nothing came of it', async (t) => {
  const memory = makeCacheMemory({ maxKeys: 10, maxValueSize: 100, maxTotalValueSize: 100 });
  const [one, two] = [open(memory, 1), open(memory, 2)];
  const key = encoder.encode('k');
  const mine = one.enter(key);
  if (mine.kind !== 'compute' || mine.flight === undefined) throw new Error('it is free');
  const theirs = two.enter(key);
  if (theirs.kind !== 'wait') throw new Error('it is taken');
  t.equal(two.enter(encoder.encode('other')).kind, 'compute', 'other keys are free');
  put(one, 'k', 'v');
  one.end(mine.flight);
  await theirs.until;
  t.equal(two.enter(key).kind, 'found');
  two.delete(key);
  const again = two.enter(key);
  t.match(again, { kind: 'compute', flight: Number });
  const waiting = one.enter(key);
  if (waiting.kind !== 'wait' || again.kind !== 'compute') throw new Error('it is taken');
  two.end(again.flight as number);
  await waiting.until;
  t.equal(one.enter(key).kind, 'compute');
});

t.test('where too many are computed at once, the rest is computed without waiting', (t) => {
  const cache = open(makeCacheMemory({ maxKeys: 10, maxValueSize: 100, maxTotalValueSize: 100 }));
  const entered = Array.from({ length: 300 }, (_, index) => cache.enter(encoder.encode(`k${index}`)));
  t.ok(entered.every(({ kind }) => kind === 'compute' || kind === 'wait'));
  t.ok(entered.some((each) => each.kind === 'compute' && each.flight === undefined));
  t.end();
});

t.test('a thread that ends within is cleaned up after', async (t) => {
  const memory = makeCacheMemory({ maxKeys: 10, maxValueSize: 100, maxTotalValueSize: 100 });
  const words = new Int32Array(memory);
  const [lost, other] = [open(memory, 1), open(memory, 2)];
  put(lost, 'a', 'A');
  const flight = lost.enter(encoder.encode('k'));
  const waiting = other.enter(encoder.encode('k'));
  if (waiting.kind !== 'wait') throw new Error('it is taken');
  Atomics.store(words, word.lock, 1); // as if it ended while it held the lock
  t.equal(get(other, 'a'), undefined, 'nobody waits for ever');
  open(memory, 99).forget(1);
  await waiting.until;
  t.match(flight, { kind: 'compute' });
  t.equal(Atomics.load(words, flightAt(0) + flightWord.owner), 0);
  t.strictSame(other.state, { keys: 0, bytes: 0, resets: 1 });
  put(other, 'a', 'B');
  t.equal(get(other, 'a'), 'B');
  t.end();
});

t.test('a turn that was cut off within is noticed by its own thread', (t) => {
  const memory = makeCacheMemory({ maxKeys: 10, maxValueSize: 100, maxTotalValueSize: 100 });
  const cache = open(memory, 3);
  put(cache, 'a', 'A');
  Atomics.store(new Int32Array(memory), word.lock, 3);
  t.equal(get(cache, 'a'), undefined);
  t.equal(cache.state.resets, 1);
  put(cache, 'a', 'A');
  t.equal(get(cache, 'a'), 'A');
  t.end();
});

t.test('links that lead nowhere throw everything away, and nothing else', (t) => {
  const memory = makeCacheMemory({ maxKeys: 10, maxValueSize: 100, maxTotalValueSize: 100 });
  const cache = open(memory);
  const random = makeRandom(3);
  const words = new Int32Array(memory);
  for (let round = 0; round < 300; round += 1) {
    for (const key of ['a', 'b', 'c', 'd']) put(cache, key, 'x'.repeat(random(60)));
    // Anything behind the flights: buckets, entries, blocks.
    const from = flightAt(256);
    words[from + random(words.length - from)] = random(2 ** 24) - 2 ** 23;
    for (const key of ['a', 'b', 'c', 'd', 'e']) get(cache, key);
  }
  t.pass('and always comes to an end');
  t.end();
});

t.test('two threads at once lose nothing and compute each key once', async (t) => {
  const memory = makeCacheMemory({ maxKeys: 1000, maxValueSize: 1000, maxTotalValueSize: 1e6 });
  const counter = new SharedArrayBuffer(4);
  const start = (thread: number): Promise<unknown[]> => {
    const entry = new URL('../fixtures/cache-thread.ts', import.meta.url);
    const worker = new Worker(entry, { workerData: { memory, counter, thread } });
    return once(worker, 'message');
  };
  const results = await Promise.all([start(1), start(2)]);
  t.strictSame(results, [['ok'], ['ok']]);
  t.equal(Atomics.load(new Int32Array(counter), 0), 300, 'computations');
  t.match(open(memory).state, { keys: 300, resets: 0 });
});
