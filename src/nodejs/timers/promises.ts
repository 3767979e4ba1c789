/** node:timers/promises */

import { AbortError } from '../errors.ts';
import { throwIfAborted, validateAbortSignal } from '../validate.ts';

const { setTimeout: startTimeout, clearTimeout: stopTimeout } = globalThis;

interface TimerOptions {
  readonly signal?: AbortSignal;
  readonly ref?: boolean;
}

async function setTimeout<T>(
  delay?: number,
  value?: T,
  { signal }: TimerOptions = {},
): Promise<T | undefined> {
  validateAbortSignal(signal, 'options.signal');
  throwIfAborted(signal);
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      stopTimeout(id);
      reject(new AbortError(signal?.reason));
    };
    const id = startTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve(value);
    }, delay);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function setImmediate<T>(value?: T, options?: TimerOptions): Promise<T | undefined> {
  return setTimeout(0, value, options);
}

async function* setInterval<T>(
  delay?: number,
  value?: T,
  options?: TimerOptions,
): AsyncGenerator<T | undefined> {
  for (;;) yield await setTimeout(Math.max(delay ?? 1, 1), value, options);
}

const scheduler = Object.freeze({
  wait: (delay: number, options?: TimerOptions) => setTimeout(delay, undefined, options),
  yield: () => setImmediate(),
});

export default { scheduler, setImmediate, setInterval, setTimeout };
