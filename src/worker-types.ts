/**
 * The types that a worker's code is written against, over and above the web's own. They need the names `Request`, `Response` and
 * `RequestInit` to be global types: set `"types": ["nanod/types"]` in the worker's tsconfig.json. Types only: nothing here runs.
 */

export type * from './binding-types.ts';
export type * from './fetcher-types.ts';
export type * from './html-rewriter-types.ts';
export type * from './loader-types.ts';
export type * from './rpc-types.ts';
export type * from './socket-types.ts';

import type { Socket } from './socket-types.ts';

/** The third argument of a handler. */
export interface ExecutionContext<Props = unknown> {
  /** What the caller's configuration tells this entrypoint (`props` of the binding or the socket); `{}` where it tells nothing. */
  readonly props: Props;
  /** Bindings of the worker to its own entrypoints. Called with `{ props }`, each gives one with props. */
  readonly exports: Readonly<Record<string, unknown>>;
  /** Aborted when the caller of a method no longer waits for its result. */
  readonly signal: AbortSignal;
  /** Lets work outlive the response. A rejection is logged, and fails nothing. */
  waitUntil(promise: Promise<unknown>): void;
  /** Does nothing: there is no origin behind nanod that a failed request could go to. */
  passThroughOnException(): void;
}

/** An entrypoint, the default export or a named one: `export default { … } satisfies ExportedHandler<Env>`. */
export interface ExportedHandler<Env = unknown, Props = unknown> {
  /** Answers one request. What it throws is logged, and the caller gets an error. */
  fetch(request: Request, env: Env, ctx: ExecutionContext<Props>): Response | Promise<Response>;
  /** Is run by `nanod test`; see TestHandler. */
  test?(controller: TestController, env: Env, ctx: ExecutionContext<Props>): void | Promise<void>;
  /** Takes one connection, which ends with the handler. What it throws is logged, and the connection is reset. */
  connect?(socket: Socket, env: Env, ctx: ExecutionContext<Props>): void | Promise<void>;
}

/** What `nanod test` runs, as a default or a named export: `export const sums = { … } satisfies TestHandler<Env>`. */
export interface TestHandler<Env = unknown, Props = unknown> {
  /** Passes where it returns, and where what it gives to `waitUntil` is fulfilled. */
  test(controller: TestController, env: Env, ctx: ExecutionContext<Props>): void | Promise<void>;
}

/** The first argument of a test. Nothing can be asked of it yet. */
export type TestController = object;

/** `crypto.DigestStream`: hashes what is written to it. */
export interface DigestStream extends WritableStream<ArrayBuffer | ArrayBufferView | string> {
  /** The digest, once the stream is closed. */
  readonly digest: Promise<ArrayBuffer>;
  readonly bytesWritten: bigint;
  [Symbol.dispose](): void;
}
