/** Method calls between two nanods, as a `Config` has them. Types only. */

/** What a connection between two nanods may carry at a time. */
export interface RpcLimits {
  readonly messageBytes: number;
  readonly calls: number;
  readonly capabilities: number;
}

/** How methods of another nanod are called. Treat `token` as a secret. */
export interface RpcClient {
  /** Of the handshake. */
  readonly path: string;
  readonly token: string | undefined;
  /** Called where a binding names none. */
  readonly entrypoint: string | undefined;
  readonly limits: RpcLimits;
}

/** How a socket takes method calls of other servers for its service. Treat `token` as a secret. */
export interface RpcServer {
  /** Of the handshake. */
  readonly path: string;
  readonly token: string | undefined;
  /** Whoever reaches the address may call. */
  readonly anyone: boolean;
  /** That callers may choose, besides the one that the socket leads to. */
  readonly entrypoints: readonly string[];
  /** Whether callers may say props. */
  readonly props: boolean;
  readonly limits: RpcLimits;
}
