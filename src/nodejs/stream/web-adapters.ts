/** Streams of Node.js over those of the web, and the other way round. https://nodejs.org/api/stream.html#streamreadablefromwebreadablestream-options */

import port from 'readable-stream/lib/stream.js';
import { Buffer } from '../buffer.ts';
import { AbortError } from '../errors.ts';
import type { Callback, Stream, StreamOptions } from './types.ts';

const { Readable, Writable, Duplex, finished } = port;

interface Pair {
  readonly readable: ReadableStream<unknown>;
  readonly writable: WritableStream<unknown>;
}

/** Reads only when the stream asks. */
function readSteps(source: ReadableStream<unknown>): Required<Pick<StreamOptions, 'read'>> & {
  cancel: (error: unknown, done: Callback) => void;
} {
  const reader = source.getReader();
  let isClosed = false;
  return {
    read() {
      reader.read().then(
        ({ done, value }) => {
          if (done) isClosed = true;
          this.push(done ? null : value);
        },
        (error: unknown) => {
          isClosed = true;
          this.destroy(error);
        },
      );
    },
    cancel(error, done) {
      const finish = (): void => done(error);
      if (isClosed) finish();
      else reader.cancel(error).then(finish, finish);
    },
  };
}

function writeSteps(target: WritableStream<unknown>): Required<Pick<StreamOptions, 'write' | 'final'>> & {
  abort: (error: unknown, done: Callback) => void;
} {
  const writer = target.getWriter();
  let isClosed = false;
  writer.closed.catch(() => {});
  return {
    write(chunk, _encoding, done) {
      writer.ready.then(() => writer.write(chunk)).then(() => done(), done);
    },
    final(done) {
      writer.close().then(() => {
        isClosed = true;
        done();
      }, done);
    },
    abort(error, done) {
      const finish = (): void => done(error);
      if (isClosed) finish();
      else if (error !== null && error !== undefined) writer.abort(error).then(finish, finish);
      else writer.close().then(finish, finish);
    },
  };
}

function readableFromWeb(source: ReadableStream<unknown>, options: StreamOptions = {}): Stream {
  const { read, cancel } = readSteps(source);
  return new Readable({ ...options, read, destroy: cancel });
}

function writableFromWeb(target: WritableStream<unknown>, options: StreamOptions = {}): Stream {
  const { write, final, abort } = writeSteps(target);
  return new Writable({ ...options, write, final, destroy: abort });
}

function duplexFromWeb(pair: Pair, options: StreamOptions = {}): Stream {
  const { read, cancel } = readSteps(pair.readable);
  const { write, final, abort } = writeSteps(pair.writable);
  return new Duplex({
    ...options,
    read,
    write,
    final,
    destroy: (error, done) => cancel(error, () => abort(error, done)),
  });
}

interface ToWebOptions {
  readonly strategy?: QueuingStrategy<unknown>;
}

/** Chunks are bytes or text. */
function lengthOf(chunk: unknown): number {
  const { byteLength, length } = chunk as { byteLength?: number; length?: number };
  return byteLength ?? length ?? 1;
}

function strategyOf(isObjectMode: boolean, highWaterMark: number): QueuingStrategy<unknown> {
  return { highWaterMark, size: isObjectMode ? () => 1 : lengthOf };
}

function readableToWeb(stream: Stream, options: ToWebOptions = {}): ReadableStream<unknown> {
  const isObjectMode = stream.readableObjectMode;
  const strategy = options.strategy ?? strategyOf(isObjectMode, stream.readableHighWaterMark);
  let isCanceled = false;
  return new ReadableStream(
    {
      start(controller) {
        stream.pause();
        stream.on('data', (chunk) => {
          const isBytes = Buffer.isBuffer(chunk) && !isObjectMode;
          controller.enqueue(
            isBytes ? new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength) : chunk,
          );
          if ((controller.desiredSize ?? 0) <= 0) stream.pause();
        });
        stream.pause();
        finished(stream, { writable: false }, (error) => {
          if (isCanceled) return;
          // What is reported later than that has nobody to hear it.
          stream.on('error', () => {});
          if (error) controller.error(error);
          else controller.close();
        });
      },
      pull: () => void stream.resume(),
      cancel(reason) {
        isCanceled = true;
        stream.on('error', () => {});
        stream.destroy(reason ?? new AbortError());
      },
    },
    strategy,
  );
}

function writableToWeb(stream: Stream): WritableStream<unknown> {
  const strategy = strategyOf(stream.writableObjectMode, stream.writableHighWaterMark);
  let drained = Promise.withResolvers<void>();
  stream.on('drain', () => drained.resolve());
  return new WritableStream(
    {
      start(controller) {
        finished(stream, { readable: false }, (error) => {
          stream.on('error', () => {});
          if (error) controller.error(error);
          drained.resolve();
        });
      },
      async write(chunk) {
        if (!stream.writableNeedDrain && stream.write(chunk)) return;
        drained = Promise.withResolvers<void>();
        await drained.promise;
      },
      close: () =>
        new Promise((resolve, reject) => stream.end((error) => (error ? reject(error) : resolve()))),
      abort: (reason) => void stream.destroy(reason),
    },
    strategy,
  );
}

/** Adds the functions to the classes. */
export function addWebAdapters(): void {
  Object.assign(Readable, { fromWeb: readableFromWeb, toWeb: readableToWeb });
  Object.assign(Writable, { fromWeb: writableFromWeb, toWeb: writableToWeb });
  Object.assign(Duplex, {
    fromWeb: duplexFromWeb,
    toWeb: (stream: Stream): Pair => ({ readable: readableToWeb(stream), writable: writableToWeb(stream) }),
  });
}
