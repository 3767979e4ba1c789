/** SubtleCrypto's arguments and errors, and CryptoKey. https://w3c.github.io/webcrypto/#subtlecrypto-interface */

import t from 'tap';
import { evaluate, makeTestRealm } from '../helpers/realm.ts';

/** Inside the realm: `outcome(promise)` is the value, or the error as text. */
const TOOLS = `
const { subtle } = crypto;
const one = new Uint8Array(1);
const iv = new Uint8Array(12);
const outcome = async (make) => {
  try {
    const promise = make();
    if (!(promise instanceof Promise)) return 'no promise';
    return await promise;
  } catch (error) {
    return (error instanceof DOMException || error instanceof TypeError ? '' : 'foreign ') + error.name + ': ' + error.message;
  }
};
const aes = (usages = ['encrypt', 'decrypt'], extractable = true) => subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', extractable, usages);
`;

function inRealm(body: string): Promise<unknown> {
  return evaluate(`${TOOLS}${body}`);
}

t.test('the interfaces are as Web IDL wants them', async (t) => {
  const names = await inRealm(`
    const lengths = {};
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(SubtleCrypto.prototype)))
      if (typeof value === 'function') lengths[name] = value.length;
    return {
      lengths,
      keys: [Object.keys(SubtleCrypto.prototype).includes('digest'), Object.keys(CryptoKey.prototype), SubtleCrypto.length, CryptoKey.length],
      tags: [String(subtle), subtle === crypto.subtle, SubtleCrypto.supports.length],
      made: [SubtleCrypto, CryptoKey].map((Class) => { try { new Class(); } catch (error) { return String(error); } }),
    };`);
  t.strictSame(names, {
    lengths: {
      constructor: 0,
      encrypt: 3,
      decrypt: 3,
      sign: 3,
      verify: 4,
      digest: 2,
      generateKey: 3,
      deriveKey: 5,
      deriveBits: 2,
      importKey: 5,
      exportKey: 2,
      wrapKey: 4,
      unwrapKey: 7,
      getPublicKey: 2,
      encapsulateKey: 5,
      encapsulateBits: 2,
      decapsulateKey: 6,
      decapsulateBits: 3,
      timingSafeEqual: 2,
    },
    keys: [true, ['type', 'extractable', 'algorithm', 'usages'], 0, 0],
    tags: ['[object SubtleCrypto]', true, 2],
    made: ['TypeError: Illegal constructor', 'TypeError: Illegal constructor'],
  });
});

