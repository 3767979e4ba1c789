/** What each part of workerd's configuration is in dialect 1, and what nanod has no word for. */
import t from 'tap';
import { firstError, load, loadBinding, loadConfigValue, withSchema } from '../../helpers/capnp.ts';

const date = 'compatibilityDate = "2026-01-01"';

t.test('a worker of modules of every kind', async (t) => {
  const { value, described } = await loadConfigValue(
    `(services = [(name = "w", worker = (${date}, compatibilityFlags = ["nodejs_compat"], modules = [
      (name = "main.js", esModule = embed "src/main.js"),
      (name = "inline.js", esModule = "export default 1"),
      (name = "c", commonJsModule = embed "c.cjs", namedExports = ["a", "b"]),
      (name = "t.txt", text = "text"),
      (name = "d.bin", data = 0x"00 ff"),
      (name = "e.bin", data = embed "e.bin"),
      (name = "m.wasm", wasm = embed "m.wasm"),
      (name = "j.json", json = "{\\"a\\": [1]}"),
      (name = "k.json", json = embed "k.json"),
    ], globalOutbound = (name = "x", entrypoint = "E", props = (json = "{\\"a\\":1}")), cacheApiOutbound = "c"))])`,
    { 'src/main.js': '', 'c.cjs': '', 'e.bin': '', 'm.wasm': '', 'k.json': '' },
  );
  t.strictSame(described, []);
  t.strictSame(value, {
    apps: [
      {
        name: 'w',
        modules: [
          { name: 'main.js', esModule: { file: './src/main.js' } },
          { name: 'inline.js', esModule: 'export default 1' },
          { name: 'c', commonJs: { file: './c.cjs' }, namedExports: ['a', 'b'] },
          { name: 't.txt', text: 'text' },
          { name: 'd.bin', data: 'AP8=' },
          { name: 'e.bin', data: { file: './e.bin' } },
          { name: 'm.wasm', wasm: { file: './m.wasm' } },
          { name: 'j.json', json: { a: [1] } },
          { name: 'k.json', json: { file: './k.json' } },
        ],
        compatibilityDate: '2026-01-01',
        compatibilityFlags: ['nodejs_compat'],
        globalOutbound: { service: 'x', entrypoint: 'E', props: { a: 1 } },
        cacheApiOutbound: 'c',
      },
    ],
  });
});

t.test('bindings that hold data', async (t) => {
  const files = { 'a.txt': 'from a file', 'a.json': '[1]', 'a.bin': new Uint8Array([1, 2]) };
  const cases: readonly [string, unknown][] = [
    ['text = "x"', 'x'],
    ['text = embed "a.txt"', 'from a file'],
    ['data = "ab"', { data: 'YWI=' }],
    ['data = embed "a.bin"', { data: 'AQI=' }],
    ['json = "{\\"text\\": 1}"', { json: { text: 1 } }],
    ['json = embed "a.json"', { json: [1] }],
    ['fromEnvironment = "TOKEN"', { fromEnvironment: 'TOKEN' }],
    ['service = "a"', { service: 'a' }],
    ['service = (name = "a", entrypoint = "E")', { service: 'a', entrypoint: 'E' }],
  ];
  for (const [binding, value] of cases) {
    t.strictSame(await loadBinding(binding, files), { value, described: [] }, binding);
  }
});

t.test('JSON that is none', async (t) => {
  t.match((await loadBinding('json = "{"')).described, [
    /^CONFIG_VALUE config\.services\[0\]\.worker\.bindings\[0\]\.json .*: expected text that is JSON, found text in which expected a key in double quotes, found the end of the file \(at character 2\)$/,
  ]);
  t.match((await loadBinding(`json = "${'['.repeat(200)}"`)).described, [/the nesting is too deep/]);
});

