/** Writers, as the standard's operations and as the class. https://streams.spec.whatwg.org/#writablestreamdefaultwriter */

import { PromiseReject, PromiseResolve, TypeErrorCtor } from '../primordials.ts';
import { defineInterface, illegalInvocation, isObject, requireArguments } from '../webidl.ts';
import { latestReject, latestResolve, newPromise } from './promises.ts';
import { isWritable, writableStateOf } from './writable-brand.ts';
import { abortWritable, chunkSizeOf, closeWritable, enqueueWrite } from './writable-ops.ts';
import { type WritableState, WriteEntry, WriterState } from './writable-state.ts';

/** Locks the stream to a new writer. Throws a TypeError where it is locked already. */
export function acquireWriter(stream: WritableState): WriterState {
  if (stream.writer !== undefined) throw new TypeErrorCtor('The stream is locked to a writer already.');
  const writer = new WriterState(stream);
  stream.writer = writer;
  switch (stream.status) {
    case 'writable':
      if (stream.isClosing || !stream.backpressure) writer.ready.fulfill();
      break;
    case 'erroring':
      writer.ready.reject(stream.storedError);
      break;
    case 'closed':
      writer.ready.fulfill();
      writer.closed.fulfill();
      break;
    case 'errored':
      writer.ready.reject(stream.storedError);
      writer.closed.reject(stream.storedError);
  }
  return writer;
}

/** Unlocks the stream. Does nothing for a released writer. */
export function releaseWriter(writer: WriterState): void {
  const { stream } = writer;
  if (stream === undefined) return;
  let error: TypeError | undefined;
  const makeError = (): TypeError => (error ??= releasedWriter());
  writer.ready.release(makeError);
  writer.closed.release(makeError);
  writer.onReady = undefined;
  stream.writer = undefined;
  writer.stream = undefined;
}

function releasedWriter(): TypeError {
  return new TypeErrorCtor('The writer has been released.');
}

/** WritableStreamDefaultWriterCloseWithErrorPropagation. */
export function closeWithErrorPropagation(stream: WritableState): Promise<undefined> {
  if (stream.isClosing || stream.status === 'closed') return PromiseResolve(undefined);
  return stream.status === 'errored' ? PromiseReject(stream.storedError) : closeWritable(stream);
}

/** WritableStreamClose as methods call it: a stream that is closing already is an error. */
export function closeOnce(stream: WritableState): Promise<undefined> {
  return stream.isClosing
    ? PromiseReject(new TypeErrorCtor('The stream is closing already.'))
    : closeWritable(stream);
}

class PromiseWriteEntry extends WriteEntry {
  readonly promise: Promise<undefined> = newPromise();
  readonly #resolve: (value: undefined) => void = latestResolve();
  readonly #reject: (reason: unknown) => void = latestReject();

  written(): void {
    this.#resolve(undefined);
  }

  failed(reason: unknown): void {
    this.#reject(reason);
  }
}

function write(writer: WriterState, stream: WritableState, chunk: unknown): Promise<undefined> {
  const size = chunkSizeOf(stream, chunk);
  if (stream !== writer.stream) return PromiseReject(releasedWriter());
  if (stream.status === 'errored') return PromiseReject(stream.storedError);
  if (stream.isClosing || stream.status === 'closed') {
    return PromiseReject(new TypeErrorCtor('The stream is closing or closed: nothing can be written.'));
  }
  if (stream.status === 'erroring') return PromiseReject(stream.storedError);
  const entry = new PromiseWriteEntry(chunk);
  enqueueWrite(stream, entry, size);
  return entry.promise;
}

export class WritableStreamDefaultWriter {
  readonly #state: WriterState;

  /** Undefined for what is none: methods that return promises reject where others throw. */
  static #stateOf(value: unknown): WriterState | undefined {
    return isObject(value) && #state in value ? value.#state : undefined;
  }

  constructor(stream: unknown) {
    requireArguments(arguments.length, 1, 'WritableStreamDefaultWriter constructor');
    if (!isWritable(stream)) {
      throw new TypeErrorCtor('WritableStreamDefaultWriter constructor: the value is not a WritableStream.');
    }
    this.#state = acquireWriter(writableStateOf(stream));
  }

  get closed(): Promise<undefined> {
    return WritableStreamDefaultWriter.#stateOf(this)?.closed.promise ?? PromiseReject(illegalInvocation());
  }

  get desiredSize(): number | null {
    if (!(#state in this)) throw illegalInvocation();
    const { stream } = this.#state;
    if (stream === undefined) throw releasedWriter();
    return stream.desiredSize;
  }

  get ready(): Promise<undefined> {
    return WritableStreamDefaultWriter.#stateOf(this)?.ready.promise ?? PromiseReject(illegalInvocation());
  }

  abort(reason: unknown = undefined): Promise<undefined> {
    const state = WritableStreamDefaultWriter.#stateOf(this);
    if (state === undefined) return PromiseReject(illegalInvocation());
    const { stream } = state;
    return stream === undefined ? PromiseReject(releasedWriter()) : abortWritable(stream, reason);
  }

  close(): Promise<undefined> {
    const state = WritableStreamDefaultWriter.#stateOf(this);
    if (state === undefined) return PromiseReject(illegalInvocation());
    const { stream } = state;
    return stream === undefined ? PromiseReject(releasedWriter()) : closeOnce(stream);
  }

  releaseLock(): void {
    if (!(#state in this)) throw illegalInvocation();
    releaseWriter(this.#state);
  }

  write(chunk: unknown = undefined): Promise<undefined> {
    const state = WritableStreamDefaultWriter.#stateOf(this);
    if (state === undefined) return PromiseReject(illegalInvocation());
    const { stream } = state;
    return stream === undefined ? PromiseReject(releasedWriter()) : write(state, stream, chunk);
  }
}

defineInterface(WritableStreamDefaultWriter, 'WritableStreamDefaultWriter');
