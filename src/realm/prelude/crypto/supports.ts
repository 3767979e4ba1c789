/** SubtleCrypto.supports. https://wicg.github.io/webcrypto-modern-algos/#SubtleCrypto-method-supports */

import { guarded } from '../host.ts';
import { requireArguments, toDOMString } from '../webidl.ts';
import type { Operation } from './algorithms.ts';
import { type AlgorithmIdentifier, toAlgorithm } from './arguments.ts';
import { normalizeDerived, toLength } from './derive-operations.ts';
import { normalizeEither } from './key-operations.ts';
import { type NormalizedAlgorithm, normalizeAlgorithm } from './normalize.ts';
import { type Fields, Parcel } from './parcel.ts';

const host = guarded($host.crypto);

const WHERE = 'SubtleCrypto.supports';

/** Whether the parameters would be taken, as far as they tell without a key. Throws what the conversion of an argument throws. */
export function supports(args: IArguments): boolean {
  requireArguments(args.length, 2, WHERE);
  const operation = toDOMString(args[0]);
  const algorithm = toAlgorithm(args[1]);
  const parcel = new Parcel(operation);
  const { fields } = parcel;
  let other: AlgorithmIdentifier | undefined;
  if (takesAlgorithm(operation)) other = toAlgorithm(args[2] === undefined ? null : args[2]);
  else if (operation === 'deriveBits') fields['length'] = toLength(args[2]);
  try {
    const normalized = normalizeFor(operation, algorithm, parcel);
    if (normalized === undefined) return false;
    if (normalized.name === 'MD5') return true; // which the host's SubtleCrypto does not know
    fields['algorithm'] = normalized;
    if (other !== undefined) fields['keyAlgorithm'] = normalizeOther(operation, other, parcel);
  } catch {
    return false;
  }
  return host.supports(parcel.request, parcel.joinBytes(), parcel.otherKey);
}

function takesAlgorithm(operation: string): boolean {
  switch (operation) {
    case 'deriveKey':
    case 'wrapKey':
    case 'unwrapKey':
    case 'encapsulateKey':
    case 'decapsulateKey':
      return true;
    default:
      return false;
  }
}

function normalizeFor(
  operation: string,
  algorithm: AlgorithmIdentifier,
  parcel: Parcel,
): NormalizedAlgorithm | undefined {
  const normalize = (as: Operation): NormalizedAlgorithm => normalizeAlgorithm(algorithm, as, parcel, WHERE);
  switch (operation) {
    case 'encrypt':
    case 'decrypt':
    case 'sign':
    case 'verify':
    case 'digest':
    case 'generateKey':
    case 'importKey':
    case 'exportKey':
    case 'deriveBits':
      return normalize(operation);
    case 'deriveKey':
      return normalize('deriveBits');
    case 'getPublicKey':
      return normalize('exportKey');
    case 'encapsulateKey':
    case 'encapsulateBits':
      return normalize('encapsulate');
    case 'decapsulateKey':
    case 'decapsulateBits':
      return normalize('decapsulate');
    case 'wrapKey':
      return normalizeEither(algorithm, 'wrapKey', 'encrypt', parcel, WHERE);
    case 'unwrapKey':
      return normalizeEither(algorithm, 'unwrapKey', 'decrypt', parcel, WHERE);
    default:
      return undefined;
  }
}

function normalizeOther(operation: string, algorithm: AlgorithmIdentifier, parcel: Parcel): Fields {
  if (operation === 'deriveKey') return normalizeDerived(algorithm, parcel, WHERE);
  return normalizeAlgorithm(algorithm, operation === 'wrapKey' ? 'exportKey' : 'importKey', parcel, WHERE);
}
