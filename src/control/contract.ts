/**
 * What the command line can ask of nanod. Commands see only this; src/main.ts gives them something that does it: in this process, or through
 * the control API of the daemon.
 */

import type { NanodError } from '../shared/errors.ts';
import type { NamedValue } from '../shared/read-with.ts';
import type { ControlApi, DeployRequest, UpdateReport } from './api.ts';

/** Thrown by what a command asks for: every error that was found, at least one. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly errors: readonly NanodError[];

  constructor(errors: readonly NanodError[]) {
    super(errors.map(({ message }) => message).join('\n'));
    this.errors = errors;
  }
}

/** An address that is being listened on. */
export interface ServedSocket {
  readonly socket: string;
  /** As a client writes it: `https://localhost:8443/`, `tcp://127.0.0.1:9000`, `unix:/run/site.sock`, `fd:3`. */
  readonly url: string;
  /** What answers where no route does. */
  readonly service: string | undefined;
  readonly routes: readonly ServedRoute[];
}

export interface ServedRoute {
  readonly pattern: string;
  readonly service: string;
}

/** A deployment that runs in this process. */
export interface Server {
  readonly sockets: readonly ServedSocket[];
  /** Where nanod says how it is. */
  readonly admin: readonly string[];
  readonly threads: number;
  readonly services: number;
  /** What looks wrong in the code of workers, and what is left out of the configuration; each with its place, on one line. */
  readonly warnings: readonly string[];
  /** Resolves, with what to say, where nanod cannot go on as it was configured and has to be started anew. */
  readonly lost: Promise<string>;
  /** Stops accepting, waits a while for requests under way, and ends. Resolves with how many were cut off. */
  drain(): Promise<number>;
}

/** Which configuration, and what the command line says over it. */
export interface ConfigOptions {
  /** Path of the configuration or of its directory; the working directory when undefined. */
  readonly config: string | undefined;
  /** Name of the constant in a capnp file; its only configuration when undefined. */
  readonly constant: string | undefined;
  /** Further wrangler files, which make one deployment with the first. */
  readonly others: readonly string[];
  /** Name of the environment in wrangler files; none of them when undefined. */
  readonly environment: string | undefined;
  /** Where sockets listen. */
  readonly socketAddr: readonly NamedValue[];
  /** Where external servers are. */
  readonly externalAddr: readonly NamedValue[];
  /** Where the directories of services are, from the working directory. */
  readonly directoryPath: readonly NamedValue[];
  /** Scripts, from the working directory, that take the place of services. */
  readonly replace: readonly NamedValue[];
}

export interface ServeOptions extends ConfigOptions {
  /** Number of threads of the default group, over what the configuration says. */
  readonly threads: number | undefined;
  /** Called after each bundled worker. */
  readonly onProgress: (done: number, total: number) => void;
}

export interface CheckOptions extends ConfigOptions, Pick<ServeOptions, 'onProgress'> {
  /** Evaluate every worker, too. */
  readonly evaluate: boolean;
}

/** What a check found in order. */
export interface CheckReport {
  readonly file: string;
  readonly workers: number;
  readonly sockets: number;
  readonly evaluated: boolean;
  /** As of a server. */
  readonly warnings: readonly string[];
}

export interface TestOptions extends ConfigOptions, Pick<ServeOptions, 'onProgress'> {
  /** `service` or `service:entrypoint`, both globs; every test when undefined. */
  readonly filter: string | undefined;
  /** How long a test may take, in milliseconds. */
  readonly timeout: number;
  /** Records of the log below `warn` are written too. */
  readonly verbose: boolean;
  /** A test begins. */
  readonly onTest: (name: TestName) => void;
  /** It has ended. */
  readonly onResult: (result: TestResult) => void;
}

export interface TestName {
  readonly service: string;
  readonly entrypoint: string;
}

/** What came of a test. */
export interface TestResult extends TestName {
  /** In milliseconds. */
  readonly ms: number;
  /** Why it failed; undefined where it has passed. Positions in the stack are those of the sources. */
  readonly error: { readonly name: string; readonly message: string; readonly stack: string } | undefined;
}

export interface TestRun {
  readonly results: readonly TestResult[];
  /** As of a server. */
  readonly warnings: readonly string[];
}

export interface GraphOptions extends ConfigOptions {
  readonly format: GraphFormat;
  /** Name of a service: who can reach it. */
  readonly whoCanReach: string | undefined;
  /** Name of a service or of a socket: what can be reached from there. */
  readonly reachableFrom: string | undefined;
}

export type GraphFormat = 'text' | 'json' | 'mermaid' | 'dot' | 'svg';

/** The map of a deployment, or an answer that it gives. */
export interface GraphReport {
  /** In the format that was asked for, to its last line's end. */
  readonly text: string;
  /** As of a server. */
  readonly warnings: readonly string[];
}

