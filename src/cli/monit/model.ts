/** What the monitor shows, made of two looks at the daemon. Pure. */

import type { ServiceDetails, VitalsReport } from '../../control/api.ts';
import { formatDuration } from '../table.ts';

/** One look. */
export interface Look {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly services: readonly ServiceDetails[];
  readonly vitals: VitalsReport;
}

export interface ServiceRow {
  readonly name: string;
  readonly state: ServiceDetails['state'];
  /** Each a column, in the order of `serviceHead`. */
  readonly cells: readonly string[];
}

export interface ThreadRow {
  readonly label: string;
  /** Of its time that the event loop has worked since the look before, from 0 to 1; undefined for one that has not answered. */
  readonly load: number | undefined;
  readonly text: string;
}

export interface Screen {
  readonly title: string;
  readonly services: readonly ServiceRow[];
  readonly threads: readonly ThreadRow[];
}

export const serviceHead = [
  'name',
  'state',
  'calls/s',
  'errors/s',
  'in flight',
  'p50',
  'p99',
  'realms',
  'restarts',
];

/** `before`: the look before this one; rates are counted from there. */
export function screenOf(now: Look, before: Look | undefined): Screen {
  const seconds = before === undefined ? 0 : (now.time - before.time) / 1000;
  const former = new Map(before?.services.map((service) => [service.name, service]));
  const { process, threads } = now.vitals;
  const counts = `${now.services.length} services, ${threads.length} threads`;
  const age = formatDuration(now.time - process.startedAt);
  return {
    title: `nanod ${process.version}, up ${age}, ${counts}, ${megabytes(process.rss)}`,
    services: now.services.map((service) => rowOf(service, former.get(service.name), seconds)),
    threads: threads.map((thread) => threadRow(thread, before?.vitals.threads)),
  };
}

function rowOf(service: ServiceDetails, former: ServiceDetails | undefined, seconds: number): ServiceRow {
  const { name, state, waiting, realms, restarts, p50, p99 } = service;
  const rate = (key: 'calls' | 'errors'): string => {
    if (former === undefined || seconds <= 0) return '';
    // A thread that is lost takes its counts with it.
    return (Math.max(0, service[key] - former[key]) / seconds).toFixed(1);
  };
  const counts = [String(waiting), milliseconds(p50), milliseconds(p99), String(realms), String(restarts)];
  return { name, state, cells: [name, state, rate('calls'), rate('errors'), ...counts] };
}

function threadRow(
  { thread, group, report }: VitalsReport['threads'][number],
  before: VitalsReport['threads'] | undefined,
): ThreadRow {
  const label = `${thread} ${group}`;
  if (report === undefined) return { label, load: undefined, text: 'does not answer' };
  const former = before?.find((each) => each.thread === thread)?.report;
  const active = report.activeMs - (former?.activeMs ?? 0);
  const whole = active + report.idleMs - (former?.idleMs ?? 0);
  const load = whole > 0 ? Math.min(1, Math.max(0, active / whole)) : 0;
  const heap = `${megabytes(report.heapUsed)} of ${megabytes(report.heapLimit)}`;
  const delay = `timers ${report.delayP99.toFixed(0)} ms late`;
  return { label, load, text: `${String(Math.round(load * 100)).padStart(3)}%  heap ${heap}  ${delay}` };
}

/** A bar of so many cells for a share from 0 to 1. */
export function bar(share: number, cells: number): string {
  const full = Math.round(share * cells);
  return '█'.repeat(full) + '░'.repeat(cells - full);
}

/** Rows as lines of one width: columns as wide as their widest cell; numbers to the right. */
export function alignRows(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    widths
      .map((width, column) => {
        const cell = row[column] ?? '';
        return column < 2 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  '),
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MB`;
}

function milliseconds(ms: number | undefined): string {
  if (ms === undefined) return '';
  return ms < 1 ? `${(ms * 1000).toFixed(0)} µs` : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}
