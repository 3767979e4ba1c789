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
  /** The body has failed: the connection is cut, so that the client notices. */
  readonly onError: (error: ErrorState) => void;
}

export class BodyPump {
  readonly #out: ServerResponse;
  readonly #options: PumpOptions;
  #sent = 0;
  #isOpen = true;
  #isReading = false;
  #isFull = false;
  #isLooping = false;

  /** The head of the response has been written, and perhaps not been sent. */
  constructor(out: ServerResponse, options: PumpOptions) {
    this.#out = out;
    this.#options = options;
    out.on('close', () => this.#cancel(gone));
    this.#readOn();
    // Before the first chunk the client hears at least of the response.
    if (this.#isReading && this.#sent === 0) out.flushHeaders();
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
    this.#isOpen = false;
    this.#out.end();
  }

  #wrongLength(): ErrorState {
    return makeHostError('BODY_LENGTH', { stated: this.#options.length, found: this.#sent });
  }

  #fail(error: ErrorState): void {
    this.#isOpen = false;
    this.#options.onError(error);
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
