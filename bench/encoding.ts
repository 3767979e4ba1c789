/** What does text cost in a realm, by length and kind? The limits in encoding/utf8.ts come from here. Prints JSON, nanoseconds a call. */

import { compareRealmAndHost } from './lib/both-realms.ts';

const cases = `(() => {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const into = new Uint8Array(65536);
  const cases = {};
  const add = (kind, unit, length) => {
    const texts = Array.from({ length: 16 }, (_, i) => (String.fromCharCode(65 + i) + unit.repeat(length)).slice(0, length));
    const bytes = texts.map((text) => encoder.encode(text));
    const name = (what) => what + ' ' + kind + ' ' + length;
    cases[name('encode')] = (i) => encoder.encode(texts[i & 15]);
    cases[name('encodeInto')] = (i) => encoder.encodeInto(texts[i & 15], into);
    cases[name('decode')] = (i) => decoder.decode(bytes[i & 15]);
  };
  for (const length of [8, 16, 24, 32, 33, 64, 65, 128, 1024, 4096, 4097, 65536]) add('ASCII', 'a', length);
  for (const length of [8, 64, 1024, 65536]) add('Latin-1', 'é', length);
  for (const length of [8, 64, 1024, 65536]) add('CJK', '漢', length);
  const short = btoa('x'.repeat(12));
  const long = btoa('x'.repeat(3000));
  cases['btoa 12'] = () => btoa('xxxxxxxxxxxx');
  cases['atob 12'] = () => atob(short);
  cases['atob 3000'] = () => atob(long);
  const sjis = new TextDecoder('shift_jis');
  const sjisBytes = Uint8Array.from({ length: 4096 }, (_, i) => (i % 2 ? 0x9f : 0x82));
  cases['decode shift_jis 4096'] = () => sjis.decode(sjisBytes);
  return cases;
})()`;

console.log(JSON.stringify(await compareRealmAndHost(cases), undefined, 2));