t.test('every method answers with a promise, and its error names what was wrong', async (t) => {
  const outcomes = await inRealm(`
    const key = await aes();
    const pair = await subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
    const calls = [
      () => subtle.digest('SHA-256'),
      () => subtle.digest.call({}, 'SHA-256', one),
      () => subtle.digest('SHA-2', one),
      () => subtle.digest({}, one),
      () => subtle.digest(Symbol(), one),
      () => subtle.digest('SHA-256', 'text'),
      () => subtle.digest('SHA-256', new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer),
      () => subtle.encrypt({ name: 'AES-GCM', iv: 'text' }, key, one),
      () => subtle.encrypt({ name: 'AES-GCM' }, key, one),
      () => subtle.encrypt({ name: 'AES-GCM', iv, tagLength: 256 }, key, one),
      () => subtle.encrypt({ name: 'AES-GCM', iv, tagLength: 127 }, key, one),
      () => subtle.encrypt({ name: 'AES-CBC', iv: new Uint8Array(16) }, key, one),
      () => subtle.encrypt({ name: 'AES-GCM', iv }, {}, one),
      () => subtle.decrypt({ name: 'AES-GCM', iv }, key, new Uint8Array(20)),
      () => subtle.sign('AES-GCM', key, one),
      () => subtle.importKey('row', one, 'HKDF', false, []),
      () => subtle.importKey('raw', {}, 'HKDF', false, ['deriveBits']),
      () => subtle.importKey('jwk', one, 'HKDF', false, ['deriveBits']),
      () => subtle.importKey('jwk', 1, 'HKDF', false, ['deriveBits']),
      () => subtle.importKey('raw', one, 'HKDF', false, ['derive']),
      () => subtle.importKey('raw', one, 'HKDF', false, 'deriveBits'),
      () => subtle.importKey('raw', one, 'HKDF', true, ['deriveBits']),
      () => subtle.importKey('raw', one, 'AES-GCM', true, ['encrypt']),
      () => subtle.importKey('jwk', { kty: 'oct', k: 'AA', oth: 1 }, 'AES-GCM', true, ['encrypt']),
      () => subtle.generateKey({ name: 'AES-GCM', length: 99 }, true, ['encrypt']),
      () => subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, []),
      () => subtle.generateKey({ name: 'AES-GCM', length: 1e9 }, true, ['encrypt']),
      () => subtle.deriveBits({ name: 'ECDH', public: pair.privateKey }, pair.privateKey, 8),
      () => subtle.deriveBits({ name: 'ECDH', public: {} }, pair.privateKey, 8),
      () => subtle.deriveBits('ECDH', pair.privateKey, 8),
      () => subtle.exportKey('pkcs8', pair.publicKey),
    ];
    const results = [];
    for (const call of calls) results.push(await outcome(call));
    return results;`);
  t.strictSame(outcomes, [
    'TypeError: SubtleCrypto.digest: 2 arguments required, but only 1 present.',
    'TypeError: Illegal invocation',
    'NotSupportedError: SubtleCrypto.digest: "SHA-2" is no supported algorithm for digest.',
    'TypeError: SubtleCrypto.digest: the algorithm has no name.',
    'TypeError: Cannot convert a Symbol value to a string',
    'TypeError: SubtleCrypto.digest: argument 2 is not an ArrayBuffer or a view on one.',
    'TypeError: SubtleCrypto.digest: argument 2 is not an ArrayBuffer or a view on one.',
    'TypeError: SubtleCrypto.encrypt: iv of the algorithm is not an ArrayBuffer or a view on one.',
    'TypeError: SubtleCrypto.encrypt: iv of the algorithm is missing.',
    'TypeError: SubtleCrypto.encrypt: tagLength of the algorithm: the value is outside the range 0 to 255.',
    'OperationError: 127 is not a valid AES-GCM tag length',
    'InvalidAccessError: SubtleCrypto.encrypt: the key is for AES-GCM, not AES-CBC.',
    'TypeError: SubtleCrypto.encrypt: argument 2 is not a CryptoKey.',
    'OperationError: The operation failed for an operation-specific reason',
    'NotSupportedError: SubtleCrypto.sign: "AES-GCM" is no supported algorithm for sign.',
    'TypeError: SubtleCrypto.importKey: argument 1 is not a key format: "row".',
    'TypeError: SubtleCrypto.importKey: argument 2 is not an ArrayBuffer or a view on one, which the format "raw" takes.',
    'TypeError: SubtleCrypto.importKey: argument 2 is not a JsonWebKey, which the format "jwk" takes.',
    'TypeError: SubtleCrypto.importKey: argument 2: the value is not an object.',
    'TypeError: SubtleCrypto.importKey: argument 5 has no key usage: "derive".',
    'TypeError: SubtleCrypto.importKey: argument 5: the value is not a sequence.',
    'SyntaxError: HKDF keys are not extractable',
    'DataError: Invalid key length',
    'TypeError: SubtleCrypto.importKey: argument 2: oth: the value is not a sequence.',
    'OperationError: AES key length must be 128, 192, or 256 bits',
    'SyntaxError: Usages cannot be empty when creating a key.',
    'TypeError: SubtleCrypto.generateKey: length of the algorithm: the value is outside the range 0 to 65535.',
    'InvalidAccessError: algorithm.public must be a public key',
    'TypeError: SubtleCrypto.deriveBits: public of the algorithm is not a CryptoKey.',
    'TypeError: SubtleCrypto.deriveBits: public of the algorithm is missing.',
    'InvalidAccessError: Key must be a private key',
  ]);
});

t.test('parameters are read once, in the order of Web IDL, and copied last', async (t) => {
  const seen = await inRealm(`
    const key = await aes();
    const reads = [];
    const data = new Uint8Array([1, 2, 3]);
    const nonce = new Uint8Array(12);
    const watched = new Proxy({ name: 'aes-gcm', iv: nonce, tagLength: 96 }, {
      get(target, name) {
        reads.push(name);
        if (name === 'tagLength') { nonce[0] = 9; data[0] = 9; }
        return target[name];
      },
    });
    const encrypted = await subtle.encrypt(watched, key, data);
    const plain = await subtle.decrypt({ name: 'AES-GCM', iv: nonce, tagLength: 96 }, key, encrypted);
    return [reads, encrypted.byteLength, [...new Uint8Array(plain)]];`);
  t.strictSame(seen, [['name', 'additionalData', 'iv', 'tagLength'], 15, [9, 2, 3]]);
});

