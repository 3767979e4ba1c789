/** Operations that the host performs, and what becomes of their results in this realm. */

import { newDOMException } from '../errors/dom-exception.ts';
import { guarded } from '../host.ts';
import type { CryptoSettle, KeyHandle } from '../host-api.ts';
import { ArrayBufferPrototypeTransfer, JSONParse, RangeErrorCtor, TypeErrorCtor } from '../primordials.ts';
import { Deferred } from '../streams/promises.ts';
import { type CryptoKey, type KeyState, newCryptoKey } from './crypto-key.ts';
import { addInFlight, takeInFlight, whenForgotten } from './in-flight.ts';
import type { Parcel } from './parcel.ts';

const host = guarded($host.crypto);

/** Makes the result out of what the host gave. */
export type Finish<T> = (text: string, first: unknown, second: unknown) => T;

/** Called by the host: nothing gets thrown back. */
const settle: CryptoSettle = (id, error, text, first, second) => {
  try {
    takeInFlight(id)?.(error, text, first, second);
  } catch {
    // nobody waits
  }
};

whenForgotten(() => host.forget(settle));

/** Has the host do what the parcel says. */
export function perform<T>(parcel: Parcel, finish: Finish<T>): Promise<T> {
  const deferred = new Deferred<T>();
  const id = addInFlight((error, text, first, second) => {
    if (error !== '') {
      deferred.reject(errorOf(error, text));
      return;
    }
    try {
      deferred.resolve(finish(text, first, second));
    } catch (reason) {
      deferred.reject(reason);
    }
  });
  try {
    host.start(parcel.request, parcel.joinBytes(), parcel.key, parcel.otherKey, settle, id);
  } catch (reason) {
    takeInFlight(id);
    throw reason;
  }
  return deferred.promise;
}

function errorOf(name: string, message: string): unknown {
  if (name === 'TypeError') return new TypeErrorCtor(message);
  return name === 'RangeError' ? new RangeErrorCtor(message) : newDOMException(message, name);
}

export const toBuffer: Finish<ArrayBuffer> = (_text, first) =>
  ArrayBufferPrototypeTransfer(first as ArrayBuffer);

export const toBoolean: Finish<boolean> = (text) => text === 'true';

/** Of an exported key. */
export const toBufferOrJwk: Finish<unknown> = (text, first) =>
  first === undefined ? JSONParse(text) : toBuffer(text, first, undefined);

/** One key. */
export const toCryptoKey: Finish<CryptoKey> = (text, first) =>
  keyOf(JSONParse(text) as readonly KeyText[], 0, first);

/** One key, or the two of a pair. */
export const toKeyOrPair: Finish<unknown> = (text, first, second) => {
  const texts = JSONParse(text) as readonly KeyText[];
  if (second === undefined) return keyOf(texts, 0, first);
  return { publicKey: keyOf(texts, 0, first), privateKey: keyOf(texts, 1, second) };
};

/** https://wicg.github.io/webcrypto-modern-algos/#encapsulation */
export const toEncapsulatedBits: Finish<unknown> = (text, first, second) => ({
  sharedKey: toBuffer(text, first, undefined),
  ciphertext: toBuffer(text, second, undefined),
});

export const toEncapsulatedKey: Finish<unknown> = (text, first, second) => ({
  sharedKey: toCryptoKey(text, first, undefined),
  ciphertext: toBuffer(text, second, undefined),
});

type KeyText = Omit<KeyState, 'handle'>;

function keyOf(texts: readonly KeyText[], index: number, handle: unknown): CryptoKey {
  const { type, extractable, name, algorithm, usages } = texts[index] as KeyText;
  return newCryptoKey({ handle: handle as KeyHandle, type, extractable, name, algorithm, usages });
}
