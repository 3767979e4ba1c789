/**
 * Neutral state: what crosses a realm boundary. Records hold primitives, bytes and callbacks that only preludes (and the host)
 * hold; each side wraps them in classes of its own realm. The host makes the records (src/realm/neutral.ts), so that they have one
 * hidden class whichever realm asks, and their prototypes are empty. A record never becomes reachable by a worker.
 *
 * Header lists cross as one string, `name LF value LF name LF value LF` (names in lower case, values normalized; neither can
 * contain LF), so that an untouched list is handed on without being parsed, and nobody can observe another's mutation.
 */

import type { ErrorState } from './failure-state.ts';
import type { RpcTargetState } from './rpc/rpc-state.ts';

export type { ErrorState };

/** Receives one step of a stream: a chunk in a buffer that the receiver must `transfer()`, the end, or an error. */
export type ChunkSink = (
  step: 'chunk' | 'end' | 'error',
  buffer: ArrayBuffer | undefined,
  error: ErrorState | undefined,
) => void;

/** A pull source of bytes. One `read` at a time; `sink` is called exactly once for each. After `cancel`, no sink is called. */
export interface SourceState {
  readonly read: (sink: ChunkSink) => void;
  readonly cancel: (reason: ErrorState) => void;
}

/** A body on its way: nothing, well-formed text, or bytes. Whoever takes it owns it: it is taken once. */
export type BodyState = undefined | string | DataState;

/** A body that is no text. */
export interface DataState {
  readonly kind: 'bytes' | 'stream';
  /** kind 'bytes': an exact-size buffer of the sender's realm, owned by nobody else; the receiver must `transfer()` it. */
  readonly buffer: ArrayBuffer | undefined;
  /** kind 'stream' */
  readonly source: SourceState | undefined;
  /** Length in bytes where it is known (a Content-Length), else -1. */
  readonly length: number;
}

export interface RequestState {
  readonly method: string;
  /** Absolute and serialized. */
  readonly url: string;
  readonly headers: string;
  readonly body: BodyState;
  /** JSON of the `cf` property, or ''. */
  readonly cf: string;
}

export interface ResponseState {
  readonly status: number;
  readonly statusText: string;
  readonly headers: string;
  readonly body: BodyState;
  /** What an upgrade request was answered with: the end of a connection that the receiver of the response owns. */
  readonly webSocket: WebSocketState | undefined;
}

/**
 * One end of a WebSocket connection, whatever the other end is: another realm, another thread, a client, a server. Whoever holds it opens it
 * or hands it on. The host makes it (src/realm/web-socket-pair.ts); what is sent at one end arrives at the other in a turn of its own, in order.
 */
export interface WebSocketState {
  /** Begins to receive: what has come so far, and what comes. To be called once, before anything is sent. */
  readonly open: (receiver: WebSocketReceiver) => void;
  /** Sends text (well-formed), or else bytes: an exact-size buffer that nobody else owns. Ignored after `close` and `drop`. */
  readonly send: (text: string | undefined, buffer: ArrayBuffer | undefined) => void;
  /** Sends the last word of this end: a close code (1005: without one) and a reason. The receiver hears the other end's. */
  readonly close: (code: number, reason: string) => void;
  /**
   * Lets go of the connection at once: the receiver hears nothing more, and the other end hears of a loss, unless `close` came before.
   * The code is 1006 where nothing more is known.
   */
  readonly drop: (code: number, reason: string) => void;
  /** Goes on receiving after `message` has asked to wait. */
  readonly resume: () => void;
  /** Bytes that were sent at this end and have not been taken at the other. */
  readonly buffered: () => number;
}

/** What happens at an end. Nothing of it throws. */
export interface WebSocketReceiver {
  /** Takes a message: text, or else bytes in a buffer that the receiver must `transfer()`. False asks to wait until `resume`. */
  readonly message: (text: string | undefined, buffer: ArrayBuffer | undefined) => boolean;
  /** The other end has closed, or (not clean) the connection is lost. Called at most once, and last. */
  readonly closed: (code: number, reason: string, isClean: boolean) => void;
  /** A message that was sent at this end was taken at the other; `cost` as `buffered` counts it. For hosts. */
  readonly taken: ((cost: number) => void) | undefined;
}

/** Two ends of one connection. */
export interface WebSocketPairState {
  readonly first: WebSocketState;
  readonly second: WebSocketState;
}

/**
 * One call under way. The caller makes it; the callee settles it exactly once (later settlements are ignored), unless the caller
 * aborted it before.
 */
export interface CallState {
  /** The caller's function that takes the outcome: exactly one of `response` and `error` is given. */
  readonly settle: (
    call: CallState,
    response: ResponseState | undefined,
    error: ErrorState | undefined,
  ) => void;
  /** What the caller needs to settle it; nobody else touches these. */
  readonly resolve: unknown;
  readonly reject: unknown;
  readonly context: unknown;
  /** What was asked of whom; the caller's as well. */
  readonly target: TargetState | undefined;
  readonly request: RequestState;
  /** Set by the caller when it gives up; from then on nobody waits for the outcome. */
  aborted: ErrorState | undefined;
  /** Set by the callee that wants to hear of it. */
  onAbort: ((reason: ErrorState) => void) | undefined;
  /** The callee's: neighbours in its list of what is pending. */
  previous: CallState | undefined;
  following: CallState | undefined;
}

/** What can be asked of an entrypoint. Nothing of this throws. */
export interface EntrypointState extends RpcTargetState {
  /** Answers a request through `call.settle`. */
  fetch: (request: RequestState, call: CallState) => void;
}

/**
 * A service as a realm sees it. One call is one exchange: redirects are followed by the caller. The way to it (direct, channel, http)
 * is hidden behind.
 */
export interface TargetState extends EntrypointState {
  /** Where it leads: `[service, entrypoint, props]` as JSON, for another thread; '' where only this thread knows. */
  readonly designator: string;
  /** Of whoever calls through it. */
  readonly counts: EdgeCounts;
}

/** What the calls of one caller to one entrypoint have come to: a record that both preludes and the host write. */
export interface EdgeCounts {
  /** Calls that were made. */
  calls: number;
  /** Calls that failed. A response of any status is none of them. */
  errors: number;
  /** Calls that their caller has given up. */
  canceled: number;
  /** Calls that wait for their outcome now. A method that answers at once is none of them. */
  waiting: number;
  /**
   * Of one call in 64, those that took less than 128 ns, 256 ns, 512 ns, and so on: 32 numbers, in memory of the host. Undefined before the first of
   * them (NeutralHost.openTimes).
   */
  times: Float64Array | undefined;
}

/** Makes neutral records. */
export interface NeutralHost {
  error(kind: ErrorState['kind'], name: string, message: string, stack: string, code: string): ErrorState;
  bytesBody(buffer: ArrayBuffer, length: number): DataState;
  streamBody(source: SourceState, length: number): DataState;
  source(read: SourceState['read'], cancel: SourceState['cancel']): SourceState;
  request(method: string, url: string, headers: string, body: BodyState, cf: string): RequestState;
  response(
    status: number,
    statusText: string,
    headers: string,
    body: BodyState,
    webSocket?: WebSocketState,
  ): ResponseState;
  webSocketPair(): WebSocketPairState;
  call(
    settle: CallState['settle'],
    target: TargetState | undefined,
    request: RequestState,
    resolve: unknown,
    reject: unknown,
    context: unknown,
  ): CallState;
  /** Makes `counts.times`, which most records never need. */
  openTimes(counts: EdgeCounts): void;
}
