/**
 * The daemon's home: where its socket, its process id, its state, its bundles and its logs lie, and whose it is. Nobody but its owner may
 * enter (mode 0700). Runs in the supervisor, and in the command line for the paths.
 */

import { randomUUID } from 'node:crypto';
import { chmod, link, mkdir, readFile, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeError } from '../shared/errors.ts';
import { writeAtomically } from './atomic-file.ts';

export interface Home {
  /** Absolute. */
  readonly directory: string;
  readonly socket: string;
  readonly pidFile: string;
  readonly stateFile: string;
  readonly versions: string;
  readonly logs: string;
}

/** How long a process that has the home and does not answer is waited for, in milliseconds, and how often it is looked at. */
const patience = 5000;
const interval = 20;

/** The longest path of a Unix socket that every system takes, in bytes. */
const longestSocketPath = 103;

/** `NANOD_HOME`, or `.nanod` in the user's own home. */
export function homeOf(environment: Readonly<Record<string, string | undefined>>, userHome: string): Home {
  const directory = resolve(environment['NANOD_HOME'] || join(userHome, '.nanod'));
  return {
    directory,
    socket: join(directory, 'nanod.sock'),
    pidFile: join(directory, 'nanod.pid'),
    stateFile: join(directory, 'state.json'),
    versions: join(directory, 'versions'),
    logs: join(directory, 'logs'),
  };
}

/** Makes the folders. Rejects with HOME_UNUSABLE. */
export async function prepareHome(home: Home, uid: number | undefined): Promise<void> {
  const { directory } = home;
  if (Buffer.byteLength(home.socket) > longestSocketPath)
    throw makeError('HOME_UNUSABLE', { home: directory, reason: 'its path is too long for a Unix socket' });
  try {
    for (const path of [directory, home.versions, home.logs])
      await mkdir(path, { recursive: true, mode: 0o700 });
    const { uid: owner } = await stat(directory);
    if (uid !== undefined && owner !== uid) throw new Error('it belongs to somebody else');
    await chmod(directory, 0o700);
    const probe = join(directory, `.probe-${randomUUID()}`);
    await writeFile(probe, '');
    await unlink(probe);
  } catch (error) {
    throw makeError('HOME_UNUSABLE', { home: directory, reason: (error as Error).message });
  }
}

/** Who has a home. `startTime`: of the process, as the kernel tells it; the ids of processes are used again. */
interface Owner {
  readonly pid: number;
  readonly startTime: string;
}

/**
 * Takes a home for this process: its pid file holds who has it. Rejects with DAEMON_RUNNING where that process is alive; the file of one
 * that was killed is taken over. `exists`: whether there is a process of this number. Resolves with what gives the home back.
 */
export async function claimHome(
  home: Home,
  { pid, exists }: { readonly pid: number; readonly exists: (pid: number) => boolean },
): Promise<() => Promise<void>> {
  const own: Owner = { pid, startTime: (await startTimeOf(pid)) ?? '' };
  const prepared = `${home.pidFile}.${randomUUID()}`;
  await writeFile(prepared, `${JSON.stringify(own)}\n`, { mode: 0o600 });
  try {
    const deadline = performance.now() + patience;
    while (!(await tryToLink(prepared, home.pidFile))) {
      const holder = await readOwner(home.pidFile);
      if (holder !== undefined && exists(holder.pid) && (await isSameProcess(holder))) {
        // One that was killed a moment ago may still be ending, and one that starts does not answer yet.
        if ((await answers(home.socket)) || performance.now() > deadline)
          throw makeError('DAEMON_RUNNING', { home: home.directory, pid: holder.pid });
        await sleep(interval);
      } else await removeStale(home.pidFile, holder);
    }
  } finally {
    await rm(prepared, { force: true });
  }
  await rm(home.socket, { force: true }); // left behind by a daemon that was killed
  return () => giveBack(home, own);
}

/** Takes a home from the daemon that has it, with its consent. Resolves as `claimHome` does. */
export async function takeHome(home: Home, pid: number): Promise<() => Promise<void>> {
  const own: Owner = { pid, startTime: (await startTimeOf(pid)) ?? '' };
  await writeAtomically(home.pidFile, `${JSON.stringify(own)}\n`);
  return () => giveBack(home, own);
}

/** A successor that has it by now keeps it. */
async function giveBack(home: Home, own: Owner): Promise<void> {
  if ((await readOwner(home.pidFile))?.pid !== own.pid) return;
  await rm(home.socket, { force: true });
  await rm(home.pidFile, { force: true });
}

/**
 * Listens on the home's socket, in place of whoever listened there: it listens beside it, and takes the name then. The runtime removes the path
 * that it has listened on when it stops, and by then the name may be a successor's.
 */
export async function listenAt(server: Server, home: Home, pid: number): Promise<void> {
  const beside = join(home.directory, `.s-${pid.toString(36)}`);
  await rm(beside, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(beside, resolve);
  });
  await chmod(beside, 0o600);
  await rename(beside, home.socket);
}

/** Another daemon may have taken the home since the file was read: then its file is put back. */
async function removeStale(file: string, holder: Owner | undefined): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const found = await readOwner(aside);
  if (found?.pid === holder?.pid && found?.startTime === holder?.startTime) await rm(aside, { force: true });
  else await rename(aside, file);
}

/** Whether somebody listens on a Unix socket. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Atomic, and fails where the file is there: two daemons that start at once cannot both succeed. */
async function tryToLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function readOwner(file: string): Promise<Owner | undefined> {
  try {
    const value = JSON.parse(await readFile(file, 'utf8')) as Partial<Owner> | null;
    if (typeof value?.pid !== 'number') return undefined;
    return { pid: value.pid, startTime: value.startTime ?? '' };
  } catch {
    return undefined; // half-written by hand, or gone since
  }
}

/** Another process may have the number by now. */
async function isSameProcess({ pid, startTime }: Owner): Promise<boolean> {
  const found = await startTimeOf(pid);
  return found === undefined || startTime === '' || found === startTime;
}

/** In ticks since the boot; undefined where the system does not tell. proc_pid_stat(5), field 22. */
async function startTimeOf(pid: number): Promise<string | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
