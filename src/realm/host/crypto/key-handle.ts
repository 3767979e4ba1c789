/**
 * Keys in the hands of realms: objects without properties that only this module can look into, so that a realm can neither make one
 * up nor take a key out of it. A key is freed with the last CryptoKey that holds its handle. Runs in a thread, in the host realm.
 */

import { createSecretKey, KeyObject, type webcrypto } from 'node:crypto';
import type { KeyHandle } from '../../prelude/host-api.ts';

/** A key of the host's own SubtleCrypto. */
export type HostKey = webcrypto.CryptoKey;

let keyIn: (handle: KeyHandle) => HostKey;
let secretIn: (handle: KeyHandle) => KeyObject | undefined;

class Handle implements KeyHandle {
  declare readonly __brand?: 'KeyHandle';
  readonly #key: HostKey;
  readonly #secret: KeyObject | undefined;

  constructor(key: HostKey, secret: KeyObject | undefined) {
    this.#key = key;
    this.#secret = secret;
    Object.freeze(this);
  }

  static {
    keyIn = (handle) => (handle as Handle).#key;
    secretIn = (handle) => (handle as Handle).#secret;
  }
}

delete (Handle.prototype as { constructor?: unknown }).constructor;
Object.freeze(Object.setPrototypeOf(Handle.prototype, null));

/** `material`: the bytes of a secret key, where they are known. Node.js does not give them out of a key that is not extractable. */
export function newKeyHandle(key: HostKey, material?: Uint8Array): KeyHandle {
  return new Handle(key, isWhole(key, material) ? createSecretKey(material) : secretOf(key));
}

function secretOf(key: HostKey): KeyObject | undefined {
  return key.extractable && key.algorithm.name === 'HMAC' ? KeyObject.from(key) : undefined;
}

/** The bytes are all of the key: its length can be less than theirs. */
function isWhole(key: HostKey, material: Uint8Array | undefined): material is Uint8Array {
  const { name, length } = key.algorithm as { name: string; length?: number };
  return material !== undefined && name === 'HMAC' && length === material.length * 8;
}

/** The key behind a handle. Throws for anything else. */
export function keyOf(handle: KeyHandle): HostKey {
  return keyIn(handle);
}

/** The same key for the functions of node:crypto; undefined where it is not for HMAC, or its bytes are not known. */
export function secretKeyOf(handle: KeyHandle): KeyObject | undefined {
  return secretIn(handle);
}
