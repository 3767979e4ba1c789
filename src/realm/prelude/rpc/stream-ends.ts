/** Objects that go on doing something after they have crossed: a writable stream and a signal are functions of their owner. */

import { fromErrorState } from '../errors/error-state.ts';
import {
  abortSignal,
  type AbortSignal,
  addAbortAlgorithm,
  newAbortSignal,
  signalAborted,
  signalReason,
} from '../events/abort-signal.ts';
import { PromiseCtor, PromisePrototypeThen, ReflectApply } from '../primordials.ts';
import type { ErrorState } from '../state.ts';
import { WritableStream } from '../streams/writable-stream.ts';
import { WritableStreamDefaultWriter } from '../streams/writer.ts';
import { type Called, calledOf } from './called.ts';
import { sendCall } from './caller.ts';
import { capOf } from './owned.ts';
import { isPrimitive } from '../clone/primitive.ts';
import type { CapState, ExportState } from './rpc-state.ts';

const { write, close, abort } = WritableStreamDefaultWriter.prototype;

/** Locks the stream; whoever holds the capability writes to it. Throws a TypeError where it is locked already. */
export function capOfWritable(stream: object): CapState {
  const writer = new WritableStreamDefaultWriter(stream);
  return capOf((step: unknown, value: unknown): unknown => {
    if (step === 'write') return ReflectApply(write, writer, [value]);
    if (step === 'close') return ReflectApply(close, writer, []);
    return ReflectApply(abort, writer, [value]);
  });
}

/** A stream whose chunks go to the owner of the capability. */
export function writableOf(cap: CapState): object {
  cap.ops.hold(cap);
  const called = calledOf(cap, 'writable');
  return new WritableStream({
    __proto__: null,
    write: (chunk: unknown) => sendCall(called, ['write', chunk]),
    close: () => finish(called, cap, 'close', undefined),
    abort: (reason: unknown) => finish(called, cap, 'abort', reason),
  });
}

function finish(called: Called, cap: CapState, step: string, value: unknown): Promise<unknown> {
  const done = sendCall(called, [step, value]);
  cap.ops.drop(cap);
  return done;
}

/** A function that waits for the signal, and gives its reason. */
export function capOfSignal(signal: AbortSignal): CapState {
  return capOf(
    () =>
      new PromiseCtor((resolve) => {
        if (signalAborted(signal)) resolve(signalReason(signal));
        else addAbortAlgorithm(signal, () => resolve(signalReason(signal)));
      }),
  );
}

/** A signal that is aborted when the owner's is. */
export function signalOf(state: ExportState): object {
  const signal = newAbortSignal();
  if (state.text === 'aborted') {
    const { value } = state;
    abortSignal(signal, isPrimitive(value) ? value : fromErrorState(value as ErrorState));
    return signal;
  }
  const aborted = sendCall(calledOf(state.value as CapState, 'signal'), []);
  PromisePrototypeThen(
    aborted,
    (reason) => abortSignal(signal, reason),
    () => undefined, // its owner is gone, and will not abort it
  );
  return signal;
}
