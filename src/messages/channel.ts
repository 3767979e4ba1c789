/**
 * The data path between two threads: messages on the MessagePort of the pair, several in one post. Both ends speak the same
 * protocol; an `id` belongs to the end that opened the call or the stream. Bodies flow by credit: the receiver grants bytes, the sender
 * spends them.
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
  | StreamCancel;

/** What a chunk of this many bytes takes of the credit: small chunks are not free, so that a thousand of them are not on their way at once. */
export function chunkCost(bytes: number): number {
  return bytes + 512;
}

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
  readonly service: string;
  readonly entrypoint: string;
  readonly props: string;
  readonly requestId: string;
  /** Calls that lead here, this one included. */
  readonly depth: number;
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
