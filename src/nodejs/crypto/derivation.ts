/** pbkdf2, scrypt and hkdf, each with a callback and as `Sync`. */

import { asBuffer } from '../buffer.ts';
import type { Buffer } from '../buffer.ts';
import { nodeError } from '../errors.ts';
import type { KeyCallback } from '../powers.ts';
import { validateFunction, validateInteger, validateString } from '../validate.ts';
import { toSecret } from './bytes.ts';
import { invalidDigest } from './hash.ts';

const { hashing } = $powers;
const longest = 2 ** 31 - 1;

type Done<T> = (error: unknown, key?: T) => void;
type Derive = (callback: KeyCallback | undefined) => Uint8Array | undefined;

/** Runs a derivation at once, or beside the thread. */
function derive<T>(
  run: Derive,
  wrap: (key: Uint8Array<ArrayBuffer>) => T,
  refused: () => Error,
  done?: Done<T>,
): T | undefined {
  const finish = (key: Uint8Array | undefined): T => {
    if (key === undefined) throw refused();
    return wrap(key as Uint8Array<ArrayBuffer>);
  };
  if (done === undefined) return finish(run(undefined));
  run((key) => {
    try {
      if (key === undefined) done(refused());
      else done(null, finish(key));
    } catch (error) {
      $powers.report(error);
    }
  });
  return undefined;
}

function validateDigest(digest: unknown): asserts digest is string {
  validateString(digest, 'digest');
  if (hashing.hash(digest, -1) === undefined) throw invalidDigest(digest);
}

function deriveBits(
  ...args: [unknown, unknown, unknown, unknown, unknown, Done<Buffer>?]
): Buffer | undefined {
  const [password, salt, iterations, length, digest, done] = args;
  const [secret, salted] = [toSecret(password, 'password'), toSecret(salt, 'salt')];
  validateInteger(iterations, 'iterations', 1, longest);
  validateInteger(length, 'keylen', 0, longest);
  validateDigest(digest);
  const run: Derive = (callback) =>
    hashing.pbkdf2({ secret, salt: salted, iterations, length, digest, callback });
  return derive(run, asBuffer, () => new Error('Deriving the key failed'), done);
}

export function pbkdf2Sync(
  password: unknown,
  salt: unknown,
  iterations: unknown,
  length: unknown,
  digest: unknown,
): Buffer | undefined {
  return deriveBits(password, salt, iterations, length, digest);
}

export function pbkdf2(
  password: unknown,
  salt: unknown,
  iterations: unknown,
  length: unknown,
  digest: unknown,
  callback: unknown,
): void {
  validateFunction(callback, 'callback');
  deriveBits(password, salt, iterations, length, digest, callback);
}

interface ScryptOptions {
  readonly N?: number;
  readonly cost?: number;
  readonly r?: number;
  readonly blockSize?: number;
  readonly p?: number;
  readonly parallelization?: number;
  readonly maxmem?: number;
}

const defaultScryptMemory = 32 * 1024 * 1024;

function refusedScrypt(): Error {
  return nodeError('ERR_CRYPTO_INVALID_SCRYPT_PARAMS', 'Invalid scrypt params', RangeError);
}

function scryptKey(
  given: { password: unknown; salt: unknown; length: unknown; options: ScryptOptions },
  done?: Done<Buffer>,
): Buffer | undefined {
  const { options, length } = given;
  const password = toSecret(given.password, 'password');
  const salt = toSecret(given.salt, 'salt');
  validateInteger(length, 'keylen', 0, longest);
  const cost = options.N ?? options.cost ?? 16_384;
  const blockSize = options.r ?? options.blockSize ?? 8;
  const parallelization = options.p ?? options.parallelization ?? 1;
  const isPower = Number.isInteger(cost) && cost > 1 && cost <= longest && (cost & (cost - 1)) === 0;
  // As OpenSSL counts it.
  const memory = 128 * blockSize * (cost + parallelization + 2);
  if (!isPower || memory > (options.maxmem ?? defaultScryptMemory) + 128 * blockSize * 2)
    throw refusedScrypt();
  const run: Derive = (callback) =>
    hashing.scrypt({ password, salt, cost, blockSize, parallelization, length, callback });
  return derive(run, asBuffer, refusedScrypt, done);
}

export function scryptSync(
  password: unknown,
  salt: unknown,
  length: unknown,
  options: ScryptOptions = {},
): Buffer | undefined {
  return scryptKey({ password, salt, length, options });
}

export function scrypt(password: unknown, salt: unknown, length: unknown, ...more: unknown[]): void {
  const [options, callback] = typeof more[0] === 'function' ? [{}, more[0]] : more;
  validateFunction(callback, 'callback');
  scryptKey({ password, salt, length, options: options as ScryptOptions }, callback);
}

function expand(
  args: readonly [unknown, unknown, unknown, unknown, unknown],
  done?: Done<ArrayBuffer>,
): ArrayBuffer | undefined {
  const [digest, key, salt, info, length] = args;
  validateDigest(digest);
  const secret = toSecret(key, 'ikm');
  const salted = toSecret(salt, 'salt');
  const context = toSecret(info, 'info');
  validateInteger(length, 'length', 0, longest);
  const run: Derive = (callback) =>
    hashing.hkdf({ secret, salt: salted, info: context, length, digest, callback });
  const refused = (): Error => nodeError('ERR_CRYPTO_INVALID_KEYLEN', 'Invalid key length', RangeError);
  return derive(run, (made) => made.buffer, refused, done);
}

export function hkdfSync(
  digest: unknown,
  key: unknown,
  salt: unknown,
  info: unknown,
  length: unknown,
): ArrayBuffer | undefined {
  return expand([digest, key, salt, info, length]);
}

export function hkdf(
  digest: unknown,
  key: unknown,
  salt: unknown,
  info: unknown,
  length: unknown,
  callback: unknown,
): void {
  validateFunction(callback, 'callback');
  expand([digest, key, salt, info, length], callback);
}
