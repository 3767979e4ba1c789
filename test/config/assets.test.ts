/** Static sites in a configuration: services, sites in front of workers, the rules that lie in their directories, and routes of apps. */
import t from 'tap';
import { accept, check, refuse, workerOf } from '../helpers/config.ts';
import type { Surroundings } from '../helpers/config.ts';

function surroundings(rules: Readonly<Record<string, string>> = {}): Surroundings {
  const names = ['_headers', '_redirects', '.assetsignore'];
  return {
    kinds: {
      '/base/site': 'directory',
      '/base/none': 'missing',
      ...Object.fromEntries(
        names.map((name) => [`/base/site/${name}`, Object.hasOwn(rules, name) ? 'file' : 'missing']),
      ),
    },
    contents: Object.fromEntries(Object.entries(rules).map(([name, text]) => [`/base/site/${name}`, text])),
  };
}

const app = { name: 'shop', script: 'shop.js' };

function service(...fields: readonly object[]): object {
  return { apps: [], services: fields.map((each, i) => ({ name: `s${i}`, kind: 'assets', ...each })) };
}

async function warnings(
  rules: Readonly<Record<string, string>>,
  fields: object = {},
): Promise<readonly string[]> {
  const result = await check(service({ directory: 'site', ...fields }), surroundings(rules));
  if (result.config === undefined) throw new Error('the configuration is refused');
  return result.warnings ?? [];
}

t.test('a site as a service', async (t) => {
  const options = {
    htmlHandling: 'none',
    notFoundHandling: '404-page',
    immutable: ['/assets/*', '!/assets/sw.js'],
    precompressed: false,
  };
  const { services } = await accept(
    service({ directory: './site' }, { directory: '/base/site', ...options }),
    surroundings(),
  );
  t.match(services, [
    {
      kind: 'assets',
      name: 's0',
      site: {
        directory: '/base/site',
        htmlHandling: 'auto-trailing-slash',
        notFoundHandling: 'none',
        immutable: [],
        precompressed: true,
        headers: [],
        redirects: [],
        stamp: 'stamp',
      },
    },
    { kind: 'assets', name: 's1', site: { directory: '/base/site', ...options } },
    { name: 'internet' },
  ]);
});

t.test('what is wrong with a site is said where it stands', async (t) => {
  const errors = await refuse(
    service(
      { directory: 'none' },
      { directory: 'file' },
      {},
      {
        directory: 'site',
        htmlHandling: 'auto',
        notFoundHandling: 'spa',
        immutable: ['x'],
        precompressed: 1,
        binding: 'A',
      },
    ),
    surroundings(),
  );
  t.strictSame(errors.map((error) => error.split(': ', 1)[0]).sort(), [
    'CONFIG_DIRECTORY services[0].directory',
    'CONFIG_DIRECTORY services[1].directory',
    'CONFIG_MISSING services[2].directory',
    'CONFIG_UNKNOWN_KEY services[3].binding',
    'CONFIG_VALUE services[3].htmlHandling',
    'CONFIG_VALUE services[3].immutable[0]',
    'CONFIG_VALUE services[3].notFoundHandling',
    'CONFIG_VALUE services[3].precompressed',
  ]);
});

t.test('a site in front of a worker', async (t) => {
  const assets = { directory: 'site', binding: 'ASSETS', runWorkerFirst: ['/api/*', '!/api/docs/*'] };
  const config = await accept({ apps: [{ ...app, bindings: { A: 'a' }, assets }] }, surroundings());
  t.match(workerOf(config, 'shop'), {
    bindings: [
      { kind: 'text', name: 'A' },
      { kind: 'assets', name: 'ASSETS' },
    ],
    site: {
      directory: '/base/site',
      runWorkerFirst: ['/api/*', '!/api/docs/*'],
      navigationPrefersAssets: true,
    },
  });
  const old = {
    ...app,
    compatibilityDate: '2025-03-31',
    assets: { directory: 'site', runWorkerFirst: true },
  };
  t.match(workerOf(await accept({ apps: [old] }, surroundings()), 'shop').site, {
    runWorkerFirst: true,
    navigationPrefersAssets: false,
  });
  const asked = { ...old, compatibilityFlags: ['assets_navigation_prefers_asset_serving'] };
  t.match(workerOf(await accept({ apps: [asked] }, surroundings()), 'shop').site, {
    navigationPrefersAssets: true,
  });
});

