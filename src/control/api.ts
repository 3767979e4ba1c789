/** What is asked of the daemon and what it answers: plain JSON, shared by the command line and the daemon. */

import type { ReadWith } from '../shared/read-with.ts';

/** Whether calls reach a service: it runs, somebody has stopped it, or it failed too often. */
export type ServiceState = 'online' | 'stopped' | 'errored';

export interface PingReport {
  readonly pid: number;
  /** Of nanod. */
  readonly version: string;
  readonly home: string;
  /** Since when it runs, in milliseconds since 1970. */
  readonly startedAt: number;
  readonly logs: LogsReport;
}

export interface ServiceReport {
  readonly name: string;
  /** A name that it shares with others. */
  readonly namespace?: string;
  readonly kind: string;
  readonly group: string;
  readonly state: ServiceState;
  /** Content hash of code and configuration; '' for services without code. */
  readonly version: string;
  /** When this version was deployed, in milliseconds since 1970. */
  readonly deployedAt: number;
  /** How often it was started anew: because somebody asked for it, or after a crash. */
  readonly restarts: number;
  /** Since the daemon began, or somebody has started it. */
  readonly crashes: number;
  /** `at`: ISO 8601. */
  readonly lastCrash?: { readonly at: string; readonly message: string };
  /** The latest crashes, newest first; only where a service is asked for by name. */
  readonly recentCrashes?: readonly CrashDescription[];
  /** Path of the configuration that it comes from; '' when it came from none. */
  readonly source: string;
  /** What was said with it, if anything: `nanod reload` says it again. */
  readonly readWith?: ReadWith;
  /** Why it is errored, where that is known. */
  readonly reason?: string;
  /** The addresses in front of it. */
  readonly urls: readonly string[];
}

/** How a service that is elsewhere has been doing: times in milliseconds since 1970, latencies in milliseconds. */
export interface ServiceHealth {
  readonly answered: number;
  readonly failed: number;
  /** Requests that its rules did not permit. */
  readonly refused: number;
  readonly retried: number;
  /** Failures since the last answer. */
  readonly consecutiveFailures: number;
  readonly lastSuccess?: number | undefined;
  readonly lastFailure?:
    { readonly time: number; readonly code: string; readonly message: string } | undefined;
  readonly lastLatency?: number | undefined;
  readonly meanLatency?: number | undefined;
}

/** Counts are since the threads that are there began. */
export interface ServiceDetails extends ServiceReport {
  /** That are loaded, over all threads. */
  readonly realms: number;
  readonly calls: number;
  readonly errors: number;
  readonly canceled: number;
  /** Calls that wait for their outcome. */
  readonly waiting: number;
  /** Milliseconds, to a factor of two; absent where no call was timed. */
  readonly p50?: number;
  readonly p99?: number;
  readonly health?: ServiceHealth;
}

