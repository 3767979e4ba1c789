/**
 * The main thread of a running deployment: starts the threads of every group, connects them, watches over them, and drains them.
 * No request passes through here.
 */

import { setFlagsFromString } from 'node:v8';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import * as Comlink from 'comlink';
import { preloads, type Config, type Group, type Socket } from '../config/types.ts';
import type { LogMessage } from '../messages/log.ts';
import type { PreludeScript, SocketSpec } from '../messages/startup.ts';
import { makeError, type NanodError } from '../shared/errors.ts';
import { describeThrown } from '../shared/text.ts';
import { deadline } from './deadline.ts';
import { evaluateWorkers } from './evaluation.ts';
import { Backoff, threadBackoff } from './backoff.ts';
import { GroupPool, type ThreadHandle } from './group-pool.ts';
import { claimPorts, formatUrl, listenError } from './ports.ts';
import { designatorSpec, groupSpecs, type Bundles } from './specs.ts';
import type { Tuning } from './tuning.ts';

export interface SupervisorPowers {
  readonly threadEntry: URL;
  readonly prelude: PreludeScript;
  /** The text of src/nodejs/; undefined where no worker needs it. */
  readonly nodejs: string | undefined;
  readonly cores: number;
  readonly tuning: Tuning;
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

/** A thread answers within its own time; one that is blocked does not, and nobody waits longer for it than this, in milliseconds. */
const blockedAfter = 1000;

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
    try {
      const ports = await claimPorts(this.#config.sockets);
      await this.#startThreads();
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

  /** Evaluates every worker instead of serving: listens to nothing, and ends. Resolves with all failures. */
  async evaluate(): Promise<readonly NanodError[]> {
    try {
      await this.#startThreads();
      return await this.#evaluateAll();
    } finally {
      await this.stop();
    }
  }

  async #startThreads(): Promise<void> {
    setFlagsFromString('--disallow-code-generation-from-strings'); // HARDENING R15: before the first thread
    for (const group of this.#config.groups) this.#pools.push(this.#makePool(group));
    const threads = this.#pools.flatMap((pool) =>
      Array.from({ length: pool.size }, () => this.#startThread(pool)),
    );
    await this.#withDeadline(threads);
  }

  /** On one thread of each group. */
  #evaluateAll(): Promise<readonly NanodError[]> {
    return evaluateWorkers({
      config: this.#config,
      thread: (group) => [...this.#threads].find((thread) => thread.group === group),
      timeout: this.#powers.tuning.evaluationTimeout,
    });
  }

  /** Stops accepting, waits for requests under way, and ends. Returns the number of requests that were cut off. */
  async drain(): Promise<number> {
    this.#draining = true;
    const cutOff = await Promise.all([...this.#threads].map((thread) => this.#drainThread(thread)));
    await this.stop();
    return cutOff.reduce((sum, count) => sum + count, 0);
  }

  /** A thread that is lost meanwhile has nothing left to drain; one that is blocked is killed with all its requests. */
  async #drainThread(thread: ThreadHandle): Promise<number> {
    const { drainTimeout } = this.#powers.tuning;
    const drained = thread.ask(async (control) => (await control.drain(drainTimeout)).aborted).catch(() => 0);
    const aborted = await deadline(drained, drainTimeout + blockedAfter, undefined);
    if (aborted === undefined)
      this.#powers.log('error', `thread ${thread.thread} is blocked: its requests are lost`);
    else
      await deadline(
        thread.ended.catch(() => {}),
        blockedAfter,
        undefined,
      );
    return aborted ?? 0;
  }

  /** Ends at once. */
  async stop(): Promise<void> {
    this.#draining = true;
    await Promise.all(this.#pools.map((pool) => pool.close()));
  }

  #makePool(group: Group): GroupPool {
    const { evaluationTimeout, ingress } = this.#powers.tuning;
    return new GroupPool({
      group: group.name,
      threads: group.threads === 'auto' ? this.#powers.cores : group.threads,
      threadEntry: this.#powers.threadEntry,
      prelude: this.#powers.prelude,
      nodejs: this.#powers.nodejs,
      services: groupSpecs(this.#config, this.#bundles, group.name),
      threadMemoryMb: this.#config.threadMemoryMb,
      settings: { evaluationTimeout, ingress },
      nextThread: () => this.#nextThread++,
      onLog: this.#powers.onLog,
    });
  }

  #startThread(pool: GroupPool, backoff = new Backoff(threadBackoff)): ThreadHandle {
    const handle = pool.start();
    for (const other of this.#threads) if (other.group !== handle.group) connect(handle, other);
    this.#threads.add(handle);
    this.#watch(pool, handle, backoff);
    return handle;
  }

  /** A thread that is lost is replaced, on the same sockets. */
  #watch(pool: GroupPool, handle: ThreadHandle, backoff: Backoff): void {
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
      setTimeout(() => this.#replace(pool, backoff), waitMs);
    });
  }

  #replace(pool: GroupPool, backoff: Backoff): void {
    if (this.#draining) return;
    const handle = this.#startThread(pool, backoff);
    const listening = handle.ask((control) => control.listen(this.#sockets.get(pool.group) ?? []));
    listening.then(
      (failures) => {
        for (const failure of failures)
          this.#powers.log('error', `cannot listen again: ${failure.message}`, { ...failure });
        const { thread, group } = handle;
        this.#powers.log('info', `thread ${thread} serves the group ${group} again`, { thread, group });
      },
      () => {}, // it is lost as well, and its watch has seen to that
    );
  }

  async #withDeadline(threads: readonly ThreadHandle[]): Promise<void> {
    await Promise.all(
      threads.map(async ({ ask, group }) => {
        const ready = ask((control) => control.ready()).then(() => undefined, describeThrown);
        const reason = await deadline(ready, this.#powers.tuning.startTimeout, 'it did not come up in time');
        if (reason !== undefined) throw makeError('THREAD_FAILED', { group, reason });
      }),
    );
  }

  async #preload(): Promise<void> {
    const errors = await this.#evaluateAll();
    if (errors.length > 0) throw new AggregateError(errors);
  }

  async #listen(ports: readonly number[]): Promise<readonly Listening[]> {
    const listening: Listening[] = [];
    for (const [index, socket] of this.#config.sockets.entries()) {
      const spec = this.#socketSpec(socket, ports[index] ?? socket.address.port);
      await this.#listenOn(socket, spec, index);
      listening.push({
        socket: socket.name,
        url: formatUrl(spec.host, spec.port),
        service: socket.service.service,
      });
    }
    return listening;
  }

  #socketSpec(socket: Socket, port: number): SocketSpec {
    const { name, address, service } = socket;
    return { name, host: address.host, port, shared: true, target: designatorSpec(service) };
  }

  async #listenOn(socket: Socket, spec: SocketSpec, index: number): Promise<void> {
    const threads = [...this.#threads].filter(({ group }) => group === socket.group);
    const [first, ...others] = threads;
    let used = spec;
    let [failure] = (await first?.ask((control) => control.listen([spec]))) ?? [];
    if (failure?.code === 'ENOTSUP' || failure?.code === 'EINVAL') {
      this.#powers.log(
        'warn',
        `this platform cannot share a port between threads: one thread serves ${spec.name}`,
      );
      used = { ...spec, shared: false };
      [failure] = (await first?.ask((control) => control.listen([used]))) ?? [];
    } else if (failure === undefined) {
      [failure] = (
        await Promise.all(others.map(({ ask }) => ask((control) => control.listen([spec]))))
      ).flat();
    }
    if (failure !== undefined) throw listenError(socket.address, index, failure);
    this.#sockets.set(socket.group, [...(this.#sockets.get(socket.group) ?? []), used]);
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
