/** Restarts by the clock. The clock is the test's own, and so are its timers. */

import process from 'node:process';
import t from 'tap';
import { CronRestarts } from '../../src/daemon/cron.ts';
import { emptyState, type SavedState } from '../../src/daemon/state-file.ts';

process.env['TZ'] = 'UTC';

const minute = 60_000;
const hour = 60 * minute;
const start = Date.UTC(2026, 0, 1, 0, 0, 30);

function stateOf(patterns: Readonly<Record<string, string>>, stopped: readonly string[] = []): SavedState {
  const services = Object.entries(patterns).map(([name, cronRestart]) => {
    return { kind: 'worker', name, supervision: { cronRestart } };
  });
  return {
    ...emptyState,
    stopped,
    sources: [{ source: '/a', config: { services }, bundles: {} }],
  } as unknown as SavedState;
}

function makeCron({ refuses = false } = {}) {
  const restarted: string[] = [];
  const logged: string[] = [];
  let now = start;
  let timer: { readonly at: number; readonly run: () => void } | undefined;
  let timers = 0;
  const cron = new CronRestarts({
    clock: () => now,
    after(ms, run) {
      const own = { at: now + ms, run };
      timer = own;
      timers++;
      return () => {
        if (timer === own) timer = undefined;
      };
    },
    restart(service) {
      restarted.push(`${service} ${new Date(now).toISOString().slice(11, 19)}`);
      return refuses ? Promise.reject(new Error('no')) : Promise.resolve();
    },
    log: (level, text) => logged.push(`${level} ${text}`),
  });
  /** Lets time go by, with every timer at its time. */
  const pass = (ms: number): void => {
    const end = now + ms;
    while (timer !== undefined && timer.at <= end) {
      const { at, run } = timer;
      timer = undefined;
      now = at;
      run();
    }
    now = end;
  };
  /** Sets the clock; the timer that is under way goes on. */
  const jump = (ms: number): void => {
    now += ms;
    if (timer !== undefined) timer = { at: timer.at + ms, run: timer.run };
  };
  return { cron, restarted, logged, pass, jump, timers: () => timers, isWaiting: () => timer !== undefined };
}

t.test('a service is restarted whenever its expression says so', (t) => {
  const { cron, restarted, pass } = makeCron();
  cron.follow(stateOf({ a: '*/10 * * * *', b: '0 1 * * *' }));
  pass(hour + minute);
  t.strictSame(restarted, [
    'a 00:10:00',
    'a 00:20:00',
    'a 00:30:00',
    'a 00:40:00',
    'a 00:50:00',
    'a 01:00:00',
    'b 01:00:00',
  ]);
  t.end();
});

t.test('a deployment that changes nothing about it moves nothing', (t) => {
  const { cron, restarted, pass } = makeCron();
  const state = stateOf({ a: '*/10 * * * *' });
  for (let i = 0; i < 20; i++) {
    cron.follow(state);
    pass(minute);
  }
  t.strictSame(restarted, ['a 00:10:00', 'a 00:20:00']);
  t.end();
});

t.test('who is stopped, gone or changed', (t) => {
  const { cron, restarted, pass, isWaiting } = makeCron();
  cron.follow(stateOf({ a: '* * * * *', b: '* * * * *' }, ['a']));
  pass(minute);
  cron.follow(stateOf({ b: '0 * * * *' }));
  pass(10 * minute);
  t.strictSame(restarted, ['b 00:01:00']);
  cron.follow(emptyState);
  t.notOk(isWaiting(), 'nothing is waited for');
  t.end();
});

t.test('the clock is set forward: what was due happens once', (t) => {
  const { cron, restarted, pass, jump } = makeCron();
  cron.follow(stateOf({ a: '0 * * * *' }));
  pass(minute);
  jump(10 * hour);
  pass(minute);
  t.equal(restarted.length, 1);
  pass(hour);
  t.strictSame(restarted.at(-1), 'a 11:00:00');
  t.equal(restarted.length, 2);
  t.end();
});

t.test('the clock is set back: it is believed, and nothing is forgotten', (t) => {
  const { cron, restarted, pass, jump } = makeCron();
  cron.follow(stateOf({ a: '0 3 * * *' }));
  jump(365 * 24 * hour);
  pass(minute);
  t.equal(restarted.length, 1);
  jump(-365 * 24 * hour);
  pass(4 * hour);
  t.strictSame(restarted.slice(1), ['a 03:00:00']);
  t.end();
});

t.test('one that cannot be restarted is said, and tried again the next time', async (t) => {
  const { cron, restarted, logged, pass } = makeCron({ refuses: true });
  cron.follow(stateOf({ a: '* * * * *' }));
  pass(2 * minute);
  await Promise.resolve();
  await Promise.resolve();
  t.equal(restarted.length, 2);
  t.match(logged, [/^error the service a could not be started anew/, /^error /]);
});
