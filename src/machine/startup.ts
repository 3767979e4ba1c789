/** Puts the daemon under systemd, and takes it away again. Runs in the command line. */

import { chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { StartupOptions, StartupReport, StartupScope, UnstartupReport } from '../control/contract.ts';
import { homeOf } from '../daemon/home.ts';
import { makeError } from '../shared/errors.ts';
import { formatUnit, unitMark } from './systemd-unit.ts';

/** What this module needs of its surroundings. */
export interface MachinePowers {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of this process. */
  readonly user: { readonly name: string; readonly uid: number; readonly home: string };
  /** What runs this process. */
  readonly runtime: string;
  /** bin/nanod.cjs */
  readonly launcher: string;
  /** Where systemd looks for units of the machine's administrator, and for its list of users. */
  readonly etc: string;
  /** Runs a program to its end. Rejects where it cannot, or where its status is not 0. */
  readonly run: (program: string, args: readonly string[]) => Promise<{ readonly stdout: string }>;
}

const unitName = 'nanod.service';

/** Which systemd is meant: root's is the machine's. */
export function scopeOf(wanted: StartupScope | undefined, { user }: MachinePowers): StartupScope {
  return wanted ?? (user.uid === 0 ? 'system' : 'user');
}

/** Where the unit lies. */
export function unitPath(scope: StartupScope, { environment, user, etc }: MachinePowers): string {
  if (scope === 'system') return join(etc, 'systemd', 'system', unitName);
  const config = environment['XDG_CONFIG_HOME'] || join(user.home, '.config');
  return join(config, 'systemd', 'user', unitName);
}

/** Writes the unit and enables it, or only shows it. Rejects with STARTUP_FAILED. */
export async function startup(options: StartupOptions, powers: MachinePowers): Promise<StartupReport> {
  const scope = scopeOf(options.scope, powers);
  const path = unitPath(scope, powers);
  const owner = await ownerOf(scope, options.runAs, powers);
  if (scope === 'user' && options.lowPorts)
    throw makeError('USAGE', {
      reason: '--low-ports: only the systemd of the machine can allow that (--system)',
    });
  const { directory: home } = homeOf(powers.environment, owner.home);
  const level = powers.environment['NANOD_LOG_LEVEL'];
  const text = formatUnit({
    scope,
    user: owner.name,
    home,
    runtime: powers.runtime,
    launcher: powers.launcher,
    environment: level === undefined ? {} : { NANOD_LOG_LEVEL: level },
    memoryMax: options.memoryMax,
    writable: options.writable,
    lowPorts: options.lowPorts,
  });
  const notes = notesOn(scope, owner);
  if (options.print) return { scope, path, text, isWritten: false, done: [], left: [], notes };
  await writeUnit(path, text, scope, powers);
  await makeHome(home, owner, powers);
  const systemctl = scope === 'user' ? ['systemctl', '--user'] : ['systemctl'];
  const commands = [
    [...systemctl, 'daemon-reload'],
    [...systemctl, 'enable', unitName],
  ];
  const { done, left } = await runAll(commands, powers);
  const start = [...systemctl, 'start', unitName].join(' ');
  return { scope, path, text, isWritten: true, done, left: [...left, start], notes };
}

/** Disables the unit and takes it away; one that somebody else has written stays. Rejects with STARTUP_FAILED. */
export async function unstartup(
  wanted: StartupScope | undefined,
  powers: MachinePowers,
): Promise<UnstartupReport> {
  const scope = scopeOf(wanted, powers);
  const path = unitPath(scope, powers);
  const found = await readUnit(path);
  if (found === undefined) return { scope, path, isRemoved: false, done: [], left: [] };
  refuseForeign(path, found);
  const systemctl = scope === 'user' ? ['systemctl', '--user'] : ['systemctl'];
  const disabled = await runAll([[...systemctl, 'disable', '--now', unitName]], powers);
  await rm(path).catch((error: unknown) => refuse(path, error, scope, powers));
  const reloaded = await runAll([[...systemctl, 'daemon-reload']], powers);
  return {
    scope,
    path,
    isRemoved: true,
    done: [...disabled.done, ...reloaded.done],
    left: [...disabled.left, ...reloaded.left],
  };
}

interface Owner {
  readonly name: string;
  readonly home: string;
  /** Undefined where the files need not be given to anybody. */
  readonly ids?: { readonly uid: number; readonly gid: number };
}

/** Who the daemon runs as. Behind `sudo`, that is who has typed it. */
async function ownerOf(
  scope: StartupScope,
  runAs: string | undefined,
  { environment, user, etc }: MachinePowers,
): Promise<Owner> {
  const name = runAs ?? (scope === 'system' && user.uid === 0 ? environment['SUDO_USER'] : undefined);
  if (name === undefined || name === user.name) return { name: user.name, home: user.home };
  if (scope === 'user')
    throw makeError('USAGE', {
      reason: `--run-as: the systemd of ${user.name} runs nothing as somebody else (--system)`,
    });
  const users = await readFile(join(etc, 'passwd'), 'utf8');
  const [, , uid, gid, , home] =
    users
      .split('\n')
      .map((line) => line.split(':'))
      .find(([each]) => each === name) ?? [];
  if (home === undefined) throw makeError('USAGE', { reason: `--run-as: there is no user ${name}` });
  return { name, home, ids: { uid: Number(uid), gid: Number(gid) } };
}

function notesOn(scope: StartupScope, { name }: Owner): string[] {
  if (scope === 'user')
    return [
      `without lingering, the services of ${name} end when ${name} logs out: loginctl enable-linger ${name}`,
      'the kernel grants a user less isolation than the machine: see nanod startup --system',
    ];
  return name === 'root' ? ['nanod will run as root: name somebody with less power with --run-as'] : [];
}

async function writeUnit(
  path: string,
  text: string,
  scope: StartupScope,
  powers: MachinePowers,
): Promise<void> {
  const found = await readUnit(path);
  if (found !== undefined) refuseForeign(path, found);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { mode: 0o644 });
  } catch (error) {
    refuse(path, error, scope, powers);
  }
}

