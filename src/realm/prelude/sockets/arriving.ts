/** What arrives over a connection, as a source that is there before the connection is. */

import { guarded } from '../host.ts';
import type { ChunkSink, ErrorState, SourceState } from '../state.ts';

const neutral = guarded($host.neutral);

/** Told once how it ended: with an error, or without. */
export type OnOver = (error: ErrorState | undefined) => void;

/** One step of the source below, which nobody has asked for yet. */
interface Step {
  readonly step: 'chunk' | 'end' | 'error';
  readonly buffer: ArrayBuffer | undefined;
  readonly error: ErrorState | undefined;
}

/**
 * Reads one chunk ahead: two workers that both begin by writing would wait for each other otherwise, and the end of a connection is noticed
 * by one that does not read.
 */
export class Arriving {
  readonly source: SourceState;
  readonly #onOver: OnOver;
  #inner: SourceState | undefined = undefined;
  #waiting: ChunkSink | undefined = undefined;
  #ahead: Step | undefined = undefined;
  #isReading = false;
  #isOver = false;

  constructor(onOver: OnOver) {
    this.#onOver = onOver;
    this.source = neutral.source(
      (sink) => this.#read(sink),
      (reason) => this.#cancel(reason),
    );
  }

  /** The connection is there. */
  open(inner: SourceState): void {
    if (this.#isOver) return inner.cancel(closedEarly());
    this.#inner = inner;
    this.#readAhead();
  }

  /** It never will be. */
  fail(error: ErrorState): void {
    this.#arrive('error', undefined, error);
  }

  #read(sink: ChunkSink): void {
    const ahead = this.#ahead;
    if (ahead === undefined) {
      this.#waiting = sink;
      return;
    }
    if (ahead.step === 'chunk') this.#ahead = undefined;
    sink(ahead.step, ahead.buffer, ahead.error);
    this.#readAhead();
  }

  #readAhead(): void {
    const inner = this.#inner;
    if (inner === undefined || this.#isReading || this.#isOver || this.#ahead !== undefined) return;
    this.#isReading = true;
    inner.read((step, buffer, error) => {
      this.#isReading = false;
      if (this.#isOver) return;
      if (step !== 'chunk') this.#end(error);
      this.#arrive(step, buffer, error);
    });
  }

  #arrive(step: Step['step'], buffer: ArrayBuffer | undefined, error: ErrorState | undefined): void {
    const sink = this.#waiting;
    this.#waiting = undefined;
    if (sink === undefined || step !== 'chunk') this.#ahead = { step, buffer, error };
    if (sink === undefined) return;
    sink(step, buffer, error);
    this.#readAhead();
  }

  #cancel(reason: ErrorState): void {
    if (this.#isOver) return;
    this.#waiting = undefined;
    this.#ahead = undefined;
    this.#end(undefined);
    if (this.#inner !== undefined) this.#inner.cancel(reason);
  }

  #end(error: ErrorState | undefined): void {
    this.#isOver = true;
    this.#onOver(error);
  }
}

function closedEarly(): ErrorState {
  return neutral.error('domexception', 'AbortError', 'Nobody reads from the connection.', '', '');
}

/** The same source, which tells how it ended. `onCanceled`: the other side takes no more. */
export function watched(
  source: SourceState,
  onOver: OnOver,
  onCanceled: (reason: ErrorState) => void,
): SourceState {
  return neutral.source(
    (sink) =>
      source.read((step, buffer, error) => {
        if (step !== 'chunk') onOver(error);
        sink(step, buffer, error);
      }),
    (reason) => {
      onCanceled(reason);
      source.cancel(reason);
    },
  );
}
