/**
 * Decodes response bodies stage by stage, at the reader's pace: what a small body unpacks to is never held as a whole.
 * https://fetch.spec.whatwg.org/#handle-content-codings. Runs in a thread.
 */

import type { Transform } from 'node:stream';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';
import type { ByteConsumer } from './response-body.ts';

/** More codings than anyone applies to one body. */
const maxCodings = 4;

/** As lenient as browsers about the end of a body, where servers are known to be careless. */
const zlibOptions = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };

const brotliOptions = {
  flush: constants.BROTLI_OPERATION_FLUSH,
  finishFlush: constants.BROTLI_OPERATION_FLUSH,
};

/** RFC 9659 limits the window to 8 MB, so that a response cannot choose how much memory it takes. */
const zstdOptions = { params: { [constants.ZSTD_d_windowLogMax]: 23 } };

const openers: Readonly<Record<string, (first: Uint8Array) => Transform>> = Object.freeze({
  br: () => createBrotliDecompress(brotliOptions),
  // Some servers send a bare deflate stream: one in a zlib wrapper begins with a method that has the number 8.
  deflate: (first) =>
    ((first[0] ?? 0) & 15) === 8 ? createInflate(zlibOptions) : createInflateRaw(zlibOptions),
  gzip: () => createGunzip(zlibOptions),
  'x-gzip': () => createGunzip(zlibOptions),
  zstd: () => createZstdDecompress(zstdOptions),
});

/** Whether a body can be decoded; one that cannot is handed on as it came. */
export function canDecode(codings: readonly string[]): boolean {
  return (
    codings.length > 0 &&
    codings.length <= maxCodings &&
    codings.every((coding) => Object.hasOwn(openers, coding))
  );
}

/** Puts decoders in front of a consumer. `onError` is told the coding that a body is not valid in. */
export function decodeInto(
  target: ByteConsumer,
  codings: readonly string[],
  onError: (coding: string) => void,
): ByteConsumer {
  return codings.reduce<ByteConsumer>(
    (next, coding) => new Decoder(coding, next, () => onError(coding)),
    target,
  );
}

class Decoder implements ByteConsumer {
  readonly #coding: string;
  readonly #next: ByteConsumer;
  readonly #onError: () => void;
  #stream: Transform | undefined;
  onDrain: () => void = () => undefined;

  constructor(coding: string, next: ByteConsumer, onError: () => void) {
    this.#coding = coding;
    this.#next = next;
    this.#onError = onError;
  }

  write(chunk: Uint8Array): boolean {
    if (chunk.byteLength === 0) return true;
    this.#stream ??= this.#open(chunk);
    return this.#stream.destroyed || this.#stream.write(chunk);
  }

  /** A body of no bytes is empty in every coding. */
  end(): void {
    if (this.#stream === undefined) this.#next.end();
    else this.#stream.end();
  }

  destroy(): void {
    this.#stream?.destroy();
    this.#next.destroy();
  }

  #open(first: Uint8Array): Transform {
    const open = openers[this.#coding];
    if (open === undefined) throw new Error(`no decoder for ${this.#coding}`);
    const stream = open(first);
    this.#next.onDrain = () => stream.resume();
    stream.on('data', (chunk: Uint8Array) => {
      if (!this.#next.write(chunk)) stream.pause();
    });
    stream.on('end', () => this.#next.end());
    stream.on('drain', () => this.onDrain());
    stream.on('error', this.#onError);
    return stream;
  }
}
