/** The servers of Node.js behind sockets: HTTP, the same over TLS, and plain connections. Runs in a thread. */

import type { Server as HttpServer, ServerOptions } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import {
  createServer as createNetServer,
  type ListenOptions,
  type Server as NetServer,
  type Socket,
} from 'node:net';
import type { SecureContext, TlsOptions } from 'node:tls';
import type { Keypair } from '../../shared/tls-options.ts';
import type { IngressLimits, ListenSpec, SocketSpec, TlsSpec } from '../../messages/startup.ts';
import { http, https, tls as nodeTls } from '../../shared/node-http.ts';
import { isHandshake } from './upgrades.ts';

// Every thread needs it, so it is there before the thread is hardened.
const { createServer: createHttpServer } = http();

/** A server of HTTP, which speaks TLS where the socket has certificates. */
export function makeHttpServer({ name, tls }: SocketSpec, limits: IngressLimits): HttpServer | HttpsServer {
  const options: ServerOptions = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTimeout,
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.keepAliveTimeout,
    connectionsCheckingInterval: limits.checkInterval,
    highWaterMark: 64 * 1024,
    // Node.js before 24.9 knows no such option, and gives every request for an upgrade to the listener.
    shouldUpgradeCallback: isHandshake,
  };
  if (tls === undefined) return createHttpServer(options);
  return https().createServer({ ...options, ...tlsOptions(name, tls, limits) });
}

/** A server of connections, which are encrypted where the socket has certificates. */
export function makeTcpServer(
  { name, tls }: SocketSpec,
  limits: IngressLimits,
  accept: (socket: Socket) => void,
): NetServer {
  const options = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };
  if (tls === undefined) return createNetServer(options, accept);
  const server = nodeTls().createServer({ ...options, ...tlsOptions(name, tls, limits) }, accept);
  // Whoever does not complete the handshake is gone already.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}

/** Of `node:tls`, for a server. */
function tlsOptions(name: string, tls: TlsSpec, limits: IngressLimits): TlsOptions {
  return {
    ...contextOptions(tls, tls.keypair),
    requestCert: tls.requireClientCerts,
    rejectUnauthorized: tls.requireClientCerts,
    SNICallback: nameCallback(tls),
    handshakeTimeout: limits.headersTimeout,
    // The default is made of the command line, which threads do not have.
    sessionIdContext: name.slice(0, 32),
  };
}

function contextOptions(tls: TlsSpec, { certificate, privateKey }: Keypair) {
  const { minVersion, cipherList, trustedCertificates, trustBrowserCas } = tls;
  return {
    cert: certificate,
    key: privateKey,
    minVersion,
    // Nobody but those is trusted: not even where there are none.
    ca: [...trustedCertificates, ...(trustBrowserCas ? nodeTls().rootCertificates : [])],
    ticketKeys: Buffer.from(tls.ticketKeys),
    ...(cipherList === undefined ? {} : { ciphers: cipherList }),
  };
}

/** Chooses by the name that a client asks for; where there is none, Node.js takes the keypair of the server. */
function nameCallback(tls: TlsSpec): NonNullable<TlsOptions['SNICallback']> {
  const contexts = new Map<string, SecureContext>();
  for (const { hosts, keypair } of tls.sni) {
    const context = nodeTls().createSecureContext(contextOptions(tls, keypair));
    for (const host of hosts) contexts.set(host, context);
  }
  return (asked, answer) => {
    const name = asked.toLowerCase().replace(/\.$/u, '');
    answer(null, contexts.get(name) ?? contexts.get(`*${name.slice(name.indexOf('.'))}`));
  };
}

/** Of `server.listen`, for each server that it takes. */
export function listenOptions(listen: ListenSpec): ListenOptions[] {
  switch (listen.kind) {
    case 'tcp': {
      const { host, port, shared } = listen;
      return [{ port, reusePort: shared, ...(host === '*' ? {} : { host }) }];
    }
    case 'path':
      return [{ path: listen.path }];
    case 'fd':
      return listen.fds.map((fd) => ({ fd }) as ListenOptions);
  }
}
