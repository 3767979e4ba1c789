/** What several commands print: a deployment, and the list of services. */

import type { DeployReport, ServiceReport } from '../control/api.ts';
import { count, formatDuration, formatTable, shortVersion } from './table.ts';

/** What has changed, and where it can be reached. */
export function formatDeployment(report: DeployReport): string {
  return `${formatChanges(report)}${formatSockets(report)}`;
}

/** What has changed, what has not come back, and on how many threads it runs. */
export function formatChanges({ services, threads, failures }: DeployReport): string {
  const changed = services.filter(({ change }) => change !== 'same');
  const lines = changed.map(({ name, change, version }) =>
    `  ${change.padEnd(8)} ${name} ${shortVersion(version)}`.trimEnd(),
  );
  const same = services.length - changed.length;
  const running = services.filter(({ change }) => change !== 'removed').length;
  const head = `${count(running, 'service')} on ${count(threads, 'thread')}${same === 0 ? '' : `, ${same} unchanged`}`;
  const failed = failures.map(({ source, reason }) => `  failed   ${source}: ${reason}`);
  return [head, ...lines, ...failed, ''].join('\n');
}

export function formatSockets({ sockets }: Pick<DeployReport, 'sockets'>): string {
  const width = Math.max(0, ...sockets.map(({ url }) => url.length));
  return sockets
    .map(({ url, service }) => `  ${url.padEnd(width)}  ${service ?? ''}`.trimEnd() + '\n')
    .join('');
}

export function formatServices(services: readonly ServiceReport[], now: number): string {
  if (services.length === 0) return 'nothing is deployed: nanod start [config]\n';
  const hasNamespaces = services.some(({ namespace }) => namespace !== undefined);
  const rows = services.map((service) => [
    service.name,
    ...(hasNamespaces ? [service.namespace ?? ''] : []),
    service.kind,
    service.group,
    service.state,
    shortVersion(service.version),
    String(service.restarts),
    formatDuration(now - service.deployedAt),
    service.urls.join(' '),
  ]);
  const first = hasNamespaces ? ['name', 'namespace'] : ['name'];
  return formatTable([...first, 'kind', 'group', 'state', 'version', 'restarts', 'age', 'address'], rows);
}
