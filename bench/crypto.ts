/** What does randomness cost in a realm? The pool in src/realm/host/crypto.ts comes from here. Prints JSON, nanoseconds a call. */

import { compareRealmAndHost } from './lib/both-realms.ts';

const cases = `(() => {
  const sizes = [4, 16, 64, 256, 257, 4096, 65536];
  const cases = { randomUUID: () => crypto.randomUUID() };
  for (const size of sizes) {
    const bytes = new Uint8Array(size);
    cases['getRandomValues ' + size] = () => crypto.getRandomValues(bytes);
  }
  return cases;
})()`;

console.log(JSON.stringify(await compareRealmAndHost(cases), undefined, 2));
