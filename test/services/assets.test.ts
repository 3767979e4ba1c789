/** Static sites against real files: what is served where, and with which headers. */

import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import t from 'tap';
import type { ResponseState } from '../../src/realm/prelude/state.ts';
import { AssetsService } from '../../src/services/assets.ts';
import { fetchError, fetchState, headerLines, startCall } from '../helpers/exchange.ts';
import { base, bytesOf, clientOf, get, header, outcome, site, textOf, workerOf } from '../helpers/site.ts';

const onLinux = { skip: process.platform !== 'linux' };

t.test('html handling leads to one URL for each page', async (t) => {
  const files = { 'file.html': 'file', folder: { 'index.html': 'folder' }, 'index.html': 'home' };
  // As Cloudflare's documentation has them, and where that disagrees with its code, as the code does.
  const tables = {
    'auto-trailing-slash': {
      '/': '200 home',
      '/index': '307 /',
      '/index.html': '307 /',
      '/file': '200 file',
      '/file.html': '307 /file',
      '/file/': '307 /file',
      '/file/index': '307 /file',
      '/file/index.html': '307 /file',
      '/folder': '307 /folder/',
      '/folder.html': '307 /folder/',
      '/folder/': '200 folder',
      '/folder/index': '307 /folder/',
      '/folder/index.html': '307 /folder/',
    },
    'force-trailing-slash': {
      '/': '200 home',
      '/index': '307 /',
      '/index.html': '307 /',
      '/file': '307 /file/',
      '/file.html': '307 /file/',
      '/file/': '200 file',
      '/file/index': '307 /file/',
      '/file/index.html': '307 /file/',
      '/folder': '307 /folder/',
      '/folder.html': '307 /folder/',
      '/folder/': '200 folder',
      '/folder/index': '307 /folder/',
      '/folder/index.html': '307 /folder/',
    },
    'drop-trailing-slash': {
      '/': '200 home',
      '/index': '307 /',
      '/index.html': '307 /',
      '/file': '200 file',
      '/file.html': '307 /file',
      '/file/': '307 /file',
      '/file/index': '307 /file',
      '/file/index.html': '307 /file',
      '/folder': '200 folder',
      '/folder.html': '307 /folder',
      '/folder/': '307 /folder',
      '/folder/index': '307 /folder',
      '/folder/index.html': '307 /folder',
    },
    none: {
      '/': '404 Not Found',
      '/file': '404 Not Found',
      '/file.html': '200 file',
      '/folder/': '404 Not Found',
      '/folder/index.html': '200 folder',
    },
  } as const;
  for (const [htmlHandling, table] of Object.entries(tables)) {
    const here = site(t, files, { htmlHandling: htmlHandling as keyof typeof tables });
    for (const [path, expected] of Object.entries(table))
      t.equal(await outcome(here, path), expected, `${htmlHandling} ${path}`);
  }
});

t.test('what has two names keeps both', async (t) => {
  const files = { 'a.html': 'page', a: { 'index.html': 'index' }, b: 'binary', 'b.html': 'page b' };
  const auto = site(t, files);
  t.equal(await outcome(auto, '/a'), '200 page');
  t.equal(await outcome(auto, '/a/'), '200 index');
  t.equal(await outcome(auto, '/a.html'), '307 /a');
  t.equal(await outcome(auto, '/b'), '200 binary');
  t.equal(await outcome(auto, '/b.html'), '200 page b', 'its place is taken');
  const force = site(t, files, { htmlHandling: 'force-trailing-slash' });
  t.equal(await outcome(force, '/a.html'), '200 page', 'its place is taken');
  t.equal(await outcome(force, '/a/'), '200 index');
});

