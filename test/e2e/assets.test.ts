/** Static sites behind sockets and workers, deployed and redeployed, with curl as the client. */

import { execFile } from 'node:child_process';
import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import type { DeployReport, VersionReport } from '../../src/control/api.ts';
import { rewrite } from '../helpers/bundle.ts';
import { makeDaemon } from '../helpers/daemon.ts';
import { runNanod, serve } from '../helpers/nanod.ts';

const run = promisify(execFile);

async function curl(...args: readonly string[]): Promise<string> {
  const { stdout } = await run(
    'curl',
    ['--silent', '--show-error', '--globoff', '--max-time', '20', '--path-as-is', ...args],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  return stdout;
}

/** Status, location, and body. */
function ask(url: string, ...args: readonly string[]): Promise<string> {
  return curl('--write-out', '\n%{http_code} %header{location}', url, ...args);
}

const files = {
  'site/index.html': 'home',
  'site/about.html': 'about',
  'site/docs/index.html': 'docs',
  'site/404.html': 'nowhere',
  'site/app.js': 'console.log(1)',
  'site/_headers': '/*\n  X-Site: yes\n/docs/*\n  ! X-Content-Type-Options\n',
  'site/_redirects': '/old/* /:splat 301\n/alias /about 200\n',
  'secret.txt': 'secret',
};

t.test('a site behind a socket', async (t) => {
  const config = {
    threads: 1,
    apps: [{ name: 'site', assets: { directory: 'site', notFoundHandling: '404-page' } }],
    sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'site' }],
  };
  const { url, directory } = await serve(t, { config, files });
  t.equal(await ask(url), 'home\n200 ');
  t.equal(await ask(`${url}about`), 'about\n200 ');
  t.equal(await ask(`${url}about.html?a=b`), '\n307 /about?a=b');
  t.equal(await ask(`${url}docs`), '\n307 /docs/');
  t.equal(await curl('--location', `${url}docs/index.html`), 'docs');
  t.equal(await ask(`${url}old//evil.com`), '\n301 /evil.com');
  t.equal(await ask(`${url}alias`), 'about\n200 ');
  t.equal(await ask(`${url}none`), 'nowhere\n404 ');
  t.equal(await ask(`${url}about`, '--range', '1-2'), 'bo\n206 ');
  t.equal(await ask(`${url}about`, '--request', 'POST', '--data', 'x'), 'Method Not Allowed\n405 ');
  t.match(
    await curl('--head', `${url}docs/`),
    /^HTTP\/1\.1 200 OK\r\ncontent-type: text\/html; charset=utf-8\r\n/u,
  );
  t.match(await curl('--head', url), /\r\nx-site: yes\r\n(?:.*\r\n)*content-length: 4\r\n/u);

  const etag = /etag: (.+)\r/u.exec(await curl('--head', url))?.[1] ?? '';
  t.equal(await ask(url, '--header', `if-none-match: ${etag}`), '\n304 ');

  symlinkSync('../secret.txt', join(directory, 'site', 'link.txt'));
  for (const path of [
    '../secret.txt',
    '%2e%2e/secret.txt',
    '..%2fsecret.txt',
    '..%5csecret.txt',
    'link.txt',
    'a%00',
    '_headers',
  ])
    t.notMatch(await curl(`${url}${path}`), /secret|X-Site/u, path);
});

t.test('curl unpacks what was packed before', async (t) => {
  const text = 'hello '.repeat(10_000);
  const config = {
    threads: 1,
    apps: [],
    services: [{ name: 'site', kind: 'assets', directory: 'site', immutable: ['/*.txt'] }],
    sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'site' }],
  };
  const { url, directory } = await serve(t, { config, files: { 'site/a.txt': text, 'site/a.txt.gz': '' } });
  writeFileSync(join(directory, 'site/a.txt.gz'), gzipSync(text));
  t.equal(await curl('--compressed', `${url}a.txt`), text);
  const sent = await curl(
    '--header',
    'accept-encoding: gzip',
    '--write-out',
    '%{size_download}',
    '--output',
    '/dev/null',
    `${url}a.txt`,
  );
  t.equal(Number(sent), gzipSync(text).byteLength);
  t.equal(await curl(`${url}a.txt`), text);
  t.match(await curl('--head', `${url}a.txt`), /cache-control: public, max-age=31536000, immutable\r\n/u);
});

const worker = `export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === '/wrapped') {
      const page = await env.ASSETS.fetch(new URL('/about', request.url), { headers: request.headers });
      return new Response('<' + (await page.text()) + '>');
    }
    if (pathname.startsWith('/pass/')) return env.ASSETS.fetch(new Request(new URL(pathname.slice(5), request.url), request));
    return new Response('worker ' + request.method + ' ' + pathname + ' ' + (await request.text()));
  },
};
export class Other {}
`;
const asking = `export default {
  fetch: (request, env) => env.SHOP.fetch(request),
};`;

