/** Randomness inside a realm. https://w3c.github.io/webcrypto/#crypto-interface */

import t from 'tap';
import { evaluate } from '../helpers/realm.ts';

t.test('getRandomValues fills integer arrays of every kind, their view only', async (t) => {
  const results = await evaluate(`
    const kinds = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, BigInt64Array, BigUint64Array];
    const filled = kinds.map((Kind) => {
      const array = new Kind(32);
      return crypto.getRandomValues(array) === array && array.some((value) => value != 0);
    });
    const bytes = new Uint8Array(64);
    crypto.getRandomValues(bytes.subarray(16, 48));
    const large = crypto.getRandomValues(new Uint8Array(65536));
    return [filled, bytes.subarray(0, 16).every((b) => b === 0), bytes.subarray(48).every((b) => b === 0), new Set(large).size, crypto.getRandomValues(new Uint8Array(0)).length];`);
  t.same(results, [new Array(9).fill(true), true, true, 256, 0]);
});

t.test('no two small requests get the same bytes', async (t) => {
  const distinct = await evaluate(`
    const seen = new Set();
    for (let i = 0; i < 2000; i++) seen.add(crypto.getRandomValues(new Uint8Array(16)).join());
    return seen.size;`);
  t.equal(distinct, 2000);
});

t.test('what cannot be filled is refused', async (t) => {
  const results = await evaluate(`
    const error = (f) => { try { f(); return 'none'; } catch (e) { return [e.name, e instanceof DOMException]; } };
    return [new Float32Array(1), new Float64Array(65537), new DataView(new ArrayBuffer(1)), new Uint8Array(65537), new Uint32Array(16385), new ArrayBuffer(1), [1], undefined]
      .map((value) => error(() => crypto.getRandomValues(value)))
      .concat([error(() => crypto.getRandomValues()), error(() => new Crypto()), error(() => crypto.getRandomValues.call({}, new Uint8Array(1)))]);`);
  const mismatch = ['TypeMismatchError', true];
  const quota = ['QuotaExceededError', true];
  const typeError = ['TypeError', false];
  t.same(results, [
    mismatch,
    mismatch,
    mismatch,
    quota,
    quota,
    typeError,
    typeError,
    typeError,
    typeError,
    typeError,
    typeError,
  ]);
});

t.test('randomUUID gives version 4 identifiers', async (t) => {
  const ids = (await evaluate('return Array.from({ length: 500 }, () => crypto.randomUUID());')) as string[];
  t.equal(new Set(ids).size, 500);
  for (const id of ids) {
    if (!/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)) t.fail(id);
  }
  t.equal(
    await evaluate(
      'return String(crypto) + (crypto instanceof Crypto) + Object.keys(globalThis).includes("crypto");',
    ),
    '[object Crypto]truetrue',
  );
});