/** What is to be deployed: a configuration, or a script that makes one by itself. */
export interface PrepareOptions extends Pick<ServeOptions, 'config' | 'onProgress'> {
  /** For a bare script: the name of its service; that of the file when absent. */
  readonly name?: string | undefined;
  /** For a bare script: where it is reached. */
  readonly port?: number | undefined;
  /** Deploys the workers again when their files change. */
  readonly watch?: boolean | undefined;
  /** Of all workers that are deployed. */
  readonly namespace?: string | undefined;
  /** Where directories of a capnp file count from; the working directory when absent. */
  readonly directory?: string | undefined;
  /** As of `ConfigOptions`. */
  readonly constant?: string | undefined;
  readonly others?: readonly string[];
  readonly environment?: string | undefined;
  readonly socketAddr?: readonly NamedValue[];
  readonly externalAddr?: readonly NamedValue[];
  readonly directoryPath?: readonly NamedValue[];
}

/** A deployment that is ready to be sent. */
export interface Prepared extends DeployRequest {
  /** As of a server. */
  readonly warnings: readonly string[];
}

/** The daemon as the command line reaches it. */
export interface DaemonHandle {
  readonly api: ControlApi;
  /** Starts it where there is none. Resolves with whether it did; rejects with DAEMON_START and what it has said. */
  ensure(): Promise<boolean>;
  /** Has it hand everything over to a process of this version of nanod. Rejects with UPDATE_FAILED. */
  update(): Promise<UpdateReport>;
  /** Resolves when its process has ended. */
  gone(pid: number): Promise<void>;
}

export interface ConvertOptions extends Pick<ConfigOptions, 'constant' | 'others' | 'environment'> {
  /** Path of the configuration. */
  readonly config: string;
  /** The file that is written; it must not exist. Without it the text is returned, and its paths count from the working directory. */
  readonly output: string | undefined;
}

/** A configuration in dialect 1. */
export interface Converted {
  /** The text; `undefined` where it has been written. */
  readonly text: string | undefined;
  /** What dialect 1 was not told, each with its place, on one line. */
  readonly warnings: readonly string[];
}

/** Which systemd: the machine's, or that of a user. */
export type StartupScope = 'system' | 'user';

export interface StartupOptions {
  /** Root's is the machine's when undefined. */
  readonly scope: StartupScope | undefined;
  /** Nothing is installed. */
  readonly print: boolean;
  /** Name of the user that the daemon runs as. */
  readonly runAs: string | undefined;
  /** As systemd writes it. */
  readonly memoryMax: string;
  /** Directories. */
  readonly writable: readonly string[];
  /** Ports below 1024 may be listened on. */
  readonly lowPorts: boolean;
}

export interface StartupReport {
  readonly scope: StartupScope;
  /** Of the unit. */
  readonly path: string;
  readonly text: string;
  readonly isWritten: boolean;
  /** Commands that were run. */
  readonly done: readonly string[];
  /** Commands that are left to be typed. */
  readonly left: readonly string[];
  readonly notes: readonly string[];
}

export interface UnstartupReport extends Pick<StartupReport, 'scope' | 'path' | 'done' | 'left'> {
  /** It was there. */
  readonly isRemoved: boolean;
}

/** What a look at the machine has found. */
export interface Finding {
  /** What was looked at. */
  readonly check: string;
  /** `warn`: it works, and will not always. */
  readonly status: 'ok' | 'warn' | 'fail';
  readonly text: string;
  /** What to do about it. */
  readonly hint?: string;
}

export interface InitOptions {
  /** The working directory when undefined. */
  readonly directory: string | undefined;
  readonly typescript: boolean;
}

/** The operations behind the commands. They throw CommandFailure. */
export interface Operations {
  serve(options: ServeOptions): Promise<Server>;
  check(options: CheckOptions): Promise<CheckReport>;
  /** Reads a configuration and bundles its workers. */
  prepare(options: PrepareOptions): Promise<Prepared>;
  /** Whether a path is there. */
  exists(path: string): Promise<boolean>;
  readonly daemon: DaemonHandle;
  /** Is the daemon, in this process. Resolves with its exit status when it has ended. `isSuccessor`: a daemon has started it, to be replaced. */
  runDaemon(isSuccessor: boolean): Promise<number>;
  convert(options: ConvertOptions): Promise<Converted>;
  /** Runs the tests that workers export. Fails with TESTS_NOT_FOUND where there are none. */
  test(options: TestOptions): Promise<TestRun>;
  /** Writes a report of a command; a file that is there is replaced. */
  writeReport(path: string, text: string): Promise<void>;
  /** Draws who can reach whom. */
  graph(options: GraphOptions): Promise<GraphReport>;
  /** Puts the daemon under systemd. Rejects with STARTUP_FAILED. */
  startup(options: StartupOptions): Promise<StartupReport>;
  unstartup(scope: StartupScope | undefined): Promise<UnstartupReport>;
  /** Looks at everything that nanod needs, and changes nothing. */
  doctor(): Promise<readonly Finding[]>;
  /** Writes the files of a first deployment. Resolves with their paths; rejects with INIT_EXISTS. */
  init(options: InitOptions): Promise<readonly string[]>;
}
