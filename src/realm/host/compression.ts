/**
 * Compression for realms, over node:zlib, whose work is done beside the thread. Runs in a thread, in the host realm. A codec belongs to
 * whoever opened it, and goes with it: nothing is kept here.
 */

import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import { copyOfBytes } from '../../shared/bytes.ts';
import type { CodecSink, CodecState, CompressionFormat, CompressionHost } from '../prelude/host-api.ts';

/** What follows the end of the compressed data is an error, as the Compression standard asks. */
const DECOMPRESS = Object.freeze({ rejectGarbageAfterEnd: true });

const compressors: Readonly<Record<CompressionFormat, () => Transform>> = Object.freeze({
  brotli: () => zlib.createBrotliCompress(),
  deflate: () => zlib.createDeflate(),
  'deflate-raw': () => zlib.createDeflateRaw(),
  gzip: () => zlib.createGzip(),
});

const decompressors: Readonly<Record<CompressionFormat, () => Transform>> = Object.freeze({
  brotli: () => zlib.createBrotliDecompress(DECOMPRESS),
  deflate: () => zlib.createInflate(DECOMPRESS),
  'deflate-raw': () => zlib.createInflateRaw(DECOMPRESS),
  gzip: () => zlib.createGunzip(DECOMPRESS),
});

/** The compression area; one serves all realms of a thread. */
export function makeCompressionHost(): CompressionHost {
  return Object.freeze<CompressionHost>({
    open: (format, compresses) => new Codec((compresses ? compressors : decompressors)[format]).state,
  });
}

/**
 * All dealings with zlib happen in microtasks of their own. What a realm calls may run at the end of the stack, and a zlib handle whose
 * set-up is cut short there aborts the process when it is collected.
 */
class Codec {
  readonly #make: () => Transform;
  #stream: Transform | undefined;
  #input: Uint8Array | undefined;
  #isConsumed = true;
  #isEnding = false;
  #hasEnded = false;
  #isClosed = false;
  #failure: string | undefined;
  #sink: CodecSink | undefined;
  #isAwake = false;

  constructor(make: () => Transform) {
    this.#make = make;
  }

  /** What the realm gets. */
  get state(): CodecState {
    return Object.freeze({
      __proto__: null,
      write: (buffer: ArrayBuffer, byteLength: number) => {
        this.#input = new Uint8Array(buffer, 0, byteLength);
        this.#isConsumed = false;
        this.#wake();
      },
      end: () => {
        this.#isEnding = true;
        this.#isConsumed = false;
        this.#wake();
      },
      next: (sink: CodecSink) => {
        this.#sink = sink;
        this.#wake();
      },
      close: () => {
        this.#sink = undefined;
        this.#isClosed = true;
        this.#wake();
      },
    });
  }

  #wake(): void {
    if (this.#isAwake) return;
    queueMicrotask(() => {
      this.#run();
    });
    this.#isAwake = true;
  }

  #run(): void {
    this.#isAwake = false;
    if (this.#isClosed) {
      this.#stream?.destroy();
      return;
    }
    try {
      this.#feed((this.#stream ??= this.#open()));
    } catch (error) {
      this.#failure = (error as Error).message; // memory is lacking
    }
    this.#answer();
  }

  #open(): Transform {
    const stream = this.#make();
    stream.on('readable', () => this.#answer());
    stream.on('end', () => {
      this.#hasEnded = true;
      this.#answer();
    });
    stream.on('error', (error) => {
      this.#failure = error.message;
      this.#answer();
    });
    return stream;
  }

  #feed(stream: Transform): void {
    const input = this.#input;
    if (input !== undefined) {
      this.#input = undefined;
      stream.write(input, () => {
        this.#isConsumed = true;
        this.#answer();
      });
    }
    if (!this.#isEnding) return;
    this.#isEnding = false;
    stream.end();
  }

  /** Answers the step that is waited for, if there is something to answer. */
  #answer(): void {
    if (this.#sink === undefined) return;
    if (this.#failure !== undefined) {
      this.#give('error', undefined, this.#failure);
      return;
    }
    const piece = this.#stream?.read() as Buffer | null;
    if (piece !== null) this.#give('chunk', copyOfBytes(piece), '');
    else if (this.#hasEnded) this.#give('end', undefined, '');
    else if (this.#isConsumed) this.#give('consumed', undefined, '');
  }

  #give(...step: Parameters<CodecSink>): void {
    const sink = this.#sink;
    this.#sink = undefined;
    try {
      sink?.(...step);
    } catch {
      // the receiver's own affair
    }
  }
}
