/**
 * SubtleCrypto of the realm. Each method answers with a promise, whatever goes wrong. https://w3c.github.io/webcrypto/#subtlecrypto-interface,
 * https://wicg.github.io/webcrypto-modern-algos/#SubtleCrypto
 */

import { guarded } from '../host.ts';
import {
  PromiseReject,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  TypeErrorCtor,
} from '../primordials.ts';
import {
  defineInterface,
  illegalConstructor,
  illegalInvocation,
  isObject,
  requireArguments,
} from '../webidl.ts';
import { bytesOf, toBufferSource } from './arguments.ts';
import type { CryptoKey } from './crypto-key.ts';
import { digest, transformData, verify } from './data-operations.ts';
import {
  decapsulateBits,
  decapsulateKey,
  deriveBits,
  deriveKey,
  encapsulateBits,
  encapsulateKey,
} from './derive-operations.ts';
import { exportKey, generateKey, getPublicKey, importKey, unwrapKey, wrapKey } from './key-operations.ts';
import { supports } from './supports.ts';

const host = guarded($host.crypto);

/** First argument of the one constructor call. */
const TOKEN = {};

let isSubtle: (value: unknown) => boolean;

/** Runs a method; what it throws rejects the promise. */
function attempt<T>(
  receiver: unknown,
  method: (args: IArguments) => Promise<T>,
  args: IArguments,
): Promise<T> {
  try {
    if (!isSubtle(receiver)) throw illegalInvocation();
    return method(args);
  } catch (error) {
    return PromiseReject(error);
  }
}

const encrypt = (args: IArguments): Promise<ArrayBuffer> => transformData('encrypt', args);
const decrypt = (args: IArguments): Promise<ArrayBuffer> => transformData('decrypt', args);
const sign = (args: IArguments): Promise<ArrayBuffer> => transformData('sign', args);

/* eslint-disable prefer-rest-params -- the declared parameters give the methods their length */
export class SubtleCrypto {
  #brand: undefined;

  constructor(token: unknown = undefined) {
    if (token !== TOKEN) throw illegalConstructor();
  }

  static {
    isSubtle = (value) => isObject(value) && #brand in value;
  }

  static supports(_operation: unknown, _algorithm: unknown, _lengthOrAlgorithm: unknown = null): boolean {
    return supports(arguments);
  }

  encrypt(_algorithm: unknown, _key: unknown, _data: unknown): Promise<ArrayBuffer> {
    return attempt(this, encrypt, arguments);
  }

  decrypt(_algorithm: unknown, _key: unknown, _data: unknown): Promise<ArrayBuffer> {
    return attempt(this, decrypt, arguments);
  }

  sign(_algorithm: unknown, _key: unknown, _data: unknown): Promise<ArrayBuffer> {
    return attempt(this, sign, arguments);
  }

  verify(_algorithm: unknown, _key: unknown, _signature: unknown, _data: unknown): Promise<boolean> {
    return attempt(this, verify, arguments);
  }

  digest(_algorithm: unknown, _data: unknown): Promise<ArrayBuffer> {
    return attempt(this, digest, arguments);
  }

  generateKey(_algorithm: unknown, _extractable: unknown, _keyUsages: unknown): Promise<unknown> {
    return attempt(this, generateKey, arguments);
  }

  deriveKey(
    _algorithm: unknown,
    _baseKey: unknown,
    _derivedKeyType: unknown,
    _extractable: unknown,
    _keyUsages: unknown,
  ): Promise<CryptoKey> {
    return attempt(this, deriveKey, arguments);
  }

  deriveBits(_algorithm: unknown, _baseKey: unknown, _length: unknown = null): Promise<ArrayBuffer> {
    return attempt(this, deriveBits, arguments);
  }

  importKey(
    _format: unknown,
    _keyData: unknown,
    _algorithm: unknown,
    _extractable: unknown,
    _keyUsages: unknown,
  ): Promise<CryptoKey> {
    return attempt(this, importKey, arguments);
  }

  exportKey(_format: unknown, _key: unknown): Promise<unknown> {
    return attempt(this, exportKey, arguments);
  }

  wrapKey(
    _format: unknown,
    _key: unknown,
    _wrappingKey: unknown,
    _wrapAlgorithm: unknown,
  ): Promise<ArrayBuffer> {
    return attempt(this, wrapKey, arguments);
  }

  unwrapKey(
    _format: unknown,
    _wrappedKey: unknown,
    _unwrappingKey: unknown,
    _unwrapAlgorithm: unknown,
    _unwrappedKeyAlgorithm: unknown,
    _extractable: unknown,
    _keyUsages: unknown,
  ): Promise<CryptoKey> {
    return attempt(this, unwrapKey, arguments);
  }

  getPublicKey(_key: unknown, _keyUsages: unknown): Promise<CryptoKey> {
    return attempt(this, getPublicKey, arguments);
  }

  encapsulateKey(
    _encapsulationAlgorithm: unknown,
    _encapsulationKey: unknown,
    _sharedKeyAlgorithm: unknown,
    _extractable: unknown,
    _keyUsages: unknown,
  ): Promise<unknown> {
    return attempt(this, encapsulateKey, arguments);
  }

  encapsulateBits(_encapsulationAlgorithm: unknown, _encapsulationKey: unknown): Promise<unknown> {
    return attempt(this, encapsulateBits, arguments);
  }

  decapsulateKey(
    _decapsulationAlgorithm: unknown,
    _decapsulationKey: unknown,
    _ciphertext: unknown,
    _sharedKeyAlgorithm: unknown,
    _extractable: unknown,
    _keyUsages: unknown,
  ): Promise<CryptoKey> {
    return attempt(this, decapsulateKey, arguments);
  }

  decapsulateBits(
    _decapsulationAlgorithm: unknown,
    _decapsulationKey: unknown,
    _ciphertext: unknown,
  ): Promise<ArrayBuffer> {
    return attempt(this, decapsulateBits, arguments);
  }

  /** Cloudflare's: compares two byte sequences of one length in a time that does not depend on what they hold. */
  timingSafeEqual(a: unknown, b: unknown): boolean {
    if (!(#brand in this)) throw illegalInvocation();
    const where = 'SubtleCrypto.timingSafeEqual';
    requireArguments(arguments.length, 2, where);
    const first = bytesOf(toBufferSource(a, `${where}: argument 1`));
    const second = bytesOf(toBufferSource(b, `${where}: argument 2`));
    const length = TypedArrayPrototypeGetByteLength(first);
    if (length !== TypedArrayPrototypeGetByteLength(second)) {
      throw new TypeErrorCtor(`${where}: the arguments are not of the same length in bytes.`);
    }
    return host.timingSafeEqual(
      TypedArrayPrototypeGetBuffer(first),
      TypedArrayPrototypeGetByteOffset(first),
      TypedArrayPrototypeGetBuffer(second),
      TypedArrayPrototypeGetByteOffset(second),
      length,
    );
  }
}
/* eslint-enable prefer-rest-params */

defineInterface(SubtleCrypto, 'SubtleCrypto');

/** The one instance. */
export const subtle = new SubtleCrypto(TOKEN);
