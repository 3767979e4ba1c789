/** The stream classes of readable-stream, as far as these modules use them. Types only. */

import type { Emitter } from '../events/emitter.ts';
import type { AnyFunction } from '../validate.ts';

export type Callback = (error?: unknown) => void;

export interface StreamOptions {
  readonly objectMode?: boolean;
  readonly highWaterMark?: number;
  readonly encoding?: string;
  readonly signal?: AbortSignal;
  readonly decodeStrings?: boolean;
  readonly allowHalfOpen?: boolean;
  readonly read?: (this: Stream) => void;
  readonly write?: (this: Stream, chunk: unknown, encoding: unknown, done: Callback) => void;
  readonly final?: (this: Stream, done: Callback) => void;
  readonly destroy?: (this: Stream, error: unknown, done: Callback) => void;
}

/** Any stream. */
export interface Stream extends Emitter {
  readonly readableObjectMode: boolean;
  readonly readableHighWaterMark: number;
  readonly writableObjectMode: boolean;
  readonly writableHighWaterMark: number;
  readonly writableNeedDrain: boolean;
  readonly destroyed: boolean;
  push(chunk: unknown): boolean;
  pause(): this;
  resume(): this;
  write(chunk: unknown, callback?: Callback): boolean;
  end(callback?: Callback): this;
  destroy(error?: unknown): this;
  [Symbol.asyncIterator](): AsyncIterator<unknown>;
}

export interface StreamConstructor {
  new (options?: StreamOptions): Stream;
  readonly prototype: Stream;
}

export interface StreamModule {
  readonly Readable: StreamConstructor & Record<string, unknown>;
  readonly Writable: StreamConstructor & Record<string, unknown>;
  readonly Duplex: StreamConstructor & Record<string, unknown>;
  readonly Transform: StreamConstructor;
  readonly PassThrough: StreamConstructor;
  readonly finished: (
    stream: Stream,
    options: { readable?: boolean; writable?: boolean },
    done: Callback,
  ) => void;
  readonly setDefaultHighWaterMark: (isObjectMode: boolean, value: number) => void;
  readonly promises: Readonly<Record<string, AnyFunction>>;
}
