/** Streams that this end sends: reads a source as far as the receiver has granted credit. */

import { chunkCost, type ChannelMessage, windowBytes } from '../../messages/channel.ts';
import type { ErrorState, SourceState } from '../../realm/prelude/state.ts';
import { toErrorMessage } from './error-message.ts';

const transfer = ArrayBuffer.prototype.transfer;

/** Queues a message, with the buffers that move with it. */
export type Send = (message: ChannelMessage, transfers?: readonly ArrayBuffer[]) => void;

export class OutgoingStreams {
  readonly #open = new Map<number, OutgoingStream>();
  readonly #send: Send;
  #nextId = 1;

  constructor(send: Send) {
    this.#send = send;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Registers a source; nothing is read before the receiver grants credit. `onEnd`: it is over. Returns the stream's id. */
  open(source: SourceState, onEnd: () => void): number {
    const id = this.#nextId++;
    this.#open.set(id, { source, onEnd, credit: 0, isReading: false, isPumping: false });
    return id;
  }

  credit(id: number, bytes: number): void {
    const stream = this.#open.get(id);
    if (stream === undefined) return;
    // Who honestly counts never grants more: so much waits for a reader who is none, and not more.
    stream.credit = Math.min(stream.credit + bytes, windowBytes);
    this.#pump(id, stream);
  }

  cancel(id: number, reason: ErrorState): void {
    const stream = this.#open.get(id);
    if (stream === undefined) return;
    this.#open.delete(id);
    stream.onEnd();
    stream.source.cancel(reason);
  }

  /** The channel is gone. */
  cancelAll(reason: ErrorState): void {
    for (const id of [...this.#open.keys()]) this.cancel(id, reason);
  }

  /** A loop, and no recursion: a source may answer while it is being asked, any number of times. */
  #pump(id: number, stream: OutgoingStream): void {
    if (stream.isPumping) return;
    stream.isPumping = true;
    while (!stream.isReading && stream.credit > 0 && this.#open.has(id)) this.#read(id, stream);
    stream.isPumping = false;
  }

  #read(id: number, stream: OutgoingStream): void {
    stream.isReading = true;
    stream.source.read((step, buffer, error) => {
      stream.isReading = false;
      if (!this.#open.has(id)) return;
      if (step === 'chunk') this.#chunk(id, stream, transfer.call(buffer as ArrayBuffer));
      else this.#finish(id, stream, error);
    });
  }

  #chunk(id: number, stream: OutgoingStream, buffer: ArrayBuffer): void {
    stream.credit -= chunkCost(buffer.byteLength);
    this.#send({ type: 'chunk', stream: id, buffer }, [buffer]);
    this.#pump(id, stream);
  }

  #finish(id: number, stream: OutgoingStream, error: ErrorState | undefined): void {
    this.#open.delete(id);
    stream.onEnd();
    if (error === undefined) this.#send({ type: 'end', stream: id });
    else this.#send({ type: 'stream-failure', stream: id, error: toErrorMessage(error) });
  }
}

interface OutgoingStream {
  readonly source: SourceState;
  readonly onEnd: () => void;
  /** What the receiver still takes, as chunkCost counts; may fall below zero by the last chunk. */
  credit: number;
  isReading: boolean;
  isPumping: boolean;
}
