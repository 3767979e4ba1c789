/**
 * Which addresses the threads of each group listen on, and what a deployment changes about that. A port is shared by all threads of its group;
 * what cannot be shared (Unix sockets, inherited descriptors, ports on some systems) belongs to one thread, and goes to the one that takes
 * its place (docs/decisions/listening.md). Runs in the supervisor.
 */

import type { Socket } from '../config/types.ts';
import type { ListenFailure } from '../messages/control.ts';
import type { SocketSpec } from '../messages/startup.ts';
import type { Activation } from './activation.ts';
import type { ThreadHandle } from './group-pool.ts';
import type { Inheritance } from './inheritance.ts';
import { isSameAddress, isShared, type OpenSocket } from './open-socket.ts';
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

/** What addresses come from that nanod does not choose by itself. */
export interface AddressPowers {
  readonly activation: Activation;
  /** What a predecessor listens on, until this process has a plan of its own. */
  readonly inheritance?: Inheritance;
}

/**
 * The sockets that a plan listens on; the socket of a service that was stopped is closed. Addresses that are in use by nanod are kept, others
 * must be free: rejects with an AggregateError of SOCKET_IN_USE and SOCKET_UNUSABLE.
 */
export async function openSockets(
  { config, parked, sticky }: Pick<Plan, 'config' | 'parked' | 'sticky'>,
  current: readonly OpenSocket[],
  { activation, inheritance }: AddressPowers,
): Promise<OpenSocket[]> {
  const wanted = [...config.sockets.entries()].filter(
    ([, { service, routes }]) => routes !== undefined || parked?.get(service?.service ?? '') !== 'stopped',
  );
  const kept = wanted.map(([, socket]) => current.find((open) => isSameAddress(open, socket)));
  const inherited = wanted.map(([, socket], i) =>
    kept[i] === undefined ? inheritance?.find(socket) : undefined,
  );
  const missing = wanted.filter((_, i) => kept[i] === undefined && inherited[i] === undefined);
  const ports = current.flatMap(({ spec: { listen } }) => (listen.kind === 'tcp' ? [listen.port] : []));
  const claimed = await claimAddresses(
    missing.map(([index, socket]) => ({ index, socket })),
    { activation, ownPorts: new Set(ports) },
  );
  return wanted.map(([index, socket], i) => {
    const former = kept[i]?.spec;
    const listen = former?.listen ?? inherited[i]?.listen ?? claimed.get(index);
    if (listen === undefined) throw new Error('an address was not claimed');
    const spec = socketSpec(
      socket,
      listen,
      ticketKeysOf(kept[i], socket) ?? inherited[i]?.ticketKeys,
      sticky?.get(socket.name),
    );
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

  readonly #inheritance: Inheritance | undefined;

  constructor(warn: (text: string) => void, inheritance?: Inheritance) {
    this.#warn = warn;
    this.#inheritance = inheritance;
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

  /** Takes away what closed listeners leave behind in the file system; who listens there by now keeps it. */
  async clear(sockets: readonly OpenSocket[]): Promise<void> {
    const paths = sockets.flatMap(({ spec: { listen } }) => (listen.kind === 'path' ? [listen.path] : []));
    await Promise.all(paths.filter((path) => !path.startsWith('\0')).map(releasePath));
  }

  /**
   * Has threads of a group listen on a socket. Resolves with the socket as it is listened on: what cannot be shared between threads, the first
   * of them serves alone. Rejects with SOCKET_IN_USE or SOCKET_UNUSABLE.
   */
  async listenOn(open: OpenSocket, threads: readonly ThreadHandle[]): Promise<OpenSocket> {
    const { spec, socket, index } = open;
    const { listen } = spec;
    const [first, ...others] = threads;
    const adopted = this.#inheritance?.take(socket, isShared(listen) ? threads.length : 1) ?? [];
    let used = open;
    let failure = await listenOne(first, spec, adopted[0]);
    if (listen.kind === 'tcp' && (failure?.code === 'ENOTSUP' || failure?.code === 'EINVAL')) {
      this.#warn(`this platform cannot share a port between threads: one thread serves ${spec.name}`);
      used = { ...open, spec: { ...spec, listen: { ...listen, shared: false } } };
      failure = await listenOne(first, used.spec);
    } else if (failure === undefined && isShared(listen)) {
      const failures = await Promise.all(others.map((thread, i) => listenOne(thread, spec, adopted[i + 1])));
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
  adopted: readonly number[] = [],
): Promise<ListenFailure | undefined> {
  const [failure] = (await thread?.ask((control) => control.listen([spec], { [spec.id]: adopted }))) ?? [];
  return failure;
}
