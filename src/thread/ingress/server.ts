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
import { isDeepStrictEqual } from 'node:util';
import type { Keypair } from '../../shared/tls-options.ts';
import type { IngressLimits, ListenSpec, TlsSpec } from '../../messages/startup.ts';
import { http, https, tls as nodeTls } from '../../shared/node-http.ts';
import { isHandshake } from './upgrades.ts';

// Every thread needs it, so it is there before the thread is hardened.
const { createServer: createHttpServer } = http();

/** A server of HTTP, which speaks TLS where the socket has certificates. */
export function makeHttpServer(tls: ServerTls | undefined, limits: IngressLimits): HttpServer | HttpsServer {
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
  return https().createServer({ ...options, ...tls.options(limits) });
}

/** A server of connections, which are encrypted where the socket has certificates. */
export function makeTcpServer(
  tls: ServerTls | undefined,
  limits: IngressLimits,
  accept: (socket: Socket) => void,
): NetServer {
  const options = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };
  if (tls === undefined) return createNetServer(options, accept);
  const server = nodeTls().createServer({ ...options, ...tls.options(limits) }, accept);
  // Whoever does not complete the handshake is gone already.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}

/** How the servers of a socket speak TLS. Everything of it can change while they listen, but whether clients must have certificates. */
export class ServerTls {
  readonly #sessionIdContext: string;
  #tls: TlsSpec;
  #names: ReadonlyMap<string, SecureContext>;

  /** `name`: of the socket. */
  constructor(name: string, tls: TlsSpec) {
    // The default is made of the command line, which threads do not have.
    this.#sessionIdContext = name.slice(0, 32);
    this.#tls = tls;
    this.#names = contextsByName(tls);
  }

  /** Of `node:tls`, for a server. */
  options({ headersTimeout }: IngressLimits): TlsOptions {
    const { keypair, requireClientCerts } = this.#tls;
    return {
      ...contextOptions(this.#tls, keypair),
      requestCert: requireClientCerts,
      rejectUnauthorized: requireClientCerts,
      SNICallback: (asked, answer) => answer(null, this.#contextFor(asked)),
      handshakeTimeout: headersTimeout,
      sessionIdContext: this.#sessionIdContext,
    };
  }

  /** Connections from now on are spoken to like this. */
  change(tls: TlsSpec, servers: readonly NetServer[]): void {
    if (isDeepStrictEqual(tls, this.#tls)) return;
    this.#tls = tls;
    this.#names = contextsByName(tls);
    const options = { ...contextOptions(tls, tls.keypair), sessionIdContext: this.#sessionIdContext };
    const { Server: TlsServer } = nodeTls();
    for (const server of servers) if (server instanceof TlsServer) server.setSecureContext(options);
  }

  /** Chosen by the name that a client asks for; where there is none, Node.js takes the keypair of the server. */
  #contextFor(asked: string): SecureContext | undefined {
    const name = asked.toLowerCase().replace(/\.$/u, '');
    return this.#names.get(name) ?? this.#names.get(`*${name.slice(name.indexOf('.'))}`);
  }
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

function contextsByName(tls: TlsSpec): ReadonlyMap<string, SecureContext> {
  const contexts = new Map<string, SecureContext>();
  for (const { hosts, keypair } of tls.sni) {
    const context = nodeTls().createSecureContext(contextOptions(tls, keypair));
    for (const host of hosts) contexts.set(host, context);
  }
  return contexts;
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
