/**
 * The registered algorithms: which operations each of them has, and which dictionary the operation's parameters are converted to.
 * https://w3c.github.io/webcrypto/#algorithm-overview, https://wicg.github.io/webcrypto-modern-algos/
 */

import {
  MapCtor,
  MapPrototypeGet,
  MapPrototypeSet,
  ObjectKeys,
  StringPrototypeCharCodeAt,
  StringPrototypeIncludes,
  StringPrototypeToUpperCase,
} from '../primordials.ts';
import { guarded } from '../host.ts';
import type { DictionaryName } from './dictionaries.ts';

/** What an algorithm is looked up for. `hash`: as a member of another algorithm's parameters. */
export type Operation =
  | 'decapsulate'
  | 'decrypt'
  | 'deriveBits'
  | 'digest'
  | 'encapsulate'
  | 'encrypt'
  | 'exportKey'
  | 'generateKey'
  | 'get key length'
  | 'hash'
  | 'importKey'
  | 'sign'
  | 'unwrapKey'
  | 'verify'
  | 'wrapKey';

/** null: only the name matters. */
type Operations = Partial<Record<Operation, DictionaryName | null>>;

/** A registered algorithm. */
export interface RegisteredAlgorithm {
  /** As the registry spells it. */
  readonly name: string;
  readonly operations: Operations;
}

function cipher(params: DictionaryName): Operations {
  const length = 'AesKeyParams';
  return {
    __proto__: null,
    encrypt: params,
    decrypt: params,
    generateKey: length,
    importKey: null,
    exportKey: null,
    'get key length': length,
  } as Operations;
}

/** `generate` and `importing`: what keys are generated and imported with. */
function signature(
  params: DictionaryName | null,
  generate: DictionaryName | null = null,
  importing: DictionaryName | null = generate,
): Operations {
  return {
    __proto__: null,
    sign: params,
    verify: params,
    generateKey: generate,
    importKey: importing,
    exportKey: null,
  } as Operations;
}

function agreement(generate: DictionaryName | null): Operations {
  return {
    __proto__: null,
    deriveBits: 'EcdhKeyDeriveParams',
    generateKey: generate,
    importKey: generate,
    exportKey: null,
  } as Operations;
}

function mac(params: DictionaryName | null, key: DictionaryName): Operations {
  return {
    __proto__: null,
    sign: params,
    verify: params,
    generateKey: key,
    importKey: key,
    exportKey: null,
    'get key length': key,
  } as Operations;
}

function derivation(params: DictionaryName): Operations {
  return { __proto__: null, deriveBits: params, importKey: null, 'get key length': null } as Operations;
}

function hash(params: DictionaryName | null): Operations {
  return { __proto__: null, digest: params, hash: params } as Operations;
}

const RSA = 'RsaHashedKeyGenParams';
const SHA = hash(null);
const CSHAKE = hash('CShakeParams');
const TURBO_SHAKE = hash('TurboShakeParams');
const KANGAROO_TWELVE = hash('KangarooTwelveParams');
const ARGON2 = derivation('Argon2Params');
const KMAC = mac('KmacParams', 'KmacKeyParams');
const ML_DSA = signature('ContextParams');
const KEM = {
  __proto__: null,
  encapsulate: null,
  decapsulate: null,
  generateKey: null,
  importKey: null,
  exportKey: null,
} as Operations;

const ALGORITHMS = {
  __proto__: null,
  'AES-CBC': cipher('AesCbcParams'),
  'AES-CTR': cipher('AesCtrParams'),
  'AES-GCM': cipher('AeadParams'),
  'AES-OCB': cipher('AeadParams'),
  'AES-KW': {
    __proto__: null,
    wrapKey: null,
    unwrapKey: null,
    generateKey: 'AesKeyParams',
    importKey: null,
    exportKey: null,
    'get key length': 'AesKeyParams',
  },
  'ChaCha20-Poly1305': {
    __proto__: null,
    encrypt: 'AeadParams',
    decrypt: 'AeadParams',
    generateKey: null,
    importKey: null,
    exportKey: null,
    'get key length': null,
  },
  'RSA-OAEP': {
    __proto__: null,
    encrypt: 'RsaOaepParams',
    decrypt: 'RsaOaepParams',
    generateKey: RSA,
    importKey: 'HashParams',
    exportKey: null,
  },
  'RSA-PSS': signature('RsaPssParams', RSA, 'HashParams'),
  'RSASSA-PKCS1-v1_5': signature(null, RSA, 'HashParams'),
  ECDSA: signature('HashParams', 'EcKeyParams'),
  ECDH: agreement('EcKeyParams'),
  Ed25519: signature(null),
  Ed448: signature('ContextParams'),
  X25519: agreement(null),
  X448: agreement(null),
  'ML-DSA-44': ML_DSA,
  'ML-DSA-65': ML_DSA,
  'ML-DSA-87': ML_DSA,
  'ML-KEM-512': KEM,
  'ML-KEM-768': KEM,
  'ML-KEM-1024': KEM,
  'MLKEM768-P256': KEM,
  'MLKEM768-X25519': KEM,
  'MLKEM1024-P384': KEM,
  HMAC: mac(null, 'HmacKeyParams'),
  KMAC128: KMAC,
  KMAC256: KMAC,
  HKDF: derivation('HkdfParams'),
  PBKDF2: derivation('Pbkdf2Params'),
  Argon2d: ARGON2,
  Argon2i: ARGON2,
  Argon2id: ARGON2,
  // Cloudflare's, for what must match an old checksum: of no use inside other algorithms.
  MD5: { __proto__: null, digest: null },
  'SHA-1': SHA,
  'SHA-256': SHA,
  'SHA-384': SHA,
  'SHA-512': SHA,
  'SHA3-256': SHA,
  'SHA3-384': SHA,
  'SHA3-512': SHA,
  cSHAKE128: CSHAKE,
  cSHAKE256: CSHAKE,
  TurboSHAKE128: TURBO_SHAKE,
  TurboSHAKE256: TURBO_SHAKE,
  KT128: KANGAROO_TWELVE,
  KT256: KANGAROO_TWELVE,
} as unknown as Record<string, Operations>;

/** By name in upper case. */
const registry = register(guarded($host.crypto).missingAlgorithms());

function register(missing: string): Map<string, RegisteredAlgorithm> {
  const algorithms = new MapCtor<string, RegisteredAlgorithm>();
  const names = ObjectKeys(ALGORITHMS);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    if (StringPrototypeIncludes(missing, `${name},`)) continue;
    const algorithm = { name, operations: ALGORITHMS[name] as Operations };
    MapPrototypeSet(algorithms, StringPrototypeToUpperCase(name), algorithm);
  }
  return algorithms;
}

/** The algorithm that has this operation; the case of ASCII letters does not matter. */
export function registeredAlgorithm(name: string, operation: Operation): RegisteredAlgorithm | undefined {
  if (!isAscii(name)) return undefined;
  const algorithm = MapPrototypeGet(registry, StringPrototypeToUpperCase(name));
  return algorithm?.operations[operation] === undefined ? undefined : algorithm;
}

/** Others have upper cases of their own in ASCII. */
function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (StringPrototypeCharCodeAt(text, i) > 0x7f) return false;
  return true;
}
