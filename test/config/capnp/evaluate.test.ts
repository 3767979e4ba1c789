/** Constants, references, types and files of the capnp dialect, seen through what they come to in dialect 1. */
import t from 'tap';
import { firstError, load, loadBinding, marked, withSchema } from '../../helpers/capnp.ts';

const worker = 'serviceWorkerScript = "x", compatibilityDate = "2026-01-01"';

t.test('constants refer to each other, to fields, and to other files', async (t) => {
  const { value, described } = await load({
    'config.capnp': `@0xbf5147cbbecf40c1;
      using Workerd = import "/workerd/workerd.capnp";
      using Other = import "lib/other.capnp";
      using Worker = Workerd.Worker;
      using Workerd.Socket;
      const config :Workerd.Config = (services = .services, sockets = [.socket], extensions = [],);
      const services :List(Workerd.Service) = [(name = .name, worker = .main), .second, Other.third];
      const name :Text = "main";
      const main :Worker = (${worker}, bindings = Other.Names.bindings);
      const second :Workerd.Service = (name = "second", worker = (modules = .main2.modules));
      const main2 :Worker = (modules = [(name = "m", esModule = Other.code)]);
      const socket :Socket = (name = "http", address = "*:80", service = .name);`,
    'lib/other.capnp': `using W = import "/workerd/workerd.capnp";
      using Back = import "../config.capnp";
      const third :W.Service = (name = "third", worker = (serviceWorkerScript = Back.name));
      const code :Text = embed "code.js";
      struct Names { const bindings :List(W.Worker.Binding) = [(name = "A", text = .text), (name = "S", service = Back.name)]; }
      const text :Text = "from the file";`,
    'lib/code.js': 'export default {}',
  });
  t.strictSame(described, []);
  t.match(value, {
    apps: [
      { name: 'main', bindings: { A: 'from the file', S: { service: 'main' } } },
      { name: 'second', modules: [{ name: 'm', esModule: { file: './lib/code.js' } }] },
      { name: 'third', serviceWorkerScript: 'main' },
    ],
    sockets: [{ name: 'http', address: '*:80', service: 'main' }],
    allowBindingCycles: true,
  });
});

t.test('a bare value stands for the first field of a struct, as in workerd', async (t) => {
  const { value, described } = await load({
    'config.capnp': withSchema(`const config :Workerd.Config = (
      services = [(name = "files", disk = .directory), (name = "w", worker = (${worker}, globalOutbound = ("files")))],
      sockets = ["http"]);
      const directory :Text = "/srv/files";`),
  });
  t.strictSame(described, []);
  t.match(value, {
    apps: [{ globalOutbound: 'files' }],
    services: [{ kind: 'disk', path: '../srv/files' }],
    sockets: [{ name: 'http' }],
  });
  t.strictSame(await loadBinding('memoryCache = "shared"'), {
    value: { memoryCache: { id: 'shared' } },
    described: [],
  });
});

t.test('which constant is the configuration', async (t) => {
  const two = withSchema(`const one :Workerd.Config = (services = [(name = "a", worker = (${worker}))]);
    const two :Workerd.Config = (services = [(name = "b", worker = (${worker}))]);
    const text :Text = "x";`);
  t.match((await load({ 'config.capnp': two }, 'two')).value, { apps: [{ name: 'b' }] });
  t.match((await load({ 'config.capnp': two }, '.one')).value, { apps: [{ name: 'a' }] });
  const failures: readonly [string, string | undefined, string][] = [
    [two, undefined, 'the file has 2 constants of the type Config: one, two'],
    [two, 'tow', 'the file has no constant of the type Config that is named "tow"; did you mean "two"?'],
    [two, 'text', 'the file has no constant of the type Config that is named "text"'],
    ['', undefined, 'the file has no constant of the type Config of workerd'],
  ];
  for (const [text, constant, message] of failures) {
    t.strictSame((await load({ 'config.capnp': text }, constant)).described, [
      `CONFIG_REFERENCE config.capnp: ${message}`,
    ]);
  }
});

t.test('a value of another type than is expected', async (t) => {
  const cases: readonly [string, string][] = [
    ['(services = ¦5)', 'config.services (@): expected a list [ … ] of Service, found the number 5'],
    [
      '(services = ["a", ¦5])',
      'config.services[1] (@): expected a Service ( name, unspecified, worker, network, … ), found the number 5',
    ],
    [
      '(structuredLogging = ¦"yes")',
      'config.structuredLogging (@): expected true or false, found the text "yes"',
    ],
    [
      '(structuredLogging = ¦maybe)',
      'config.structuredLogging (@): expected true or false, found the name "maybe"',
    ],
    ['(v8Flags = [¦0x"00"])', 'config.v8Flags[0] (@): expected text in double quotes, found 1 bytes'],
    [
      '(sockets = [(name = ¦(a = 1))])',
      'config.sockets[0].name (@): expected text in double quotes, found fields in parentheses',
    ],
    [
      '(sockets = [(name = ¦[])])',
      'config.sockets[0].name (@): expected text in double quotes, found a list of 0',
    ],
    [
      '(sockets = [(http = ¦embed "x")])',
      'config.sockets[0].http (@): expected a HttpOptions ( style, forwardedProtoHeader, cfBlobHeader, injectRequestHeaders, … ), found an embedded file',
    ],
    [
      '(sockets = [(http = (style = ¦prxy))])',
      'config.sockets[0].http.style (@): expected one of host, proxy, found "prxy"',
    ],
    [
      String.raw`(v8Flags = [¦"\xff"])`,
      'config.v8Flags[0] (@): expected text in UTF-8, found bytes that are not',
    ],
  ];
  for (const [value, expected] of cases) {
    const { found, position } = await firstError(value);
    t.equal(found, `CONFIG_VALUE ${expected.replace('@', position)}`);
  }
});

