/** Part of an open file as the body of a response: read when somebody asks for more. Runs in a thread. */

import type { FileHandle } from 'node:fs/promises';
import { neutral } from '../../realm/neutral.ts';
import type { ChunkSink, ErrorState, SourceState } from '../../realm/prelude/state.ts';
import { copyOfBytes } from '../../shared/bytes.ts';
import { makeHostError } from '../host-error.ts';
import type { Turns } from '../network/turns.ts';
import type { ByteRange } from './byte-range.ts';

export interface FileBodyOptions {
  readonly turns: Turns;
  /** Runs what calls the realm, as part of the request that the call belongs to. */
  readonly enter: (run: () => void) => void;
  /** Called once, when the file is closed. */
  readonly onClosed: () => void;
}

/** Bytes read at a time. */
const chunkBytes = 64 * 1024;

/** Sources that nobody refers to any more: a worker that never reads a body must not hold its file. */
const abandoned = new FinalizationRegistry<FileBody>((body) => body.cancel());

/** Owns the file, and closes it at the end, at an error, and when nobody wants the rest. */
export class FileBody {
  readonly #handle: FileHandle;
  readonly #options: FileBodyOptions;
  #position: number;
  #left: number;
  #isReading = false;
  #isCanceled = false;
  #isClosed = false;
  #failure: ErrorState | undefined;

  constructor(handle: FileHandle, { start, length }: ByteRange, options: FileBodyOptions) {
    this.#handle = handle;
    this.#options = options;
    this.#position = start;
    this.#left = length;
  }

  /** The source for the realm; to be made once. Nothing here refers to it, so that its loss is noticed. */
  makeSource(): SourceState {
    const source = neutral.source(
      (sink) => this.#options.turns.run(() => this.#read(sink)),
      () => this.cancel(),
    );
    abandoned.register(source, this);
    return source;
  }

  /** Nobody wants the rest. */
  cancel(): void {
    this.#isCanceled = true;
    this.#close();
  }

  /** The caller gave up: who reads hears why. */
  abort(reason: ErrorState): void {
    this.#failure = reason;
    this.#close();
  }

  #read(sink: ChunkSink): void {
    if (this.#isCanceled || this.#isReading) return;
    if (this.#failure !== undefined) this.#tell(sink, 'error', undefined);
    else if (this.#left === 0) this.#tell(sink, 'end', undefined);
    else void this.#readChunk(sink);
  }

  /** Rejects nothing. */
  async #readChunk(sink: ChunkSink): Promise<void> {
    this.#isReading = true;
    const wanted = Math.min(chunkBytes, this.#left);
    const bytes = await readAt(this.#handle, this.#position, wanted);
    this.#isReading = false;
    if (this.#failure === undefined && bytes === undefined)
      this.#failure = makeHostError('DISK_FAILED', {
        reason: 'a file has become shorter, or cannot be read',
      });
    if (bytes !== undefined) {
      this.#position += bytes.byteLength;
      this.#left -= bytes.byteLength;
    }
    // What was asked for is given; the descriptor is free for others before the reader comes back.
    if (this.#left === 0 || this.#failure !== undefined || this.#isCanceled) this.#close();
    this.#options.turns.run(() => {
      if (this.#isCanceled) return;
      if (this.#failure !== undefined) this.#tell(sink, 'error', undefined);
      else this.#tell(sink, 'chunk', bytes);
    });
  }

  #tell(sink: ChunkSink, step: 'chunk' | 'end' | 'error', buffer: ArrayBuffer | undefined): void {
    if (step !== 'chunk') this.#close();
    const error = step === 'error' ? this.#failure : undefined;
    this.#options.enter(() => {
      try {
        sink(step, buffer, error);
      } catch {
        // The reader's own affair.
      }
    });
  }

  /** A read under way ends before the file is closed: `node:fs` sees to that. */
  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#handle.close().then(this.#options.onClosed, this.#options.onClosed);
  }
}

/** A fresh buffer of the exact size; undefined at an error, and where there is nothing more. */
async function readAt(
  handle: FileHandle,
  position: number,
  length: number,
): Promise<ArrayBuffer | undefined> {
  const buffer = new Uint8Array(length);
  try {
    const { bytesRead } = await handle.read(buffer, 0, length, position);
    if (bytesRead === 0) return undefined;
    return bytesRead === length ? buffer.buffer : copyOfBytes(buffer.subarray(0, bytesRead));
  } catch {
    return undefined;
  }
}
