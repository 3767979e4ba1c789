/**
 * The threads of every group: starts them, connects them to each other, replaces those that are lost, and drains them. Knows nothing of
 * deployments but what a thread of a group is to carry at the moment.
 */

import { setFlagsFromString } from 'node:v8';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import * as Comlink from 'comlink';
import type { Config } from '../config/types.ts';
import type { ListenFailure } from '../messages/control.ts';
import type { CrashMessage } from '../messages/crash.ts';
import type { LogMessage } from '../messages/log.ts';
import type { PreludeScript, SocketSpec, ThreadStartup } from '../messages/startup.ts';
import { makeError } from '../shared/errors.ts';
import { describeThrown } from '../shared/text.ts';
import { Backoff, threadBackoff } from './backoff.ts';
import { DynamicBuilds } from './builds/dynamic-builds.ts';
import { deadline } from './deadline.ts';
import { GroupPool, type ThreadHandle, type ThreadLoad } from './group-pool.ts';

/** What a thread of a group is to carry. */
export interface GroupLoad extends ThreadLoad {
  /** With the ports that are in use. */
  readonly sockets: readonly SocketSpec[];
}

/** The threads of a plan that is tried out. */
export interface ThreadsApart {
  /** A thread of the group: the one that is there, or a new one. Rejects with THREAD_FAILED. */
  thread(group: string): Promise<ThreadHandle>;
  /** Ends a thread at once. */
  kill(thread: ThreadHandle): void;
}

export interface FleetPowers {
  readonly threadEntry: URL;
  readonly prelude: PreludeScript;
  readonly settings: Pick<ThreadStartup, 'evaluationTimeout' | 'ingress'>;
  readonly startTimeout: number;
  /** What a thread that replaces a lost one is to carry. */
  readonly load: (group: string) => GroupLoad;
  /** Nothing of the thread runs any more, however it ended. */
  readonly onEnded: (thread: number) => void;
  /** Has it listen on what the lost one listened on. Resolves with what failed. */
  readonly listenAgain: (
    thread: ThreadHandle,
    lost: ThreadHandle,
    load: GroupLoad,
  ) => Promise<readonly ListenFailure[]>;
  /** A thread that served has died. */
  readonly onLost: (thread: ThreadHandle, reason: string) => void;
  /** Records of threads. */
  readonly onLog: (message: LogMessage) => void;
  readonly onCrash: (message: CrashMessage) => void;
  readonly log: (level: 'info' | 'warn' | 'error', text: string, details?: Record<string, unknown>) => void;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** A thread answers within its own time; one that is blocked does not, and nobody waits longer for it than this, in milliseconds. */
const blockedAfter = 1000;

/** A thread that is killed has stopped by then, in milliseconds. */
const stoppedAfter = 50;

export class Fleet {
  readonly #powers: FleetPowers;
  readonly #pools = new Map<string, GroupPool>();
  readonly #threads = new Set<ThreadHandle>();
  /** Threads that are to end. */
  readonly #leaving = new Set<ThreadHandle>();
  readonly #builds = new DynamicBuilds();
  #threadMemoryMb: number | undefined;
  /** Groups of lost threads whose replacements are still to come, once for each. */
  readonly #coming: string[] = [];
  #nextThread = 1;
  #connections = 0;
  #closing = false;

  constructor(powers: FleetPowers) {
    this.#powers = powers;
    setFlagsFromString('--disallow-code-generation-from-strings'); // HARDENING R15: before the first thread
  }

