/** A neutral source over a stream of this realm, which may be a worker's own: its chunks are copied, and nothing of it gets out. */

import {
  ArrayBufferPrototypeGetByteLength,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  TypeErrorCtor,
} from '../primordials.ts';
import { isUint8Array } from '../bytes.ts';
import { fromErrorState, toErrorState } from '../errors/error-state.ts';
import { guarded } from '../host.ts';
import { addLiveResource, isRealmGone, removeLiveResource } from '../live-resources.ts';
import { currentContext, enterRealm, usesContexts } from '../nodejs/context-hooks.ts';
import type { ChunkSink, ErrorState, SourceState } from '../state.ts';
import { markHandled, microtask } from './promises.ts';
import { acquireReader, cancelReadable, readDefault } from './readable-ops.ts';
import { type ReadableState, ReadRequest } from './readable-state.ts';
import { brokenSource, takeSource } from './source-stream.ts';
import { copyOfBytes } from './views.ts';

const neutral = guarded($host.neutral);
const realm = guarded($host.realm);

/** The error of a body whose chunk is no Uint8Array. */
export function notBytes(): TypeError {
  return new TypeErrorCtor('A chunk of the stream is not a Uint8Array.');
}

/**
 * An exact-size buffer with a chunk's bytes, which nobody else has. The chunks of a byte stream belong to their reader, so that such a
 * buffer can be given away; others are copied. Undefined for what is no Uint8Array.
 */
export function bufferOfChunk(stream: ReadableState, chunk: unknown): ArrayBuffer | undefined {
  if (!isUint8Array(chunk)) return undefined;
  const buffer = TypedArrayPrototypeGetBuffer(chunk) as ArrayBuffer;
  const length = TypedArrayPrototypeGetByteLength(chunk);
  const isOwn = stream.controller.kind === 'bytes' && length === ArrayBufferPrototypeGetByteLength(buffer);
  return isOwn ? buffer : copyOfBytes(buffer, TypedArrayPrototypeGetByteOffset(chunk), length);
}

/** The source's one read request, used again for every read. */
class SourceReader extends ReadRequest {
  readonly #stream: ReadableState;
  /** What the stream was made in, as far as can be told: its code runs there. */
  readonly #context = currentContext();
  #sink: ChunkSink | undefined = undefined;
  #isAsking = false;
  #arrived: unknown = undefined;
  #isCanceled = false;
  #isWaiting = false;
  /** A read that waits hears of the realm's end. */
  readonly #release = (): void => this.#give('error', undefined, realm.broken());
  readonly #onArrived = (): void => {
    try {
      this.#deliver(this.#arrived);
    } catch (error) {
      this.#give('error', undefined, toErrorState(error)); // memory is lacking
    }
  };

  constructor(stream: ReadableState) {
    super();
    this.#stream = stream;
    acquireReader(stream, 'default');
  }

  /** Called by the host or by another realm's prelude: nothing gets thrown back. */
  readonly read = (sink: ChunkSink): void => {
    this.#sink = sink;
    if (isRealmGone()) return this.#release();
    try {
      if (usesContexts()) enterRealm(this.#context, this.#ask);
      else this.#ask();
      if (this.#sink === sink) this.#wait();
    } catch {
      this.#give('error', undefined, toErrorState(brokenSource()));
    }
  };

  readonly #ask = (): void => {
    this.#isAsking = true;
    try {
      readDefault(this.#stream, this);
    } catch {
      this.#give('error', undefined, toErrorState(brokenSource()));
    }
    this.#isAsking = false;
  };

  readonly cancel = (reason: ErrorState): void => {
    this.#isCanceled = true;
    this.#sink = undefined;
    this.#waitNoMore();
    try {
      enterRealm(this.#context, () => markHandled(cancelReadable(this.#stream, fromErrorState(reason))));
    } catch {
      // only stack overflow gets here
    }
  };

  #wait(): void {
    this.#isWaiting = true;
    addLiveResource(this.#release);
  }

  #waitNoMore(): void {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    removeLiveResource(this.#release);
  }

  /** Where the worker enqueues, its code is on the stack, perhaps deep down: what the receiver does must not run on top of it. */
  chunk(value: unknown): void {
    if (this.#isAsking) {
      this.#deliver(value);
      return;
    }
    this.#arrived = value;
    microtask(this.#onArrived);
  }

  #deliver(chunk: unknown): void {
    this.#arrived = undefined;
    if (this.#isCanceled) return;
    const buffer = bufferOfChunk(this.#stream, chunk);
    if (buffer !== undefined) {
      this.#give('chunk', buffer, undefined);
      return;
    }
    const error = notBytes();
    this.#give('error', undefined, toErrorState(error));
    markHandled(cancelReadable(this.#stream, error));
  }

  close(): void {
    microtask(() => this.#give('end', undefined, undefined));
  }

  error(reason: unknown): void {
    microtask(() => this.#give('error', undefined, toErrorState(reason)));
  }

  #give(
    step: 'chunk' | 'end' | 'error',
    buffer: ArrayBuffer | undefined,
    error: ErrorState | undefined,
  ): void {
    const sink = this.#sink;
    if (sink === undefined) return;
    this.#sink = undefined;
    this.#waitNoMore();
    try {
      sink(step, buffer, error);
    } catch {
      // the receiver's own affair
    }
  }
}

/** Locks the stream and gives its bytes as a source. Throws a TypeError where it is locked already. */
export function sourceOfReadable(stream: ReadableState): SourceState {
  if (stream.reader === undefined) {
    const source = takeSource(stream);
    if (source !== undefined) return source;
  }
  const reader = new SourceReader(stream);
  stream.disturbed = true;
  return neutral.source(reader.read, reader.cancel);
}