export interface CrashDescription {
  /** ISO 8601. */
  readonly at: string;
  /** An error that nobody caught, a top level that failed, or the loss of a thread on which the service was running. */
  readonly kind: 'uncaught' | 'evaluation' | 'thread';
  readonly version: string;
  readonly thread: number;
  /** Where nobody caught it: `timer`, `unhandledrejection`, … */
  readonly source: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** How the process and its threads are. */
export interface VitalsReport {
  readonly process: {
    /** Of nanod. */
    readonly version: string;
    /** In milliseconds since 1970. */
    readonly startedAt: number;
    /** Resident memory, in bytes. */
    readonly rss: number;
  };
  readonly threads: readonly {
    readonly thread: number;
    readonly group: string;
    /** Absent where the thread has not answered in time: it is blocked. */
    readonly report?: ThreadVitals | undefined;
  }[];
}

export interface ThreadVitals {
  /** Of its event loop, since it began. */
  readonly activeMs: number;
  readonly idleMs: number;
  /** How late timers were, since the last look: 99 of 100 were earlier. */
  readonly delayP99: number;
  /** In bytes. */
  readonly heapUsed: number;
  readonly heapLimit: number;
}

export interface GroupReport {
  readonly name: string;
  readonly threads: number;
  readonly sockets: readonly SocketReport[];
}

export interface SocketReport {
  readonly socket: string;
  readonly url: string;
  /** What answers where no route does. */
  readonly service?: string | undefined;
  readonly routes: readonly { readonly pattern: string; readonly service: string }[];
}

/** A bundle as it is sent and stored: the bytes of its assets in base64. */
export interface StoredBundle {
  readonly format: 'module' | 'script';
  readonly code: string;
  readonly sourceMap: string;
  readonly version: string;
  readonly topLevelAwait: boolean;
  readonly mentionsTemporal: boolean;
  readonly assets: readonly {
    readonly kind: 'wasm' | 'data';
    readonly name: string;
    readonly base64: string;
  }[];
}

export interface DeployRequest {
  /** What names the deployment, and what it replaces: the path of the configuration. */
  readonly source: string;
  /** A `Config`, as config/types.ts has it. The daemon checks that it fits together with what runs. */
  readonly config: unknown;
  /** By the name of the worker. */
  readonly bundles: Readonly<Record<string, StoredBundle>>;
  /** Only these services are changed; the others of the source stay as they are. */
  readonly only?: readonly string[];
  /** It gets a share of the requests beside what runs, until it is promoted or aborted. */
  readonly share?: ShareTerms;
}

export interface ShareTerms {
  /** Of requests, from 0 to 100. */
  readonly percent: number;
  /** Requests with the same value of it are on the same side. */
  readonly sticky?: { readonly kind: 'header' | 'cookie'; readonly name: string };
}

export interface ShareRequest {
  /** Whether the new version replaces the old one, or goes. */
  readonly action: 'promote' | 'abort';
  /** One of the deployment; where it is absent, the only deployment that has a share is meant. */
  readonly service?: string;
}

/** `shared`: the version gets a share of the requests beside the one that runs. */
export type Change = 'new' | 'changed' | 'same' | 'removed' | 'shared';

export interface DeployReport {
  readonly services: readonly { readonly name: string; readonly change: Change; readonly version: string }[];
  readonly sockets: readonly SocketReport[];
  readonly threads: number;
  /** Configurations that could not be brought back when the daemon started. They are tried again. */
  readonly failures: readonly { readonly source: string; readonly reason: string }[];
}

export interface VersionReport {
  readonly service: string;
  readonly version: string;
  /** In milliseconds since 1970. */
  readonly deployedAt: number;
  readonly source: string;
  readonly isCurrent: boolean;
  /** Present while two versions run side by side. */
  readonly share?: {
    /** Of requests. */
    readonly percent: number;
    /** Since the share began, on the threads that are there. */
    readonly requests: number;
    /** Of them, those that failed or were answered with a status of 500 and above. */
    readonly errors: number;
  };
}

export interface RollbackRequest {
  readonly service: string;
  /** The beginning of a version; the one before the current one when absent. */
  readonly version?: string;
}

export interface ActRequest {
  readonly action: 'start' | 'stop' | 'restart' | 'delete';
  /** Names, globs, or `all`. */
  readonly selectors: readonly string[];
}

export interface ActReport {
  readonly services: readonly string[];
}

/** `selectors` as of an action. */
export interface SelectRequest {
  readonly selectors: readonly string[];
}

export interface SelectReport {
  readonly services: readonly ServiceReport[];
}

export interface EnvRequest extends SelectRequest {
  /** With values of texts, secrets among them. */
  readonly values: boolean;
}

/** What a worker finds in its `env`. */
export interface EnvReport {
  readonly service: string;
  readonly source: string;
  /** The environment that was chosen when its configuration was read: NAME of `env_NAME`. */
  readonly environment?: string;
  /** What the global `fetch` leads to. */
  readonly fetch: string;
  readonly bindings: readonly BindingReport[];
}

export interface BindingReport {
  readonly name: string;
  readonly kind: string;
  /** What it leads to, or where it comes from. No secret. */
  readonly detail: string;
  /** Only where it was asked for. */
  readonly value?: string;
}

export interface ScaleRequest {
  /** A group, or a service, which means its group. */
  readonly name: string;
  /** How many, or by how many with a sign: `3`, `"+1"`, `"-1"`. */
  readonly threads: number | string;
}

/** The program that is to be the daemon from now on: a new version of nanod for example. It runs with the rights of the daemon. */
export interface UpdateRequest {
  /** Absolute path of the runtime. */
  readonly runtime: string;
  /** Up to the command. */
  readonly args: readonly string[];
}

export interface UpdateReport {
  readonly from: DaemonIdentity;
  readonly to: DaemonIdentity;
}

export interface DaemonIdentity {
  readonly pid: number;
  /** Of nanod. */
  readonly version: string;
}

export interface KillReport {
  /** Requests that were cut off. */
  readonly aborted: number;
}

export interface LogsRequest {
  /** As of an action, and `nanod` for the daemon's own; everything when absent. */
  readonly selectors?: readonly string[] | undefined;
  /** Records of the past, the newest ones; 15 when absent, or with `since` as many as there are. */
  readonly lines?: number | undefined;
  /** Goes on with what comes. */
  readonly follow?: boolean | undefined;
  /** Milliseconds since 1970. */
  readonly since?: number | undefined;
  /** The least one: 20 debug, 30 info, 40 warn, 50 error. */
  readonly level?: number | undefined;
  /** `error`: warnings and errors; `out`: the others. */
  readonly stream?: 'out' | 'error' | undefined;
  /** A regular expression. */
  readonly grep?: string | undefined;
}

/** Records of the log as they come. */
export interface LogStream {
  /** Each some whole lines of JSON (shared/log-record.ts). Ends when the daemon does. */
  readonly chunks: AsyncIterable<string>;
  /** Nobody reads any more. */
  close(): void;
}

export interface FlushRequest {
  /** As of LogsRequest. */
  readonly selectors?: readonly string[] | undefined;
}

export interface FlushReport {
  readonly services: readonly string[];
  /** What was removed. */
  readonly bytes: number;
}

/** How it stands with the log files. */
export interface LogsReport {
  /** `paused`: nothing is written, because the disk is full; `failing`: some files cannot be written. */
  readonly state: 'writing' | 'paused' | 'failing';
  /** Why it is not `writing`. */
  readonly reason?: string;
  /** Of all files. */
  readonly bytes: number;
  /** Records since the daemon has started that services had too many of, and that the disk did not take. */
  readonly droppedByLimit: number;
  readonly droppedByDisk: number;
}

/** What can be asked. Each rejects with CommandFailure. */
export interface ControlApi {
  ping(): Promise<PingReport>;
  list(): Promise<readonly ServiceReport[]>;
  /** Those that are meant; rejects with SELECTOR_UNMATCHED. */
  select(request: SelectRequest): Promise<SelectReport>;
  /** As `select`, with all that is known. */
  describe(request: SelectRequest): Promise<{ readonly services: readonly ServiceDetails[] }>;
  threads(): Promise<readonly GroupReport[]>;
  env(request: EnvRequest): Promise<readonly EnvReport[]>;
  vitals(): Promise<VitalsReport>;
  deploy(request: DeployRequest): Promise<DeployReport>;
  /** Ends a share. Rejects with SHARE_NONE. */
  share(request: ShareRequest): Promise<DeployReport>;
  versions(request: { readonly service?: string }): Promise<readonly VersionReport[]>;
  rollback(request: RollbackRequest): Promise<DeployReport>;
  act(request: ActRequest): Promise<ActReport>;
  scale(request: ScaleRequest): Promise<readonly GroupReport[]>;
  save(): Promise<{ readonly file: string }>;
  resurrect(): Promise<DeployReport>;
  update(request: UpdateRequest): Promise<UpdateReport>;
  kill(): Promise<KillReport>;
  logs(request: LogsRequest): Promise<LogStream>;
  flush(request: FlushRequest): Promise<FlushReport>;
}
