/**
 * A fetch with a signal, from its first call until its response body has been read: aborting reaches whichever call is under way
 * after redirects, and a body that is still being streamed.
 */

import {
  type AbortSignal,
  addAbortAlgorithm,
  removeAbortAlgorithm,
  signalReason,
} from '../events/abort-signal.ts';
import { toErrorState } from '../errors/error-state.ts';
import { guarded } from '../host.ts';
import type { BodyState, CallState, ChunkSink, ErrorState, SourceState } from '../state.ts';

const neutral = guarded($host.neutral);

export class Flight {
  /** The call under way. */
  call: CallState | undefined;
  readonly #signal: AbortSignal;
  readonly #onAbort: () => void;
  #source: SourceState | undefined;
  #sink: ChunkSink | undefined;
  #aborted: ErrorState | undefined;

  /** `reject`: the promise that `fetch` returned. */
  constructor(signal: AbortSignal, reject: (reason: unknown) => void) {
    this.#signal = signal;
    this.#onAbort = () => {
      const reason = signalReason(signal);
      reject(reason);
      this.#abort(reason);
    };
    addAbortAlgorithm(signal, this.#onAbort);
  }

  /** It is over: the signal has nothing more to say to it. */
  release(): void {
    removeAbortAlgorithm(this.#signal, this.#onAbort);
  }

  /** The same body, if it is streamed failing with the signal's reason as soon as the signal aborts. */
  followBody(body: BodyState): BodyState {
    if (typeof body !== 'object' || body.source === undefined) {
      this.release();
      return body;
    }
    const { source, length } = body;
    this.#source = source;
    const wrapped = neutral.source(
      (sink) => this.#read(source, sink),
      (reason) => {
        this.release();
        source.cancel(reason);
      },
    );
    return neutral.streamBody(wrapped, length);
  }

  #read(source: SourceState, sink: ChunkSink): void {
    if (this.#aborted !== undefined) return sink('error', undefined, this.#aborted);
    this.#sink = sink;
    source.read((step, buffer, error) => {
      if (this.#sink !== sink) return;
      this.#sink = undefined;
      if (step !== 'chunk') this.release();
      sink(step, buffer, error);
    });
  }

  #abort(reason: unknown): void {
    const state = toErrorState(reason);
    this.#aborted = state;
    if (this.call !== undefined) abortCall(this.call, state);
    const sink = this.#sink;
    this.#sink = undefined;
    try {
      this.#source?.cancel(state);
    } finally {
      sink?.('error', undefined, state);
    }
  }
}

/** Tells the callee that nobody waits any more. */
function abortCall(call: CallState, reason: ErrorState): void {
  if (call.aborted !== undefined) return;
  call.aborted = reason;
  try {
    call.onAbort?.(reason);
  } catch {
    // The callee's prelude failed near stack overflow; it has nothing more to do for this call.
  }
}
