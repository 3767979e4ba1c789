/**
 * The main thread of a running deployment: starts the threads of every group, connects them, watches over them, and drains them.
 * No request passes through here.
 */

import { setFlagsFromString } from 'node:v8';
import { MessageChannel } from 'node:worker_threads';
import * as Comlink from 'comlink';
import { preloads, type Config, type Group, type Socket } from '../config/types.ts';
import type { EvaluationFailure } from '../messages/control.ts';
import type { LogMessage } from '../messages/log.ts';
import type { PreludeScript, SocketSpec } from '../messages/startup.ts';
import { makeError, type NanodError } from '../shared/errors.ts';
import { Backoff, threadBackoff } from './backoff.ts';
import { GroupPool, type ThreadHandle } from './group-pool.ts';
import { claimPort, formatUrl, listenError } from './ports.ts';
import { designatorSpec, groupSpecs, type Bundles } from './specs.ts';

export interface SupervisorPowers {
  readonly threadEntry: URL;
  readonly prelude: PreludeScript;
  readonly cores: number;
  /** Records of threads. */
  readonly onLog: (message: LogMessage) => void;
  /** The supervisor's own records. */
  readonly log: (level: 'info' | 'warn' | 'error', text: string, details?: Record<string, unknown>) => void;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** An address that is being listened on. */
export interface Listening {
  readonly socket: string;
  readonly url: string;
  readonly service: string;
}

/** How long a worker may take to evaluate before a start fails, in milliseconds. */
const evaluationTimeout = 10_000;

/** How long threads may take to come up, in milliseconds. */
const startTimeout = 30_000;

export class Supervisor {
  readonly #config: Config;
  readonly #bundles: Bundles;
  readonly #powers: SupervisorPowers;
  readonly #pools: GroupPool[] = [];
  readonly #threads = new Set<ThreadHandle>();
  readonly #sockets = new Map<string, SocketSpec[]>();
  #nextThread = 1;
  #draining = false;

  constructor(config: Config, bundles: Bundles, powers: SupervisorPowers) {
    this.#config = config;
    this.#bundles = bundles;
    this.#powers = powers;
  }

