/** ReadableStreamDefaultReader. https://streams.spec.whatwg.org/#default-reader-class */

import { PromiseReject, PromiseResolve, TypeErrorCtor } from '../primordials.ts';
import { defineInterface, illegalInvocation, isObject, requireArguments } from '../webidl.ts';
import { latestReject, latestResolve, newPromise } from './promises.ts';
import { isReadable, readableStateOf } from './readable-brand.ts';
import { acquireReader, cancelReadable, releaseReader } from './readable-ops.ts';
import { type ReadableState, type ReaderState, ReadRequest } from './readable-state.ts';

/** What read() fulfills its promise with. */
export interface ReadResult {
  value: unknown;
  done: boolean;
}

/** A read whose outcome goes into a promise. */
export class PromiseReadRequest extends ReadRequest {
  readonly promise: Promise<ReadResult> = newPromise();
  readonly #resolve: (result: ReadResult) => void = latestResolve();
  readonly #reject: (reason: unknown) => void = latestReject();

  chunk(value: unknown): void {
    this.#resolve({ value, done: false });
  }

  close(view: unknown): void {
    this.#resolve({ value: view, done: true });
  }

  error(reason: unknown): void {
    this.#reject(reason);
  }
}

/** The TypeError of a reader that has been released. */
export function releasedReader(): TypeError {
  return new TypeErrorCtor('The reader has been released.');
}

/** The stream's state, from the argument of a reader's constructor. */
export function toReadableState(stream: unknown, where: string): ReadableState {
  if (!isReadable(stream)) throw new TypeErrorCtor(`${where}: the value is not a ReadableStream.`);
  return readableStateOf(stream);
}

/** Where a chunk is at hand, it costs one promise and no request. */
function read(stream: ReadableState): Promise<ReadResult> {
  stream.disturbed = true;
  if (stream.status === 'closed') return PromiseResolve({ value: undefined, done: true });
  if (stream.status === 'errored') return PromiseReject(stream.storedError);
  const { controller } = stream;
  if (controller.hasChunk) return PromiseResolve({ value: controller.takeChunk(), done: false });
  const request = new PromiseReadRequest();
  controller.await(request);
  return request.promise;
}

export class ReadableStreamDefaultReader {
  readonly #state: ReaderState;

  /** Undefined for what is none: methods that return promises reject where others throw. */
  static #stateOf(value: unknown): ReaderState | undefined {
    return isObject(value) && #state in value ? value.#state : undefined;
  }

  constructor(stream: unknown) {
    requireArguments(arguments.length, 1, 'ReadableStreamDefaultReader constructor');
    this.#state = acquireReader(
      toReadableState(stream, 'ReadableStreamDefaultReader constructor'),
      'default',
    );
  }

  get closed(): Promise<undefined> {
    return ReadableStreamDefaultReader.#stateOf(this)?.closed.promise ?? PromiseReject(illegalInvocation());
  }

  cancel(reason: unknown = undefined): Promise<undefined> {
    const state = ReadableStreamDefaultReader.#stateOf(this);
    if (state === undefined) return PromiseReject(illegalInvocation());
    const { stream } = state;
    return stream === undefined ? PromiseReject(releasedReader()) : cancelReadable(stream, reason);
  }

  read(): Promise<ReadResult> {
    const state = ReadableStreamDefaultReader.#stateOf(this);
    if (state === undefined) return PromiseReject(illegalInvocation());
    const { stream } = state;
    return stream === undefined ? PromiseReject(releasedReader()) : read(stream);
  }

  releaseLock(): void {
    if (!(#state in this)) throw illegalInvocation();
    releaseReader(this.#state);
  }
}

defineInterface(ReadableStreamDefaultReader, 'ReadableStreamDefaultReader');
