/** Reads an event stream to its end, however its body came. */

import { ArrayBufferPrototypeTransfer, Uint8ArrayCtor } from '../primordials.ts';
import { StreamDecoder } from '../encoding/stream-decoder.ts';
import type { BodyState, ErrorState, SourceState } from '../state.ts';
import type { Interpreter } from './interpreter.ts';

/** Reads on its own; `onEnd` is called once, when the stream has ended or failed, or says what it must not. */
export class Reading {
  readonly #interpreter: Interpreter;
  readonly #onEnd: () => void;
  readonly #decoder = new StreamDecoder('utf-8', false, false);
  #source: SourceState | undefined;
  #isWaiting = false;
  #isLooping = false;

  constructor(interpreter: Interpreter, onEnd: () => void) {
    this.#interpreter = interpreter;
    this.#onEnd = onEnd;
  }

  start(body: BodyState): void {
    if (typeof body === 'object' && body.source !== undefined) {
      this.#source = body.source;
      this.#readOn();
      return;
    }
    if (typeof body === 'string') this.#interpreter.push(body);
    else if (body !== undefined) this.#push(body.buffer as ArrayBuffer);
    this.#onEnd();
  }

  /** Nobody wants the rest. `onEnd` is not called any more. */
  cancel(reason: ErrorState): void {
    const source = this.#source;
    this.#source = undefined;
    if (source !== undefined) source.cancel(reason);
  }

  /** A loop, and no recursion: a source may answer while it is being asked, any number of times. */
  #readOn(): void {
    if (this.#isLooping) return;
    this.#isLooping = true;
    while (this.#source !== undefined && !this.#isWaiting) this.#read(this.#source);
    this.#isLooping = false;
  }

  #read(source: SourceState): void {
    this.#isWaiting = true;
    source.read((step, buffer) => {
      this.#isWaiting = false;
      if (this.#source === undefined) return;
      if (step === 'chunk' && this.#tryPush(buffer as ArrayBuffer)) {
        this.#readOn();
        return;
      }
      this.#source = undefined;
      this.#onEnd();
    });
  }

  #tryPush(buffer: ArrayBuffer): boolean {
    try {
      this.#push(buffer);
      return true;
    } catch {
      return false; // an event that is too long, or no stack
    }
  }

  #push(buffer: ArrayBuffer): void {
    const bytes = new Uint8ArrayCtor(ArrayBufferPrototypeTransfer(buffer));
    this.#interpreter.push(this.#decoder.decode(bytes, true));
  }
}
