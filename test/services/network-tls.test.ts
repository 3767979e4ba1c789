/** How a network service speaks TLS, with certificates made for the test. */

import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TlsOptions, TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import type { Lookup } from '../../src/services/network/connector.ts';
import type { ClientTls } from '../../src/shared/tls-options.ts';
import { makeAuthority, makeKeypair } from '../helpers/certificates.ts';
import { fetchError, fetchState, networkService, readText } from '../helpers/exchange.ts';

const authority = makeAuthority();
const pair = makeKeypair(authority, 'a.test');
const trusting = { trustBrowserCas: false, trustedCertificates: [authority.certificate] };
const lookup: Lookup = (_hostname, callback) => {
  setImmediate(() => callback(null, [{ address: '127.0.0.1', family: 4 }]));
};

/** Answers with the version that is spoken and the name of the client's certificate. */
async function tlsServer(t: Test, options: TlsOptions = {}): Promise<string> {
  const server = createServer(
    { key: pair.privateKey, cert: pair.certificate, ...options },
    (request, response) => {
      const socket = request.socket as TLSSocket;
      const { subject } = socket.getPeerCertificate();
      response.end(`${socket.getProtocol()} ${String(subject?.CN ?? 'nobody')}`);
    },
  );
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `https://a.test:${(server.address() as AddressInfo).port}/`;
}

function service(t: Test, tls: Partial<ClientTls>): ReturnType<typeof networkService> {
  return networkService(t, { allow: ['local'], tls, lookup });
}

t.test('an authority is trusted beside those of browsers, or alone', async (t) => {
  const url = await tlsServer(t);
  for (const trustBrowserCas of [true, false]) {
    const { body } = await fetchState(service(t, { ...trusting, trustBrowserCas }), url);
    t.equal(await readText(body), 'TLSv1.3 nobody');
  }
});

t.test('without authorities, nobody is trusted', async (t) => {
  const url = await tlsServer(t);
  for (const tls of [{}, { trustBrowserCas: false }])
    t.match(await fetchError(service(t, tls), url), { code: 'NETWORK_TLS', message: /is not trusted/u });
});

t.test('a client certificate is presented to a server that asks for it', async (t) => {
  const url = await tlsServer(t, { requestCert: true, rejectUnauthorized: true, ca: authority.certificate });
  const known = service(t, { ...trusting, keypair: makeKeypair(authority, 'client.test') });
  t.equal(await readText((await fetchState(known, url)).body), 'TLSv1.3 client.test');
  const error = await fetchError(service(t, trusting), url);
  t.match(error, { name: 'TypeError', code: /^NETWORK_(?:ANSWER|TLS)$/u });
  const stranger = service(t, { ...trusting, keypair: makeKeypair(makeAuthority(), 'client.test') });
  t.match(await fetchError(stranger, url), { code: /^NETWORK_(?:ANSWER|TLS)$/u });
});

t.test('the oldest version and the ciphers are as configured', async (t) => {
  const old = await tlsServer(t, { maxVersion: 'TLSv1.2' });
  t.equal(await readText((await fetchState(service(t, trusting), old)).body), 'TLSv1.2 nobody');
  t.match(await fetchError(service(t, { ...trusting, minVersion: 'TLSv1.3' }), old), { code: 'NETWORK_TLS' });
  const one = await tlsServer(t, { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' });
  const cipherList = 'ECDHE-ECDSA-AES256-GCM-SHA384';
  t.match(await fetchError(service(t, { ...trusting, cipherList }), one), { code: 'NETWORK_TLS' });
});
