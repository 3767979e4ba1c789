/**
 * The dictionaries that hold an algorithm's parameters, each with its members in the order in which Web IDL reads them: those of the
 * dictionary it inherits from, then its own by name.
 */

/** The types that members have. */
export type MemberType =
  | 'BigInteger'
  | 'BufferSource'
  | 'CryptoKey'
  | 'DOMString'
  | 'HashAlgorithmIdentifier'
  | 'octet'
  | 'unsigned long'
  | 'unsigned short';

/** A member over and above `name`. */
export interface Member {
  readonly key: string;
  readonly type: MemberType;
  readonly required: boolean;
}

/** Where several dictionaries of the specification have the same members, one stands for them. */
export type DictionaryName =
  | 'AeadParams'
  | 'AesCbcParams'
  | 'AesCtrParams'
  | 'AesKeyParams'
  | 'Argon2Params'
  | 'CShakeParams'
  | 'ContextParams'
  | 'EcKeyParams'
  | 'EcdhKeyDeriveParams'
  | 'HashParams'
  | 'HkdfParams'
  | 'HmacKeyParams'
  | 'KangarooTwelveParams'
  | 'KmacKeyParams'
  | 'KmacParams'
  | 'Pbkdf2Params'
  | 'RsaHashedKeyGenParams'
  | 'RsaOaepParams'
  | 'RsaPssParams'
  | 'TurboShakeParams';

function required(key: string, type: MemberType): Member {
  return { key, type, required: true };
}

function optional(key: string, type: MemberType): Member {
  return { key, type, required: false };
}

const HASH = required('hash', 'HashAlgorithmIdentifier');
const CUSTOMIZATION = optional('customization', 'BufferSource');
const OUTPUT_LENGTH = required('outputLength', 'unsigned long');

/** Members by dictionary. */
export const DICTIONARIES: Readonly<Record<DictionaryName, readonly Member[]>> = {
  AeadParams: [
    optional('additionalData', 'BufferSource'),
    required('iv', 'BufferSource'),
    optional('tagLength', 'octet'),
  ],
  AesCbcParams: [required('iv', 'BufferSource')],
  AesCtrParams: [required('counter', 'BufferSource'), required('length', 'octet')],
  AesKeyParams: [required('length', 'unsigned short')],
  Argon2Params: [
    optional('associatedData', 'BufferSource'),
    required('memory', 'unsigned long'),
    required('nonce', 'BufferSource'),
    required('parallelism', 'unsigned long'),
    required('passes', 'unsigned long'),
    optional('secretValue', 'BufferSource'),
    optional('version', 'octet'),
  ],
  CShakeParams: [CUSTOMIZATION, optional('functionName', 'BufferSource'), OUTPUT_LENGTH],
  ContextParams: [optional('context', 'BufferSource')],
  EcKeyParams: [required('namedCurve', 'DOMString')],
  EcdhKeyDeriveParams: [required('public', 'CryptoKey')],
  HashParams: [HASH],
  HkdfParams: [HASH, required('info', 'BufferSource'), required('salt', 'BufferSource')],
  HmacKeyParams: [HASH, optional('length', 'unsigned long')],
  KangarooTwelveParams: [CUSTOMIZATION, OUTPUT_LENGTH],
  KmacKeyParams: [optional('length', 'unsigned long')],
  KmacParams: [CUSTOMIZATION, OUTPUT_LENGTH],
  Pbkdf2Params: [HASH, required('iterations', 'unsigned long'), required('salt', 'BufferSource')],
  RsaHashedKeyGenParams: [
    required('modulusLength', 'unsigned long'),
    required('publicExponent', 'BigInteger'),
    HASH,
  ],
  RsaOaepParams: [optional('label', 'BufferSource')],
  RsaPssParams: [required('saltLength', 'unsigned long')],
  TurboShakeParams: [optional('domainSeparation', 'octet'), OUTPUT_LENGTH],
};
