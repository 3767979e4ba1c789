/** The two streams of a transform stream, as objects of the worker. https://streams.spec.whatwg.org/#generictransformstream */

import { readableStateOf } from './readable-brand.ts';
import type { ReadableState } from './readable-state.ts';
import { newReadableStream, type ReadableStream } from './readable-stream.ts';
import { newWritableStream, type WritableStream } from './writable-stream.ts';
import { DEFAULT_QUEUES, type TransformAlgorithms, TransformState } from './transform-state.ts';
import { writableStateOf } from './writable-brand.ts';
import type { WritableState } from './writable-state.ts';

/** The two streams; each object is made when it is asked for. */
export class Sides {
  readonly #readableState: ReadableState;
  readonly #writableState: WritableState;
  #readable: ReadableStream | undefined = undefined;
  #writable: WritableStream | undefined = undefined;

  constructor(readable: ReadableState, writable: WritableState) {
    this.#readableState = readable;
    this.#writableState = writable;
  }

  /** Locked like a stream, if either of the two is. */
  get isLocked(): boolean {
    return (
      readableStateOf(this.readable).reader !== undefined ||
      writableStateOf(this.writable).writer !== undefined
    );
  }

  /** Whether either of the two was transferred before. */
  get wasTransferred(): boolean {
    const { isTransferred } = require('./cross-realm.ts');
    return isTransferred(readableStateOf(this.readable)) || isTransferred(writableStateOf(this.writable));
  }

  /** Transfers the two. They must not be locked. */
  transfer(): Sides {
    const { transferReadable, transferWritable } = require('./cross-realm.ts');
    return new Sides(
      transferReadable(readableStateOf(this.readable)),
      transferWritable(writableStateOf(this.writable)),
    );
  }

  static is(value: unknown): value is Sides {
    return typeof value === 'object' && value !== null && #readableState in value;
  }

  get readable(): ReadableStream {
    return (this.#readable ??= newReadableStream(this.#readableState));
  }

  get writable(): WritableStream {
    return (this.#writable ??= newWritableStream(this.#writableState));
  }
}

/** The two sides of a transform stream. */
export function sidesOf(transform: TransformState): Sides {
  return new Sides(transform.readable.stream, transform.writable);
}

/** Sets up a transform stream of the prelude's own. https://streams.spec.whatwg.org/#transformstream-set-up */
export function newTransform(algorithms: TransformAlgorithms): Sides {
  const transform = new TransformState(algorithms, DEFAULT_QUEUES);
  transform.start(undefined);
  return sidesOf(transform);
}
