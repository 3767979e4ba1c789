/** What each setting of a wrangler file is in dialect 1. */
import t from 'tap';
import { load, loadApp } from '../../helpers/wrangler.ts';

const base = { name: 'w', script: './w.js' };

t.test('TOML, JSONC and JSON say the same', async (t) => {
  const toml = `
    name = "w"
    main = 'src/w.ts'
    compatibility_date = "2026-01-01"
    compatibility_flags = [ "nodejs_compat", ] # a comment
    vars.A = "a"
    [vars.J]
    deep.er = [1, 2.5, { x = true }]
    [[services]]
    binding = "S"
    service = "other"
    [[services]]
    binding = "T"
    service = "other"
    props = { tenant = "t" }`;
  const json = {
    name: 'w',
    main: 'src/w.ts',
    compatibility_date: '2026-01-01',
    compatibility_flags: ['nodejs_compat'],
    vars: { A: 'a', J: { deep: { er: [1, 2.5, { x: true }] } } },
    services: [
      { binding: 'S', service: 'other' },
      { binding: 'T', service: 'other', props: { tenant: 't' } },
    ],
  };
  const jsonc = `// A comment\n${JSON.stringify(json).replace(/\}$/u, ',/* another */}')}`;
  const value = {
    apps: [
      {
        name: 'w',
        script: './src/w.ts',
        compatibilityDate: '2026-01-01',
        compatibilityFlags: ['nodejs_compat'],
        bindings: {
          A: 'a',
          J: { json: { deep: { er: [1, 2.5, { x: true }] } } },
          S: { service: 'other' },
          T: { service: 'other', props: { tenant: 't' } },
        },
      },
    ],
    sockets: [{ name: 'http', address: '127.0.0.1:8787', service: 'w' }],
  };
  const empty = { described: [], warnings: [] };
  t.strictSame(await load({ 'wrangler.toml': toml }), { value, ...empty });
  t.strictSame(await load({ 'wrangler.jsonc': jsonc }), { value, ...empty });
  t.strictSame(await load({ 'wrangler.json': JSON.stringify(json) }), { value, ...empty });
});

t.test('how the code is made', async (t) => {
  const { app, described } = await loadApp({
    no_bundle: true,
    find_additional_modules: true,
    base_dir: 'src',
    rules: [
      { type: 'Text', globs: ['**/*.md'], fallthrough: true },
      { type: 'ESModule', globs: ['*.js'] },
    ],
    alias: { a: './mocks/a.js', b: 'c' },
    define: { VERSION: '"1"' },
    tsconfig: 'tsconfig.worker.json',
    minify: true,
  });
  t.strictSame(described, []);
  t.strictSame(app, {
    ...base,
    bundle: false,
    baseDir: './src',
    findAdditionalModules: true,
    rules: [
      { kind: 'text', globs: ['**/*.md'] },
      { kind: 'esModule', globs: ['*.js'] },
    ],
    alias: { a: './mocks/a.js', b: 'c' },
    define: { VERSION: '"1"' },
    tsconfig: './tsconfig.worker.json',
    minify: true,
  });
});

t.test('bindings', async (t) => {
  const { app, described } = await loadApp({
    vars: { TEXT: 'x', NUMBER: 1, NONE: null },
    services: [{ binding: 'SELF', service: 'w', entrypoint: 'Admin' }],
    version_metadata: { binding: 'VERSION' },
    worker_loaders: [{ binding: 'LOADER' }],
    ratelimits: [{ name: 'LIMIT', namespace_id: '1', simple: { limit: 5, period: 60 } }],
  });
  t.strictSame(described, []);
  t.strictSame(app, {
    ...base,
    bindings: {
      TEXT: 'x',
      NUMBER: { json: 1 },
      NONE: { json: null },
      SELF: { service: 'w', entrypoint: 'Admin' },
      LOADER: { workerLoader: {} },
      LIMIT: { ratelimit: { id: '1', limit: 5, period: 60 } },
      VERSION: { versionMetadata: {} },
    },
  });
});

t.test('workers that reach each other in circles may do so, as at Cloudflare', async (t) => {
  const { value } = await loadApp({ services: [{ binding: 'SELF', service: 'w' }] });
  t.match(value, { allowBindingCycles: true });
});

t.test('static files', async (t) => {
  const assets = {
    directory: 'public',
    binding: 'ASSETS',
    html_handling: 'drop-trailing-slash',
    not_found_handling: '404-page',
    run_worker_first: ['/api/*'],
  };
  const { app } = await loadApp({ assets });
  t.strictSame(app, {
    ...base,
    assets: {
      directory: './public',
      binding: 'ASSETS',
      htmlHandling: 'drop-trailing-slash',
      notFoundHandling: '404-page',
      runWorkerFirst: ['/api/*'],
    },
  });
  const { value } = await load({
    'wrangler.json': JSON.stringify({ name: 'site', assets: { directory: 'public' } }),
  });
  t.match(value, {
    apps: [],
    services: [{ name: 'site', kind: 'assets', directory: './public' }],
    sockets: [{ service: 'site' }],
  });
});

t.test('limits and times', async (t) => {
  const { app } = await loadApp({
    limits: { cpu_ms: 50, subrequests: 5 },
    triggers: { crons: ['* * * * *'] },
  });
  t.strictSame(app, {
    ...base,
    limits: { cpuMs: 50, subrequests: 5 },
    triggers: { crons: ['* * * * *'] },
  });
  t.strictSame((await loadApp({ limits: {}, triggers: { crons: [] } })).app, base);
});

