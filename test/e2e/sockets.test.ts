/** Sockets of every kind with real clients: TLS, Unix sockets, inherited descriptors, routes, and what is changed on the way. */

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import t from 'tap';
import type { Test } from 'tap';
import { makeAuthority, makeKeypair } from '../helpers/certificates.ts';
import { exchangeRaw } from '../helpers/http.ts';
import { runNanod, serve, writeFiles, type Nanod } from '../helpers/nanod.ts';

const run = promisify(execFile);

async function curl(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('curl', ['--silent', '--show-error', '--max-time', '20', ...args]);
  return stdout;
}

const SHOW = `
export default {
  fetch(request, env, ctx) {
    const { url, method } = request;
    const response = Response.json({ url, method, headers: [...request.headers], cf: request.cf ?? null, props: ctx.props });
    response.headers.set('x-own', 'worker');
    response.headers.set('server', 'worker');
    return response;
  },
};`;

/** The same, which takes all memory when it is asked to. */
const EATER = SHOW.replace(
  'ctx) {',
  "ctx) { if (request.url.endsWith('/eat')) for (const all = []; ; ) all.push(new Array(1e6).fill(all.length));",
);

interface Seen {
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly cf: unknown;
  readonly props: unknown;
}

const authority = makeAuthority();
const main = makeKeypair(authority, '127.0.0.1', 'localhost');
const example = makeKeypair(authority, 'example.test');
const wild = makeKeypair(authority, '*.wild.test');

function tlsFiles(): Record<string, string> {
  return {
    'main.js': SHOW,
    'tls/ca.pem': authority.certificate,
    'tls/main.pem': main.certificate,
    'tls/main.key': main.privateKey,
  };
}

const ownKeypair = { certificate: { file: 'tls/main.pem' }, privateKey: { file: 'tls/main.key' } };

function withSocket(socket: object, rest: object = {}): object {
  return {
    threads: 1,
    apps: [{ name: 'main', script: 'main.js' }],
    sockets: [{ name: 's', address: '127.0.0.1:0', service: 'main', ...socket }],
    ...rest,
  };
}

t.test('https', async (t) => {
  const tls = {
    keypair: ownKeypair,
    sni: [
      { hosts: ['example.test'], keypair: example },
      { hosts: ['*.wild.test'], keypair: wild },
    ],
  };
  const nanod = await serve(t, {
    config: withSocket({ protocol: 'https', tls }, { threads: 2 }),
    files: tlsFiles(),
  });
  const ca = join(nanod.directory, 'tls/ca.pem');
  const seen = async (...args: string[]): Promise<Seen> =>
    JSON.parse(await curl('--cacert', ca, ...args)) as Seen;

  await t.test('is spoken with the keypair of the files, and the URL says so', async (t) => {
    t.match(nanod.url, /^https:\/\/127\.0\.0\.1:\d+\/$/);
    t.equal((await seen(`${nanod.url}path?q`)).url, `${nanod.url}path?q`);
  });

  await t.test('shows each host its certificate', async (t) => {
    for (const host of ['example.test', 'a.wild.test']) {
      const url = `https://${host}:${nanod.port}/`;
      const { url: found } = await seen('--resolve', `${host}:${nanod.port}:127.0.0.1`, url);
      t.equal(found, url);
    }
    for (const host of ['other.test', 'a.b.wild.test', 'wild.test']) {
      const url = `https://${host}:${nanod.port}/`;
      const tried = curl('--cacert', ca, '--resolve', `${host}:${nanod.port}:127.0.0.1`, url);
      await t.rejects(tried, { code: 60 }, `${host} gets the keypair that is not its own`);
    }
  });

  await t.test('is not spoken in the clear, and a client that does harms nobody', async (t) => {
    await t.rejects(curl(`http://127.0.0.1:${nanod.port}/`));
    t.equal((await seen(nanod.url)).url, nanod.url);
  });

  await t.test('refuses old versions of TLS', async (t) => {
    await t.rejects(curl('--cacert', ca, '--tls-max', '1.1', nanod.url));
    t.equal((await seen('--tls-max', '1.2', nanod.url)).url, nanod.url);
  });

  await t.test('a whole URL in the request line cannot make it http', async (t) => {
    const { url } = await seen('--request-target', 'http://other.test/x', nanod.url);
    t.equal(url, 'https://other.test/x');
  });
});