t.test('what is wrong with it', async (t) => {
  const errors = await refuse(
    {
      apps: [
        {
          ...app,
          bindings: { A: 'a' },
          env: { B: 'b' },
          assets: { directory: 'site', binding: 'A', runWorkerFirst: ['api'] },
        },
        {
          ...app,
          name: 'b',
          env: { B: 'b' },
          assets: { directory: 'site', binding: 'B', runWorkerFirst: 'yes' },
        },
        { ...app, name: 'c', assets: { directory: 'none', runWorkerFirst: ['!/x'] } },
        { ...app, name: 'd', assets: 'site' },
        { ...app, name: 'e', assets: { directory: 'site', runWorkerFirst: Array(101).fill('/x') } },
      ],
    },
    surroundings(),
  );
  t.strictSame(errors.map((error) => error.split(': ', 1)[0]).sort(), [
    'CONFIG_DIRECTORY apps[2].assets.directory',
    'CONFIG_DUPLICATE apps[0].assets.binding',
    'CONFIG_DUPLICATE apps[1].assets.binding',
    'CONFIG_VALUE apps[0].assets.runWorkerFirst[0]',
    'CONFIG_VALUE apps[1].assets.runWorkerFirst',
    'CONFIG_VALUE apps[2].assets.runWorkerFirst',
    'CONFIG_VALUE apps[3].assets',
    'CONFIG_VALUE apps[4].assets.runWorkerFirst',
  ]);
});

t.test('an app without code is a site', async (t) => {
  const { services } = await accept(
    { apps: [{ name: 'shop', assets: { directory: 'site' } }] },
    surroundings(),
  );
  t.match(services, [
    { kind: 'assets', name: 'shop', site: { directory: '/base/site' } },
    { name: 'internet' },
  ]);
  const errors = await refuse(
    {
      apps: [
        {
          name: 'a',
          assets: { directory: 'site', binding: 'X', runWorkerFirst: true },
          bindings: {},
          group: 'x',
        },
        { name: 'b' },
      ],
    },
    surroundings(),
  );
  t.strictSame(errors.map((error) => error.split(': ', 1)[0]).sort(), [
    'CONFIG_MISSING apps[1].script',
    'CONFIG_VALUE apps[0].assets.binding',
    'CONFIG_VALUE apps[0].assets.runWorkerFirst',
    'CONFIG_VALUE apps[0].bindings',
    'CONFIG_VALUE apps[0].group',
  ]);
});

t.test('another content of the directory is another configuration', async (t) => {
  const config = await accept(service({ directory: 'site' }), surroundings());
  t.match(config.services[0], { site: { stamp: 'stamp' } });
});

t.test('lines of _redirects that cannot be used are ignored, and said', async (t) => {
  const lines = [
    '/a /b',
    '/a /c',
    '/one',
    '/a b c d',
    'https://example.com/x /y',
    '/x ftp://example.com/',
    '/x /y 404',
    '/p https://example.com/ 200',
    '/* /index.html',
    '/sub/ /index',
    '/*/* /x',
    '/:a*b /x',
    '/:a/:a /x',
    '/e https://example.com:splat',
    '/e https://a.:x.com/',
    `/${'x'.repeat(2001)} /y`,
    '/fine https://:x.example.com/y#z 308 # comment',
    'also-fine /b?x#y',
  ];
  const told = await warnings({ _redirects: `\ufeff${lines.join('\r\n')}` });
  t.strictSame(
    told.map((text) => /:(\d+): ignored: /u.exec(text)?.[1]),
    ['2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14', '15', '16'],
    told.join('\n'),
  );
  t.equal(
    told[5],
    'site/_redirects:7: ignored: expected one of the statuses 200, 301, 302, 303, 307, 308, found "404"',
  );
  t.strictSame(await warnings({ _redirects: '/ /index' }, { htmlHandling: 'none' }), []);
});

