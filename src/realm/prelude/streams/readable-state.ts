/**
 * What a ReadableStream, its reader and its controller know: the standard's internal slots, in objects that no worker can reach.
 * https://streams.spec.whatwg.org/#rs-internal-slots
 */

import type { LazyPromise } from './lazy-promise.ts';
import { microtask, PENDING, react, reactOnce, reactToThrown } from './promises.ts';

/** Waits for one chunk. Exactly one of its methods is called, once. */
export abstract class ReadRequest {
  /** Links the list that it waits in. */
  next: ReadRequest | undefined = undefined;
  abstract chunk(value: unknown): void;
  /** `view` is the empty view that a BYOB read gives back, where there is one. */
  abstract close(view: unknown): void;
  abstract error(reason: unknown): void;
}

/** The requests of a reader, first in, first out. */
export class ReadRequests {
  #head: ReadRequest | undefined = undefined;
  #tail: ReadRequest | undefined = undefined;
  length = 0;

  push(request: ReadRequest): void {
    if (this.#tail === undefined) this.#head = request;
    else this.#tail.next = request;
    this.#tail = request;
    this.length++;
  }

  /** There must be one. */
  shift(): ReadRequest {
    const request = this.#head as ReadRequest;
    this.#head = request.next;
    if (request.next === undefined) this.#tail = undefined;
    this.length--;
    return request;
  }

  /** Empties the list and closes what was in it. */
  closeAll(): void {
    for (let request = this.#takeAll(); request !== undefined; request = request.next)
      request.close(undefined);
  }

  /** Empties the list and fails what was in it. */
  errorAll(reason: unknown): void {
    for (let request = this.#takeAll(); request !== undefined; request = request.next) request.error(reason);
  }

  #takeAll(): ReadRequest | undefined {
    const head = this.#head;
    this.#head = undefined;
    this.#tail = undefined;
    this.length = 0;
    return head;
  }
}

/** A reader of either kind. */
export class ReaderState {
  readonly kind: 'default' | 'byob';
  /** Undefined once released. */
  stream: ReadableState | undefined;
  readonly requests = new ReadRequests();
  readonly closed: LazyPromise;

  constructor(kind: 'default' | 'byob', stream: ReadableState, closed: LazyPromise) {
    this.kind = kind;
    this.stream = stream;
    this.closed = closed;
  }
}

/** A stream. */
export class ReadableState {
  status: 'readable' | 'closed' | 'errored' = 'readable';
  storedError: unknown = undefined;
  disturbed = false;
  reader: ReaderState | undefined = undefined;
  readonly controller: ReadableController;

  constructor(controller: ReadableController) {
    this.controller = controller;
  }

  /** How many reads wait for a chunk. */
  get waiting(): number {
    return this.reader === undefined ? 0 : this.reader.requests.length;
  }
}

/**
 * Where the chunks come from. A result is undefined (done), something to resolve a promise with, or PENDING; what is thrown counts as
 * a rejection.
 */
export abstract class SourceAlgorithms {
  /** False where pull does nothing, so that it need not be called. */
  abstract readonly pulls: boolean;
  /** After PENDING, `controller.pulled()` reports the completion. */
  abstract pull(controller: ReadableController): unknown;
  abstract cancel(reason: unknown): unknown;

  /** How many bytes are still to come, where the source knows; else -1. */
  get knownLength(): number {
    return -1;
  }
}

/** What the two kinds of controllers share: the start, and the calls of pull. Makes its stream's state. */
export abstract class ReadableController {
  readonly stream: ReadableState;
  abstract readonly kind: 'default' | 'bytes';
  /** Undefined once the stream is done with its source. */
  algorithms: SourceAlgorithms | undefined;
  readonly highWaterMark: number;
  started = false;
  closeRequested = false;
  #pulling = false;
  #pullAgain = false;
  #onPulled: (() => void) | undefined = undefined;
  #onPullFailed: ((reason: unknown) => void) | undefined = undefined;

  constructor(algorithms: SourceAlgorithms, highWaterMark: number) {
    this.stream = new ReadableState(this);
    this.algorithms = algorithms;
    this.highWaterMark = highWaterMark;
  }

  /** Whether takeChunk has something to give. */
  abstract get hasChunk(): boolean;
  /** Takes the first chunk out of the queue, which may close the stream or call pull. */
  abstract takeChunk(): unknown;
  /** The standard's PullSteps, for an empty queue. */
  abstract await(request: ReadRequest): void;
  /** The standard's CancelSteps. Gives what the source's cancel gave. */
  abstract cancelSteps(reason: unknown): unknown;
  /** The standard's ReleaseSteps. */
  abstract releaseSteps(): void;
  /** Null, once the stream is errored. */
  abstract get desiredSize(): number | null;
  abstract close(): void;
  abstract error(reason: unknown): void;
  /** The standard's ShouldCallPull. */
  abstract get shouldPull(): boolean;

  /** Goes on once `result`, which start gave, has settled. */
  start(result: unknown): void {
    reactOnce(
      result,
      () => this.startNow(),
      (reason) => this.error(reason),
    );
  }

  /** The source is ready. */
  startNow(): void {
    this.started = true;
    this.pullIfNeeded();
  }

  /** The standard's CallPullIfNeeded. */
  pullIfNeeded(): void {
    const { algorithms } = this;
    if (algorithms === undefined || !algorithms.pulls || !this.shouldPull) return;
    if (this.#pulling) {
      this.#pullAgain = true;
      return;
    }
    this.#pulling = true;
    this.#callPull(algorithms);
  }

  #callPull(algorithms: SourceAlgorithms): void {
    const onFailed = (this.#onPullFailed ??= (reason) => this.error(reason));
    let result;
    try {
      result = algorithms.pull(this);
    } catch (error) {
      reactToThrown(error, onFailed);
      return;
    }
    if (result !== PENDING) react(result, (this.#onPulled ??= () => this.pulled()), onFailed);
  }

  /** The pull under way is complete. */
  pulled(): void {
    this.#pulling = false;
    if (!this.#pullAgain) return;
    this.#pullAgain = false;
    this.pullIfNeeded();
  }

  /** A microtask later, the pull under way is complete. */
  pulledSoon(): void {
    microtask((this.#onPulled ??= () => this.pulled()));
  }
}