  /** Starts everything and listens. Rejects with a NanodError, or an AggregateError of them, after undoing what it did. */
  async start(): Promise<readonly Listening[]> {
    setFlagsFromString('--disallow-code-generation-from-strings'); // HARDENING R15: before the first thread
    try {
      const ports = await Promise.all(this.#config.sockets.map((socket) => claimPort(socket)));
      for (const group of this.#config.groups) this.#pools.push(this.#makePool(group));
      const threads = this.#pools.flatMap((pool) => Array.from({ length: pool.size }, () => this.#startThread(pool)));
      await this.#withDeadline(threads);
      if (preloads(this.#config)) await this.#preload();
      return await this.#listen(ports);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  get threads(): number {
    return this.#threads.size;
  }

  /** Evaluates every worker, on one thread of its group. Resolves with all failures. */
  async evaluateAll(): Promise<readonly NanodError[]> {
    const errors: NanodError[] = [];
    for (const service of this.#config.services) {
      if (service.kind !== 'worker') continue;
      const thread = [...this.#threads].find(({ group }) => group === service.group);
      const error = thread === undefined ? undefined : await evaluateOn(thread, service.name);
      if (error !== undefined) errors.push(error);
    }
    return errors;
  }

  /** Stops accepting, waits for requests under way, and ends. Returns the number of requests that were cut off. */
  async drain(deadlineMs: number): Promise<number> {
    this.#draining = true;
    const reports = await Promise.allSettled([...this.#threads].map(({ control }) => control.drain(deadlineMs)));
    await Promise.allSettled([...this.#threads].map(({ ended }) => ended));
    await this.stop();
    return reports.reduce((sum, report) => sum + (report.status === 'fulfilled' ? report.value.aborted : 0), 0);
  }

  /** Ends at once. */
  async stop(): Promise<void> {
    this.#draining = true;
    await Promise.all(this.#pools.map((pool) => pool.close()));
  }

  #makePool(group: Group): GroupPool {
    return new GroupPool({
      group: group.name,
      threads: group.threads === 'auto' ? this.#powers.cores : group.threads,
      threadEntry: this.#powers.threadEntry,
      prelude: this.#powers.prelude,
      services: groupSpecs(this.#config, this.#bundles, group.name),
      nextThread: () => this.#nextThread++,
      onLog: this.#powers.onLog,
    });
  }

  #startThread(pool: GroupPool): ThreadHandle {
    const handle = pool.start();
    for (const other of this.#threads) if (other.group !== handle.group) connect(handle, other);
    this.#threads.add(handle);
    this.#watch(pool, handle);
    return handle;
  }

  /** A thread that is lost is replaced, on the same sockets. */
  #watch(pool: GroupPool, handle: ThreadHandle, backoff = new Backoff(threadBackoff)): void {
    const since = this.#powers.now();
    handle.ended.catch((error: unknown) => {
      this.#threads.delete(handle);
      if (this.#draining) return;
      const waitMs = backoff.next(this.#powers.now() - since);
      const reason = error instanceof Error ? error.message : 'unknown';
      this.#powers.log('error', `thread ${handle.thread} is lost: ${reason}`, {
        thread: handle.thread,
        group: handle.group,
        restartInMs: waitMs,
      });
      setTimeout(() => void this.#replace(pool, backoff), waitMs);
    });
  }

  async #replace(pool: GroupPool, backoff: Backoff): Promise<void> {
    if (this.#draining) return;
    const handle = pool.start();
    for (const other of this.#threads) if (other.group !== handle.group) connect(handle, other);
    this.#threads.add(handle);
    this.#watch(pool, handle, backoff);
    const failures = await handle.control.listen(this.#sockets.get(pool.group) ?? []);
    for (const failure of failures) this.#powers.log('error', `cannot listen again: ${failure.message}`, { ...failure });
    this.#powers.log('info', `thread ${handle.thread} serves the group ${pool.group} again`, { thread: handle.thread });
  }

  async #withDeadline(threads: readonly ThreadHandle[]): Promise<void> {
    await Promise.all(
      threads.map(async ({ control, ended, group }) => {
        const lost = ended.then(
          () => 'it ended at once',
          (error: unknown) => String(error),
        );
        const ready = control.evaluate([]).then(() => undefined);
        const reason = await deadline(Promise.race([ready, lost]), startTimeout, 'it did not come up in time');
        if (reason !== undefined) throw makeError('THREAD_FAILED', { group, reason });
      }),
    );
  }

  async #preload(): Promise<void> {
    const errors = await this.evaluateAll();
    if (errors.length > 0) throw new AggregateError(errors);
  }

  async #listen(ports: readonly number[]): Promise<readonly Listening[]> {
    const listening: Listening[] = [];
    for (const [index, socket] of this.#config.sockets.entries()) {
      const spec = this.#socketSpec(socket, ports[index] ?? socket.address.port);
      await this.#listenOn(socket, spec);
      listening.push({ socket: socket.name, url: formatUrl(spec.host, spec.port), service: socket.service.service });
    }
    return listening;
  }

  #socketSpec(socket: Socket, port: number): SocketSpec {
    const { name, address, service } = socket;
    return { name, host: address.host, port, shared: true, target: designatorSpec(service) };
  }

  async #listenOn(socket: Socket, spec: SocketSpec): Promise<void> {
    const threads = [...this.#threads].filter(({ group }) => group === socket.group);
    const [first, ...others] = threads;
    let used = spec;
    let [failure] = (await first?.control.listen([spec])) ?? [];
    if (failure?.code === 'ENOTSUP' || failure?.code === 'EINVAL') {
      this.#powers.log('warn', `this platform cannot share a port between threads: one thread serves ${spec.name}`);
      used = { ...spec, shared: false };
      [failure] = (await first?.control.listen([used])) ?? [];
    } else if (failure === undefined) {
      [failure] = (await Promise.all(others.map(({ control }) => control.listen([spec])))).flat();
    }
    if (failure !== undefined) throw listenError(socket, failure.code, failure.message);
    this.#sockets.set(socket.group, [...(this.#sockets.get(socket.group) ?? []), used]);
  }
}

/** Opens the data channel between two threads; from then on they need nobody. */
function connect(a: ThreadHandle, b: ThreadHandle): void {
  const { port1, port2 } = new MessageChannel();
  void a.control.connect({ thread: b.thread, group: b.group }, Comlink.transfer(port1, [port1 as never]));
  void b.control.connect({ thread: a.thread, group: a.group }, Comlink.transfer(port2, [port2 as never]));
}

async function evaluateOn(thread: ThreadHandle, service: string): Promise<NanodError | undefined> {
  const failures = await deadline(thread.control.evaluate([service]), evaluationTimeout, undefined);
  if (failures === undefined) {
    return makeError('WORKER_TIMEOUT', { service, seconds: evaluationTimeout / 1000 });
  }
  const [failure] = failures;
  return failure === undefined ? undefined : evaluationError(failure);
}

function evaluationError({ service, name, message, stack }: EvaluationFailure): NanodError {
  const position = /\(?([^\s()]+):(\d+):(\d+)\)?$/m.exec(stack);
  const place = position === null ? {} : { file: position[1] as string, line: Number(position[2]), column: Number(position[3]) };
  return makeError('WORKER_EVALUATION', { service, reason: `${name}: ${message}` }, place);
}

async function deadline<T, D>(promise: Promise<T>, ms: number, late: D): Promise<T | D> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<D>((resolve) => {
    timer = setTimeout(() => resolve(late), ms);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
