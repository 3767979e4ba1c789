/**
 * The threads of one group: a piscina pool in which each thread runs one resident task. A rejected task is a lost thread; aborting
 * its signal kills the thread.
 */

import { MessageChannel, type MessagePort } from 'node:worker_threads';
import * as Comlink from 'comlink';
import { Piscina } from 'piscina';

type TransferList = NonNullable<NonNullable<Parameters<Piscina['run']>[1]>['transferList']>;
import type { ThreadControl } from '../messages/control.ts';
import { nodeEndpoint } from '../messages/endpoint.ts';
import type { LogMessage } from '../messages/log.ts';
import type { PreludeScript, ServiceSpec, ThreadStartup } from '../messages/startup.ts';

export interface GroupPoolOptions {
  readonly group: string;
  readonly threads: number;
  readonly threadEntry: URL;
  readonly prelude: PreludeScript;
  readonly services: readonly ServiceSpec[];
  readonly nextThread: () => number;
  readonly onLog: (message: LogMessage) => void;
}

/** A running thread. */
export interface ThreadHandle {
  readonly thread: number;
  readonly group: string;
  readonly control: Comlink.Remote<ThreadControl>;
  /** Resolves when the thread has drained; rejects when it is lost. */
  readonly ended: Promise<void>;
  kill(): void;
}

/** What a thread needs of the heap before V8 gives up, in megabytes. */
const resourceLimits = { maxOldGenerationSizeMb: 2048 };

export class GroupPool {
  readonly group: string;
  readonly size: number;
  readonly #options: GroupPoolOptions;
  readonly #pool: Piscina<ThreadStartup, void>;

  constructor(options: GroupPoolOptions) {
    this.group = options.group;
    this.size = options.threads;
    this.#options = options;
    this.#pool = new Piscina({
      filename: options.threadEntry.href,
      minThreads: options.threads,
      maxThreads: options.threads,
      concurrentTasksPerWorker: 1,
      idleTimeout: Infinity,
      // 'sync' would block an idle thread in Atomics.wait, with its sockets and timers.
      atomics: 'disabled',
      execArgv: ['--frozen-intrinsics', '--no-warnings'],
      env: {},
      resourceLimits,
    });
    // A lost thread is reported by the task that it ran.
    this.#pool.on('error', () => {});
  }

  /** Starts the resident task on a free thread. */
  start(): ThreadHandle {
    const { group, prelude, services, nextThread, onLog } = this.#options;
    const thread = nextThread();
    const control = new MessageChannel();
    const logs = new MessageChannel();
    logs.port2.on('message', onLog);
    const abort = new AbortController();
    const startup: ThreadStartup = {
      thread,
      group,
      prelude,
      services,
      control: control.port1,
      logs: logs.port1,
    };
    const ended = this.#pool.run(startup, {
      transferList: [control.port1, logs.port1] as unknown as TransferList,
      signal: abort.signal,
    });
    const closed = ended.finally(() => closePorts(control.port2, logs.port2));
    return {
      thread,
      group,
      control: Comlink.wrap<ThreadControl>(nodeEndpoint(control.port2)),
      ended: closed,
      kill: () => abort.abort(),
    };
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

/** After what the thread posted last has arrived. */
function closePorts(...ports: readonly MessagePort[]): void {
  setImmediate(() => {
    for (const port of ports) port.close();
  });
}
