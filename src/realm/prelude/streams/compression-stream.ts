/** CompressionStream and DecompressionStream over the host's codecs. https://compression.spec.whatwg.org/ */

import {
  ArrayBufferPrototypeTransfer,
  RangeErrorCtor,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypeErrorCtor,
  Uint8ArrayCtor,
} from '../primordials.ts';
import { copyBytes } from '../bytes.ts';
import { guarded } from '../host.ts';
import type { CodecSink, CodecState, CompressionFormat } from '../host-api.ts';
import { defineInterface, illegalInvocation, requireArguments, toDOMString } from '../webidl.ts';
import { Deferred, microtask } from './promises.ts';
import type { ReadableStream } from './readable-stream.ts';
import { newTransform, type Sides } from './sides.ts';
import { TransformAlgorithms, type TransformState } from './transform-state.ts';
import { toBytes } from './views.ts';
import type { WritableStream } from './writable-stream.ts';

const host = guarded($host.compression);

function toFormat(value: unknown, where: string): CompressionFormat {
  const format = toDOMString(value);
  switch (format) {
    case 'brotli':
    case 'deflate':
    case 'deflate-raw':
    case 'gzip':
      return format;
    default:
      throw new TypeErrorCtor(
        `${where}: "${format}" is not a format; use "deflate", "deflate-raw", "gzip" or "brotli".`,
      );
  }
}

/**
 * How many bytes of output may wait for a reader. The standard knows no limit, but a few bytes of input can become gigabytes; with
 * one, a program that waits for a write before it reads on still works for all but such output.
 */
const AHEAD = 1024 * 1024;

/** Feeds a codec, and takes out of it what the readable side wants, and a little more. */
class CodecTransform extends TransformAlgorithms {
  readonly #codec: CodecState;
  /** Of the step under way. */
  #deferred: Deferred<undefined> | undefined = undefined;
  #transform: TransformState | undefined = undefined;
  /** Bytes of output since the readable side wanted some. */
  #ahead = 0;
  #held: Uint8Array<ArrayBuffer> | undefined = undefined;

  constructor(codec: CodecState) {
    super();
    this.#codec = codec;
  }

  transform(chunk: unknown, transform: TransformState): unknown {
    const bytes = toBytes(chunk);
    const length = TypedArrayPrototypeGetByteLength(bytes);
    if (length === 0) return undefined;
    // The codec works beside this thread, so that it needs bytes that nobody can change or detach.
    const input = ArrayBufferPrototypeTransfer(TypedArrayPrototypeGetBuffer(copyBytes(bytes)) as ArrayBuffer);
    return this.#run(transform, () => this.#codec.write(input, length)).promise;
  }

  flush(transform: TransformState): unknown {
    return this.#run(transform, () => this.#codec.end());
  }

  cancel(): undefined {
    try {
      this.#codec.close();
    } catch {
      // it goes with this object
    }
    this.#deferred?.resolve(undefined);
  }

  #run(transform: TransformState, begin: () => void): Deferred<undefined> {
    const deferred = new Deferred<undefined>();
    this.#deferred = deferred;
    this.#transform = transform;
    try {
      begin();
    } catch {
      deferred.reject(brokenCodec());
    }
    this.#next();
    return deferred;
  }

  readonly #next = (): void => {
    try {
      this.#codec.next(this.#sink);
    } catch {
      this.#deferred?.reject(brokenCodec());
    }
  };

  /** Called by the host: nothing gets thrown back. */
  readonly #sink: CodecSink = (step, buffer, message) => {
    try {
      if (step === 'chunk') this.#take(buffer as ArrayBuffer);
      else if (step === 'error') this.#deferred?.reject(new TypeErrorCtor(message));
      else this.#deferred?.resolve(undefined);
    } catch (error) {
      this.#deferred?.reject(error);
    }
  };

  #take(buffer: ArrayBuffer): void {
    const bytes = new Uint8ArrayCtor(ArrayBufferPrototypeTransfer(buffer));
    const transform = this.#transform as TransformState;
    if (transform.isWanted) this.#ahead = 0;
    this.#ahead += TypedArrayPrototypeGetByteLength(bytes);
    this.#held = bytes;
    if (this.#ahead > AHEAD) transform.whenWanted(this.#giveHeld);
    else microtask(this.#giveHeld);
  }

  readonly #giveHeld = (): void => {
    try {
      this.#transform?.enqueue(this.#held);
      this.#held = undefined;
      this.#next();
    } catch (error) {
      this.#deferred?.reject(error);
    }
  };
}

function brokenCodec(): RangeError {
  return new RangeErrorCtor('Maximum call stack size exceeded');
}

function newCodecSides(format: unknown, compresses: boolean, where: string): Sides {
  return newTransform(new CodecTransform(host.open(toFormat(format, where), compresses)));
}

export class CompressionStream {
  readonly #sides: Sides;

  constructor(format: unknown) {
    requireArguments(arguments.length, 1, 'CompressionStream constructor');
    this.#sides = newCodecSides(format, true, 'CompressionStream constructor');
  }

  get readable(): ReadableStream {
    if (!(#sides in this)) throw illegalInvocation();
    return this.#sides.readable;
  }

  get writable(): WritableStream {
    if (!(#sides in this)) throw illegalInvocation();
    return this.#sides.writable;
  }
}

export class DecompressionStream {
  readonly #sides: Sides;

  constructor(format: unknown) {
    requireArguments(arguments.length, 1, 'DecompressionStream constructor');
    this.#sides = newCodecSides(format, false, 'DecompressionStream constructor');
  }

  get readable(): ReadableStream {
    if (!(#sides in this)) throw illegalInvocation();
    return this.#sides.readable;
  }

  get writable(): WritableStream {
    if (!(#sides in this)) throw illegalInvocation();
    return this.#sides.writable;
  }
}

defineInterface(CompressionStream, 'CompressionStream');
defineInterface(DecompressionStream, 'DecompressionStream');
