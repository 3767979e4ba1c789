/**
 * What a realm's prelude asks of the host's SubtleCrypto (prelude/crypto/parcel.ts), unpacked: JSON, in which `{at, length}` stands for
 * bytes of the buffer beside it and `{key}` for a key. All of it is made by the prelude. Runs in a thread, in the host realm.
 */

import type { KeyHandle } from '../../prelude/host-api.ts';
import { keyOf } from './key-handle.ts';

/** An algorithm, normalized. */
export interface Algorithm {
  readonly name: string;
  readonly [member: string]: unknown;
}

/** Which members there are depends on the operation. */
export interface CryptoRequest {
  /** A method of SubtleCrypto. */
  readonly operation: string;
  /** '' as its name where the operation takes none. */
  readonly algorithm: Algorithm;
  /** Of the key that is derived, unwrapped or shared; likewise. */
  readonly keyAlgorithm: Algorithm;
  readonly format: string;
  readonly extractable: boolean;
  readonly usages: readonly string[];
  readonly length: number | undefined;
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
  readonly jwk: object | undefined;
  readonly key: KeyHandle;
  readonly otherKey: KeyHandle;
}

/** A request as it arrives; see CryptoHost. */
export interface PackedRequest {
  readonly text: string;
  readonly bytes: ArrayBuffer;
  readonly key: KeyHandle | undefined;
  readonly otherKey: KeyHandle | undefined;
}

export function unpack({ text, bytes, key, otherKey }: PackedRequest): CryptoRequest {
  const fields = JSON.parse(text) as Fields;
  resolveReferences(fields, bytes, otherKey);
  const { usages } = fields;
  return {
    algorithm: NONE,
    keyAlgorithm: NONE,
    data: NO_BYTES,
    ...fields,
    usages: typeof usages === 'string' ? namesIn(usages) : [],
    key,
    otherKey,
  } as unknown as CryptoRequest;
}

const NONE: Algorithm = Object.freeze({ name: '' });
const NO_BYTES = new Uint8Array(0);

type Fields = Record<string, unknown>;

/** Puts in place what references stand for. A JWK is left alone: it is a worker's words, not the prelude's. */
function resolveReferences(fields: Fields, bytes: ArrayBuffer, otherKey: KeyHandle | undefined): void {
  for (const name in fields) {
    const value = fields[name];
    if (typeof value !== 'object' || value === null || name === 'jwk') continue;
    const reference = value as Fields;
    if ('at' in reference)
      fields[name] = new Uint8Array(bytes, reference['at'] as number, reference['length'] as number);
    else if ('key' in reference) fields[name] = keyOf(otherKey as KeyHandle);
    else resolveReferences(reference, bytes, otherKey);
  }
}

/** `,sign,verify,` */
function namesIn(list: string): string[] {
  return list.split(',').filter((name) => name !== '');
}
