/** Connections: `cloudflare:sockets`, the `connect` of bindings, and the `connect` handler. Types only. */

/** A host and a port. The host may be an IP address. */
export interface SocketAddress {
  readonly hostname: string;
  readonly port: number;
}

export interface SocketOptions {
  /** `"on"`: TLS from the beginning. `"starttls"`: in the clear, until `startTls` is called. `"off"` is the default. */
  readonly secureTransport?: 'off' | 'on' | 'starttls';
  /** Keeps `writable` open when the other side has ended its own direction; it is closed then otherwise. */
  readonly allowHalfOpen?: boolean;
  /** Bytes that may wait in `writable` before it asks to wait. */
  readonly highWaterMark?: number;
}

/** The two ends of a connection, where they are known. */
export interface SocketInfo {
  readonly remoteAddress: string | null;
  readonly localAddress: string | null;
}

/** A connection of bytes. */
export interface Socket {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<ArrayBuffer | ArrayBufferView>;
  /** Rejects where there is no connection to be had. */
  readonly opened: Promise<SocketInfo>;
  /** Resolves when both directions have ended; rejects when the connection is lost. */
  readonly closed: Promise<void>;
  /** Whether `startTls` has taken the connection over. */
  readonly upgraded: boolean;
  readonly secureTransport: 'off' | 'on' | 'starttls';
  /** Sends what was written, and ends the connection. */
  close(): Promise<void>;
  /** The same connection, encrypted from now on. Throws a TypeError unless it was opened with `secureTransport: 'starttls'`. */
  startTls(options?: { readonly expectedServerHostname?: string }): Socket;
}
