/**
 * What do randomness and cryptography cost in a realm? The pool in src/realm/host/crypto.ts and the limit in src/realm/host/crypto/quick.ts come
 * from here. Prints JSON, nanoseconds a call.
 */

import { compareAwaited, compareRealmAndHost } from './lib/both-realms.ts';

const random = `(() => {
  const sizes = [4, 16, 64, 256, 257, 4096, 65536];
  const cases = { randomUUID: () => crypto.randomUUID() };
  for (const size of sizes) {
    const bytes = new Uint8Array(size);
    cases['getRandomValues ' + size] = () => crypto.getRandomValues(bytes);
  }
  return cases;
})()`;

const subtle = `(async () => {
  const { subtle } = crypto;
  const [small, limit, large] = [64, 16384, 1048576].map((size) => new Uint8Array(size));
  const hmac = await subtle.importKey('raw', small, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign', 'verify']);
  const aes = await subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', true, ['encrypt']);
  const { privateKey } = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']);
  const gcm = { name: 'AES-GCM', iv: new Uint8Array(12) };
  return {
    'digest 64': () => subtle.digest('SHA-256', small),
    'digest 16384': () => subtle.digest('SHA-256', limit),
    'digest 1048576': () => subtle.digest('SHA-256', large),
    'HMAC 64': () => subtle.sign('HMAC', hmac, small),
    'HMAC 16384': () => subtle.sign('HMAC', hmac, limit),
    'AES-GCM 64': () => subtle.encrypt(gcm, aes, small),
    'AES-GCM 1048576': () => subtle.encrypt(gcm, aes, large),
    'ECDSA': () => subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, small),
    'import HMAC': () => subtle.importKey('raw', small, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign']),
  };
})()`;

const results = { ...(await compareRealmAndHost(random)), ...(await compareAwaited(subtle)) };
console.log(JSON.stringify(results, undefined, 2));
