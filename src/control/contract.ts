/**
 * What the command line can ask of nanod. Commands see only this; src/main.ts gives them something that does it. (The daemon's control
 * API will speak the same contract over its socket.)
 */

import type { NanodError } from '../shared/errors.ts';

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
  readonly url: string;
  readonly service: string;
}

/** A deployment that runs in this process. */
export interface Server {
  readonly sockets: readonly ServedSocket[];
  readonly threads: number;
  readonly services: number;
  /** What looks wrong in the code of workers, and is no error; each with its place, on one line. */
  readonly warnings: readonly string[];
  /** Stops accepting, waits a while for requests under way, and ends. Resolves with how many were cut off. */
  drain(): Promise<number>;
}

export interface ServeOptions {
  /** Path of the configuration or of its directory; the working directory when undefined. */
  readonly config: string | undefined;
  /** Number of threads of the default group, over what the configuration says. */
  readonly threads: number | undefined;
  /** Called after each bundled worker. */
  readonly onProgress: (done: number, total: number) => void;
}

export interface CheckOptions extends Pick<ServeOptions, 'config' | 'onProgress'> {
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

/** The operations behind the commands. They throw CommandFailure. */
export interface Operations {
  serve(options: ServeOptions): Promise<Server>;
  check(options: CheckOptions): Promise<CheckReport>;
}
