/**
 * Descriptors that nanod inherits: by number, or by the name under which a service manager hands them over
 * (https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html). Runs in the supervisor.
 */

import { fstatSync } from 'node:fs';

/** What tells of inherited descriptors. */
export interface Activation {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of this process. */
  readonly pid: number;
}

const firstDescriptor = 3;

/** All descriptors that a service manager has given to this process, whatever their names. */
export function inheritedDescriptors({ environment, pid }: Activation): number[] {
  const { LISTEN_FDS, LISTEN_PID } = environment;
  const isMeant = LISTEN_PID === undefined || LISTEN_PID === String(pid);
  const count = isMeant && /^\d{1,4}$/u.test(LISTEN_FDS ?? '') ? Number(LISTEN_FDS) : 0;
  return Array.from({ length: count }, (_, index) => firstDescriptor + index);
}
const mostDescriptors = 10_000;

/** The descriptors of a name. Throws an Error that says why there are none. */
export function activatedDescriptors(name: string, { environment, pid }: Activation): number[] {
  const { LISTEN_FDS, LISTEN_FDNAMES, LISTEN_PID } = environment;
  const count = /^\d{1,5}$/u.test(LISTEN_FDS ?? '') ? Number(LISTEN_FDS) : 0;
  if (count === 0 || count > mostDescriptors)
    throw new Error('nanod was given no descriptors: LISTEN_FDS is not set');
  // The launcher, where it stands in front, passes them on without the id, which was its own.
  if (LISTEN_PID !== undefined && LISTEN_PID !== String(pid))
    throw new Error('the descriptors are meant for another process: LISTEN_PID is not its id');
  const names = LISTEN_FDNAMES?.split(':') ?? [];
  const all = Array.from({ length: count }, (_, index) => ({
    fd: firstDescriptor + index,
    name: names[index] ?? 'unknown',
  }));
  const found = all.filter((each) => each.name === name).map(({ fd }) => fd);
  if (found.length > 0) return found.map(requireSocket);
  const given = [...new Set(all.map((each) => each.name))].join(', ');
  throw new Error(`no descriptor has that name; there are ${given}`);
}

/** The descriptor. Throws an Error where it is no socket. */
export function requireSocket(fd: number): number {
  let isSocket;
  try {
    isSocket = fstatSync(fd).isSocket();
  } catch {
    throw new Error('there is no such descriptor');
  }
  if (!isSocket) throw new Error('the descriptor is no socket');
  return fd;
}
