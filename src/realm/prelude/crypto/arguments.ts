/** Conversions of the arguments that the methods of SubtleCrypto share. `where` names the method. */

import { isArrayBuffer, viewOf } from '../bytes.ts';
import { newDOMException } from '../errors/dom-exception.ts';
import { StringPrototypeIncludes, TypedArrayPrototypeGetBuffer, TypeErrorCtor } from '../primordials.ts';
import { isObject, toDOMString, toSequence } from '../webidl.ts';
import { isCryptoKey, type KeyState, keyStateOf } from './crypto-key.ts';

/** https://w3c.github.io/webcrypto/#dfn-AlgorithmIdentifier */
export type AlgorithmIdentifier = object | string;

export function toAlgorithm(value: unknown): AlgorithmIdentifier {
  return isObject(value) ? value : toDOMString(value);
}

/** The state of a CryptoKey. Throws a TypeError for anything else. */
export function toKey(value: unknown, where: string): KeyState {
  if (!isCryptoKey(value)) throw new TypeErrorCtor(`${where} is not a CryptoKey.`);
  return keyStateOf(value);
}

/** A BufferSource that has been checked. What it holds may change until it is read. */
export type CheckedBytes = object & { readonly __brand?: 'CheckedBytes' };

/** Throws a TypeError for what is no BufferSource, and for shared memory. */
export function toBufferSource(value: unknown, where: string): CheckedBytes {
  const view = viewOf(value);
  if (view === undefined) throw new TypeErrorCtor(`${where} is not an ArrayBuffer or a view on one.`);
  if (!isArrayBuffer(TypedArrayPrototypeGetBuffer(view)))
    throw new TypeErrorCtor(`${where} is shared memory.`);
  return value as CheckedBytes;
}

/** What it holds now; a detached one holds nothing. */
export function bytesOf(source: CheckedBytes): Uint8Array {
  return viewOf(source) as Uint8Array;
}

const FORMATS = ',raw,raw-public,raw-private,raw-seed,raw-secret,pkcs8,spki,jwk,';
const USAGES =
  ',encrypt,decrypt,sign,verify,deriveKey,deriveBits,wrapKey,unwrapKey,encapsulateKey,encapsulateBits,decapsulateKey,decapsulateBits,';

/** https://w3c.github.io/webcrypto/#dfn-KeyFormat */
export function toFormat(value: unknown, where: string): string {
  return toMember(toDOMString(value), FORMATS, `${where} is not a key format`);
}

/** A `sequence<KeyUsage>`: `,sign,verify,`. */
export function toUsages(value: unknown, where: string): string {
  const problem = `${where} has no key usage`;
  let usages = ',';
  toSequence(value, where, (usage) => {
    usages += `${toMember(toDOMString(usage), USAGES, problem)},`;
  });
  return usages;
}

function toMember(text: string, list: string, problem: string): string {
  if (StringPrototypeIncludes(text, ',') || !StringPrototypeIncludes(list, `,${text},`)) {
    throw new TypeErrorCtor(`${problem}: "${text}".`);
  }
  return text;
}

/** Throws the InvalidAccessError of a key that is of another algorithm, or was not made for this. */
export function checkKey(key: KeyState, algorithm: string, usage: string, where: string): void {
  if (key.name !== algorithm) {
    throw newDOMException(`${where}: the key is for ${key.name}, not ${algorithm}.`, 'InvalidAccessError');
  }
  if (!StringPrototypeIncludes(key.usages, `,${usage},`)) {
    throw newDOMException(`${where}: the usages of the key do not include "${usage}".`, 'InvalidAccessError');
  }
}
