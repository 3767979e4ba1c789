import t from 'tap';
import { parsePattern, patternKey } from '../../src/config/routes.ts';
import { makeAuthority, makeKeypair } from '../helpers/certificates.ts';
import { accept, refuse } from '../helpers/config.ts';

const pair = makeKeypair(makeAuthority(), 'a.test');
const other = makeKeypair(makeAuthority(), 'b.test');

function withSocket(socket: object): object {
  return {
    apps: [{ name: 'a', script: 'a' }],
    sockets: [{ name: 's', address: 0, service: 'a', ...socket }],
  };
}

t.test('addresses that are no ports', async (t) => {
  const cases: readonly [string, object][] = [
    ['unix:run/a.sock', { kind: 'unix', path: '/base/run/a.sock' }],
    ['unix:/run/a.sock', { kind: 'unix', path: '/run/a.sock' }],
    ['unix-abstract:a b', { kind: 'unix-abstract', name: 'a b' }],
    ['fd:3', { kind: 'fd', fd: 3 }],
    ['systemd:web.socket', { kind: 'systemd', name: 'web.socket' }],
  ];
  for (const [address, wanted] of cases) {
    const { sockets } = await accept(withSocket({ address }));
    t.strictSame(sockets[0]?.address, wanted, address);
  }
  const wrong: readonly [string, string][] = [
    ['unix:', 'the path is missing'],
    [`unix:/${'ä'.repeat(52)}`, 'the path is longer than 103 bytes, more than systems take'],
    ['unix:a\0b', 'the path has a null character in it'],
    ['unix-abstract:', 'the name is missing'],
    ['fd:2', 'a descriptor to listen on is a whole number from 3'],
    ['fd:', 'a descriptor to listen on is a whole number from 3'],
    ['fd:-3', 'a descriptor to listen on is a whole number from 3'],
    ['systemd:a:b', 'the name of a descriptor is 1 to 255 ASCII characters without spaces and colons'],
    ['unix', 'the port is missing'],
  ];
  for (const [address, reason] of wrong) {
    const [error = ''] = await refuse(withSocket({ address }));
    t.ok(error.startsWith('CONFIG_ADDRESS sockets[0].address: ') && error.endsWith(reason), error);
  }
  const twice = withSocket({}) as { sockets: object[] };
  twice.sockets = ['unix:x', 'unix:./x', 'fd:3', 'fd:03'].map((address, index) => ({
    name: `s${index}`,
    address,
    service: 'a',
  }));
  t.strictSame(await refuse(twice), [
    'CONFIG_DUPLICATE sockets[1].address: the address "unix:/base/x" is already taken by sockets[0].address',
    'CONFIG_DUPLICATE sockets[3].address: the address "fd:3" is already taken by sockets[2].address',
  ]);
});

t.test('what a socket needs for its protocol, and what does not go with it', async (t) => {
  t.strictSame(await refuse(withSocket({ protocol: 'https' })), [
    'CONFIG_MISSING sockets[0].tls: is missing; expected an object { keypair, … }, as the protocol is https',
  ]);
  t.strictSame(await refuse(withSocket({ tls: { keypair: pair } })), [
    'CONFIG_VALUE sockets[0].tls: expected no TLS, as the protocol is http, found an object',
  ]);
  t.strictSame(await refuse(withSocket({ protocol: 'tcp', routes: [] })), [
    'CONFIG_VALUE sockets[0].routes: expected no routes, as the protocol is tcp, found an array',
  ]);
  t.match(await refuse(withSocket({ protocol: 'tcp', style: 'proxy' })), [
    /^CONFIG_VALUE sockets\[0\]\.protocol/,
  ]);
  t.match(await refuse(withSocket({ service: undefined })), [/^CONFIG_MISSING sockets\[0\]\.service/]);
  t.match(await refuse(withSocket({ service: 7 })), [/^CONFIG_VALUE sockets\[0\]\.service/]);
  const { sockets } = await accept(withSocket({ service: undefined, routes: [] }));
  t.strictSame(sockets[0]?.routes, []);
});