t.test('clients without a certificate are refused where one is required', async (t) => {
  const client = makeKeypair(authority, 'client');
  const stranger = makeKeypair(makeAuthority(), 'client');
  const tls = {
    keypair: ownKeypair,
    requireClientCerts: true,
    trustedCertificates: [{ file: 'tls/ca.pem' }],
    minVersion: 'TLSv1.3',
  };
  const nanod = await serve(t, {
    config: withSocket({ protocol: 'https', tls }),
    files: {
      ...tlsFiles(),
      'client.pem': client.certificate + client.privateKey,
      'stranger.pem': stranger.certificate + stranger.privateKey,
    },
  });
  const at = (path: string): string => join(nanod.directory, path);
  const ca = ['--cacert', at('tls/ca.pem')];
  t.match(await curl(...ca, '--cert', at('client.pem'), nanod.url), /"url":"https:/);
  await t.rejects(curl(...ca, nanod.url));
  await t.rejects(curl(...ca, '--cert', at('stranger.pem'), nanod.url));
  await t.rejects(curl(...ca, '--cert', at('client.pem'), '--tls-max', '1.2', nanod.url));
});

t.test('what is changed on the way', async (t) => {
  const nanod = await serve(t, {
    config: withSocket({
      forwardedProtoHeader: 'X-Forwarded-Proto',
      cfBlobHeader: 'CF-Blob',
      injectRequestHeaders: { 'X-Token': 'secret', 'X-Removed': null },
      injectResponseHeaders: { Server: 'nanod', 'X-Own': null, 'Strict-Transport-Security': 'max-age=1' },
    }),
    files: { 'main.js': SHOW },
  });
  const seen = async (...args: string[]): Promise<Seen> => JSON.parse(await curl(...args)) as Seen;
  const headersOf = ({ headers }: Seen): Record<string, string> => Object.fromEntries(headers);
  const forwarded = (value: string): string[] => ['-H', `x-forwarded-proto: ${value}`];
  const statusOf = (...args: string[]): Promise<string> =>
    curl('-o', '/dev/null', '-w', '%{http_code}', ...args, nanod.url);

  await t.test('the proxy in front says what the client spoke', async (t) => {
    const result = await seen(...forwarded('HTTPS'), nanod.url);
    t.equal(result.url, nanod.url.replace('http:', 'https:'));
    t.notOk('x-forwarded-proto' in headersOf(result), 'the header goes no further');
    t.equal((await seen(nanod.url)).url, nanod.url);
    t.match(
      await seen(...forwarded('http'), ...forwarded('https'), nanod.url),
      { url: /^https:/ },
      'the last',
    );
    t.match(await seen(...forwarded('https, http'), nanod.url), { url: /^http:/ }, 'the last');
  });

  await t.test('nonsense from a client is refused', async (t) => {
    for (const value of ['javascript', 'https:', 'http://', 'https,'])
      t.equal(await statusOf(...forwarded(value)), '400', value);
    for (const value of ['{', '1', 'null', '[]', '"x"'])
      t.equal(await statusOf('-H', `cf-blob: ${value}`), '400', value);
    t.equal(await statusOf('-H', 'cf-blob: {}', '-H', 'cf-blob: {}'), '400', 'two of them');
  });

  await t.test('request.cf comes from its header', async (t) => {
    const result = await seen('-H', 'cf-blob: {"country":"DE","__proto__":{"a":1}}', nanod.url);
    t.match(result.cf, { country: 'DE' });
    t.notOk('cf-blob' in headersOf(result));
    t.equal((await seen(nanod.url)).cf, null);
  });

  await t.test('headers are injected, and what a client forged is gone', async (t) => {
    const result = await seen(
      '-H',
      'x-token: forged',
      '-H',
      'X-TOKEN: again',
      '-H',
      'x-removed: 1',
      nanod.url,
    );
    t.strictSame(
      result.headers.filter(([name]) => name === 'x-token'),
      [['x-token', 'secret']],
    );
    t.notOk('x-removed' in headersOf(result));
  });

  await t.test('so are those of responses, of errors too', async (t) => {
    const head = await curl('--head', nanod.url);
    t.match(head, /^server: nanod\r$/im);
    t.match(head, /^strict-transport-security: max-age=1\r$/im);
    t.notMatch(head, /^x-own/im);
    const refused = await curl('--include', ...forwarded('x'), nanod.url);
    t.match(refused, /^HTTP\/1\.1 400/);
    t.match(refused, /^server: nanod\r$/im);
  });
});

t.test('a forward proxy is asked by whole URLs only', async (t) => {
  const nanod = await serve(t, {
    config: withSocket({ style: 'proxy', forwardedProtoHeader: 'x-proto' }),
    files: { 'main.js': SHOW },
  });
  const result = JSON.parse(
    await curl('--proxy', nanod.url, '-H', 'x-proto: https', 'http://site.test/a?b'),
  ) as Seen;
  t.equal(result.url, 'http://site.test/a?b');
  t.match(Object.fromEntries(result.headers), { host: 'site.test' }, 'the host is that of the URL');
  const forged = await exchangeRaw(
    t,
    nanod.port,
    'GET http://site.test/ HTTP/1.1\r\nhost: forged.test\r\nconnection: close\r\n\r\n',
  );
  t.notMatch(forged, /forged/);
  t.equal(await curl('-o', '/dev/null', '-w', '%{http_code}', nanod.url), '400');
});

t.test('routes', async (t) => {
  const to = (props: object): object => ({ service: 'main', props });
  const socket = {
    routes: [
      { pattern: 'site.test', service: to({ at: 'site' }) },
      { pattern: 'site.test/api/*', service: to({ at: 'api' }) },
      { pattern: 'site.test/exact', service: to({ at: 'exact' }) },
      { pattern: '*.site.test/*', service: to({ at: 'below' }) },
      { pattern: 'münchen.test/*', service: to({ at: 'idn' }) },
      { pattern: '*/health', service: to({ at: 'health' }) },
    ],
  };
  const config = {
    threads: 1,
    apps: [{ name: 'main', script: 'main.js' }],
    sockets: [
      { name: 'some', address: '127.0.0.1:0', ...socket },
      { name: 'all', address: '127.0.0.1:0', service: to({ at: 'default' }), ...socket },
    ],
  };
  const nanod = await serve(t, { config, files: { 'main.js': SHOW } });
  const at = async (host: string, path: string, index = 0): Promise<unknown> => {
    const url = `${nanod.urls[index]}${path}`;
    const text = await curl('-H', `host: ${host}`, '--path-as-is', '--write-out', '\\n%{http_code}', url);
    const [body = '', status] = text.split('\n');
    return status === '200'
      ? (JSON.parse(body) as { props: { at: string } }).props.at
      : Number(text.slice(-3));
  };

  t.match(nanod.stdout(), /site\.test\/api\/\* +main\n/, 'they are listed');
  t.equal(await at('site.test', 'x'), 'site');
  t.equal(await at('SITE.test:8080', 'x'), 'site', 'the port does not matter');
  t.equal(await at('site.test.', 'x'), 'site', 'nor does the dot of the root');
  t.equal(await at('site.test', 'api/users?q=/exact'), 'api');
  t.equal(await at('site.test', '%61pi/users'), 'api', 'an escape that is none hides nothing');
  t.equal(await at('site.test', 'x/../api/users'), 'api');
  t.equal(await at('site.test', 'api'), 'site');
  t.equal(await at('site.test', 'exact?q'), 'exact');
  t.equal(await at('site.test', 'exact/more'), 'site');
  t.equal(await at('a.b.site.test', 'api/users'), 'below');
  t.equal(await at('xn--mnchen-3ya.test', ''), 'idn');
  t.equal(await at('other.test', 'health'), 'health');
  t.equal(await at('other.test', ''), 404);
  t.equal(await at('notsite.test', ''), 404);
  t.equal(await at('other.test', '', 1), 'default');
  const whole = 'GET http://site.test/exact HTTP/1.1\r\nhost: a.site.test\r\nconnection: close\r\n\r\n';
  t.match(await exchangeRaw(t, nanod.port, whole), /"at":"exact"/, 'the URL counts, not the Host header');
});

function unixConfig(path: string, rest: object = {}): object {
  return withSocket({ address: `unix:${path}` }, rest);
}

async function overUnix(nanod: Nanod, path: string): Promise<Seen> {
  return JSON.parse(await curl('--unix-socket', join(nanod.directory, path), 'http://site.test/x')) as Seen;
}

t.test('a Unix socket', async (t) => {
  await t.test('is listened on, and gone in the end', async (t) => {
    const nanod = await serve(t, {
      config: unixConfig('n.sock', { threads: 2 }),
      files: { 'main.js': SHOW },
    });
    t.equal(nanod.url, `unix:${join(nanod.directory, 'n.sock')}`);
    t.match(nanod.stdout(), `try: curl --unix-socket ${join(nanod.directory, 'n.sock')} http://localhost/`);
    t.equal((await overUnix(nanod, 'n.sock')).url, 'http://site.test/x');
    await nanod.stop();
    t.notOk(existsSync(join(nanod.directory, 'n.sock')));
  });

  await t.test('that a killed nanod left behind is taken over', async (t) => {
    const deployment = { config: unixConfig('n.sock'), files: { 'main.js': SHOW } };
    const first = await serve(t, deployment);
    const path = join(first.directory, 'n.sock');
    await first.stop('SIGKILL');
    t.ok(existsSync(path), 'it is left behind');
    const second = await serve(t, { ...deployment, config: unixConfig(path) });
    t.match(JSON.parse(await curl('--unix-socket', path, 'http://site.test/')), { url: 'http://site.test/' });
    await second.stop();
  });

  await t.test('with somebody behind it is refused, and so is a file', async (t) => {
    const directory = writeFiles(t, {});
    const live = join(directory, 'live.sock');
    const server = createServer().listen(live);
    t.teardown(() => server.close());
    await once(server, 'listening');
    const refused = await runNanod(t, {
      config: unixConfig(live),
      files: { 'main.js': SHOW },
      args: ['serve'],
    });
    t.equal(refused.status, 1);
    t.match(refused.stderr, 'error[SOCKET_IN_USE]: sockets[0].address');
    t.ok(existsSync(live), 'it is left alone');
    const file = join(directory, 'file');
    writeFileSync(file, 'precious');
    const wrong = await runNanod(t, {
      config: unixConfig(file),
      files: { 'main.js': SHOW },
      args: ['serve'],
    });
    t.equal(wrong.status, 1);
    t.match(wrong.stderr, /error\[SOCKET_UNUSABLE\].*the file that is there is no socket/);
    t.ok(existsSync(file));
  });

  await t.test('is listened on again when its thread is lost', async (t) => {
    const nanod = await serve(t, {
      config: unixConfig('n.sock', { threadMemoryMb: 64 }),
      files: { 'main.js': EATER },
    });
    await t.rejects(curl('--unix-socket', join(nanod.directory, 'n.sock'), 'http://site.test/eat'));
    await nanod.logged(({ msg }) => msg.includes('serves the group default again'));
    t.equal((await overUnix(nanod, 'n.sock')).url, 'http://site.test/x');
  });

  if (process.platform === 'linux') {
    await t.test('may be no file', async (t) => {
      const name = `nanod-test-${process.pid}-${Math.random().toString(36).slice(2)}`;
      const nanod = await serve(t, {
        config: withSocket({ address: `unix-abstract:${name}` }),
        files: { 'main.js': SHOW },
      });
      t.equal(nanod.url, `unix-abstract:${name}`);
      t.match(
        await curl('--abstract-unix-socket', name, 'http://site.test/'),
        /"url":"http:\/\/site\.test\/"/,
      );
    });
  }
});

/** A server of this process, whose descriptor is given to nanod. Listens; what it does not accept waits. */
async function inherited(t: Test): Promise<{ server: Server; fd: number; port: number }> {
  const server = createServer({ pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
  return { server, fd, port: (server.address() as { port: number }).port };
}

t.test('descriptors', async (t) => {
  await t.test('are listened on by number', async (t) => {
    const given = await inherited(t);
    const nanod = await serve(t, {
      config: withSocket({ address: 'fd:3' }, { threads: 2 }),
      files: { 'main.js': SHOW },
      descriptors: [given.fd],
    });
    given.server.close();
    t.equal(nanod.url, 'fd:3');
    t.match(await curl(`http://127.0.0.1:${given.port}/`), /"url":"http:\/\/127\.0\.0\.1:\d+\/"/);
    t.equal((await nanod.stop()).status, 0);
  });

  await t.test('are listened on by the name that a service manager gives them', async (t) => {
    const given = [await inherited(t), await inherited(t), await inherited(t)];
    const nanod = await serve(t, {
      config: withSocket({ address: 'systemd:web' }, { threads: 2 }),
      files: { 'main.js': SHOW },
      descriptors: given.map(({ fd }) => fd),
      env: { LISTEN_FDS: '3', LISTEN_FDNAMES: 'other:web:web' },
    });
    for (const { server } of given) server.close();
    t.equal(nanod.url, 'systemd:web');
    for (const { port } of given.slice(1)) t.match(await curl(`http://127.0.0.1:${port}/`), /"url"/);
  });

  await t.test('are lost with their thread, and nanod ends to be started anew', async (t) => {
    const given = await inherited(t);
    const nanod = await serve(t, {
      config: withSocket({ address: 'fd:3' }, { threadMemoryMb: 64 }),
      files: { 'main.js': EATER },
      descriptors: [given.fd],
    });
    given.server.close();
    await t.rejects(curl(`http://127.0.0.1:${given.port}/eat`));
    const { status, stderr } = await nanod.ended;
    t.equal(status, 1);
    t.match(stderr, 'error: the descriptor of the socket s is lost with the thread that had it');
  });

  await t.test('that are not there are refused', async (t) => {
    const started = (address: string, env: Record<string, string>): Promise<string> =>
      runNanod(t, { config: withSocket({ address }), files: { 'main.js': SHOW }, args: ['serve'], env }).then(
        ({ status, stderr }) => `${status} ${stderr}`,
      );
    t.match(await started('fd:999', {}), /^1 error\[SOCKET_UNUSABLE\].*there is no such descriptor/);
    t.match(await started('systemd:web', {}), /^1 error\[SOCKET_UNUSABLE\].*LISTEN_FDS is not set/);
    const foreign = { LISTEN_FDS: '1', LISTEN_PID: '1', LISTEN_FDNAMES: 'web' };
    t.match(await started('systemd:web', foreign), /meant for another process/);
    const named = { LISTEN_FDS: '1', LISTEN_FDNAMES: 'admin' };
    t.match(await started('systemd:web', named), /no descriptor has that name; there are admin/);
  });
});
