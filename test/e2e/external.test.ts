/** Services that lead outside, configured and deployed: what clients get, and what the log says. */

import { execFile } from 'node:child_process';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { makeAuthority, makeKeypair } from '../helpers/certificates.ts';
import { httpServer } from '../helpers/exchange.ts';
import { serve } from '../helpers/nanod.ts';

const run = promisify(execFile);

async function curl(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('curl', ['--silent', '--show-error', '--max-time', '20', ...args]);
  return stdout;
}

const passOn = `
export default {
  async fetch(request, env) {
    try {
      return await env.BACKEND.fetch(request);
    } catch (error) {
      return Response.json({ name: error.name, code: error.code, message: error.message, own: error instanceof TypeError });
    }
  },
};
`;

t.test('a worker and a socket reach a server over a Unix socket', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'nx-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 's');
  const server = createHttpServer((request, response) => {
    response.end(`${String(request.headers['x-injected'])} ${request.headers.host} ${request.url}`);
  });
  server.listen({ path });
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { urls } = await serve(t, {
    config: {
      threads: 1,
      apps: [{ name: 'main', script: 'main.js', bindings: { BACKEND: { service: 'backend' } } }],
      services: [
        {
          name: 'backend',
          kind: 'external',
          address: `unix:${path}`,
          injectRequestHeaders: { 'X-Injected': 'yes' },
        },
      ],
      sockets: [
        { name: 'worker', address: '127.0.0.1:0', service: 'main' },
        { name: 'direct', address: '127.0.0.1:0', service: 'backend' },
      ],
    },
    files: { 'main.js': passOn },
  });
  for (const url of urls) t.equal(await curl('-H', 'Host: a.test', `${url}path?q`), 'yes a.test /path?q');
});

t.test('a server that is gone is 502, one that is late 504, and a worker gets the code', async (t) => {
  const { port, server } = await httpServer(t, () => undefined);
  const gone = createHttpServer();
  gone.listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port: closedPort } = gone.address() as AddressInfo;
  gone.close();
  await once(gone, 'close');
  const { urls, logged } = await serve(t, {
    config: {
      threads: 1,
      apps: [{ name: 'main', script: 'main.js', bindings: { BACKEND: { service: 'gone' } } }],
      services: [
        { name: 'gone', kind: 'external', address: `http://127.0.0.1:${closedPort}` },
        { name: 'late', kind: 'external', address: `http://127.0.0.1:${port}`, timeouts: { headersMs: 100 } },
      ],
      sockets: ['main', 'gone', 'late'].map((service) => ({
        name: service,
        address: '127.0.0.1:0',
        service,
      })),
    },
    files: { 'main.js': passOn },
  });
  const status = (url = ''): Promise<string> =>
    curl('--output', '/dev/null', '--write-out', '%{http_code}', url);
  t.strictSame(JSON.parse(await curl(urls[0] ?? '')), {
    name: 'TypeError',
    code: 'NETWORK_UNREACHABLE',
    message: 'fetch failed: "gone" cannot be reached: it refuses the connection (ECONNREFUSED)',
    own: true,
  });
  t.equal(await status(urls[1]), '502');
  t.match((await logged(({ msg }) => msg.includes('"gone" did not answer'))).msg, /ECONNREFUSED/u);
  t.equal(await status(urls[2]), '504');
  t.ok(server.listening);
});

t.test('https with certificates from files', async (t) => {
  const authority = makeAuthority();
  const { certificate: cert, privateKey: key } = makeKeypair(authority, 'localhost');
  const me = makeKeypair(authority, 'me.test');
  const server = createHttpsServer(
    { cert, key, ca: authority.certificate, requestCert: true, rejectUnauthorized: true },
    (_request, response) => response.end('secret'),
  );
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const { url } = await serve(t, {
    config: {
      threads: 1,
      apps: [],
      services: [
        {
          name: 'backend',
          kind: 'external',
          address: `https://127.0.0.1:${port}`,
          certificateHost: 'localhost',
          tls: {
            trustBrowserCas: false,
            trustedCertificates: [{ file: 'ca.pem' }],
            keypair: { certificate: { file: 'me.pem' }, privateKey: { file: 'me.key' } },
          },
        },
      ],
      sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'backend' }],
    },
    files: { 'ca.pem': authority.certificate, 'me.pem': me.certificate, 'me.key': me.privateKey },
  });
  t.equal(await curl(url), 'secret');
});

t.test("a network of one's own takes the place of internet, and what it refuses is logged", async (t) => {
  const { port } = await httpServer(t, (_request, response) => response.end('inside'));
  const { url, logged } = await serve(t, {
    config: {
      threads: 1,
      apps: [{ name: 'main', script: 'main.js' }],
      services: [{ name: 'internet', kind: 'network', allow: ['127.0.0.1/32'] }],
      sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'main' }],
    },
    files: {
      'main.js': `export default { async fetch(request) {
        const host = new URL(request.url).pathname.slice(1);
        try { return await fetch('http://' + host + ':${port}/'); } catch (error) { return new Response(error.code); }
      } };`,
    },
  });
  t.equal(await curl(`${url}127.0.0.1`), 'inside');
  t.equal(await curl(`${url}127.0.0.2`), 'NETWORK_REFUSED');
  const { service, level, requestId } = await logged(({ msg }) => msg.includes('does not permit to reach'));
  t.strictSame([service, level], ['internet', 40]);
  t.ok(requestId, 'it belongs to a request');
});

t.test('a worker connects to a server that speaks something else', async (t) => {
  const server = createTcpServer((socket) => {
    socket
      .on('error', () => undefined)
      .on('data', (chunk: Buffer) => socket.end(`you said ${chunk.toString()}`));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => void server.close());
  const { url } = await serve(t, {
    config: {
      threads: 1,
      apps: [{ name: 'main', script: 'main.js', bindings: { DB: { service: 'db' } } }],
      services: [
        {
          name: 'db',
          kind: 'external',
          address: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
        },
      ],
      sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'main' }],
    },
    files: {
      'main.js': `export default { async fetch(request, env) {
        const socket = env.DB.connect('database:5432');
        const { remoteAddress } = await socket.opened;
        const writer = socket.writable.getWriter();
        await writer.write(new TextEncoder().encode('hello'));
        return new Response(remoteAddress + ' ' + await new Response(socket.readable).text());
      } };`,
    },
  });
  t.equal(await curl(url), 'database:5432 you said hello');
});
