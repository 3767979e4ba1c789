/** Starts the daemon detached from the terminal, and waits until it answers. Runs in the command line. */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeClient } from './control/client.ts';
import { CommandFailure, type DaemonHandle } from './control/contract.ts';
import { homeOf } from './daemon/home.ts';
import { makeError } from './shared/errors.ts';

/** How often somebody looks whether it is there, in milliseconds. */
const interval = 20;
/** How long it may take to come up with everything that it had, in milliseconds. */
const patience = 60_000;

/** `main`: the file that runs the command line. */
export function makeDaemonHandle(main: string): DaemonHandle {
  const home = homeOf(process.env, homedir());
  const api = makeClient(home.socket);
  const isThere = async (): Promise<boolean> => {
    try {
      await api.ping();
      return true;
    } catch (error) {
      if (error instanceof CommandFailure && error.errors[0]?.code === 'DAEMON_NOT_RUNNING') return false;
      throw error;
    }
  };
  return {
    api,
    async ensure() {
      if (await isThere()) return false;
      await start(main, home.directory, isThere);
      return true;
    },
    async gone(pid) {
      while (isAlive(pid)) await sleep(interval);
    },
  };
}

async function start(main: string, home: string, isThere: () => Promise<boolean>): Promise<void> {
  const { file, path } = await openStartLog(home);
  const child = spawn(process.execPath, [...process.execArgv, main, 'daemon'], {
    detached: true,
    stdio: ['ignore', file.fd, file.fd],
    // Wherever it was started from may be unmounted one day.
    cwd: home,
  });
  await file.close();
  let ending: string | undefined;
  child.once('exit', (status, signal) => (ending = signal ?? `exit status ${status}`));
  child.once('error', (error) => (ending = error.message));
  child.unref();
  for (const deadline = performance.now() + patience; performance.now() < deadline; await sleep(interval)) {
    if (await isThere()) return;
    if (ending !== undefined) break;
  }
  const said = existsSync(path) ? (await readFile(path, 'utf8')).trim() : '';
  const reason = said === '' ? (ending ?? 'it does not answer') : said.slice(-2000);
  throw makeError('DAEMON_START', { reason });
}

/** What the daemon says before it has a log of its own, and what the runtime says when it dies. */
async function openStartLog(home: string): Promise<{ file: Awaited<ReturnType<typeof open>>; path: string }> {
  const path = join(home, 'logs', 'start.log');
  try {
    await mkdir(join(home, 'logs'), { recursive: true, mode: 0o700 });
    await (await open(path, 'w', 0o600)).close();
    // The daemon empties it where it grows: whoever writes has to write at its end.
    return { file: await open(path, 'a', 0o600), path };
  } catch (error) {
    throw makeError('HOME_UNUSABLE', { home, reason: (error as Error).message });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
