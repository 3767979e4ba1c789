/**
 * What a WritableStream, its controller and its writer know, in objects that no worker can reach. A stream and its controller are
 * one record here, because they are made together. https://streams.spec.whatwg.org/#ws-internal-slots
 */

import type { AbortSignal } from '../events/abort-signal.ts';
import { LazyPromise } from './lazy-promise.ts';
import type { Deferred } from './promises.ts';
import type { SizeAlgorithm } from './strategy.ts';

/**
 * Where the chunks go. A result is undefined (done) or something to resolve a promise with, and from `write` also PENDING, after
 * which writeDone or writeFailed reports the completion. What is thrown counts as a rejection.
 */
export abstract class SinkAlgorithms {
  abstract write(chunk: unknown): unknown;
  abstract close(): unknown;
  abstract abort(reason: unknown): unknown;
}

/** A chunk in the queue, and who wants to know its fate. */
export abstract class WriteEntry {
  next: WriteEntry | undefined = undefined;
  chunk: unknown;
  size = 0;

  constructor(chunk: unknown) {
    this.chunk = chunk;
  }

  /** The sink has taken the chunk. Must not run code of a worker. */
  abstract written(): void;
  /** It will not be written. Called instead of `written`, under the same condition. */
  abstract failed(reason: unknown): void;
}

/** A call of abort that waits for the sink. */
export interface AbortRequest {
  readonly deferred: Deferred<undefined>;
  readonly reason: unknown;
  readonly wasAlreadyErroring: boolean;
}

/** A stream with its controller. */
export class WritableState {
  status: 'writable' | 'erroring' | 'errored' | 'closed' = 'writable';
  storedError: unknown = undefined;
  writer: WriterState | undefined = undefined;
  backpressure = false;
  closeRequest: Deferred<undefined> | undefined = undefined;
  inFlightClose: Deferred<undefined> | undefined = undefined;
  pendingAbort: AbortRequest | undefined = undefined;

  /** The first entry is in flight while its write is under way. */
  head: WriteEntry | undefined = undefined;
  #tail: WriteEntry | undefined = undefined;
  #total = 0;
  isWriting = false;

  started = false;
  algorithms: SinkAlgorithms | undefined;
  readonly highWaterMark: number;
  /** Undefined: every chunk counts 1. */
  size: SizeAlgorithm | undefined;

  /** The reason of abort, as `controller.signal` shows it; undefined before. */
  aborted: { readonly reason: unknown } | undefined = undefined;
  /** The AbortSignal, once asked for. */
  signal: AbortSignal | undefined = undefined;

  /** Called at once when the stream is aborted, before the sink is: that waits for a write under way. Must not throw. */
  onAborted: ((reason: unknown) => void) | undefined = undefined;

  /** Made at the first write. */
  onWritten: (() => void) | undefined = undefined;
  onWriteFailed: ((reason: unknown) => void) | undefined = undefined;

  constructor(algorithms: SinkAlgorithms, highWaterMark: number, size: SizeAlgorithm | undefined) {
    this.algorithms = algorithms;
    this.highWaterMark = highWaterMark;
    this.size = size;
    this.backpressure = highWaterMark <= 0;
  }

  /** WritableStreamDefaultControllerGetDesiredSize: meaningful while the stream is writable. */
  get room(): number {
    return this.highWaterMark - this.#total;
  }

  /** WritableStreamDefaultWriterGetDesiredSize. */
  get desiredSize(): number | null {
    if (this.status === 'writable') return this.room;
    return this.status === 'closed' ? 0 : null;
  }

  /** WritableStreamCloseQueuedOrInFlight. */
  get isClosing(): boolean {
    return this.closeRequest !== undefined || this.inFlightClose !== undefined;
  }

  push(entry: WriteEntry): void {
    if (this.#tail === undefined) this.head = entry;
    else this.#tail.next = entry;
    this.#tail = entry;
    this.#total += entry.size;
  }

  /** Removes the first entry; there must be one. */
  shift(): WriteEntry {
    const entry = this.head as WriteEntry;
    this.head = entry.next;
    if (entry.next === undefined) this.#tail = undefined;
    const total = this.#total - entry.size;
    this.#total = total < 0 ? 0 : total;
    return entry;
  }

  /** Empties the queue, and gives what was in it. */
  takeAll(): WriteEntry | undefined {
    const { head } = this;
    this.head = undefined;
    this.#tail = undefined;
    this.#total = 0;
    return head;
  }

  clearAlgorithms(): void {
    this.algorithms = undefined;
    this.size = undefined;
  }
}

/** A writer. */
export class WriterState {
  /** Undefined once released. */
  stream: WritableState | undefined;
  readonly ready = new LazyPromise();
  readonly closed = new LazyPromise();
  /** Called when backpressure ends. Must not throw. */
  onReady: (() => void) | undefined = undefined;

  constructor(stream: WritableState) {
    this.stream = stream;
  }
}
