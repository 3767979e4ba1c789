/** `rpc` of sockets and of external services: what it comes to, and what is refused. */

import t from 'tap';
import { makeAuthority, makeKeypair } from '../helpers/certificates.ts';
import { accept, check, refuse } from '../helpers/config.ts';

const token = 'sixteen-characters';
const limits = { messageBytes: 16_777_216, calls: 10_000, capabilities: 10_000 };
const path = '/.well-known/nanod-rpc';

function withSocket(socket: object): object {
  return {
    apps: [{ name: 'a', script: 'a' }],
    sockets: [{ name: 's', address: 0, service: 'a', ...socket }],
  };
}

function withService(service: object, bindings: object = {}): object {
  return {
    apps: [{ name: 'a', script: 'a', bindings }],
    services: [{ name: 'other', kind: 'external', address: 'http://10.0.0.5:8787', ...service }],
  };
}

async function rpcOfSocket(socket: object): Promise<unknown> {
  return (await accept(withSocket(socket))).sockets[0]?.rpc;
}

t.test('a socket that only this machine reaches needs no token', async (t) => {
  const open = { path, token: undefined, anyone: false, entrypoints: [], props: false, limits };
  for (const address of [
    0,
    '127.0.0.1:1',
    '127.8.0.1:1',
    '[::1]:1',
    'localhost:1',
    'unix:x',
    'unix-abstract:x',
  ])
    t.strictSame(await rpcOfSocket({ address, rpc: true }), open, String(address));
  t.equal(await rpcOfSocket({ rpc: false }), undefined);
});

t.test(
  'one that others reach needs a token, certificates of its callers, or the word that anyone may',
  async (t) => {
    for (const address of ['*:1', '0.0.0.0:1', '10.0.0.1:1', '[::]:1', 'fd:3', 'systemd:x'])
      t.match(await refuse(withSocket({ address, rpc: true })), [
        /^CONFIG_MISSING sockets\[0\]\.rpc\.token: .*can be reached from elsewhere/u,
      ]);
    t.match(await rpcOfSocket({ address: '*:1', rpc: { token } }), { token, anyone: false });
    t.match(await rpcOfSocket({ address: '*:1', rpc: { anyone: true } }), { token: undefined, anyone: true });
    const authority = makeAuthority();
    const keypair = makeKeypair(authority, 'a.test');
    const tls = { keypair, requireClientCerts: true, trustedCertificates: [authority.certificate] };
    t.match(await rpcOfSocket({ address: '*:1', protocol: 'https', tls, rpc: true }), { token: undefined });
  },
);

t.test('a token comes from the environment as well, and is shown to nobody', async (t) => {
  const rpc = { token: { fromEnvironment: 'TOKEN' } };
  const { config } = await check(withSocket({ rpc }), { environment: { TOKEN: token } });
  t.equal(config?.sockets[0]?.rpc?.token, token);
  const { errors } = await check(withSocket({ rpc }), { environment: { TOKEN: 'guess me' } });
  t.match(String(errors), 'in the environment variable TOKEN');
  t.notMatch(JSON.stringify(errors), 'guess me');
  t.match(await refuse(withSocket({ rpc })), [/^CONFIG_ENVIRONMENT sockets\[0\]\.rpc\.token/u]);
  const written = await refuse(withSocket({ rpc: { token: 'guess me' } }));
  t.match(written, [/^CONFIG_VALUE sockets\[0\]\.rpc\.token: /u]);
  t.notMatch(String(written), 'guess me');
});

t.test('what does not go with it is refused where it stands', async (t) => {
  const refusals: readonly [object, RegExp][] = [
    [withSocket({ protocol: 'tcp', rpc: true }), /^CONFIG_VALUE sockets\[0\]\.rpc: .*protocol is tcp/u],
    [withSocket({ rpc: { token, anyone: true } }), /^CONFIG_VALUE sockets\[0\]\.rpc\.anyone: /u],
    [withSocket({ service: 'internet', rpc: true }), /^CONFIG_VALUE sockets\[0\]\.rpc: .*has no methods/u],
    [withSocket({ rpc: { limits: { calls: 0 } } }), /^CONFIG_VALUE sockets\[0\]\.rpc\.limits\.calls: /u],
    [withSocket({ rpc: { path: 'x' } }), /^CONFIG_VALUE sockets\[0\]\.rpc\.path: /u],
    [withSocket({ rpc: { tokens: [] } }), /^CONFIG_UNKNOWN_KEY sockets\[0\]\.rpc\.tokens: /u],
    [
      {
        ...withSocket({}),
        sockets: [{ name: 's', address: 0, routes: [{ pattern: 'a/', service: 'a' }], rpc: true }],
      },
      /^CONFIG_MISSING sockets\[0\]\.service: /u,
    ],
    [
      withService({ address: 'tcp://a:1', rpc: true }),
      /^CONFIG_VALUE services\[0\]\.rpc: .*protocol is tcp/u,
    ],
    [withService({ style: 'proxy', rpc: true }), /^CONFIG_VALUE services\[0\]\.style: .*cross as they are/u],
    [
      withService({ injectRequestHeaders: { a: 'b' }, rpc: true }),
      /^CONFIG_VALUE services\[0\]\.injectRequestHeaders: /u,
    ],
    [
      withService({}, { B: { service: 'other', entrypoint: 'x' } }),
      /^CONFIG_VALUE apps\[0\]\.bindings\.B: /u,
    ],
  ];
  for (const [value, wanted] of refusals) {
    const errors = await refuse(value);
    t.match(errors, [wanted], String(errors));
  }
});

t.test('a service of another nanod has entrypoints', async (t) => {
  const rpc = { token, entrypoint: 'Api', path: '/rpc', limits: { calls: 5 } };
  const { services } = await accept(
    withService({ rpc }, { B: { service: 'other', entrypoint: 'x', props: {} } }),
  );
  t.match(services, [
    { bindings: [{ service: 'other', entrypoint: 'x', props: '{}' }] },
    { rpc: { token, entrypoint: 'Api', path: '/rpc', limits: { ...limits, calls: 5 } } },
  ]);
  t.match((await accept(withService({ rpc: true }))).services[1], {
    rpc: { token: undefined, entrypoint: undefined, path, limits },
  });
});
