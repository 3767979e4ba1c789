/** A response body on its way to a realm: read ahead a little, then only as fast as somebody reads it. Runs in a thread. */

import { neutral } from '../../realm/neutral.ts';
import type { ChunkSink, ErrorState, SourceState } from '../../realm/prelude/state.ts';
import type { Turns } from './turns.ts';

/** One stage of a body. */
export interface ByteConsumer {
  /** Takes a chunk. False asks to wait for `onDrain`; more is taken nevertheless. */
  write(chunk: Uint8Array): boolean;
  end(): void;
  /** Set by who writes. */
  onDrain: () => void;
  /** Lets go of everything. */
  destroy(): void;
}

export interface ResponseBodyOptions {
  readonly turns: Turns;
  /** Runs what calls the realm, as part of the request that the call belongs to. */
  readonly enter: (run: () => void) => void;
  /** Read ahead up to this many bytes. */
  readonly bufferedBytes: number;
  /** The reader wants no more, or is gone. */
  readonly onCancel: () => void;
}

/** Sources that nobody refers to any more: a worker that never reads a body must not hold its connection. */
const abandoned = new FinalizationRegistry<ResponseBody>((body) => body.cancel());

export class ResponseBody implements ByteConsumer {
  readonly #options: ResponseBodyOptions;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #sink: ChunkSink | undefined;
  #isFull = false;
  #isScheduled = false;
  #isEnded = false;
  #isCanceled = false;
  #error: ErrorState | undefined;
  onDrain: () => void = () => undefined;

  constructor(options: ResponseBodyOptions) {
    this.#options = options;
  }

  /** The source for the realm; to be made once. Nothing here refers to it, so that its loss is noticed. */
  makeSource(): SourceState {
    const source = neutral.source(
      (sink) => this.#read(sink),
      () => this.cancel(),
    );
    abandoned.register(source, this);
    return source;
  }

  write(chunk: Uint8Array): boolean {
    if (this.#isCanceled || this.#error !== undefined) return true;
    this.#chunks.push(chunk);
    this.#size += chunk.byteLength;
    this.#isFull = this.#size >= this.#options.bufferedBytes;
    this.#wake();
    return !this.#isFull;
  }

  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  /** The rest does not come; what is here already can still be read. */
  fail(error: ErrorState): void {
    if (this.#isEnded || this.#error !== undefined) return;
    this.#error = error;
    this.#wake();
  }

  /** The caller gave up: everything unread is lost. https://fetch.spec.whatwg.org/#abort-fetch */
  abort(error: ErrorState): void {
    this.#error = error;
    this.#isEnded = false;
    this.destroy();
    this.#wake();
  }

  cancel(): void {
    if (this.#isCanceled) return;
    this.#isCanceled = true;
    this.#sink = undefined;
    this.destroy();
    this.#options.turns.run(this.#options.onCancel);
  }

  destroy(): void {
    this.#chunks = [];
    this.#size = 0;
  }

  #read(sink: ChunkSink): void {
    if (this.#isCanceled) return;
    this.#sink = sink;
    this.#wake();
  }

  #wake(): void {
    if (this.#isScheduled || this.#sink === undefined || this.#step() === undefined) return;
    this.#isScheduled = true;
    this.#options.turns.run(this.#deliver);
  }

  #step(): 'chunk' | 'end' | 'error' | undefined {
    if (this.#size > 0) return 'chunk';
    if (this.#error !== undefined) return 'error';
    return this.#isEnded ? 'end' : undefined;
  }

  readonly #deliver = (): void => {
    this.#isScheduled = false;
    const sink = this.#sink;
    const step = this.#step();
    if (sink === undefined || step === undefined) return;
    this.#sink = undefined;
    const buffer = step === 'chunk' ? this.#take() : undefined;
    const error = step === 'error' ? this.#error : undefined;
    this.#options.enter(() => {
      try {
        sink(step, buffer, error);
      } catch {
        // The reader's own affair.
      }
    });
  };

  /** All that is here in a fresh buffer of its exact size (HARDENING R13). */
  #take(): ArrayBuffer {
    const all = new Uint8Array(this.#size);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.byteLength;
    }
    this.destroy();
    if (this.#isFull) {
      this.#isFull = false;
      this.onDrain();
    }
    return all.buffer;
  }
}

/** Takes a body that nobody reads, up to a limit. */
export class Discarder implements ByteConsumer {
  #left: number;
  readonly #onTooLong: () => void;
  onDrain: () => void = () => undefined;

  constructor(limit: number, onTooLong: () => void) {
    this.#left = limit;
    this.#onTooLong = onTooLong;
  }

  write(chunk: Uint8Array): boolean {
    this.#left -= chunk.byteLength;
    if (this.#left < 0) this.#onTooLong();
    return true;
  }

  end(): void {
    this.#left = 0;
  }

  destroy(): void {
    this.#left = 0;
  }
}
