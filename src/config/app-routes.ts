/** `routes` of an app: patterns that lead to it, on the socket where people expect them. Runs in the supervisor. */
import type { Problems } from './problems.ts';
import type { DraftSocket } from './socket-schema.ts';
import { Sourcing } from './sourced.ts';

interface RoutedApp {
  readonly name?: string | undefined;
  readonly routes?: readonly (string | undefined)[] | undefined;
}

/** The sockets, the first that speaks HTTP with the routes of all apps behind its own. */
export function readAppRoutes(
  apps: readonly (RoutedApp | undefined)[],
  sockets: readonly DraftSocket[],
  problems: Problems,
): readonly DraftSocket[] {
  const routes = apps.flatMap((app, index) => {
    const at = new Sourcing(problems, ['apps', index]);
    const service = app?.name === undefined ? undefined : at.sourced({ service: app.name }, 'name');
    return at.list(app?.routes ?? [], 'routes').map((pattern) => ({ pattern, service }));
  });
  const [first] = routes;
  if (first === undefined) return sockets;
  const socket = sockets.find(({ protocol }) => protocol !== 'tcp');
  if (socket === undefined) {
    const expected = 'a socket that speaks HTTP, as there are routes';
    problems.report('CONFIG_MISSING', { expected }, { ...first.pattern.place, path: 'sockets' });
    return sockets;
  }
  const routed = { ...socket, routes: [...(socket.routes ?? []), ...routes] };
  return sockets.map((each) => (each === socket ? routed : each));
}
