/** The control API of the daemon with what can be asked of its log. Runs in the supervisor. */

import type { ControlApi, PingReport } from '../../control/api.ts';
import { type RouteName, routes } from '../../control/routes.ts';
import type { DaemonLogs } from './daemon-logs.ts';

/** What is asked of the daemon itself. */
export type ApiWithoutLogs = Omit<ControlApi, 'logs' | 'flush' | 'ping'> & {
  ping(): Promise<Omit<PingReport, 'logs'>>;
};

type Method = (request: unknown) => Promise<unknown>;

/** Everything but what is about logs goes to the daemon. */
export function withLogs(daemon: ApiWithoutLogs, logs: DaemonLogs): ControlApi {
  const names = async (): Promise<string[]> => (await daemon.list()).map(({ name }) => name);
  const own: Pick<ControlApi, 'ping' | 'logs' | 'flush'> = {
    ping: async () => ({ ...(await daemon.ping()), logs: logs.report() }),
    logs: async (request) => logs.open(request, await names()),
    flush: async ({ selectors }) => logs.flush(selectors, await names()),
  };
  const methods = daemon as unknown as Readonly<Record<string, Method>>;
  const forward = (name: RouteName) => (request: unknown) => methods[name]?.(request);
  const all = (Object.keys(routes) as RouteName[]).map((name) => [name, forward(name)]);
  return { ...(Object.fromEntries(all) as unknown as ControlApi), ...own };
}
