/** Log records on their way from a thread to the supervisor, which writes them. */

/** One record. `text` was made in the realm or by the host; it is data, never a template. */
export interface LogMessage {
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** pino's numbers: 20 debug, 30 info, 40 warn, 50 error. */
  readonly level: number;
  readonly thread: number;
  /** '' for the thread itself. */
  readonly service: string;
  readonly version: string;
  /** '' outside requests. */
  readonly requestId: string;
  readonly text: string;
  /** For errors: where nobody caught it, its class, and its stack with positions of the sources. */
  readonly error: LoggedError | undefined;
}

export interface LoggedError {
  readonly source: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}
