/** Starts the process that is to take the place of this one, with the sockets that it is given. Runs in the supervisor. */

import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { UpdateRequest } from '../control/api.ts';
import type { Home } from './home.ts';
import type { Started } from './handover.ts';
import { makeError } from '../shared/errors.ts';

export interface SuccessorOptions {
  readonly home: Home;
  /** Of this process. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Descriptors of this process by their number in the other one. */
  readonly descriptors: ReadonlyMap<number, number>;
}

const firstDescriptor = 3;

/** Names the descriptor over which a successor and its predecessor speak. */
const tieVariable = 'NANOD_PREDECESSOR_FD';

/** The successor's end. Whatever it starts learns nothing of it. Throws UPDATE_FAILED where there is none. */
export function tieToPredecessor(environment: NodeJS.ProcessEnv): Socket {
  const fd = Number(environment[tieVariable]);
  delete environment[tieVariable];
  if (Number.isInteger(fd) && fd >= firstDescriptor) return new Socket({ fd });
  throw makeError('UPDATE_FAILED', { reason: 'only a daemon starts its successor: nanod update' });
}

/** Its standard error is `start.log` of the home. */
export async function startSuccessor(
  { runtime, args }: UpdateRequest,
  { home, environment, descriptors }: SuccessorOptions,
): Promise<Started> {
  const path = join(home.logs, 'start.log');
  await (await open(path, 'w', 0o600)).close();
  // The daemon empties it where it grows: whoever writes has to write at its end.
  const log = await open(path, 'a', 0o600);
  const count = Math.max(firstDescriptor - 1, ...descriptors.keys()) - firstDescriptor + 1;
  const tie = firstDescriptor + count;
  const others = Array.from({ length: count }, (_, i) => descriptors.get(firstDescriptor + i) ?? 'ignore');
  const command = [runtime, ...args, 'daemon', '--successor'];
  // systemd waits for the end of a main process only if that is a child of its own, which an orphan becomes.
  const [program = '', ...rest] =
    environment['NOTIFY_SOCKET'] === undefined ? command : ['setsid', '--fork', ...command];
  const child = spawn(program, rest, {
    detached: true,
    stdio: ['ignore', 'ignore', log.fd, ...others, 'pipe'],
    cwd: home.directory,
    // What is meant for a process of this number is not for that one.
    env: { ...environment, [tieVariable]: String(tie), LISTEN_PID: undefined, WATCHDOG_PID: undefined },
  });
  child.unref();
  await log.close();
  const socket = child.stdio[tie as 3] as Socket;
  socket.unref();
  return { child, tie: socket, said: () => readFile(path, 'utf8') };
}
