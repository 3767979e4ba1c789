/** How much a service may log, with a clock of the test's own. */

import t from 'tap';
import { LogLimiter } from '../../src/thread/log-limiter.ts';
import { TokenBucket } from '../../src/shared/token-bucket.ts';

t.test('a bucket gives what it holds, and then what comes back', (t) => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, 0);
  const take = (count: number, now: number): boolean => bucket.take(count, now);
  t.strictSame([take(1, 0), take(2, 0), take(1, 0)], [true, true, false]);
  t.strictSame([take(1, 100), take(1, 100)], [true, false]);
  t.notOk(take(1, 50), 'a clock that goes back gives nothing');
  t.ok(take(1, 150));
  t.ok(take(100, 10_000), 'what is more than it holds takes a full one');
  t.notOk(take(1, 10_000));
  bucket.limit({ perSecond: 1000, burst: 1000 });
  t.ok(take(50, 10_050));
  t.end();
});

/** A limiter, and what it has reported. */
function makeLimiter(): {
  limiter: LogLimiter;
  reports: string[];
  pass: (milliseconds: number) => void;
  runTimers: () => void;
} {
  let now = 0;
  const reports: string[] = [];
  const timers: (() => void)[] = [];
  const limiter = new LogLimiter({
    now: () => now,
    later: (run) => timers.push(run),
    onDropped: ({ service }, count) => reports.push(`${service} ${count}`),
  });
  return {
    limiter,
    reports,
    pass: (milliseconds) => (now += milliseconds),
    runTimers: () => {
      for (const run of timers.splice(0)) run();
    },
  };
}

const limit = { linesPerSecond: 10, burst: 5 };
const flooder = { service: 'flooder', version: 'v', limit };

t.test('what is over is counted, and reported once in a while', (t) => {
  const { limiter, reports, pass, runTimers } = makeLimiter();
  const admitted = Array.from({ length: 20 }, () => limiter.admits(flooder, 10)).filter(Boolean);
  t.equal(admitted.length, 5);
  t.ok(limiter.admits({ service: 'quiet', version: 'v', limit }, 10), 'others are not touched');
  t.strictSame(reports, []);
  pass(1000);
  runTimers();
  t.strictSame(reports, ['flooder 15']);
  t.ok(limiter.admits(flooder, 10));
  t.end();
});

t.test('a loop that never ends is reported without timers, and the rest at the end', (t) => {
  const { limiter, reports, pass } = makeLimiter();
  let admitted = 0;
  for (let i = 0; i < 5000; i++) {
    pass(1);
    if (limiter.admits(flooder, 10)) admitted++;
  }
  limiter.flush();
  const counts = reports.map((report) => Number(report.split(' ')[1]));
  t.equal(admitted + counts.reduce((sum, count) => sum + count, 0), 5000);
  t.ok(admitted >= 50 && admitted <= 56);
  t.ok(counts.length >= 4 && counts.length <= 6);
  t.end();
});

t.test('long records count as several lines', (t) => {
  const { limiter } = makeLimiter();
  const admitted = [5000, 100, 100].map((length) => limiter.admits(flooder, length));
  t.strictSame(admitted, [true, false, false]);
  t.end();
});

t.test('all services of a thread together have a limit as well', (t) => {
  const { limiter } = makeLimiter();
  let admitted = 0;
  for (let service = 0; service < 100; service++) {
    for (let i = 0; i < 1000; i++)
      if (limiter.admits({ service: `s${service}`, version: '' }, 10)) admitted++;
  }
  t.equal(admitted, 50_000);
  t.end();
});
