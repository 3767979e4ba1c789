/** The Cache API inside a realm: what is kept, for whom, and what a match gives. */

import t from 'tap';
import { makeTarget } from '../../src/services/service.ts';
import { neutral } from '../../src/realm/neutral.ts';
import { evaluate } from '../helpers/realm.ts';

const HELPERS = `
const url = 'http://test/' + crypto.randomUUID();
const cache = caches.default;
const keep = (response, key = url) => cache.put(key, response);
const kept = async (key = url) => (await cache.match(key))?.text();
const rejected = (promise) => promise.then(() => 'fulfilled', (e) => e.name);
`;

t.test('a response that was put is matched, as often as somebody asks', async (t) => {
  const results = await evaluate(`${HELPERS}
    const response = new Response('body', { status: 404, statusText: 'Gone away', headers: { 'content-type': 'a/b', 'cache-control': 'max-age=60', etag: '"e"' } });
    const put = await keep(response);
    const found = await cache.match(new Request(url + '#fragment'));
    return [put === undefined, response.bodyUsed, found.status, found.statusText, [...found.headers], await found.text(), await kept(), await kept(url + '/other') === undefined,
      await cache.match(url) instanceof Response, await kept(new URL(url))];`);
  t.same(results, [
    true,
    true,
    404,
    'Gone away',
    [
      ['age', '0'],
      ['cache-control', 'max-age=60'],
      ['cf-cache-status', 'HIT'],
      ['content-type', 'a/b'],
      ['etag', '"e"'],
    ],
    'body',
    'body',
    true,
    true,
    'body',
  ]);
});

t.test('bodies of every kind are kept', async (t) => {
  const results = await evaluate(`${HELPERS}
    const bodies = ['é', new Uint8Array([1, 2, 255]), new ReadableStream({ start(c) { c.enqueue(new Uint8Array([3])); c.enqueue(new Uint8Array(70000)); c.close(); } }), new Blob(['b']), null, ''];
    const lengths = [];
    for (const body of bodies) { await keep(new Response(body)); lengths.push((await (await cache.match(url)).bytes()).length); }
    const original = new Response('twice');
    await keep(original.clone());
    return [lengths, await original.text(), await kept()];`);
  t.same(results, [[2, 3, 70001, 1, 0, 0], 'twice', 'twice']);
});

t.test('what must not be put is refused', async (t) => {
  const results = await evaluate(`${HELPERS}
    const used = new Response('x');
    await used.text();
    const ok = () => new Response('x');
    return Promise.all([keep(ok(), new Request(url, { method: 'POST' })), keep(new Response('x', { status: 206 })), keep(new Response('x', { headers: { vary: 'accept, *' } })), keep(used), keep(Response.error()), keep({}), keep(ok(), 'data:,x'), keep(ok(), 'relative'), cache.put(url),
      keep(new Response(new ReadableStream({ pull(c) { c.error(new RangeError('x')); } }))), keep(new Response(new ReadableStream({ pull(c) { c.enqueue('text'); } })))].map(rejected));`);
  const refused = 'TypeError';
  t.same(results, [...new Array<string>(9).fill(refused), 'RangeError', refused]);
});

t.test('what may not be kept is dropped without a word, and replaces nothing', async (t) => {
  const results = await evaluate(`${HELPERS}
    const kinds = { 'no-store': 'no-store', private: 'private', 'no-cache': 'no-cache', 'max-age=0': 'max-age=0', 's-maxage=0': 'max-age=60, s-maxage=0', bad: 'max-age=x' };
    const results = {};
    for (const [name, value] of Object.entries(kinds)) { await keep(new Response('x', { headers: { 'cache-control': value } })); results[name] = (await kept()) ?? null; }
    await keep(new Response('x', { headers: { expires: new Date(0).toUTCString() } }));
    results.expired = (await kept()) ?? null;
    await keep(new Response('x', { headers: { 'set-cookie': 'a=b', 'cache-control': 'max-age=60' } }));
    results.cookie = (await kept()) ?? null;
    await keep(new Response('x', { status: 500 }));
    results.status = (await kept()) ?? null;
    await keep(new Response(null, { status: 304 }));
    results.unchanged = (await kept()) ?? null;
    await keep(new Response('kept'));
    await keep(new Response('x', { headers: { 'cache-control': 'no-store' } }));
    return [Object.values(results), await kept()];`);
  t.same(results, [new Array(10).fill(null), 'kept']);
});

