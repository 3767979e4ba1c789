/** Asynchronous iteration of a ReadableStream. https://webidl.spec.whatwg.org/#js-asynchronous-iterable, https://streams.spec.whatwg.org/#rs-asynciterator */

import {
  AsyncIteratorPrototype,
  PromisePrototypeThen,
  PromiseReject,
  PromiseResolve,
  ReflectDeleteProperty,
  ReflectSetPrototypeOf,
  TypedArrayPrototypeGetTag,
} from '../primordials.ts';
import { defineInterface, illegalInvocation, isObject } from '../webidl.ts';
import type { ReadResult } from './default-reader.ts';
import { Deferred } from './promises.ts';
import { acquireReader, cancelReadable, readDefault, releaseReader } from './readable-ops.ts';
import { type ReadableState, type ReaderState, ReadRequest } from './readable-state.ts';

/** A read whose chunk resolves a promise, as the standard asks: a chunk that is itself a promise is waited for. */
class IteratorReadRequest extends ReadRequest {
  readonly #deferred = new Deferred<unknown>();
  readonly #reader: ReaderState;
  isAtEnd = false;

  constructor(reader: ReaderState) {
    super();
    this.#reader = reader;
  }

  get promise(): Promise<unknown> {
    return this.#deferred.promise;
  }

  chunk(value: unknown): void {
    this.#deferred.resolve(value);
  }

  close(): void {
    releaseReader(this.#reader);
    this.isAtEnd = true;
    this.#deferred.resolve(undefined);
  }

  error(reason: unknown): void {
    releaseReader(this.#reader);
    this.#deferred.reject(reason);
  }
}

/** Whether resolving a promise with the chunk could do anything but fulfill it. */
function mayBeThenable(chunk: unknown): boolean {
  if (typeof chunk === 'function') return true;
  return typeof chunk === 'object' && chunk !== null && TypedArrayPrototypeGetTag(chunk) === undefined;
}

class IteratorState {
  readonly #reader: ReaderState;
  readonly #preventCancel: boolean;
  #isFinished = false;
  /** How many calls have no outcome yet. */
  #outstanding = 0;
  /** The outcome of the latest of them. */
  #latest: Promise<unknown> | undefined = undefined;

  constructor(reader: ReaderState, preventCancel: boolean) {
    this.#reader = reader;
    this.#preventCancel = preventCancel;
  }

  next(): Promise<ReadResult> {
    return this.#outstanding === 0 ? this.#next() : this.#afterLatest(() => this.#next());
  }

  return(value: unknown): Promise<ReadResult> {
    return this.#outstanding === 0 ? this.#return(value) : this.#afterLatest(() => this.#return(value));
  }

  #afterLatest(call: () => Promise<ReadResult>): Promise<ReadResult> {
    this.#outstanding++;
    const step = (): Promise<ReadResult> => {
      this.#outstanding--;
      return call();
    };
    const result = PromisePrototypeThen(this.#latest as Promise<unknown>, step, step) as Promise<ReadResult>;
    this.#latest = result;
    return result;
  }

  #next(): Promise<ReadResult> {
    if (this.#isFinished) return PromiseResolve({ value: undefined, done: true });
    const stream = this.#reader.stream as ReadableState;
    if (stream.status === 'readable' && stream.controller.hasChunk) return this.#takeChunk(stream);
    const request = new IteratorReadRequest(this.#reader);
    readDefault(stream, request);
    return this.#settle(request.promise, request);
  }

  /** Where a chunk is at hand, it costs one promise and no request. */
  #takeChunk(stream: ReadableState): Promise<ReadResult> {
    stream.disturbed = true;
    const chunk = stream.controller.takeChunk();
    if (!mayBeThenable(chunk)) return PromiseResolve({ value: chunk, done: false });
    const deferred = new Deferred<unknown>();
    deferred.resolve(chunk);
    return this.#settle(deferred.promise, undefined);
  }

  #settle(promise: Promise<unknown>, request: IteratorReadRequest | undefined): Promise<ReadResult> {
    this.#outstanding++;
    const onFulfilled = (value: unknown): ReadResult => {
      this.#outstanding--;
      if (request === undefined || !request.isAtEnd) return { value, done: false };
      this.#isFinished = true;
      return { value: undefined, done: true };
    };
    const onRejected = (reason: unknown): never => {
      this.#outstanding--;
      this.#isFinished = true;
      throw reason;
    };
    const result = PromisePrototypeThen(promise, onFulfilled, onRejected) as Promise<ReadResult>;
    this.#latest = result;
    return result;
  }

  #return(value: unknown): Promise<ReadResult> {
    if (this.#isFinished) return PromiseResolve({ value, done: true });
    this.#isFinished = true;
    const stream = this.#reader.stream as ReadableState;
    const canceled = this.#preventCancel ? PromiseResolve(undefined) : cancelReadable(stream, value);
    releaseReader(this.#reader);
    this.#outstanding++;
    const onFulfilled = (): ReadResult => {
      this.#outstanding--;
      return { value, done: true };
    };
    const onRejected = (reason: unknown): never => {
      this.#outstanding--;
      throw reason;
    };
    const result = PromisePrototypeThen(canceled, onFulfilled, onRejected) as Promise<ReadResult>;
    this.#latest = result;
    return result;
  }
}

let wrap: (state: IteratorState) => object;

/** Reachable through its prototype object only, which has no `constructor`. */
class ReadableStreamAsyncIterator {
  readonly #state: IteratorState;

  static #stateOf(value: unknown): IteratorState | undefined {
    return isObject(value) && #state in value ? value.#state : undefined;
  }

  constructor(state: IteratorState) {
    this.#state = state;
  }

  next(): Promise<ReadResult> {
    return ReadableStreamAsyncIterator.#stateOf(this)?.next() ?? PromiseReject(illegalInvocation());
  }

  return(value: unknown): Promise<ReadResult> {
    return ReadableStreamAsyncIterator.#stateOf(this)?.return(value) ?? PromiseReject(illegalInvocation());
  }

  static {
    wrap = (state) => new ReadableStreamAsyncIterator(state);
  }
}

defineInterface(ReadableStreamAsyncIterator, 'ReadableStream AsyncIterator');
ReflectDeleteProperty(ReadableStreamAsyncIterator.prototype, 'constructor');
ReflectSetPrototypeOf(ReadableStreamAsyncIterator.prototype, AsyncIteratorPrototype);

/** Locks the stream and gives its iterator. Throws a TypeError where it is locked already. */
export function iterateReadable(stream: ReadableState, preventCancel: boolean): object {
  return wrap(new IteratorState(acquireReader(stream, 'default'), preventCancel));
}
