/** Servers of their own in a configuration: addresses as people write them, and everything that can be wrong. */
import t from 'tap';
import { makeAuthority, makeKeypair } from '../helpers/certificates.ts';
import { accept, refuse } from '../helpers/config.ts';

function external(fields: object): object {
  return { apps: [], services: [{ name: 'backend', kind: 'external', ...fields }] };
}

async function resolved(fields: object): Promise<unknown> {
  return (await accept(external(fields))).services[0];
}

t.test('addresses as people write them', async (t) => {
  const cases: [object, object][] = [
    [
      { address: 'http://10.0.0.5:8080' },
      { protocol: 'http', address: { kind: 'tcp', host: '10.0.0.5', port: 8080 } },
    ],
    [{ address: 'http://Example.com/' }, { protocol: 'http', address: { host: 'example.com', port: 80 } }],
    [{ address: 'https://example.com' }, { protocol: 'https', address: { host: 'example.com', port: 443 } }],
    [{ address: 'https://[::1]:8443' }, { protocol: 'https', address: { host: '::1', port: 8443 } }],
    [{ address: 'tcp://db:5432' }, { protocol: 'tcp', address: { host: 'db', port: 5432 } }],
    [{ address: 'db:80' }, { protocol: 'http', address: { host: 'db', port: 80 } }],
    [
      { address: '1.2.3.4', protocol: 'https' },
      { protocol: 'https', address: { host: '1.2.3.4', port: 443 } },
    ],
    [{ address: '1234:5678::abcd' }, { protocol: 'http', address: { host: '1234:5678::abcd', port: 80 } }],
    [{ address: 'unix:/run/x.sock' }, { protocol: 'http', address: { kind: 'unix', path: '/run/x.sock' } }],
    [
      { address: 'unix:x.sock', protocol: 'tcp' },
      { protocol: 'tcp', address: { path: '/base/x.sock' } },
    ],
    [{ address: 'unix-abstract:x' }, { protocol: 'http', address: { kind: 'unix-abstract', name: 'x' } }],
  ];
  for (const [fields, wanted] of cases) t.match(await resolved(fields), wanted, JSON.stringify(fields));
});

t.test('what is no address', async (t) => {
  const wrong = [
    ...[
      'ftp://x',
      'http://',
      'http://a:0',
      'http://a:65536',
      'http://a:b',
      'http://a/path',
      'http://u@a',
      'a b',
      '-a',
    ],
    ...[
      'tcp://db',
      '1.2.3',
      'unix:',
      'unix-abstract:',
      'unix:a\0b',
      `unix:/${'x'.repeat(107)}`,
      '[::1',
      '[::g]',
      ':80',
    ],
  ];
  for (const address of wrong) {
    const errors = await refuse(external({ address }));
    t.match(errors, [/^CONFIG_VALUE services\[0\]\.address: /u], JSON.stringify(address));
    t.equal(errors.length, 1);
  }
  t.match(await refuse(external({ address: 'http://a', protocol: 'https' })), [
    /an address of the protocol https/u,
  ]);
  t.match(await refuse(external({})), [/^CONFIG_MISSING services\[0\]\.address: /u]);
});

t.test('every field has a default', async (t) => {
  t.strictSame(await resolved({ address: 'http://a' }), {
    kind: 'external',
    name: 'backend',
    protocol: 'http',
    address: { kind: 'tcp', host: 'a', port: 80 },
    style: 'host',
    forwardedProtoHeader: undefined,
    cfBlobHeader: undefined,
    injectRequestHeaders: [],
    injectResponseHeaders: [],
    certificateHost: undefined,
    tls: undefined,
    timeouts: { connectMs: 10_000, headersMs: 60_000, bodyMs: 60_000 },
    rpc: undefined,
  });
  t.match(await resolved({ address: 'https://a' }), { tls: { trustBrowserCas: true } });
  t.match(await resolved({ address: 'tcp://a:1', tls: {} }), { tls: { trustBrowserCas: true } });
});

t.test('everything can be said', async (t) => {
  const { certificate, privateKey } = makeKeypair(makeAuthority(), 'me');
  const fields = {
    address: 'unix:/run/x.sock',
    protocol: 'https',
    style: 'proxy',
    forwardedProtoHeader: 'X-Forwarded-Proto',
    cfBlobHeader: 'CF-Blob',
    injectRequestHeaders: { Authorization: 'Bearer x', Cookie: null },
    injectResponseHeaders: { Server: null },
    certificateHost: 'a.test',
    tls: { keypair: { certificate, privateKey } },
    timeouts: { headersMs: 1 },
  };
  t.match(await resolved(fields), {
    style: 'proxy',
    forwardedProtoHeader: 'x-forwarded-proto',
    cfBlobHeader: 'cf-blob',
    injectRequestHeaders: [
      { name: 'authorization', value: 'Bearer x' },
      { name: 'cookie', value: null },
    ],
    injectResponseHeaders: [{ name: 'server', value: null }],
    certificateHost: 'a.test',
    tls: { keypair: { certificate } },
    timeouts: { connectMs: 10_000, headersMs: 1, bodyMs: 60_000 },
  });
});

t.test('everything that is wrong is reported at once', async (t) => {
  const errors = await refuse(
    external({
      address: 'http://a',
      style: 'forward',
      forwardedProtoHeader: 'Content-Length',
      cfBlobHeader: 'a b',
      injectRequestHeaders: {
        'x-a': 'a\nb',
        'X-B': '1',
        'x-b': '2',
        'Transfer-Encoding': 'chunked',
        é: 'x',
        'x-c': 5,
      },
      certificateHost: 'a.test',
      tls: {},
      timeouts: { connectMs: 0 },
      rpc: 'yes',
    }),
  );
  const at = (field: string): RegExp => new RegExp(`^CONFIG_VALUE services\\[0\\]\\.${field}: `, 'u');
  const wanted = [
    at('rpc'),
    ...[at('style'), at('forwardedProtoHeader'), at('cfBlobHeader'), at('injectRequestHeaders\\["x-a"\\]')],
    ...[at('injectRequestHeaders\\["x-b"\\]'), at('injectRequestHeaders\\["Transfer-Encoding"\\]')],
    ...[at('injectRequestHeaders\\["é"\\]'), at('injectRequestHeaders\\["x-c"\\]')],
    ...[at('certificateHost'), at('tls'), at('timeouts\\.connectMs')],
  ];
  for (const pattern of wanted)
    t.ok(
      errors.some((error) => pattern.test(error)),
      String(pattern),
    );
  t.equal(errors.length, wanted.length, errors.join('\n'));
});

t.test('a certificate behind a Unix socket needs a name', async (t) => {
  t.match(await refuse(external({ address: 'unix:/x', protocol: 'https' })), [
    /^CONFIG_VALUE services\[0\]\.address: expected .*`certificateHost`/u,
  ]);
});

t.test('a server has no entrypoints', async (t) => {
  const errors = await refuse({
    ...external({ address: 'http://a' }),
    apps: [{ name: 'w', script: 'x', bindings: { B: { service: 'backend', entrypoint: 'x' } } }],
  });
  t.match(errors, [/^CONFIG_VALUE apps\[0\]\.bindings\.B: expected no entrypoint/u]);
});
