/** Piping: one object for each pipe, and neither promises nor requests for each chunk. https://streams.spec.whatwg.org/#readable-stream-pipe-to */

import type { AbortSignal } from '../events/abort-signal.ts';
import { PromisePrototypeThen, PromiseResolve, TypeErrorCtor } from '../primordials.ts';
import { DEFAULT_PIPE_OPTIONS, type PipeOptions } from './pipe-options.ts';
import { Deferred, markHandled, microtask } from './promises.ts';
import { acquireReader, cancelReadable, readDefault, releaseReader } from './readable-ops.ts';
import { type ReadableState, type ReaderState, ReadRequest } from './readable-state.ts';
import { abortWritable, chunkSizeOf, enqueueWrite } from './writable-ops.ts';
import { type WritableState, WriteEntry, type WriterState } from './writable-state.ts';
import { acquireWriter, closeWithErrorPropagation, releaseWriter } from './writer.ts';

/** What a shutdown does before the pipe is over. */
type Action = () => Promise<unknown>;

/** The pipe's one read request, used again for every read that has to wait. */
class PipeReadRequest extends ReadRequest {
  readonly #pipe: Pipe;

  constructor(pipe: Pipe) {
    super();
    this.#pipe = pipe;
  }

  chunk(value: unknown): void {
    this.#pipe.chunkArrived(value);
  }

  // The pipe hears of the end through the reader's `closed`.
  close(): void {}
  error(): void {}
}

/** A chunk on its way into the destination. */
class PipeWriteEntry extends WriteEntry {
  readonly #pipe: Pipe;

  constructor(chunk: unknown, pipe: Pipe) {
    super(chunk);
    this.#pipe = pipe;
  }

  written(): void {
    this.#pipe.writeSettled();
  }

  failed(): void {
    this.#pipe.writeSettled();
  }
}

