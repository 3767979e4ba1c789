/**
 * A fetch with a signal, from its first call until its response body has been read: aborting reaches whichever call is under way
 * after redirects, and the bodies that are still being streamed.
 */

import {
  type AbortSignal,
  addAbortAlgorithm,
  removeAbortAlgorithm,
  signalReason,
} from '../events/abort-signal.ts';
import { toErrorState } from '../errors/error-state.ts';
import { guarded } from '../host.ts';
import { abortCall } from './give-up.ts';
import type { BodyState, CallState, ChunkSink, ErrorState, RequestState, SourceState } from '../state.ts';

const neutral = guarded($host.neutral);

export class Flight {
  /** The call under way. */
  call: CallState | undefined;
  readonly #signal: AbortSignal;
  readonly #onAbort: () => void;
  #request: FailingSource | undefined;
  #response: FailingSource | undefined;

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

  /** The same request, if its body is streamed failing with the signal's reason as soon as the signal aborts. */
  followRequest(state: RequestState): RequestState {
    const { method, url, headers, body, cf } = state;
    if (typeof body !== 'object' || body.source === undefined) return state;
    this.#request = new FailingSource(body.source, () => undefined);
    return neutral.request(method, url, headers, neutral.streamBody(this.#request.state, body.length), cf);
  }

  /** The same for the body of the response. */
  followResponse(body: BodyState): BodyState {
    if (typeof body !== 'object' || body.source === undefined) {
      this.release();
      return body;
    }
    this.#response = new FailingSource(body.source, () => this.release());
    return neutral.streamBody(this.#response.state, body.length);
  }

  #abort(reason: unknown): void {
    const state = toErrorState(reason);
    if (this.call !== undefined) abortCall(this.call, state);
    this.#request?.fail(state);
    this.#response?.fail(state);
  }
}

/** A source that can be made to fail at any time; what is under it is canceled then. */
class FailingSource {
  readonly state: SourceState;
  readonly #source: SourceState;
  readonly #onEnd: () => void;
  #sink: ChunkSink | undefined;
  #isOver = false;
  #failure: ErrorState | undefined;

  /** `onEnd`: nobody reads any more. */
  constructor(source: SourceState, onEnd: () => void) {
    this.#source = source;
    this.#onEnd = onEnd;
    this.state = neutral.source(
      (sink) => this.#read(sink),
      (reason) => {
        this.#end();
        source.cancel(reason);
      },
    );
  }

  fail(failure: ErrorState): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#failure = failure;
    const sink = this.#sink;
    this.#sink = undefined;
    try {
      this.#source.cancel(failure);
    } finally {
      sink?.('error', undefined, failure);
    }
  }

  #read(sink: ChunkSink): void {
    if (this.#failure !== undefined) return sink('error', undefined, this.#failure);
    this.#sink = sink;
    this.#source.read((step, buffer, error) => {
      if (this.#sink !== sink) return;
      this.#sink = undefined;
      if (step !== 'chunk') this.#end();
      sink(step, buffer, error);
    });
  }

  #end(): void {
    this.#isOver = true;
    this.#onEnd();
  }
}
