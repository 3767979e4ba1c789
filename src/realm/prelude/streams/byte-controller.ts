/** The state of a byte stream's controller: its queue, and the buffers it is asked to fill. https://streams.spec.whatwg.org/#rbs-controller-class */

import {
  ArrayBufferCtor,
  ArrayBufferPrototypeGetDetached,
  ArrayBufferPrototypeTransfer,
  TypeErrorCtor,
  Uint8ArrayCtor,
} from '../primordials.ts';
import { ByteQueue, PullInto, PullIntoList } from './pull-into.ts';
import { closeReadable, errorReadable } from './readable-ops.ts';
import { ReadableController, type ReadRequest, type SourceAlgorithms } from './readable-state.ts';
import { copyOfBytes, elementSizeOf, type ViewParts, viewConstructorOf } from './views.ts';

/** What a ReadableStreamBYOBRequest shows. */
export class ByobRequest {
  /** Undefined once the request has been answered. */
  controller: ByteController | undefined;
  view: Uint8Array<ArrayBuffer> | undefined;
  /** The worker's object for it, once asked for. */
  object: object | undefined = undefined;

  constructor(controller: ByteController, view: Uint8Array<ArrayBuffer>) {
    this.controller = controller;
    this.view = view;
  }
}

function insufficientBytes(): TypeError {
  return new TypeErrorCtor('The stream was closed within an element of the view.');
}

/** What the controller knows. Making one makes the stream; the caller then calls `start`. */
export class ByteController extends ReadableController {
  readonly kind = 'bytes';
  readonly #queue = new ByteQueue();
  readonly pendingPullIntos = new PullIntoList();
  /** Undefined: no buffers are made for default readers. */
  readonly #autoAllocateChunkSize: number | undefined;
  #byobRequest: ByobRequest | undefined = undefined;

  constructor(algorithms: SourceAlgorithms, highWaterMark: number, autoAllocateChunkSize?: number) {
    super(algorithms, highWaterMark);
    this.#autoAllocateChunkSize = autoAllocateChunkSize;
  }

  get hasChunk(): boolean {
    return this.#queue.total > 0;
  }

  takeChunk(): Uint8Array<ArrayBuffer> {
    const chunk = this.#queue.shift();
    this.#handleDrain();
    return chunk;
  }

  await(request: ReadRequest): void {
    const size = this.#autoAllocateChunkSize;
    if (size !== undefined) {
      let buffer;
      try {
        buffer = new ArrayBufferCtor(size);
      } catch (error) {
        request.error(error);
        return;
      }
      this.pendingPullIntos.push(new PullInto(buffer, 0, size, 1, 1, Uint8ArrayCtor, 'default'));
    }
    this.stream.reader?.requests.push(request);
    this.pullIfNeeded();
  }

  cancelSteps(reason: unknown): unknown {
    this.#clearPullIntos();
    this.#queue.reset();
    const { algorithms } = this;
    try {
      return algorithms?.cancel(reason);
    } finally {
      this.algorithms = undefined;
    }
  }

  releaseSteps(): void {
    const first = this.pendingPullIntos.head;
    if (first === undefined) return;
    first.readerType = 'none';
    this.pendingPullIntos.keepFirst();
  }

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

  /** Throws a TypeError, after erroring the stream with it, where a pending view would end within an element. */
  close(): void {
    if (!this.isOpen) return;
    if (this.#queue.total > 0) {
      this.closeRequested = true;
      return;
    }
    const first = this.pendingPullIntos.head;
    if (first !== undefined && first.bytesFilled % first.elementSize !== 0) {
      const error = insufficientBytes();
      this.error(error);
      throw error;
    }
    this.#finish();
  }

  error(reason: unknown): void {
    if (this.stream.status !== 'readable') return;
    this.#clearPullIntos();
    this.#queue.reset();
    this.algorithms = undefined;
    errorReadable(this.stream, reason);
  }

  /** Takes the view's buffer over. Throws a TypeError where it, or the buffer that waits to be filled, cannot be transferred. */
  enqueue(chunk: ViewParts): void {
    if (!this.isOpen) return;
    if (chunk.isDetached) throw new TypeErrorCtor("The chunk's buffer is detached.");
    this.enqueueBuffer(ArrayBufferPrototypeTransfer(chunk.buffer), chunk.byteOffset, chunk.byteLength);
  }

  /** The same for a buffer that is the stream's already. */
  enqueueBuffer(buffer: ArrayBuffer, byteOffset: number, byteLength: number): void {
    if (!this.isOpen) return;
    if (this.pendingPullIntos.head !== undefined) this.#renewFirst(this.pendingPullIntos.head);
    const kind = this.stream.reader?.kind;
    if (kind === 'default') {
      this.#enqueueForDefault(buffer, byteOffset, byteLength);
    } else {
      this.#queue.push(buffer, byteOffset, byteLength);
      if (kind === 'byob') this.commitAll(this.fillFromQueue());
    }
    this.pullIfNeeded();
  }

