/**
 * The control API as a table: one row for each thing that can be asked of the daemon over its socket. The server answers by this table, the
 * client asks by it, and the OpenAPI document is made from it together with schemas.ts. Data only, so that the command line starts fast.
 */

/** A row. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** The path under the socket; requests carry JSON. */
  readonly path: string;
  readonly summary: string;
  /** The answer is a LogStream: lines of JSON that may go on and on. */
  readonly streams?: true;
}

export const routes = Object.freeze({
  ping: { method: 'GET', path: '/v1/ping', summary: 'Whether the daemon is there, and what it is' },
  list: { method: 'GET', path: '/v1/services', summary: 'Every service with its state' },
  select: { method: 'POST', path: '/v1/services/select', summary: 'The services that names and globs mean' },
  describe: { method: 'POST', path: '/v1/services/describe', summary: 'All that is known of services' },
  threads: { method: 'GET', path: '/v1/threads', summary: 'Every group with its threads and sockets' },
  env: { method: 'POST', path: '/v1/services/env', summary: 'What services find in their env' },
  vitals: { method: 'GET', path: '/v1/vitals', summary: 'How the process and its threads are' },
  deploy: {
    method: 'POST',
    path: '/v1/deployments',
    summary: 'Brings a configuration and its bundles into service',
  },
  share: {
    method: 'POST',
    path: '/v1/deployments/share',
    summary: 'Promotes or aborts a deployment that has a share of the requests',
  },
  versions: { method: 'GET', path: '/v1/versions', summary: 'What ran when, newest first' },
  rollback: { method: 'POST', path: '/v1/rollback', summary: 'Brings an earlier version of a service back' },
  act: {
    method: 'POST',
    path: '/v1/services/actions',
    summary: 'Starts, stops, restarts or deletes services',
  },
  scale: { method: 'POST', path: '/v1/groups/scale', summary: 'Changes how many threads a group has' },
  save: { method: 'POST', path: '/v1/save', summary: 'Writes the state to disk now' },
  resurrect: { method: 'POST', path: '/v1/resurrect', summary: 'Brings the saved state back' },
  logs: {
    method: 'POST',
    path: '/v1/logs',
    summary: 'Records of the log, and what comes; one JSON object a line',
    streams: true,
  },
  flush: { method: 'POST', path: '/v1/logs/flush', summary: 'Empties log files' },
  update: { method: 'POST', path: '/v1/update', summary: 'Hands everything over to a new daemon' },
  kill: { method: 'POST', path: '/v1/kill', summary: 'Drains everything and ends the daemon' },
} as const satisfies Readonly<Record<string, Route>>);

export type RouteName = keyof typeof routes;