t.test('numbers are of the size of their type', async (t) => {
  const limits = (text: string): string => `memoryCache = (limits = (${text}))`;
  t.match(await loadBinding(limits('maxKeys = 0x10, maxTotalValueSize = 1024')), {
    value: { memoryCache: { limits: { maxKeys: 16, maxTotalValueSize: 1024 } } },
  });
  for (const number of ['4294967296', '-1', '1.5', '1e3']) {
    t.match((await loadBinding(limits(`maxKeys = ${number}`))).described, [
      /CONFIG_VALUE .*limits\.maxKeys .*: expected a whole number from 0 to 4294967295, found the number/,
    ]);
  }
});

t.test('fields that are unknown, twice there, or alternatives of each other', async (t) => {
  const cases: readonly [string, string][] = [
    [
      '(¦service = [])',
      'CONFIG_UNKNOWN_KEY config.service (@): unknown key "service"; did you mean "services"?',
    ],
    [
      '(sockets = [], ¦sockets = [])',
      'CONFIG_DUPLICATE config.sockets (@): the field "sockets" is already taken by line 2, column 43',
    ],
    [
      '(services = [(name = "a", disk = "x", ¦worker = ())])',
      'CONFIG_VALUE config.services[0] (@): expected one of the alternatives of a Service ( name, unspecified, worker, network, … ), found "disk" and "worker"',
    ],
    ['(¦"a", "b")', 'CONFIG_VALUE config (@): expected name = value, found a value without a name'],
  ];
  for (const [value, expected] of cases) {
    const { found, position } = await firstError(value);
    t.equal(found, expected.replace('@', position));
  }
});

t.test('names that lead nowhere, or elsewhere', async (t) => {
  const cases: readonly [string, string][] = [
    [
      'const config :Workerd.Config = (services = .¦servics); const services :List(Workerd.Service) = [];',
      'nothing here is named "servics"; did you mean "services"?',
    ],
    [
      'const config :Workerd.¦Confg = ();',
      'the schema of workerd has nothing named "Confg"; did you mean "Config"?',
    ],
    [
      'const config :Workerd.Config = (services = ¦services); const services :List(Workerd.Service) = [];',
      'the constant "services" is referred to by its name alone',
    ],
    ['const config :Workerd.Config = (services = ¦.A); struct A {}', '".A" is not a constant'],
    [
      'const config :Workerd.Config = (v8Flags = [.x.¦y]); const x :Text = "";',
      'the constant has no field "y"',
    ],
    [
      'const config :Workerd.Config = (v8Flags = [.x.¦name]); const x :Workerd.Socket = ();',
      'the constant does not set the field "name"',
    ],
    ['using ¦A = B; using B = A; const config :A = ();', 'the name "A" is defined by itself'],
    ['const ¦config :Workerd.Config = .config;', 'the constant ".config" is defined by itself'],
    [
      'const config :Workerd.Config = (v8Flags = .a); const ¦a :List(Text) = .b; const b :List(Text) = .a;',
      'the constant ".a" is defined by itself',
    ],
    ['struct S {} const config :¦S = ();', 'the struct "S" is not a type that a configuration can have'],
    ['const config :¦List = [];', 'a list is of one type, such as `List(Text)`'],
    [
      'using X = import ¦"/etc/passwd"; const config :X.Y = ();',
      'there is no file "/etc/passwd" on the import path',
    ],
    ['using X = import ¦"gone.capnp"; const config :X.Y = ();', 'the import "gone.capnp" does not exist'],
  ];
  for (const [written, expected] of cases) {
    const { text, position } = marked(withSchema(written));
    const { described } = await load({ 'config.capnp': text });
    t.match(described[0], /^CONFIG_REFERENCE /);
    t.ok(described[0]?.endsWith(`config.capnp:${position}: ${expected}`), described.join('\n'));
  }
});

t.test('a constant of a type is no value of another one', async (t) => {
  const { described } = await load({
    'config.capnp': withSchema('const config :Workerd.Config = (sockets = .x); const x :List(Text) = [];'),
  });
  t.strictSame(described, [
    'CONFIG_VALUE config.sockets (config.capnp:2:43): expected a list [ … ] of Socket, found a constant of the type List(Text)',
  ]);
});

t.test(
  'an error in a file that is imported names that file, and so does one in an embedded file',
  async (t) => {
    const config = withSchema(
      'using O = import "other.capnp"; const config :Workerd.Config = (services = [O.s]);',
    );
    const syntax = await load({ 'config.capnp': config, 'other.capnp': 'const s :;' });
    t.match(syntax.described, ['CONFIG_SYNTAX other.capnp:1:10: expected a name, found ";"']);
    const other =
      'using W = import "/workerd/workerd.capnp"; const s :W.Service = (name = 1, worker = (serviceWorkerScript = embed "no.js"));';
    t.strictSame((await load({ 'config.capnp': config, 'other.capnp': other })).described, [
      'CONFIG_VALUE s.name (other.capnp:1:73): expected text in double quotes, found the number 1',
      'CONFIG_REFERENCE s.worker.serviceWorkerScript (other.capnp:1:108): the embedded file "no.js" does not exist',
    ]);
  },
);

t.test('a name that is declared twice', async (t) => {
  const { described } = await load({
    'config.capnp': withSchema('const a :Text = ""; const a :Text = "";\nconst config :Workerd.Config = ();'),
  });
  t.strictSame(described, [
    'CONFIG_DUPLICATE config.capnp:2:27: the name "a" is already taken by line 2, column 7',
  ]);
});
