/**
 * The signals that ask nanod to stop, one press of Ctrl-C at a time. Under `npm start` one press arrives twice: the terminal sends SIGINT to
 * every process of the foreground group, and npm, one of them, passes its own on. Runs on the main thread.
 */

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** What this module needs of its surroundings. */
export interface StopSignalPowers {
  readonly onSignal: (signal: StopSignal, listener: () => void) => void;
  /** Keeps the process from ending by itself: a handler of a signal does not, and there may be no thread that does. */
  readonly keepAlive: () => void;
  /** Milliseconds, from any origin. */
  readonly now: () => number;
}

/** A signal that follows its like within this time, in milliseconds, is the same one. */
const echoWithin = 500;

/**
 * Makes the function that waits for the next stop signal. From its first call on, signals no longer end the process by themselves;
 * one that comes while nobody waits is kept for the next call.
 */
export function makeStopSignal({ onSignal, keepAlive, now }: StopSignalPowers): () => Promise<StopSignal> {
  const latest = new Map<StopSignal, number>();
  const waiting: ((signal: StopSignal) => void)[] = [];
  const kept: StopSignal[] = [];
  let listening = false;

  function receive(signal: StopSignal): void {
    const isEcho = now() - (latest.get(signal) ?? -Infinity) < echoWithin;
    if (isEcho) return;
    latest.set(signal, now());
    const resolve = waiting.shift();
    if (resolve === undefined) kept.push(signal);
    else resolve(signal);
  }

  return () => {
    if (!listening) {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) onSignal(signal, () => receive(signal));
      keepAlive();
    }
    listening = true;
    const signal = kept.shift();
    return signal === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(signal);
  };
}
