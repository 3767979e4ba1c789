/** Everything of a stream at once. https://streams.spec.whatwg.org/#readablestreamdefaultreader-read-all-bytes */

import {
  ArrayBufferPrototypeGetByteLength,
  ArrayBufferPrototypeTransfer,
  TypedArrayPrototypeSet,
  Uint8ArrayCtor,
} from '../primordials.ts';
import { fromErrorState } from '../errors/error-state.ts';
import type { ErrorState, SourceState } from '../state.ts';
import { microtask } from './promises.ts';
import { acquireReader, readDefault } from './readable-ops.ts';
import { type ReadableState, ReadRequest } from './readable-state.ts';
import { brokenSource, takeSource } from './source-stream.ts';
import { bufferOfChunk, notBytes } from './stream-source.ts';

/**
 * Who gets the bytes: no promise, because resolving one with an object asks it for `then`, which a worker may have put on
 * Object.prototype. One of the two is called, once; neither may throw.
 */
export interface BytesReceiver {
  resolve(bytes: Uint8Array<ArrayBuffer>): void;
  reject(reason: unknown): void;
}

class Part {
  readonly buffer: ArrayBuffer;
  next: Part | undefined = undefined;

  constructor(buffer: ArrayBuffer) {
    this.buffer = buffer;
  }
}

/** Bytes that arrive in pieces. */
class Parts {
  #head: Part | undefined = undefined;
  #tail: Part | undefined = undefined;
  #total = 0;

  /** Takes the buffer over. */
  add(buffer: ArrayBuffer): void {
    const part = new Part(buffer);
    if (this.#tail === undefined) this.#head = part;
    else this.#tail.next = part;
    this.#tail = part;
    this.#total += ArrayBufferPrototypeGetByteLength(buffer);
  }

  /** Throws a RangeError where memory is lacking. */
  join(): Uint8Array<ArrayBuffer> {
    if (this.#head !== undefined && this.#head === this.#tail) return new Uint8ArrayCtor(this.#head.buffer);
    const all = new Uint8ArrayCtor(this.#total);
    let offset = 0;
    for (let part = this.#head; part !== undefined; part = part.next) {
      TypedArrayPrototypeSet(all, new Uint8ArrayCtor(part.buffer), offset);
      offset += ArrayBufferPrototypeGetByteLength(part.buffer);
    }
    return all;
  }
}

class ReadAll extends ReadRequest {
  readonly #stream: ReadableState;
  readonly #parts = new Parts();
  readonly #receiver: BytesReceiver;

  constructor(stream: ReadableState, receiver: BytesReceiver) {
    super();
    this.#stream = stream;
    this.#receiver = receiver;
  }

  start(): void {
    this.#readOn();
  }

  readonly #readOn = (): void => {
    const stream = this.#stream;
    stream.disturbed = true;
    while (stream.status === 'readable' && stream.controller.hasChunk) {
      if (!this.#add(stream.controller.takeChunk())) return;
    }
    readDefault(stream, this);
  };

  chunk(value: unknown): void {
    if (this.#add(value)) microtask(this.#readOn);
  }

  /** False, once it has failed. */
  #add(chunk: unknown): boolean {
    const buffer = bufferOfChunk(this.#stream, chunk);
    if (buffer === undefined) this.#receiver.reject(notBytes());
    else this.#parts.add(buffer);
    return buffer !== undefined;
  }

  close(): void {
    finish(this.#parts, this.#receiver);
  }

  error(reason: unknown): void {
    this.#receiver.reject(reason);
  }
}

function finish(parts: Parts, receiver: BytesReceiver): void {
  try {
    receiver.resolve(parts.join());
  } catch (error) {
    receiver.reject(error);
  }
}

/** Reads a source without a stream in between. */
function readSource(source: SourceState, receiver: BytesReceiver): void {
  const parts = new Parts();
  const read = (): void => {
    try {
      source.read(sink);
    } catch {
      receiver.reject(brokenSource());
    }
  };
  const sink = (
    step: 'chunk' | 'end' | 'error',
    buffer: ArrayBuffer | undefined,
    error: ErrorState | undefined,
  ): void => {
    try {
      if (step === 'chunk') {
        parts.add(ArrayBufferPrototypeTransfer(buffer as ArrayBuffer));
        microtask(read);
      } else if (step === 'end') {
        finish(parts, receiver);
      } else {
        receiver.reject(fromErrorState(error as ErrorState));
      }
    } catch {
      receiver.reject(brokenSource());
    }
  };
  read();
}

/** Locks the stream for good and reads it to its end. Rejects with its error, or with a TypeError where a chunk is no Uint8Array. */
export function readAll(stream: ReadableState, receiver: BytesReceiver): void {
  try {
    const source = stream.reader === undefined ? takeSource(stream) : undefined;
    if (source !== undefined) return readSource(source, receiver);
    acquireReader(stream, 'default');
    new ReadAll(stream, receiver).start();
  } catch (error) {
    receiver.reject(error);
  }
}