t.test('a site in front of a worker, for whoever calls it', async (t) => {
  const assets = {
    directory: 'site',
    binding: 'ASSETS',
    notFoundHandling: '404-page',
    runWorkerFirst: ['/api/*', '!/api/static/*'],
  };
  const config = {
    threads: 1,
    groups: { jobs: { threads: 1 } },
    apps: [
      { name: 'shop', script: 'shop.js', assets },
      { name: 'near', script: 'asking.js', bindings: { SHOP: { service: 'shop' } } },
      { name: 'far', script: 'asking.js', group: 'jobs', bindings: { SHOP: { service: 'shop' } } },
    ],
    sockets: ['shop', 'near', 'far'].map((service) => ({ name: service, address: '127.0.0.1:0', service })),
  };
  const all = {
    ...files,
    'shop.js': worker,
    'asking.js': asking,
    'site/api/data.txt': 'data',
    'site/api/static/x.txt': 'static',
  };
  const { urls } = await serve(t, { config, files: all });
  t.equal(urls.length, 3);
  for (const url of urls) {
    t.equal(await ask(url), 'home\n200 ');
    t.equal(
      await ask(`${url}none`),
      'worker GET /none \n200 ',
      'no page of the site says that it is not there',
    );
    t.equal(await ask(`${url}none`, '--data', 'body'), 'worker POST /none body\n200 ');
    t.equal(await ask(`${url}about`, '--data', 'body'), 'Method Not Allowed\n405 ');
    t.equal(await ask(`${url}api/data.txt`), 'worker GET /api/data.txt \n200 ');
    t.equal(await ask(`${url}api/static/x.txt`), 'static\n200 ');
    t.equal(await ask(`${url}api/static/none`), 'nowhere\n404 ', 'an exception is the site alone');
    t.equal(await ask(`${url}wrapped`, '--header', 'accept-encoding: gzip, br'), '<about>\n200 ');
    t.equal(await ask(`${url}pass/about`), 'about\n200 ');
    t.equal(await ask(`${url}pass/none`), 'nowhere\n404 ');
    t.equal(
      await ask(`${url}none`, '--header', 'sec-fetch-mode: navigate'),
      'nowhere\n404 ',
      'a browser gets a page',
    );
    t.equal(await ask(`${url}none`, '--header', 'sec-fetch-mode: cors'), 'worker GET /none \n200 ');
    if (url !== urls[0]) continue;
    t.equal(await ask(`${url}about.html`), '\n307 /about');
    t.equal(await ask(`${url}old/x`), '\n301 /x');
  }
});

t.test('a worker that comes first, and a single page', async (t) => {
  const apps = [
    {
      name: 'first',
      script: 'shop.js',
      assets: { directory: 'site', binding: 'ASSETS', runWorkerFirst: true },
    },
    {
      name: 'spa',
      script: 'shop.js',
      assets: { directory: 'site', notFoundHandling: 'single-page-application' },
    },
  ];
  const sockets = apps.map(({ name }) => ({ name, address: '127.0.0.1:0', service: name }));
  const { urls } = await serve(t, {
    config: { threads: 1, apps, sockets },
    files: { ...files, 'shop.js': worker },
  });
  const [first = '', spa = ''] = urls;
  t.equal(await ask(`${first}about`), 'worker GET /about \n200 ');
  t.equal(await ask(`${first}pass/about`), 'about\n200 ');
  t.equal(await ask(`${spa}any/where`, '--header', 'sec-fetch-mode: navigate'), 'home\n200 ');
  t.equal(await ask(`${spa}any/where`), 'worker GET /any/where \n200 ');
});

t.test('routes of apps lead to them', async (t) => {
  const config = {
    threads: 1,
    apps: [
      { name: 'site', assets: { directory: 'site' }, routes: ['example.com/*'] },
      { name: 'shop', script: 'shop.js', routes: ['example.com/api/*'] },
    ],
    sockets: [{ name: 'http', address: '127.0.0.1:0' }],
  };
  const { url } = await serve(t, { config, files: { ...files, 'shop.js': worker } });
  t.equal(await ask(url, '--header', 'host: example.com'), 'home\n200 ');
  t.equal(await ask(`${url}api/x`, '--header', 'host: example.com'), 'worker GET /api/x \n200 ');
});