t.test('services that are no workers', async (t) => {
  const { value, described } = await loadConfigValue(
    `(services = [
    (name = "internet", network = (allow = [])),
    (name = "lan", network = (allow = ["private"], deny = ["10.0.0.0/8"], tlsOptions = (trustBrowserCas = true, trustedCertificates = ["PEM", embed "ca.pem"], minVersion = tls1Dot3, cipherList = "X"))),
    (name = "a", external = "10.0.0.1"),
    (name = "b", external = (address = "::1", https = (options = (style = proxy, forwardedProtoHeader = "P", cfBlobHeader = "C", injectRequestHeaders = [(name = "A", value = "1"), (name = "B")]), certificateHost = "h", tlsOptions = (keypair = (privateKey = embed "k.pem", certificateChain = "CHAIN"))))),
    (name = "c", external = (address = "unix:/run/x", tcp = ())),
    (name = "d", external = (http = (injectResponseHeaders = [(name = "A", value = "")]))),
    (name = "e", disk = (path = "/srv", writable = true, allowDotfiles = false)),
  ])`,
    { 'ca.pem': '', 'k.pem': '' },
  );
  t.strictSame(described, []);
  t.strictSame((value as { services: unknown }).services, [
    { name: 'internet', kind: 'network', allow: [] },
    {
      name: 'lan',
      kind: 'network',
      allow: ['private'],
      deny: ['10.0.0.0/8'],
      tls: {
        trustedCertificates: ['PEM', { file: './ca.pem' }],
        minVersion: 'TLSv1.3',
        cipherList: 'X',
        trustBrowserCas: true,
      },
    },
    { name: 'a', kind: 'external', address: 'http://10.0.0.1:80', protocol: 'http' },
    {
      name: 'b',
      kind: 'external',
      address: 'https://[::1]:443',
      protocol: 'https',
      tls: { keypair: { certificate: 'CHAIN', privateKey: { file: './k.pem' } }, trustBrowserCas: false },
      certificateHost: 'h',
      style: 'proxy',
      forwardedProtoHeader: 'P',
      cfBlobHeader: 'C',
      injectRequestHeaders: { A: '1', B: null },
    },
    { name: 'c', kind: 'external', address: 'unix:/run/x', protocol: 'tcp' },
    { name: 'd', kind: 'external', protocol: 'http', injectResponseHeaders: { A: '' } },
    { name: 'e', kind: 'disk', path: '../srv', writable: true, allowDotfiles: false },
  ]);
});

t.test('sockets', async (t) => {
  const { value, described } = await loadConfigValue(`(sockets = [
    (name = "a", address = "*:8080", http = (), service = "w"),
    (name = "b", service = (name = "w", entrypoint = "E")),
    (name = "c", address = "*", https = (options = (style = host), tlsOptions = (requireClientCerts = true, keypair = (privateKey = "K", certificateChain = "C"))), service = "w"),
    (name = "d", address = "unix:/run/d", tcp = (), service = "w"),
  ])`);
  t.strictSame(described, []);
  t.strictSame(value, {
    apps: [],
    sockets: [
      { name: 'a', address: '*:8080', service: 'w' },
      { name: 'b', service: { service: 'w', entrypoint: 'E' } },
      {
        name: 'c',
        address: '*:443',
        service: 'w',
        protocol: 'https',
        tls: { keypair: { certificate: 'C', privateKey: 'K' }, requireClientCerts: true },
        style: 'host',
      },
      { name: 'd', address: 'unix:/run/d', service: 'w', protocol: 'tcp' },
    ],
  });
});

t.test('extensions', async (t) => {
  const { value } = await loadConfigValue(
    '(extensions = [(modules = [(name = "a:b", esModule = embed "a.js"), (name = "a:c", internal = true, esModule = "c")])])',
    { 'a.js': '' },
  );
  t.match(value, {
    extensions: [
      {
        modules: [
          { name: 'a:b', esModule: { file: './a.js' } },
          { name: 'a:c', internal: true, esModule: 'c' },
        ],
      },
    ],
  });
});