t.test('where it listens', async (t) => {
  const cases: readonly [object, unknown][] = [
    [{}, '127.0.0.1:8787'],
    [{ dev: { port: 80 } }, '127.0.0.1:80'],
    [{ dev: { ip: '0.0.0.0' } }, '0.0.0.0:8787'],
    [{ dev: { ip: '::1', port: 0 } }, '[::1]:0'],
    [{ dev: { ip: '*', port: 1 } }, '*:1'],
    [{ dev: { port: '80' } }, '80'],
    [{ dev: { ip: 5 } }, 5],
  ];
  for (const [settings, address] of cases) {
    const { socket } = await loadApp(settings);
    t.strictSame(socket, { name: 'http', address, service: 'w' });
  }
});

t.test('routes lead to the workers of all files, and what they leave to the first', async (t) => {
  const files = {
    'a/wrangler.json': JSON.stringify({ name: 'a', main: 'a.js', route: 'https://example.com/*' }),
    'b/wrangler.toml':
      'name = "b"\nmain = "b.js"\nroutes = ["example.com/b/*", { pattern = "b.example.com", custom_domain = true }]',
    'c/wrangler.toml': 'name = "c"\nmain = "c.js"\ndev.port = 1',
  };
  const { value, described } = await load(files, { named: Object.keys(files) });
  t.strictSame(described, []);
  t.strictSame(value, {
    apps: [
      { name: 'a', script: './a/a.js' },
      { name: 'b', script: './b/b.js' },
      { name: 'c', script: './c/c.js' },
    ],
    sockets: [
      {
        name: 'http',
        address: '127.0.0.1:8787',
        service: 'a',
        routes: [
          { pattern: 'example.com/*', service: 'a' },
          { pattern: 'example.com/b/*', service: 'b' },
          { pattern: 'b.example.com', service: 'b' },
        ],
      },
    ],
  });
});

t.test('an environment inherits what the worker is, and not what it is given', async (t) => {
  const settings = {
    compatibility_date: '2026-01-01',
    minify: true,
    route: 'example.com/*',
    vars: { A: 'a' },
    define: { X: '1' },
    services: [{ binding: 'S', service: 's' }],
    kv_namespaces: [{ binding: 'KV', id: '1' }],
    env: {
      bare: {},
      own: {
        name: 'mine',
        main: 'own.js',
        routes: ['own.example.com'],
        vars: { B: 'b' },
        define: { Y: '2' },
        minify: false,
      },
    },
  };
  const bare = await loadApp(settings, {}, { environment: 'bare' });
  t.strictSame(bare.described, []);
  t.strictSame(bare.app, {
    name: 'w-bare',
    script: './w.js',
    compatibilityDate: '2026-01-01',
    minify: true,
  });
  t.match(bare.socket, { service: 'w-bare', routes: [{ pattern: 'example.com/*' }] });
  const own = await loadApp(settings, {}, { environment: 'own' });
  t.strictSame(own.app, {
    name: 'mine',
    script: './own.js',
    compatibilityDate: '2026-01-01',
    define: { Y: '2' },
    minify: false,
    bindings: { B: 'b' },
  });
  t.match(own.socket, { routes: [{ pattern: 'own.example.com' }] });
});

t.test('a file without environments is the same in each, and says so', async (t) => {
  const { app, warnings } = await loadApp({ vars: { A: 'a' } }, {}, { environment: 'staging' });
  t.strictSame(app, { ...base, bindings: { A: 'a' } });
  t.match(warnings, [/^wrangler\.json:1:1: there are no environments, so --env "staging" changes nothing/u]);
});

t.test('.dev.vars are bindings, over the variables of the file', async (t) => {
  const files = {
    '.dev.vars': 'SECRET="s"\nA=from-the-file # comment\n',
    '.dev.vars.staging': 'SECRET=staged',
  };
  const settings = { vars: { A: 'a', B: 'b' }, env: { staging: {}, other: {} } };
  const bindingsIn = async (environment?: string): Promise<unknown> =>
    ((await loadApp(settings, files, { environment })).app as { bindings?: unknown }).bindings;
  t.strictSame(await bindingsIn(), { B: 'b', SECRET: { text: 's' }, A: { text: 'from-the-file' } });
  t.strictSame(await bindingsIn('staging'), { SECRET: { text: 'staged' } });
  t.strictSame(await bindingsIn('other'), { SECRET: { text: 's' }, A: { text: 'from-the-file' } });
  const converted = await loadApp({}, files, { secrets: 'environment' });
  t.match(converted.app, { bindings: { SECRET: { fromEnvironment: 'SECRET' } } });
  t.notMatch(JSON.stringify(converted.value), 'from-the-file', 'secrets are not printed');
});

t.test('what only Cloudflare or wrangler uses is ignored', async (t) => {
  const { app, warnings, described } = await loadApp({
    $schema: 'x',
    account_id: 'x',
    workers_dev: true,
    preview_urls: false,
    placement: { mode: 'smart' },
    logpush: true,
    upload_source_maps: true,
    keep_vars: true,
    send_metrics: false,
    observability: { enabled: true },
    kv_namespaces: [],
    queues: { producers: [], consumers: [] },
    durable_objects: { bindings: [] },
    ai: {},
  });
  t.strictSame([app, warnings, described], [base, [], []]);
});

t.test('what somebody may count on is ignored with a warning', async (t) => {
  const { warnings } = await loadApp({ build: { command: 'make' }, dev: { local_protocol: 'https' } });
  t.match(warnings, [
    /^build \(wrangler\.json:1:\d+\): ignored; its command is not run/u,
    /^dev\.local_protocol \(wrangler\.json:1:\d+\): "https" is ignored/u,
  ]);
});
