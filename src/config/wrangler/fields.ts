/**
 * Data: the keys of a wrangler file, and what becomes of each. The inventory is wrangler's type `RawConfig` (workers-sdk,
 * packages/workers-utils/src/config/). Runs in the supervisor.
 */

/** Keys that say what the worker is; an environment has them from the whole file unless it says them itself. */
export const inheritedKeys = [
  'name',
  'main',
  'compatibility_date',
  'compatibility_flags',
  'base_dir',
  'no_bundle',
  'find_additional_modules',
  'rules',
  'alias',
  'tsconfig',
  'minify',
  'route',
  'routes',
  'triggers',
  'assets',
  'limits',
  'migrations',
] as const;

/** Keys that an environment does not have from the whole file. */
export const ownKeys = [
  'define',
  'vars',
  'services',
  'version_metadata',
  'worker_loaders',
  'ratelimits',
  'durable_objects',
  'kv_namespaces',
  'r2_buckets',
  'd1_databases',
  'queues',
  'hyperdrive',
  'analytics_engine_datasets',
  'tail_consumers',
  'streaming_tail_consumers',
  'workflows',
] as const;

/** What a later version brings, and how messages call it. */
export const laterKeys: Readonly<Record<string, string>> = {
  durable_objects: 'Durable Objects',
  migrations: 'Durable Objects',
  kv_namespaces: 'KV namespaces',
  r2_buckets: 'R2 buckets',
  d1_databases: 'D1 databases',
  queues: 'queues',
  hyperdrive: 'Hyperdrive',
  analytics_engine_datasets: 'Analytics Engine datasets',
  tail_consumers: 'tail workers',
  streaming_tail_consumers: 'tail workers',
  workflows: 'workflows',
};

const needsCloudflare =
  'it needs a service that only Cloudflare has: remove it, or bind a service of your own';
const importInstead = 'import the file in the worker';

/** What there is not, with what to do instead. An empty value uses nothing. */
export const unsupportedKeys: Readonly<Record<string, string>> = {
  ai: needsCloudflare,
  ai_search: needsCloudflare,
  ai_search_namespaces: needsCloudflare,
  artifacts: needsCloudflare,
  browser: needsCloudflare,
  cloudchamber: needsCloudflare,
  containers: needsCloudflare,
  data_blobs: importInstead,
  dispatch_namespaces: needsCloudflare,
  flagship: needsCloudflare,
  images: needsCloudflare,
  logfwdr: needsCloudflare,
  media: needsCloudflare,
  mtls_certificates: 'a service of the kind "external" has client certificates of its own',
  pages_build_output_dir: 'say the directory in `assets`',
  pipelines: needsCloudflare,
  secrets_store_secrets: 'say secrets in .dev.vars',
  send_email: needsCloudflare,
  site: 'say the directory in `assets`',
  stream: needsCloudflare,
  text_blobs: importInstead,
  unsafe: 'it names what only Cloudflare has',
  unsafe_hello_world: needsCloudflare,
  vectorize: needsCloudflare,
  vpc_networks: needsCloudflare,
  vpc_services: needsCloudflare,
  wasm_modules: importInstead,
};

/** What has a meaning only at Cloudflare, or for wrangler itself. */
export const ignoredKeys: readonly string[] = [
  '$schema',
  'account_id',
  'cache',
  'compliance_region',
  'definedEnvironments',
  'first_party_worker',
  'keep_vars',
  'legacy_env',
  'logpush',
  'observability',
  'placement',
  'preserve_file_names',
  'preview_urls',
  'previews',
  'python_modules',
  'secrets',
  'send_metrics',
  'upload_source_maps',
  'usage_model',
  'workers_dev',
];

/** What is ignored although somebody may count on it, with what to do. */
export const warnedKeys: Readonly<Record<string, string>> = {
  build: 'its command is not run: run it before nanod',
  jsx_factory: 'name it in the tsconfig of the worker',
  jsx_fragment: 'name it in the tsconfig of the worker',
};

/** Keys that stand beside environments only. */
export const fileKeys = ['dev', 'env'] as const;

/** Every key of an environment. */
export const environmentKeys: readonly string[] = [
  ...inheritedKeys,
  ...ownKeys,
  ...Object.keys(unsupportedKeys),
  ...ignoredKeys,
  ...Object.keys(warnedKeys),
];
