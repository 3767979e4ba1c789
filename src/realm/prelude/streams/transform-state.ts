/** Transform streams: the two sides, and what connects them. https://streams.spec.whatwg.org/#ts-abstract-ops */

import { TypeErrorCtor } from '../primordials.ts';
import { DefaultController } from './default-controller.ts';
import { Deferred, microtask, PENDING, react, reactOnce, reactToOwn, reactToThrown } from './promises.ts';
import { SourceAlgorithms } from './readable-state.ts';
import type { SizeAlgorithm } from './strategy.ts';
import {
  errorWritableIfNeeded,
  writableStarted,
  writableStartFailed,
  writeDone,
  writeFailed,
} from './writable-ops.ts';
import { SinkAlgorithms, WritableState } from './writable-state.ts';

/**
 * What a transform stream does. A result is undefined (done) or something to resolve a promise with; what is thrown counts as a
 * rejection.
 */
export abstract class TransformAlgorithms {
  abstract transform(chunk: unknown, transform: TransformState): unknown;
  abstract flush(transform: TransformState): unknown;
  abstract cancel(reason: unknown): unknown;
}

class Sink extends SinkAlgorithms {
  readonly #transform: TransformState;

  constructor(transform: TransformState) {
    super();
    this.#transform = transform;
  }

  write(chunk: unknown): unknown {
    return this.#transform.write(chunk);
  }

  close(): unknown {
    return this.#transform.sinkClosed();
  }

  abort(reason: unknown): unknown {
    return this.#transform.sinkAborted(reason);
  }
}

class Source extends SourceAlgorithms {
  readonly pulls = true;
  readonly #transform: TransformState;

  constructor(transform: TransformState) {
    super();
    this.#transform = transform;
  }

  /** Complete when there is backpressure again. */
  pull(): unknown {
    this.#transform.setBackpressure(false);
    return PENDING;
  }

  cancel(reason: unknown): unknown {
    return this.#transform.sourceCanceled(reason);
  }
}

/** The queues of the two sides. */
export interface TransformQueues {
  readonly writableMark: number;
  readonly writableSize: SizeAlgorithm | undefined;
  readonly readableMark: number;
  readonly readableSize: SizeAlgorithm | undefined;
}

/** What a TransformStream has unless it is told otherwise. */
export const DEFAULT_QUEUES: TransformQueues = {
  writableMark: 1,
  writableSize: undefined,
  readableMark: 0,
  readableSize: undefined,
};

/** A transform stream with its controller. The caller then calls `start`. */
export class TransformState {
  readonly writable: WritableState;
  readonly readable: DefaultController;
  /** Undefined once the stream is done with them. */
  #algorithms: TransformAlgorithms | undefined;
  #backpressure = true;
  /** A write that waits for backpressure to end. */
  #isWaiting = false;
  #waitingChunk: unknown = undefined;
  /** A transformation that waits for the same. */
  #onWanted: (() => void) | undefined = undefined;
  /** Set by the first of close, abort and cancel; the others share its outcome. */
  #finish: Deferred<undefined> | undefined = undefined;
  readonly #onUnblocked = (): void => this.#goOn();
  readonly #onTransformed = (): void => writeDone(this.writable);
  readonly #onTransformFailed = (reason: unknown): void => this.#transformFailed(reason);

  constructor(algorithms: TransformAlgorithms, queues: TransformQueues) {
    this.#algorithms = algorithms;
    this.writable = new WritableState(new Sink(this), queues.writableMark, queues.writableSize);
    this.readable = new DefaultController(new Source(this), queues.readableMark, queues.readableSize);
  }

  /** Starts both sides once the promise has settled, which is nobody else's; a microtask later, without one. */
  start(promise: Promise<unknown> | undefined): void {
    const onStarted = (): void => {
      writableStarted(this.writable);
      this.readable.startNow();
    };
    if (promise === undefined) {
      microtask(onStarted);
      return;
    }
    reactToOwn(promise, onStarted, (reason) => {
      writableStartFailed(this.writable, reason);
      this.readable.error(reason);
    });
  }

