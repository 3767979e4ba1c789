/**
 * Compression for realms, over node:zlib, whose work is done beside the thread. Runs in a thread, in the host realm. A codec belongs to
 * whoever opened it, and goes with it: nothing is kept here.
 */

import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
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
    open(format, compresses) {
      try {
        return newCodec((compresses ? compressors : decompressors)[format]());
      } catch {
        return undefined;
      }
    },
  });
}

function newCodec(stream: Transform): CodecState {
  let sink: CodecSink | undefined;
  let failure: string | undefined;
  let isConsumed = true;
  let hasEnded = false;

  /** Answers the step that is waited for, if there is something to answer. */
  const answer = (): void => {
    if (sink === undefined) return;
    if (failure !== undefined) {
      give('error', undefined, failure);
      return;
    }
    const piece = stream.read() as Buffer | null;
    if (piece !== null) give('chunk', exactBuffer(piece), '');
    else if (hasEnded) give('end', undefined, '');
    else if (isConsumed) give('consumed', undefined, '');
  };
  const give: CodecSink = (step, buffer, message) => {
    const receiver = sink;
    sink = undefined;
    try {
      receiver?.(step, buffer, message);
    } catch {
      // the receiver's own affair
    }
  };

  stream.on('readable', answer);
  stream.on('end', () => {
    hasEnded = true;
    answer();
  });
  stream.on('error', (error) => {
    failure = error.message;
    answer();
  });

  return Object.freeze({
    __proto__: null,
    write(buffer: ArrayBuffer, byteLength: number) {
      isConsumed = false;
      stream.write(new Uint8Array(buffer, 0, byteLength), () => {
        isConsumed = true;
        answer();
      });
    },
    end() {
      isConsumed = false;
      stream.end();
    },
    next(receiver: CodecSink) {
      sink = receiver;
      answer();
    },
    close() {
      sink = undefined;
      stream.destroy();
    },
  });
}

function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
