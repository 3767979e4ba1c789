/**
 * The data path between two threads: messages on the MessagePort of the pair, several in one post. Both ends speak the same
 * protocol; an `id` belongs to the end that opened the call or the stream. Bodies flow by credit: the receiver grants bytes, the sender
 * spends them. Between two nanods the same messages travel over a WebSocket, in the form of src/thread/link/.
 */

/** What is posted: the messages of one turn, in order. */
export type ChannelBatch = readonly ChannelMessage[];

export type ChannelMessage =
  | FetchRequest
  | FetchReply
  | FetchFailure
  | FetchAbort
  | StreamChunk
  | StreamEnd
  | StreamFailure
  | StreamCredit
  | StreamCancel
  | CallMessage
  | ReturnMessage
  | CallDropMessage
  | CallForgetMessage
  | ReleaseMessage
  | WatchMessage
  | BrokenMessage
  | SocketMessage
  | SocketClose
  | SocketTaken
  | LeaveMessage;

/** What a chunk of this many bytes takes of the credit: small chunks are not free, so that a thousand of them are not on their way at once. */
export function chunkCost(bytes: number): number {
  return bytes + 512;
}

/** Bytes of a stream that are on their way or wait for its reader, at most (plus one chunk), as chunkCost counts. */
export const windowBytes = 256 * 1024;

/** Error as text; see ErrorState of the prelude. */
export interface ErrorMessage {
  readonly kind: 'error' | 'domexception';
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly code: string;
}

/** A body: text, bytes (transferred), or the id of a stream that the sender of this message opens. */
export type BodyMessage =
  | undefined
  | string
  | { readonly kind: 'bytes'; readonly buffer: ArrayBuffer }
  | { readonly kind: 'stream'; readonly stream: number; readonly length: number };

export interface FetchRequest {
  readonly type: 'fetch';
  readonly id: number;
  /** Of the kinds `entrypoint` and `cap`. */
  readonly target: CallTarget;
  readonly requestId: string;
  /** Calls that lead here, this one included. */
  readonly depth: number;
  /** Where the request stands in shares of requests, where that is known by more than its id. */
  readonly draw: number | undefined;
  readonly method: string;
  readonly url: string;
  readonly headers: string;
  readonly body: BodyMessage;
  readonly cf: string;
}

export interface FetchReply {
  readonly type: 'reply';
  readonly id: number;
  readonly status: number;
  readonly statusText: string;
  readonly headers: string;
  readonly body: BodyMessage;
  /** Of a response to an upgrade request: the number of the connection that the sender shares; else 0. */
  readonly webSocket: number;
}

export interface FetchFailure {
  readonly type: 'failure';
  readonly id: number;
  readonly error: ErrorMessage;
}

/** The caller gave up. */
export interface FetchAbort {
  readonly type: 'abort';
  readonly id: number;
  readonly reason: ErrorMessage;
}

/** `buffer` is transferred. */
export interface StreamChunk {
  readonly type: 'chunk';
  readonly stream: number;
  readonly buffer: ArrayBuffer;
}

export interface StreamEnd {
  readonly type: 'end';
  readonly stream: number;
}

export interface StreamFailure {
  readonly type: 'stream-failure';
  readonly stream: number;
  readonly error: ErrorMessage;
}

/** From the receiver of a stream: it takes `bytes` more, counted as chunkCost does. */
export interface StreamCredit {
  readonly type: 'credit';
  readonly stream: number;
  readonly bytes: number;
}

/** From the receiver of a stream: it takes no more. */
export interface StreamCancel {
  readonly type: 'cancel';
  readonly stream: number;
  readonly reason: ErrorMessage;
}

/** What a call is made on: an entrypoint, a capability that the receiver has passed, or the result of a call that it serves. */
export type CallTarget =
  | {
      readonly kind: 'entrypoint';
      readonly service: string;
      readonly entrypoint: string;
      readonly props: string;
    }
  | { readonly kind: 'cap'; readonly cap: number }
  | { readonly kind: 'answer'; readonly id: number };

/** Calls a method, or (without `args`) reads a property. */
export interface CallMessage {
  readonly type: 'call';
  readonly id: number;
  readonly target: CallTarget;
  readonly path: readonly string[];
  readonly args: PayloadMessage | undefined;
  readonly requestId: string;
  readonly depth: number;
  /** As of a request. */
  readonly draw: number | undefined;
}

export interface ReturnMessage {
  readonly type: 'return';
  readonly id: number;
  readonly outcome: 'value' | 'error';
  /** The result, or what was thrown. */
  readonly payload: PayloadMessage | undefined;
  /** What nanod itself has to say, in place of a payload. */
  readonly failure: ErrorMessage | undefined;
  /** The sender keeps the result until the caller forgets it: something may have been asked of it already. */
  readonly isKept: boolean;
}

/** The caller does not wait any more. */
export interface CallDropMessage {
  readonly type: 'call-drop';
  readonly id: number;
}

/** From the caller: nothing more will be asked of these results. */
export interface CallForgetMessage {
  readonly type: 'call-forget';
  readonly ids: readonly number[];
}

/** From the receiver of a capability: `count` of the times that it was passed are over. */
export interface ReleaseMessage {
  readonly type: 'release';
  readonly cap: number;
  readonly count: number;
}

/** From the receiver of a capability: it wants to hear when that is broken. Sent once for each. */
export interface WatchMessage {
  readonly type: 'watch';
  readonly cap: number;
}

/** A capability that the sender has passed, and that the receiver watches, is gone for good. */
export interface BrokenMessage {
  readonly type: 'broken';
  readonly cap: number;
  readonly error: ErrorMessage;
}

/** A value, or a list of arguments, on its way. */
export type PayloadMessage =
  | { readonly kind: 'plain'; readonly value: unknown }
  /** `bytes`: `[value, markers]` as the codec of the channel writes it, transferred; `specials` say what the markers stand for. */
  | { readonly kind: 'encoded'; readonly bytes: ArrayBuffer; readonly specials: readonly SpecialMessage[] };

/** An object that is more than data; see ExportState of the prelude. */
export interface SpecialMessage {
  readonly kind: string;
  readonly text: string;
  readonly detail: string;
  /** A buffer, a body, an error, the id of a capability or a stream: what the kind says. */
  readonly value: unknown;
  readonly entries: readonly SpecialMessage[];
}

/** A message of a WebSocket, text or else bytes (transferred). `socket`: the number by which the receiver knows it. */
export interface SocketMessage {
  readonly type: 'socket-message';
  readonly socket: number;
  readonly text: string | undefined;
  readonly buffer: ArrayBuffer | undefined;
}

/** The sender's end of a WebSocket says no more; not clean: it is lost. */
export interface SocketClose {
  readonly type: 'socket-close';
  readonly socket: number;
  readonly code: number;
  readonly reason: string;
  readonly isClean: boolean;
}

/** The sender has taken a message of this cost. */
export interface SocketTaken {
  readonly type: 'socket-taken';
  readonly socket: number;
  readonly cost: number;
}

/** The sender is leaving: what is asked of an entrypoint from now on should be asked elsewhere. */
export interface LeaveMessage {
  readonly type: 'leave';
}
