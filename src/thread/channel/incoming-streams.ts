/** Streams that the other end sends: each is a neutral source here, which grants credit as it is read. */

import { chunkCost, windowBytes } from '../../messages/channel.ts';
import { neutral } from '../../realm/neutral.ts';
import type { ChunkSink, ErrorState, SourceState } from '../../realm/prelude/state.ts';
import { toErrorMessage } from './error-message.ts';
import type { Send } from './outgoing-streams.ts';
import { Violation } from './trust.ts';

const forgotten = neutral.error('domexception', 'AbortError', 'Nobody reads the body.', '', '');

interface IncomingStream {
  readonly chunks: ArrayBuffer[];
  sink: ChunkSink | undefined;
  started: boolean;
  ended: boolean;
  error: ErrorState | undefined;
  /** What was granted and not used, as chunkCost counts; below zero by the last chunk at most. */
  credit: number;
}

export class IncomingStreams {
  readonly #open = new Map<number, IncomingStream>();
  readonly #send: Send;
  readonly #most: number;
  /** Those that have not ended over there. */
  #flowing = 0;
  /** A body that nobody reads, or reads to its end, would keep its producer waiting for ever: at last it is canceled with its source. */
  readonly #unread = new FinalizationRegistry<number>((id) => this.#cancel(id, forgotten));

  /** `most`: streams that may be open at a time. */
  constructor(send: Send, most: number) {
    this.#send = send;
    this.#most = most;
  }

  get size(): number {
    return this.#open.size;
  }

  /** A source over stream `id` of the other end. */
  open(id: number): SourceState {
    if (this.#open.has(id)) throw new Violation('two streams have one id');
    if (this.#flowing >= this.#most) throw new Violation('too many streams are open');
    const stream: IncomingStream = {
      chunks: [],
      sink: undefined,
      started: false,
      ended: false,
      error: undefined,
      credit: 0,
    };
    this.#open.set(id, stream);
    this.#flowing++;
    const source = neutral.source(
      (sink) => this.#read(id, stream, sink),
      (reason) => this.#cancel(id, reason),
    );
    this.#unread.register(source, id);
    return source;
  }

  chunk(id: number, buffer: ArrayBuffer): void {
    const stream = this.#open.get(id);
    if (stream === undefined) return;
    if (stream.credit <= 0 || stream.ended) throw new Violation('a stream goes on without credit');
    stream.credit -= chunkCost(buffer.byteLength);
    if (stream.sink === undefined) stream.chunks.push(buffer);
    else this.#deliver(id, stream, buffer);
  }

  end(id: number, error: ErrorState | undefined): void {
    const stream = this.#open.get(id);
    if (stream === undefined) return;
    if (!stream.ended) this.#flowing--;
    stream.ended = true;
    stream.error = error;
    const { sink } = stream;
    if (sink !== undefined) this.#finish(id, stream, sink);
  }

  /** The channel is gone. */
  failAll(error: ErrorState): void {
    for (const id of [...this.#open.keys()]) this.end(id, error);
  }

  #read(id: number, stream: IncomingStream, sink: ChunkSink): void {
    stream.sink = sink;
    if (!stream.started) {
      stream.started = true;
      this.#grant(id, stream, windowBytes);
    }
    const buffer = stream.chunks.shift();
    if (buffer !== undefined) this.#deliver(id, stream, buffer);
    else if (stream.ended) this.#finish(id, stream, sink);
  }

  #deliver(id: number, stream: IncomingStream, buffer: ArrayBuffer): void {
    const { sink } = stream;
    stream.sink = undefined;
    if (!stream.ended) this.#grant(id, stream, chunkCost(buffer.byteLength));
    sink?.('chunk', buffer, undefined);
  }

  #grant(id: number, stream: IncomingStream, bytes: number): void {
    stream.credit += bytes;
    this.#send({ type: 'credit', stream: id, bytes });
  }

  #finish(id: number, stream: IncomingStream, sink: ChunkSink): void {
    this.#open.delete(id);
    stream.sink = undefined;
    if (stream.error === undefined) sink('end', undefined, undefined);
    else sink('error', undefined, stream.error);
  }

  #cancel(id: number, reason: ErrorState): void {
    const stream = this.#open.get(id);
    if (stream === undefined) return;
    this.#open.delete(id);
    if (!stream.ended) this.#flowing--;
    this.#send({ type: 'cancel', stream: id, reason: toErrorMessage(reason) });
  }
}
