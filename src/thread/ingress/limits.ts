/** What an HTTP client may do. Times in milliseconds, sizes in bytes. */

export interface IngressLimits {
  /** Request line and headers; more is answered 431. */
  readonly headerBytes: number;
  /** Until the headers are complete; longer is answered 408. */
  readonly headersTimeout: number;
  /** Until the whole request has arrived; longer is answered 408. */
  readonly requestTimeout: number;
  /** An idle connection is kept this long. */
  readonly keepAliveTimeout: number;
  /** A longer body is answered 413. */
  readonly bodyBytes: number;
}

export const defaultLimits: IngressLimits = Object.freeze({
  headerBytes: 32 * 1024,
  headersTimeout: 30_000,
  requestTimeout: 300_000,
  keepAliveTimeout: 65_000,
  bodyBytes: 100 * 1024 * 1024,
});
