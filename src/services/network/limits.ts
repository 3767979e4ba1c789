/** What a network service puts up with. Times in milliseconds, sizes in bytes. */

export interface NetworkLimits {
  /** Finding the address, the connection and the TLS handshake together. */
  readonly connectTimeout: number;
  /** From the end of the request to the end of the response's headers. */
  readonly headersTimeout: number;
  /** Between two pieces of a response body that somebody waits for. */
  readonly bodyTimeout: number;
  /** The headers of a response. */
  readonly headerBytes: number;
  /** Connections at a time to one server; more requests wait. */
  readonly connectionsPerOrigin: number;
  /** What is read ahead of a response body; then the server has to wait. */
  readonly bufferedBytes: number;
  /** The rest of a canceled body up to this size is received, so that its connection can be used again. */
  readonly discardedBytes: number;
}

export const defaultLimits: NetworkLimits = Object.freeze({
  connectTimeout: 10_000,
  headersTimeout: 60_000,
  bodyTimeout: 60_000,
  headerBytes: 32 * 1024,
  connectionsPerOrigin: 256,
  bufferedBytes: 64 * 1024,
  discardedBytes: 64 * 1024,
});
