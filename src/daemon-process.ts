/** The daemon's process: takes its home, brings back what was deployed, answers on its socket until it is told to end. */

import { availableParallelism, homedir } from 'node:os';
import { extname } from 'node:path';
import process from 'node:process';
import { Outside, type DaemonOptions } from './daemon-outside.ts';
import { makeCare } from './daemon-care.ts';
import { stopCompiler } from './bundle/compile.ts';
import type { UpdateReport, UpdateRequest } from './control/api.ts';
import { DaemonLogs } from './daemon/logs/daemon-logs.ts';
import { logFs } from './daemon/logs/log-fs.ts';
import { withLogs } from './daemon/logs/logs-api.ts';
import { describeRefusal } from './daemon/refusal.ts';
import type { AdminSockets } from './observe/admin-sockets.ts';
import { makeAdminSockets } from './observe/observe.ts';
import { ReplaceableDaemon } from './daemon/replaceable-daemon.ts';
import { meetPredecessor } from './daemon/handover.ts';
import { claimHome, homeOf, prepareHome, takeHome, type Home } from './daemon/home.ts';
import { StateFile } from './daemon/state-file.ts';
import { tieToPredecessor } from './daemon/successor-process.ts';
import { prepareNodejs, preparePrelude } from './supervisor/deployment.ts';
import { leastLevel } from './supervisor/log-writer.ts';
import { releaseMemory } from './supervisor/release-memory.ts';
import { Inheritance } from './supervisor/inheritance.ts';
import { Supervisor } from './supervisor/supervisor.ts';
import { readTuning, tuningVariable } from './supervisor/tuning.ts';

const threadEntry = new URL(`./thread/main${extname(import.meta.url)}`, import.meta.url);

/** How often log files are looked after, and how long the disk may take for the last records, in milliseconds. */
const logInterval = 2000;
const logPatience = 2000;

/** Resolves with the exit status. Rejects with HOME_UNUSABLE, DAEMON_RUNNING and UPDATE_FAILED. */
export async function runDaemon(options: DaemonOptions): Promise<number> {
  const { pid } = process;
  const home = homeOf(process.env, homedir());
  await prepareHome(home, process.getuid?.());
  const predecessor = options.isSuccessor
    ? await meetPredecessor(pid, tieToPredecessor(process.env))
    : undefined;
  const inheritance = predecessor && new Inheritance(predecessor.sockets);
  let release = inheritance ? async () => {} : await claimHome(home, { pid, exists });
  try {
    const logs = startLogs(home);
    const letGo = inheritance && logs.hold(); // the predecessor may go on with them
    const given = { version: options.version, home, logs, inheritance };
    const { daemon, supervisor, admin, ended } = await makeDaemon(given, (request) =>
      outside.replace(request),
    );
    const outside = new Outside({
      ...options,
      home,
      logs,
      daemon: withLogs(daemon, logs),
      supervisor,
      admin,
    });
    await daemon.resurrect().catch((error: unknown) => {
      if (inheritance !== undefined) throw error; // the predecessor goes on
      logs.log('error', `what was deployed could not be brought back: ${describeRefusal(error)}`);
    });
    inheritance?.requireEmpty(supervisor.listening.length);
    await predecessor?.serving();
    if (predecessor !== undefined) release = await takeHome(home, pid);
    letGo?.();
    await outside.answer();
    if (admin.isDeferred) {
      admin.isDeferred = false;
      await daemon.resurrect().catch(() => {}); // listens where the predecessor does no more; what fails is in the log
    }
    setImmediate(releaseMemory);
    predecessor?.taken({ pid, version: options.version });
    await ended;
    logs.closeSessions();
    await outside.close();
    logs.log('info', 'the daemon ends');
    await logs.close(logPatience);
    return 0;
  } finally {
    await release();
  }
}

interface Given {
  readonly version: string;
  readonly home: Home;
  readonly logs: DaemonLogs;
  /** Of the predecessor. */
  readonly inheritance: Inheritance | undefined;
}

interface Made {
  readonly daemon: ReplaceableDaemon;
  readonly supervisor: Supervisor;
  readonly admin: AdminSockets;
  /** It has drained. */
  readonly ended: Promise<void>;
}

/** What keeps services running. */
async function makeDaemon(
  { version, home, logs, inheritance }: Given,
  replace: (request: UpdateRequest) => Promise<UpdateReport>,
): Promise<Made> {
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
    ...(inheritance === undefined ? {} : { inheritance }),
    onGivenUp: (service, version) => void daemon.park(service, version),
  });
  await stopCompiler(); // its process holds some 40 MB
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  const care = makeCare({ act: (request) => daemon.act(request), log: logs.log, home: home.directory });
  const admin = makeAdminSockets({
    supervisor,
    services: () => daemon.list(),
    onFault: (error) => logs.log('error', `the admin socket failed: ${describeRefusal(error)}`),
  });
  admin.isDeferred = inheritance !== undefined; // the predecessor listens there
  const daemon: ReplaceableDaemon = new ReplaceableDaemon({
    supervisor,
    admin,
    file: new StateFile(home),
    nodejs: async (config) => {
      const text = await prepareNodejs(config);
      await stopCompiler();
      return text;
    },
    log: logs.log,
    identity: { pid: process.pid, version, home: home.directory },
    replace,
    drainMs: tuning.drainTimeout,
    clock: () => Date.now(),
    rss: () => process.memoryUsage.rss(),
    onDeployed: (config) => logs.configure(config),
    later: (ms, callback) => void setTimeout(callback, ms).unref(),
    follow: care,
    end: () => setImmediate(end), // the answer leaves first
  });
  return { daemon, supervisor, admin, ended };
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