class Pipe {
  readonly #source: ReadableState;
  readonly #dest: WritableState;
  readonly #options: PipeOptions;
  readonly #reader: ReaderState;
  readonly #writer: WriterState;
  readonly #request = new PipeReadRequest(this);
  readonly #done = new Deferred<undefined>();
  #shuttingDown = false;
  /** A read waits for a chunk, or a chunk that has arrived waits for its microtask. */
  #reading = false;
  #pumping = false;
  #arrived: unknown = undefined;
  /** How many chunks have been read whose writes have not settled. */
  #unwritten = 0;
  /** Waits for `#unwritten` to become 0. */
  #onAllWritten: (() => void) | undefined = undefined;
  #callingRead = false;
  #hasArrived = false;
  readonly #writeArrived = (): void => {
    this.#takeArrived();
    this.#pump();
  };
  #abortAlgorithm: (() => void) | undefined = undefined;

  constructor(source: ReadableState, dest: WritableState, options: PipeOptions) {
    this.#source = source;
    this.#dest = dest;
    this.#options = options;
    this.#reader = acquireReader(source, 'default');
    this.#writer = acquireWriter(dest);
    source.disturbed = true;
  }

  /** `schedule` says when the first read comes. */
  start(schedule: (pump: () => void) => void): Promise<undefined> {
    if (!this.#watchSignal()) return this.#done.promise;
    this.#watchStreams();
    this.#writer.onReady = (): void => this.#pump();
    if (!this.#shuttingDown) schedule(this.#writer.onReady);
    return this.#done.promise;
  }

  /** False, if the signal is aborted already. */
  #watchSignal(): boolean {
    const { signal } = this.#options;
    if (signal === undefined) return true;
    const { signalAborted, addAbortAlgorithm } = require('../events/abort-signal.ts');
    this.#abortAlgorithm = (): void => this.#abort(signal);
    if (signalAborted(signal)) {
      this.#abort(signal);
      return false;
    }
    addAbortAlgorithm(signal, this.#abortAlgorithm);
    return true;
  }

  #abort(signal: AbortSignal): void {
    const reason = require('../events/abort-signal.ts').signalReason(signal);
    const { preventAbort, preventCancel } = this.#options;
    const abortDest: Action = () =>
      !preventAbort && this.#dest.status === 'writable'
        ? abortWritable(this.#dest, reason)
        : PromiseResolve(undefined);
    const cancelSource: Action = () =>
      !preventCancel && this.#source.status === 'readable'
        ? cancelReadable(this.#source, reason)
        : PromiseResolve(undefined);
    this.#shutdown(() => both(abortDest(), cancelSource()), { error: reason });
  }

  /** In the standard's order: errors forward, errors backward, closing forward, closing backward. */
  #watchStreams(): void {
    const source = this.#source;
    const dest = this.#dest;
    if (source.status === 'errored') this.#sourceErrored();
    if (dest.status === 'errored') this.#destErrored();
    if (source.status === 'closed') this.#sourceClosed();
    if (dest.isClosing || dest.status === 'closed') this.#destClosed();
    if (this.#shuttingDown) return;
    PromisePrototypeThen(
      this.#reader.closed.promise,
      () => this.#sourceClosed(),
      () => this.#sourceErrored(),
    );
    PromisePrototypeThen(this.#writer.closed.promise, undefined, () => this.#destErrored());
  }

  #sourceErrored(): void {
    const error = this.#source.storedError;
    this.#shutdown(this.#options.preventAbort ? undefined : () => abortWritable(this.#dest, error), {
      error,
    });
  }

  #destErrored(): void {
    const error = this.#dest.storedError;
    this.#shutdown(this.#options.preventCancel ? undefined : () => cancelReadable(this.#source, error), {
      error,
    });
  }

  #sourceClosed(): void {
    this.#shutdown(
      this.#options.preventClose ? undefined : () => closeWithErrorPropagation(this.#dest),
      undefined,
    );
  }

  #destClosed(): void {
    const error = new TypeErrorCtor('The destination was closed before everything was piped to it.');
    this.#shutdown(this.#options.preventCancel ? undefined : () => cancelReadable(this.#source, error), {
      error,
    });
  }

  /** Moves chunks for as long as there are any and the destination has room. */
  #pump(): void {
    if (this.#pumping || this.#reading) return;
    this.#pumping = true;
    const { controller } = this.#source;
    while (this.#canMove) {
      if (controller.hasChunk) {
        this.#unwritten++;
        this.#write(controller.takeChunk());
      } else {
        this.#read();
        if (this.#reading) break;
      }
    }
    this.#pumping = false;
  }

  /** Where the source's pull gives a chunk at once, it is written at once: by then the source's code is off the stack. */
  #read(): void {
    this.#reading = true;
    this.#callingRead = true;
    readDefault(this.#source, this.#request);
    this.#callingRead = false;
    if (!this.#hasArrived) return;
    this.#hasArrived = false;
    this.#takeArrived();
  }

  get #canMove(): boolean {
    const dest = this.#dest;
    return (
      !this.#shuttingDown && dest.status === 'writable' && dest.room > 0 && this.#source.status === 'readable'
    );
  }

  /** The read that waited has a chunk. The source's code may be on the stack, and the sink's must not run on top of it. */
  chunkArrived(chunk: unknown): void {
    this.#arrived = chunk;
    this.#unwritten++;
    if (this.#callingRead) this.#hasArrived = true;
    else microtask(this.#writeArrived);
  }

  #takeArrived(): void {
    const chunk = this.#arrived;
    this.#arrived = undefined;
    this.#reading = false;
    this.#write(chunk);
  }

  #write(chunk: unknown): void {
    const dest = this.#dest;
    const size = dest.status === 'writable' ? chunkSizeOf(dest, chunk) : 0;
    if (this.#writer.stream === dest && dest.status === 'writable' && !dest.isClosing) {
      enqueueWrite(dest, new PipeWriteEntry(chunk, this), size);
    } else {
      this.writeSettled();
    }
  }

  writeSettled(): void {
    this.#unwritten--;
    if (this.#unwritten > 0 || this.#onAllWritten === undefined) return;
    microtask(this.#onAllWritten);
    this.#onAllWritten = undefined;
  }

  #shutdown(action: Action | undefined, failure: { error: unknown } | undefined): void {
    if (this.#shuttingDown) return;
    this.#shuttingDown = true;
    const dest = this.#dest;
    const goOn = (): void => this.#act(action, failure);
    if (dest.status !== 'writable' || dest.isClosing) goOn();
    else if (this.#unwritten > 0) this.#onAllWritten = goOn;
    else microtask(goOn);
  }

  #act(action: Action | undefined, failure: { error: unknown } | undefined): void {
    if (action === undefined) {
      this.#finalize(failure);
      return;
    }
    PromisePrototypeThen(
      action(),
      () => this.#finalize(failure),
      (error) => this.#finalize({ error }),
    );
  }

  #finalize(failure: { error: unknown } | undefined): void {
    releaseWriter(this.#writer);
    releaseReader(this.#reader);
    const { signal } = this.#options;
    if (signal !== undefined && this.#abortAlgorithm !== undefined) {
      require('../events/abort-signal.ts').removeAbortAlgorithm(signal, this.#abortAlgorithm);
    }
    if (failure === undefined) this.#done.resolve(undefined);
    else this.#done.reject(failure.error);
  }
}

/** Fulfills when both do, and rejects with the first rejection. */
function both(first: Promise<unknown>, second: Promise<unknown>): Promise<undefined> {
  const deferred = new Deferred<undefined>();
  let remaining = 2;
  const onFulfilled = (): void => {
    remaining--;
    if (remaining === 0) deferred.resolve(undefined);
  };
  PromisePrototypeThen(first, onFulfilled, deferred.reject);
  PromisePrototypeThen(second, onFulfilled, deferred.reject);
  return deferred.promise;
}

/** ReadableStreamPipeTo. Neither stream may be locked. */
export function pipe(source: ReadableState, dest: WritableState, options: PipeOptions): Promise<undefined> {
  return new Pipe(source, dest, options).start(microtask);
}

/** Pipes, and leaves it to the streams to show an error. */
export function pipeQuietly(
  source: ReadableState,
  dest: WritableState,
  options = DEFAULT_PIPE_OPTIONS,
): void {
  markHandled(pipe(source, dest, options));
}

/** The same, and the first chunk is asked for before this returns. The destination must not take chunks without end. */
export function pipeAtOnce(source: ReadableState, dest: WritableState): void {
  markHandled(new Pipe(source, dest, DEFAULT_PIPE_OPTIONS).start((pump) => pump()));
}