t.test('what nanod cannot do yet is said where it stands', async (t) => {
  const inWorker = (field: string): string =>
    `(services = [(name = "w", worker = (serviceWorkerScript = "", ${field}))])`;
  const cases: readonly [string, string][] = [
    ['(autogates = ¦["x"])', 'config.autogates (@): the field "autogates"'],
    ['(logging = (stdoutPrefix = ¦"x"))', 'config.logging.stdoutPrefix (@): the field "stdoutPrefix"'],
    [
      inWorker('bindings = [(name = "U", unsafeEval = ¦void)]'),
      'config.services[0].worker.bindings[0].unsafeEval (@): the binding kind "unsafeEval"',
    ],
    [
      inWorker('bindings = [(name = "K", kvNamespace = ¦"x")]'),
      'config.services[0].worker.bindings[0].kvNamespace (@): the binding kind "kvNamespace"',
    ],
    [
      inWorker('containerEngine = (localDocker = ¦(socketPath = "x"))'),
      'config.services[0].worker.containerEngine.localDocker (@): the field "containerEngine"',
    ],
    [
      '(services = [(name = "w", worker = (modules = [(name = "p", pythonModule = ¦"")]))])',
      'config.services[0].worker.modules[0].pythonModule (@): a module of the kind "pythonModule"',
    ],
    [
      '(sockets = [(http = (capnpConnectHost = ¦"x"))])',
      'config.sockets[0].http.capnpConnectHost (@): the field "capnpConnectHost"',
    ],
    [
      '(services = [(name = "n", network = (tlsOptions = (minVersion = ¦ssl3)))])',
      'config.services[0].network.tlsOptions.minVersion (@): the TLS version ssl3',
    ],
  ];
  for (const [value, expected] of cases) {
    const { described, position } = await firstError(value);
    const what = expected.replace('@', position);
    t.strictSame(described, [`CONFIG_NOT_AVAILABLE ${what} is not available in this version of nanod`]);
  }
  for (const quiet of [
    '(autogates = [])',
    '(structuredLogging = true, logging = (structuredLogging = true))',
    inWorker('durableObjectStorage = (none = void)'),
  ]) {
    t.strictSame((await loadConfigValue(quiet)).described, [], quiet);
  }
  // Dialect 1 has words for these, and says so itself.
  t.match(
    (await loadConfigValue(inWorker('tails = ["x"], durableObjectStorage = (inMemory = void)'))).value,
    {
      apps: [{ tails: true, durableObjectStorage: true }],
    },
  );
});

t.test('things without a kind or a name, and names that are twice there', async (t) => {
  const cases: readonly [string, string][] = [
    [
      '(services = [¦"a"])',
      'CONFIG_VALUE config.services[0] (@): expected one of worker, network, external, disk, found a service without a kind',
    ],
    [
      '(services = [(name = "w", worker = (serviceWorkerScript = "", bindings = [¦(name = "a")]))])',
      'CONFIG_VALUE config.services[0].worker.bindings[0] (@): expected a binding of some kind, such as ( name, text ), found one without a kind',
    ],
    [
      '(services = [(name = "w", worker = (serviceWorkerScript = "", bindings = [¦(text = "a")]))])',
      'CONFIG_VALUE config.services[0].worker.bindings[0] (@): expected a binding ( name, … ), found one without a name',
    ],
    [
      '(services = [(name = "w", worker = (serviceWorkerScript = "", bindings = [(name = "a", text = ""), (name = ¦"a", text = "")]))])',
      'CONFIG_DUPLICATE config.services[0].worker.bindings[1].name (@): the binding "a" is already taken by line 2, column 106',
    ],
    [
      '(sockets = [(http = (injectRequestHeaders = [¦(value = "x")]))])',
      'CONFIG_VALUE config.sockets[0].http.injectRequestHeaders[0] (@): expected ( name, value ), found a header without a name',
    ],
  ];
  for (const [value, expected] of cases) {
    const { described, position } = await firstError(value);
    t.strictSame(described, [expected.replace('@', position)]);
  }
});

t.test('each part of the value knows its place in the capnp file', async (t) => {
  const { locate } = await load({
    'config.capnp': withSchema(`const config :Workerd.Config = (
  services = [(name = "w", worker = .worker), (name = "n", network = (allow = ["x"]))],
  sockets = [(name = "http", service = "w")]);
const worker :Workerd.Worker = (modules = [], bindings = [(name = "B", service = "nope")]);`),
  });
  const cases: readonly [readonly (string | number)[], object][] = [
    [['apps', 0, 'name'], { path: 'config.services[0].name', line: 3, column: 23 }],
    [['apps', 0, 'modules'], { path: 'worker.modules', line: 5, column: 43 }],
    [
      ['apps', 0, 'bindings', 'B', 'service'],
      { path: 'worker.bindings[0].service.name', line: 5, column: 82 },
    ],
    [['services', 0, 'allow', 0], { path: 'config.services[1].network.allow[0]', line: 3, column: 80 }],
    [['sockets', 0, 'address'], { path: 'config.sockets[0].address', line: 4, column: 14 }],
    [['sockets', 0, 'tls', 'keypair', 0], { path: 'config.sockets[0].tls.keypair[0]' }],
    [[], { path: 'config', line: 2, column: 32 }],
  ];
  for (const [path, place] of cases) t.match(locate(path), { file: 'config.capnp', ...place });
});
