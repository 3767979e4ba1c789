/**
 * Which addresses the threads of each group listen on, and what a deployment changes about that. A port is shared by all threads of its group;
 * what cannot be shared (Unix sockets, inherited descriptors, ports on some systems) belongs to one thread, and goes to the one that takes
 * its place (docs/decisions/listening.md). Runs in the supervisor.
 */

import { formatAddress } from '../config/address.ts';
import type { Socket } from '../config/types.ts';
import type { ListenFailure } from '../messages/control.ts';
import type { ListenSpec, SocketSpec } from '../messages/startup.ts';
import type { Activation } from './activation.ts';
import type { ThreadHandle } from './group-pool.ts';
import { claimAddresses, formatUrl, listenError } from './ports.ts';
import { socketSpec, type Plan } from './specs.ts';
import { releasePath } from './unix-sockets.ts';

/** An address that is being listened on. */
export interface Listening {
  readonly socket: string;
  readonly url: string;
  /** What answers where no route does. */
  readonly service: string | undefined;
  readonly routes: readonly { readonly pattern: string; readonly service: string }[];
}

/** The sockets of a plan with the addresses that they have. */
export interface OpenSocket {
  readonly group: string;
  readonly spec: SocketSpec;
  /** Its index in the configuration, for errors. */
  readonly index: number;
  readonly socket: Socket;
}

/**
 * The sockets that a plan listens on; the socket of a service that was stopped is closed. Addresses that are in use by nanod are kept, others
 * must be free: rejects with an AggregateError of SOCKET_IN_USE and SOCKET_UNUSABLE.
 */
export async function openSockets(
  { config, parked, sticky }: Pick<Plan, 'config' | 'parked' | 'sticky'>,
  current: readonly OpenSocket[],
  activation: Activation,
): Promise<OpenSocket[]> {
  const wanted = [...config.sockets.entries()].filter(
    ([, { service, routes }]) => routes !== undefined || parked?.get(service?.service ?? '') !== 'stopped',
  );
  const kept = wanted.map(([, socket]) => current.find((open) => isSameAddress(open, socket)));
  const missing = wanted.filter((_, i) => kept[i] === undefined);
  const ports = current.flatMap(({ spec: { listen } }) => (listen.kind === 'tcp' ? [listen.port] : []));
  const claimed = await claimAddresses(
    missing.map(([index, socket]) => ({ index, socket })),
    { activation, ownPorts: new Set(ports) },
  );
  return wanted.map(([index, socket], i) => {
    const former = kept[i]?.spec;
    const listen = former?.listen ?? claimed.get(index);
    if (listen === undefined) throw new Error('an address was not claimed');
    const spec = socketSpec(socket, listen, ticketKeysOf(kept[i], socket), sticky?.get(socket.name));
    if (former !== undefined && former.id !== spec.id && !isShared(listen)) {
      const message =
        'one thread has it, and cannot change its protocol, nor whether clients need certificates: stop nanod first';
      throw listenError(socket.address, index, { message });
    }
    return { group: socket.group, index, socket, spec };
  });
}

/** Sessions go on over a deployment, unless it changes whom the socket trusts: who has a ticket shows no certificate again. */
function ticketKeysOf(former: OpenSocket | undefined, { tls }: Socket): Uint8Array | undefined {
  const before = former?.socket.tls;
  if (before === undefined || tls === undefined) return undefined;
  const trust = ({ requireClientCerts, trustBrowserCas, trustedCertificates }: typeof tls) =>
    JSON.stringify([requireClientCerts, trustBrowserCas, trustedCertificates]);
  return trust(before) === trust(tls) ? former?.spec.tls?.ticketKeys : undefined;
}

/** Port 0 stays the port that the system chose for the socket. */
function isSameAddress(
  { socket, spec: { name, listen } }: OpenSocket,
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

export function listeningOn(sockets: readonly OpenSocket[]): Listening[] {
  return sockets.map(({ socket, spec }) => ({
    socket: spec.name,
    url: formatUrl(socket.protocol, socket.address, spec.listen),
    service: socket.service?.service,
    routes: (socket.routes ?? []).map(({ pattern, service }) => ({ pattern, service: service.service })),
  }));
}

/** Has threads listen, and remembers which of them have what cannot be shared. */
export class Listeners {
  /** Resolves, with what to say, when a descriptor is gone: nobody but the parent of this process has it any more. */
  readonly lost: Promise<string>;
  readonly #isLost: (text: string) => void;
  readonly #warn: (text: string) => void;
  /** By the id of the listener. */
  readonly #owners = new Map<string, ThreadHandle>();

  constructor(warn: (text: string) => void) {
    this.#warn = warn;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.lost = promise;
    this.#isLost = resolve;
  }

  /** Whether the thread has something that no other thread listens on. */
  isOwner(thread: ThreadHandle): boolean {
    return [...this.#owners.values()].includes(thread);
  }

  /** Forgets listeners that are closed. */
  forget(ids: readonly string[]): void {
    for (const id of ids) this.#owners.delete(id);
  }

  /**
   * Has threads of a group listen on a socket. Resolves with the socket as it is listened on: what cannot be shared between threads, the first
   * of them serves alone. Rejects with SOCKET_IN_USE or SOCKET_UNUSABLE.
   */
  async listenOn(open: OpenSocket, [first, ...others]: readonly ThreadHandle[]): Promise<OpenSocket> {
    const { spec, socket, index } = open;
    const { listen } = spec;
    let used = open;
    let failure = await listenOne(first, spec);
    if (listen.kind === 'tcp' && (failure?.code === 'ENOTSUP' || failure?.code === 'EINVAL')) {
      this.#warn(`this platform cannot share a port between threads: one thread serves ${spec.name}`);
      used = { ...open, spec: { ...spec, listen: { ...listen, shared: false } } };
      failure = await listenOne(first, used.spec);
    } else if (failure === undefined && isShared(listen)) {
      const failures = await Promise.all(others.map((thread) => listenOne(thread, spec)));
      failure = failures.find((each) => each !== undefined);
    }
    if (failure !== undefined) throw listenError(socket.address, index, failure);
    if (first !== undefined && !isShared(used.spec.listen)) this.#owners.set(spec.id, first);
    return used;
  }

  /** Has a thread listen on what the lost one listened on. Resolves with what failed; rejects when the new one is lost as well. */
  async listenAgain(
    thread: ThreadHandle,
    lost: ThreadHandle,
    sockets: readonly SocketSpec[],
  ): Promise<readonly ListenFailure[]> {
    const again: SocketSpec[] = [];
    for (const spec of sockets) {
      const { listen, id, name } = spec;
      if (isShared(listen)) again.push(spec);
      if (this.#owners.get(id) !== lost) continue;
      this.#owners.set(id, thread);
      // The number of a descriptor may be that of something else by now.
      if (listen.kind === 'fd')
        this.#isLost(`the descriptor of the socket ${name} is lost with the thread that had it`);
      else again.push(spec);
      if (listen.kind === 'path') await releasePath(listen.path);
    }
    return thread.ask((control) => control.listen(again));
  }
}

async function listenOne(
  thread: ThreadHandle | undefined,
  spec: SocketSpec,
): Promise<ListenFailure | undefined> {
  const [failure] = (await thread?.ask((control) => control.listen([spec]))) ?? [];
  return failure;
}
