/**
 * The `external` kind: one server, which all requests go to, whatever their URL says: over HTTP or HTTPS, by host and port or through a
 * Unix socket. One that speaks TCP takes no requests; it can be connected to. Runs in a thread; its connections are shared by all realms
 * of the thread.
 */

import { type buildConnector, type Dispatcher, Pool } from 'undici';
import type { CallState, RequestState } from '../realm/prelude/state.ts';
import { makeError } from '../shared/errors.ts';
import { type ClientTls, defaultClientTls } from '../shared/tls-options.ts';
import { type ExternalAddress, makeConnections, type OpenConnection } from './external/connection.ts';
import { type InjectedHeader, makeExternalRoute } from './external/route.ts';
import { HealthRecord, type ServiceHealth } from './health.ts';
import { makeExchanges } from './network/exchanges.ts';
import { defaultLimits, type NetworkLimits } from './network/limits.ts';
import { makePooledClient } from './network/pooled-client.ts';
import type { Route } from './network/route.ts';

/** See src/config/types.ts. */
export interface ExternalOptions {
  readonly name: string;
  readonly protocol: 'http' | 'https' | 'tcp';
  readonly address: ExternalAddress;
  readonly style?: 'host' | 'proxy';
  readonly forwardedProtoHeader?: string | undefined;
  readonly cfBlobHeader?: string | undefined;
  readonly injectRequestHeaders?: readonly InjectedHeader[];
  readonly injectResponseHeaders?: readonly InjectedHeader[];
  readonly certificateHost?: string | undefined;
  /** Undefined where no TLS is spoken. */
  readonly tls?: ClientTls | undefined;
  readonly limits?: Partial<NetworkLimits>;
}

export interface ExternalService {
  readonly kind: 'external';
  /** Sends a request and settles the call. Throws nothing but near stack overflow; takes over the request's body. */
  fetch(request: RequestState, call: CallState): void;
  health(): ServiceHealth;
  /** Ends every exchange under way. */
  close(): Promise<void>;
}

export function makeExternalService(options: ExternalOptions): ExternalService {
  const limits = Object.freeze({ ...defaultLimits, ...options.limits });
  const health = new HealthRecord();
  const { name: server, protocol, address, tls, certificateHost } = options;
  const applicationProtocols = protocol === 'https' ? ['http/1.1'] : [];
  const connection = { server, address, tls, certificateHost, applicationProtocols, limits };
  const isTcp = protocol === 'tcp';
  const connect = connectorOf(makeConnections(connection), isTcp ? health : undefined);
  const origin = originOf(options);
  const dispatcher = makePool(origin, connect, limits);
  const route = isTcp ? noRoute(server) : routeOf(options, origin);
  const exchanges = makeExchanges({
    connect,
    connects: isTcp ? 'here' : 'nowhere',
    dispatcher,
    limits,
    route,
    health,
    tls: tls ?? defaultClientTls,
  });
  return { kind: 'external', ...exchanges };
}

function routeOf(options: ExternalOptions, origin: string): Route {
  return makeExternalRoute({
    server: options.name,
    origin,
    style: options.style ?? 'host',
    forwardedProtoHeader: options.forwardedProtoHeader,
    cfBlobHeader: options.cfBlobHeader,
    injectRequestHeaders: options.injectRequestHeaders ?? [],
    injectResponseHeaders: options.injectResponseHeaders ?? [],
  });
}

/** Of a server that takes no requests. */
function noRoute(server: string): Route {
  const reason = 'the service speaks TCP, not HTTP: use connect()';
  const error = makeError('NETWORK_REQUEST', { server, reason });
  return { depart: () => ({ server, url: undefined, error }), arrive: (headers) => headers };
}

/**
 * What it is called with is of no interest: there is one server. `health` is told of connections where they are all that there is; of
 * requests, the exchanges tell it.
 */
function connectorOf(open: OpenConnection, health: HealthRecord | undefined): buildConnector.connector {
  return (_target, callback) => {
    const sent = health?.now() ?? 0;
    open((...opened) => {
      if (opened[0] === null) health?.answered(sent);
      else health?.failed(opened[0]);
      callback(...opened);
    });
  };
}

function originOf({ protocol, address }: ExternalOptions): string {
  const scheme = protocol === 'https' ? 'https' : 'http';
  if (address.kind !== 'tcp') return `${scheme}://localhost`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${scheme}://${host}:${address.port}`;
}

function makePool(origin: string, connect: buildConnector.connector, limits: NetworkLimits): Dispatcher {
  return new Pool(origin, {
    factory: (to, one) => makePooledClient(to, { ...one, connect }),
    allowH2: false,
    connections: limits.connectionsPerOrigin,
    headersTimeout: limits.headersTimeout,
    bodyTimeout: limits.bodyTimeout,
    maxHeaderSize: limits.headerBytes,
  });
}
