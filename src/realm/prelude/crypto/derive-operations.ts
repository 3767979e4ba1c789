/** The methods of SubtleCrypto that derive bits and keys, and those that encapsulate them. */

import { requireArguments, toUnsigned } from '../webidl.ts';
import {
  type AlgorithmIdentifier,
  bytesOf,
  type CheckedBytes,
  checkKey,
  toAlgorithm,
  toBufferSource,
  toKey,
  toUsages,
} from './arguments.ts';
import type { CryptoKey, KeyState } from './crypto-key.ts';
import { type NormalizedAlgorithm, normalizeAlgorithm } from './normalize.ts';
import {
  type Finish,
  perform,
  toBuffer,
  toCryptoKey,
  toEncapsulatedBits,
  toEncapsulatedKey,
} from './operations.ts';
import { Parcel } from './parcel.ts';

/** `unsigned long?` */
export function toLength(value: unknown): number | undefined {
  return value === undefined || value === null ? undefined : toUnsigned(value, 32);
}

/** https://w3c.github.io/webcrypto/#SubtleCrypto-method-deriveBits */
export function deriveBits(args: IArguments): Promise<ArrayBuffer> {
  const where = 'SubtleCrypto.deriveBits';
  requireArguments(args.length, 2, where);
  const parcel = new Parcel('deriveBits');
  const algorithm = toAlgorithm(args[0]);
  const key = toKey(args[1], `${where}: argument 2`);
  parcel.fields['length'] = toLength(args[2]);
  const normalized = normalizeAlgorithm(algorithm, 'deriveBits', parcel, where);
  parcel.fields['algorithm'] = normalized;
  checkKey(key, normalized.name, 'deriveBits', where);
  parcel.key = key.handle;
  return perform(parcel, toBuffer);
}

/** https://w3c.github.io/webcrypto/#SubtleCrypto-method-deriveKey */
export function deriveKey(args: IArguments): Promise<CryptoKey> {
  const where = 'SubtleCrypto.deriveKey';
  requireArguments(args.length, 5, where);
  const parcel = new Parcel('deriveKey');
  const algorithm = toAlgorithm(args[0]);
  const key = toKey(args[1], `${where}: argument 2`);
  const derived = toAlgorithm(args[2]);
  parcel.fields['extractable'] = !!args[3];
  parcel.fields['usages'] = toUsages(args[4], `${where}: argument 5`);
  const normalized = normalizeAlgorithm(algorithm, 'deriveBits', parcel, where);
  parcel.fields['algorithm'] = normalized;
  parcel.fields['keyAlgorithm'] = normalizeDerived(derived, parcel, where);
  checkKey(key, normalized.name, 'deriveKey', where);
  parcel.key = key.handle;
  return perform(parcel, toCryptoKey);
}

/** The algorithm of a derived key: what it takes to import it, and to tell its length, of which each is part of the other or empty. */
export function normalizeDerived(
  algorithm: AlgorithmIdentifier,
  parcel: Parcel,
  where: string,
): NormalizedAlgorithm {
  normalizeAlgorithm(algorithm, 'importKey', parcel, where);
  return normalizeAlgorithm(algorithm, 'get key length', parcel, where);
}

/** https://wicg.github.io/webcrypto-modern-algos/#SubtleCrypto-method-encapsulateBits */
export function encapsulateBits(args: IArguments): Promise<unknown> {
  const where = 'SubtleCrypto.encapsulateBits';
  requireArguments(args.length, 2, where);
  const algorithm = toAlgorithm(args[0]);
  const key = toKey(args[1], `${where}: argument 2`);
  const given = {
    operation: 'encapsulateBits',
    algorithm,
    key,
    ciphertext: undefined,
    shared: undefined,
    where,
  };
  return exchange(given, toEncapsulatedBits);
}

/** https://wicg.github.io/webcrypto-modern-algos/#SubtleCrypto-method-encapsulateKey */
export function encapsulateKey(args: IArguments): Promise<unknown> {
  const where = 'SubtleCrypto.encapsulateKey';
  requireArguments(args.length, 5, where);
  const algorithm = toAlgorithm(args[0]);
  const key = toKey(args[1], `${where}: argument 2`);
  const shared = toSharedKey(args, 2, where);
  const given = { operation: 'encapsulateKey', algorithm, key, ciphertext: undefined, shared, where };
  return exchange(given, toEncapsulatedKey);
}

/** https://wicg.github.io/webcrypto-modern-algos/#SubtleCrypto-method-decapsulateBits */
export function decapsulateBits(args: IArguments): Promise<ArrayBuffer> {
  const where = 'SubtleCrypto.decapsulateBits';
  requireArguments(args.length, 3, where);
  const algorithm = toAlgorithm(args[0]);
  const key = toKey(args[1], `${where}: argument 2`);
  const ciphertext = toBufferSource(args[2], `${where}: argument 3`);
  const given = { operation: 'decapsulateBits', algorithm, key, ciphertext, shared: undefined, where };
  return exchange(given, toBuffer);
}

/** https://wicg.github.io/webcrypto-modern-algos/#SubtleCrypto-method-decapsulateKey */
export function decapsulateKey(args: IArguments): Promise<CryptoKey> {
  const where = 'SubtleCrypto.decapsulateKey';
  requireArguments(args.length, 6, where);
  const algorithm = toAlgorithm(args[0]);
  const key = toKey(args[1], `${where}: argument 2`);
  const ciphertext = toBufferSource(args[2], `${where}: argument 3`);
  const shared = toSharedKey(args, 3, where);
  return exchange({ operation: 'decapsulateKey', algorithm, key, ciphertext, shared, where }, toCryptoKey);
}

/** The key to make of shared bits. */
interface SharedKey {
  readonly algorithm: AlgorithmIdentifier;
  readonly extractable: boolean;
  readonly usages: string;
}

function toSharedKey(args: IArguments, at: number, where: string): SharedKey {
  const algorithm = toAlgorithm(args[at]);
  const extractable = !!args[at + 1];
  return { algorithm, extractable, usages: toUsages(args[at + 2], `${where}: argument ${at + 3}`) };
}

/** What the four methods have in common. */
interface Exchange {
  readonly operation: string;
  readonly algorithm: AlgorithmIdentifier;
  readonly key: KeyState;
  readonly ciphertext: CheckedBytes | undefined;
  readonly shared: SharedKey | undefined;
  readonly where: string;
}

function exchange<T>(given: Exchange, finish: Finish<T>): Promise<T> {
  const { operation, key, ciphertext, shared, where } = given;
  const parcel = new Parcel(operation);
  const direction = ciphertext === undefined ? 'encapsulate' : 'decapsulate';
  const algorithm = normalizeAlgorithm(given.algorithm, direction, parcel, where);
  parcel.fields['algorithm'] = algorithm;
  if (shared !== undefined) {
    parcel.fields['extractable'] = shared.extractable;
    parcel.fields['usages'] = shared.usages;
    parcel.fields['keyAlgorithm'] = normalizeAlgorithm(shared.algorithm, 'importKey', parcel, where);
  }
  if (ciphertext !== undefined) parcel.fields['data'] = parcel.bytes(bytesOf(ciphertext));
  checkKey(key, algorithm.name, operation, where);
  parcel.key = key.handle;
  return perform(parcel, finish);
}
