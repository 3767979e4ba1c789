/** A body as pieces of bytes, read one at a time, whatever form it has. */

import { copyBytes } from '../bytes.ts';
import { utf8Encode } from '../encoding/utf8.ts';
import { fromErrorState } from '../errors/error-state.ts';
import { guarded } from '../host.ts';
import {
  ArrayBufferPrototypeTransfer,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeSet,
  Uint8ArrayCtor,
} from '../primordials.ts';
import type { BodyState, ChunkSink, ErrorState, SourceState } from '../state.ts';
import { Deferred } from '../streams/promises.ts';
import { brokenSource } from '../streams/source-stream.ts';

const neutral = guarded($host.neutral);

/** Bytes in one piece at most: what is parsed in one turn. */
const PIECE = 64 * 1024;

export type Bytes = Uint8Array<ArrayBuffer>;

/** Reads a source piece by piece. Each piece is a buffer of its own. */
export class BodyPieces {
  readonly #source: SourceState;
  /** What is left of a large chunk. */
  #rest: Bytes | undefined = undefined;
  /** The piece that `next` has read; undefined at the end. */
  piece: Bytes | undefined = undefined;
  #reading: Deferred<undefined> | undefined = undefined;

  constructor(source: SourceState) {
    this.#source = source;
  }

  /** Undefined where the piece is at hand. Rejects with the source's error. */
  next(): Promise<undefined> | undefined {
    if (this.#rest !== undefined) {
      this.#take(this.#rest);
      return undefined;
    }
    const reading = new Deferred<undefined>();
    this.#reading = reading;
    try {
      this.#source.read(this.#sink);
    } catch {
      reading.reject(brokenSource());
    }
    return reading.promise;
  }

  cancel(reason: ErrorState): void {
    try {
      this.#source.cancel(reason);
    } catch {
      // it is as good as canceled
    }
  }

  /** Called by the host or by another realm's prelude: nothing gets thrown back. */
  readonly #sink: ChunkSink = (step, buffer, error) => {
    const reading = this.#reading as Deferred<undefined>;
    try {
      this.piece = undefined;
      if (step === 'chunk')
        this.#take(new Uint8ArrayCtor(ArrayBufferPrototypeTransfer(buffer as ArrayBuffer)));
      if (step === 'error') reading.reject(fromErrorState(error as ErrorState));
      else reading.resolve(undefined);
    } catch {
      reading.reject(brokenSource());
    }
  };

  #take(bytes: Bytes): void {
    const length = TypedArrayPrototypeGetByteLength(bytes);
    if (length <= PIECE) {
      this.piece = bytes;
      this.#rest = undefined;
      return;
    }
    this.piece = copyBytes(part(bytes, 0, PIECE));
    this.#rest = part(bytes, PIECE, length);
  }
}

/** The bytes from `start` to `end`, in the same buffer. */
export function part(bytes: Bytes, start: number, end: number): Bytes {
  return new Uint8ArrayCtor(
    TypedArrayPrototypeGetBuffer(bytes) as ArrayBuffer,
    TypedArrayPrototypeGetByteOffset(bytes) + start,
    end - start,
  );
}

/** Any body as a source. */
export function bodySource(body: BodyState): SourceState {
  if (body === undefined) return onceSource(undefined);
  if (typeof body === 'string') return onceSource(utf8Encode(body));
  if (body.source !== undefined) return body.source;
  return onceSource(new Uint8ArrayCtor(ArrayBufferPrototypeTransfer(body.buffer as ArrayBuffer)));
}

function onceSource(bytes: Bytes | undefined): SourceState {
  let left = bytes;
  return neutral.source(
    (sink) => {
      const given = left;
      left = undefined;
      if (given === undefined) sink('end', undefined, undefined);
      else sink('chunk', TypedArrayPrototypeGetBuffer(copyBytes(given)) as ArrayBuffer, undefined);
    },
    () => {
      left = undefined;
    },
  );
}

/** All of them in one buffer. */
export function joinBytes(parts: readonly Bytes[], length: number): Bytes {
  const all = new Uint8ArrayCtor(length);
  let offset = 0;
  for (let i = 0; i < parts.length; i++) {
    const bytes = parts[i] as Bytes;
    TypedArrayPrototypeSet(all, bytes, offset);
    offset += TypedArrayPrototypeGetByteLength(bytes);
  }
  return all;
}