  /** Threads that serve, or are about to, in the order of their start; those of one group if it is named. */
  threads(group?: string): ThreadHandle[] {
    return [...this.#threads].filter((thread) => group === undefined || thread.group === group);
  }

  /** How many threads a group has, with those that are lost and will be replaced in a moment. */
  size(group: string): number {
    return this.threads(group).length + this.#coming.filter((each) => each === group).length;
  }

  /** Says how much memory the threads have that start from now on. */
  limitMemory({ threadMemoryMb: megabytes }: Pick<Config, 'threadMemoryMb'>): void {
    if (megabytes === this.#threadMemoryMb) return;
    this.#threadMemoryMb = megabytes;
    // Pools go with their last thread.
    for (const [group, pool] of this.#pools) void this.#endWithLast(group, pool);
    this.#pools.clear();
  }

  /** Starts threads, and resolves when they are there. Rejects with THREAD_FAILED. */
  async start(group: string, count: number, load: ThreadLoad): Promise<ThreadHandle[]> {
    const threads = Array.from({ length: count }, () => this.#startThread(group, load));
    try {
      await Promise.all(threads.map((thread) => this.#untilReady(thread)));
    } catch (error) {
      for (const thread of threads) this.kill(thread);
      throw error;
    }
    return threads;
  }

  /** A thread that belongs to nobody, for trying something out. The caller kills it. */
  async startApart(group: string, load: ThreadLoad): Promise<ThreadHandle> {
    const thread = this.#startIn(group, load);
    this.#leaving.add(thread);
    thread.ended.catch(() => {}).finally(() => this.#leaving.delete(thread));
    await this.#untilReady(thread);
    return thread;
  }

  /** `load`: what the threads of a group carry. */
  apart(load: (group: string) => ThreadLoad): ThreadsApart {
    return {
      thread: async (group) =>
        this.threads(group)[0] ?? ((await this.start(group, 1, load(group)))[0] as ThreadHandle),
      kill: (thread) => this.kill(thread),
    };
  }

  /** A data channel to a thread of the group, for this process (src/messages/channel.ts): to another thread each time. */
  connect(group: string): MessagePort {
    const threads = this.threads(group);
    const thread = threads[this.#connections++ % Math.max(1, threads.length)];
    if (thread === undefined) throw makeError('GROUP_UNREACHABLE', { service: group });
    const { port1, port2 } = new MessageChannel();
    // No thread has such a number, and no group that name.
    const peer = { thread: -this.#connections, group: '' };
    thread
      .ask((control) => control.connect(peer, Comlink.transfer(port2, [port2 as never])))
      .catch(() => port1.close());
    thread.ended.catch(() => {}).finally(() => port1.close());
    return port1;
  }

  /** Ends a thread at once, for good. */
  kill(thread: ThreadHandle): void {
    this.#threads.delete(thread);
    this.#leaving.add(thread);
    thread.ended.catch(() => {}).finally(() => this.#leaving.delete(thread));
    thread.kill();
  }

  /**
   * Lets a thread finish its requests and end. Resolves with the number of requests that were cut off. A thread that is lost meanwhile has
   * nothing left to drain; one that is blocked is killed with all its requests.
   */
  async drain(thread: ThreadHandle, drainTimeout: number, lingerMs?: number): Promise<number> {
    this.#threads.delete(thread);
    this.#leaving.add(thread);
    const drained = thread
      .ask(async (control) => (await control.drain(drainTimeout, lingerMs)).aborted)
      .catch(() => 0);
    const aborted = await deadline(drained, drainTimeout + blockedAfter, undefined);
    const ended = thread.ended.catch(() => {});
    if (aborted === undefined) {
      this.#powers.log('error', `thread ${thread.thread} is blocked: its requests are lost`);
      thread.kill();
    } else await deadline(ended, blockedAfter, undefined);
    this.#leaving.delete(thread);
    return aborted ?? 0;
  }

  get isClosing(): boolean {
    return this.#closing;
  }

  /** Nothing is replaced any more. */
  close(): void {
    this.#closing = true;
  }

  /** Ends at once. */
  async stop(): Promise<void> {
    this.#closing = true;
    this.#builds.stop();
    for (const thread of [...this.#threads, ...this.#leaving]) thread.kill();
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
  }

  #pool(group: string): GroupPool {
    const known = this.#pools.get(group);
    if (known !== undefined) return known;
    const { threadEntry, prelude, settings, onLog, onCrash } = this.#powers;
    if (this.#threadMemoryMb === undefined) throw new Error('nobody has said how much memory a thread has');
    const pool = new GroupPool({
      group,
      threadEntry,
      prelude,
      threadMemoryMb: this.#threadMemoryMb,
      settings,
      nextThread: () => this.#nextThread++,
      onLog,
      onCrash,
      connectBuilds: (port) => this.#builds.connect(port),
    });
    this.#pools.set(group, pool);
    return pool;
  }

  async #endWithLast(group: string, pool: GroupPool): Promise<void> {
    const threads = [...this.#threads, ...this.#leaving].filter((thread) => thread.group === group);
    await Promise.allSettled(threads.map(({ ended }) => ended));
    await pool.close();
  }

  #startThread(group: string, load: ThreadLoad, backoff = new Backoff(threadBackoff)): ThreadHandle {
    const handle = this.#startIn(group, load);
    for (const other of this.#threads) if (other.group !== group) connect(handle, other);
    this.#threads.add(handle);
    this.#watch(handle, backoff);
    return handle;
  }

  #startIn(group: string, load: ThreadLoad): ThreadHandle {
    const handle = this.#pool(group).start(load);
    const tell = (): void => void setTimeout(() => this.#powers.onEnded(handle.thread), stoppedAfter).unref();
    handle.ended.then(tell, tell);
    return handle;
  }

  /** A thread that is lost is replaced, on the same sockets. */
  #watch(handle: ThreadHandle, backoff: Backoff): void {
    const { group, thread } = handle;
    const since = this.#powers.now();
    handle.ended.catch((error: unknown) => {
      if (!this.#threads.delete(handle) || this.#closing) return;
      const waitMs = backoff.next(this.#powers.now() - since);
      const reason = error instanceof Error ? error.message : 'unknown';
      this.#powers.log('error', `thread ${thread} is lost: ${reason}`, {
        thread,
        group,
        restartInMs: waitMs,
      });
      this.#powers.onLost(handle, reason);
      this.#coming.push(group);
      setTimeout(() => this.#replace(handle, backoff), waitMs);
    });
  }

  #replace(lost: ThreadHandle, backoff: Backoff): void {
    const { group } = lost;
    this.#coming.splice(this.#coming.indexOf(group), 1);
    if (this.#closing) return;
    const load = this.#powers.load(group);
    const handle = this.#startThread(group, load, backoff);
    const listening = this.#powers.listenAgain(handle, lost, load);
    listening.then(
      (failures) => {
        for (const failure of failures)
          this.#powers.log('error', `cannot listen again: ${failure.message}`, { ...failure });
        const { thread } = handle;
        this.#powers.log('info', `thread ${thread} serves the group ${group} again`, { thread, group });
      },
      () => {}, // it is lost as well, and its watch has seen to that
    );
  }

  async #untilReady({ ask, group }: ThreadHandle): Promise<void> {
    const ready = ask((control) => control.ready()).then(() => undefined, describeThrown);
    const reason = await deadline(ready, this.#powers.startTimeout, 'it did not come up in time');
    if (reason !== undefined) throw makeError('THREAD_FAILED', { group, reason });
  }
}

/** Opens the data channel between two threads; from then on they need nobody. */
function connect(a: ThreadHandle, b: ThreadHandle): void {
  const { port1, port2 } = new MessageChannel();
  tellOf(b, a, port1);
  tellOf(a, b, port2);
}

/** A thread that ends before it has heard of the other closes its end of the channel, which the other notices. */
function tellOf(peer: ThreadHandle, { ask }: ThreadHandle, port: MessagePort): void {
  const { thread, group } = peer;
  ask((control) => control.connect({ thread, group }, Comlink.transfer(port, [port as never]))).catch(
    () => {},
  );
}
