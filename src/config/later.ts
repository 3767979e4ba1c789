/** Data: what users of other tools, and of later versions, write into a configuration that this version does not support. */

function lookUp(table: Readonly<Record<string, string>>): (key: string) => string | undefined {
  return (key) => (Object.hasOwn(table, key) ? table[key] : undefined);
}

const dateInstead =
  'records carry their time in milliseconds since 1970, and `nanod logs` prints it as a date';

/** Attributes of PM2's `apps` (PM2's `lib/API/schema.json`), with what to do today. */
const appAttributes: Readonly<Record<string, string>> = {
  args: 'give values to a worker with `bindings`',
  cacheApiOutbound: '',
  cron: 'write `cron_restart`',
  cwd: 'paths count from the directory of the configuration file',
  durableObjectNamespaces: '',
  durableObjectStorage: '',
  limits: '',
  log_date_format: dateInstead,
  moduleFallback: '',
  port: 'say where to listen in `sockets`',
  post_update: '',
  streamingTails: '',
  tails: '',
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
