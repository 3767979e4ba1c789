/**
 * Opens connections to the one address that a service stands for: a host and a port, or a Unix socket, encrypted where the configuration
 * says so. No filter is asked: whoever wrote the address meant it. Runs in a thread.
 */

import { connect as connectTcp, isIP, type Socket } from 'node:net';
import {
  checkServerIdentity,
  connect as connectTls,
  type ConnectionOptions,
  type SecureContext,
} from 'node:tls';
import type { NanodError } from '../../shared/errors.ts';
import type { ClientTls } from '../../shared/tls-options.ts';
import { connectFailure, connectTimeout, tlsFailure } from '../network/failures.ts';
import type { NetworkLimits } from '../network/limits.ts';
import { makeSecureContext } from '../network/secure-context.ts';

/** Where a server is. Paths are absolute; hosts are names or IP addresses without brackets. */
export type ExternalAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'unix-abstract'; readonly name: string };

export interface ConnectionOptionsOfServer {
  /** What errors call the server. They name no address: a worker need not know it. */
  readonly server: string;
  readonly address: ExternalAddress;
  /** Undefined where no TLS is spoken. */
  readonly tls: ClientTls | undefined;
  /** The host that the certificate has to be for; that of the address when absent. */
  readonly certificateHost: string | undefined;
  /** Offered in the TLS handshake; none where it is empty. */
  readonly applicationProtocols: readonly string[];
  readonly limits: NetworkLimits;
}

/** A connection that is ready for bytes, or an error of the table. */
export type Opened = readonly [error: null, socket: Socket] | readonly [error: NanodError, socket: null];

/**
 * Opens one connection. The callback is called exactly once, never before this returns; the socket is the caller's from then on. What
 * is returned gives up: a connection that comes late is closed, and nobody is called.
 */
export type OpenConnection = (onOpened: (...opened: Opened) => void) => () => void;

/** To be made once for a server: connections share certificates and TLS sessions. Throws for what is no PEM. */
export function makeConnections(options: ConnectionOptionsOfServer): OpenConnection {
  const encrypt = options.tls && makeEncryption(options, options.tls);
  return (onOpened) => new Attempt(options, encrypt, onOpened).start();
}

type Encrypt = (socket: Socket) => Socket;

class Attempt {
  readonly #options: ConnectionOptionsOfServer;
  readonly #encrypt: Encrypt | undefined;
  #onOpened: ((...opened: Opened) => void) | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #socket: Socket | undefined;

  constructor(
    options: ConnectionOptionsOfServer,
    encrypt: Encrypt | undefined,
    onOpened: (...opened: Opened) => void,
  ) {
    this.#options = options;
    this.#encrypt = encrypt;
    this.#onOpened = onOpened;
  }

  start(): () => void {
    const { server, address, limits } = this.#options;
    this.#deadline = setTimeout(() => this.#fail(connectTimeout(server, limits)), limits.connectTimeout);
    const socket = connectTo(address);
    this.#socket = socket;
    // For as long as the socket lives: until somebody else listens, nobody else does.
    socket.on('error', (error) => this.#fail(connectFailure(server, error, limits)));
    socket.once('connect', () => this.#connected(socket));
    return () => {
      this.#end();
      this.#socket?.destroy();
    };
  }

  #connected(socket: Socket): void {
    if (this.#encrypt === undefined) {
      this.#succeed(socket);
      return;
    }
    const secure = this.#encrypt(socket);
    this.#socket = secure;
    secure.on('error', (error) => this.#fail(tlsFailure(this.#options.server, error)));
    secure.once('secureConnect', () => this.#succeed(secure));
  }

  #succeed(socket: Socket): void {
    const onOpened = this.#end();
    if (onOpened === undefined) socket.destroy();
    else onOpened(null, socket);
  }

  #fail(error: NanodError): void {
    const onOpened = this.#end();
    if (onOpened === undefined) return;
    this.#socket?.destroy();
    onOpened(error, null);
  }

  #end(): ((...opened: Opened) => void) | undefined {
    const onOpened = this.#onOpened;
    this.#onOpened = undefined;
    clearTimeout(this.#deadline);
    return onOpened;
  }
}

function connectTo(address: ExternalAddress): Socket {
  switch (address.kind) {
    case 'tcp':
      return connectTcp({
        host: address.host,
        port: address.port,
        autoSelectFamily: true,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: 60_000,
      });
    case 'unix':
      return connectTcp({ path: address.path });
    case 'unix-abstract':
      return connectTcp({ path: `\0${address.name}` });
  }
}

function makeEncryption(
  { address, certificateHost, applicationProtocols }: ConnectionOptionsOfServer,
  tls: ClientTls,
): Encrypt {
  const name = certificateHost ?? (address.kind === 'tcp' ? address.host : 'localhost');
  const host = name.endsWith('.') ? name.slice(0, -1) : name;
  let secureContext: SecureContext | undefined;
  let session: Buffer | undefined;
  return (socket) => {
    const options: ConnectionOptions = {
      socket,
      secureContext: (secureContext ??= makeSecureContext(tls)),
      // An address is no server name (RFC 6066).
      servername: isIP(host) === 0 ? host : '',
      checkServerIdentity: (_servername, certificate) => checkServerIdentity(host, certificate),
    };
    if (applicationProtocols.length > 0) options.ALPNProtocols = [...applicationProtocols];
    if (session !== undefined) options.session = session;
    const secure = connectTls(options);
    secure.on('session', (fresh: Buffer) => (session = fresh));
    return secure;
  };
}
