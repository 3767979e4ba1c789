/**
 * What a configuration says about the life of a worker: when it is started anew, when it is given up, what is watched. Everything is optional;
 * the defaults are those of whoever acts on it. Types only.
 */

/** Times in milliseconds, sizes in bytes. Absent: nothing is said. */
export interface Supervision {
  /** Other names under which commands select it. */
  readonly namespace?: string;
  /** Whether it is started again after a crash. */
  readonly autorestart?: boolean;
  /** Whether it is started when it is deployed for the first time. */
  readonly autostart?: boolean;
  /** Crashes of one realm after which it is given up. */
  readonly maxRestarts?: number;
  /** A realm that has run this long ends a series of crashes. */
  readonly minUptime?: number;
  /** Before each start after a crash. */
  readonly restartDelay?: number;
  /** Before the first such start; it grows with each that follows. */
  readonly backoffDelay?: number;
  /** Of a thread: one that holds more is replaced. */
  readonly maxMemory?: number;
  /** How long requests may go on when it is replaced or stopped. */
  readonly killTimeout?: number;
  /** How long its top level may take. */
  readonly listenTimeout?: number;
  /** It is evaluated before calls are led to it, also where it would be made at the first call. */
  readonly waitReady?: boolean;
  /** When it is started anew: a cron expression, in the time zone of the system. */
  readonly cronRestart?: string;
  readonly watch?: Watch;
}

/** What is watched, so that a change deploys the service again. */
export interface Watch {
  /** Absolute paths of files and directories. */
  readonly paths: readonly string[];
  /** Names, paths and globs that are not watched; relative ones count from `base`. */
  readonly ignored: readonly string[];
  /** Absolute. */
  readonly base: string;
  /** For how long nothing changes before it is deployed, in milliseconds. */
  readonly delay: number;
}
