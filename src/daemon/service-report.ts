/** What the daemon tells of its services. Pure; runs in the supervisor. */

import { internetService, type Config } from '../config/types.ts';
import type { GroupReport, ServiceReport, SocketReport } from '../control/api.ts';
import type { CrashReport } from '../supervisor/crashes.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';
import type { SavedState, SavedVersion } from './state-file.ts';

export interface ReportPowers {
  readonly stateOf: (service: string) => ServiceReport['state'];
  readonly current: (service: string) => SavedVersion | undefined;
  readonly crashes: (service: string) => CrashReport;
  readonly listening: readonly SocketReport[];
  /** Of the daemon, in milliseconds since 1970. */
  readonly startedAt: number;
}

/** Every service but the implicit one, in the order of the configurations. */
export function reportServices({ sources, restarts }: SavedState, powers: ReportPowers): ServiceReport[] {
  return sources.flatMap(({ source, config, failure }) =>
    config.services
      .filter(({ name }) => name !== internetService)
      .map((service): ServiceReport => {
        const { name, kind } = service;
        const current = powers.current(name);
        const crashes = powers.crashes(name);
        const [last] = crashes.recent;
        const namespace = kind === 'worker' ? service.supervision?.namespace : undefined;
        return {
          name,
          ...(namespace === undefined ? {} : { namespace }),
          kind,
          group: kind === 'worker' ? service.group : '',
          state: failure === undefined ? powers.stateOf(name) : 'errored',
          ...(failure === undefined ? {} : { reason: failure }),
          version: current?.version ?? '',
          deployedAt: current?.deployedAt ?? powers.startedAt,
          restarts: (restarts[name] ?? 0) + crashes.restarts,
          crashes: crashes.count,
          ...(last === undefined
            ? {}
            : { lastCrash: { at: last.at, message: `${last.name}: ${last.message}` } }),
          source,
          ...(config.readWith === undefined ? {} : { readWith: config.readWith }),
          urls: powers.listening.filter((each) => each.service === name).map(({ url }) => url),
        };
      }),
  );
}

/** Every group of a configuration that runs. */
export function reportGroups(
  { groups, sockets }: Config,
  supervisor: Pick<Supervisor, 'listening' | 'threadsOf'>,
): GroupReport[] {
  const groupOf = new Map(sockets.map(({ name, group }) => [name, group]));
  return groups.map(({ name }) => ({
    name,
    threads: supervisor.threadsOf(name),
    sockets: supervisor.listening.filter(({ socket }) => groupOf.get(socket) === name),
  }));
}
