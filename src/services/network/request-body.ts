/** A streamed request body: pulled from its realm when the connection has room. Runs in a thread. */

import type { ChunkSink, ErrorState, SourceState } from '../../realm/prelude/state.ts';
import type { Turns } from './turns.ts';

const { apply } = Reflect;
const { transfer } = ArrayBuffer.prototype;

/** The buffer, as the host's own: nobody else has its bytes any more. Throws for a detached one. */
export function takeBuffer(buffer: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(apply(transfer, buffer, []));
}

export interface RequestBodyOptions {
  readonly turns: Turns;
  /** Runs what calls the realm, as part of the request that the call belongs to. */
  readonly enter: (run: () => void) => void;
}

interface Waiting {
  readonly resolve: (chunk: Uint8Array | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** Iterates over the chunks of a source. Owns the source. */
export class RequestBody {
  /** Until its end. */
  #source: SourceState | undefined;
  readonly #options: RequestBodyOptions;
  #waiting: Waiting | undefined;
  #failure: string | undefined;

  constructor(source: SourceState, options: RequestBodyOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** What the source failed with, if it did. */
  get failure(): string | undefined {
    return this.#failure;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for (let chunk = await this.#next(); chunk !== undefined; chunk = await this.#next()) yield chunk;
  }

  /** Nobody wants the rest. Does nothing after the end. Not to be called from the HTTP client's callbacks. */
  cancel(reason: ErrorState): void {
    const source = this.#source;
    if (source === undefined) return;
    this.#source = undefined;
    this.#waiting?.reject(new Error('canceled'));
    this.#waiting = undefined;
    this.#options.enter(() => {
      try {
        source.cancel(reason);
      } catch {
        // The source has done what it could.
      }
    });
  }

  #next(): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#options.turns.run(() => this.#read());
    });
  }

  #read(): void {
    const source = this.#source;
    if (source === undefined) {
      this.#waiting?.reject(new Error('canceled'));
      return;
    }
    let isAnswered = false;
    // Called by the realm, on whatever stack: it takes the bytes, and leaves the rest to a turn of its own.
    const sink: ChunkSink = (step, buffer, error) => {
      if (isAnswered) return;
      isAnswered = true;
      const chunk = step === 'chunk' ? tryTake(buffer) : undefined;
      const isLost = step === 'chunk' && chunk === undefined;
      const failure = isLost ? 'its buffer cannot be taken' : step === 'error' ? describe(error) : undefined;
      this.#options.turns.run(() => this.#answer(chunk, failure));
    };
    this.#options.enter(() => {
      try {
        source.read(sink);
      } catch {
        sink('error', undefined, undefined);
      }
    });
  }

  #answer(chunk: Uint8Array | undefined, failure: string | undefined): void {
    const waiting = this.#waiting;
    if (this.#source === undefined || waiting === undefined) return;
    this.#waiting = undefined;
    if (chunk === undefined) this.#source = undefined;
    this.#failure = failure;
    if (failure === undefined) waiting.resolve(chunk);
    else waiting.reject(new Error(failure));
  }
}

function tryTake(buffer: ArrayBuffer | undefined): Uint8Array | undefined {
  try {
    return takeBuffer(buffer);
  } catch {
    return undefined;
  }
}

function describe(error: ErrorState | undefined): string {
  return error === undefined ? 'its source failed' : `${error.name}: ${error.message}`;
}
