/**
 * Opens the connections of a network service, to permitted addresses only: every address of a name's answer is checked before one
 * of them is connected to, and the address that was connected to is checked again before a byte is sent. The name is looked up
 * once, so there is nothing to rebind in between. Runs in a thread.
 */

import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { buildConnector } from 'undici';
import { makeError, type NanodError } from '../../shared/errors.ts';
import type { AddressFilter } from '../../shared/addresses/address-filter.ts';
import type { ClientTls } from '../../shared/tls-options.ts';
import { connectFailure, connectTimeout, tlsFailure } from './failures.ts';
import type { NetworkLimits } from './limits.ts';
import { makeSecureContext } from './secure-context.ts';

/** Finds all addresses of a name. */
export type Lookup = (
  hostname: string,
  callback: (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void,
) => void;

export interface ConnectorOptions {
  readonly filter: AddressFilter;
  readonly lookup: Lookup;
  readonly limits: NetworkLimits;
  readonly tls: ClientTls;
  readonly onRefused: (error: NanodError) => void;
}

/** By the operating system's resolver. */
export const systemLookup: Lookup = (hostname, callback) => {
  dnsLookup(hostname, { all: true, order: 'verbatim' }, callback);
};

type Callback = (...outcome: [null, Socket] | [Error, null]) => void;

/** For the `connect` option of undici. Its errors are of the table. */
export function makeConnector(options: ConnectorOptions): buildConnector.connector {
  let secure: buildConnector.connector | undefined;
  const secureOnce: buildConnector.connector = (target, callback) => {
    // The deadline of an attempt covers the handshake as well.
    secure ??= buildConnector({ allowH2: false, timeout: 0, secureContext: makeSecureContext(options.tls) });
    secure(target, callback);
  };
  return (target, callback) => new Attempt(options, secureOnce, target, callback).start();
}

class Attempt {
  readonly #options: ConnectorOptions;
  readonly #secure: buildConnector.connector;
  readonly #target: buildConnector.Options;
  readonly #server: string;
  readonly #deadline: NodeJS.Timeout;
  #callback: Callback | undefined;
  #socket: Socket | undefined;

  constructor(
    options: ConnectorOptions,
    secure: buildConnector.connector,
    target: buildConnector.Options,
    callback: Callback,
  ) {
    this.#options = options;
    this.#secure = secure;
    this.#target = target;
    this.#server = target.host ?? target.hostname;
    this.#callback = callback;
    this.#deadline = setTimeout(() => {
      this.#fail(connectTimeout(this.#server, options.limits));
    }, options.limits.connectTimeout);
  }

  start(): void {
    const { hostname } = this.#target;
    const known = knownAddresses(hostname);
    // Not at once: the client is not ready for an answer while it is asking.
    if (known !== undefined) setImmediate(() => this.#check(known));
    else this.#options.lookup(hostname, (error, addresses) => this.#found(error, addresses));
  }

  #found(error: Error | null, addresses: readonly LookupAddress[]): void {
    if (error !== null) this.#fail(connectFailure(this.#server, error, this.#options.limits));
    else this.#check(addresses);
  }

  #check(addresses: readonly LookupAddress[]): void {
    if (this.#callback === undefined) return;
    for (const { address } of addresses) {
      const what = this.#options.filter.refusal(address);
      if (what === undefined) continue;
      const how =
        address === this.#target.hostname
          ? 'it is'
          : addresses.length === 1
            ? 'it has'
            : 'one of its addresses is';
      this.#refuse(`${how} ${what}`);
      return;
    }
    if (addresses.length > 0) this.#connect(addresses);
    else
      this.#fail(
        makeError('NETWORK_UNREACHABLE', { server: this.#server, reason: 'its name has no address' }),
      );
  }

  #connect(addresses: readonly LookupAddress[]): void {
    const { hostname, protocol, port } = this.#target;
    const socket = connectTcp({
      host: hostname,
      port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
      lookup: answering(addresses),
      autoSelectFamily: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
    });
    this.#socket = socket;
    socket.on('error', (error) => this.#fail(connectFailure(this.#server, error, this.#options.limits)));
    socket.once('connect', () => this.#connected(socket));
  }

  #connected(socket: Socket): void {
    const { remoteAddress } = socket;
    const reset = Object.assign(new Error('the peer is gone'), { code: 'ECONNRESET' });
    if (remoteAddress === undefined) {
      this.#fail(connectFailure(this.#server, reset, this.#options.limits));
      return;
    }
    const what = this.#options.filter.refusal(remoteAddress);
    if (what !== undefined) this.#refuse(`the connection led to ${what}`);
    else if (this.#target.protocol === 'https:') this.#encrypt(socket);
    else this.#succeed(socket);
  }

  #encrypt(socket: Socket): void {
    const servername = serverName(this.#target.hostname);
    // undici takes '' for an address: no name is sent then, and the certificate is checked against the address.
    const target = { ...this.#target, servername, httpSocket: socket };
    this.#secure(target, (...[error, tlsSocket]) => {
      if (error !== null) this.#fail(tlsFailure(this.#server, error));
      else this.#succeed(tlsSocket);
    });
  }

  #refuse(reason: string): void {
    const error = makeError('NETWORK_REFUSED', { server: this.#server, reason });
    this.#options.onRefused(error);
    this.#fail(error);
  }

  #succeed(socket: Socket): void {
    const callback = this.#end();
    if (callback === undefined) socket.destroy();
    else callback(null, socket);
  }

  #fail(error: NanodError): void {
    const callback = this.#end();
    if (callback === undefined) return;
    this.#socket?.destroy();
    callback(error, null);
  }

  #end(): Callback | undefined {
    const callback = this.#callback;
    this.#callback = undefined;
    clearTimeout(this.#deadline);
    return callback;
  }
}

/** Addresses that need no lookup: of an address, and of the names that mean this machine whatever a resolver says (RFC 6761). */
function knownAddresses(hostname: string): readonly LookupAddress[] | undefined {
  const family = isIP(hostname);
  if (family !== 0) return [{ address: hostname, family }];
  if (!/(?:^|\.)localhost\.?$/iu.test(hostname)) return undefined;
  return [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ];
}

/** A resolver for `node:net` that knows one answer. */
function answering(addresses: readonly LookupAddress[]): LookupFunction {
  return (_hostname, _options, callback) => callback(null, [...addresses]);
}

/** The name that a certificate is checked against: no address (RFC 6066), no trailing dot. */
function serverName(hostname: string): string {
  if (isIP(hostname) !== 0) return '';
  return hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
}