t.test('explicit lifetimes are taken, and a cookie that is private is left out', async (t) => {
  const results = await evaluate(`${HELPERS}
    const headers = [{ 'cache-control': 'public, max-age=60' }, { 'cache-control': 'max-age=0, s-maxage=60' }, { expires: new Date(Date.now() + 60000).toUTCString() }, { 'cache-control': 'Private="Set-Cookie", max-age=60', 'set-cookie': 'a=b' }, { 'cache-control': 'private=Set-Cookie', 'set-cookie': 'a=b' }];
    const results = [];
    for (const given of headers) { await cache.delete(url); await keep(new Response('x', { status: 200, headers: given })); const found = await cache.match(url); results.push([await found?.text(), found?.headers.getSetCookie()]); }
    await keep(new Response('error', { status: 500, headers: { 'cache-control': 'max-age=60' } }));
    return [results, (await cache.match(url)).status];`);
  t.same(results, [new Array(5).fill(['x', []]), 500]);
});

t.test('a match answers conditions and ranges of the request', async (t) => {
  const results = await evaluate(`${HELPERS}
    const modified = 'Wed, 21 Oct 2015 07:28:00 GMT';
    await keep(new Response('0123456789', { headers: { etag: 'W/"v"', 'last-modified': modified, 'content-length': '10' } }));
    const ask = async (headers) => { const found = await cache.match(new Request(url, { headers })); return [found.status, await found.text(), found.headers.get('content-range'), found.headers.get('content-length'), found.headers.get('cf-cache-status')].join(); };
    return [await ask({ 'if-none-match': '"x", "v"' }), await ask({ 'if-none-match': '*' }), await ask({ 'if-none-match': '"x"', 'if-modified-since': modified }), await ask({ 'if-modified-since': modified }), await ask({ 'if-modified-since': 'Wed, 21 Oct 2015 07:27:59 GMT' }),
      await ask({ range: 'bytes=2-4' }), await ask({ range: 'bytes=7-' }), await ask({ range: 'bytes=-3' }), await ask({ range: 'bytes=5-99' }), await ask({ range: 'bytes=10-' }), await ask({ range: 'bytes=1-2,4-5' }), await ask({ range: 'lines=1-2' }), await ask({ range: 'bytes=4-2' })];`);
  t.same(results, [
    '304,,,10,HIT',
    '304,,,10,HIT',
    '200,0123456789,,10,HIT',
    '304,,,10,HIT',
    '200,0123456789,,10,HIT',
    '206,234,bytes 2-4/10,3,HIT',
    '206,789,bytes 7-9/10,3,HIT',
    '206,789,bytes 7-9/10,3,HIT',
    '206,56789,bytes 5-9/10,5,HIT',
    '416,,bytes */10,,HIT',
    '200,0123456789,,10,HIT',
    '200,0123456789,,10,HIT',
    '200,0123456789,,10,HIT',
  ]);
});

t.test('only GET is looked up, unless the method is ignored; so is the search', async (t) => {
  const results = await evaluate(`${HELPERS}
    await keep(new Response('x'), url + '?a=1');
    const post = new Request(url + '?a=1', { method: 'POST', body: 'b' });
    const found = async (key, options) => (await cache.match(key, options)) !== undefined;
    return [await found(post), await found(post, { ignoreMethod: true }), post.bodyUsed, await found(url), await found(url + '?b', { ignoreSearch: true }), await found(url + '/x?a=1', { ignoreSearch: true }),
      await cache.delete(post), await cache.delete(url + '?b'), await cache.delete(url + '?b', { ignoreSearch: true }), await cache.delete(url + '?a=1')];`);
  t.same(results, [false, true, false, false, true, false, false, false, true, false]);
});

t.test('keys and matchAll list what is kept', async (t) => {
  const results = await evaluate(`${HELPERS}
    const own = await caches.open(url);
    for (const path of ['/a', '/b?1', '/b?2']) await own.put(url + path, new Response(path));
    const paths = async (...args) => (await own.keys(...args)).map((request) => request.url.slice(url.length));
    const texts = async (...args) => Promise.all((await own.matchAll(...args)).map((response) => response.text()));
    return [await paths(), await paths(url + '/b?1'), await paths(url + '/b', { ignoreSearch: true }), await texts(), await texts(url + '/b', { ignoreSearch: true }), await texts(new Request(url + '/a', { method: 'HEAD' })), (await own.keys())[0] instanceof Request];`);
  t.same(results, [
    ['/a', '/b?1', '/b?2'],
    ['/b?1'],
    ['/b?1', '/b?2'],
    ['/a', '/b?1', '/b?2'],
    ['/b?1', '/b?2'],
    [],
    true,
  ]);
});