t.test('more rules than Cloudflare takes are ignored', async (t) => {
  const statics = Array.from({ length: 2001 }, (_, i) => `/s${i} /x`);
  const dynamic = Array.from({ length: 101 }, (_, i) => `/d${i}/* /x`);
  t.match(await warnings({ _redirects: [...statics, ...dynamic].join('\n') }), [/:2001: /u, /:2102: /u]);
  const headers = Array.from({ length: 101 }, (_, i) => `/h${i}\n  X: y`);
  t.match(await warnings({ _headers: headers.join('\n') }), [/:201: /u]);
  t.match(await warnings({ _redirects: 'x'.repeat(1024 * 1024 + 1) }), [/1024 KiB/u]);
});

t.test('lines of _headers that cannot be used are ignored, and said', async (t) => {
  const text = [
    'X-Before: x',
    '/a',
    '  X-A: 1',
    '  X A: 1',
    '  : 1',
    '  X-Empty:',
    '  nonsense',
    '  Content-Length: 1',
    '  Transfer-Encoding: chunked',
    '  ! Content-Length',
    '  ! X Y',
    '  X-Bad: a\u0001b',
    '  X-Wide: \u2603',
    '/empty',
    '/*/*',
    '  X-Ignored: with its pattern',
    'ftp://example.com/',
    'https://:a.example.com/:b/*',
    '  X: y',
    '  ! Y',
  ].join('\n');
  const told = await warnings({ _headers: text });
  t.strictSame(
    told.map((each) => /:(\d+): ignored: /u.exec(each)?.[1]),
    ['1', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14', '15', '17'],
    told.join('\n'),
  );
  const { services } = await accept(service({ directory: 'site' }), surroundings({ _headers: text }));
  t.match(services[0], {
    site: {
      headers: [
        { path: '/a', set: [{ name: 'x-a', value: '1' }], remove: [] },
        { path: 'https://:a.example.com/:b/*', set: [{ name: 'x', value: 'y' }], remove: ['y'] },
      ],
    },
  });
});

t.test('lines of .assetsignore that would take for ever are ignored, and said', async (t) => {
  const lines = ['*.map', '# no', '', '*a*b*c*d*e*f*g', '!keep.map', 'x'.repeat(2001)];
  t.match(await warnings({ '.assetsignore': lines.join('\n') }), [/:4: /u, /:6: /u]);
});

t.test('routes of apps are routes of the first socket that speaks HTTP', async (t) => {
  const config = await accept(
    {
      apps: [
        { ...app, routes: ['example.com/api/*', '*.example.com'] },
        { name: 'site', assets: { directory: 'site' }, routes: ['example.com'] },
      ],
      sockets: [
        { name: 'raw', address: 1, service: 'shop', protocol: 'tcp' },
        { name: 'web', address: 2, routes: [{ pattern: 'a.com', service: 'shop' }] },
        { name: 'other', address: 3, service: 'shop' },
      ],
    },
    surroundings(),
  );
  t.match(config.sockets, [
    { name: 'raw', routes: undefined },
    {
      name: 'web',
      routes: [
        { pattern: 'a.com', service: { service: 'shop' } },
        { pattern: 'example.com/api/*', service: { service: 'shop' } },
        { pattern: '*.example.com', service: { service: 'shop' } },
        { pattern: 'example.com', service: { service: 'site' } },
      ],
    },
    { name: 'other', routes: undefined },
  ]);
  t.strictSame(
    (
      await refuse({
        apps: [
          { ...app, routes: ['a.com', 'http://b.com', 5] },
          { ...app, name: 'b', routes: ['a.com'] },
        ],
        sockets: [{ name: 'web', address: 2 }],
      })
    )
      .map((error) => error.split(': ', 1)[0])
      .sort(),
    [
      'CONFIG_DUPLICATE apps[1].routes[0]',
      'CONFIG_ROUTE apps[0].routes[1]',
      'CONFIG_VALUE apps[0].routes[2]',
    ],
  );
  t.match(await refuse({ apps: [{ ...app, routes: ['a.com'] }] }), [/^CONFIG_MISSING sockets: /u]);
});