t.test('a key shows its slots, each the same object every time', async (t) => {
  const shown = await inRealm(`
    const key = await aes(['decrypt', 'encrypt', 'decrypt'], false);
    const rsa = await subtle.generateKey({ name: 'RSA-OAEP', hash: 'SHA-512', modulusLength: 1024, publicExponent: new Uint8Array([0, 1, 0, 1]) }, false, ['encrypt', 'decrypt']);
    const { publicExponent } = rsa.publicKey.algorithm;
    const clone = structuredClone({ key, again: key });
    return [
      [key.type, key.extractable, key.algorithm, key.usages, String(key)],
      [key.algorithm === key.algorithm, key.usages === key.usages, Object.getPrototypeOf(key.algorithm) === Object.prototype, Array.isArray(key.usages)],
      [publicExponent instanceof Uint8Array, publicExponent.toHex(), rsa.publicKey.algorithm.hash],
      [rsa.publicKey.type, rsa.publicKey.extractable, rsa.publicKey.usages, rsa.privateKey.type, rsa.privateKey.extractable, rsa.privateKey.usages],
      [clone.key === clone.again, clone.key !== key, clone.key instanceof CryptoKey, clone.key.algorithm !== key.algorithm, clone.key.extractable],
      (await subtle.encrypt({ name: 'AES-GCM', iv }, clone.key, one)).byteLength,
    ];`);
  t.strictSame(shown, [
    ['secret', false, { name: 'AES-GCM', length: 128 }, ['encrypt', 'decrypt'], '[object CryptoKey]'],
    [true, true, true, true],
    [true, '00010001', { name: 'SHA-512' }],
    ['public', true, ['encrypt'], 'private', false, ['decrypt']],
    [true, true, true, true, false],
    17,
  ]);
});