  /** TransformStreamSetBackpressure. It must change. */
  setBackpressure(backpressure: boolean): void {
    this.#backpressure = backpressure;
    if (backpressure) {
      this.readable.pulledSoon();
    } else if (this.#isWaiting) {
      this.#isWaiting = false;
      microtask(this.#onUnblocked);
    } else if (this.#onWanted !== undefined) {
      microtask(this.#onWanted);
      this.#onWanted = undefined;
    }
  }

  /** Whether the readable side wants more. */
  get isWanted(): boolean {
    return !this.#backpressure;
  }

  /**
   * Runs `task` in a microtask once the readable side wants more, or is done. For a transformation of many chunks into which the
   * reader's backpressure is to reach.
   */
  whenWanted(task: () => void): void {
    if (this.#backpressure) this.#onWanted = task;
    else microtask(task);
  }

  write(chunk: unknown): typeof PENDING {
    if (this.#backpressure) {
      this.#isWaiting = true;
      this.#waitingChunk = chunk;
    } else {
      this.#perform(chunk);
    }
    return PENDING;
  }

  /** Backpressure has ended, and the write that waited goes on. */
  #goOn(): void {
    const chunk = this.#waitingChunk;
    this.#waitingChunk = undefined;
    const { writable } = this;
    if (writable.status === 'erroring') writeFailed(writable, writable.storedError);
    else this.#perform(chunk);
  }

  #perform(chunk: unknown): void {
    let result;
    try {
      result = this.#algorithms?.transform(chunk, this);
    } catch (error) {
      reactToThrown(error, this.#onTransformFailed);
      return;
    }
    react(result, this.#onTransformed, this.#onTransformFailed);
  }

  #transformFailed(reason: unknown): void {
    this.error(reason);
    writeFailed(this.writable, reason);
  }

  /** Errors both sides. */
  error(reason: unknown): void {
    this.readable.error(reason);
    this.#errorWritable(reason);
  }

  /** TransformStreamErrorWritableAndUnblockWrite. */
  #errorWritable(reason: unknown): void {
    this.#algorithms = undefined;
    errorWritableIfNeeded(this.writable, reason);
    this.#unblockWrite();
  }

  #unblockWrite(): void {
    if (this.#backpressure) this.setBackpressure(false);
  }

  /** Throws a TypeError where the readable side takes nothing any more, or the error that its size algorithm has caused. */
  enqueue(chunk: unknown): void {
    const { readable } = this;
    if (!readable.isOpen)
      throw new TypeErrorCtor('The readable side is closed or errored: nothing can be enqueued.');
    try {
      readable.enqueue(chunk);
    } catch (error) {
      this.#errorWritable(error);
      throw readable.stream.storedError;
    }
    if (!readable.shouldPull && !this.#backpressure) this.setBackpressure(true);
  }

  /** Closes the readable side, and errors the writable one. */
  terminate(): void {
    this.readable.close();
    this.#errorWritable(new TypeErrorCtor('The transform stream has been terminated.'));
  }

  sinkAborted(reason: unknown): Deferred<undefined> {
    return this.#finishWith(
      (algorithms) => algorithms.cancel(reason),
      () => this.readable.error(reason),
      (error) => this.readable.error(error),
      this.readable.stream,
    );
  }

  sinkClosed(): Deferred<undefined> {
    return this.#finishWith(
      (algorithms) => algorithms.flush(this),
      () => this.readable.close(),
      (error) => this.readable.error(error),
      this.readable.stream,
    );
  }

  sourceCanceled(reason: unknown): Deferred<undefined> {
    const errorWritable = (error: unknown): void => {
      errorWritableIfNeeded(this.writable, error);
      this.#unblockWrite();
    };
    return this.#finishWith(
      (algorithms) => algorithms.cancel(reason),
      () => errorWritable(reason),
      errorWritable,
      this.writable,
    );
  }

  /** Runs an algorithm that ends the stream, unless one has run already, and then ends the other side. */
  #finishWith(
    run: (algorithms: TransformAlgorithms) => unknown,
    onDone: () => void,
    onFailed: (reason: unknown) => void,
    otherSide: { readonly status: string; readonly storedError: unknown },
  ): Deferred<undefined> {
    if (this.#finish !== undefined) return this.#finish;
    const finish = new Deferred<undefined>();
    this.#finish = finish;
    const done = (): void => {
      if (otherSide.status === 'errored') {
        finish.reject(otherSide.storedError);
        return;
      }
      onDone();
      finish.resolve(undefined);
    };
    const failed = (reason: unknown): void => {
      onFailed(reason);
      finish.reject(reason);
    };
    let result;
    try {
      result = this.#algorithms === undefined ? undefined : run(this.#algorithms);
    } catch (error) {
      reactToThrown(error, failed);
      return finish;
    } finally {
      this.#algorithms = undefined;
    }
    reactOnce(result, done, failed);
    return finish;
  }
}
