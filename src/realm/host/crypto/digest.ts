/** Hashes that take their input bit by bit, for DigestStream. Runs in a thread, in the host realm. */

import { createHash } from 'node:crypto';
import { copyOfBytes } from '../../../shared/bytes.ts';
import type { CryptoHost, DigestState } from '../../prelude/host-api.ts';
import { newChecksum } from './checksums.ts';
import { hashName } from './quick.ts';

interface Digester {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

/** What a realm gets; it keeps the hash alive. */
export const openDigest: CryptoHost['openDigest'] = (name) => {
  const digester: Digester = newChecksum(name) ?? createHash(hashName(name) as string);
  return Object.freeze({
    __proto__: null,
    update: (buffer: ArrayBufferLike, byteOffset: number, byteLength: number) => {
      digester.update(new Uint8Array(buffer, byteOffset, byteLength));
    },
    digest: () => copyOfBytes(digester.digest()),
  } satisfies DigestState & { __proto__: null });
};
