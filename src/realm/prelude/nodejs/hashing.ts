/**
 * Hashes and key derivation as the modules of Node.js get them: functions over bytes of this realm. What is refused is undefined; only
 * arguments of a wrong type throw, since nobody but src/nodejs/ calls them unless a worker gets hold of them.
 */

import {
  ArrayBufferCtor,
  ArrayBufferPrototypeTransfer,
  ObjectCreate,
  ObjectFreeze,
  RangeErrorCtor,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeSet,
  TypeErrorCtor,
  Uint8ArrayCtor,
} from '../primordials.ts';
import { viewOf } from '../bytes.ts';
import { defineValue } from '../lazy.ts';
import { guarded } from '../host.ts';
import type { HashState } from '../host-api.ts';
import { isCallable, toDOMString, toEnforcedRange } from '../webidl.ts';

const host = guarded($host.hashing);

const LONGEST = 2 ** 31 - 1;

function toBytes(value: unknown): Uint8Array {
  const view = viewOf(value);
  if (view === undefined) throw new TypeErrorCtor('Bytes are needed.');
  return view;
}

function toLength(value: unknown, least = 0): number {
  return toEnforcedRange(value, least, LONGEST, 'A number');
}

function bytesOf(buffer: ArrayBuffer | undefined): Uint8Array | undefined {
  return buffer && new Uint8ArrayCtor(ArrayBufferPrototypeTransfer(buffer));
}

function toResult(buffer: ArrayBuffer): Uint8Array {
  return new Uint8ArrayCtor(ArrayBufferPrototypeTransfer(buffer));
}

/** Runs a method of a neutral record, whose errors are the host's (HARDENING R8). */
function attempt<T>(run: () => T): T {
  try {
    return run();
  } catch {
    throw new RangeErrorCtor('The hash cannot go on.');
  }
}

/** The methods of a hash, over a record that nobody else sees. */
function hashOf(state: HashState | undefined): object | undefined {
  if (state === undefined) return undefined;
  const hash = ObjectCreate(null) as object;
  defineValue(hash, 'update', (data: unknown) => {
    const bytes = toBytes(data);
    const length = TypedArrayPrototypeGetByteLength(bytes);
    if (length === 0) return;
    const buffer = TypedArrayPrototypeGetBuffer(bytes);
    const offset = TypedArrayPrototypeGetByteOffset(bytes);
    attempt(() => state.update(buffer, offset, length));
  });
  defineValue(hash, 'digest', () => toResult(attempt(() => state.digest())));
  defineValue(hash, 'copy', (length: unknown) => {
    const outputLength = toLength(length, -1);
    return hashOf(attempt(() => state.copy(outputLength)));
  });
  return ObjectFreeze(hash);
}

function joined(first: Uint8Array, second: Uint8Array, third: Uint8Array | undefined): ArrayBuffer {
  const one = TypedArrayPrototypeGetByteLength(first);
  const two = TypedArrayPrototypeGetByteLength(second);
  const three = third === undefined ? 0 : TypedArrayPrototypeGetByteLength(third);
  const buffer = new ArrayBufferCtor(one + two + three);
  const all = new Uint8ArrayCtor(buffer);
  TypedArrayPrototypeSet(all, first);
  TypedArrayPrototypeSet(all, second, one);
  if (third !== undefined) TypedArrayPrototypeSet(all, third, one + two);
  return buffer;
}

function toSink(callback: unknown): ((key: ArrayBuffer | undefined) => void) | undefined {
  if (!isCallable(callback)) return undefined;
  return (key) => {
    try {
      callback(bytesOf(key));
    } catch {
      // src/nodejs/ lets nothing through
    }
  };
}

/** Most bytes that one scrypt may work on: beside the thread, several run at a time. */
const SCRYPT_MEMORY = 256 * 1024 * 1024;

function scrypt(options: {
  password: unknown;
  salt: unknown;
  cost: unknown;
  blockSize: unknown;
  parallelization: unknown;
  length: unknown;
  callback: unknown;
}): unknown {
  const password = toBytes(options.password);
  const cost = toLength(options.cost);
  const blockSize = toLength(options.blockSize);
  const parallelization = toLength(options.parallelization);
  const length = toLength(options.length);
  if (128 * blockSize * (cost + parallelization) > SCRYPT_MEMORY) return undefined;
  const secrets = joined(password, toBytes(options.salt), undefined);
  const first = TypedArrayPrototypeGetByteLength(password);
  const sink = toSink(options.callback);
  return bytesOf(host.scrypt(secrets, first, cost, blockSize, parallelization, length, sink));
}

/** The functions, as one frozen object. */
export function hashingPowers(): object {
  const powers = ObjectCreate(null) as object;
  defineValue(powers, 'hash', (algorithm: unknown, length: unknown) =>
    hashOf(host.hash(toDOMString(algorithm), toLength(length, -1))),
  );
  defineValue(powers, 'hmac', (algorithm: unknown, key: unknown) => {
    const name = toDOMString(algorithm);
    const secret = joined(toBytes(key), new Uint8ArrayCtor(0), undefined);
    return hashOf(host.hmac(name, secret, 0, TypedArrayPrototypeGetByteLength(new Uint8ArrayCtor(secret))));
  });
  defineValue(powers, 'digest', (algorithm: unknown, data: unknown) => {
    const name = toDOMString(algorithm);
    const bytes = toBytes(data);
    const offset = TypedArrayPrototypeGetByteOffset(bytes);
    const length = TypedArrayPrototypeGetByteLength(bytes);
    return bytesOf(host.digest(name, TypedArrayPrototypeGetBuffer(bytes), offset, length));
  });
  defineValue(powers, 'algorithms', () => host.algorithms());
  defineValue(powers, 'equal', (a: unknown, b: unknown) => {
    const one = toBytes(a);
    const two = toBytes(b);
    const length = TypedArrayPrototypeGetByteLength(one);
    if (length !== TypedArrayPrototypeGetByteLength(two)) return false;
    return host.equal(
      TypedArrayPrototypeGetBuffer(one),
      TypedArrayPrototypeGetByteOffset(one),
      TypedArrayPrototypeGetBuffer(two),
      TypedArrayPrototypeGetByteOffset(two),
      length,
    );
  });
  defineDerivations(powers);
  return ObjectFreeze(powers);
}

interface Derivation {
  readonly secret: unknown;
  readonly salt: unknown;
  readonly info: unknown;
  readonly digest: unknown;
  readonly iterations: unknown;
  readonly length: unknown;
  readonly callback: unknown;
}

function defineDerivations(powers: object): void {
  defineValue(powers, 'pbkdf2', (options: Derivation) => {
    const password = toBytes(options.secret);
    const digest = toDOMString(options.digest);
    const iterations = toLength(options.iterations, 1);
    const length = toLength(options.length);
    const secrets = joined(password, toBytes(options.salt), undefined);
    const first = TypedArrayPrototypeGetByteLength(password);
    return bytesOf(host.pbkdf2(secrets, first, digest, iterations, length, toSink(options.callback)));
  });
  defineValue(powers, 'hkdf', (options: Derivation) => {
    const key = toBytes(options.secret);
    const salt = toBytes(options.salt);
    const digest = toDOMString(options.digest);
    const length = toLength(options.length);
    const secrets = joined(key, salt, toBytes(options.info));
    const first = TypedArrayPrototypeGetByteLength(key);
    const second = TypedArrayPrototypeGetByteLength(salt);
    return bytesOf(host.hkdf(secrets, first, second, digest, length, toSink(options.callback)));
  });
  defineValue(powers, 'scrypt', scrypt);
}
