/** Which addresses the threads of each group listen on, and what a deployment changes about that. */

import type { Config, Socket } from '../config/types.ts';
import type { SocketSpec } from '../messages/startup.ts';
import type { ThreadHandle } from './group-pool.ts';
import { claimPorts, formatUrl, listenError } from './ports.ts';
import { designatorSpec, type ParkedReason } from './specs.ts';

/** An address that is being listened on. */
export interface Listening {
  readonly socket: string;
  readonly url: string;
  readonly service: string;
}

/** The sockets of a plan with the ports that they have. */
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
  config: Config,
  parked: ReadonlyMap<string, ParkedReason> | undefined,
  current: readonly OpenSocket[],
): Promise<OpenSocket[]> {
  const wanted = [...config.sockets.entries()].filter(
    ([, { service }]) => parked?.get(service.service) !== 'stopped',
  );
  const kept = wanted.map(([, socket]) => current.find((open) => isSameAddress(open, socket)));
  const missing = wanted.filter((_, i) => kept[i] === undefined);
  const ports = await claimPorts(missing.map(([index, socket]) => ({ index, socket })));
  return wanted.map(([index, socket], i) => {
    const former = kept[i]?.spec;
    const port = former?.port ?? ports.get(index) ?? socket.address.port;
    const { name, address, service, group } = socket;
    const shared = former?.shared ?? true;
    return {
      group,
      index,
      socket,
      spec: { name, host: address.host, port, shared, target: designatorSpec(service) },
    };
  });
}

/** Port 0 stays the port that the system chose for the socket. */
function isSameAddress({ socket, spec }: OpenSocket, { name, address }: Socket): boolean {
  if (spec.host !== address.host) return false;
  return address.port === 0 ? socket.address.port === 0 && spec.name === name : spec.port === address.port;
}

/** Whether threads that listen on `a` need nothing new to listen on `b`. */
export function isSameListener(a: OpenSocket, b: OpenSocket): boolean {
  return (
    a.group === b.group &&
    a.spec.name === b.spec.name &&
    a.spec.host === b.spec.host &&
    a.spec.port === b.spec.port
  );
}

export function listeningOn(sockets: readonly OpenSocket[]): Listening[] {
  return sockets.map(({ spec }) => ({
    socket: spec.name,
    url: formatUrl(spec.host, spec.port),
    service: spec.target.service,
  }));
}

/**
 * Has threads of a group listen on a socket. Resolves with the socket as it is listened on: where the platform cannot share a port between
 * threads, the first of them serves it alone. Rejects with SOCKET_IN_USE or SOCKET_UNUSABLE.
 */
export async function listenOn(
  open: OpenSocket,
  [first, ...others]: readonly ThreadHandle[],
  warn: (text: string) => void,
): Promise<OpenSocket> {
  const { spec, socket, index } = open;
  let used = open;
  let [failure] = (await first?.ask((control) => control.listen([spec]))) ?? [];
  if (failure?.code === 'ENOTSUP' || failure?.code === 'EINVAL') {
    warn(`this platform cannot share a port between threads: one thread serves ${spec.name}`);
    used = { ...open, spec: { ...spec, shared: false } };
    [failure] = (await first?.ask((control) => control.listen([used.spec]))) ?? [];
  } else if (failure === undefined) {
    [failure] = (await Promise.all(others.map(({ ask }) => ask((control) => control.listen([spec]))))).flat();
  }
  if (failure !== undefined) throw listenError(socket.address, index, failure);
  return used;
}
