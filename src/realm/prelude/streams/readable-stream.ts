/** ReadableStream. https://streams.spec.whatwg.org/#rs-class */

import {
  PromiseReject,
  RangeErrorCtor,
  ReflectDefineProperty,
  SymbolAsyncIterator,
  TypeErrorCtor,
} from '../primordials.ts';
import { registerTransferable } from '../clone/registry.ts';
import { defineInterface, isObject, requireArguments, toDictionary, toDOMString } from '../webidl.ts';
import { ReadableStreamBYOBReader } from './byob-reader.ts';
import { ByteController } from './byte-controller.ts';
import { newReadableByteStreamController } from './byte-interfaces.ts';
import { teeBytes } from './byte-tee.ts';
import { DefaultController, newReadableStreamDefaultController } from './default-controller.ts';
import { ReadableStreamDefaultReader } from './default-reader.ts';
import { pipe, pipeQuietly } from './pipe.ts';
import { toPipeOptions, toStreamPair, toWritableState } from './pipe-options.ts';
import { brandReadable, isReadable, readableStateOf } from './readable-brand.ts';
import { readableFrom } from './readable-from.ts';
import { iterateReadable } from './readable-iterator.ts';
import { cancelReadable } from './readable-ops.ts';
import type { ReadableState } from './readable-state.ts';
import { highWaterMarkOf, type Strategy, toStrategy } from './strategy.ts';
import { type Branches, teeDefault } from './tee.ts';
import { checkTransferable } from './transfer.ts';
import { WorkerSource } from './worker-source.ts';

/** The constructor's first argument when the second is a state that has no object yet. */
const STATE = {};

function lockedError(): TypeError {
  return new TypeErrorCtor('The stream is locked.');
}

/** Sets a stream up whose chunks come from a worker's object. Throws what its start throws. */
function setUp(stream: object, source: WorkerSource, strategy: Strategy): void {
  if (source.isByteSource) {
    if (strategy.hasSize)
      throw new RangeErrorCtor('ReadableStream constructor: a byte stream has no size function.');
    setUpBytes(stream, source, highWaterMarkOf(strategy, 0));
    return;
  }
  const controller = new DefaultController(source, highWaterMarkOf(strategy, 1), strategy.size);
  brandReadable(stream, controller.stream);
  source.controller = newReadableStreamDefaultController(controller);
  controller.start(source.start());
}

function setUpBytes(stream: object, source: WorkerSource, highWaterMark: number): void {
  const size = source.autoAllocateChunkSize;
  if (size === 0)
    throw new TypeErrorCtor('ReadableStream constructor: autoAllocateChunkSize must be greater than 0.');
  const controller = new ByteController(source, highWaterMark, size);
  brandReadable(stream, controller.stream);
  source.controller = newReadableByteStreamController(controller);
  controller.start(source.start());
}

/** ReadableStreamTee. `clone` makes the second branch's chunks, unless they are bytes, which are copied anyway. */
export function teeReadable(stream: ReadableState, clone?: (chunk: unknown) => unknown): Branches {
  return stream.controller.kind === 'bytes' ? teeBytes(stream) : teeDefault(stream, clone);
}

let wrap: (state: ReadableState) => ReadableStream;

export class ReadableStream {
  constructor(underlyingSource: unknown = undefined, strategy: unknown = undefined) {
    if (underlyingSource === STATE) {
      brandReadable(this, strategy as ReadableState);
      return;
    }
    if (underlyingSource !== undefined && !isObject(underlyingSource)) {
      throw new TypeErrorCtor('ReadableStream constructor: the source is not an object.');
    }
    const queuing = toStrategy(strategy, 'ReadableStream constructor');
    setUp(this, new WorkerSource(underlyingSource), queuing);
  }

  static from(asyncIterable: unknown): ReadableStream {
    requireArguments(arguments.length, 1, 'ReadableStream.from');
    return wrap(readableFrom(asyncIterable));
  }

  get locked(): boolean {
    return readableStateOf(this).reader !== undefined;
  }

  cancel(reason: unknown = undefined): Promise<undefined> {
    try {
      const state = readableStateOf(this);
      if (state.reader !== undefined) throw lockedError();
      return cancelReadable(state, reason);
    } catch (error) {
      return PromiseReject(error);
    }
  }

  getReader(options: unknown = undefined): ReadableStreamDefaultReader | ReadableStreamBYOBReader {
    readableStateOf(this);
    const mode = toDictionary<{ mode: unknown }>(options, 'ReadableStream.getReader')?.mode;
    if (mode === undefined) return new ReadableStreamDefaultReader(this);
    if (toDOMString(mode) !== 'byob')
      throw new TypeErrorCtor('ReadableStream.getReader: mode must be "byob" or undefined.');
    return new ReadableStreamBYOBReader(this);
  }

  pipeThrough(transform: unknown, options: unknown = undefined): object {
    const state = readableStateOf(this);
    requireArguments(arguments.length, 1, 'ReadableStream.pipeThrough');
    const pair = toStreamPair(transform, 'ReadableStream.pipeThrough');
    const pipeOptions = toPipeOptions(options, 'ReadableStream.pipeThrough');
    if (state.reader !== undefined || pair.writable.writer !== undefined) throw lockedError();
    pipeQuietly(state, pair.writable, pipeOptions);
    return pair.readable;
  }

  pipeTo(destination: unknown, options: unknown = undefined): Promise<undefined> {
    try {
      const state = readableStateOf(this);
      requireArguments(arguments.length, 1, 'ReadableStream.pipeTo');
      const dest = toWritableState(destination, 'ReadableStream.pipeTo');
      const pipeOptions = toPipeOptions(options, 'ReadableStream.pipeTo');
      if (state.reader !== undefined || dest.writer !== undefined) throw lockedError();
      return pipe(state, dest, pipeOptions);
    } catch (error) {
      return PromiseReject(error);
    }
  }

  tee(): [ReadableStream, ReadableStream] {
    const branches = teeReadable(readableStateOf(this));
    return [wrap(branches.first), wrap(branches.second)];
  }

  values(options: unknown = undefined): object {
    const state = readableStateOf(this);
    const dictionary = toDictionary<{ preventCancel: unknown }>(options, 'ReadableStream.values');
    return iterateReadable(state, !!dictionary?.preventCancel);
  }

  static {
    wrap = (state) => new ReadableStream(STATE, state);
  }
}

defineInterface(ReadableStream, 'ReadableStream');
ReflectDefineProperty(ReadableStream.prototype, SymbolAsyncIterator, {
  __proto__: null,

  value: ReadableStream.prototype.values,
  writable: true,
  enumerable: false,
  configurable: true,
} as PropertyDescriptor);

registerTransferable(isReadable, {
  isDetached: (source) => require('./cross-realm.ts').isTransferred(readableStateOf(source)),
  transfer(source) {
    const state = readableStateOf(source);
    checkTransferable(state.reader !== undefined);
    return newReadableStream(require('./cross-realm.ts').transferReadable(state));
  },
});

/** A ReadableStream object for a state that has none. */
export const newReadableStream: (state: ReadableState) => ReadableStream = wrap;
