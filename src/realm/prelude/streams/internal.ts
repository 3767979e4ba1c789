/**
 * Streams as the rest of the prelude uses them: functions on ReadableStream objects, which no patched prototype can disturb. Bodies
 * of requests and responses are built on these.
 */

import {
  ArrayBufferPrototypeTransfer,
  PromiseReject,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
} from '../primordials.ts';
import { copyBytes, isUint8Array } from '../bytes.ts';
import type { SourceState } from '../state.ts';
import { ByteController } from './byte-controller.ts';
import { isReadable, readableStateOf } from './readable-brand.ts';
import { readableFrom } from './readable-from.ts';
import { acquireReader, cancelReadable } from './readable-ops.ts';
import { type ReadableController, SourceAlgorithms } from './readable-state.ts';
import { newReadableStream, type ReadableStream, teeReadable } from './readable-stream.ts';
import { type BytesReceiver, readAll } from './read-all.ts';
import { endBytes, type ErrorConverter, readableFromSource } from './source-stream.ts';
import { sourceOfReadable } from './stream-source.ts';
import { NO_SOURCE, takeReadable } from './transfer.ts';

/** Whether the value is a ReadableStream of this realm. */
export function isReadableStream(value: unknown): value is ReadableStream {
  return isReadable(value);
}

/** Whether it has been read from or canceled. */
export function isDisturbed(stream: ReadableStream): boolean {
  return readableStateOf(stream).disturbed;
}

/** Whether it has a reader. */
export function isLocked(stream: ReadableStream): boolean {
  return readableStateOf(stream).reader !== undefined;
}

/** How many bytes are still to come, where it is known (FixedLengthStream); else -1. */
export function knownLength(stream: ReadableStream): number {
  return readableStateOf(stream).controller.algorithms?.knownLength ?? -1;
}

/** Makes it look as if a reader had read it and stayed: that of a body which was consumed before anybody asked for its stream. */
export function lockForGood(stream: ReadableStream): void {
  const state = readableStateOf(stream);
  state.disturbed = true;
  acquireReader(state, 'default');
}

/** A byte stream over a source, whose ownership passes to it. Nothing is read before somebody asks. */
export function sourceStream(source: SourceState, toError: ErrorConverter): ReadableStream {
  return newReadableStream(readableFromSource(source, toError));
}

/**
 * The reverse: locks a stream, and gives its bytes as a source. A stream that sourceStream made and nobody has touched gives its own
 * source back. A chunk that is no Uint8Array is an error. Throws a TypeError where the stream is locked already.
 */
export function streamSource(stream: ReadableStream): SourceState {
  return sourceOfReadable(readableStateOf(stream));
}

/** A byte stream of these bytes, whose buffer passes to it. */
export function bytesStream(bytes: Uint8Array<ArrayBuffer>): ReadableStream {
  const controller = new ByteController(NO_SOURCE, 0);
  controller.startNow();
  enqueueBytes(controller, bytes);
  controller.close();
  return newReadableStream(controller.stream);
}

/** The stream of an async or sync iterable as a body: strings become bytes. Throws what opening the iterable throws. */
export function iterableStream(iterable: unknown): ReadableStream {
  const { utf8Encode } = require('../encoding/utf8.ts');
  const toBytes = (value: unknown): unknown => (typeof value === 'string' ? utf8Encode(value) : value);
  return newReadableStream(readableFrom(iterable, toBytes));
}

/** Everything of a stream, which is locked for good. Rejects with its error, or with a TypeError where a chunk is no Uint8Array. */
export function readAllBytes(stream: ReadableStream, receiver: BytesReceiver): void {
  readAll(readableStateOf(stream), receiver);
}

/** Cancels a stream, locked or not. */
export function cancelStream(stream: ReadableStream, reason: unknown): Promise<undefined> {
  try {
    return cancelReadable(readableStateOf(stream), reason);
  } catch (error) {
    return PromiseReject(error);
  }
}

/** Tees as `clone()` of a body does: the branches share no bytes. Throws a TypeError where the stream is locked. */
export function teeForBody(stream: ReadableStream): readonly [ReadableStream, ReadableStream] {
  const branches = teeReadable(readableStateOf(stream), cloneChunk);
  return [newReadableStream(branches.first), newReadableStream(branches.second)];
}

/** Throws a DataCloneError, which fails both branches. */
function cloneChunk(chunk: unknown): unknown {
  return isUint8Array(chunk)
    ? copyBytes(chunk)
    : require('../clone/structured-clone.ts').cloneValue(chunk, []);
}

/**
 * The same stream as a new object; the old one is locked and disturbed from now on. What fetch calls creating a proxy, without the
 * pipe. Throws a TypeError where the stream is locked.
 */
export function proxyStream(stream: ReadableStream): ReadableStream {
  return newReadableStream(takeReadable(stream));
}

/** A byte source inside the prelude. */
export interface ByteSource {
  /** Called when somebody waits for bytes. A promise that it returns is waited for; a rejection errors the stream. */
  pull(controller: ByteController): unknown;
  cancel(reason: unknown): unknown;
}

/** A byte stream whose `pull` answers with enqueueBytes, closeBytes or errorBytes. Nothing is pulled before somebody asks. */
export function newReadableByteStream(source: ByteSource): ReadableStream {
  const controller = new ByteController(new PreludeSource(source), 0);
  controller.startNow();
  return newReadableStream(controller.stream);
}

/** Adds bytes, whose buffer passes to the stream. Nothing happens for no bytes, or when the stream is closed. */
export function enqueueBytes(controller: ByteController, bytes: Uint8Array<ArrayBuffer>): void {
  const length = TypedArrayPrototypeGetByteLength(bytes);
  if (length === 0) return;
  const buffer = ArrayBufferPrototypeTransfer(TypedArrayPrototypeGetBuffer(bytes) as ArrayBuffer);
  controller.enqueueBuffer(buffer, TypedArrayPrototypeGetByteOffset(bytes), length);
}

/** Ends the stream after what it holds. */
export function closeBytes(controller: ByteController): void {
  endBytes(controller);
}

/** Fails the stream, unless it has ended. */
export function errorBytes(controller: ByteController, reason: unknown): void {
  controller.error(reason);
}

class PreludeSource extends SourceAlgorithms {
  readonly pulls = true;
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    super();
    this.#source = source;
  }

  pull(controller: ReadableController): unknown {
    return this.#source.pull(controller as ByteController);
  }

  cancel(reason: unknown): unknown {
    return this.#source.cancel(reason);
  }
}
