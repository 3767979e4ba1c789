/** Data: what users of other tools, and of later versions, write into a configuration that this version does not support. */

function lookUp(table: Readonly<Record<string, string>>): (key: string) => string | undefined {
  return (key) => (Object.hasOwn(table, key) ? table[key] : undefined);
}

const logsInstead = 'nanod writes its log to stderr, one JSON record a line';

/** Attributes of PM2's `apps` (PM2's `lib/API/schema.json`), with what to do today. */
const appAttributes: Readonly<Record<string, string>> = {
  args: 'give values to a worker with `bindings`',
  cacheApiOutbound: '',
  combine_logs: logsInstead,
  cron: 'write `cron_restart`',
  cwd: 'paths count from the directory of the configuration file',
  disable_logs: logsInstead,
  durableObjectNamespaces: '',
  durableObjectStorage: '',
  err_file: logsInstead,
  error: logsInstead,
  error_file: logsInstead,
  inherit: 'name the same `script` in both apps, each with its own `bindings`',
  limits: '',
  log: logsInstead,
  log_date_format: logsInstead,
  log_file: logsInstead,
  log_type: logsInstead,
  merge_logs: logsInstead,
  moduleFallback: '',
  out: logsInstead,
  out_file: logsInstead,
  output: logsInstead,
  port: 'say where to listen in `sockets`',
  post_update: '',
  streamingTails: '',
  tails: '',
  time: logsInstead,
  triggers: '',
  version: '',
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
  logging: '',
  overrides: '',
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
  [
    'parameter',
    'give each worker the bindings that it needs; for JSON data with such a key, write { json: { … } }',
  ],
  ['queue', storageInstead],
  ['r2', storageInstead],
  ['r2Bucket', storageInstead],
  ['workerLoader', bindingInstead],
]);
