/** node:crypto, as far as hashes, random values and key derivation go. Keys, ciphers and signatures are in the realm's `crypto.subtle`. */

import { invalidArgType, nodeError } from '../errors.ts';
import { toSecret } from './bytes.ts';
import { hkdf, hkdfSync, pbkdf2, pbkdf2Sync, scrypt, scryptSync } from './derivation.ts';
import { createHash, createHmac, getHashes, Hash, hash, Hmac } from './hash.ts';
import { randomBytes, randomFill, randomFillSync, randomInt } from './random.ts';

const { crypto } = globalThis;

function requireView(value: unknown, name: string): ArrayBufferView {
  if (typeof value !== 'string') return toSecret(value, name);
  throw invalidArgType(name, 'an instance of ArrayBuffer, Buffer, TypedArray, or DataView', value);
}

function timingSafeEqual(a: unknown, b: unknown): boolean {
  const [one, two] = [requireView(a, 'buf1'), requireView(b, 'buf2')];
  if (one.byteLength !== two.byteLength) {
    const message = 'Input buffers must have the same byte length';
    throw nodeError('ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH', message, RangeError);
  }
  return $powers.hashing.equal(one, two);
}

export default {
  Hash,
  Hmac,
  constants: Object.freeze({}),
  createHash,
  createHmac,
  getHashes,
  getRandomValues: <T extends ArrayBufferView<ArrayBuffer>>(array: T): T => crypto.getRandomValues(array),
  hash,
  hkdf,
  hkdfSync,
  pbkdf2,
  pbkdf2Sync,
  randomBytes,
  randomFill,
  randomFillSync,
  randomInt,
  randomUUID: (): string => crypto.randomUUID(),
  scrypt,
  scryptSync,
  subtle: crypto.subtle,
  timingSafeEqual,
  webcrypto: crypto,
};
