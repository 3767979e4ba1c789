/**
 * The operations of SubtleCrypto, each by the host's own. What a realm's prelude has not checked already, the host's checks, with the
 * specification's errors. Runs in a thread, in the host realm.
 */

import { webcrypto } from 'node:crypto';
import type { KeyHandle } from '../../prelude/host-api.ts';
import { type HostKey, keyOf, newKeyHandle } from './key-handle.ts';
import type { Algorithm, CryptoRequest } from './request.ts';

/** What a realm is given; see CryptoSettle. */
export interface Outcome {
  readonly text?: string;
  readonly first?: ArrayBuffer | KeyHandle;
  readonly second?: ArrayBuffer | KeyHandle;
}

interface KeyPair {
  readonly publicKey: HostKey;
  readonly privateKey: HostKey;
}

interface Encapsulated<T> {
  readonly sharedKey: T;
  readonly ciphertext: ArrayBuffer;
}

/** The host's SubtleCrypto as it is called here: with what was normalized already. */
interface HostSubtle {
  encrypt(algorithm: Algorithm, key: HostKey, data: Uint8Array): Promise<ArrayBuffer>;
  decrypt(algorithm: Algorithm, key: HostKey, data: Uint8Array): Promise<ArrayBuffer>;
  sign(algorithm: Algorithm, key: HostKey, data: Uint8Array): Promise<ArrayBuffer>;
  verify(algorithm: Algorithm, key: HostKey, signature: Uint8Array, data: Uint8Array): Promise<boolean>;
  digest(algorithm: Algorithm, data: Uint8Array): Promise<ArrayBuffer>;
  generateKey(algorithm: Algorithm, extractable: boolean, usages: Usages): Promise<HostKey | KeyPair>;
  importKey(
    format: string,
    data: object,
    algorithm: Algorithm,
    extractable: boolean,
    usages: Usages,
  ): Promise<HostKey>;
  exportKey(format: string, key: HostKey): Promise<ArrayBuffer | object>;
  getPublicKey(key: HostKey, usages: Usages): Promise<HostKey>;
  wrapKey(format: string, key: HostKey, wrappingKey: HostKey, algorithm: Algorithm): Promise<ArrayBuffer>;
  unwrapKey(
    format: string,
    data: Uint8Array,
    key: HostKey,
    algorithm: Algorithm,
    keyAlgorithm: Algorithm,
    extractable: boolean,
    usages: Usages,
  ): Promise<HostKey>;
  deriveBits(algorithm: Algorithm, key: HostKey, length: number | null): Promise<ArrayBuffer>;
  deriveKey(
    algorithm: Algorithm,
    key: HostKey,
    keyAlgorithm: Algorithm,
    extractable: boolean,
    usages: Usages,
  ): Promise<HostKey>;
  encapsulateBits(algorithm: Algorithm, key: HostKey): Promise<Encapsulated<ArrayBuffer>>;
  encapsulateKey(
    algorithm: Algorithm,
    key: HostKey,
    keyAlgorithm: Algorithm,
    extractable: boolean,
    usages: Usages,
  ): Promise<Encapsulated<HostKey>>;
  decapsulateBits(algorithm: Algorithm, key: HostKey, data: Uint8Array): Promise<ArrayBuffer>;
  decapsulateKey(
    algorithm: Algorithm,
    key: HostKey,
    data: Uint8Array,
    keyAlgorithm: Algorithm,
    extractable: boolean,
    usages: Usages,
  ): Promise<HostKey>;
}

type Usages = readonly string[];
type Operation = (request: CryptoRequest) => Promise<Outcome>;

const subtle = webcrypto.subtle as unknown as HostSubtle;

