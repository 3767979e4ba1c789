/** A byte stream over a neutral source: it reads when somebody asks, and makes each buffer one of this realm. */

import {
  ArrayBufferPrototypeGetByteLength,
  ArrayBufferPrototypeTransfer,
  RangeErrorCtor,
} from '../primordials.ts';
import { toErrorState } from '../errors/error-state.ts';
import type { ErrorState, SourceState } from '../state.ts';
import { ByteController } from './byte-controller.ts';
import { respond } from './byte-respond.ts';
import { microtask, PENDING } from './promises.ts';
import { acquireReader } from './readable-ops.ts';
import { type ReadableState, SourceAlgorithms } from './readable-state.ts';

/** Makes an error of this realm. */
export type ErrorConverter = (error: ErrorState) => unknown;

/** The error of a source whose own code failed, which only stack overflow can cause. */
export function brokenSource(): RangeError {
  return new RangeErrorCtor('Maximum call stack size exceeded');
}

class NeutralSource extends SourceAlgorithms {
  readonly pulls = true;
  readonly #source: SourceState;
  readonly #toError: ErrorConverter;
  #controller: ByteController | undefined = undefined;
  /** The source may answer while it is being asked; what follows from that waits until it returns. */
  #isAsking = false;
  /** Its own code, or this realm's, was cut short. */
  #isBroken = false;
  readonly #readAgain = (): void => this.#read();
  readonly #break = (): void => this.#controller?.error(brokenSource());

  constructor(source: SourceState, toError: ErrorConverter) {
    super();
    this.#source = source;
    this.#toError = toError;
  }

  /** The source of these algorithms, if they are of this class. */
  static sourceOf(algorithms: SourceAlgorithms | undefined): SourceState | undefined {
    return algorithms !== undefined && #source in algorithms ? algorithms.#source : undefined;
  }

  attach(controller: ByteController): void {
    this.#controller = controller;
  }

  pull(): unknown {
    this.#read();
    return PENDING;
  }

  #read(): void {
    this.#isAsking = true;
    try {
      this.#source.read(this.#sink);
    } catch {
      this.#isBroken = true;
    }
    this.#isAsking = false;
    // As far up the stack as this is, there may be room for it, and in a microtask there is.
    if (this.#isBroken) microtask(this.#break);
  }

  /** Called by the host or by another realm's prelude: nothing gets thrown back. */
  readonly #sink = (
    step: 'chunk' | 'end' | 'error',
    buffer: ArrayBuffer | undefined,
    error: ErrorState | undefined,
  ): void => {
    const controller = this.#controller as ByteController;
    try {
      if (step === 'chunk') this.#take(controller, buffer as ArrayBuffer);
      else if (step === 'end') endBytes(controller);
      else controller.error(this.#toError(error as ErrorState));
    } catch {
      if (this.#isAsking) this.#isBroken = true;
      else microtask(this.#break);
    }
  };

  #take(controller: ByteController, buffer: ArrayBuffer): void {
    const own = ArrayBufferPrototypeTransfer(buffer);
    const length = ArrayBufferPrototypeGetByteLength(own);
    if (length === 0) {
      microtask(this.#readAgain);
      return;
    }
    controller.enqueueBuffer(own, 0, length);
    if (this.#isAsking) controller.pulledSoon();
    else controller.pulled();
  }

  cancel(reason: unknown): undefined {
    try {
      this.#source.cancel(toErrorState(reason));
    } catch {
      // the source is as good as canceled
    }
  }
}

/** Closes a byte stream from inside, and answers the reads that wait for a buffer to be filled. */
export function endBytes(controller: ByteController): void {
  try {
    controller.close();
  } catch {
    return; // within an element of a view: the stream has been errored with it
  }
  if (controller.pendingPullIntos.head !== undefined) respond(controller, 0);
}

/** The stream of a source, which nothing is read from before somebody asks. */
export function readableFromSource(source: SourceState, toError: ErrorConverter): ReadableState {
  const algorithms = new NeutralSource(source, toError);
  const controller = new ByteController(algorithms, 0);
  algorithms.attach(controller);
  controller.startNow();
  return controller.stream;
}

/**
 * The source under an unlocked stream that readableFromSource made, if nobody has touched that stream: it is locked and disturbed
 * then, and the source is the caller's.
 */
export function takeSource(stream: ReadableState): SourceState | undefined {
  if (stream.disturbed || stream.status !== 'readable') return undefined;
  const source = NeutralSource.sourceOf(stream.controller.algorithms);
  if (source === undefined) return undefined;
  acquireReader(stream, 'default');
  stream.disturbed = true;
  return source;
}
