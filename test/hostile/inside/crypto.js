/** Cryptography: keys that were made up, arguments that change while they are read, and built-ins that listen. */

import { attacker, isObject } from './kit.js';

const { subtle } = crypto;
const { from } = Array;
const encoder = new TextEncoder();
const iv = new Uint8Array(12);
const gcm = { name: 'AES-GCM', iv };
const secret = 'a key that nobody may see';
const detach = (buffer) => structuredClone(buffer, { transfer: [buffer] });
const hex = (buffer) => from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');

const hmacKey = (extractable = false, usages = ['sign']) =>
  subtle.importKey('raw', encoder.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, extractable, usages);
const aesKey = (usages = ['encrypt', 'decrypt']) =>
  subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', false, usages);

/** The name of the error that the promise rejects with. */
async function refusal(t, make, where) {
  const { error } = await t.settle(make, where);
  return error?.name ?? 'nothing';
}

export default attacker({
  async 'keys that were made up'(t) {
    const key = await hmacKey();
    const forged = {
      'an object of the prototype': Object.create(CryptoKey.prototype),
      'an object that inherits from a key': Object.create(key),
      'a proxy of a key': new Proxy(key, {}),
      'a look-alike': { type: 'secret', extractable: true, algorithm: key.algorithm, usages: ['sign'] },
      'a look-alike of the prototype': Object.setPrototypeOf({ handle: 1 }, CryptoKey.prototype),
      'a key whose prototype is gone, in an array': [Object.setPrototypeOf(await hmacKey(), null)],
      nothing: undefined,
    };
    for (const [name, value] of Object.entries(forged)) {
      for (const [method, make] of Object.entries({
        sign: () => subtle.sign('HMAC', value, iv),
        exportKey: () => subtle.exportKey('raw', value),
        wrapKey: () => subtle.wrapKey('raw', value, value, gcm),
        getPublicKey: () => subtle.getPublicKey(value, []),
        deriveBits: () => subtle.deriveBits({ name: 'X25519', public: value }, value, 8),
        encapsulateBits: () => subtle.encapsulateBits('ML-KEM-512', value),
      })) {
        t.same(await refusal(t, make, `${method} of ${name}`), 'TypeError', `${method} of ${name}`);
      }
    }
    for (const args of [[], [{}], [{}, {}], [Symbol(), key]]) {
      const error = t.call(() => new CryptoKey(...args), 'constructor');
      t.same(error?.name, 'TypeError', 'constructor');
      class Derived extends CryptoKey {}
      t.same(t.call(() => new Derived(...args), 'derived')?.name, 'TypeError', 'derived');
    }
  },

  async 'a key is what it was made as, whatever is done to its objects'(t) {
    const key = await hmacKey();
    key.usages.push('verify', 'encrypt');
    key.algorithm.name = 'AES-GCM';
    key.algorithm.hash = { name: 'SHA-1' };
    for (const name of ['type', 'extractable', 'algorithm', 'usages']) {
      Object.defineProperty(key, name, { value: name === 'extractable' ? true : ['verify'] });
      Object.defineProperty(CryptoKey.prototype, name, { get: () => true });
    }
    t.same(await refusal(t, () => subtle.exportKey('raw', key)), 'InvalidAccessError', 'export');
    t.same(await refusal(t, () => subtle.verify('HMAC', key, iv, iv)), 'InvalidAccessError', 'verify');
    t.same(await refusal(t, () => subtle.encrypt(gcm, key, iv)), 'InvalidAccessError', 'encrypt');
    const clone = structuredClone(key);
    t.same(await refusal(t, () => subtle.exportKey('raw', clone)), 'InvalidAccessError', 'export of a clone');
    t.same((await subtle.sign('HMAC', clone, iv)).byteLength, 32, 'a clone signs');
    const wrapping = await aesKey(['wrapKey']);
    t.same(await refusal(t, () => subtle.wrapKey('raw', key, wrapping, gcm)), 'InvalidAccessError', 'wrap');
  },

  async 'bytes that change while arguments are converted'(t) {
    const key = await aesKey();
    const expected = hex(await subtle.encrypt(gcm, key, new Uint8Array(0)));
    for (const change of [detach, (buffer) => buffer.resize(0)]) {
      const buffer = new ArrayBuffer(64, { maxByteLength: 128 });
      const algorithm = {
        iv,
        get name() {
          change(buffer);
          return 'AES-GCM';
        },
      };
      for (const data of [new Uint8Array(buffer), new DataView(buffer, 0), buffer]) {
        const { value } = await t.settle(() => subtle.encrypt(algorithm, key, data), 'encrypt');
        if (!buffer.detached) buffer.resize(64);
        if (isObject(value)) t.same(hex(value), expected, 'what is gone is not encrypted');
      }
    }
    const salt = new ArrayBuffer(8);
    const base = await subtle.importKey('raw', iv, 'HKDF', false, ['deriveBits', 'deriveKey']);
    const derivation = {
      name: 'HKDF',
      info: salt,
      salt,
      hash: {
        get name() {
          return (detach(salt), 'SHA-256');
        },
      },
    };
    const { value } = await t.settle(() => subtle.deriveBits(derivation, base, 64), 'deriveBits');
    const empty = { name: 'HKDF', info: new Uint8Array(), salt: new Uint8Array(), hash: 'SHA-256' };
    t.ok(isObject(value) || value === undefined, 'deriveBits');
    t.same((await subtle.deriveBits(empty, base, 64)).byteLength, 8, 'nothing is broken');
  },

  async 'a first algorithm that the second one changes'(t) {
    const base = await subtle.importKey('raw', iv, 'HKDF', false, ['deriveKey']);
    const salt = new Uint8Array(8);
    const derivation = { name: 'HKDF', hash: 'SHA-256', salt, info: salt };
    const make = (other) => subtle.deriveKey(derivation, base, other, true, ['sign']);
    const honest = await make({ name: 'HMAC', hash: 'SHA-256', length: 256 });
    const changing = {
      name: 'HMAC',
      length: 256,
      get hash() {
        salt.fill(7);
        return 'SHA-256';
      },
    };
    const changed = await make(changing);
    const [a, b] = [await subtle.exportKey('raw', honest), await subtle.exportKey('raw', changed)];
    t.same(hex(a), hex(b), 'the salt was copied before');
  },

  async 'bytes that change after the call'(t) {
    for (const size of [64, 100_000]) {
      const data = new Uint8Array(size);
      const promise = subtle.digest('SHA-256', data);
      data.fill(1);
      detach(data.buffer);
      t.same(hex(await promise), hex(await subtle.digest('SHA-256', new Uint8Array(size))), `${size} bytes`);
    }
  },

  async 'algorithms that say something else each time'(t) {
    const key = await aesKey();
    let reads = 0;
    const names = ['AES-GCM', 'RSA-OAEP', 'HMAC'];
    const fickle = {
      iv,
      get name() {
        return names[reads++ % 3];
      },
    };
    for (let i = 0; i < 6; i++) await t.settle(() => subtle.encrypt(fickle, key, iv), 'fickle');
    const usages = {
      *[Symbol.iterator]() {
        yield 'encrypt';
        yield { toString: () => (reads++ % 2 ? 'decrypt' : 'x') };
      },
    };
    for (let i = 0; i < 4; i++)
      await t.settle(() => subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, usages), 'usages');
    const jwk = {
      kty: 'oct',
      get k() {
        return reads++ % 2 ? 'AAAA' : Symbol();
      },
      key_ops: usages,
    };
    for (let i = 0; i < 4; i++)
      await t.settle(
        () => subtle.importKey('jwk', jwk, { name: 'HMAC', hash: 'SHA-1' }, true, ['sign']),
        'jwk',
      );
    t.same(
      await refusal(t, () => subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt,decrypt'])),
      'TypeError',
      'two in one',
    );
    for (const name of [
      'aes-K\u212a',
      'Argon2\u0131d',
      '__proto__',
      'constructor',
      'toString',
      'AES-GCM,',
      '',
    ])
      t.same(await refusal(t, () => subtle.importKey('raw', iv, name, true, [])), 'NotSupportedError', name);
    for (const format of ['', ',', 'raw,', 'raw,raw-public', '__proto__'])
      t.same(await refusal(t, () => subtle.importKey(format, iv, 'HKDF', true, [])), 'TypeError', format);
  },

  async 'built-ins that listen'(t) {
    const key = await hmacKey(true, ['sign', 'verify']);
    const wrapping = await aesKey(['wrapKey', 'unwrapKey']);
    const seen = [];
    const undo = [];
    const listen = (holder, name, wrap) => {
      const descriptor = Object.getOwnPropertyDescriptor(holder, name);
      Object.defineProperty(holder, name, { configurable: true, ...wrap });
      undo.push(() => (descriptor ? Object.defineProperty(holder, name, descriptor) : delete holder[name]));
    };
    for (const [holder, name] of [
      [ArrayBuffer.prototype, 'transfer'],
      [ArrayBuffer.prototype, 'slice'],
      [Object.getPrototypeOf(Uint8Array.prototype), 'set'],
      [Map.prototype, 'get'],
      [Map.prototype, 'set'],
      [JSON, 'stringify'],
      [JSON, 'parse'],
      [String.prototype, 'toUpperCase'],
      [String.prototype, 'includes'],
    ]) {
      listen(holder, name, {
        value: (...args) => {
          seen[seen.length] = args;
          throw new Error(name);
        },
      });
    }
    for (const holder of [Object.prototype, Array.prototype, String.prototype, Number.prototype]) {
      for (const name of [
        'toJSON',
        'publicExponent',
        'shared',
        'ciphertext',
        'jwk',
        'key',
        'at_',
        'resolve',
        'iv_',
      ]) {
        listen(holder, name, {
          get() {
            seen[seen.length] = this;
            return undefined;
          },
          set(value) {
            seen[seen.length] = value;
          },
        });
      }
    }
    const outcomes = [
      await t.settle(() => subtle.sign('HMAC', key, iv), 'sign'),
      await t.settle(() => subtle.digest('SHA-512', iv), 'digest'),
      await t.settle(() => subtle.wrapKey('jwk', key, wrapping, gcm), 'wrap'),
      await t.settle(() => subtle.generateKey('Ed25519', true, ['sign', 'verify']), 'generate'),
      await t.settle(
        () => subtle.generateKey('ML-KEM-512', true, ['encapsulateBits', 'decapsulateBits']),
        'kem',
      ),
    ];
    const jwk = await t.settle(() => subtle.exportKey('jwk', key), 'export');
    const { value: imported } = await t.settle(
      () => subtle.importKey('jwk', jwk.value, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign']),
      'import',
    );
    outcomes[3].value?.publicKey.algorithm;
    for (let i = undo.length - 1; i >= 0; i--) undo[i]();
    for (const { error } of outcomes) t.same(error, undefined, 'it works nevertheless');
    t.ok(imported instanceof CryptoKey, 'the import works as well');
    t.walk(seen, 'what was seen');
    for (const value of seen) t.ok(!JSON.stringify(value)?.includes('operation'), 'nobody sees a request');
  },

  async 'a thenable result'(t) {
    const given = [];
    Object.defineProperty(Object.prototype, 'then', {
      configurable: true,
      get() {
        given[given.length] = this;
        return undefined;
      },
    });
    const pair = await subtle.generateKey('X25519', false, ['deriveBits']);
    const bits = await subtle.deriveBits({ name: 'X25519', public: pair.publicKey }, pair.privateKey, 256);
    delete Object.prototype.then;
    t.walk([given, pair, bits], 'results');
    t.ok(given.includes(pair), 'the result was seen, as the language says');
  },

  async 'what costs too much is refused'(t) {
    const base = await subtle.importKey('raw', iv, 'PBKDF2', false, ['deriveBits', 'deriveKey']);
    const pbkdf2 = (iterations) => ({ name: 'PBKDF2', hash: 'SHA-1', salt: iv, iterations });
    const refusals = [
      () => subtle.deriveBits(pbkdf2(0x7fffffff), base, 8),
      () => subtle.deriveBits(pbkdf2(1000), base, 0xfffffff8),
      () =>
        subtle.deriveKey(pbkdf2(1000), base, { name: 'HMAC', hash: 'SHA-1', length: 0xfffffff8 }, true, [
          'sign',
        ]),
      () =>
        subtle.generateKey(
          { name: 'RSA-PSS', hash: 'SHA-1', modulusLength: 65536, publicExponent: new Uint8Array([1, 0, 1]) },
          true,
          ['sign'],
        ),
    ];
    for (const [i, make] of refusals.entries())
      t.same(await refusal(t, make), 'NotSupportedError', `refusal ${i}`);
    const argon = await subtle.importKey('raw-secret', iv, 'Argon2id', false, ['deriveBits']);
    for (const [memory, passes] of [
      [0xffffffff, 1],
      [65_536, 0xffffffff],
    ]) {
      const algorithm = { name: 'Argon2id', nonce: iv, parallelism: 1, memory, passes };
      t.same(await refusal(t, () => subtle.deriveBits(algorithm, argon, 256)), 'NotSupportedError', 'Argon2');
    }
    t.same(SubtleCrypto.supports('deriveBits', pbkdf2(0x7fffffff), 256), false, 'supports');
    t.same(SubtleCrypto.supports('deriveBits', pbkdf2(1000), 256), true, 'supports less');
  },
});
