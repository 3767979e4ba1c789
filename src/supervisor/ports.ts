/**
 * Makes sure of an address before threads share it: two processes of one user can share a `reusePort` port without noticing, so the
 * supervisor first binds it alone.
 */

import { lookup } from 'node:dns/promises';
import { connect, createServer, isIP, type Server } from 'node:net';
import { formatAddress } from '../config/address.ts';
import type { Socket, SocketAddress, SocketProtocol } from '../config/types.ts';
import type { ListenSpec } from '../messages/startup.ts';
import { assertNever } from '../shared/assert.ts';
import { makeError } from '../shared/errors.ts';
import { activatedDescriptors, requireSocket, type Activation } from './activation.ts';
import { claimPath } from './unix-sockets.ts';

/** Where a socket listens, as a client writes it; `*` is shown as localhost. */
export function formatUrl(protocol: SocketProtocol, address: SocketAddress, listen: ListenSpec): string {
  if (listen.kind !== 'tcp') return formatAddress(address);
  const { host, port } = listen;
  const shown = host === '*' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${protocol}://${shown}:${port}${protocol === 'tcp' ? '' : '/'}`;
}

/** A socket, and its index in the configuration. */
export interface ClaimedSocket {
  readonly index: number;
  readonly socket: Socket;
}

export interface ClaimPowers {
  readonly activation: Activation;
  /** Ports that nanod listens on at some host: they cannot be tried, and other hosts can be listened on beside them. */
  readonly ownPorts: ReadonlySet<number>;
}

/**
 * What to listen on by index: the address of the configuration, for port 0 one that is free, and for descriptors all of a name. Rejects
 * with an AggregateError of SOCKET_IN_USE and SOCKET_UNUSABLE.
 */
export async function claimAddresses(
  sockets: readonly ClaimedSocket[],
  powers: ClaimPowers,
): Promise<Map<number, ListenSpec>> {
  const probes: Server[] = [];
  const claims = sockets.map(async ({ index, socket: { address } }): Promise<[number, ListenSpec]> => {
    try {
      return [index, await claimAddress(address, probes, powers)];
    } catch (error) {
      throw listenError(address, index, error as NodeJS.ErrnoException);
    }
  });
  const outcomes = await Promise.allSettled(claims);
  // All at once in the end, so that no two of them are given the same free port.
  await Promise.all(probes.map((probe) => new Promise((resolve) => probe.close(resolve))));
  const errors = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as Error] : [],
  );
  if (errors.length > 0) throw new AggregateError(errors);
  return new Map(await Promise.all(claims));
}

async function claimAddress(
  address: SocketAddress,
  probes: Server[],
  { activation, ownPorts }: ClaimPowers,
): Promise<ListenSpec> {
  switch (address.kind) {
    case 'tcp': {
      const { kind, host } = address;
      const port = address.port === 0 ? await findFreePort(host, probes) : address.port;
      if (address.port !== 0 && !ownPorts.has(port)) await tryToBind(host, port);
      return { kind, host, port, shared: true };
    }
    case 'unix':
      await claimPath(address.path);
      return { kind: 'path', path: address.path };
    case 'unix-abstract':
      return { kind: 'path', path: `\0${address.name}` };
    case 'fd':
      return { kind: 'fd', fds: [requireSocket(address.fd)] };
    case 'systemd':
      return { kind: 'fd', fds: activatedDescriptors(address.name, activation) };
    default:
      return assertNever(address);
  }
}

/** Nobody knows a port that was not free before, so this may listen on it. */
function findFreePort(host: string, probes: Server[]): Promise<number> {
  const probe = createServer();
  probes.push(probe);
  return new Promise((resolve, reject) => {
    probe.once('error', reject);
    probe.listen({ port: 0, ...(host === '*' ? {} : { host }) }, () => {
      const bound = probe.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : 0);
    });
  });
}

/**
 * Rejects with the system's error where nobody could listen on the address. It does not listen itself: a client that is waiting for nanod
 * to start would be accepted, and then cut off.
 */
async function tryToBind(host: string, port: number): Promise<void> {
  if (host === '*') {
    // A system without IPv6 has only one of them.
    for (const each of ['0.0.0.0', '::']) {
      await bindOnce(each, port).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRINUSE' || error.code === 'EACCES') throw error;
      });
    }
    return;
  }
  const { address } = isIP(host) > 0 ? { address: host } : await lookup(host);
  await bindOnce(address, port);
}

/** Binds the near end of a connection to the address, and gives up the connection: the one way to bind a port without listening. */
function bindOnce(localAddress: string, localPort: number): Promise<void> {
  const host = isIP(localAddress) === 6 ? '::1' : '127.0.0.1';
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: nobodysPort, localAddress, localPort });
    socket.once('connect', () => {
      socket.resetAndDestroy(); // leaves nothing behind that would keep the address
      resolve();
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.syscall === 'bind') reject(error);
      else resolve();
    });
  });
}

/** tcpmux: whether somebody listens there makes no difference. */
const nobodysPort = 1;

/** What the system said when an address could not be listened on. */
export interface ListenProblem {
  readonly code?: string | undefined;
  readonly message: string;
}

/** The error of a socket that cannot be listened on; `index` as above. */
export function listenError(written: SocketAddress, index: number, { code, message }: ListenProblem): Error {
  const address = formatAddress(written);
  const place = { path: `sockets[${index}].address` };
  return code === 'EADDRINUSE'
    ? makeError('SOCKET_IN_USE', { address }, place)
    : makeError('SOCKET_UNUSABLE', { address, reason: message }, place);
}
