/** Counters of calls: what is counted where, and how threads' counts are put together. */

import t from 'tap';
import type { EdgeReport } from '../../src/messages/counters.ts';
import { countCall, makeCounts } from '../../src/services/edge.ts';
import { quantile, sumEdges, sumServices } from '../../src/supervisor/counters.ts';
import { Counters } from '../../src/thread/counters.ts';

t.test('a call of the host is counted once, however often its end is told', async (t) => {
  const counts = makeCounts();
  const [first, second, third] = [countCall(counts), countCall(counts), countCall(counts)];
  t.equal(counts.waiting, 3);
  first.end('well');
  second.end('errors');
  second.end('canceled');
  third.end('canceled');
  third.end('well');
  const { calls, errors, canceled, waiting } = counts;
  t.strictSame([calls, errors, canceled, waiting], [3, 1, 1, 0]);
});

t.test('one call in 64 is timed', async (t) => {
  const counts = makeCounts();
  for (let i = 0; i < 63; i++) countCall(counts).end('well');
  t.equal(counts.times, undefined, 'the records of rare calls hold nothing for times');
  for (let i = 63; i < 640; i++) countCall(counts).end('well');
  t.equal(counts.times?.length, 32);
  t.equal(
    counts.times?.reduce((sum, count) => sum + count),
    10,
  );
});

t.test('counts of different edges share nothing', async (t) => {
  const counters = new Counters();
  const edges = Array.from({ length: 200 }, (_, i) =>
    counters.edge({ kind: 'service', name: `s${i}` }, 'x', ''),
  );
  t.equal(new Set(edges).size, 200);
  t.equal(counters.edge({ kind: 'service', name: 's7' }, 'x', ''), edges[7]);
  t.not(counters.edge({ kind: 'socket', name: 's7' }, 'x', ''), edges[7]);
});

const edge = (caller: string, callee: string, calls: number, more: Partial<EdgeReport> = {}): EdgeReport => ({
  caller: { kind: 'service', name: caller },
  callee,
  entrypoint: 'default',
  route: 'direct',
  calls,
  errors: 1,
  canceled: 0,
  waiting: 2,
  times: [0, calls],
  ...more,
});

t.test('threads are summed by edge, and edges by service', async (t) => {
  const edges = sumEdges([
    [edge('a', 'b', 1), edge('a', 'c', 2)],
    [edge('a', 'b', 10), edge('b', 'c', 20, { route: 'channel' }), edge('a', '', 5, { route: 'stub' })],
  ]);
  t.strictSame(
    edges.map(({ caller, callee, route, calls, errors, waiting, times }) => [
      caller.name,
      callee,
      route,
      calls,
      errors,
      waiting,
      times,
    ]),
    [
      ['a', 'b', 'direct', 11, 2, 4, [0, 11]],
      ['a', 'c', 'direct', 2, 1, 2, [0, 2]],
      ['b', 'c', 'channel', 20, 1, 2, [0, 20]],
      ['a', '', 'stub', 5, 1, 2, [0, 5]],
    ],
  );
  t.strictSame(
    sumServices(edges).map(({ service, calls, errors, waiting, times }) => [
      service,
      calls,
      errors,
      waiting,
      times,
    ]),
    [
      ['b', 11, 2, 4, [0, 11]],
      ['c', 22, 2, 4, [0, 22]],
    ],
  );
});

t.test('a quantile is the upper end of its bucket', async (t) => {
  t.strictSame(
    [quantile([1, 1, 2], 0.25), quantile([1, 1, 2], 0.5), quantile([1, 1, 2], 1), quantile([0, 0], 0.5)],
    [128e-6, 256e-6, 512e-6, NaN],
  );
});
