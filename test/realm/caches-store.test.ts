/** What the host keeps for the Cache API: how long, how much, and what goes first. */

import t from 'tap';
import { makeCachesHosts } from '../../src/realm/host/caches.ts';
import { type CacheLimits, CacheStore } from '../../src/realm/host/caches/store.ts';
import { neutral } from '../../src/realm/neutral.ts';
import type { CachesHost } from '../../src/realm/prelude/host-api.ts';

const KIB = 1024;

/** A thread's caches, on a clock that the test moves. */
function makeHosts(limits: Partial<CacheLimits> = {}) {
  const clock = { now: Date.parse('2026-01-01T00:00:00Z') };
  const all = { total: 1024 * KIB, service: 512 * KIB, response: 256 * KIB, names: 3, ...limits };
  return { clock, of: makeCachesHosts(new CacheStore(all, () => clock.now)) };
}

function put(host: CachesHost, url: string, headers = '', size = 10, status = 200): void {
  const buffer = new ArrayBuffer(size);
  host.put('', `http://x/${url}`, neutral.response(status, '', headers, undefined), buffer, size);
}

function has(host: CachesHost, url: string): boolean {
  return host.match('', `http://x/${url}`, 0, '', '', '') !== undefined;
}

function urls(host: CachesHost): string[] {
  return (JSON.parse(host.urls('')) as string[]).map((url) => url.slice('http://x/'.length));
}

t.test('a response is kept as long as it says, or as its status allows', async (t) => {
  const { clock, of } = makeHosts();
  const host = of('a');
  const lifetimes: readonly (readonly [string, string, number, number])[] = [
    ['said', 'cache-control\nmax-age=10\n', 200, 10],
    ['shared', 'cache-control\nmax-age=10, S-MaxAge="20"\n', 200, 20],
    ['until', `expires\n${new Date(clock.now + 30_000).toUTCString()}\n`, 200, 30],
    ['ok', '', 200, 7200],
    ['moved', '', 302, 1200],
    ['missing', '', 404, 180],
  ];
  for (const [url, headers, status] of lifetimes) put(host, url, headers, 10, status);
  for (const [url, , , seconds] of lifetimes.toSorted((a, b) => a[3] - b[3])) {
    clock.now = Date.parse('2026-01-01T00:00:00Z') + seconds * 1000 - 1;
    t.ok(has(host, url), `${url} is there`);
    clock.now += 1;
    t.notOk(has(host, url), `${url} is gone`);
  }
  t.same(urls(host), []);
});

t.test('its age is told in seconds', async (t) => {
  const { clock, of } = makeHosts();
  const host = of('a');
  put(host, 'x');
  clock.now += 61_999;
  t.match(host.match('', 'http://x/x', 0, '', '', '')?.headers, /age\n61\n/u);
});

t.test('what has expired is neither listed nor removed', async (t) => {
  const { clock, of } = makeHosts();
  const host = of('a');
  put(host, 'x', 'cache-control\nmax-age=1\n');
  t.same(urls(host), ['x']);
  clock.now += 1000;
  t.same(urls(host), []);
  t.notOk(host.remove('', 'http://x/x', 0));
});

t.test('where a service keeps too much, what it used longest ago goes', async (t) => {
  const { of } = makeHosts({ service: 100 * KIB });
  const [host, other] = [of('a'), of('b')];
  put(other, 'theirs', '', 90 * KIB);
  for (const url of ['1', '2', '3']) put(host, url, '', 30 * KIB);
  t.ok(has(host, '1'));
  put(host, '4', '', 30 * KIB);
  t.same(urls(host), ['3', '1', '4']);
  t.same(urls(other), ['theirs']);
});

t.test('where all services keep too much, whoever keeps most gives way', async (t) => {
  const { of } = makeHosts({ total: 200 * KIB, service: 150 * KIB });
  const [large, small] = [of('large'), of('small')];
  for (const url of ['1', '2', '3', '4']) put(large, url, '', 30 * KIB);
  for (const url of ['5', '6', '7']) put(small, url, '', 30 * KIB);
  t.same(urls(large), ['2', '3', '4']);
  t.same(urls(small), ['5', '6', '7']);
});

t.test('one that is too large is not kept, and makes room for nobody', async (t) => {
  const { of } = makeHosts({ response: 10 * KIB });
  const host = of('a');
  put(host, 'x', '', 10 * KIB);
  put(host, 'y', '', 10 * KIB + 1);
  put(host, 'z', `a\n${'b'.repeat(600 * KIB)}\n`);
  t.same(urls(host), ['x']);
});

t.test('entries without bytes count as well', async (t) => {
  const { of } = makeHosts({ service: 10 * KIB });
  const host = of('a');
  for (let i = 0; i < 100; i++) put(host, String(i), '', 0);
  t.ok(urls(host).length < 20);
});

t.test('a service has so many names, and they are its own', async (t) => {
  const { of } = makeHosts();
  const host = of('a');
  t.same(
    ['1', '2', '3', '4', '1'].map((name) => host.open(name)),
    [true, true, true, false, true],
  );
  t.ok(of('b').open('4'));
  t.ok(host.drop('1'));
  t.ok(host.open('4'));
  t.same(JSON.parse(host.names()), ['2', '3', '4']);
  t.same([host.has('constructor'), host.drop('__proto__')], [false, false]);
});

t.test('what is kept is a copy, and so is what is given', async (t) => {
  const { of } = makeHosts();
  const host = of('a');
  const buffer = Uint8Array.of(1, 2).buffer;
  host.put('', 'http://x/', neutral.response(200, '', '', undefined), buffer, 2);
  new Uint8Array(buffer).fill(9);
  const given = (): Uint8Array => {
    const body = host.match('', 'http://x/', 0, '', '', '')?.body;
    return new Uint8Array(
      typeof body === 'object' ? (body.buffer ?? new ArrayBuffer(0)) : new ArrayBuffer(0),
    );
  };
  given().fill(8);
  t.same([...given()], [1, 2]);
});
