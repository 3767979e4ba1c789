/** What `nanod doctor` looks at: facts about the machine, the home and the daemon. Looks, and changes nothing. Runs in the command line. */

import { access, constants, readFile, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { availableParallelism, totalmem } from 'node:os';
import process from 'node:process';
import type { ControlApi, PingReport } from '../control/api.ts';
import type { TcpAddress } from '../config/types.ts';
import type { Home } from '../daemon/home.ts';
import type { SavedState } from '../daemon/state-file.ts';
import { unitPath, type MachinePowers } from './startup.ts';

export interface Facts {
  readonly node: string;
  /** The version that nanod was tested on. */
  readonly pinnedNode: string | undefined;
  readonly version: string;
  readonly uid: number | undefined;
  readonly home: HomeFacts;
  readonly state: StateFacts;
  readonly daemon: PingReport | { readonly reason: string } | undefined;
  /** Free bytes where the home is, or will be. */
  readonly freeBytes: number | undefined;
  /** Open files that the daemon may have. */
  readonly openFiles: number | undefined;
  readonly cores: number;
  /** Bytes that this machine, or the container, has. */
  readonly memory: number;
  readonly ports: readonly PortFacts[];
  readonly firstFreePort: number;
  readonly migratesRequests: boolean | undefined;
  readonly units: readonly UnitFacts[];
  /** What starts nanod now. */
  readonly launcher: string;
  /** Milliseconds since 1970: now, and when nanod was installed. */
  readonly now: number;
  readonly installedAt: number;
}

export interface HomeFacts {
  readonly directory: string;
  /** Undefined where it is not there. */
  readonly mode: number | undefined;
  readonly owner: number | undefined;
  readonly isWritable: boolean;
}

export type StateFacts =
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'read'; readonly state: SavedState };

export interface PortFacts {
  readonly address: string;
  readonly port: number;
  /** What the system says to whoever wants to listen there; undefined where nothing stands against it. */
  readonly problem: string | undefined;
}

export interface UnitFacts {
  readonly path: string;
  readonly text: string;
  /** Those of the files that it starts which are not there. */
  readonly missing: readonly string[];
}

export interface FactPowers extends MachinePowers {
  readonly home: Home;
  readonly version: string;
  readonly pinnedNode: string | undefined;
  /** Of package.json, in milliseconds since 1970. */
  readonly installedAt: number;
  readonly api: ControlApi;
}

export async function gatherFacts(powers: FactPowers): Promise<Facts> {
  const { home, version, pinnedNode, launcher, installedAt } = powers;
  const state = await readState(home.stateFile);
  const daemon = await askDaemon(powers.api);
  const isRunning = daemon !== undefined && 'pid' in daemon;
  return {
    node: process.versions.node,
    pinnedNode,
    version,
    uid: process.getuid?.(),
    home: await lookAtHome(home.directory),
    state,
    daemon,
    freeBytes: await freeBytes([home.directory, powers.user.home]),
    openFiles: await openFiles(isRunning ? String(daemon.pid) : 'self'),
    cores: availableParallelism(),
    memory: Math.min(totalmem(), process.constrainedMemory() || Infinity),
    ports: await lookAtPorts(state, isRunning),
    firstFreePort: Number((await text('/proc/sys/net/ipv4/ip_unprivileged_port_start')) ?? 1024),
    migratesRequests: flag(await text('/proc/sys/net/ipv4/tcp_migrate_req')),
    units: await lookAtUnits(powers),
    launcher,
    now: Date.now(),
    installedAt,
  };
}

async function lookAtHome(directory: string): Promise<HomeFacts> {
  const found = await stat(directory).catch(() => undefined);
  const isWritable = await access(directory, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  return { directory, mode: found && found.mode & 0o777, owner: found?.uid, isWritable };
}

async function readState(path: string): Promise<StateFacts> {
  try {
    const state = JSON.parse(await readFile(path, 'utf8')) as SavedState;
    if ((state.format as number) !== 1 || !Array.isArray(state.sources))
      return { kind: 'unreadable', reason: 'it has another format' };
    return { kind: 'read', state };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { kind: 'absent' } : { kind: 'unreadable', reason: message };
  }
}

async function askDaemon(api: ControlApi): Promise<Facts['daemon']> {
  try {
    return await api.ping();
  } catch (error) {
    const { message } = error as Error;
    return message.startsWith('no daemon is listening') ? undefined : { reason: message };
  }
}

async function freeBytes(paths: readonly string[]): Promise<number | undefined> {
  for (const path of paths) {
    const found = await statfs(path).catch(() => undefined);
    if (found !== undefined) return found.bavail * found.bsize;
  }
  return undefined;
}

async function openFiles(process: string): Promise<number | undefined> {
  const limits = await text(`/proc/${process}/limits`);
  const hard = /^Max open files +\S+ +(\S+)/mu.exec(limits ?? '')?.[1];
  return hard === undefined ? undefined : hard === 'unlimited' ? Infinity : Number(hard);
}

/** The daemon has them, where it runs. */
async function lookAtPorts(state: StateFacts, isRunning: boolean): Promise<PortFacts[]> {
  if (state.kind !== 'read') return [];
  const addresses = state.state.sources
    .flatMap(({ config }) => config.sockets.map(({ address }) => address))
    .filter((address): address is TcpAddress => address.kind === 'tcp' && address.port !== 0);
  return Promise.all(
    addresses.map(async ({ host, port }) => ({
      address: `${host}:${port}`,
      port,
      problem: isRunning ? undefined : await problemOf(host, port),
    })),
  );
}

function problemOf(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code, message }: NodeJS.ErrnoException) => resolve(code ?? message));
    server.listen({ port, ...(host === '*' ? {} : { host }) }, () => server.close(() => resolve(undefined)));
  });
}

async function lookAtUnits(powers: MachinePowers): Promise<UnitFacts[]> {
  const { startedBy } = await import('./systemd-unit.ts');
  const paths = (['system', 'user'] as const).map((scope) => unitPath(scope, powers));
  const units = await Promise.all(
    paths.map(async (path): Promise<UnitFacts[]> => {
      const found = await text(path);
      if (found === undefined) return [];
      const files = startedBy(found) ?? [];
      const missing = await Promise.all(
        files.map(async (file) => ((await stat(file).catch(() => undefined)) === undefined ? [file] : [])),
      );
      return [{ path, text: found, missing: missing.flat() }];
    }),
  );
  return units.flat();
}

async function text(path: string): Promise<string | undefined> {
  return (await readFile(path, 'utf8').catch(() => undefined))?.trim();
}

function flag(value: string | undefined): boolean | undefined {
  return value === undefined ? undefined : value !== '0';
}
