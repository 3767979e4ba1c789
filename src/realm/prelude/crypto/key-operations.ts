/** The methods of SubtleCrypto that make keys, and bring them in and out. */

import { viewOf } from '../bytes.ts';
import { TypeErrorCtor } from '../primordials.ts';
import { requireArguments } from '../webidl.ts';
import {
  type AlgorithmIdentifier,
  bytesOf,
  checkKey,
  type CheckedBytes,
  toAlgorithm,
  toBufferSource,
  toFormat,
  toKey,
  toUsages,
} from './arguments.ts';
import type { Operation } from './algorithms.ts';
import type { CryptoKey } from './crypto-key.ts';
import { toJsonWebKey } from './jwk.ts';
import { type NormalizedAlgorithm, normalizeAlgorithm } from './normalize.ts';
import { perform, toBuffer, toBufferOrJwk, toCryptoKey, toKeyOrPair } from './operations.ts';
import { type Fields, Parcel } from './parcel.ts';

/** https://w3c.github.io/webcrypto/#SubtleCrypto-method-generateKey */
export function generateKey(args: IArguments): Promise<unknown> {
  const where = 'SubtleCrypto.generateKey';
  requireArguments(args.length, 3, where);
  const algorithm = toAlgorithm(args[0]);
  const parcel = new Parcel('generateKey');
  parcel.fields['extractable'] = !!args[1];
  parcel.fields['usages'] = toUsages(args[2], `${where}: argument 3`);
  parcel.fields['algorithm'] = normalizeAlgorithm(algorithm, 'generateKey', parcel, where);
  return perform(parcel, toKeyOrPair);
}

/** https://w3c.github.io/webcrypto/#SubtleCrypto-method-importKey */
export function importKey(args: IArguments): Promise<CryptoKey> {
  const where = 'SubtleCrypto.importKey';
  requireArguments(args.length, 5, where);
  const parcel = new Parcel('importKey');
  const format = toFormat(args[0], `${where}: argument 1`);
  const keyData = toKeyData(args[1], where);
  const algorithm = toAlgorithm(args[2]);
  parcel.fields['format'] = format;
  parcel.fields['extractable'] = !!args[3];
  parcel.fields['usages'] = toUsages(args[4], `${where}: argument 5`);
  parcel.fields['algorithm'] = normalizeAlgorithm(algorithm, 'importKey', parcel, where);
  if ((format === 'jwk') !== (keyData.jwk !== undefined)) {
    const wanted = format === 'jwk' ? 'a JsonWebKey' : 'an ArrayBuffer or a view on one';
    throw new TypeErrorCtor(`${where}: argument 2 is not ${wanted}, which the format "${format}" takes.`);
  }
  if (keyData.jwk === undefined) parcel.fields['data'] = parcel.bytes(bytesOf(keyData.bytes));
  else parcel.fields['jwk'] = keyData.jwk;
  return perform(parcel, toCryptoKey);
}

type KeyData =
  | { readonly jwk: Fields; readonly bytes?: undefined }
  | { readonly jwk: undefined; readonly bytes: CheckedBytes };

/** `(BufferSource or JsonWebKey)` */
function toKeyData(value: unknown, where: string): KeyData {
  const place = `${where}: argument 2`;
  if (viewOf(value) === undefined) return { jwk: toJsonWebKey(value, place) };
  return { jwk: undefined, bytes: toBufferSource(value, place) };
}

/** https://w3c.github.io/webcrypto/#SubtleCrypto-method-exportKey */
export function exportKey(args: IArguments): Promise<unknown> {
  const where = 'SubtleCrypto.exportKey';
  requireArguments(args.length, 2, where);
  const parcel = new Parcel('exportKey');
  parcel.fields['format'] = toFormat(args[0], `${where}: argument 1`);
  parcel.key = toKey(args[1], `${where}: argument 2`).handle;
  return perform(parcel, toBufferOrJwk);
}

/** https://wicg.github.io/webcrypto-modern-algos/#SubtleCrypto-method-getPublicKey */
export function getPublicKey(args: IArguments): Promise<CryptoKey> {
  const where = 'SubtleCrypto.getPublicKey';
  requireArguments(args.length, 2, where);
  const parcel = new Parcel('getPublicKey');
  parcel.key = toKey(args[0], `${where}: argument 1`).handle;
  parcel.fields['usages'] = toUsages(args[1], `${where}: argument 2`);
  return perform(parcel, toCryptoKey);
}

/** https://w3c.github.io/webcrypto/#SubtleCrypto-method-wrapKey */
export function wrapKey(args: IArguments): Promise<ArrayBuffer> {
  const where = 'SubtleCrypto.wrapKey';
  requireArguments(args.length, 4, where);
  const parcel = new Parcel('wrapKey');
  parcel.fields['format'] = toFormat(args[0], `${where}: argument 1`);
  const key = toKey(args[1], `${where}: argument 2`);
  const wrappingKey = toKey(args[2], `${where}: argument 3`);
  const algorithm = normalizeEither(toAlgorithm(args[3]), 'wrapKey', 'encrypt', parcel, where);
  parcel.fields['algorithm'] = algorithm;
  checkKey(wrappingKey, algorithm.name, 'wrapKey', where);
  parcel.key = wrappingKey.handle;
  parcel.otherKey = key.handle;
  return perform(parcel, toBuffer);
}

/** https://w3c.github.io/webcrypto/#SubtleCrypto-method-unwrapKey */
export function unwrapKey(args: IArguments): Promise<CryptoKey> {
  const where = 'SubtleCrypto.unwrapKey';
  requireArguments(args.length, 7, where);
  const parcel = new Parcel('unwrapKey');
  parcel.fields['format'] = toFormat(args[0], `${where}: argument 1`);
  const wrapped = toBufferSource(args[1], `${where}: argument 2`);
  const key = toKey(args[2], `${where}: argument 3`);
  const unwrapAlgorithm = toAlgorithm(args[3]);
  const keyAlgorithm = toAlgorithm(args[4]);
  parcel.fields['extractable'] = !!args[5];
  parcel.fields['usages'] = toUsages(args[6], `${where}: argument 7`);
  const algorithm = normalizeEither(unwrapAlgorithm, 'unwrapKey', 'decrypt', parcel, where);
  parcel.fields['algorithm'] = algorithm;
  parcel.fields['keyAlgorithm'] = normalizeAlgorithm(keyAlgorithm, 'importKey', parcel, where);
  parcel.fields['data'] = parcel.bytes(bytesOf(wrapped));
  checkKey(key, algorithm.name, 'unwrapKey', where);
  parcel.key = key.handle;
  return perform(parcel, toCryptoKey);
}

/** An algorithm that has the one operation, or else the other. */
export function normalizeEither(
  algorithm: AlgorithmIdentifier,
  operation: Operation,
  otherwise: Operation,
  parcel: Parcel,
  where: string,
): NormalizedAlgorithm {
  try {
    return normalizeAlgorithm(algorithm, operation, parcel, where);
  } catch {
    return normalizeAlgorithm(algorithm, otherwise, parcel, where);
  }
}
