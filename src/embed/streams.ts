/** Streams of this process on a channel, in both directions. The receiver grants credit as it reads; see src/messages/channel.ts. */

import { chunkCost, type ChannelMessage, type ErrorMessage } from '../messages/channel.ts';
import { copyOfBytes } from '../shared/bytes.ts';
import { receiveError, sendError } from './errors.ts';

export type Send = (message: ChannelMessage, transfers?: readonly ArrayBuffer[]) => void;

/** Bytes that the other side sends ahead of what is read here, at most (plus one chunk). */
const windowBytes = 256 * 1024;

interface Outgoing {
  readonly reader: ReadableStreamDefaultReader<unknown>;
  credit: number;
  isReading: boolean;
}

/** Streams that this side sends. */
export class OutgoingStreams {
  readonly #send: Send;
  readonly #open = new Map<number, Outgoing>();
  #nextId = 1;

  constructor(send: Send) {
    this.#send = send;
  }

  /** Nothing is read before the other side grants credit. Returns the stream's id. */
  open(stream: ReadableStream): number {
    const id = this.#nextId++;
    this.#open.set(id, { reader: stream.getReader(), credit: 0, isReading: false });
    return id;
  }

  credit(id: number, bytes: number): void {
    const stream = this.#open.get(id);
    if (stream === undefined) return;
    stream.credit += bytes;
    if (!stream.isReading) void this.#pump(id, stream);
  }

  cancel(id: number, reason: Error): void {
    const stream = this.#open.get(id);
    this.#open.delete(id);
    stream?.reader.cancel(reason).catch(() => {}); // the source has failed, which nobody waits for
  }

  cancelAll(reason: Error): void {
    for (const id of [...this.#open.keys()]) this.cancel(id, reason);
  }

  async #pump(id: number, stream: Outgoing): Promise<void> {
    stream.isReading = true;
    try {
      while (stream.credit > 0 && this.#open.has(id)) {
        const { done, value } = await stream.reader.read();
        if (!this.#open.has(id)) return;
        if (done) return this.#end(id, undefined);
        const buffer = copyOfBytes(bytesOf(value));
        stream.credit -= chunkCost(buffer.byteLength);
        this.#send({ type: 'chunk', stream: id, buffer }, [buffer]);
      }
    } catch (error) {
      this.#end(id, sendError(error));
    } finally {
      stream.isReading = false;
    }
  }

  #end(id: number, error: ErrorMessage | undefined): void {
    this.#open.delete(id);
    this.#send(
      error === undefined ? { type: 'end', stream: id } : { type: 'stream-failure', stream: id, error },
    );
  }
}

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError('a stream that is sent to a service has Uint8Arrays in it, and nothing else');
}

interface Incoming {
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  /** What has come and was not read yet. */
  readonly chunks: ArrayBuffer[];
  /** Called when something comes that is being waited for. */
  wake: (() => void) | undefined;
  isStarted: boolean;
  end: { readonly error: ErrorMessage | undefined } | undefined;
}

/** Streams that the other side sends. */
export class IncomingStreams {
  readonly #send: Send;
  readonly #open = new Map<number, Incoming>();

  constructor(send: Send) {
    this.#send = send;
  }

  /** A stream over stream `id` of the other side. */
  open(id: number): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          const chunks: ArrayBuffer[] = [];
          this.#open.set(id, { controller, chunks, wake: undefined, isStarted: false, end: undefined });
        },
        pull: () => this.#pull(id),
        cancel: (reason) => {
          if (this.#open.delete(id)) this.#send({ type: 'cancel', stream: id, reason: sendError(reason) });
        },
      },
      { highWaterMark: 0 },
    );
  }

  chunk(id: number, buffer: ArrayBuffer): void {
    const stream = this.#open.get(id);
    stream?.chunks.push(buffer);
    stream?.wake?.();
  }

  end(id: number, error: ErrorMessage | undefined): void {
    const stream = this.#open.get(id);
    if (stream === undefined) return;
    stream.end = { error };
    stream.wake?.();
  }

  failAll(error: ErrorMessage): void {
    for (const id of [...this.#open.keys()]) this.end(id, error);
  }

  async #pull(id: number): Promise<void> {
    const stream = this.#open.get(id);
    if (stream === undefined) return;
    if (!stream.isStarted) this.#send({ type: 'credit', stream: id, bytes: windowBytes });
    stream.isStarted = true;
    if (stream.chunks.length === 0 && stream.end === undefined)
      await new Promise<void>((resolve) => (stream.wake = resolve));
    stream.wake = undefined;
    const buffer = stream.chunks.shift();
    if (buffer !== undefined) {
      stream.controller.enqueue(new Uint8Array(buffer));
      this.#send({ type: 'credit', stream: id, bytes: chunkCost(buffer.byteLength) });
    } else if (stream.end !== undefined && this.#open.delete(id)) {
      if (stream.end.error === undefined) stream.controller.close();
      else stream.controller.error(receiveError(stream.end.error));
    }
  }
}
