/** What a thread has counted of the calls that were made on it. */

/** Who calls: a service, or the clients of a socket. */
export interface CallerSpec {
  readonly kind: 'service' | 'socket';
  readonly name: string;
}

/** The way that calls take: `direct` and `channel` to a worker, `http` to a network, `stub` where it is known to the owner of a stub alone. */
export type EdgeRoute = 'direct' | 'channel' | 'http' | 'stub';

/** The calls of one caller to one entrypoint, since the thread began. */
export interface EdgeReport {
  readonly caller: CallerSpec;
  /** '' for calls of stubs. */
  readonly callee: string;
  readonly entrypoint: string;
  /** The one that calls take now. */
  readonly route: EdgeRoute;
  readonly calls: number;
  /** Calls that failed. A response of any status is none of them. */
  readonly errors: number;
  /** Calls that their caller has given up. */
  readonly canceled: number;
  /** Calls that wait for their outcome now. */
  readonly waiting: number;
  /** One call in 64 is timed. Element `i` counts those that took less than 128 ns times two to the power of `i`, and no less than half of that. */
  readonly times: readonly number[];
}
