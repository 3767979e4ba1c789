/** node:crypto in a realm, against that of Node.js. */

import t from 'tap';
import { inRealm, sameAsNode } from '../helpers/like-node.ts';

const head = `const crypto = require('crypto'); const { createHash, createHmac } = crypto; const { Readable, pipeline } = require('stream');
const derive = (name, ...args) => new Promise((done, fail) => crypto[name](...args, (error, key) => error ? fail(error) : done(Buffer.from(key).toString('hex'))));`;

t.test('hashes', (t) =>
  sameAsNode(t, head, [
    ...['md5', 'sha1', 'sha256', 'SHA512', 'sha3-256', 'ripemd160', 'blake2b512', 'RSA-SHA256'].map(
      (name) =>
        `createHash('${name}').update('a').update(Buffer.from('b')).update(new Uint16Array([1])).digest('hex')`,
    ),
    'createHash("sha256").update("\\u00e9", "latin1").digest("base64url")',
    'createHash("sha256").update("6162", "hex").digest("base64")',
    'Buffer.isBuffer(createHash("sha1").digest())',
    'createHash("shake256", { outputLength: 5 }).update("x").digest("hex")',
    '(() => { const h = createHash("sha1").update("a"); const c = h.copy(); return [h.update("b").digest("hex"), c.digest("hex")]; })()',
    'createHash("nope")',
    'createHash(5)',
    'createHash("sha1").update(5)',
    '(() => { const h = createHash("sha1"); h.digest(); h.digest(); })()',
    '(() => { const h = createHash("sha1"); h.digest(); h.update("x"); })()',
    'crypto.hash("sha1", "x") + crypto.hash("sha1", Buffer.from("x"), "base64")',
    'createHmac("sha256", "key").update("data").digest("hex")',
    'createHmac("sha512", Buffer.alloc(200, 1)).update("data").digest("base64")',
    'createHmac("sha256", "").update("").digest("hex")',
    '(() => { const h = createHmac("sha1", "k"); h.digest(); return h.digest("hex"); })()',
    'createHmac("nope", "k")',
    'new Promise((done, fail) => { const h = createHash("sha256"); pipeline(Readable.from(["a", "b"]), h, (e) => e ? fail(e) : done(h.read().toString("hex"))); })',
    '(async () => { const h = createHash("sha1"); for (let i = 0; i < 50; i++) h.update(Buffer.alloc(10_000, i)); return h.digest("hex"); })()',
    'crypto.getHashes().includes("sha256")',
  ]),
);

t.test('derived keys', (t) =>
  sameAsNode(t, head, [
    'crypto.pbkdf2Sync("password", "salt", 10, 20, "sha256").toString("hex")',
    'derive("pbkdf2", "password", Buffer.from("salt"), 10, 20, "sha512")',
    'crypto.pbkdf2Sync("p", "s", 1, 20, "nope")',
    'crypto.pbkdf2Sync("p", "s", 0, 20, "sha1")',
    'crypto.scryptSync("password", "salt", 16).toString("hex")',
    'crypto.scryptSync("password", "salt", 16, { N: 1024, r: 4, p: 2 }).toString("hex")',
    'derive("scrypt", "password", "salt", 16, { cost: 2048 })',
    '(() => { try { crypto.scryptSync("p", "s", 16, { N: 3 }); } catch (error) { return [error.name, error.code]; } })()',
    '(() => { try { crypto.scryptSync("p", "s", 16, { N: 2 ** 20 }); } catch (error) { return [error.name, error.code]; } })()',
    'Buffer.from(crypto.hkdfSync("sha256", "key", "salt", "info", 20)).toString("hex")',
    'derive("hkdf", "sha256", "key", "salt", "info", 20)',
    'crypto.hkdfSync("sha1", "a", "b", "c", 1_000_000)',
    'crypto.hkdfSync("nope", "a", "b", "c", 1)',
  ]),
);

t.test('random values and comparison', (t) =>
  sameAsNode(t, head, [
    '[crypto.randomBytes(5).length, Buffer.isBuffer(crypto.randomBytes(0)), crypto.randomBytes(100_000).length]',
    'crypto.randomBytes(-1)',
    'crypto.randomBytes("a")',
    'new Promise((done) => crypto.randomBytes(4, (error, bytes) => done([error, bytes.length])))',
    'crypto.randomFillSync(new Uint8Array(8), 4).subarray(0, 4).join()',
    'new Promise((done) => crypto.randomFill(new Uint32Array(2), (error, filled) => done([error, filled.length])))',
    '(() => { const seen = new Set(); for (let i = 0; i < 300; i++) seen.add(crypto.randomInt(2, 5)); return [...seen].sort(); })()',
    'crypto.randomInt(5, 2)',
    'crypto.randomInt(0, 2 ** 49)',
    'new Promise((done) => crypto.randomInt(1, (error, n) => done(n)))',
    '/^[0-9a-f]{8}-[0-9a-f]{4}-4/.test(crypto.randomUUID())',
    'crypto.getRandomValues(new Uint8Array(3)).length',
    'crypto.timingSafeEqual(Buffer.from("abc"), Buffer.from("abc")) && !crypto.timingSafeEqual(Buffer.from("abc"), Buffer.from("abd"))',
    'crypto.timingSafeEqual(Buffer.from("abc"), Buffer.from("ab"))',
    '(() => { for (const run of [() => crypto.timingSafeEqual("a", "a"), () => createHmac("sha1")]) try { run(); } catch (error) { if (error.code !== "ERR_INVALID_ARG_TYPE") return error.code; } })()',
  ]),
);

t.test('a derivation of which the worker has changed the input goes on with what it was', async (t) => {
  const [changed, fresh] = (await inRealm(`const { pbkdf2, pbkdf2Sync } = require('crypto');
    const password = Buffer.from('password');
    const waiting = new Promise((done) => pbkdf2(password, 'salt', 1000, 16, 'sha256', (error, key) => done(key.toString('hex'))));
    password.fill(0);
    return [await waiting, pbkdf2Sync('password', 'salt', 1000, 16, 'sha256').toString('hex')];`)) as string[];
  t.equal(changed, fresh);
});

t.test(
  "a derivation that costs too much is refused, and the asynchronous context of one is its caller's",
  async (t) => {
    t.strictSame(
      await inRealm(`const crypto = require('crypto'); const { AsyncLocalStorage } = require('async_hooks');
      const als = new AsyncLocalStorage();
      const derive = (rounds, store) => als.run(store, () => new Promise((done) => crypto.pbkdf2('a', 'b', rounds, 20, 'sha1', (error) => done([error?.message ?? null, als.getStore()]))));
      let thrown; try { crypto.pbkdf2Sync('a', 'b', 10_000_001, 20, 'sha1'); } catch (error) { thrown = error.message; }
      return [thrown, await Promise.all([derive(1000, 1), derive(10_000_001, 2), derive(1000, 3)])];`),
      [
        'Deriving the key failed',
        [
          [null, 1],
          ['Deriving the key failed', 2],
          [null, 3],
        ],
      ],
    );
  },
);

t.test('webcrypto is the crypto of the realm', async (t) => {
  t.strictSame(
    await inRealm(
      `const { webcrypto, subtle } = require('crypto'); return [webcrypto === crypto, subtle === crypto.subtle];`,
    ),
    [true, true],
  );
});
