/** Opens a connection to another nanod: TCP or a Unix socket, TLS, and the handshake of a WebSocket. Runs in a thread. */

import type { Duplex } from 'node:stream';
import { type ClientOptions, WebSocket } from 'ws';
import type { ExternalSpec, RpcClientSpec } from '../../messages/startup.ts';
import { makeConnections, type OpenConnection } from '../../services/external/connection.ts';
import { exchangeFailure } from '../../services/network/failures.ts';
import { defaultLimits, type NetworkLimits } from '../../services/network/limits.ts';
import { makeError, NanodError } from '../../shared/errors.ts';
import { linkProtocol, linkTimes } from './limits.ts';

/** As the HTTP client calls it; see src/services/network/web-socket-exchange.ts. */
type CreateConnection = (
  options: unknown,
  oncreate: (error: Error | null, socket: Duplex) => void,
) => undefined;

/** An open WebSocket, or an error of the table. */
export type Dialed = readonly [error: undefined, socket: WebSocket] | readonly [error: NanodError];

/** Opens one connection. The callback is called exactly once, later; what is returned gives up. */
export type Dial = (onDialed: (...dialed: Dialed) => void) => () => void;

export interface Peer extends Pick<
  ExternalSpec,
  'name' | 'protocol' | 'address' | 'certificateHost' | 'tls' | 'timeouts'
> {
  readonly rpc: RpcClientSpec;
}

/** To be made once for a server. */
export function makeDial(peer: Peer): Dial {
  const { name: server, address, protocol, timeouts, tls, certificateHost, rpc } = peer;
  const limits: NetworkLimits = {
    ...defaultLimits,
    connectTimeout: timeouts.connectMs,
    headersTimeout: timeouts.headersMs,
  };
  const applicationProtocols = protocol === 'https' ? ['http/1.1'] : [];
  const open = makeConnections({ server, address, tls, certificateHost, applicationProtocols, limits });
  const url = `${protocol === 'https' ? 'wss' : 'ws'}://${authorityOf(address)}${rpc.path}`;
  return (onDialed) => {
    const socket = new WebSocket(url, [linkProtocol], handshake(rpc, limits, open));
    let isOver = false;
    const settle = (...dialed: Dialed): void => {
      if (isOver) return;
      isOver = true;
      onDialed(...dialed);
    };
    socket.once('open', () => settle(undefined, socket));
    socket.once('unexpected-response', (request, response) => {
      settle(refusal(server, statusReason(response.statusCode ?? 0)));
      request.destroy();
    });
    socket.on('error', (error) => settle(failureOf(server, error, limits)));
    return () => {
      isOver = true;
      socket.terminate();
    };
  };
}

/** The package's types do not know one of its options. */
type HandshakeOptions = ClientOptions & { readonly closeTimeout: number };

function handshake(rpc: RpcClientSpec, limits: NetworkLimits, open: OpenConnection): HandshakeOptions {
  const createConnection: CreateConnection = (_options, oncreate) => {
    open((...[error, socket]) => oncreate(error, socket as Duplex));
  };
  return {
    perMessageDeflate: false,
    followRedirects: false,
    maxPayload: rpc.limits.messageBytes,
    closeTimeout: linkTimes.close,
    handshakeTimeout: limits.connectTimeout + limits.headersTimeout,
    headers: rpc.token === undefined ? {} : { authorization: `Bearer ${rpc.token}` },
    createConnection: createConnection as unknown as NonNullable<ClientOptions['createConnection']>,
  };
}

function authorityOf(address: ExternalSpec['address']): string {
  if (address.kind !== 'tcp') return 'localhost';
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}

function refusal(peer: string, reason: string): NanodError {
  return makeError('RPC_PEER_REFUSED', { peer, reason });
}

function statusReason(status: number): string {
  switch (status) {
    case 401:
      return 'it wants another token (401)';
    case 403:
      return 'it does not let this server call (403)';
    case 503:
      return 'it is stopping, or not ready (503)';
    default:
      return `it answers ${status}, and its socket has perhaps no \`rpc\``;
  }
}

/** The package's own words name no address. */
function failureOf(server: string, error: Error, limits: NetworkLimits): NanodError {
  if (error instanceof NanodError || 'code' in error) return exchangeFailure(server, error, limits);
  return refusal(server, `it does not speak the protocol ${linkProtocol} (${error.message})`);
}
