/** The contract between the supervisor and a thread, spoken over comlink. No request passes here. */

import type { MessagePort } from 'node:worker_threads';
import type { EdgeReport } from './counters.ts';
import type { ServiceChanges, SocketSpec } from './startup.ts';

/** What the supervisor asks of a thread. */
export interface ThreadControl {
  /** Answers as soon as the thread is there, and has evaluated the workers that calls wait for. What fails there has crashed. */
  ready(): Promise<void>;
  /** Creates the realm of a worker, if there is none yet, and looks whether it has these entrypoints. What is staged goes first. */
  evaluate(check: WorkerCheck): Promise<readonly EvaluationFailure[]>;
  /**
   * Makes what a deployment changes, reached by nobody yet, and evaluates the workers among it that are live here in another version.
   * Resolves with their names, and with what is wrong with them.
   */
  stage(changes: ServiceChanges): Promise<StageReport>;
  /** Throws away what is staged. */
  discard(): Promise<void>;
  /**
   * Every call from now on goes to what is staged, and `sockets` lead to their targets. Services that were replaced are closed when the requests
   * have ended that may use them, or after `drainMs`.
   */
  commit(sockets: readonly SocketSpec[], drainMs: number): void;
  /** Starts listening. Rejects nothing: what failed is in the reports. `adopted`: as in `AdoptedDescriptors`. */
  listen(sockets: readonly SocketSpec[], adopted?: AdoptedDescriptors): Promise<readonly ListenFailure[]>;
  /** The descriptors behind the listeners of the thread, which stay its own. */
  descriptors(): AdoptedDescriptors;
  /** Stops accepting on listeners, by their ids; requests under way go on. Resolves when nobody can connect any more. */
  unlisten(ids: readonly string[]): Promise<void>;
  /** Opens the data channel to a thread of another group. Nothing of it passes the supervisor again. */
  connect(peer: PeerSpec, port: MessagePort): void;
  /**
   * Makes a version of a worker that has crashed anew, after `waitMs` milliseconds (`never`: not at all); until then its calls are refused. Requests that the
   * former realm has may end within `drainMs`.
   */
  restart(crashed: CrashedSpec, waitMs: number | 'never', drainMs: number): void;
  /** Bytes that the thread holds. */
  memory(): number;
  /** Creates the realm of a worker, if there is none yet, and says which of its entrypoints have a test. */
  tests(service: string): Promise<TestList>;
  /** Runs the test of an entrypoint of a worker that is loaded. Resolves when that has ended, with what it gave to `waitUntil`. */
  runTest(test: TestSpec): Promise<TestReport>;
  /** What was counted of the calls that were made on the thread. */
  counters(): readonly EdgeReport[];
  /** What has come of the requests of services of which two versions run. */
  shares(): readonly ShareReport[];
  /** How the thread is, and how its services are. */
  observe(): ThreadReport;
  /**
   * Stops accepting, lets requests under way finish (at most `deadlineMs`), and ends the resident task. Idle connections are closed after
   * `lingerMs`, or after the time that is usual.
   */
  drain(deadlineMs: number, lingerMs?: number): Promise<DrainReport>;
}

/** The two versions of a service, and what has come of their requests since the share began. */
export interface ShareReport {
  readonly service: string;
  readonly stable: SideReport;
  readonly candidate: SideReport;
}

export interface SideReport {
  readonly requests: number;
  /** Those that failed, or were answered with a status of 500 and above. */
  readonly errors: number;
}

/** How a thread is. Counts and times are since it began. */
export interface ThreadReport {
  readonly edges: readonly EdgeReport[];
  readonly services: readonly ServiceReport[];
  /** Of its event loop, in milliseconds. */
  readonly loop: { readonly active: number; readonly idle: number };
  /** How late timers were, in milliseconds: since it was last asked. */
  readonly delay: { readonly mean: number; readonly p50: number; readonly p99: number; readonly max: number };
  /** Of its heap, in bytes. */
  readonly heap: {
    readonly used: number;
    readonly total: number;
    readonly limit: number;
    readonly external: number;
  };
  /** Collections of garbage, by kind, and the milliseconds that they took. */
  readonly collections: readonly { readonly kind: string; readonly count: number; readonly ms: number }[];
}

export interface ServiceReport {
  readonly service: string;
  /** That are loaded. */
  readonly realms: number;
  /** Of one that is elsewhere. */
  readonly health: ServiceHealthReport | undefined;
}

/** As services/health.ts has it. */
export interface ServiceHealthReport {
  readonly answered: number;
  readonly failed: number;
  readonly refused: number;
  readonly retried: number;
  readonly consecutiveFailures: number;
  readonly lastSuccess: number | undefined;
  readonly lastFailure:
    { readonly time: number; readonly code: string; readonly message: string } | undefined;
  readonly lastLatency: number | undefined;
  readonly meanLatency: number | undefined;
}

/**
 * Descriptors by the id of their listener. Those that a predecessor of this process listens on as well are listened on as they are: what waits
 * in their queues belongs to both.
 */
export type AdoptedDescriptors = Readonly<Record<string, readonly number[]>>;

/** A version of a worker. */
export interface CrashedSpec {
  readonly service: string;
  readonly version: string;
}

/** A thread of another group. */
export interface PeerSpec {
  readonly thread: number;
  readonly group: string;
}

/** A worker to evaluate. */
export interface WorkerCheck {
  readonly service: string;
  /** What somebody points at. */
  readonly entrypoints: readonly string[];
}

/** The tests of a worker, or why there are none. */
export interface TestList {
  readonly entrypoints: readonly string[];
  readonly failure: EvaluationFailure | undefined;
}

export interface TestSpec {
  readonly service: string;
  readonly entrypoint: string;
}

/** What came of a test. */
export interface TestReport {
  /** How long it took, in milliseconds. */
  readonly ms: number;
  /** Why it failed; undefined where it has passed. Positions are those of the sources. */
  readonly error: TestError | undefined;
}

export interface TestError {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** What became of the staged workers that are live on a thread. */
export interface StageReport {
  readonly evaluated: readonly string[];
  readonly failures: readonly EvaluationFailure[];
}

/** What is wrong with a worker. */
export type EvaluationFailure =
  | {
      readonly kind: 'threw';
      readonly service: string;
      readonly name: string;
      readonly message: string;
      /** Positions are those of the sources. */
      readonly stack: string;
    }
  | { readonly kind: 'late'; readonly service: string }
  | { readonly kind: 'no-entrypoint'; readonly service: string; readonly entrypoint: string };

/** A socket that could not be listened on. `code`: of the system call (`EADDRINUSE`). */
export interface ListenFailure {
  readonly socket: string;
  readonly code: string;
  readonly message: string;
}

/** What a drain left behind. */
export interface DrainReport {
  /** Requests that were cut off at the deadline. */
  readonly aborted: number;
}
