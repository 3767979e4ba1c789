import t from 'tap';
import { makeStopSignal } from '../../src/stop-signal.ts';
import type { StopSignal } from '../../src/stop-signal.ts';

interface Surroundings {
  readonly stopSignal: () => Promise<StopSignal>;
  /** Sends a signal at a time, in milliseconds. */
  readonly send: (signal: StopSignal, at: number) => void;
  readonly isListening: () => boolean;
}

function surroundings(): Surroundings {
  const listeners = new Map<StopSignal, () => void>();
  let time = 0;
  return {
    stopSignal: makeStopSignal({
      onSignal: (signal, listener) => listeners.set(signal, listener),
      keepAlive: () => {},
      now: () => time,
    }),
    send(signal, at) {
      time = at;
      listeners.get(signal)?.();
    },
    isListening: () => listeners.size > 0,
  };
}

t.test('signals keep their usual effect until somebody waits for one', async (t) => {
  const { stopSignal, isListening } = surroundings();
  t.notOk(isListening());
  void stopSignal();
  t.ok(isListening());
});

t.test('one press of Ctrl-C that arrives twice is one signal', async (t) => {
  const { stopSignal, send } = surroundings();
  const first = stopSignal();
  send('SIGINT', 1000);
  t.equal(await first, 'SIGINT');
  let second: StopSignal | undefined;
  const waited = stopSignal().then((signal) => (second = signal));
  send('SIGINT', 1003);
  await Promise.resolve();
  t.equal(second, undefined);
  send('SIGINT', 2000);
  await waited;
  t.equal(second, 'SIGINT');
});

t.test('a copy that arrives before anybody waits again is dropped as well', async (t) => {
  const { stopSignal, send } = surroundings();
  const first = stopSignal();
  send('SIGINT', 1000);
  send('SIGINT', 1000);
  send('SIGTERM', 1001);
  t.equal(await first, 'SIGINT');
  t.equal(await stopSignal(), 'SIGTERM');
});
