/**
 * The addresses of a process that another one takes the place of. Both have the same listening sockets, not two of the same address: a
 * connection that waits in a queue when the predecessor closes its end is accepted by the successor (docs/decisions/update.md). Runs in the supervisor.
 */

import { formatAddress } from '../config/address.ts';
import type { Socket, SocketAddress } from '../config/types.ts';
import type { ListenSpec } from '../messages/startup.ts';
import { makeError } from '../shared/errors.ts';
import type { ThreadHandle } from './group-pool.ts';
import { isSameAddress, type OpenSocket } from './open-socket.ts';

/** A socket that is handed over. Plain JSON. */
export interface HandedSocket {
  readonly name: string;
  readonly address: SocketAddress;
  readonly listen: ListenSpec;
  /** In base64: sessions of TLS go on. */
  readonly ticketKeys?: string;
  /** As the process that hands them over knows them, or as the other one finds them. */
  readonly fds: readonly number[];
}

/** What a process was handed. */
export interface Inherited {
  readonly listen: ListenSpec;
  readonly ticketKeys: Uint8Array | undefined;
}

/** What the threads listen on. Rejects with an Error for a socket that nobody else can be given. */
export async function handedOver(
  sockets: readonly OpenSocket[],
  threadsOf: (group: string) => readonly ThreadHandle[],
): Promise<HandedSocket[]> {
  const handed = sockets.map(async ({ spec, socket, group }): Promise<HandedSocket> => {
    const threads = threadsOf(group);
    const all = await Promise.all(threads.map(({ ask }) => ask((control) => control.descriptors())));
    const { name, listen, tls } = spec;
    const fds = all.flatMap((descriptors) => descriptors[spec.id] ?? []);
    if (fds.length === 0 && listen.kind !== 'tcp')
      throw new Error(`${formatAddress(socket.address)} cannot be handed over`);
    const ticketKeys = tls && Buffer.from(tls.ticketKeys).toString('base64');
    return {
      name,
      address: socket.address,
      listen,
      fds,
      ...(ticketKeys === undefined ? {} : { ticketKeys }),
    };
  });
  return Promise.all(handed);
}

/** What a process was handed, until it is used. */
export class Inheritance {
  readonly #sockets: Set<HandedSocket>;
  readonly #count: number;

  constructor(sockets: readonly HandedSocket[]) {
    this.#sockets = new Set(sockets);
    this.#count = sockets.length;
  }

  /** What a socket of a plan listens on, if it was handed over: its address is in use, and by whom is known. */
  find(socket: Socket): Inherited | undefined {
    const handed = this.#of(socket);
    if (handed === undefined) return undefined;
    const { listen, ticketKeys } = handed;
    return { listen, ticketKeys: ticketKeys === undefined ? undefined : Buffer.from(ticketKeys, 'base64') };
  }

  /** The descriptors of a socket, spread over threads: each is listened on by one of them. Another call finds nothing. */
  take(socket: Socket, threads: number): number[][] {
    const handed = this.#of(socket);
    if (handed === undefined) return [];
    this.#sockets.delete(handed);
    if (handed.listen.kind === 'fd') return []; // they are what the socket listens on in any case
    return Array.from({ length: threads }, (_, thread) =>
      handed.fds.filter((_, index) => index % threads === thread),
    );
  }

  /** Throws UPDATE_FAILED for what nothing listens on in this process, which listens on so many sockets: connections would wait there for nobody. */
  requireEmpty(listening: number): void {
    const left = [...this.#sockets].filter(({ fds }) => fds.length > 0);
    if (listening < this.#count)
      throw makeError('UPDATE_FAILED', { reason: 'the successor cannot serve everything' });
    if (left.length === 0) return;
    const reason = `the successor listens no more on ${left.map(({ address }) => formatAddress(address)).join(', ')}`;
    throw makeError('UPDATE_FAILED', { reason });
  }

  #of(socket: Socket): HandedSocket | undefined {
    return [...this.#sockets].find(({ name, address, listen }) =>
      isSameAddress({ socket: { address }, spec: { name, listen } }, socket),
    );
  }
}
