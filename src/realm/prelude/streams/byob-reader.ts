/** ReadableStreamBYOBReader. https://streams.spec.whatwg.org/#byob-reader-class */

import { PromiseReject, RangeErrorCtor, TypeErrorCtor } from '../primordials.ts';
import {
  defineInterface,
  illegalInvocation,
  isObject,
  requireArguments,
  toDictionary,
  toEnforcedRange,
} from '../webidl.ts';
import type { ByteController } from './byte-controller.ts';
import { PromiseReadRequest, type ReadResult, releasedReader, toReadableState } from './default-reader.ts';
import { acquireReader, cancelReadable, releaseReader } from './readable-ops.ts';
import type { ReadableState, ReaderState, ReadRequest } from './readable-state.ts';
import { elementSizeOf, toViewParts, type ViewParts } from './views.ts';

const WHERE = 'ReadableStreamBYOBReader.read';

/** ReadableStreamBYOBReaderRead. The stream must be a byte stream. */
export function readInto(stream: ReadableState, view: ViewParts, min: number, request: ReadRequest): void {
  stream.disturbed = true;
  if (stream.status === 'errored') request.error(stream.storedError);
  else (stream.controller as ByteController).pullInto(view, min, request);
}

function toMinimum(options: unknown): number {
  const min = toDictionary<{ min: unknown }>(options, WHERE)?.min;
  return min === undefined ? 1 : toEnforcedRange(min, 0, 2 ** 53 - 1, WHERE);
}

function checkView(view: ViewParts, min: number): void {
  if (view.byteLength === 0) throw new TypeErrorCtor(`${WHERE}: the view is empty.`);
  if (view.bufferByteLength === 0) throw new TypeErrorCtor(`${WHERE}: the view's buffer is empty.`);
  if (view.isDetached) throw new TypeErrorCtor(`${WHERE}: the view's buffer is detached.`);
  if (min === 0) throw new TypeErrorCtor(`${WHERE}: min must be greater than 0.`);
  if (min > view.byteLength / elementSizeOf(view.tag)) {
    throw new RangeErrorCtor(`${WHERE}: min is greater than the length of the view.`);
  }
}

export class ReadableStreamBYOBReader {
  readonly #state: ReaderState;

  /** Undefined for what is none: methods that return promises reject where others throw. */
  static #stateOf(value: unknown): ReaderState | undefined {
    return isObject(value) && #state in value ? value.#state : undefined;
  }

  constructor(stream: unknown) {
    requireArguments(arguments.length, 1, 'ReadableStreamBYOBReader constructor');
    this.#state = acquireReader(toReadableState(stream, 'ReadableStreamBYOBReader constructor'), 'byob');
  }

  get closed(): Promise<undefined> {
    return ReadableStreamBYOBReader.#stateOf(this)?.closed.promise ?? PromiseReject(illegalInvocation());
  }

  cancel(reason: unknown = undefined): Promise<undefined> {
    const state = ReadableStreamBYOBReader.#stateOf(this);
    if (state === undefined) return PromiseReject(illegalInvocation());
    const { stream } = state;
    return stream === undefined ? PromiseReject(releasedReader()) : cancelReadable(stream, reason);
  }

  read(view: unknown, options: unknown = undefined): Promise<ReadResult> {
    const state = ReadableStreamBYOBReader.#stateOf(this);
    if (state === undefined) return PromiseReject(illegalInvocation());
    try {
      requireArguments(arguments.length, 1, WHERE);
      const parts = toViewParts(view, WHERE);
      const min = toMinimum(options);
      checkView(parts, min);
      const { stream } = state;
      if (stream === undefined) throw releasedReader();
      const request = new PromiseReadRequest();
      readInto(stream, parts, min, request);
      return request.promise;
    } catch (error) {
      return PromiseReject(error);
    }
  }

  releaseLock(): void {
    if (!(#state in this)) throw illegalInvocation();
    releaseReader(this.#state);
  }
}

defineInterface(ReadableStreamBYOBReader, 'ReadableStreamBYOBReader');
