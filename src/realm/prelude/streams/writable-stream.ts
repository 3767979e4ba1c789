/** WritableStream and WritableStreamDefaultController. https://streams.spec.whatwg.org/#ws-class */

import { registerTransferable } from '../clone/registry.ts';
import type { AbortSignal } from '../events/abort-signal.ts';
import { PromiseReject, RangeErrorCtor, ReflectApply, TypeErrorCtor } from '../primordials.ts';
import { defineInterface, illegalConstructor, illegalInvocation, isObject } from '../webidl.ts';
import { type Callback, toCallback } from './callbacks.ts';
import { highWaterMarkOf, toStrategy } from './strategy.ts';
import { brandWritable, isWritable, writableStateOf } from './writable-brand.ts';
import { checkTransferable } from './transfer.ts';
import { abortWritable, errorWritableIfNeeded, startWritable } from './writable-ops.ts';
import { SinkAlgorithms, WritableState } from './writable-state.ts';
import { closeOnce, WritableStreamDefaultWriter } from './writer.ts';

const TOKEN = {};

let newController: (state: WritableState) => WritableStreamDefaultController;

export class WritableStreamDefaultController {
  readonly #state: WritableState;

  constructor(token: unknown = undefined, state: WritableState | undefined = undefined) {
    if (token !== TOKEN || state === undefined) throw illegalConstructor();
    this.#state = state;
  }

  get signal(): AbortSignal {
    if (!(#state in this)) throw illegalInvocation();
    return (this.#state.signal ??= newSignal(this.#state));
  }

  error(reason: unknown = undefined): void {
    if (!(#state in this)) throw illegalInvocation();
    errorWritableIfNeeded(this.#state, reason);
  }

  static {
    newController = (state) => new WritableStreamDefaultController(TOKEN, state);
  }
}

function newSignal(stream: WritableState): AbortSignal {
  const { newAbortSignal, abortSignal } = require('../events/abort-signal.ts');
  const signal = newAbortSignal();
  if (stream.aborted !== undefined) abortSignal(signal, stream.aborted.reason);
  return signal;
}

/** The object of a worker that chunks are written to. */
class WorkerSink extends SinkAlgorithms {
  readonly #sink: unknown;
  readonly #abort: Callback | undefined;
  readonly #close: Callback | undefined;
  readonly start: Callback | undefined;
  readonly #write: Callback | undefined;
  /** Set once the stream has one. */
  controller: WritableStreamDefaultController | undefined = undefined;

  constructor(sink: object | undefined) {
    super();
    this.#sink = sink;
    const where = 'WritableStream constructor';
    const members = sink as Record<'abort' | 'close' | 'start' | 'type' | 'write', unknown> | undefined;
    this.#abort = toCallback(members?.abort, where, 'abort');
    this.#close = toCallback(members?.close, where, 'close');
    this.start = toCallback(members?.start, where, 'start');
    const type = members?.type;
    this.#write = toCallback(members?.write, where, 'write');
    if (type !== undefined) throw new RangeErrorCtor(`${where}: type must be undefined.`);
  }

  callStart(): unknown {
    return this.start === undefined ? undefined : ReflectApply(this.start, this.#sink, [this.controller]);
  }

  write(chunk: unknown): unknown {
    return this.#write === undefined
      ? undefined
      : ReflectApply(this.#write, this.#sink, [chunk, this.controller]);
  }

  close(): unknown {
    return this.#close === undefined ? undefined : ReflectApply(this.#close, this.#sink, []);
  }

  abort(reason: unknown): unknown {
    return this.#abort === undefined ? undefined : ReflectApply(this.#abort, this.#sink, [reason]);
  }
}

/** The first argument of the constructor when the second is a WritableState: for subclasses in the prelude. */
export const STATE = {};

let wrap: (state: WritableState) => WritableStream;

export class WritableStream {
  constructor(underlyingSink: unknown = undefined, strategy: unknown = undefined) {
    if (underlyingSink === STATE) {
      brandWritable(this, strategy as WritableState);
      return;
    }
    if (underlyingSink !== undefined && !isObject(underlyingSink)) {
      throw new TypeErrorCtor('WritableStream constructor: the sink is not an object.');
    }
    const queuing = toStrategy(strategy, 'WritableStream constructor');
    const sink = new WorkerSink(underlyingSink);
    const state = new WritableState(sink, highWaterMarkOf(queuing, 1), queuing.size);
    brandWritable(this, state);
    sink.controller = newController(state);
    startWritable(state, sink.callStart());
  }

  get locked(): boolean {
    return writableStateOf(this).writer !== undefined;
  }

  abort(reason: unknown = undefined): Promise<undefined> {
    try {
      const state = writableStateOf(this);
      if (state.writer !== undefined) throw new TypeErrorCtor('The stream is locked to a writer.');
      return abortWritable(state, reason);
    } catch (error) {
      return PromiseReject(error);
    }
  }

  close(): Promise<undefined> {
    try {
      const state = writableStateOf(this);
      if (state.writer !== undefined) throw new TypeErrorCtor('The stream is locked to a writer.');
      return closeOnce(state);
    } catch (error) {
      return PromiseReject(error);
    }
  }

  getWriter(): WritableStreamDefaultWriter {
    writableStateOf(this);
    return new WritableStreamDefaultWriter(this);
  }

  static {
    wrap = (state) => new WritableStream(STATE, state);
  }
}

defineInterface(WritableStreamDefaultController, 'WritableStreamDefaultController');
defineInterface(WritableStream, 'WritableStream');

registerTransferable(isWritable, {
  isDetached: (source) => require('./cross-realm.ts').isTransferred(writableStateOf(source)),
  transfer(source) {
    const state = writableStateOf(source);
    checkTransferable(state.writer !== undefined);
    return newWritableStream(require('./cross-realm.ts').transferWritable(state));
  },
});

/** A WritableStream object for a state that has none. The caller starts it. */
export const newWritableStream: (state: WritableState) => WritableStream = wrap;
