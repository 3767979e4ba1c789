/** scheduler of the realm: timers as promises. */

import { PromiseCtor, PromiseReject, TypeErrorCtor } from './primordials.ts';
import { startTimer, stopTimer, toDelay } from './timers.ts';
import { requireArguments, toDictionary } from './webidl.ts';

/** `scheduler.wait(ms, { signal })`: a promise instead of a callback. */
export const scheduler = {
  wait(delay: unknown, options: unknown = undefined): Promise<void> {
    try {
      requireArguments(arguments.length, 1, 'scheduler.wait');
      const milliseconds = toDelay(delay);
      const signal = toDictionary<{ signal: unknown }>(options, 'scheduler.wait: options')?.signal;
      return signal === undefined ? waitFor(milliseconds) : waitUnlessAborted(milliseconds, signal);
    } catch (error) {
      return PromiseReject(error);
    }
  },
};

function waitFor(delay: number): Promise<void> {
  return new PromiseCtor((resolve) => {
    startTimer(resolve, delay);
  });
}

async function waitUnlessAborted(delay: number, signal: unknown): Promise<void> {
  const {
    addAbortAlgorithm,
    isAbortSignal,
    removeAbortAlgorithm,
    signalAborted,
    signalReason,
  } = require('./events/abort-signal.ts');
  if (!isAbortSignal(signal)) throw new TypeErrorCtor('scheduler.wait: signal is not an AbortSignal.');
  if (!signalAborted(signal)) {
    await new PromiseCtor<void>((resolve) => {
      const onAbort = () => {
        stopTimer(id);
        resolve();
      };
      const onTime = () => {
        removeAbortAlgorithm(signal, onAbort);
        resolve();
      };
      const id = startTimer(onTime, delay);
      addAbortAlgorithm(signal, onAbort);
    });
  }
  if (signalAborted(signal)) throw signalReason(signal);
}
