/**
 * The child's half of the launcher (bin/nanod.cjs). Where the launcher could not become nanod's process, it stands in front of it;
 * this ends the process when the launcher has gone, so that `kill -9` of the one never leaves the other behind. Runs on the main
 * thread, first of all.
 */

import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';

/** What this module needs of `process`. */
export type LaunchedProcess = Pick<NodeJS.Process, 'env' | 'kill' | 'pid'>;

const TIE_VARIABLE = 'NANOD_LAUNCHER_FD';

/**
 * Ties this process to its launcher's life, if it has one: kills it with SIGKILL as soon as the launcher's end of the socket named
 * by the environment is closed, which the kernel sees to however the launcher ends. Keeps no process alive, and hides the
 * descriptor from processes that this one starts.
 */
export function dieWithLauncher(process: LaunchedProcess): void {
  const fd = Number(process.env[TIE_VARIABLE]);
  delete process.env[TIE_VARIABLE];
  if (!isSocket(fd)) return;
  const tie = new Socket({ fd, writable: false });
  // An error is followed by 'close', like the end.
  tie.on('error', () => {});
  tie.on('close', () => process.kill(process.pid, 'SIGKILL'));
  tie.resume();
  tie.unref();
}

function isSocket(fd: number): boolean {
  if (!Number.isInteger(fd) || fd < 3) return false;
  try {
    return fstatSync(fd).isSocket();
  } catch {
    return false;
  }
}
