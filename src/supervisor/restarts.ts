/**
 * Starts services again that have crashed, each on its thread, and gives up those that do so again and again. When a thread dies, the service
 * that was running there is suspected. Runs in the supervisor.
 */

import { allBindings, type Config, type WorkerService } from '../config/types.ts';
import type { CrashMessage } from '../messages/crash.ts';
import { readMark } from '../shared/running-mark.ts';
import { type Crash, Crashes, type CrashReport } from './crashes.ts';
import type { ThreadHandle } from './group-pool.ts';

export interface RestartPowers {
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly date: () => Date;
  readonly log: (level: 'info' | 'warn' | 'error', text: string, details?: Record<string, unknown>) => void;
  /** What runs. */
  readonly config: () => Config;
  /** Threads that serve. */
  readonly threads: () => readonly ThreadHandle[];
  /** How long the requests of a realm that has crashed may go on, where its worker does not say it, in milliseconds. */
  readonly drainMs: number;
  /** A version of a service is not started again; on the thread where it has crashed, it refuses its calls already. */
  readonly onGivenUp: (service: string, version: string) => void;
}

/** Threads of a group that die belong together for so long, in milliseconds. */
const suspicionWindow = 5 * 60_000;

interface Loss {
  readonly at: number;
  readonly group: string;
  readonly suspects: ReadonlySet<string>;
}

export class Restarts {
  readonly #powers: RestartPowers;
  readonly #crashes: Crashes;
  /** Versions; see keyOf. */
  readonly #givenUp = new Set<string>();
  #losses: Loss[] = [];

  constructor(powers: RestartPowers) {
    this.#powers = powers;
    this.#crashes = new Crashes(powers);
  }

  /** A thread has told of it. Threads that do not serve (any more) are tried out, or leave: nothing is counted. */
  crashed(message: CrashMessage): void {
    const { service, ...crash } = message;
    const thread = this.#powers.threads().find((each) => each.thread === crash.thread);
    const worker = this.#worker(service);
    if (thread === undefined || worker === undefined || this.#givenUp.has(keyOf(service, crash.version)))
      return;
    const drainMs = worker.supervision?.killTimeout ?? this.#powers.drainMs;
    const waitMs = this.#follow(worker, crash);
    thread
      .ask((control) =>
        Promise.resolve(control.restart({ service, version: crash.version }, waitMs, drainMs)),
      )
      .catch(() => {}); // it is lost
  }

  /**
   * A thread is lost. Who is to blame is whoever was running, or what that one could have called; of several, those that come into question
   * each time.
   */
  lost({ thread, group, mark }: ThreadHandle, reason: string): void {
    const now = this.#powers.now();
    const workers = this.#workers().filter((worker) => worker.group === group);
    const running = readMark(
      mark,
      workers.map(({ name }) => name),
    );
    if (running === undefined) return;
    const suspects = reachableFrom(running, workers);
    this.#losses = this.#losses.filter(({ at }) => now - at < suspicionWindow);
    const earlier = this.#losses.filter((loss) => loss.group === group);
    this.#losses.push({ at: now, group, suspects });
    const common = [...suspects].filter((name) => earlier.every((loss) => loss.suspects.has(name)));
    const [only, ...others] = common.length > 0 ? common : [running];
    const worker = only === undefined || others.length > 0 ? undefined : this.#worker(only);
    this.#powers.log('warn', `thread ${thread} was running ${running} when it was lost`, {
      thread,
      suspects: common,
    });
    if (worker === undefined || this.#givenUp.has(keyOf(worker.name, ''))) return;
    const crash = {
      kind: 'thread',
      version: '',
      thread,
      source: 'thread',
      name: 'Error',
      message: reason,
    } as const;
    this.#follow(worker, { ...crash, stack: '' });
  }

  /** Somebody starts them: they have another chance. */
  forget(services: Iterable<string>): void {
    const names = [...services];
    for (const key of this.#givenUp) if (names.includes(key.split(' ', 1).join())) this.#givenUp.delete(key);
    this.#crashes.forget(names);
    this.#losses = this.#losses.filter(({ suspects }) => !names.some((name) => suspects.has(name)));
  }

  report(service: string): CrashReport {
    return this.#crashes.report(service);
  }

  /** How long until it starts again. */
  #follow({ name, supervision }: WorkerService, crash: Crash): number | 'never' {
    const { thread, kind, message, name: error } = crash;
    const verdict = this.#crashes.record(name, crash, supervision);
    const what = `the service ${name} has crashed on thread ${thread}: ${error}: ${message}`;
    if (verdict.kind === 'restart') {
      const { waitMs } = verdict;
      this.#powers.log('warn', what, { crashed: name, kind, thread, restartInMs: waitMs });
      return waitMs;
    }
    this.#givenUp.add(keyOf(name, crash.version));
    this.#powers.log('error', what, { crashed: name, kind, thread });
    this.#powers.log('error', `the service ${name} is given up: ${verdict.reason}`, { crashed: name });
    this.#powers.onGivenUp(name, crash.version);
    return 'never';
  }

  #workers(): WorkerService[] {
    return this.#powers.config().services.filter((service) => service.kind === 'worker');
  }

  #worker(name: string): WorkerService | undefined {
    return this.#workers().find((worker) => worker.name === name);
  }
}

/** Names of services have no spaces. */
function keyOf(service: string, version: string): string {
  return `${service} ${version}`;
}

/** A worker and those that it can call on its thread, directly or through others. */
function reachableFrom(name: string, workers: readonly WorkerService[]): ReadonlySet<string> {
  const reached = new Set([name]);
  for (const each of reached) {
    const worker = workers.find((other) => other.name === each);
    for (const binding of allBindings(worker?.bindings ?? []))
      if (binding.kind === 'service' && workers.some((other) => other.name === binding.service))
        reached.add(binding.service);
  }
  return reached;
}
