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
  /** By which the request came to the service from outside its thread; '' where it came to another service. */
  readonly entrypoint: string;
  readonly text: string;
  /** How many records of the service this one stands for, because they were too many. */
  readonly dropped?: number;
  /** For errors: where nobody caught it, its class, and its stack with positions of the sources. */
  readonly error: LoggedError | undefined;
}

export interface LoggedError {
  readonly source: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** How much a service may log on each thread. A record of more than 1024 characters counts as several lines. */
export interface LogLimit {
  readonly linesPerSecond: number;
  /** Lines that may come at once after a quiet time. */
  readonly burst: number;
}

export const defaultLogLimit: LogLimit = Object.freeze({ linesPerSecond: 500, burst: 5000 });