t.test('console shows what a key is for, and not the key', async (t) => {
  const { fetch, logs, realm } =
    await makeTestRealm(`"use strict";($nanod) => { $nanod.exports({ default: () => ({
    async fetch() { console.log(await crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-KW', false, ['wrapKey'])); return new Response(); },
  }) }); }`);
  await fetch();
  realm.dispose();
  const [, text] = logs[0] ?? [];
  t.match(text, /^CryptoKey \{/u);
  for (const part of ["type: 'secret'", 'extractable: false', "name: 'AES-KW'", "'wrapKey'"])
    t.ok(text?.includes(part), part);
});

t.test('keys go out and come in, in every format', async (t) => {
  const formats = await inRealm(`
    const rounds = [
      ['raw', { name: 'HMAC', hash: 'SHA-384' }, ['sign', 'verify']],
      ['jwk', { name: 'AES-CTR', length: 192 }, ['encrypt']],
      ['raw-secret', 'ChaCha20-Poly1305', ['encrypt']],
      ['spki', { name: 'ECDSA', namedCurve: 'P-384' }, ['sign', 'verify']],
      ['pkcs8', { name: 'ECDSA', namedCurve: 'P-521' }, ['sign', 'verify']],
      ['raw', { name: 'ECDH', namedCurve: 'P-256' }, ['deriveBits']],
      ['jwk', 'Ed25519', ['sign', 'verify']],
      ['raw-public', 'Ed448', ['sign', 'verify']],
      ['jwk', 'X448', ['deriveBits']],
      ['raw-seed', 'ML-DSA-65', ['sign', 'verify']],
      ['raw-public', 'ML-KEM-768', ['encapsulateBits', 'decapsulateBits']],
      ['jwk', 'ML-DSA-44', ['sign', 'verify']],
      ['pkcs8', { name: 'RSA-PSS', hash: 'SHA-256', modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]) }, ['sign', 'verify']],
    ];
    const text = (exported) => exported instanceof ArrayBuffer ? new Uint8Array(exported).toHex() : JSON.stringify(exported);
    const results = {};
    for (const [format, algorithm, usages] of rounds) {
      const made = await subtle.generateKey(algorithm, true, usages);
      const isPrivate = ['pkcs8', 'raw-seed', 'jwk'].includes(format);
      const key = made instanceof CryptoKey ? made : isPrivate ? made.privateKey : made.publicKey;
      const exported = await subtle.exportKey(format, key);
      const imported = await subtle.importKey(format, exported, algorithm, true, key.usages);
      const same = text(await subtle.exportKey(format, imported)) === text(exported);
      results[format + ' ' + (algorithm.name ?? algorithm)] = same && imported.type === key.type;
    }
    return results;`);
  t.equal(Object.keys(formats as object).length, 13);
  for (const [format, isSame] of Object.entries(formats as object)) t.equal(isSame, true, format);
});

t.test('encapsulation', async (t) => {
  t.strictSame(
    await inRealm(`
    const results = [];
    for (const name of ['ML-KEM-512', 'ML-KEM-1024', 'MLKEM768-X25519']) {
      const { publicKey, privateKey } = await subtle.generateKey(name, false, ['encapsulateBits', 'decapsulateBits', 'encapsulateKey', 'decapsulateKey']);
      const bits = await subtle.encapsulateBits(name, publicKey);
      const opened = await subtle.decapsulateBits(name, privateKey, bits.ciphertext);
      const keys = await subtle.encapsulateKey(name, publicKey, 'AES-GCM', true, ['encrypt']);
      const key = await subtle.decapsulateKey(name, privateKey, keys.ciphertext, 'AES-GCM', true, ['decrypt']);
      results.push([
        crypto.subtle.timingSafeEqual(bits.sharedKey, opened),
        crypto.subtle.timingSafeEqual(await subtle.exportKey('raw', keys.sharedKey), await subtle.exportKey('raw', key)),
        keys.sharedKey.usages,
      ]);
    }
    return results;`),
    new Array(3).fill([true, true, ['encrypt']]),
  );
});

t.test('supports says what would be taken', async (t) => {
  t.strictSame(
    await inRealm(`
    const cases = [
      ['digest', 'SHA-256'], ['digest', 'MD5'], ['digest', 'SHA-2'], ['digest', { name: 'cSHAKE128', outputLength: 256 }],
      ['encrypt', { name: 'AES-GCM', iv }], ['encrypt', 'AES-GCM'], ['sign', 'Ed25519'], ['sign', 'X25519'],
      ['generateKey', { name: 'AES-GCM', length: 128 }], ['generateKey', { name: 'AES-GCM', length: 100 }],
      ['wrapKey', 'AES-KW', 'HMAC'], ['wrapKey', 'AES-KW', 'HKDF'],
      ['deriveBits', { name: 'HKDF', hash: 'SHA-1', salt: iv, info: iv }, 16], ['deriveBits', { name: 'HKDF', hash: 'SHA-1', salt: iv, info: iv }, 7],
      ['encapsulateKey', 'ML-KEM-768', 'AES-GCM'], ['getPublicKey', 'ECDSA'], ['getPublicKey', 'HMAC'], ['toString', 'SHA-1'],
    ];
    return [cases.map((args) => SubtleCrypto.supports(...args)), (() => { try { SubtleCrypto.supports('digest'); } catch (error) { return error.name; } })()];`),
    [
      [
        ...[true, true, false, true],
        ...[true, false, true, false],
        ...[true, false],
        ...[true, false],
        ...[true, false],
        ...[true, true, false, false],
      ],
      'TypeError',
    ],
  );
});

t.test('timingSafeEqual compares bytes of one length', async (t) => {
  t.strictSame(
    await inRealm(`
    const attempt = (...args) => { try { return subtle.timingSafeEqual(...args); } catch (error) { return String(error); } };
    const bytes = new Uint8Array([9, 1, 2, 3, 9]);
    return [
      attempt(bytes.subarray(1, 4), new Uint8Array([1, 2, 3])),
      attempt(bytes.buffer, bytes),
      attempt(new Uint16Array([1]), new Uint8Array([1, 0])),
      attempt(new Uint8Array([1]), new Uint8Array([2])),
      attempt(new Uint8Array(), new ArrayBuffer(0)),
      attempt(bytes, new Uint8Array(4)),
      attempt('a', 'a'),
      attempt(bytes),
    ];`),
    [
      true,
      true,
      true,
      false,
      true,
      'TypeError: SubtleCrypto.timingSafeEqual: the arguments are not of the same length in bytes.',
      'TypeError: SubtleCrypto.timingSafeEqual: argument 1 is not an ArrayBuffer or a view on one.',
      'TypeError: SubtleCrypto.timingSafeEqual: 2 arguments required, but only 1 present.',
    ],
  );
});

t.test('an operation that ends after its realm is gone runs nothing in there', async (t) => {
  const { fetch, realm, logs } =
    await makeTestRealm(`"use strict";($nanod) => { $nanod.exports({ default: () => ({
    async fetch() {
      crypto.subtle.digest('SHA-256', new Uint8Array(1_000_000)).then(() => console.log('ended'));
      crypto.subtle.generateKey('Ed25519', true, ['sign']).then(() => console.log('ended'), () => console.log('failed'));
      return new Response();
    },
  }) }); }`);
  await fetch();
  realm.dispose();
  const other = "return (await crypto.subtle.digest('SHA-256', new Uint8Array(2_000_000))).byteLength;";
  t.equal(await evaluate(other), 32, 'a later one of another realm has ended');
  t.strictSame(logs, []);
});
