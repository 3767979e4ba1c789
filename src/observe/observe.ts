/** Puts together what is told about a deployment on its admin sockets. Metrics are loaded when somebody asks for them. Runs in the supervisor. */

import type { Supervisor } from '../supervisor/supervisor.ts';
import { AdminSockets } from './admin-sockets.ts';
import type { Metrics, Observed } from './metrics.ts';

export interface ObservePowers {
  readonly supervisor: Supervisor;
  readonly services: () => Observed['services'] | Promise<Observed['services']>;
  readonly onFault: (error: unknown) => void;
}

/** Nothing is listened on yet. */
export function makeAdminSockets({ supervisor, services, onFault }: ObservePowers): AdminSockets {
  let metrics: Promise<Metrics> | undefined;
  const load = async (): Promise<Metrics> => {
    const { Metrics: Loaded } = await import('./metrics.ts');
    return new Loaded(async () => ({ threads: await supervisor.observe(), services: await services() }));
  };
  return new AdminSockets({
    metrics: () => (metrics ??= load()),
    problems: () => supervisor.problems(),
    onFault,
  });
}