t.test('a deployment brings in what has changed in the directory at once', async (t) => {
  const config = {
    threads: 2,
    apps: [
      { name: 'shop', script: 'shop.js', assets: { directory: 'site', binding: 'ASSETS' } },
      { name: 'only', assets: { directory: 'site' } },
    ],
    sockets: ['shop', 'only'].map((service) => ({ name: service, address: '127.0.0.1:0', service })),
  };
  const daemon = makeDaemon(t, { config, files: { ...files, 'shop.js': worker } });
  const urls = (await daemon.json<DeployReport>('start')).sockets.map(({ url }) => url);
  const all = async (path: string): Promise<string[]> =>
    Promise.all(urls.flatMap((url) => Array.from({ length: 8 }, () => ask(url + path)))).then((texts) => [
      ...new Set(texts),
    ]);
  t.strictSame(await all('about'), ['about\n200 ']);
  const same = await daemon.json<DeployReport[]>('reload');
  t.strictSame(
    same[0]?.services.map(({ change }) => change),
    ['same', 'same'],
  );

  rewrite(daemon.directory, {
    'site/about.html': 'about us',
    'site/new.html': 'new',
    'site/_redirects': '/news /new 308\n',
  });
  rmSync(join(daemon.directory, 'site/docs'), { recursive: true });
  const changed = await daemon.json<DeployReport[]>('reload');
  t.strictSame(
    changed[0]?.services.map(({ change }) => change),
    ['changed', 'changed'],
  );
  t.strictSame(await all('about'), ['about us\n200 ']);
  t.strictSame(await all('new'), ['new\n200 ']);
  t.strictSame(await all('news'), ['\n308 /new']);
  t.match((await all('docs/')).sort(), [/^Not Found\n404 /u, /^worker GET \/docs\/ /u]);

  const versions = await daemon.json<VersionReport[]>('versions', 'shop');
  t.equal(versions.length, 2, 'the site is a part of the version of its worker');
  await daemon.json('rollback', 'shop');
  t.match(
    (await all('old/x')).sort(),
    [/^\n301 \/x$/u, /^Not Found\n404 /u],
    'rules come back with the version',
  );
});

t.test('a site comes back with its daemon, and can be tried with a share of the requests', async (t) => {
  const config = {
    threads: 1,
    apps: [{ name: 'shop', script: 'shop.js', assets: { directory: 'site', binding: 'ASSETS' } }],
    sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'shop' }],
  };
  const daemon = makeDaemon(t, { config, files: { ...files, 'shop.js': worker } });
  await daemon.json('start');
  daemon.signal('SIGKILL');
  while ((await daemon.nanod('ping')).status === 0);
  const { sockets } = await daemon.json<DeployReport>('resurrect');
  const url = sockets[0]?.url ?? '';
  t.equal(await ask(`${url}old/x`), '\n301 /x');
  rewrite(daemon.directory, { 'site/_redirects': '/old/* /:splat 308\n' });
  await daemon.json('deploy', '--percent', '100');
  t.equal(await ask(`${url}old/x`), '\n308 /x');
  t.equal(await ask(`${url}pass/old/x`), '\n308 /x', 'the binding stays on the side of its worker');
  await daemon.json('deploy', '--abort');
  t.equal(await ask(`${url}old/x`), '\n301 /x');
  t.equal(await ask(`${url}about`), 'about\n200 ');
});

t.test('a file of wrangler with assets, and what becomes of it', async (t) => {
  const toml = `name = "shop"
main = "shop.js"
compatibility_date = "2026-11-01"
[assets]
directory = "site"
binding = "ASSETS"
html_handling = "drop-trailing-slash"
not_found_handling = "404-page"
run_worker_first = ["/api/*"]
`;
  const all = { ...files, 'shop.js': worker, 'wrangler.toml': toml };
  const { url, directory } = await serve(t, {
    files: all,
    args: ['wrangler.toml', '-s', 'http=127.0.0.1:0'],
  });
  const look = async (url: string): Promise<void> => {
    t.equal(await ask(`${url}docs`), 'docs\n200 ');
    t.equal(await ask(`${url}docs/`), '\n307 /docs');
    t.equal(await ask(`${url}api/x`), 'worker GET /api/x \n200 ');
    t.equal(await ask(`${url}pass/none`), 'nowhere\n404 ');
  };
  await look(url);
  const { status } = await runNanod(t, {
    args: ['config', 'convert', 'wrangler.toml', '-o', 'ecosystem.config.js'],
    cwd: directory,
  });
  t.equal(status, 0);
  const converted = readFileSync(join(directory, 'ecosystem.config.js'), 'utf8');
  t.match(converted, /htmlHandling: 'drop-trailing-slash'/u);
  const again = await serve(t, {
    config: converted.replace('127.0.0.1:8787', '127.0.0.1:0'),
    files: all,
  });
  await look(again.url);
});

t.test('a file of wrangler with assets alone', async (t) => {
  const jsonc = '{ "name": "site", "compatibility_date": "2026-11-01", "assets": { "directory": "./site" } }';
  const { url } = await serve(t, {
    files: { ...files, 'wrangler.jsonc': jsonc },
    args: ['wrangler.jsonc', '-s', 'http=127.0.0.1:0'],
  });
  t.equal(await ask(`${url}docs/`), 'docs\n200 ');
});

t.test('what is ignored of the rules is said at the start', async (t) => {
  const config = { threads: 1, apps: [{ name: 'site', assets: { directory: 'site' } }], sockets: [] };
  const { stderr } = await runNanod(t, {
    config,
    files: { ...files, 'site/_redirects': '/a /b 200 x y\n' },
    args: ['check'],
  });
  t.match(stderr, /^warning: site\/_redirects:1: ignored: /u);
});