t.test('a redirect keeps the query, and leads to the one way to write a path', async (t) => {
  const here = site(t, { 'a b.html': 'x', '[id].txt': 'y', 'é.txt': 'z', '100%.txt': 'p' });
  t.equal(await outcome(here, '/a%20b.html?q=1&r=%2F'), '307 /a%20b?q=1&r=%2F');
  t.equal(await outcome(here, '/[id].txt?x'), '307 /%5Bid%5D.txt?x');
  t.equal(await outcome(here, '/%5bid%5d.txt'), '307 /%5Bid%5D.txt');
  t.equal(await outcome(here, '/%5Bid%5D.txt'), '200 y');
  t.equal(await outcome(here, '/%C3%A9.txt'), '200 z');
  t.equal(await outcome(here, '/100%25.txt'), '200 p');
  t.equal(await outcome(here, '//[id].txt'), '307 /%5Bid%5D.txt', 'one slash at the beginning');
});

t.test('where there is no file', async (t) => {
  const files = { 'index.html': 'home', '404.html': 'root', docs: { '404.html': 'docs', a: { b: 'x' } } };
  const pages = site(t, files, { notFoundHandling: '404-page' });
  t.equal(await outcome(pages, '/none'), '404 root');
  t.equal(await outcome(pages, '/docs/none'), '404 docs');
  t.equal(await outcome(pages, '/docs/a/none/deep'), '404 docs');
  t.equal(await outcome(pages, '/docs/%2e%2f'), '404 root');
  t.equal(await outcome(pages, '/404'), '200 root');
  const app = site(t, files, { notFoundHandling: 'single-page-application' });
  t.equal(await outcome(app, '/any/where?x'), '200 home');
  t.equal(await outcome(app, '/docs/a/b'), '200 x');
  t.equal(
    await outcome(site(t, { x: '' }, { notFoundHandling: 'single-page-application' }), '/y'),
    '404 Not Found',
  );
  t.equal(await outcome(site(t, files), '/none'), '404 Not Found');
  const head = await get(pages, '/none', { method: 'HEAD' });
  t.equal(head.status, 404);
  t.equal(head.body, undefined);
  t.equal(header(head, 'content-length'), '4');
});

t.test('methods', async (t) => {
  const here = site(t, { 'a.txt': 'hello' }, {}, { redirects: '/old /new' });
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    const refused = await get(here, '/a.txt', { method, body: 'x' });
    t.equal(refused.status, 405);
    t.equal(header(refused, 'allow'), 'GET, HEAD');
    t.equal((await get(here, '/none', { method })).status, 404);
    t.equal(await outcome(here, '/old', { method }), '302 /new');
  }
  const [whole, head] = [await get(here, '/a.txt'), await get(here, '/a.txt', { method: 'HEAD' })];
  t.strictSame(headerLines(head), headerLines(whole));
  t.equal(head.body, undefined);
});

t.test('types, by the ending of the name', async (t) => {
  const types = {
    'a.html': 'text/html; charset=utf-8',
    'a.css': 'text/css; charset=utf-8',
    'a.mjs': 'text/javascript; charset=utf-8',
    'a.json': 'application/json',
    'a.svg': 'image/svg+xml',
    'a.WOFF2': 'font/woff2',
    'a.wasm': 'application/wasm',
    'a.webmanifest': 'application/manifest+json',
    'a.unheardof': 'application/octet-stream',
    html: 'application/octet-stream',
  };
  const here = site(t, Object.fromEntries(Object.keys(types).map((name) => [name, 'x'])), {
    htmlHandling: 'none',
  });
  for (const [name, type] of Object.entries(types)) {
    const response = await get(here, `/${name}`);
    t.equal(header(response, 'content-type'), type, name);
    t.equal(header(response, 'x-content-type-options'), 'nosniff');
  }
});

