/** Metrics in the text format of Prometheus. Nothing is collected before somebody asks. Runs in the supervisor. */

import { collectDefaultMetrics, Registry, type Metric, type MetricObjectWithValues } from 'prom-client';
import { sumServices, type ObservedThread } from '../supervisor/counters.ts';
import { Totals } from './totals.ts';

/** What metrics are made of. */
export interface Observed {
  readonly threads: readonly ObservedThread[];
  /** Services of which one can say that they run, with what they do now. */
  readonly services: readonly { readonly name: string; readonly state: string; readonly restarts: number }[];
}

type Labels = Readonly<Record<string, string | number>>;

/** One line of the text. */
interface Sample {
  readonly value: number;
  readonly labels: Labels;
  /** Where it is not that of the metric. */
  readonly metricName?: string;
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly samples: readonly Sample[];
}

/** One call in so many is timed. */
const sampled = 64;

export class Metrics {
  readonly #observe: () => Promise<Observed>;
  readonly #totals = new Totals();
  readonly #process = new Registry();

  constructor(observe: () => Promise<Observed>) {
    this.#observe = observe;
    collectDefaultMetrics({ register: this.#process });
  }

  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;

  /** The whole text. */
  async text(): Promise<string> {
    const registry = new Registry();
    for (const family of families(await this.#observe(), this.#totals))
      registry.registerMetric(asMetric(family));
    return `${await registry.metrics()}\n${await this.#process.metrics()}`;
  }
}

/** prom-client counts by itself; here it is handed what was counted elsewhere. */
function asMetric({ name, help, type, samples }: Family): Metric {
  const values = { name, help, type, values: samples, aggregator: 'sum' };
  const metric = { name, get: () => Promise.resolve(values as unknown as MetricObjectWithValues<never>) };
  return metric as unknown as Metric;
}

function families({ threads, services }: Observed, totals: Totals): Family[] {
  const edges = totals.edges(threads);
  return [...serviceFamilies(edges, services, threads), ...edgeFamilies(edges), ...threadFamilies(threads)];
}

function serviceFamilies(
  edges: ReturnType<Totals['edges']>,
  services: Observed['services'],
  threads: readonly ObservedThread[],
): Family[] {
  const sums = sumServices(edges);
  const realms = new Map<string, number>();
  for (const { report } of threads) {
    for (const { service, realms: count } of report?.services ?? [])
      realms.set(service, (realms.get(service) ?? 0) + count);
  }
  const states = services.map(({ name: service, state, restarts }) => ({
    labels: { service },
    state,
    restarts,
  }));
  return [
    counter(
      'nanod_service_requests_total',
      'Calls of a service by outcome: ok, error, or canceled by the caller',
      sums.flatMap(({ service, calls, errors, canceled, waiting }) => [
        { value: Math.max(0, calls - errors - canceled - waiting), labels: { service, outcome: 'ok' } },
        { value: errors, labels: { service, outcome: 'error' } },
        { value: canceled, labels: { service, outcome: 'canceled' } },
      ]),
    ),
    gauge(
      'nanod_service_requests_in_flight',
      'Calls of a service that wait for their outcome',
      sums.map(({ service, waiting }) => ({ value: waiting, labels: { service } })),
    ),
    histogram(
      'nanod_service_request_duration_seconds',
      `How long calls of a service took; one in ${sampled} is timed`,
      sums.map(({ service, times }) => ({ labels: { service }, times })),
    ),
    gauge(
      'nanod_service_realms',
      'Realms of a service that are loaded',
      [...realms].map(([service, value]) => ({ value, labels: { service } })),
    ),
    gauge(
      'nanod_service_up',
      'Whether calls reach a service: 0 where it is stopped or errored',
      states.map(({ labels, state }) => ({ value: state === 'online' ? 1 : 0, labels })),
    ),
    counter(
      'nanod_service_restarts_total',
      'How often a service was started anew',
      states.map(({ labels, restarts }) => ({ value: restarts, labels })),
    ),
  ];
}

function edgeFamilies(edges: ReturnType<Totals['edges']>): Family[] {
  const labeled = edges.map((edge) => ({
    edge,
    labels: {
      caller: edge.caller.name,
      caller_kind: edge.caller.kind,
      service: edge.callee,
      entrypoint: edge.entrypoint,
      route: edge.route,
    },
  }));
  return [
    counter(
      'nanod_edge_calls_total',
      'Calls of one caller to one entrypoint, by the way that they take',
      labeled.map(({ edge, labels }) => ({ value: edge.calls, labels })),
    ),
    counter(
      'nanod_edge_errors_total',
      'Calls of one caller to one entrypoint that failed',
      labeled.map(({ edge, labels }) => ({ value: edge.errors, labels })),
    ),
  ];
}

function threadFamilies(threads: readonly ObservedThread[]): Family[] {
  const told = threads.flatMap(({ thread, group, report }) =>
    report === undefined ? [] : [{ labels: { thread, group }, report }],
  );
  const each = (read: (report: (typeof told)[number]['report']) => number): Sample[] =>
    told.map(({ labels, report }) => ({ value: read(report), labels }));
  return [
    gauge(
      'nanod_thread_up',
      'Whether a thread has answered in time',
      threads.map(({ thread, group, report }) => ({
        value: report === undefined ? 0 : 1,
        labels: { thread, group },
      })),
    ),
    counter(
      'nanod_thread_active_seconds_total',
      'Time in which the event loop worked',
      each(({ loop }) => loop.active / 1000),
    ),
    counter(
      'nanod_thread_idle_seconds_total',
      'Time in which the event loop waited',
      each(({ loop }) => loop.idle / 1000),
    ),
    gauge(
      'nanod_thread_delay_p99_seconds',
      'How late timers were since the last look: 99 of 100 were earlier',
      each(({ delay }) => delay.p99 / 1000),
    ),
    gauge(
      'nanod_thread_delay_max_seconds',
      'How late timers were since the last look, at most',
      each(({ delay }) => delay.max / 1000),
    ),
    gauge(
      'nanod_thread_heap_used_bytes',
      'Heap of a thread that is in use',
      each(({ heap }) => heap.used),
    ),
    gauge(
      'nanod_thread_heap_limit_bytes',
      'Heap that a thread may have',
      each(({ heap }) => heap.limit),
    ),
    gauge(
      'nanod_thread_external_bytes',
      'Memory outside of the heap that objects of a thread hold',
      each(({ heap }) => heap.external),
    ),
    counter(
      'nanod_thread_gc_seconds_total',
      'Time that the garbage collector took, since metrics were first asked for',
      told.flatMap(({ labels, report }) =>
        report.collections.map(({ kind, ms }) => ({ value: ms / 1000, labels: { ...labels, kind } })),
      ),
    ),
  ];
}

function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: 'counter', samples };
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: 'gauge', samples };
}

/** Times are counted by powers of two (messages/counters.ts). The sum is not known; buckets give it to a factor of two. */
function histogram(
  name: string,
  help: string,
  series: readonly { readonly labels: Labels; readonly times: readonly number[] }[],
): Family {
  const samples = series.flatMap(({ labels, times }) => {
    let count = 0;
    let sum = 0;
    const buckets = times.map((timed, index): Sample => {
      const limit = (128 * 2 ** index) / 1e9;
      count += timed;
      sum += timed * limit * 0.75;
      return { value: count, labels: { ...labels, le: limit }, metricName: `${name}_bucket` };
    });
    return [
      ...buckets,
      { value: count, labels: { ...labels, le: '+Inf' }, metricName: `${name}_bucket` },
      { value: sum, labels, metricName: `${name}_sum` },
      { value: count, labels, metricName: `${name}_count` },
    ];
  });
  return { name, help, type: 'histogram', samples };
}
