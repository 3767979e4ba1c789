/** Puts together what threads have counted. Runs in the main thread. */

import type { ShareReport, SideReport, ThreadReport } from '../messages/control.ts';
import type { EdgeReport } from '../messages/counters.ts';
import { deadline } from './deadline.ts';
import type { ThreadHandle } from './group-pool.ts';

/** The calls to one service, whoever made them. */
export interface ServiceTotals {
  readonly service: string;
  readonly calls: number;
  readonly errors: number;
  readonly canceled: number;
  readonly waiting: number;
  readonly times: readonly number[];
}

export interface CounterTotals {
  readonly edges: readonly EdgeReport[];
  readonly services: readonly ServiceTotals[];
  /** Threads that have not answered in time: what they have counted is missing. */
  readonly missing: number;
}

/** Asks threads, each of which has so many milliseconds to answer. */
export async function collectCounters(
  threads: readonly ThreadHandle[],
  patience: number,
): Promise<CounterTotals> {
  const asked = threads.map(({ ask }) => {
    const answer = ask((control) => control.counters()).catch(() => undefined);
    return deadline(answer, patience, undefined);
  });
  const answers = await Promise.all(asked);
  const edges = sumEdges(answers.filter((answer) => answer !== undefined));
  const missing = answers.filter((answer) => answer === undefined).length;
  return { edges, services: sumServices(edges), missing };
}

/** As `collectCounters`, of services of which two versions run. */
export async function collectShares(
  threads: readonly ThreadHandle[],
  patience: number,
): Promise<readonly ShareReport[]> {
  const asked = threads.map(({ ask }) =>
    deadline(
      ask((control) => control.shares()).catch(() => []),
      patience,
      [],
    ),
  );
  const sums = new Map<string, ShareReport>();
  for (const report of (await Promise.all(asked)).flat()) {
    const { service, stable, candidate } = report;
    const known = sums.get(service);
    const sum = known && {
      service,
      stable: plusSide(known.stable, stable),
      candidate: plusSide(known.candidate, candidate),
    };
    sums.set(service, sum ?? report);
  }
  return [...sums.values()];
}

function plusSide(a: SideReport, b: SideReport): SideReport {
  return { requests: a.requests + b.requests, errors: a.errors + b.errors };
}

/** How the threads are; undefined for one that has not answered in time. */
export interface ObservedThread {
  readonly thread: number;
  readonly group: string;
  readonly report: ThreadReport | undefined;
}

/** As `collectCounters`, of everything that threads tell. */
export function observeThreads(
  threads: readonly ThreadHandle[],
  patience: number,
): Promise<readonly ObservedThread[]> {
  return Promise.all(
    threads.map(async ({ thread, group, ask }) => {
      const answer = ask((control) => control.observe()).catch(() => undefined);
      return { thread, group, report: await deadline(answer, patience, undefined) };
    }),
  );
}

/** Sums over threads. A thread that was lost has taken with it what it had counted. */
export function sumEdges(reports: readonly (readonly EdgeReport[])[]): EdgeReport[] {
  const sums = new Map<string, EdgeReport>();
  for (const edge of reports.flat()) {
    const { caller, callee, entrypoint, route } = edge;
    const key = JSON.stringify([caller.kind, caller.name, callee, entrypoint, route]);
    const known = sums.get(key);
    sums.set(key, known === undefined ? edge : { ...known, ...plus(known, edge) });
  }
  return [...sums.values()];
}

/** By the service that was called; calls of stubs belong to none. */
export function sumServices(edges: readonly EdgeReport[]): ServiceTotals[] {
  const sums = new Map<string, ServiceTotals>();
  for (const edge of edges) {
    if (edge.route === 'stub') continue;
    const known = sums.get(edge.callee);
    const sum = known === undefined ? countsOf(edge) : plus(known, edge);
    sums.set(edge.callee, { service: edge.callee, ...sum });
  }
  return [...sums.values()];
}

type Counts = Omit<ServiceTotals, 'service'>;

function countsOf({ calls, errors, canceled, waiting, times }: Counts): Counts {
  return { calls, errors, canceled, waiting, times };
}

function plus(a: Counts, b: Counts): Counts {
  return {
    calls: a.calls + b.calls,
    errors: a.errors + b.errors,
    canceled: a.canceled + b.canceled,
    waiting: a.waiting + b.waiting,
    times: a.times.map((count, index) => count + (b.times[index] ?? 0)),
  };
}

/** The time, in milliseconds, that a share of the timed calls stayed below; no better than by a factor of two. NaN where none was timed. */
export function quantile(times: readonly number[], share: number): number {
  const total = times.reduce((sum, count) => sum + count, 0);
  let below = 0;
  for (const [index, count] of times.entries()) {
    below += count;
    if (total > 0 && below >= total * share) return (128 * 2 ** index) / 1e6;
  }
  return NaN;
}
