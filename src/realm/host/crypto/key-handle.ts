/**
 * Keys in the hands of realms: objects without properties that only this module can look into, so that a realm can neither make one
 * up nor take a key out of it. A key is freed with the last CryptoKey that holds its handle. Runs in a thread, in the host realm.
 */

import { KeyObject, type webcrypto } from 'node:crypto';
import type { KeyHandle } from '../../prelude/host-api.ts';

/** A key of the host's own SubtleCrypto. */
export type HostKey = webcrypto.CryptoKey;

let keyIn: (handle: KeyHandle) => HostKey;
let objectIn: (handle: KeyHandle) => KeyObject;

class Handle implements KeyHandle {
  declare readonly __brand?: 'KeyHandle';
  readonly #key: HostKey;
  #object: KeyObject | undefined = undefined;

  constructor(key: HostKey) {
    this.#key = key;
    Object.freeze(this);
  }

  static {
    keyIn = (handle) => (handle as Handle).#key;
    objectIn = (handle) => ((handle as Handle).#object ??= KeyObject.from(keyIn(handle)));
  }
}

delete (Handle.prototype as { constructor?: unknown }).constructor;
Object.freeze(Object.setPrototypeOf(Handle.prototype, null));

export function newKeyHandle(key: HostKey): KeyHandle {
  return new Handle(key);
}

/** The key behind a handle. Throws for anything else. */
export function keyOf(handle: KeyHandle): HostKey {
  return keyIn(handle);
}

/** The same key for the functions of node:crypto. */
export function keyObjectOf(handle: KeyHandle): KeyObject {
  return objectIn(handle);
}
