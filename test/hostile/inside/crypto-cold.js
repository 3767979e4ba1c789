/** Cryptography whose first use in a realm is near stack overflow: afterwards it is all there. */

import { attacker } from './kit.js';

/** Calls at the limit, and in each of the frames before it. */
function nearLimit(call) {
  let count = 0;
  const down = () => {
    try {
      down();
    } catch {
      // the limit
    }
    if (count++ < 400) {
      try {
        call()?.catch?.(() => {});
      } catch {
        // looked at elsewhere
      }
    }
  };
  down();
}

const bytes = new Uint8Array(8);
const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: bytes, info: bytes };
const firsts = {
  digest: () => crypto.subtle.digest('SHA-256', bytes),
  supports: () => void SubtleCrypto.supports('deriveBits', hkdf, 256),
  'the class of keys': () => void CryptoKey.name,
  'a digest stream': () => new crypto.DigestStream('md5').close(),
  generateKey: () => crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['sign']),
};

export default attacker(
  Object.fromEntries(
    Object.entries(firsts).map(([name, first]) => [
      `${name} first`,
      async (t) => {
        nearLimit(first);
        t.same(SubtleCrypto.supports('deriveBits', hkdf, 256), true, 'supports');
        t.same(SubtleCrypto.supports('importKey', 'ML-DSA-44'), true, 'an optional algorithm');
        const { value: digest } = await t.settle(() => crypto.subtle.digest('SHA3-256', bytes), 'digest');
        t.same(digest?.byteLength, 32, 'digest');
        const { value: key } = await t.settle(
          () => crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveBits']),
          'importKey',
        );
        const { value: bits } = await t.settle(() => crypto.subtle.deriveBits(hkdf, key, 64), 'deriveBits');
        t.same(bits?.byteLength, 8, 'deriveBits');
        const stream = new crypto.DigestStream('SHA-1');
        await stream.close();
        t.same((await stream.digest).byteLength, 20, 'DigestStream');
      },
    ]),
  ),
);
