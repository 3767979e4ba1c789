/** Runs operations of SubtleCrypto for realms, and settles them. Runs in a thread, in the host realm. */

import type { CryptoHost, CryptoSettle } from '../../prelude/host-api.ts';
import { FairQueue } from './fair-queue.ts';
import { excessIn, isCostly } from './limits.ts';
import { type Outcome, performOperation } from './operations.ts';
import { performQuickly } from './quick.ts';
import { type CryptoRequest, type PackedRequest, unpack } from './request.ts';

const { transfer } = ArrayBuffer.prototype;

/** The bytes of a realm's buffer, in one of this realm. The buffer inherits what a worker may have changed: nothing of it is read. */
function take(buffer: ArrayBuffer): ArrayBuffer {
  return Reflect.apply(transfer, buffer, []);
}

/**
 * Does what a realm asked for, in a microtask of its own: the realm may have called at the end of the stack, where the set-up of a native
 * object could be cut short. The bytes are taken at once.
 */
export const start: CryptoHost['start'] = (text, bytes, key, otherKey, settle, id) => {
  const request = { text, bytes: take(bytes), key, otherKey };
  queueMicrotask(() => {
    void run(request, settle, id);
  });
};

async function run(packed: PackedRequest, settle: CryptoSettle, id: number): Promise<void> {
  let outcome: Outcome | undefined;
  try {
    const request = unpack(packed);
    checkCost(request);
    outcome = performQuickly(request) ?? (await perform(request, settle));
  } catch (error) {
    report(settle, id, error);
    return;
  }
  try {
    settle(id, '', outcome.text ?? '', outcome.first, outcome.second);
  } catch {
    // the realm's own affair
  }
}

/** Owned by realms, each of which has one function to settle everything. */
const costly = new FairQueue<CryptoSettle>();

function perform(request: CryptoRequest, settle: CryptoSettle): Promise<Outcome> {
  return isCostly(request) ? costly.run(settle, () => performOperation(request)) : performOperation(request);
}

/** Begins nothing more for the realm of this function. */
export const forget: CryptoHost['forget'] = (settle) => {
  costly.drop(settle);
};

function checkCost(request: CryptoRequest): void {
  const excess = excessIn(request);
  if (excess !== undefined) throw new DOMException(excess, 'NotSupportedError');
}

/** Errors of the host's own machinery mean that it cannot do it. */
function report(settle: CryptoSettle, id: number, error: unknown): void {
  const { name, message } = error as Error;
  try {
    if (error instanceof DOMException) settle(id, name, message, undefined, undefined);
    else settle(id, 'OperationError', message, undefined, undefined);
  } catch {
    // the realm's own affair
  }
}

interface HostClass {
  supports?(operation: string, algorithm: unknown, other?: unknown): boolean;
}

/** `SubtleCrypto.supports` of the host. */
export const supports: CryptoHost['supports'] = (text, bytes, otherKey) => {
  const request = unpack({ text, bytes: take(bytes), key: undefined, otherKey });
  const { operation, algorithm, keyAlgorithm, length } = request;
  if (excessIn(request) !== undefined) return false;
  return hostSupports(operation, algorithm, keyAlgorithm.name === '' ? (length ?? null) : keyAlgorithm);
};

function hostSupports(operation: string, algorithm: unknown, other: unknown): boolean {
  try {
    return (globalThis.SubtleCrypto as HostClass).supports?.(operation, algorithm, other) ?? false;
  } catch {
    return false;
  }
}

/** What a build of OpenSSL may lack, with an operation that takes no parameters. */
const OPTIONAL = {
  importKey: [
    'AES-OCB',
    'Argon2d',
    'Argon2i',
    'Argon2id',
    'ChaCha20-Poly1305',
    'Ed448',
    'KMAC128',
    'KMAC256',
    'ML-DSA-44',
    'ML-DSA-65',
    'ML-DSA-87',
    'ML-KEM-512',
    'ML-KEM-768',
    'ML-KEM-1024',
    'MLKEM768-P256',
    'MLKEM768-X25519',
    'MLKEM1024-P384',
    'X448',
  ],
  digest: ['SHA3-256', 'SHA3-384', 'SHA3-512'],
} as const;

const EXTENDABLE = ['cSHAKE128', 'cSHAKE256', 'TurboSHAKE128', 'TurboSHAKE256', 'KT128', 'KT256'] as const;

/**
 * The names of the algorithms of prelude/crypto/algorithms.ts that this host lacks, each with a comma after it. To be called before a realm
 * calls anything: near the end of the stack, the host's `supports` says no to everything.
 */
export function findMissing(): string {
  loadParts();
  const names = Object.entries(OPTIONAL).flatMap(([operation, list]) =>
    list.filter((name) => !hostSupports(operation, name, undefined)),
  );
  const hashes = EXTENDABLE.filter((name) => !hostSupports('digest', { name, outputLength: 256 }, undefined));
  return [...names, ...hashes].map((name) => `${name},`).join('');
}

/**
 * Has Node.js load what its `supports` loads at its first use of each: a part whose loading is cut short at the end of a realm's stack would
 * stay broken for all realms of the thread.
 */
function loadParts(): void {
  const bytes = new Uint8Array(16);
  const common = { hash: 'SHA-256', salt: bytes };
  const argon2 = { nonce: bytes, memory: 8, passes: 1, parallelism: 1 };
  hostSupports('deriveBits', { name: 'HKDF', info: bytes, ...common }, 256);
  hostSupports('deriveBits', { name: 'PBKDF2', iterations: 1, ...common }, 256);
  hostSupports('deriveBits', { name: 'Argon2id', ...argon2 }, 256);
  hostSupports('encapsulateKey', 'ML-KEM-768', 'HKDF');
  hostSupports('generateKey', { name: 'AES-GCM', length: 1 }, undefined);
}
