/**
 * Hashes and HMACs of a few bytes, done at once: handing them to another thread and back costs ten times what they do (bench/crypto.ts).
 * Runs in a thread, in the host realm.
 */

import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { copyOfBytes } from '../../../shared/bytes.ts';
import { keyOf, secretKeyOf } from './key-handle.ts';
import type { Outcome } from './operations.ts';
import type { CryptoRequest } from './request.ts';

/** Bytes. The slowest hash here takes about 50 µs for as many. */
const LIMIT = 16 * 1024;

/** Names of node:crypto, by those of the registry. */
const hashes: Readonly<Record<string, string>> = Object.freeze({
  __proto__: null as unknown as string,
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
  'SHA3-256': 'sha3-256',
  'SHA3-384': 'sha3-384',
  'SHA3-512': 'sha3-512',
});

/** The name of node:crypto for a hash without parameters. */
export function hashName(name: string): string | undefined {
  return hashes[name];
}

/** The outcome of a small operation; undefined for all others. The prelude has checked the key. */
export function performQuickly(request: CryptoRequest): Outcome | undefined {
  const { operation, algorithm, data } = request;
  if (operation === 'digest') {
    const name = hashes[algorithm.name];
    const isQuick = data.length <= LIMIT || algorithm.name === 'MD5'; // which no other thread does
    return name === undefined || !isQuick ? undefined : { first: copyOfBytes(hash(name, data, 'buffer')) };
  }
  if (algorithm.name !== 'HMAC' || data.length > LIMIT) return undefined;
  const mac = operation === 'sign' || operation === 'verify' ? hmac(request) : undefined;
  if (mac === undefined) return undefined;
  return operation === 'sign'
    ? { first: copyOfBytes(mac) }
    : { text: String(isEqual(mac, request.signature)) };
}

function hmac({ key, data }: CryptoRequest): Buffer | undefined {
  const secret = secretKeyOf(key);
  if (secret === undefined) return undefined;
  const { hash: given } = keyOf(key).algorithm as unknown as { hash: { name: string } };
  return createHmac(hashes[given.name] as string, secret)
    .update(data)
    .digest();
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