  /** The worker may hold the first descriptor's buffer through the BYOB request; from now on it does not. */
  #renewFirst(first: PullInto): void {
    if (ArrayBufferPrototypeGetDetached(first.buffer)) {
      throw new TypeErrorCtor("The BYOB request's buffer has been detached.");
    }
    this.invalidateByobRequest();
    first.buffer = ArrayBufferPrototypeTransfer(first.buffer);
    if (first.readerType === 'none') this.enqueueDetached(first);
  }

  #enqueueForDefault(buffer: ArrayBuffer, byteOffset: number, byteLength: number): void {
    const { stream } = this;
    while (stream.waiting > 0 && this.#queue.total > 0) {
      const request = stream.reader?.requests.shift();
      request?.chunk(this.takeChunk());
    }
    if (stream.waiting === 0) {
      this.#queue.push(buffer, byteOffset, byteLength);
      return;
    }
    if (this.pendingPullIntos.head !== undefined) this.pendingPullIntos.shift();
    const chunk = new Uint8ArrayCtor(buffer, byteOffset, byteLength); // before the request is taken off its list
    stream.reader?.requests.shift().chunk(chunk);
  }

  /** EnqueueDetachedPullIntoToQueue: keeps what a released reader's buffer had got. */
  enqueueDetached(first: PullInto): void {
    if (first.bytesFilled > 0) this.enqueueCopy(first.buffer, first.byteOffset, first.bytesFilled);
    this.pendingPullIntos.shift();
  }

  /** EnqueueClonedChunkToQueue. Throws a RangeError, after erroring the stream with it, where memory is lacking. */
  enqueueCopy(buffer: ArrayBuffer, byteOffset: number, byteLength: number): void {
    let copy;
    try {
      copy = copyOfBytes(buffer, byteOffset, byteLength);
    } catch (error) {
      this.error(error);
      throw error;
    }
    this.#queue.push(copy, 0, byteLength);
  }

  /** ProcessPullIntoDescriptorsUsingQueue: fills pending descriptors, and gives those that have got enough. */
  fillFromQueue(): PullIntoList {
    const filled = new PullIntoList();
    let first = this.pendingPullIntos.head;
    while (first !== undefined && this.#queue.total > 0) {
      if (this.#queue.fill(first)) filled.push(this.pendingPullIntos.shift());
      first = this.pendingPullIntos.head;
    }
    return filled;
  }

  /** CommitPullIntoDescriptor, for each. */
  commitAll(filled: PullIntoList): void {
    while (filled.head !== undefined) this.commit(filled.shift());
  }

  /** CommitPullIntoDescriptor: gives the filled view to the read that waits for it. */
  commit(item: PullInto): void {
    const view = item.toView();
    const request = this.stream.reader?.requests.shift();
    if (this.stream.status === 'closed') request?.close(view);
    else request?.chunk(view);
  }

  /** PullInto: reads at least `min` elements into the view. The view's buffer can be transferred, and is. */
  pullInto(view: ViewParts, min: number, request: ReadRequest): void {
    const elementSize = elementSizeOf(view.tag);
    const viewConstructor = viewConstructorOf(view.tag);
    let buffer;
    try {
      buffer = ArrayBufferPrototypeTransfer(view.buffer);
    } catch (error) {
      request.error(error);
      return;
    }
    const { byteOffset, byteLength } = view;
    const item = new PullInto(
      buffer,
      byteOffset,
      byteLength,
      min * elementSize,
      elementSize,
      viewConstructor,
      'byob',
    );
    if (this.pendingPullIntos.head === undefined) {
      if (this.stream.status === 'closed') {
        request.close(new viewConstructor(buffer, byteOffset, 0));
        return;
      }
      if (this.#queue.total > 0 && this.#answerFromQueue(item, request)) return;
    }
    const isFirst = this.pendingPullIntos.head === undefined;
    this.pendingPullIntos.push(item);
    this.stream.reader?.requests.push(request);
    if (isFirst) this.pullIfNeeded();
  }

  /** Whether the request could be answered at once: with bytes, or with an error. */
  #answerFromQueue(item: PullInto, request: ReadRequest): boolean {
    if (this.#queue.fill(item)) {
      const view = item.toView();
      this.#handleDrain();
      request.chunk(view);
      return true;
    }
    if (!this.closeRequested) return false;
    const error = insufficientBytes();
    this.error(error);
    request.error(error);
    return true;
  }

  /** The request for the first pending descriptor, if there is one. */
  get byobRequest(): ByobRequest | undefined {
    const first = this.pendingPullIntos.head;
    if (this.#byobRequest === undefined && first !== undefined) {
      this.#byobRequest = new ByobRequest(this, first.rest);
    }
    return this.#byobRequest;
  }

  invalidateByobRequest(): void {
    const request = this.#byobRequest;
    if (request === undefined) return;
    request.controller = undefined;
    request.view = undefined;
    this.#byobRequest = undefined;
  }

  #clearPullIntos(): void {
    this.invalidateByobRequest();
    this.pendingPullIntos.clear();
  }

  #handleDrain(): void {
    if (this.#queue.total === 0 && this.closeRequested) this.#finish();
    else this.pullIfNeeded();
  }

  #finish(): void {
    this.algorithms = undefined;
    closeReadable(this.stream);
  }
}
