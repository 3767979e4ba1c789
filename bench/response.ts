/**
 * What do Response, Request and Headers cost in a realm, compared with the host's, which are undici's? Prints JSON, nanoseconds a call. The host
 * does the same work on its own globals, in turn.
 */

import vm from 'node:vm';
import { evaluate } from '../test/helpers/realm.ts';
import { compareRealmAndHost } from './lib/both-realms.ts';

const cases = `(() => {
  const texts = Array.from({ length: 64 }, (_, i) => 'hello world ' + i);
  const urls = texts.map((_, i) => 'http://service/v1/users/' + i);
  const init = { status: 201, headers: { 'content-type': 'application/json', 'cache-control': 'no-store' } };
  const headers = new Headers(init.headers);
  return {
    'new Response(text)': (i) => new Response(texts[i & 63]),
    'new Response(text), text() called': (i) => new Response(texts[i & 63]).text(),
    'new Response(text, init)': (i) => new Response(texts[i & 63], init),
    'Response.json': (i) => Response.json({ index: i }),
    'new Request(url)': (i) => new Request(urls[i & 63]),
    'new Request(url, init)': (i) => new Request(urls[i & 63], { method: 'POST', body: texts[i & 63], headers: init.headers }),
    'new Headers(record)': () => new Headers(init.headers),
    'Headers.get': () => headers.get('Cache-Control'),
  };
})()`;

/** With the promise awaited: the body is read to its end. */
const awaited = `(async () => {
  const calls = 20_000;
  let best = Infinity;
  for (let round = 0; round < 10; round++) {
    const started = performance.now();
    for (let i = 0; i < calls; i++) await new Response('hello world').text();
    best = Math.min(best, (performance.now() - started) * 1e6 / calls);
  }
  return best;
})()`;

async function compareAwaited(): Promise<{ realm: number; host: number; ratio: number }> {
  let realm = Infinity;
  let host = Infinity;
  for (let turn = 0; turn < 2; turn++) {
    realm = Math.min(realm, (await evaluate(`return ${awaited};`)) as number);
    host = Math.min(host, await (vm.runInThisContext(awaited) as Promise<number>));
  }
  return { realm: Math.round(realm), host: Math.round(host), ratio: Math.round((100 * realm) / host) / 100 };
}

const results = {
  'await new Response(text).text()': await compareAwaited(),
  ...(await compareRealmAndHost(cases)),
};
console.log(JSON.stringify(results, undefined, 2));
process.exit(0);
