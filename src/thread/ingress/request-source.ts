/** A request body as a neutral source: read from the connection only when somebody asks. */

import type { IncomingMessage } from 'node:http';
import { neutral } from '../../realm/neutral.ts';
import type { ChunkSink, ErrorState, SourceState } from '../../realm/prelude/state.ts';
import { makeHostError } from '../../services/host-error.ts';
import { copyOfBytes } from '../../shared/bytes.ts';

export interface RequestBodyOptions {
  /** Longest body, in bytes. */
  readonly limit: number;
  /** The body is longer than that. */
  readonly onTooLarge: () => void;
}

export class RequestBody {
  /** Gives one chunk at a time, with the connection's own backpressure. */
  readonly source: SourceState;
  readonly #message: IncomingMessage;
  readonly #options: RequestBodyOptions;
  #waiting: ChunkSink | undefined;
  #received = 0;
  #failure: ErrorState | undefined;

  constructor(message: IncomingMessage, options: RequestBodyOptions) {
    this.#message = message;
    this.#options = options;
    this.source = neutral.source(
      (sink) => this.#read(sink),
      () => {
        this.#waiting = undefined;
        this.#discard();
      },
    );
    // From the beginning: with a listener, Node.js leaves the body here when the response is sent before it is read.
    for (const event of ['readable', 'end', 'close', 'error']) message.on(event, this.#deliver);
  }

  /** The response is complete: what has not arrived by now is not waited for, and who reads it hears so. */
  close(): void {
    // A response may be complete before what came with the head of its request has been parsed.
    setImmediate(() => this.#giveUp());
  }

  #giveUp(): void {
    if (this.#message.complete || this.#failure !== undefined) return;
    this.#deliver();
    const sink = this.#waiting;
    this.#waiting = undefined;
    this.#discard();
    sink?.('error', undefined, this.#failure);
  }

  /** The rest is read, as the connection goes on behind it, and thrown away. */
  #discard(): void {
    const message = this.#message;
    this.#failure ??= makeHostError('BODY_DISCARDED', {});
    if (message.readableEnded || message.destroyed) return;
    // A stream with such a listener would not flow.
    message.removeListener('readable', this.#deliver);
    message.on('data', (chunk: Buffer) => {
      if (this.#count(chunk)) return;
      this.#options.onTooLarge();
      message.destroy();
    });
    message.resume();
  }

  #read(sink: ChunkSink): void {
    if (this.#failure !== undefined) return sink('error', undefined, this.#failure);
    this.#waiting = sink;
    this.#deliver();
  }

  readonly #deliver = (): void => {
    const sink = this.#waiting;
    if (sink === undefined) return;
    const chunk = this.#message.read() as Buffer | null;
    if (chunk === null && !this.#message.readableEnded && !this.#message.destroyed) return;
    this.#waiting = undefined;
    if (chunk !== null) this.#give(sink, chunk);
    else if (this.#message.readableEnded) sink('end', undefined, undefined);
    else sink('error', undefined, makeHostError('CLIENT_GONE', {}));
  };

  #give(sink: ChunkSink, chunk: Buffer): void {
    if (this.#count(chunk)) return sink('chunk', copyOfBytes(chunk), undefined);
    this.#options.onTooLarge();
    sink('error', undefined, makeHostError('BODY_TOO_LARGE', { limit: this.#options.limit }));
  }

  /** False, once the body is too long. */
  #count(chunk: Buffer): boolean {
    this.#received += chunk.byteLength;
    return this.#received <= this.#options.limit;
  }
}
