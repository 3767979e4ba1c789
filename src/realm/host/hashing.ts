/**
 * Hashes and key derivation for realms, over node:crypto. Runs in a thread, in the host realm. A hash belongs to whoever opened it, and goes
 * with it: nothing is kept here. What could be cut short in the middle near stack overflow asks for room first.
 */

import {
  createHash,
  createHmac,
  getHashes,
  hash,
  hkdf,
  hkdfSync,
  pbkdf2,
  pbkdf2Sync,
  scrypt,
  scryptSync,
  timingSafeEqual,
} from 'node:crypto';
import type { Hash, Hmac } from 'node:crypto';
import { copyOfBytes } from '../../shared/bytes.ts';
import { assertHeadroom } from '../../shared/headroom.ts';
import { FairQueue } from './crypto/fair-queue.ts';
import type { HashingHost, HashState, KeySink } from '../prelude/host-api.ts';

/** The hashing area; one serves all realms of a thread. */
export function makeHashingHost(): HashingHost {
  const derivations = new Derivations();
  return Object.freeze<HashingHost>({
    hash: (algorithm, length) =>
      attempt(() => hashState(createHash(algorithm, length < 0 ? {} : { outputLength: length }))),
    hmac: (algorithm, key, byteOffset, byteLength) =>
      attempt(() => hashState(createHmac(algorithm, new Uint8Array(key, byteOffset, byteLength)))),
    digest: (algorithm, buffer, byteOffset, byteLength) =>
      attempt(() => copyOfBytes(hash(algorithm, new Uint8Array(buffer, byteOffset, byteLength), 'buffer'))),
    algorithms: () => getHashes().join(','),
    equal: (a, aOffset, b, bOffset, length) =>
      timingSafeEqual(new Uint8Array(a, aOffset, length), new Uint8Array(b, bOffset, length)),
    pbkdf2(secrets, passwordLength, digest, iterations, length, sink) {
      if (iterations * Math.max(1, length / leastHash) > mostRounds) return refuse(sink);
      const [password, salt] = split(secrets, passwordLength);
      return sink === undefined
        ? attempt(() => copyOfBytes(pbkdf2Sync(password, salt, iterations, length, digest)))
        : derivations.start(sink, (done) => pbkdf2(password, salt, iterations, length, digest, done));
    },
    scrypt(secrets, passwordLength, cost, blockSize, parallelization, length, sink) {
      const [password, salt] = split(secrets, passwordLength);
      const options = { N: cost, r: blockSize, p: parallelization, maxmem: mostScryptMemory };
      return sink === undefined
        ? attempt(() => copyOfBytes(scryptSync(password, salt, length, options)))
        : derivations.start(sink, (done) => scrypt(password, salt, length, options, done));
    },
    hkdf(secrets, keyLength, saltLength, digest, length, sink) {
      const [key, salt, info] = split(secrets, keyLength, saltLength);
      return sink === undefined
        ? attempt(() => copyOfBytes(new Uint8Array(hkdfSync(digest, key, salt, info, length))))
        : derivations.start(sink, (done) => hkdf(digest, key, salt, info, length, done));
    },
  });
}

/** Rounds of PBKDF2's hash, as many as crypto.subtle allows (crypto/limits.ts). */
const mostRounds = 10_000_000;
/** Bytes that a round gives, at least: SHA-1. */
const leastHash = 20;

function refuse(sink: KeySink | undefined): undefined {
  if (sink !== undefined) queueMicrotask(() => sink(undefined));
}

/** More than any cost that a prelude lets through needs, in bytes. */
const mostScryptMemory = 512 * 1024 * 1024;

type Bytes = Uint8Array<ArrayBuffer>;

/** Copies, which no worker can change while they are worked on beside the thread. */
function split(secrets: ArrayBufferLike, first: number, second?: number): [Bytes, Bytes, Bytes] {
  const bytes = new Uint8Array(secrets).slice();
  const end = second === undefined ? bytes.length : first + second;
  return [bytes.subarray(0, first), bytes.subarray(first, end), bytes.subarray(end)];
}

/** What `make` gives, or undefined where OpenSSL refuses. A lack of stack still throws. */
function attempt<T>(make: () => T): T | undefined {
  assertHeadroom();
  try {
    return make();
  } catch {
    return undefined;
  }
}

type Done = (error: Error | null, key: Uint8Array | ArrayBuffer) => void;

/** Work beside the thread, one piece at a time: the threads for it are few, and all services of the process share them. */
class Derivations {
  readonly #queue = new FairQueue<string>();

  /** Starts work that ends in the sink, later. */
  start(sink: KeySink, begin: (done: Done) => void): undefined {
    assertHeadroom();
    const give: KeySink = (key) => {
      try {
        sink(key);
      } catch {
        // the receiver's own affair
      }
    };
    const work = (): Promise<ArrayBuffer | undefined> =>
      new Promise((resolve) => {
        try {
          begin((error, key) => resolve(error === null ? copyOfBytes(new Uint8Array(key)) : undefined));
        } catch {
          resolve(undefined);
        }
      });
    // The reaction keeps the caller's asynchronous context, which the work may not begin in.
    void this.#queue.run('', work).then(give);
  }
}

function hashState(state: Hash | Hmac): HashState {
  return Object.freeze({
    __proto__: null,
    // Cut short, these harm nobody but the hash.
    update(buffer: ArrayBufferLike, byteOffset: number, byteLength: number) {
      state.update(new Uint8Array(buffer, byteOffset, byteLength));
    },
    digest: () => copyOfBytes(state.digest()),
    copy: (length: number) =>
      attempt(() => hashState((state as Hash).copy(length < 0 ? {} : { outputLength: length }))),
  });
}
