/** Randomness from the operating system, and cryptography, for realms. Runs in a thread, in the host realm. */

import { randomFillSync, randomUUID, timingSafeEqual } from 'node:crypto';
import type { CryptoHost } from '../prelude/host-api.ts';
import { openDigest } from './crypto/digest.ts';
import { findMissing, forget, start, supports } from './crypto/subtle-host.ts';

/** Bytes fetched at once: small requests cost a copy, not a call of the system's generator (bench/crypto.ts). */
const POOL_SIZE = 8 * 1024;
const SMALL = 256;

/** The crypto area; one serves all realms of a thread. */
export function makeCryptoHost(): CryptoHost {
  const missing = findMissing();
  const pool = new Uint8Array(POOL_SIZE);
  let used = POOL_SIZE;

  /** Every byte of the pool is given out once, and erased; what is cut short by the end of the stack wastes bytes, and repeats none. */
  function fillFromPool(target: Uint8Array): void {
    if (used + target.length > POOL_SIZE) {
      randomFillSync(pool);
      used = 0;
    }
    const start = used;
    used += target.length;
    target.set(pool.subarray(start, used));
    pool.fill(0, start, used);
  }

  return Object.freeze<CryptoHost>({
    randomUUID: () => randomUUID(),
    fillRandom(buffer, byteOffset, byteLength) {
      const target = new Uint8Array(buffer, byteOffset, byteLength);
      if (byteLength <= SMALL) fillFromPool(target);
      else randomFillSync(target);
    },
    missingAlgorithms: () => missing,
    start,
    forget,
    supports,
    timingSafeEqual: (a, aOffset, b, bOffset, byteLength) =>
      timingSafeEqual(new Uint8Array(a, aOffset, byteLength), new Uint8Array(b, bOffset, byteLength)),
    openDigest,
  });
}