/** systemd makes it writable for the daemon, and so it must be there before. */
async function makeHome(home: string, { ids }: Owner, { user }: MachinePowers): Promise<void> {
  const made = await mkdir(home, { recursive: true, mode: 0o700 });
  if (made !== undefined && ids !== undefined && user.uid === 0) await chown(home, ids.uid, ids.gid);
}

async function readUnit(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw makeError('STARTUP_FAILED', { reason: `${path} cannot be read: ${error.message}` });
  });
}

function refuseForeign(path: string, text: string): void {
  if (text.startsWith(unitMark)) return;
  throw makeError('STARTUP_FAILED', { reason: `${path} is there, and nanod has not written it` });
}

function refuse(path: string, error: unknown, scope: StartupScope, powers: MachinePowers): never {
  const { code, message } = error as NodeJS.ErrnoException;
  const isPower = scope === 'system' && (code === 'EACCES' || code === 'EPERM');
  const { runtime, launcher, user } = powers;
  const hint = isPower ? `sudo ${runtime} ${launcher} startup --system --run-as ${user.name}` : undefined;
  throw makeError('STARTUP_FAILED', { reason: `${path} cannot be changed: ${message}`, command: hint });
}

/** What cannot be run here is left to whoever reads it. */
async function runAll(
  commands: readonly (readonly string[])[],
  { run }: MachinePowers,
): Promise<{ done: string[]; left: string[] }> {
  const done: string[] = [];
  const left: string[] = [];
  for (const command of commands) {
    const [program = '', ...args] = command;
    const isRun = await run(program, args).then(
      () => true,
      () => false,
    );
    (isRun ? done : left).push(command.join(' '));
  }
  return { done, left };
}
