/** What the daemon has to do with other processes: its clients, the service manager, signals, its successor. */

import { execFile } from 'node:child_process';
import type { Server } from 'node:http';
import process from 'node:process';
import { promisify } from 'node:util';
import type { ControlApi, UpdateReport, UpdateRequest } from './control/api.ts';
import { makeControlServer } from './control/server.ts';
import { describeRefusal } from './daemon/refusal.ts';
import type { DaemonLogs } from './daemon/logs/daemon-logs.ts';
import { Handover } from './daemon/handover.ts';
import { makeHangup } from './daemon/hangup.ts';
import { listenAt, takeHome, type Home } from './daemon/home.ts';
import { ServiceManager } from './daemon/service-manager.ts';
import { startSuccessor } from './daemon/successor-process.ts';
import type { AdminSockets } from './observe/admin-sockets.ts';
import { inheritedDescriptors } from './supervisor/activation.ts';
import type { Supervisor } from './supervisor/supervisor.ts';

const run = promisify(execFile);

/** How long a successor may take to come up with everything that this process has, in milliseconds. */
const successorPatience = 60_000;
/** How long systemd may take to hear of something, in milliseconds. */
const notifyPatience = 5000;
/** What a command may say, in bytes. */
const mostSaid = 1024 * 1024;
/** How long somebody who does not read what he asked for may hold up the end, in milliseconds. */
const readerPatience = 2000;

export interface DaemonOptions {
  /** Of nanod. */
  readonly version: string;
  /** The file that runs the command line. */
  readonly main: string;
  /** It takes the place of the daemon that has started it. */
  readonly isSuccessor: boolean;
  readonly stopSignal: () => Promise<string>;
}

export interface OutsideOptions extends DaemonOptions {
  readonly home: Home;
  readonly logs: DaemonLogs;
  readonly daemon: ControlApi;
  readonly supervisor: Supervisor;
  readonly admin: AdminSockets;
}

export class Outside {
  readonly #options: OutsideOptions;
  readonly #manager: ServiceManager;
  readonly #handover: Handover;
  #server: Server;

  constructor(options: OutsideOptions) {
    this.#options = options;
    this.#manager = makeServiceManager(options);
    this.#server = this.#makeServer();
    this.#handover = this.#makeHandover();
  }

  /** Has another process take the place of this one. Rejects with UPDATE_FAILED. */
  async replace(request: UpdateRequest): Promise<UpdateReport> {
    const { logs } = this.#options;
    // Both write to the same files, and only one of them rotates them: the successor, once it has the home.
    const letGo = logs.hold();
    try {
      await logs.tick(); // one that is at work ends
      return await this.#handover.replace(request);
    } catch (error) {
      letGo();
      throw error;
    }
  }

  /** Answers from now on: the control API, and signals. The home must be this process's. */
  async answer(): Promise<void> {
    const { home, logs, version, main, stopSignal, daemon } = this.#options;
    const { log } = logs;
    await listenAt(this.#server, home, process.pid);
    log('info', `the daemon is up`, { pid: process.pid, version });
    process.on('SIGHUP', makeHangup({ reload: () => reload(main, home), manager: this.#manager, log }));
    void stopSignal().then(async () => {
      this.#handover.abort();
      await this.#manager.stopping();
      await daemon.kill().catch(() => {}); // it has been replaced, and ends by itself
    });
    await this.#manager.ready('serves');
  }

  /** Answers what was asked, and nothing any more. */
  async close(): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeIdleConnections();
      setTimeout(() => this.#server.closeAllConnections(), readerPatience).unref();
    });
  }

  #makeServer(): Server {
    const { daemon, logs } = this.#options;
    return makeControlServer({
      api: daemon,
      onFault: (error) => logs.log('error', `the control API failed: ${describeRefusal(error)}`),
    });
  }

  #makeHandover(): Handover {
    const { home, version, supervisor } = this.#options;
    const { env, pid } = process;
    return new Handover({
      identity: { pid, version },
      sockets: async () => {
        // What starts a container ends with it.
        if (pid === 1) throw new Error('it is the first process of a container: replace the container');
        return supervisor.handOver();
      },
      activated: inheritedDescriptors({ environment: env, pid }),
      spawn: (request, descriptors) => startSuccessor(request, { home, environment: env, descriptors }),
      give: () => this.#options.admin.close(),
      regain: async () => {
        await takeHome(home, pid);
        this.#server.close(); // its name is gone
        this.#server = this.#makeServer();
        await listenAt(this.#server, home, pid);
      },
      patience: successorPatience,
    });
  }
}

function makeServiceManager({ isSuccessor, logs }: OutsideOptions): ServiceManager {
  return new ServiceManager({
    environment: process.env,
    pid: process.pid,
    isSuccessor,
    run: (program, args) => run(program, args, { timeout: notifyPatience }),
    monotonic: () => process.hrtime.bigint(),
    every: (ms, task) => void setInterval(task, ms).unref(),
    warn: (text) => logs.log('warn', text),
  });
}

/** Has the command line read every configuration again. */
async function reload(main: string, { directory }: Home): Promise<{ status: number; said: string }> {
  const args = [...process.execArgv, main, 'reload'];
  const env = { ...process.env, NANOD_HOME: directory };
  try {
    const { stderr } = await run(process.execPath, args, { env, maxBuffer: mostSaid });
    return { status: 0, said: stderr };
  } catch (error) {
    const { code, stderr } = error as { readonly code?: unknown; readonly stderr?: string };
    if (typeof code !== 'number') throw error;
    return { status: code, said: stderr ?? '' };
  }
}