t.test(
  'an ETag is of the content: the same for a file that is written anew, another one for another content',
  async (t) => {
    const here = site(t, { 'a.txt': 'hello' });
    const tagOf = async (): Promise<string> => header(await get(here, '/a.txt'), 'etag') ?? '';
    const first = await tagOf();
    t.match(first, /^"[\w-]{22}"$/u);
    writeFileSync(join(here.path, 'b.txt'), 'hello');
    renameSync(join(here.path, 'b.txt'), join(here.path, 'a.txt'));
    t.equal(await tagOf(), first);
    utimesSync(join(here.path, 'a.txt'), 1, 1);
    t.equal(await tagOf(), first);
    writeFileSync(join(here.path, 'b.txt'), 'hallo');
    renameSync(join(here.path, 'b.txt'), join(here.path, 'a.txt'));
    const second = await tagOf();
    t.not(second, first);
    const since = (headers: string[]): Promise<string> => outcome(here, '/a.txt', { headers });
    t.equal(await since(['if-none-match', second]), '304 ');
    t.equal(await since(['if-none-match', `W/${second}, "x"`]), '304 ');
    t.equal(await since(['if-none-match', first]), '200 hallo');
    t.equal(await since(['if-match', first]), '412 Precondition Failed');
    const modified = header(await get(here, '/a.txt'), 'last-modified') ?? '';
    t.equal(await since(['if-modified-since', modified]), '304 ');
    const unchanged = await get(here, '/a.txt', { headers: ['if-none-match', second] });
    t.equal(header(unchanged, 'etag'), second);
    t.equal(header(unchanged, 'cache-control'), 'public, max-age=0, must-revalidate');
    t.equal(header(unchanged, 'content-type'), undefined);
  },
);

t.test('a large file is streamed, and told apart by its size and time', async (t) => {
  const large = 'x'.repeat(1_500_000);
  const here = site(t, { 'a.bin': large });
  const first = await get(here, '/a.bin');
  t.equal(await textOf(first), large);
  utimesSync(join(here.path, 'a.bin'), 1, 1);
  t.not(header(await get(here, '/a.bin', { method: 'HEAD' }), 'etag'), header(first, 'etag'));
  while (here.assets.openFiles() > 0) await new Promise(setImmediate); // the system closes it first
  const part = await get(here, '/a.bin', { headers: ['range', 'bytes=100-200099'] });
  t.equal(part.status, 206);
  t.equal((await textOf(part)).length, 200_000);
});

t.test('parts', async (t) => {
  const here = site(t, { 'a.txt': '0123456789', '404.html': 'none' }, { notFoundHandling: '404-page' });
  const range = (...headers: string[]): Promise<ResponseState> => get(here, '/a.txt', { headers });
  const part = await range('range', 'bytes=2-4');
  t.equal(part.status, 206);
  t.equal(await textOf(part), '234');
  t.equal(header(part, 'content-range'), 'bytes 2-4/10');
  t.equal(header(part, 'content-length'), '3');
  const etag = header(part, 'etag') ?? '';
  t.equal((await range('range', 'bytes=2-', 'if-range', etag)).status, 206);
  t.equal((await range('range', 'bytes=2-', 'if-range', '"other"')).status, 200);
  const beyond = await range('range', 'bytes=10-');
  t.equal(beyond.status, 416);
  t.equal(header(beyond, 'content-range'), 'bytes */10');
  t.equal((await get(here, '/none', { headers: ['range', 'bytes=0-1', 'if-none-match', '*'] })).status, 404);
});

