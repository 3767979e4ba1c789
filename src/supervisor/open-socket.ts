/** A socket of a plan with the address that it has, and what makes two of them the same. Runs in the supervisor. */

import { formatAddress } from '../config/address.ts';
import type { Socket } from '../config/types.ts';
import type { ListenSpec, SocketSpec } from '../messages/startup.ts';

/** The sockets of a plan with the addresses that they have. */
export interface OpenSocket {
  readonly group: string;
  readonly spec: SocketSpec;
  /** Its index in the configuration, for errors. */
  readonly index: number;
  readonly socket: Socket;
}

/** What is needed of an open socket to tell whether it is another one's. */
interface AddressInUse {
  readonly socket: Pick<Socket, 'address'>;
  readonly spec: Pick<SocketSpec, 'name' | 'listen'>;
}

/** Port 0 stays the port that the system chose for the socket. */
export function isSameAddress(
  { socket, spec: { name, listen } }: AddressInUse,
  { name: wanted, address }: Socket,
): boolean {
  if (address.kind !== 'tcp' || listen.kind !== 'tcp')
    return formatAddress(socket.address) === formatAddress(address);
  if (listen.host !== address.host) return false;
  if (address.port !== 0) return listen.port === address.port;
  return socket.address.kind === 'tcp' && socket.address.port === 0 && name === wanted;
}

/** Whether threads that listen on `a` need nothing new to listen on `b`. */
export function isSameListener(a: OpenSocket, b: OpenSocket): boolean {
  return a.spec.id === b.spec.id;
}

/** Whether all threads of a group listen on it. */
export function isShared(listen: ListenSpec): boolean {
  return listen.kind === 'tcp' && listen.shared;
}
