/**
 * IdentityTransformStream and FixedLengthStream, as Cloudflare Workers have them: bytes go through unchanged and unbuffered, and a write
 * is complete when its bytes have been read. https://developers.cloudflare.com/workers/runtime-apis/streams/transformstream/
 */

import {
  NumberCtor,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypeErrorCtor,
} from '../primordials.ts';
import { copyBytes, viewOf } from '../bytes.ts';
import { defineInterface, keepParent, requireArguments, toDictionary, toEnforcedRange } from '../webidl.ts';
import { ByteController } from './byte-controller.ts';
import { microtask, PENDING } from './promises.ts';
import { SourceAlgorithms } from './readable-state.ts';
import { Sides } from './sides.ts';
import { endBytes } from './source-stream.ts';
import { SIDES, TransformStream } from './transform-stream.ts';
import { errorWritableIfNeeded, startWritable, writeDone, writeFailed } from './writable-ops.ts';
import { toBytes } from './views.ts';
import { SinkAlgorithms, WritableState } from './writable-state.ts';

/** The readable side: its pull takes the chunk that waits, or waits itself. */
class Source extends SourceAlgorithms {
  readonly pulls = true;
  readonly #channel: Channel;

  constructor(channel: Channel) {
    super();
    this.#channel = channel;
  }

  pull(): unknown {
    return this.#channel.pull();
  }

  cancel(reason: unknown): undefined {
    this.#channel.sourceCanceled(reason);
  }

  override get knownLength(): number {
    return this.#channel.knownLength;
  }
}

class Sink extends SinkAlgorithms {
  readonly #channel: Channel;

  constructor(channel: Channel) {
    super();
    this.#channel = channel;
  }

  write(chunk: unknown): unknown {
    return this.#channel.write(chunk);
  }

  close(): undefined {
    this.#channel.sinkClosed();
  }

  abort(): undefined {} // see Channel.aborted
}

function byteLengthOf(chunk: unknown): number {
  const bytes = viewOf(chunk);
  return bytes === undefined ? 0 : TypedArrayPrototypeGetByteLength(bytes);
}

/** Both sides, and the chunk between them. */
class Channel {
  readonly readable: ByteController;
  readonly writable: WritableState;
  /** Bytes that are still to be written; Infinity where nobody has said how many. */
  #remaining: number;
  /** Written and not yet read; its write is under way. */
  #waiting: Uint8Array<ArrayBuffer> | undefined = undefined;
  #isPulling = false;
  readonly #onTaken = (): void => writeDone(this.writable);

  constructor(length: number, highWaterMark: number | undefined) {
    this.#remaining = length;
    this.readable = new ByteController(new Source(this), 0);
    const sink = new Sink(this);
    this.writable =
      highWaterMark === undefined
        ? new WritableState(sink, 1, undefined)
        : new WritableState(sink, highWaterMark, byteLengthOf);
    this.writable.onAborted = (reason) => this.#aborted(reason);
    this.readable.startNow();
    startWritable(this.writable, undefined);
  }

  /** Bytes that are still to be read, or -1. */
  get knownLength(): number {
    if (this.#remaining === Infinity) return -1;
    return (
      this.#remaining + (this.#waiting === undefined ? 0 : TypedArrayPrototypeGetByteLength(this.#waiting))
    );
  }

  pull(): unknown {
    if (this.#waiting === undefined) {
      this.#isPulling = true;
      return PENDING;
    }
    const bytes = this.#waiting;
    this.#waiting = undefined;
    this.#give(bytes);
    return undefined;
  }

  #give(bytes: Uint8Array<ArrayBuffer>): void {
    microtask(this.#onTaken);
    const buffer = TypedArrayPrototypeGetBuffer(bytes) as ArrayBuffer;
    this.readable.enqueueBuffer(buffer, 0, TypedArrayPrototypeGetByteLength(bytes));
  }

  write(chunk: unknown): unknown {
    const bytes = this.#toBytes(chunk);
    const length = TypedArrayPrototypeGetByteLength(bytes);
    if (length === 0) return undefined;
    if (length > this.#remaining) {
      throw this.#fail(new TypeErrorCtor('Attempt to write too many bytes through a FixedLengthStream.'));
    }
    this.#remaining -= length;
    const copy = copyBytes(bytes);
    if (this.#isPulling) {
      this.#isPulling = false;
      this.#give(copy);
      this.readable.pulledSoon();
    } else {
      this.#waiting = copy;
    }
    return PENDING;
  }

  sinkClosed(): void {
    if (this.#remaining !== Infinity && this.#remaining > 0) {
      throw this.#fail(new TypeErrorCtor('FixedLengthStream did not see all expected bytes before close().'));
    }
    endBytes(this.readable);
  }

  #toBytes(chunk: unknown): Uint8Array<ArrayBuffer> {
    try {
      return toBytes(chunk);
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** Fails the readable side; the writable one fails with what is thrown. */
  #fail(error: unknown): unknown {
    this.readable.error(error);
    return error;
  }

  sourceCanceled(reason: unknown): void {
    errorWritableIfNeeded(this.writable, reason);
    this.#failWaiting(reason);
  }

  /** At once, because the sink would be aborted only after the write that waits for a reader. */
  #aborted(reason: unknown): void {
    this.readable.error(reason);
    this.#failWaiting(reason);
  }

  #failWaiting(reason: unknown): void {
    if (this.#waiting === undefined) return;
    this.#waiting = undefined;
    writeFailed(this.writable, reason);
  }
}

function newSides(length: number, options: unknown, where: string): Sides {
  const mark = toDictionary<{ highWaterMark: unknown }>(options, where)?.highWaterMark;
  const highWaterMark = mark === undefined ? undefined : toEnforcedRange(mark, 0, 2 ** 53 - 1, where);
  const channel = new Channel(length, highWaterMark);
  return new Sides(channel.readable.stream, channel.writable);
}

/** The two sides by themselves, for the prelude: bytes that are written come out unbuffered. */
export function newByteSides(highWaterMark: number | undefined): Sides {
  const channel = new Channel(Infinity, highWaterMark);
  return new Sides(channel.readable.stream, channel.writable);
}

export class IdentityTransformStream extends TransformStream {
  constructor(options: unknown = undefined) {
    super(
      SIDES,
      Sides.is(options) ? options : newSides(Infinity, options, 'IdentityTransformStream constructor'),
    );
  }
}

function toLength(value: unknown): number {
  const where = 'FixedLengthStream constructor';
  return toEnforcedRange(typeof value === 'bigint' ? NumberCtor(value) : value, 0, 2 ** 53 - 1, where);
}

export class FixedLengthStream extends IdentityTransformStream {
  constructor(expectedLength: unknown, options: unknown = undefined) {
    requireArguments(arguments.length, 1, 'FixedLengthStream constructor');
    super(newSides(toLength(expectedLength), options, 'FixedLengthStream constructor'));
  }
}

defineInterface(IdentityTransformStream, 'IdentityTransformStream');
defineInterface(FixedLengthStream, 'FixedLengthStream');
keepParent(IdentityTransformStream);
keepParent(FixedLengthStream);
