/** The controller of a stream of any values. https://streams.spec.whatwg.org/#rs-default-controller-class */

import { TypeErrorCtor } from '../primordials.ts';
import { defineInterface, illegalConstructor, illegalInvocation } from '../webidl.ts';
import { closeReadable, errorReadable } from './readable-ops.ts';
import { ReadableController, type ReadRequest, type SourceAlgorithms } from './readable-state.ts';
import { checkSize, SizedQueue } from './sized-queue.ts';
import type { SizeAlgorithm } from './strategy.ts';

/** What the controller knows. Making one makes the stream; the caller then calls `start`. */
export class DefaultController extends ReadableController {
  readonly kind = 'default';
  readonly #queue = new SizedQueue();
  /** Undefined: every chunk counts 1. */
  #size: SizeAlgorithm | undefined;

  constructor(algorithms: SourceAlgorithms, highWaterMark: number, size?: SizeAlgorithm) {
    super(algorithms, highWaterMark);
    this.#size = size;
  }

  get hasChunk(): boolean {
    return this.#queue.length > 0;
  }

  takeChunk(): unknown {
    const chunk = this.#queue.shift();
    if (this.closeRequested && this.#queue.length === 0) this.#finish();
    else this.pullIfNeeded();
    return chunk;
  }

  await(request: ReadRequest): void {
    this.stream.reader?.requests.push(request);
    this.pullIfNeeded();
  }

  cancelSteps(reason: unknown): unknown {
    this.#queue.reset();
    const { algorithms } = this;
    try {
      return algorithms?.cancel(reason);
    } finally {
      this.#clearAlgorithms();
    }
  }

  releaseSteps(): void {}

  /** CanCloseOrEnqueue. */
  get isOpen(): boolean {
    return !this.closeRequested && this.stream.status === 'readable';
  }

  get desiredSize(): number | null {
    if (this.stream.status === 'errored') return null;
    return this.stream.status === 'closed' ? 0 : this.highWaterMark - this.#queue.total;
  }

  get shouldPull(): boolean {
    if (!this.isOpen || !this.started) return false;
    return this.stream.waiting > 0 || this.highWaterMark - this.#queue.total > 0;
  }

  /** Does nothing unless the stream is open. */
  close(): void {
    if (!this.isOpen) return;
    this.closeRequested = true;
    if (this.#queue.length === 0) this.#finish();
  }

  /** Does nothing unless the stream is open. Throws what the size algorithm throws, after erroring the stream with it. */
  enqueue(chunk: unknown): void {
    if (!this.isOpen) return;
    const { reader } = this.stream;
    if (reader !== undefined && reader.requests.length > 0) reader.requests.shift().chunk(chunk);
    else this.#push(chunk);
    this.pullIfNeeded();
  }

  #push(chunk: unknown): void {
    const size = this.#size;
    if (size === undefined) {
      this.#queue.push(chunk, 1);
      return;
    }
    try {
      const chunkSize = size(chunk);
      checkSize(chunkSize);
      this.#queue.push(chunk, chunkSize);
    } catch (error) {
      this.error(error);
      throw error;
    }
  }

  error(reason: unknown): void {
    if (this.stream.status !== 'readable') return;
    this.#queue.reset();
    this.#clearAlgorithms();
    errorReadable(this.stream, reason);
  }

  #finish(): void {
    this.#clearAlgorithms();
    closeReadable(this.stream);
  }

  #clearAlgorithms(): void {
    this.algorithms = undefined;
    this.#size = undefined;
  }
}

const TOKEN = {};

let wrap: (controller: DefaultController) => ReadableStreamDefaultController;

export class ReadableStreamDefaultController {
  readonly #state: DefaultController;

  constructor(token: unknown = undefined, state: DefaultController | undefined = undefined) {
    if (token !== TOKEN || state === undefined) throw illegalConstructor();
    this.#state = state;
  }

  get desiredSize(): number | null {
    if (!(#state in this)) throw illegalInvocation();
    return this.#state.desiredSize;
  }

  close(): void {
    if (!(#state in this)) throw illegalInvocation();
    if (!this.#state.isOpen) throw new TypeErrorCtor('The stream is closed or errored already.');
    this.#state.close();
  }

  enqueue(chunk: unknown = undefined): void {
    if (!(#state in this)) throw illegalInvocation();
    if (!this.#state.isOpen)
      throw new TypeErrorCtor('The stream is closed or errored: nothing can be enqueued.');
    this.#state.enqueue(chunk);
  }

  error(reason: unknown = undefined): void {
    if (!(#state in this)) throw illegalInvocation();
    this.#state.error(reason);
  }

  static {
    wrap = (controller) => new ReadableStreamDefaultController(TOKEN, controller);
  }
}

defineInterface(ReadableStreamDefaultController, 'ReadableStreamDefaultController');

/** The object that a worker's source is given. Make one for each controller. */
export const newReadableStreamDefaultController: (
  controller: DefaultController,
) => ReadableStreamDefaultController = wrap;
