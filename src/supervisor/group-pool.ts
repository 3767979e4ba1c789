/**
 * The threads of one group: a piscina pool in which each thread runs one resident task. A rejected task is a lost thread; aborting
 * its signal kills the thread.
 */

import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import * as Comlink from 'comlink';
import { Piscina } from 'piscina';

type TransferList = NonNullable<NonNullable<Parameters<Piscina['run']>[1]>['transferList']>;
import type { ThreadControl } from '../messages/control.ts';
import { nodeEndpoint } from '../messages/endpoint.ts';
import type { CrashMessage } from '../messages/crash.ts';
import type { LogMessage } from '../messages/log.ts';
import type { PreludeScript, ServiceSpec, ThreadStartup } from '../messages/startup.ts';
import { makeMarkMemory } from '../shared/running-mark.ts';

export interface GroupPoolOptions {
  readonly group: string;
  readonly threadEntry: URL;
  readonly prelude: PreludeScript;
  /** Largest heap of a thread, in megabytes; a thread that needs more is lost. */
  readonly threadMemoryMb: number;
  readonly settings: Pick<ThreadStartup, 'evaluationTimeout' | 'ingress'>;
  readonly nextThread: () => number;
  readonly onLog: (message: LogMessage) => void;
  readonly onCrash: (message: CrashMessage) => void;
  /** Answers what a thread asks through the port; see messages/builds.ts. */
  readonly connectBuilds: (port: MessagePort) => void;
}

/**
 * V8's own choice grows to more than 50 MB in a thread that makes many realms, and never shrinks. Requests take the same time with this
 * one (docs/decisions/cost-of-a-realm.md).
 */
const youngGenerationMb = 12;

/** What a thread starts with. */
export interface ThreadLoad {
  readonly services: readonly ServiceSpec[];
  /** The text of src/nodejs/; undefined where no worker needs it. */
  readonly nodejs: string | undefined;
}

/** Threads of one group, at most. */
const mostThreads = 256;

/** Nothing, but where the code of this process has been compiled before, if it is kept: a thread need not do that again. */
function threadEnvironment(): Record<string, string> {
  const directory = getCompileCacheDir();
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: dirname(directory) };
}

/** A running thread. */
export interface ThreadHandle {
  readonly thread: number;
  readonly group: string;
  /** Asks the thread something. Rejects when it ends before it has answered. */
  ask<T>(question: (control: Comlink.Remote<ThreadControl>) => Promise<T>): Promise<T>;
  /** See src/shared/running-mark.ts. */
  readonly mark: SharedArrayBuffer;
  /** Resolves when the thread has drained; rejects when it is lost. */
  readonly ended: Promise<void>;
  kill(): void;
}

export class GroupPool {
  readonly group: string;
  readonly #options: GroupPoolOptions;
  readonly #pool: Piscina<ThreadStartup, void>;

  constructor(options: GroupPoolOptions) {
    this.group = options.group;
    this.#options = options;
    this.#pool = new Piscina({
      filename: options.threadEntry.href,
      // One for each task, and gone with it: the group grows and shrinks by its tasks.
      minThreads: 0,
      maxThreads: mostThreads,
      concurrentTasksPerWorker: 1,
      idleTimeout: 0,
      // Its histograms take a megabyte, and nobody asks for them.
      recordTiming: false,
      // 'sync' would block an idle thread in Atomics.wait, with its sockets and timers.
      atomics: 'disabled',
      // The last: a worker can put any async id on a promise, and must not end the process by that (docs/decisions/async-ids.md).
      execArgv: ['--no-warnings', '--no-force-async-hooks-checks'],
      env: threadEnvironment(),
      resourceLimits: {
        maxOldGenerationSizeMb: options.threadMemoryMb,
        maxYoungGenerationSizeMb: youngGenerationMb,
      },
    });
    // A lost thread is reported by the task that it ran.
    this.#pool.on('error', () => {});
  }

  /** Starts a thread with its resident task. */
  start({ services, nodejs }: ThreadLoad): ThreadHandle {
    const { group, prelude, settings, nextThread, onLog, onCrash, connectBuilds } = this.#options;
    const thread = nextThread();
    const control = new MessageChannel();
    const logs = new MessageChannel();
    logs.port2.on('message', onLog);
    const crashes = new MessageChannel();
    crashes.port2.on('message', onCrash);
    const mark = makeMarkMemory();
    const builds = new MessageChannel();
    connectBuilds(builds.port2);
    const abort = new AbortController();
    const startup: ThreadStartup = {
      thread,
      group,
      prelude,
      nodejs,
      services,
      ...settings,
      control: control.port1,
      logs: logs.port1,
      crashes: crashes.port1,
      mark,
      builds: builds.port1,
    };
    const transferList = [control.port1, logs.port1, crashes.port1, builds.port1];
    const ended = this.#pool.run(startup, {
      transferList: transferList as unknown as TransferList,
      signal: abort.signal,
    });
    const ports = [control.port2, logs.port2, crashes.port2, builds.port2];
    const closed = ended.finally(() => closeAfterLast(...ports));
    const remote = Comlink.wrap<ThreadControl>(nodeEndpoint(control.port2));
    const gone = closed.then(() => Promise.reject(new Error('the thread has ended')));
    gone.catch(() => {});
    return {
      thread,
      group,
      mark,
      ask: (question) => Promise.race([question(remote), gone]),
      ended: closed,
      kill: () => abort.abort(),
    };
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

/** Resolves when what the thread posted last has arrived: it comes by other ways than the news of its end, and may be later. */
function closeAfterLast(...ports: readonly MessagePort[]): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => {
      for (const port of ports) port.close();
      resolve();
    });
  });
}
