import t from 'tap';
import type { CacheLimits } from '../../src/shared/cache-memory/layout.ts';
import { CacheMemory, makeCacheMemory } from '../../src/shared/cache-memory/cache-memory.ts';
import { makeRealmMemoryCaches } from '../../src/bindings/memory-cache.ts';
import { evaluate, type TestRealmOptions } from '../helpers/realm.ts';

const binding = { kind: 'memoryCache', name: 'CACHE', cache: 0 } as const;
const roomy: CacheLimits = { maxKeys: 100, maxValueSize: 10_000, maxTotalValueSize: 100_000 };

function open(memory: SharedArrayBuffer, thread = 1): CacheMemory {
  return new CacheMemory({ memory, thread, now: () => Date.now() });
}

/** A realm whose binding `CACHE` is this cache. */
function withCache(cache = open(makeCacheMemory(roomy))): TestRealmOptions {
  return { bindings: [binding], caches: [cache] };
}

t.test('a value is computed once and then read', async (t) => {
  const found = await evaluate(
    `let computed = 0;
     const compute = async (key) => ({ value: key + ++computed });
     return [await env.CACHE.read('a'), await env.CACHE.read('a', compute), await env.CACHE.read('a', compute),
       await env.CACHE.read('a'), await env.CACHE.read('b', compute), computed, String(env.CACHE)];`,
    withCache(),
  );
  t.strictSame(found, [null, 'a1', 'a1', 'a1', 'b2', 2, '[object MemoryCache]']);
});

t.test('values are clones of every kind that can be sent to other threads', async (t) => {
  const found = await evaluate(
    `const value = { list: [1, undefined, , -0, NaN, 2n], map: new Map([['k', new Set([1])]]), date: new Date(5),
       error: new RangeError('x'), bytes: new Uint8Array([1, 2]), text: 'é\\u{1f600}', __proto__: null };
     value.self = value;
     const first = await env.CACHE.read('k', async () => ({ value }));
     value.list.push('later');
     const copy = await env.CACHE.read('k');
     const other = await env.CACHE.read('k');
     return [first === value, copy === other, copy.self === copy, copy.list.length, 2 in copy.list, Object.is(copy.list[3], -0),
       copy.list[5] === 2n, [...copy.map.get('k')], copy.date.getTime(), copy.error instanceof RangeError, copy.error.message,
       [...copy.bytes], copy.text, Object.getPrototypeOf(copy) === Object.prototype];`,
    withCache(),
  );
  t.strictSame(found, [
    true,
    false,
    true,
    6,
    false,
    true,
    true,
    [1],
    5,
    true,
    'x',
    [1, 2],
    'é\u{1f600}',
    true,
  ]);
});

t.test('what cannot be cloned, or is no result, rejects and keeps nothing', async (t) => {
  const found = await evaluate(
    `const read = (fallback) => env.CACHE.read('k', fallback).then(() => 'kept', (error) => error.name + ': ' + error.message);
     return [await read(() => ({ value: () => {} })).then((text) => text.split(':')[0]), await read(() => 5), await read(() => { throw new Error('mine'); }),
       await read(() => Promise.reject(new TypeError('late'))), await read(() => ({ value: 1, expiration: NaN })),
       await read(5), await env.CACHE.read('k')];`,
    withCache(),
  );
  t.strictSame(found, [
    'DataCloneError',
    'TypeError: MemoryCache.read: the fallback gave no object { value, expiration }.',
    'Error: mine',
    'TypeError: late',
    'TypeError: Expiration time must not be NaN.',
    'TypeError: MemoryCache.read: argument 2 is not a function.',
    null,
  ]);
});

t.test('keys are strings of at most 2048 bytes', async (t) => {
  const found = await evaluate(
    `const name = (error) => error.name;
     const caught = (act) => { try { return act(); } catch (error) { return error.name; } };
     const { read } = env.CACHE;
     return [await env.CACHE.read(5).catch(name), await env.CACHE.read().catch(name), await env.CACHE.read('é'.repeat(1025)).catch(name),
       await env.CACHE.read('k'.repeat(2049), () => ({ value: 1 })).catch(name), await env.CACHE.read('k'.repeat(2048), () => ({ value: 1 })),
       caught(() => env.CACHE.delete(5)), caught(() => env.CACHE.delete('k'.repeat(2049))), await read.call({}, 'k').catch(name),
       caught(() => new env.CACHE.constructor())];`,
    withCache(),
  );
  t.strictSame(found, [
    'TypeError',
    'TypeError',
    'RangeError',
    'RangeError',
    1,
    'TypeError',
    'RangeError',
    'TypeError',
    'TypeError',
  ]);
});

