/** What ran when, as it is told. Pure. */

import type { VersionReport } from '../control/api.ts';
import type { ShareReport, SideReport } from '../messages/control.ts';
import { changedServices } from './shares.ts';
import { living } from './state-changes.ts';
import type { SavedState } from './state-file.ts';

/** Versions newest first; in front of them those that have a share of the requests. */
export function listVersions(
  { sources, history }: SavedState,
  reports: readonly ShareReport[],
): VersionReport[] {
  const counts = new Map(reports.map((report) => [report.service, report]));
  const shares = new Map<string, NonNullable<VersionReport['share']>>();
  const candidates: VersionReport[] = [];
  for (const source of living(sources)) {
    const { candidate } = source;
    if (candidate === undefined) continue;
    const { percent, versions, since: deployedAt } = candidate;
    for (const { name: service } of changedServices(source)) {
      const report = counts.get(service);
      shares.set(service, sideOf(100 - percent, report?.stable));
      const share = sideOf(percent, report?.candidate);
      const version = versions[service] ?? '';
      candidates.push({ service, version, deployedAt, source: source.source, isCurrent: false, share });
    }
  }
  const past = history.map(({ service, version, deployedAt, source }, index): VersionReport => {
    const isCurrent = history.findIndex((each) => each.service === service) === index;
    const share = isCurrent ? shares.get(service) : undefined;
    return { service, version, deployedAt, source, isCurrent, ...(share === undefined ? {} : { share }) };
  });
  return [...candidates, ...past];
}

function sideOf(
  percent: number,
  { requests, errors }: SideReport = { requests: 0, errors: 0 },
): NonNullable<VersionReport['share']> {
  return { percent, requests, errors };
}
