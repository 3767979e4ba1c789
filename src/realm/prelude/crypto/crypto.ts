/** Crypto of the realm, and its one instance. https://w3c.github.io/webcrypto/#crypto-interface */

import {
  ArrayBufferIsView,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeGetTag,
  TypeErrorCtor,
} from '../primordials.ts';
import { newDOMException, QuotaExceededError } from '../errors/dom-exception.ts';
import { guarded } from '../host.ts';
import type { DigestStream } from './digest-stream.ts';
import type { SubtleCrypto } from './subtle.ts';
import { defineInterface, illegalConstructor, illegalInvocation, requireArguments } from '../webidl.ts';

const host = guarded($host.crypto);

/** Bytes of one call. */
const QUOTA = 65_536;
/** First argument of the one constructor call. */
const TOKEN = { __proto__: null };

export class Crypto {
  #brand: undefined;

  constructor(token: unknown = undefined) {
    if (token !== TOKEN) throw illegalConstructor();
  }

  getRandomValues(array: unknown): unknown {
    if (!(#brand in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, 'Crypto.getRandomValues');
    if (!ArrayBufferIsView(array))
      throw new TypeErrorCtor('Crypto.getRandomValues: argument 1 is not a view.');
    if (!isIntegerArray(TypedArrayPrototypeGetTag(array))) {
      throw newDOMException(
        'Crypto.getRandomValues: argument 1 is no array of integers.',
        'TypeMismatchError',
      );
    }
    const length = TypedArrayPrototypeGetByteLength(array);
    if (length > QUOTA) {
      throw new QuotaExceededError(`Crypto.getRandomValues: ${length} bytes are more than ${QUOTA}.`);
    }
    if (length > 0) {
      host.fillRandom(TypedArrayPrototypeGetBuffer(array), TypedArrayPrototypeGetByteOffset(array), length);
    }
    return array;
  }

  randomUUID(): string {
    if (!(#brand in this)) throw illegalInvocation();
    return host.randomUUID();
  }

  get subtle(): SubtleCrypto {
    if (!(#brand in this)) throw illegalInvocation();
    return require('./subtle.ts').subtle;
  }

  /** Cloudflare's: a stream that hashes. The class itself, so that it can be constructed from here. */
  get DigestStream(): typeof DigestStream {
    if (!(#brand in this)) throw illegalInvocation();
    return require('./digest-stream.ts').DigestStream;
  }
}

defineInterface(Crypto, 'Crypto');

function isIntegerArray(tag: string | undefined): boolean {
  switch (tag) {
    case 'Int8Array':
    case 'Uint8Array':
    case 'Uint8ClampedArray':
    case 'Int16Array':
    case 'Uint16Array':
    case 'Int32Array':
    case 'Uint32Array':
    case 'BigInt64Array':
    case 'BigUint64Array':
      return true;
    default:
      return false;
  }
}

export const crypto = new Crypto(TOKEN);