t.test('files that are there in other codings', async (t) => {
  const text = 'hello '.repeat(100);
  const here = site(t, {
    'a.js': text,
    'a.js.br': '',
    'a.js.gz': '',
    'a.js.zst': '',
    'b.js': text,
    'b.js.gz': '',
    'c.js.gz': '',
    'd.js': text,
  });
  const coded = { br: brotliCompressSync(text), gz: gzipSync(text), zst: zstdCompressSync(text) };
  for (const [ending, bytes] of Object.entries(coded))
    writeFileSync(join(here.path, `a.js.${ending}`), bytes);
  writeFileSync(join(here.path, 'b.js.gz'), coded.gz);
  const asked = async (path: string, accept: string): Promise<string | undefined> =>
    header(await get(here, path, { headers: ['accept-encoding', accept] }), 'content-encoding');
  t.equal(await asked('/a.js', 'gzip, deflate, br, zstd'), 'br');
  t.equal(await asked('/a.js', 'gzip, zstd'), 'zstd');
  t.equal(await asked('/a.js', 'gzip'), 'gzip');
  t.equal(await asked('/a.js', 'GZIP;q=0.9, br;q=0.1'), 'gzip');
  t.equal(await asked('/a.js', 'br;q=0, *'), 'zstd');
  t.equal(await asked('/a.js', 'x-gzip'), 'gzip');
  t.equal(await asked('/a.js', 'gzip;q=0'), undefined);
  t.equal(await asked('/a.js', 'gzip;q=0.5, identity'), undefined);
  t.equal(await asked('/a.js', ''), undefined);
  t.equal(await asked('/a.js', 'x'.repeat(10_000)), undefined);
  t.equal(await asked('/b.js', 'br, gzip'), 'gzip');
  t.equal(await asked('/d.js', 'gzip'), undefined);

  const plain = await get(here, '/a.js');
  const packed = await get(here, '/a.js', { headers: ['accept-encoding', 'gzip'] });
  for (const response of [plain, packed]) {
    t.equal(header(response, 'vary'), 'accept-encoding');
    t.equal(header(response, 'content-type'), 'text/javascript; charset=utf-8');
  }
  t.strictSame(await bytesOf(packed.body), coded.gz);
  t.equal(header(packed, 'content-length'), String(coded.gz.byteLength));
  t.not(header(packed, 'etag'), header(plain, 'etag'));
  const again = ['accept-encoding', 'gzip', 'if-none-match', header(packed, 'etag') ?? ''];
  t.equal((await get(here, '/a.js', { headers: again })).status, 304);
  t.equal(
    (await get(here, '/a.js', { headers: ['if-none-match', header(packed, 'etag') ?? ''] })).status,
    200,
  );
  t.equal(header(await get(here, '/d.js'), 'vary'), undefined);

  const forWorker = await fetchState(workerOf(here), `${base}/a.js`, {
    headers: ['accept-encoding', 'gzip'],
  });
  t.equal(header(forWorker, 'content-encoding'), undefined, 'a worker reads bodies as they are');
  t.equal(await textOf(forWorker), text);

  rmSync(join(here.path, 'b.js.gz'));
  t.equal(await asked('/b.js', 'gzip'), undefined, 'one that has gone is done without');
  const without = site(t, { 'a.js': text, 'a.js.gz': 'x' }, { precompressed: false });
  t.equal(header(await get(without, '/a.js', { headers: ['accept-encoding', 'gzip'] }), 'vary'), undefined);
});

t.test('how long browsers keep files', async (t) => {
  const files = { 'index.html': 'x', assets: { 'app.123.js': 'x', 'sw.js': 'x' } };
  const here = site(t, files, {
    immutable: ['/assets/*', '!/assets/sw.js'],
    notFoundHandling: 'single-page-application',
  });
  const cache = async (path: string, ...headers: string[]): Promise<string | undefined> =>
    header(await get(here, path, { headers }), 'cache-control');
  const checked = 'public, max-age=0, must-revalidate';
  t.equal(await cache('/'), checked);
  t.equal(await cache('/assets/app.123.js'), 'public, max-age=31536000, immutable');
  t.equal(await cache('/assets/sw.js'), checked);
  t.equal(await cache('/assets/gone.js'), checked, 'a page in the place of a file is none that stays');
  t.equal(await cache('/', 'authorization', 'x'), undefined);
});