t.test('named caches are apart from each other, and go with all they hold', async (t) => {
  const results = await evaluate(`${HELPERS}
    const [one, two] = [url + '1', url + '2'];
    await (await caches.open(one)).put(url, new Response('one'));
    await (await caches.open(two)).put(url, new Response('two'));
    const found = async (options) => (await caches.match(url, options))?.text();
    const before = [await found(), await found({ cacheName: two }), await found({ cacheName: 'none' }), await kept(), await caches.has(one), (await caches.keys()).filter((name) => name.startsWith(url)).length];
    const dropped = [await caches.delete(one), await caches.delete(one), await caches.has(one), await found(), await (await caches.open(one)).match(url)];
    await keep(new Response('default'));
    return [before, dropped, await caches.delete(two), await found(), await rejected(caches.open('x'.repeat(1024))), await rejected(caches.open())];`);
  t.same(results, [
    ['one', 'two', null, null, true, 2],
    [true, false, false, 'two', null],
    true,
    'default',
    'TypeError',
    'TypeError',
  ]);
});

t.test('a realm finds what another of its service has kept, and that is of its own', async (t) => {
  await evaluate(
    `await caches.default.put('http://test/left', new Response('left', { headers: { a: 'b' } }));`,
  );
  const results = await evaluate(`
    const found = await caches.default.match('http://test/left');
    let immutable;
    try { found.headers.set('a', 'c'); } catch (e) { immutable = e instanceof TypeError; }
    const bytes = await found.bytes();
    return [found instanceof Response, bytes instanceof Uint8Array, bytes.buffer instanceof ArrayBuffer, new TextDecoder().decode(bytes), immutable, await (await caches.default.match('http://test/left')).text()];`);
  t.same(results, [true, true, true, 'left', true, 'left']);
});

t.test('add and addAll fetch, and keep all or nothing', async (t) => {
  const asked: string[] = [];
  const outbound = makeTarget((request, call) => {
    asked.push(request.url);
    const status = request.url.endsWith('bad') ? 500 : 200;
    call.settle(call, neutral.response(status, '', '', `body of ${request.url}`), undefined);
  });
  const results = await evaluate(
    `${HELPERS}
    const added = await cache.add(url + '/1');
    await cache.addAll([url + '/2', new Request(url + '/3')]);
    const failed = [await rejected(cache.addAll([url + '/4', url + '/bad'])), await rejected(cache.addAll([url, url])), await rejected(cache.add(new Request(url, { method: 'POST' }))), await rejected(cache.addAll(url)), await rejected(cache.add('about:blank'))];
    return [added === undefined, (await kept(url + '/1')) === 'body of ' + url + '/1', (await kept(url + '/3')) !== undefined, (await kept(url + '/4')) === undefined, failed];`,
    { targets: [outbound] },
  );
  t.same(results, [
    true,
    true,
    true,
    true,
    ['TypeError', 'InvalidStateError', 'TypeError', 'TypeError', 'TypeError'],
  ]);
  t.equal(asked.length, 5);
});

t.test('a body that is too large to be kept is not read to its end', async (t) => {
  const results = await evaluate(`${HELPERS}
    let pulled = 0;
    let canceled = false;
    const body = new ReadableStream({ pull(c) { pulled++; c.enqueue(new Uint8Array(1024 * 1024)); }, cancel() { canceled = true; } });
    await keep(new Response(body));
    return [pulled < 12, canceled, await kept() === undefined];`);
  t.same(results, [true, true, true]);
});

t.test('the interfaces look as the standard asks', async (t) => {
  const results = await evaluate(`
    const thrown = (call) => { try { call(); return 'nothing'; } catch (e) { return e.name; } };
    return [String(caches), String(caches.default), caches.default === caches.default, caches instanceof CacheStorage, caches.default instanceof Cache, thrown(() => new Cache()), thrown(() => new CacheStorage()), Object.keys(globalThis).includes('caches'),
      await Cache.prototype.match.call({}, 'x').catch((e) => e.name), await CacheStorage.prototype.keys.call({}).catch((e) => e.name)];`);
  t.same(results, [
    '[object CacheStorage]',
    '[object Cache]',
    true,
    true,
    true,
    'TypeError',
    'TypeError',
    true,
    'TypeError',
    'TypeError',
  ]);
});
