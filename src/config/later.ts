/** Data: what users of other tools, and of later versions, write into a configuration that this version does not support. */

function lookUp(table: Readonly<Record<string, string>>): (key: string) => string | undefined {
  return (key) => (Object.hasOwn(table, key) ? table[key] : undefined);
}

const threadsInstead =
  'every thread of a group holds every service of the group: set `threads`, or a group of its own';
const dateInstead =
  'records carry their time in milliseconds since 1970, and `nanod logs` prints it as a date';
const scriptInstead = 'remove it: a worker is bundled from its `script` and runs inside nanod';

/** Attributes of PM2's `apps` (PM2's `lib/API/schema.json`), with what to do today. */
const appAttributes: Readonly<Record<string, string>> = {
  append_env_to_name: '',
  args: 'give values to a worker with `bindings`',
  automation: '',
  autorestart: '',
  autostart: '',
  cacheApiOutbound: '',
  cron: '',
  cron_restart: '',
  cwd: 'paths count from the directory of the configuration file',
  disable_trace: '',
  durableObjectNamespaces: '',
  durableObjectStorage: '',
  exec_interpreter: scriptInstead,
  exec_mode: threadsInstead,
  exp_backoff_restart_delay: '',
  filter_env: 'a worker sees no environment variable that its `bindings` do not name',
  force: '',
  gid: '',
  ignore_watch: '',
  increment_var: '',
  instance_var: threadsInstead,
  instances: threadsInstead,
  interpreter: scriptInstead,
  interpreter_args: scriptInstead,
  kill_timeout: '',
  limits: '',
  listen_timeout: '',
  log_date_format: dateInstead,
  max_memory_restart: '',
  max_restarts: '',
  min_uptime: '',
  moduleFallback: '',
  namespace: '',
  node_args: scriptInstead,
  pid: '',
  pid_file: '',
  pmx: '',
  port: 'say where to listen in `sockets`',
  post_update: '',
  restart_delay: '',
  shutdown_with_message: '',
  source_map_support: 'remove it: stacks are always mapped to the sources',
  stop_exit_codes: '',
  streamingTails: '',
  tails: '',
  trace: '',
  treekill: '',
  triggers: '',
  uid: '',
  version: '',
  vizion: '',
  wait_ready: '',
  watch: '',
  watch_delay: '',
  watch_options: '',
  windowsHide: '',
};

/** Attributes of apps that later versions bring. */
export const laterAttributes: readonly string[] = Object.keys(appAttributes);

/** Keys of `apps[…]`. */
export function laterAppAttribute(key: string): string | undefined {
  return lookUp(appAttributes)(key);
}

/** Keys of the whole configuration. */
export const laterRootKey = lookUp({
  deploy: '',
  env: 'give values to workers with `bindings`',
  logging: 'write `logs`',
  routes: '',
  v8Flags: '',
});

/** Keys of `sockets[…]`. */
export const laterSocketKey = lookUp({
  http: 'the options of HTTP stand in the socket itself',
  https: "write protocol: 'https', and the certificates as `tls`",
  tcp: "write protocol: 'tcp'",
  tlsOptions: 'write `tls`',
});

const storageInstead =
  'for JSON data with such a key, write { json: { … } }; storage comes with a later version';
const bindingInstead = 'for JSON data with such a key, write { json: { … } }';

/** The key that names a kind of binding, and what to do today. */
export const laterBindingKinds: ReadonlyMap<string, string> = new Map([
  ['analyticsEngine', bindingInstead],
  ['d1', storageInstead],
  ['durableObject', storageInstead],
  ['durableObjectClass', storageInstead],
  ['durableObjectNamespace', storageInstead],
  ['hyperdrive', bindingInstead],
  ['kv', storageInstead],
  ['kvNamespace', storageInstead],
  ['queue', storageInstead],
  ['r2', storageInstead],
  ['r2Bucket', storageInstead],
]);
