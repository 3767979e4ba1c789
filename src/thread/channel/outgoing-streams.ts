/** Streams that this end sends: reads a source as far as the receiver has granted credit. */

import type { ChannelMessage, ErrorMessage } from '../../messages/channel.ts';
import type { ErrorState, SourceState } from '../../realm/prelude/state.ts';

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

  /** Registers a source; nothing is read before the receiver grants credit. Returns the stream's id. */
  open(source: SourceState): number {
    const id = this.#nextId++;
    this.#open.set(id, { source, credit: 0, reading: false });
    return id;
  }

  credit(id: number, bytes: number): void {
    const stream = this.#open.get(id);
    if (stream === undefined) return;
    stream.credit += bytes;
    this.#pump(id, stream);
  }

  cancel(id: number, reason: ErrorMessage): void {
    const stream = this.#open.get(id);
    if (stream === undefined) return;
    this.#open.delete(id);
    stream.source.cancel(reason);
  }

  /** The channel is gone. */
  cancelAll(reason: ErrorState): void {
    for (const id of [...this.#open.keys()]) this.cancel(id, reason);
  }

  #pump(id: number, stream: OutgoingStream): void {
    if (stream.reading || stream.credit <= 0) return;
    stream.reading = true;
    stream.source.read((step, buffer, error) => {
      stream.reading = false;
      if (!this.#open.has(id)) return;
      if (step === 'chunk') this.#chunk(id, stream, transfer.call(buffer as ArrayBuffer));
      else this.#finish(id, error);
    });
  }

  #chunk(id: number, stream: OutgoingStream, buffer: ArrayBuffer): void {
    stream.credit -= buffer.byteLength;
    this.#send({ type: 'chunk', stream: id, buffer }, [buffer]);
    this.#pump(id, stream);
  }

  #finish(id: number, error: ErrorState | undefined): void {
    this.#open.delete(id);
    if (error === undefined) this.#send({ type: 'end', stream: id });
    else this.#send({ type: 'stream-failure', stream: id, error: toErrorMessage(error) });
  }
}

interface OutgoingStream {
  readonly source: SourceState;
  /** Bytes that the receiver still takes; may fall below zero by the last chunk. */
  credit: number;
  reading: boolean;
}

export function toErrorMessage(error: ErrorState): ErrorMessage {
  const { kind, name, message, stack, code } = error;
  return { kind, name, message, stack, code };
}
