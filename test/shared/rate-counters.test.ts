import t from 'tap';
import { makeRateMemory, RateCounters } from '../../src/shared/rate-counters.ts';

/** Counters at a time that the test sets. */
function makeCounters(limit: number, period = 1000): { counters: RateCounters; clock: { time: number } } {
  const clock = { time: 0 };
  const counters = new RateCounters({ memory: makeRateMemory(), limit, period, now: () => clock.time });
  return { counters, clock };
}

/** How many of so many calls are within the limit. */
function allowed(counters: RateCounters, calls: number, key = 'k'): number {
  return Array.from({ length: calls }, () => counters.take(key)).filter(Boolean).length;
}

t.test('as many calls as the limit says, for each key', (t) => {
  const { counters } = makeCounters(5);
  t.equal(allowed(counters, 20), 5);
  t.equal(allowed(counters, 20, 'other'), 5);
  t.equal(allowed(counters, 20, ''), 5);
  t.end();
});

t.test('the window slides', (t) => {
  const { counters, clock } = makeCounters(10);
  clock.time = 900;
  t.equal(allowed(counters, 20), 10);
  clock.time = 1000;
  t.equal(allowed(counters, 20), 0, 'a new window does not begin with nothing');
  clock.time = 1500;
  t.equal(allowed(counters, 20), 5, 'half of the window before is left');
  clock.time = 2000;
  t.equal(allowed(counters, 20), 5);
  clock.time = 10_000;
  t.equal(allowed(counters, 20), 10, 'after a long time nothing is left');
  t.end();
});

t.test('calls beyond the limit do not count', (t) => {
  const { counters, clock } = makeCounters(2);
  t.equal(allowed(counters, 1000), 2);
  clock.time = 2000;
  t.equal(allowed(counters, 1000), 2);
  t.end();
});

t.test('counters of one memory count together, also with other limits', (t) => {
  const memory = makeRateMemory();
  const [small, large] = [3, 5].map(
    (limit) => new RateCounters({ memory, limit, period: 1000, now: () => 0 }),
  ) as [RateCounters, RateCounters];
  t.equal(allowed(small, 10), 3);
  t.equal(allowed(large, 10), 2);
  t.end();
});

t.test('more keys than there is room for make those go that were called least', (t) => {
  const { counters } = makeCounters(1000);
  allowed(counters, 900, 'often');
  for (let index = 0; index < 100_000; index += 1) counters.take(`key ${index}`);
  t.equal(allowed(counters, 1000, 'often'), 100);
  t.end();
});

t.test('the largest limit is counted exactly', (t) => {
  const { counters } = makeCounters(1_000_000);
  t.equal(allowed(counters, 1_000_010), 1_000_000);
  t.end();
});