t.test('certificates that cannot be used, each with its place', async (t) => {
  const tls = (value: object): object => withSocket({ protocol: 'https', tls: { keypair: pair, ...value } });
  const cases: readonly [object, RegExp][] = [
    [
      { keypair: { ...pair, privateKey: other.privateKey } },
      /^CONFIG_CERTIFICATE sockets\[0\]\.tls\.keypair\.privateKey: .*it is not the key of the certificate$/,
    ],
    [
      { keypair: { ...pair, certificate: 'nonsense' } },
      /^CONFIG_CERTIFICATE sockets\[0\]\.tls\.keypair\.certificate: .*there is no "-----BEGIN CERTIFICATE-----" in it$/,
    ],
    [
      { keypair: { ...pair, certificate: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' } },
      /^CONFIG_CERTIFICATE sockets\[0\]\.tls\.keypair\.certificate: .*it cannot be parsed/,
    ],
    [
      { keypair: { ...pair, privateKey: pair.certificate } },
      /^CONFIG_CERTIFICATE sockets\[0\]\.tls\.keypair\.privateKey: .*it cannot be parsed/,
    ],
    [
      { keypair: { ...pair, certificate: { file: 'gone.pem' } } },
      /^CONFIG_CERTIFICATE sockets\[0\]\.tls\.keypair\.certificate\.file: .*its file cannot be read/,
    ],
    [{ cipherList: 'NO-SUCH-CIPHER' }, /^CONFIG_CERTIFICATE sockets\[0\]\.tls\.cipherList: the cipher list/],
    [{ requireClientCerts: true }, /^CONFIG_CERTIFICATE sockets\[0\]\.tls: .*no authority is trusted/],
    [{ trustedCertificates: ['x'] }, /^CONFIG_CERTIFICATE sockets\[0\]\.tls\.trustedCertificates\[0\]/],
    [{ minVersion: 'SSLv3' }, /^CONFIG_VALUE sockets\[0\]\.tls\.minVersion/],
    [
      { sni: [{ hosts: ['a b'], keypair: pair }] },
      /^CONFIG_CERTIFICATE sockets\[0\]\.tls\.sni\[0\]\.hosts\[0\]: .*it is no host name/,
    ],
    [
      { sni: [{ hosts: ['ä.test', 'XN--4CA.test'], keypair: pair }] },
      /^CONFIG_DUPLICATE sockets\[0\]\.tls\.sni\[0\]\.hosts\[1\]: the host "xn--4ca\.test" is already taken/,
    ],
  ];
  for (const [value, wanted] of cases) t.match(await refuse(tls(value)), [wanted], String(wanted));
});

t.test('headers that a socket may not touch', async (t) => {
  for (const options of [
    { injectRequestHeaders: { 'Content-Length': '1' } },
    { injectResponseHeaders: { 'transfer-encoding': 'chunked' } },
    { injectResponseHeaders: { 'a b': 'c' } },
    { injectResponseHeaders: { a: 'b\r\nc: d' } },
    { injectResponseHeaders: { a: 'b\n' } },
    { injectResponseHeaders: { a: '€' } },
    { forwardedProtoHeader: 'connection' },
    { cfBlobHeader: '' },
  ])
    t.match(await refuse(withSocket(options)), [/^CONFIG_VALUE sockets\[0\]\./], JSON.stringify(options));
});

t.test('patterns of routes', async (t) => {
  const same = (pattern: string): string => {
    const parsed = parsePattern(pattern);
    return 'reason' in parsed ? parsed.reason : patternKey(parsed.match);
  };
  const cases: readonly [string, string][] = [
    ['example.com', 'example.com/*'],
    ['Example.COM./A', 'example.com/A'],
    ['*.example.com/api/*', '*.example.com/api/*'],
    ['*example.com', '*example.com/*'],
    ['*', '*/*'],
    ['*/health', '*/health'],
    ['münchen.example/ä', 'xn--mnchen-3ya.example/%C3%A4'],
    ['a.test/%61%2f', 'a.test/a%2F'],
    ['127.0.0.1/x', '127.0.0.1/x'],
    ['[::0001]/x', '[::1]/x'],
    ['https://a.test/', 'a pattern has no scheme'],
    ['a.test:80/', 'a pattern has no port'],
    ['[::1]:80/', 'a pattern has no port'],
    ['a.*.test/', 'in a host, `*` stands at its beginning only'],
    ['a.test/*/x', 'in a path, `*` stands at its end only'],
    ['a.test/x?y', 'a pattern has no spaces, queries, fragments or users'],
    ['a.test/a/../b', 'a path has no steps `.` and `..`'],
    ['/x', 'the host is missing; `*` is every host'],
    ['a..b/x', 'the host is neither a host name nor an IP address'],
    ['a_b!/x', 'the host is neither a host name nor an IP address'],
  ];
  for (const [pattern, wanted] of cases) t.equal(same(pattern), wanted, pattern);
  const routes = ['ä.test/*', 'xn--4ca.test', 'b.test:1/', 'c.test'].map((pattern, index) => ({
    pattern,
    service: index === 3 ? 'nobody' : 'a',
  }));
  t.match(await refuse(withSocket({ routes })), [
    'CONFIG_DUPLICATE sockets[0].routes[1].pattern: the pattern "xn--4ca.test" is already taken by sockets[0].routes[0].pattern',
    /^CONFIG_ROUTE sockets\[0\]\.routes\[2\]\.pattern: "b\.test:1\/" is not a pattern of a route: a pattern has no port/,
    /^CONFIG_UNKNOWN_NAME sockets\[0\]\.routes\[3\]\.service: /,
  ]);
});
