/** The daemon's process: takes its home, brings back what was deployed, answers on its socket until it is told to end. */

import { chmod } from 'node:fs/promises';
import type { Server } from 'node:http';
import { availableParallelism, homedir } from 'node:os';
import { extname } from 'node:path';
import process from 'node:process';
import { makeCare } from './daemon-care.ts';
import { stopCompiler } from './bundle/compile.ts';
import { makeControlServer } from './control/server.ts';
import { Daemon, type DaemonPowers } from './daemon/daemon.ts';
import { claimHome, homeOf, prepareHome, type Home } from './daemon/home.ts';
import { DaemonLogs } from './daemon/logs/daemon-logs.ts';
import { logFs } from './daemon/logs/log-fs.ts';
import { withLogs } from './daemon/logs/logs-api.ts';
import { describeRefusal } from './daemon/refusal.ts';
import { StateFile } from './daemon/state-file.ts';
import { makeAdminSockets } from './observe/observe.ts';
import { prepareNodejs, preparePrelude } from './supervisor/deployment.ts';
import { leastLevel } from './supervisor/log-writer.ts';
import { releaseMemory } from './supervisor/release-memory.ts';
import { Supervisor } from './supervisor/supervisor.ts';
import { readTuning, tuningVariable } from './supervisor/tuning.ts';

const threadEntry = new URL(`./thread/main${extname(import.meta.url)}`, import.meta.url);

/** How often log files are looked after, and how long the disk may take for the last records, in milliseconds. */
const logInterval = 2000;
const logPatience = 2000;

/** Resolves with the exit status. Rejects with HOME_UNUSABLE and DAEMON_RUNNING. */
export async function runDaemon(version: string, stopSignal: () => Promise<string>): Promise<number> {
  const home = homeOf(process.env, homedir());
  await prepareHome(home, process.getuid?.());
  const release = await claimHome(home, { pid: process.pid, exists });
  try {
    const log = startLogs(home);
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    const identity = { pid: process.pid, version, home: home.directory };
    const daemon = await makeDaemon(home, log, identity, () => setImmediate(end)); // the answer leaves first
    await daemon.resurrect().catch((error: unknown) => {
      log.log('error', `what was deployed could not be brought back: ${describeRefusal(error)}`);
    });
    const server = makeControlServer({
      api: withLogs(daemon, log),
      onFault: (error) => log.log('error', `the control API failed: ${describeRefusal(error)}`),
    });
    await listen(server, home.socket);
    setImmediate(releaseMemory);
    log.log('info', `the daemon is up`, { pid: process.pid, version });
    void stopSignal().then(() => daemon.kill());
    await ended;
    log.closeSessions();
    await closed(server);
    log.log('info', 'the daemon ends');
    await log.close(logPatience);
    return 0;
  } finally {
    await release();
  }
}

async function makeDaemon(
  home: Home,
  logs: DaemonLogs,
  identity: DaemonPowers['identity'],
  end: () => void,
): Promise<Daemon> {
  const tuning = readTuning(process.env[tuningVariable]);
  const supervisor = new Supervisor({
    threadEntry,
    prelude: await preparePrelude(),
    cores: availableParallelism(),
    tuning,
    onLog: logs.write,
    log: logs.log,
    now: () => performance.now(),
    date: () => new Date(),
    activation: { environment: process.env, pid: process.pid },
    onGivenUp: (service, version) => void daemon.park(service, version),
  });
  await stopCompiler(); // its process holds some 40 MB
  const care = makeCare({ act: (request) => daemon.act(request), log: logs.log, home: home.directory });
  const admin = makeAdminSockets({
    supervisor,
    services: () => daemon.list(),
    onFault: (error) => logs.log('error', `the admin socket failed: ${describeRefusal(error)}`),
  });
  const daemon: Daemon = new Daemon({
    supervisor,
    admin,
    file: new StateFile(home),
    nodejs: async (config) => {
      const text = await prepareNodejs(config);
      await stopCompiler();
      return text;
    },
    log: logs.log,
    identity,
    drainMs: tuning.drainTimeout,
    clock: () => Date.now(),
    onDeployed: (config) => logs.configure(config),
    later: (ms, callback) => void setTimeout(callback, ms).unref(),
    follow: care,
    end,
  });
  return daemon;
}

function startLogs(home: Home): DaemonLogs {
  const log = new DaemonLogs({
    directory: home.logs,
    level: leastLevel(process.env['NANOD_LOG_LEVEL'] ?? 'info'),
    fs: logFs,
    now: () => Date.now(),
    uptime: () => performance.now(),
  });
  void log.start(); // what is to be logged need not wait
  setInterval(() => void log.tick(), logInterval).unref();
  process.on('SIGUSR2', () => void log.reopen());
  return log;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'; // EPERM: it is somebody else's
  }
}

async function closed(server: Server): Promise<void> {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeIdleConnections();
    // Somebody who does not read what he asked for would hold up the end.
    setTimeout(() => server.closeAllConnections(), logPatience).unref();
  });
}

async function listen(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
}