t.test('_redirects', async (t) => {
  const redirects = `
# comment
/home301 / 301
/home302 /
/query /?query=string 301
/out https://example.com/x#y 308 # comment
/trailing /trailing/ 307
/page/ /page2/#fragment 303
/over /file
/blog/* https://blog.example.com/:splat
/products/:code/:name /products?code=:code&name=:name
/files/:name.:ending /:ending/:name/:none
/static /later
/proxy/* /:splat 200
/rewrite /sub/page.html 200
/nowhere /none 200
/:user.example https://:user.example.com/
`;
  const files = { 'index.html': 'home', over: 'over', sub: { 'page.html': 'page' } };
  const here = site(t, files, {}, { redirects });
  const expected = {
    '/home301': '301 /',
    '/home302?a=b': '302 /?a=b',
    '/query?a=b': '301 /?query=string',
    '/out?a=b': '308 https://example.com/x?a=b#y',
    '/trailing': '307 /trailing/',
    '/page/': '303 /page2/#fragment',
    '/over': '302 /file',
    '/blog/a/b?c': '302 https://blog.example.com/a/b?c',
    '/blog/': '302 https://blog.example.com/',
    '/blog': '404 Not Found',
    '/products/1/x%20y': '302 /products?code=1&name=x%20y',
    '/products/1': '404 Not Found',
    '/files/a.b.txt': '302 /txt/a.b/:none',
    '/static': '302 /later',
    '/proxy/sub/page': '200 page',
    '/proxy/': '200 home',
    '/rewrite': '200 page',
    '/nowhere': '404 Not Found',
    '/ann.example': '302 https://ann.example.com/',
  };
  for (const [path, result] of Object.entries(expected)) t.equal(await outcome(here, path), result, path);
});

t.test('caches know that there are several codings, whatever _headers says', async (t) => {
  const here = site(t, { 'a.js': 'x', 'a.js.gz': 'x' }, {}, { headers: '/*\n  Vary: Origin' });
  const lines = headerLines(await get(here, '/a.js'));
  t.strictSame(
    lines.filter((line) => line.startsWith('vary')),
    ['vary: accept-encoding', 'vary: Origin'],
  );
});

t.test('_headers', async (t) => {
  const headers = `
/*
  X-All: yes
  Cache-Control: no-store
/a.txt
  X-All: twice
  ! ETag
  Set-Cookie: a=1
  Set-Cookie: b=2
/:name
  X-Name: <:name>
https://site.example/*
  X-Host: here :splat
https://:sub.example/*
  X-Sub: :sub
https://other.example/*
  X-Host: there
/old
  Location: /elsewhere
`;
  const here = site(t, { 'a.txt': 'x' }, {}, { headers, redirects: '/old /new' });
  const lines = headerLines(await get(here, '/a.txt'));
  t.strictSame(
    lines.filter((line) => /^(?:x-(?!content)|cache|set|etag)/u.test(line)),
    [
      'x-all: yes',
      'cache-control: no-store',
      'x-all: twice',
      'set-cookie: a=1',
      'set-cookie: b=2',
      'x-name: <a.txt>',
      'x-host: here a.txt',
      'x-sub: site',
    ],
  );
  t.equal(header(await get(here, '/none'), 'x-all'), 'yes');
  t.equal(await outcome(here, '/old'), '302 /new', 'a redirect comes first');
});

t.test('what is not to be served', async (t) => {
  const files = {
    'index.html': 'x',
    _headers: 'x',
    _redirects: 'x',
    '_worker.js': 'x',
    '.assetsignore': 'x',
    '.env': 'x',
    '.well-known': { 'security.txt': 'x' },
    '.git': { config: 'x' },
    '.nojekyll': '',
    node_modules: { a: { 'b.js': 'x' } },
    src: { 'a.ts': 'x', 'keep.ts': 'x' },
    'a.map': 'x',
  };
  const here = site(t, files, {}, { ignore: '# comment\n*.map\nsrc/*\n!src/keep.ts\n!.nojekyll\n' });
  const found = [];
  for (const path of [
    '/_headers',
    '/_redirects',
    '/_worker.js',
    '/.assetsignore',
    '/.env',
    '/.well-known/security.txt',
    '/.git/config',
    '/.nojekyll',
    '/node_modules/a/b.js',
    '/src/a.ts',
    '/src/keep.ts',
    '/a.map',
  ])
    if ((await get(here, path)).status === 200) found.push(path);
  t.strictSame(found, ['/.well-known/security.txt', '/.nojekyll', '/src/keep.ts']);
});