t.test('expired values are computed anew, and deleted ones too', async (t) => {
  const found = await evaluate(
    `const read = (value, expiration) => env.CACHE.read('k', () => ({ value, expiration }));
     const found = [await read(1, Date.now() - 1), await read(2, 0), await read(3, Infinity), await read(4)];
     found.push(env.CACHE.delete('k'), env.CACHE.delete('none'), await env.CACHE.read('k'), await read(5, Date.now() + 1e6), await read(6));
     return found;`,
    withCache(),
  );
  t.strictSame(found, [1, 2, 3, 3, null, null, null, 5, 5]);
});

t.test(
  'readers of one missing key share one computation, also of a value that is too large to keep',
  async (t) => {
    const cache = open(makeCacheMemory({ ...roomy, maxValueSize: 10 }));
    const found = await evaluate(
      `let computed = 0;
     const compute = async () => { computed += 1; await scheduler.wait(0); return { value: 'x'.repeat(100) }; };
     const values = await Promise.all(Array.from({ length: 10 }, () => env.CACHE.read('k', compute)));
     return [computed, values.every((value) => value.length === 100), await env.CACHE.read('k')];`,
      withCache(cache),
    );
    t.strictSame(found, [1, true, null]);
  },
);

t.test('where a computation fails, its reader is told, and the next one computes', async (t) => {
  const found = await evaluate(
    `const calls = [];
     const compute = (name) => async () => {
       calls.push(name);
       await scheduler.wait(0);
       if (name !== 'c') throw new Error(name);
       return { value: name };
     };
     const reads = ['a', 'b', 'c', 'd'].map((name) => env.CACHE.read('k', compute(name)).catch((error) => 'failed ' + error.message));
     return [await Promise.all(reads), calls];`,
    withCache(),
  );
  t.strictSame(found, [
    ['failed a', 'failed b', 'c', 'c'],
    ['a', 'b', 'c'],
  ]);
});

t.test('each reader computes in its own asynchronous context', async (t) => {
  const found = await evaluate(
    `const { AsyncLocalStorage } = $nanod.builtin('node:async_hooks');
     const storage = new AsyncLocalStorage();
     const seen = [];
     const compute = async () => { seen.push(storage.getStore()); await scheduler.wait(0); throw new Error('x'); };
     const reads = ['a', 'b', 'c'].map((name) => storage.run(name, () => env.CACHE.read('k', compute).catch(() => {})));
     await Promise.all(reads);
     return seen;`,
    { ...withCache(), nodejs: true },
  );
  t.strictSame(found, ['a', 'b', 'c']);
});

t.test('realms of other threads wait for a computation, and get its value', async (t) => {
  const memory = makeCacheMemory(roomy);
  const key = Buffer.from('k');
  const other = open(memory, 2);
  const entered = other.enter(key);
  if (entered.kind !== 'compute') throw new Error('it is free');
  // The worker logs when it has asked, so that the other thread ends only then.
  const reading = evaluate(
    `const reading = env.CACHE.read('k', () => ({ value: 'mine' }));
     env.CACHE.delete('asked');
     return await reading;`,
    {
      bindings: [binding],
      caches: [
        watching(open(memory, 1), () => {
          other.put(key, {
            text: Buffer.from('[["value","theirs"]]'),
            bytes: new Uint8Array(0),
            expiration: Infinity,
          });
          other.end(entered.flight as number);
        }),
      ],
    },
  );
  t.equal(await reading, 'theirs');
});

t.test('where the other thread ends without a value, the realm computes', async (t) => {
  const memory = makeCacheMemory(roomy);
  const other = open(memory, 2);
  other.enter(Buffer.from('k'));
  const reading = evaluate(
    `const reading = env.CACHE.read('k', () => ({ value: 'mine' }));
     env.CACHE.delete('asked');
     return await reading;`,
    { bindings: [binding], caches: [watching(open(memory, 1), () => other.forget(2))] },
  );
  t.equal(await reading, 'mine');
});

t.test('a realm that goes gives up what it computes', async (t) => {
  const memory = makeCacheMemory(roomy);
  const realm = makeRealmMemoryCaches([open(memory, 1)]);
  const none = (): void => {};
  t.equal(realm.host.enter(0, 'k', none, none, 1), 2);
  const waiting = open(memory, 2).enter(Buffer.from('k'));
  if (waiting.kind !== 'wait') throw new Error('it is taken');
  realm.stop();
  await waiting.until;
  t.equal(open(memory, 2).enter(Buffer.from('k')).kind, 'compute');
});

/** The same cache, which tells of its first `delete`. */
function watching(cache: CacheMemory, onDelete: () => void): CacheMemory {
  cache.delete = () => onDelete();
  return cache;
}
