/** Randomness for realms, from the operating system. Runs in a thread, in the host realm. */

import { randomBytes, randomUUID } from 'node:crypto';
import type { CryptoHost } from '../prelude/host-api.ts';

export function makeCryptoHost(): CryptoHost {
  return Object.freeze({
    randomUUID: () => randomUUID(),
    randomBytes(length: number) {
      const bytes = new Uint8Array(length);
      bytes.set(randomBytes(length));
      return bytes.buffer;
    },
  });
}
