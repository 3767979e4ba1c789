/** What follows from crashes: how soon a service starts again, and when it does not any more. The clock is the test's own. */

import t from 'tap';
import type { Supervision } from '../../src/config/supervision.ts';
import { type Crash, Crashes, type Verdict } from '../../src/supervisor/crashes.ts';

const minute = 60_000;
const hour = 60 * minute;

function crash(changes: Partial<Crash> = {}): Crash {
  const error = { name: 'Error', message: 'no', stack: 'Error: no' };
  return { kind: 'uncaught', version: 'v', thread: 1, source: 'timer', ...error, ...changes };
}

/** A book with a clock that stands still until it is moved. */
function makeBook(policy: Supervision = {}) {
  const clock = { now: 1000, date: Date.UTC(2026, 0, 1) };
  const crashes = new Crashes({ now: () => clock.now, date: () => new Date(clock.date) });
  return {
    clock,
    crashes,
    record: (changes?: Partial<Crash>): Verdict => crashes.record('main', crash(changes), policy),
  };
}

/** Crashes the moment it has started, again and again. Returns the waits, and what it came to in the end. */
function loop(policy: Supervision, uptime: number, changes: Partial<Crash> = {}): [number[], Verdict] {
  const { clock, record } = makeBook(policy);
  const waits: number[] = [];
  for (;;) {
    const verdict = record(changes);
    if (verdict.kind === 'give-up' || waits.length === 5000) return [waits, verdict];
    waits.push(verdict.waitMs);
    clock.now += verdict.waitMs + uptime;
  }
}

t.test('the first start is immediate, and each that follows waits half as long again', (t) => {
  const [waits, end] = loop({}, 1);
  t.strictSame(waits.slice(0, 6), [0, 100, 150, 225, 338, 506]);
  t.equal(Math.max(...waits), 15_000);
  t.equal(waits.length, 16);
  t.match(end, { kind: 'give-up', reason: 'it has crashed more than 16 times within 5 minutes' });
  t.end();
});

t.test('what the configuration says about waits and counts', (t) => {
  t.strictSame(loop({ restartDelay: 700, maxRestarts: 3 }, 1)[0], [700, 700, 700]);
  t.strictSame(loop({ backoffDelay: 1000, maxRestarts: 4 }, 1)[0], [0, 1000, 1500, 2250]);
  t.strictSame(loop({ maxRestarts: 0 }, 1)[0], []);
  t.match(loop({ autorestart: false }, 1), [[], { kind: 'give-up', reason: /autorestart/ }]);
  t.end();
});

t.test('a worker that has run long enough starts as soon as the first time', (t) => {
  const { clock, record } = makeBook({ minUptime: 5000 });
  t.match(record(), { waitMs: 0 });
  clock.now += 4999;
  t.match(record(), { waitMs: 100 });
  clock.now += 100 + 5000;
  t.match(record(), { waitMs: 0 });
  t.end();
});

t.test('what cannot be evaluated is not tried again at once', (t) => {
  t.strictSame(loop({}, 1, { kind: 'evaluation' })[0].slice(0, 3), [100, 150, 225]);
  t.end();
});

t.test('a loop that crashes slowly is caught by the long window', (t) => {
  const [waits, end] = loop({}, 10 * minute);
  t.equal(waits.length, 64);
  t.match(end, { kind: 'give-up', reason: 'it has crashed more than 64 times within a day' });
  t.match(loop({}, hour)[1], { kind: 'restart' }, 'once an hour is no loop');
  t.end();
});

t.test('each thread counts by itself, and lost threads together, four times', (t) => {
  const { clock, record } = makeBook({ maxRestarts: 2 });
  for (const thread of [1, 2, 3, 1, 2, 3]) {
    clock.now += 1;
    t.match(record({ thread }), { kind: 'restart' });
  }
  t.match(record({ thread: 2 }), { kind: 'give-up' });

  const lost = makeBook();
  for (const thread of [1, 2, 3, 4]) t.match(lost.record({ kind: 'thread', thread }), { kind: 'restart' });
  t.match(lost.record({ kind: 'thread', thread: 5 }), { kind: 'give-up' });
  t.end();
});

t.test('the time of day is shown and never counted: it may jump', (t) => {
  const { clock, record, crashes } = makeBook({ maxRestarts: 2 });
  record({ message: 'first' });
  clock.date -= 10 * hour;
  record({ message: 'second' });
  t.match(crashes.report('main'), {
    count: 2,
    recent: [
      { message: 'second', at: '2025-12-31T14:00:00.000Z' },
      { message: 'first', at: '2026-01-01T00:00:00.000Z' },
    ],
  });
  t.match(record(), { kind: 'give-up' });
  t.end();
});

t.test('who is started by somebody begins anew', (t) => {
  const { record, crashes } = makeBook({ maxRestarts: 1 });
  record();
  t.match(record(), { kind: 'give-up' });
  crashes.forget(['main']);
  t.match(crashes.report('main'), { count: 0, recent: [] });
  t.match(record(), { kind: 'restart', waitMs: 0 });
  t.end();
});

t.test('what is kept is bounded', (t) => {
  const { record, crashes } = makeBook({ maxRestarts: 10_000 });
  for (let i = 0; i < 100; i++) record({ message: 'x'.repeat(100_000), stack: 'y'.repeat(100_000) });
  const { count, recent } = crashes.report('main');
  t.equal(count, 100);
  t.equal(recent.length, 10);
  t.ok(JSON.stringify(recent).length < 100_000);
  t.end();
});
