/** Directories and servers of their own in the hands of a worker that means no good. */

import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { ExternalSpec } from '../../src/messages/startup.ts';
import type { SiteSettings } from '../../src/shared/site/settings.ts';
import { httpServer } from '../helpers/exchange.ts';
import { runAttacks, serviceBinding } from '../helpers/hostile.ts';

t.setTimeout(300_000);

const parent = t.testdir({
  root: { 'a.txt': 'inside', big: 'x'.repeat(300_000), '.env': 'secret of the host' },
  outside: { 'secret.txt': 'secret of the host' },
});
symlinkSync('../outside', join(parent, 'root', 'out'));
symlinkSync('..', join(parent, 'root', 'up'));

const { port } = await httpServer(t, (request, response) => {
  const { method, url, headers } = request;
  request.resume().on('end', () => {
    response.setHeader('x-internal', 'version 7').end(JSON.stringify({ method, url, headers }));
  });
});

function external(port: number, protocol: 'http' | 'tcp'): { spec: ExternalSpec } {
  const spec: ExternalSpec = {
    kind: 'external',
    name: '',
    protocol,
    address: { kind: 'tcp', host: '127.0.0.1', port },
    style: 'host',
    forwardedProtoHeader: undefined,
    cfBlobHeader: 'cf-blob',
    injectRequestHeaders: [{ name: 'authorization', value: 'the token of the host' }],
    injectResponseHeaders: [{ name: 'x-internal', value: null }],
    certificateHost: undefined,
    tls: undefined,
    timeouts: { connectMs: 10_000, headersMs: 60_000, bodyMs: 60_000 },
    rpc: undefined,
  };
  return { spec };
}

const site: SiteSettings = {
  directory: join(parent, 'root'),
  htmlHandling: 'auto-trailing-slash',
  notFoundHandling: '404-page',
  immutable: [],
  precompressed: true,
  headers: [{ path: '/*', set: [{ name: 'x-path', value: ':splat' }], remove: ['etag'] }],
  redirects: [{ from: '/to/*', to: '/:splat', status: 302 }],
  ignore: ['.*'],
  stamp: '',
};

await runAttacks(t, 'services.js', {
  others: {
    outbound: { file: 'other.js' },
    disk: {
      spec: { kind: 'disk', name: '', path: join(parent, 'root'), writable: true, allowDotfiles: false },
    },
    site: { spec: { kind: 'assets', name: '', site } },
    backend: external(port, 'http'),
    gone: external(1, 'http'),
    tcp: external(1, 'tcp'),
  },
  bindings: ['DISK', 'SITE', 'BACKEND', 'GONE', 'TCP'].map((name) => serviceBinding(name)),
});

t.test('afterwards, everything outside is as it was', (t) => {
  t.strictSame(readdirSync(parent).sort(), ['outside', 'root']);
  t.strictSame(readdirSync(join(parent, 'outside')), ['secret.txt']);
  t.equal(readFileSync(join(parent, 'outside', 'secret.txt'), 'utf8'), 'secret of the host');
  t.equal(readFileSync(join(parent, 'root', '.env'), 'utf8'), 'secret of the host');
  const left = readdirSync(join(parent, 'root')).filter((name) => name.startsWith('.nanod-put-'));
  t.strictSame(left, [], 'nothing is left of what was broken off');
  t.end();
});
