/** Writes a streamed body to the wire at the client's pace. */

import type { ServerResponse } from 'node:http';
import { neutral } from '../../realm/neutral.ts';
import type { ErrorState, SourceState } from '../../realm/prelude/state.ts';
import { makeHostError } from '../../services/host-error.ts';

const transfer = ArrayBuffer.prototype.transfer;
const gone = neutral.error('domexception', 'AbortError', 'The client went away.', '', '');

export interface PumpOptions {
  readonly source: SourceState;
  /** The Content-Length that was announced, or -1. A stream of another length must not run into the next response. */
  readonly length: number;
  /** Runs what may run code of the worker. */
  readonly inRequest: (run: () => void) => void;
  /** Writes the head, when it is time. May throw, and then nothing has been sent. */
  readonly begin: () => void;
  /** The head cannot be sent: the response is the caller's again. */
  readonly onUnsendable: (error: unknown) => void;
  /** The body has failed. `isSent`: after the head, so that the connection is cut and the client notices; else the caller may answer. */
  readonly onError: (error: ErrorState, isSent: boolean) => void;
}

export class BodyPump {
  readonly #out: ServerResponse;
  readonly #options: PumpOptions;
  #sent = 0;
  #isOpen = true;
  #isReading = false;
  #isFull = false;
  #isLooping = false;
  #hasBegun = false;

  /** A body that fails in the turn in which it is asked for can still be answered for in another way: the head waits for that long. */
  constructor(out: ServerResponse, options: PumpOptions) {
    this.#out = out;
    this.#options = options;
    out.on('close', () => this.#cancel(gone));
    this.#readOn();
    if (this.#isOpen && !this.#hasBegun) setImmediate(() => this.#announce());
  }

  /** Before the first chunk the client hears at least of the response. */
  #announce(): void {
    if (this.#isOpen && !this.#hasBegun && this.#begin()) this.#out.flushHeaders();
  }

  /** False where the head cannot be sent. */
  #begin(): boolean {
    if (this.#hasBegun) return true;
    // It has been answered meanwhile, as where the request turned out to be too long.
    if (this.#out.headersSent) this.#cancel(gone);
    if (!this.#isOpen) return false;
    try {
      this.#options.begin();
      this.#hasBegun = true;
    } catch (error) {
      this.#isOpen = false;
      this.#options.onUnsendable(error);
    }
    return this.#hasBegun;
  }

  /** A loop, and no recursion: a source may answer while it is being asked, any number of times. */
  #readOn(): void {
    if (this.#isLooping) return;
    this.#isLooping = true;
    while (this.#isOpen && !this.#isReading && !this.#isFull) this.#read();
    this.#isLooping = false;
  }

  #read(): void {
    this.#isReading = true;
    this.#options.source.read((step, buffer, error) => {
      this.#isReading = false;
      if (!this.#isOpen) return;
      if (step === 'chunk') this.#write(new Uint8Array(transfer.call(buffer as ArrayBuffer)));
      else if (step === 'end') this.#end();
      else this.#fail(error as ErrorState);
    });
  }

  #write(chunk: Uint8Array): void {
    if (!this.#begin()) return;
    this.#sent += chunk.byteLength;
    if (this.#options.length >= 0 && this.#sent > this.#options.length) {
      const error = this.#wrongLength();
      this.#cancel(error);
      return this.#fail(error);
    }
    this.#isFull = !this.#out.write(chunk);
    if (this.#isFull) {
      this.#out.once('drain', () => {
        this.#isFull = false;
        this.#readOn();
      });
    }
    this.#readOn();
  }

  #end(): void {
    if (this.#sent < this.#options.length) return this.#fail(this.#wrongLength());
    if (!this.#begin()) return;
    this.#isOpen = false;
    this.#out.end();
  }

  #wrongLength(): ErrorState {
    return makeHostError('BODY_LENGTH', { stated: this.#options.length, found: this.#sent });
  }

  #fail(error: ErrorState): void {
    this.#isOpen = false;
    this.#options.onError(error, this.#hasBegun);
    if (!this.#hasBegun) return;
    // What was written before leaves first, which it does not if its connection is ended in the turn of the request.
    setImmediate(() => {
      const { socket } = this.#out;
      if (socket === null) this.#out.destroy();
      else socket.destroySoon();
    });
  }

  #cancel(reason: ErrorState): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const { source, inRequest } = this.#options;
    inRequest(() => source.cancel(reason));
  }
}
