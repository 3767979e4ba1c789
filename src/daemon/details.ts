/** What is known of a service beyond the list: its calls, its realms, and how what is behind it has been doing. Pure. */

import type { ServiceDetails, ServiceHealth, ServiceReport } from '../control/api.ts';
import { quantile, sumEdges, sumServices, type ObservedThread } from '../supervisor/counters.ts';

/** Sums over the threads that have answered, since they began. */
export function detailsOf(service: ServiceReport, threads: readonly ObservedThread[]): ServiceDetails {
  const reports = threads.flatMap(({ report }) => report ?? []);
  const sums = sumServices(sumEdges(reports.map(({ edges }) => edges)));
  const sum = sums.find((each) => each.service === service.name);
  const own = reports.flatMap(({ services }) => services.filter((each) => each.service === service.name));
  const health = own.flatMap((each) => each.health ?? []).reduce<ServiceHealth | undefined>(worse, undefined);
  const times = sum?.times ?? [];
  return {
    ...service,
    realms: own.reduce((count, { realms }) => count + realms, 0),
    calls: sum?.calls ?? 0,
    errors: sum?.errors ?? 0,
    canceled: sum?.canceled ?? 0,
    waiting: sum?.waiting ?? 0,
    ...withTime('p50', quantile(times, 0.5)),
    ...withTime('p99', quantile(times, 0.99)),
    ...(health === undefined ? {} : { health }),
  };
}

function withTime(name: 'p50' | 'p99', ms: number): Partial<Record<'p50' | 'p99', number>> {
  return Number.isNaN(ms) ? {} : { [name]: ms };
}

/** What two threads have seen. */
function worse(a: ServiceHealth | undefined, b: ServiceHealth): ServiceHealth {
  if (a === undefined) return b;
  const failure = (a.lastFailure?.time ?? 0) > (b.lastFailure?.time ?? 0) ? a.lastFailure : b.lastFailure;
  const success = Math.max(a.lastSuccess ?? 0, b.lastSuccess ?? 0);
  const later = (a.lastSuccess ?? 0) > (b.lastSuccess ?? 0) ? a : b;
  return {
    answered: a.answered + b.answered,
    failed: a.failed + b.failed,
    refused: a.refused + b.refused,
    retried: a.retried + b.retried,
    consecutiveFailures: Math.max(a.consecutiveFailures, b.consecutiveFailures),
    lastSuccess: success === 0 ? undefined : success,
    lastFailure: failure,
    lastLatency: later.lastLatency,
    meanLatency: later.meanLatency,
  };
}