/** By method. */
const operations: Readonly<Record<string, Operation>> = Object.freeze({
  __proto__: null,
  encrypt: async (r) => ({ first: await subtle.encrypt(r.algorithm, keyOf(r.key), r.data) }),
  decrypt: async (r) => ({ first: await subtle.decrypt(r.algorithm, keyOf(r.key), r.data) }),
  sign: async (r) => ({ first: await subtle.sign(r.algorithm, keyOf(r.key), r.data) }),
  verify: async (r) => ({
    text: String(await subtle.verify(r.algorithm, keyOf(r.key), r.signature, r.data)),
  }),
  digest: async (r) => ({ first: await subtle.digest(r.algorithm, r.data) }),
  generateKey: async (r) => keysOutcome(await subtle.generateKey(r.algorithm, r.extractable, r.usages)),
  async importKey(r) {
    const key = await subtle.importKey(r.format, r.jwk ?? r.data, r.algorithm, r.extractable, r.usages);
    return keyOutcome(key, r.jwk === undefined ? r.data : undefined);
  },
  exportKey: async (r) => exportOutcome(await subtle.exportKey(r.format, keyOf(r.key))),
  getPublicKey: async (r) => keyOutcome(await subtle.getPublicKey(keyOf(r.key), r.usages)),
  wrapKey: async (r) => ({
    first: await subtle.wrapKey(r.format, keyOf(r.otherKey), keyOf(r.key), r.algorithm),
  }),
  unwrapKey: async (r) =>
    keyOutcome(
      await subtle.unwrapKey(
        r.format,
        r.data,
        keyOf(r.key),
        r.algorithm,
        r.keyAlgorithm,
        r.extractable,
        r.usages,
      ),
    ),
  deriveBits: async (r) => ({
    first: await subtle.deriveBits(r.algorithm, keyOf(r.key), r.length ?? null),
  }),
  deriveKey: async (r) =>
    keyOutcome(await subtle.deriveKey(r.algorithm, keyOf(r.key), r.keyAlgorithm, r.extractable, r.usages)),
  async encapsulateBits(r) {
    const { sharedKey, ciphertext } = await subtle.encapsulateBits(r.algorithm, keyOf(r.key));
    return { first: sharedKey, second: ciphertext };
  },
  async encapsulateKey(r) {
    const { algorithm, key, keyAlgorithm, extractable, usages } = r;
    const result = await subtle.encapsulateKey(algorithm, keyOf(key), keyAlgorithm, extractable, usages);
    return { ...keyOutcome(result.sharedKey), second: result.ciphertext };
  },
  decapsulateBits: async (r) => ({
    first: await subtle.decapsulateBits(r.algorithm, keyOf(r.key), r.data),
  }),
  decapsulateKey: async (r) =>
    keyOutcome(
      await subtle.decapsulateKey(r.algorithm, keyOf(r.key), r.data, r.keyAlgorithm, r.extractable, r.usages),
    ),
} satisfies Record<string, Operation | null>) as unknown as Readonly<Record<string, Operation>>;

/** Does it. Rejects with the error that the realm is to see. */
export async function performOperation(request: CryptoRequest): Promise<Outcome> {
  const operation = operations[request.operation];
  if (operation === undefined) throw new Error(`there is no operation ${request.operation}`);
  return operation(request);
}

function exportOutcome(exported: ArrayBuffer | object): Outcome {
  return exported instanceof ArrayBuffer ? { first: exported } : { text: JSON.stringify(exported) };
}

function keyOutcome(key: HostKey, material?: Uint8Array): Outcome {
  return { text: JSON.stringify([describe(key)]), first: newKeyHandle(key, material) };
}

function keysOutcome(keys: HostKey | KeyPair): Outcome {
  if (!('publicKey' in keys)) return keyOutcome(keys);
  const { publicKey, privateKey } = keys;
  return {
    text: JSON.stringify([describe(publicKey), describe(privateKey)]),
    first: newKeyHandle(publicKey),
    second: newKeyHandle(privateKey),
  };
}

/** A KeyState of prelude/crypto/crypto-key.ts, but for the handle. */
function describe(key: HostKey): object {
  const { type, extractable, usages } = key;
  const algorithm = key.algorithm as Algorithm;
  const { publicExponent } = algorithm;
  const text = JSON.stringify(
    publicExponent instanceof Uint8Array
      ? { ...algorithm, publicExponent: Array.from(publicExponent) }
      : algorithm,
  );
  return {
    type,
    extractable,
    name: algorithm.name,
    algorithm: text,
    usages: `,${usages.map((usage) => `${usage},`).join('')}`,
  };
}