t.test('files that come and go are noticed, without a request that waits for it', async (t) => {
  const here = site(t, { 'a.txt': 'a', sub: { 'x.txt': 'x' } });
  const settled = async (path: string, status: number): Promise<void> => {
    for (;;) {
      here.wait(10_000);
      if ((await get(here, path)).status === status) return;
      await new Promise(setImmediate);
    }
  };
  t.equal((await get(here, '/b.txt')).status, 404);
  writeFileSync(join(here.path, 'b.txt'), 'b');
  t.equal((await get(here, '/b.txt')).status, 404, 'not yet looked for');
  await settled('/b.txt', 200);
  writeFileSync(join(here.path, 'sub', 'y.txt'), 'y');
  await settled('/sub/y.txt', 200);
  rmSync(join(here.path, 'b.txt'));
  await settled('/b.txt', 404);
  mkdirSync(join(here.path, 'new'));
  writeFileSync(join(here.path, 'new', 'z.txt'), 'z');
  await settled('/new/z.txt', 200);
});

t.test('a directory that is exchanged is another site', async (t) => {
  const here = site(t, { v1: { 'a.txt': 'one' }, v2: { 'a.txt': 'two', 'b.txt': 'b' } });
  const current = join(here.path, 'current');
  symlinkSync('v1', current);
  let now = 0;
  const assets = new AssetsService(
    {
      directory: current,
      htmlHandling: 'none',
      notFoundHandling: 'none',
      immutable: [],
      precompressed: true,
      headers: [],
      redirects: [],
      ignore: [],
      stamp: '',
    },
    { now: () => (now += 10_000), onFailure: t.fail },
  );
  const ask = async (path: string): Promise<string> => {
    const response = await fetchState(
      { fetch: (request, call) => assets.fetch(request, call, true) },
      base + path,
    );
    return `${response.status} ${await textOf(response)}`;
  };
  t.equal(await ask('/a.txt'), '200 one');
  symlinkSync('v2', join(here.path, 'next'));
  renameSync(join(here.path, 'next'), current);
  t.equal(await ask('/a.txt'), '200 two');
  while ((await ask('/b.txt')) !== '200 b') await new Promise(setImmediate);
});

t.test(
  'a directory that is not there fails the request, is said once, and is found when it comes',
  async (t) => {
    const here = site(t, {}, {});
    rmSync(here.path, { recursive: true });
    const service = clientOf(here);
    for (let i = 0; i < 3; i++) t.match(await fetchError(service, `${base}/`), { code: 'DISK_FAILED' });
    here.wait(10_000);
    t.match(await fetchError(service, `${base}/`), { code: 'DISK_FAILED' });
    t.strictSame(here.failures, ['ENOENT']);
    mkdirSync(here.path);
    writeFileSync(join(here.path, 'index.html'), 'x');
    here.wait(10_000);
    t.equal(await outcome(here, '/'), '200 x');
  },
);

t.test('a caller that gives up is told nothing, and no file stays open', onLinux, async (t) => {
  const here = site(t, { 'a.bin': 'x'.repeat(500_000) });
  const started = startCall(clientOf(here), `${base}/a.bin`);
  started.abort();
  const { body } = await get(here, '/a.bin');
  t.equal(started.settled(), 0);
  await here.assets.close();
  await t.rejects(bytesOf(body));
  while (here.assets.openFiles() > 0) await new Promise(setImmediate);
});
