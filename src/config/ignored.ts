/** Data: attributes of PM2's apps that mean nothing here, and are accepted with a warning, so that a file that PM2 reads can be used as it is. */

const oneProcess = 'workers run in threads of one process';

const attributes: Readonly<Record<string, string>> = {
  append_env_to_name: 'names stay as they are written',
  automation: 'it belongs to PM2',
  disable_trace: 'it belongs to PM2',
  exec_interpreter: oneProcess,
  exec_mode: 'every thread of a group holds every worker of the group',
  filter_env: 'a worker sees no environment variable that its `bindings` do not name',
  force: 'a deployment is never refused for what runs already',
  gid: 'every worker runs as the user of nanod',
  increment_var: 'a worker has no number',
  instance_var: 'a worker has no number',
  interpreter: oneProcess,
  interpreter_args: oneProcess,
  node_args: oneProcess,
  pid: oneProcess,
  pid_file: oneProcess,
  pmx: 'it belongs to PM2',
  shutdown_with_message: 'requests end, and then the worker does',
  source_map_support: 'stacks are always mapped to the sources',
  stop_exit_codes: 'a worker has no exit code',
  trace: 'it belongs to PM2',
  treekill: 'a worker starts no process',
  uid: 'every worker runs as the user of nanod',
  vizion: 'nanod looks at no version control',
  watch_options: 'say what is watched with `watch`, `ignore_watch` and `watch_delay`',
  windowsHide: oneProcess,
};

/** Those attributes. */
export const ignoredAttributes: readonly string[] = Object.keys(attributes);

/** Why an attribute is ignored; `undefined` for one that is not. */
export function ignoredAppAttribute(key: string): string | undefined {
  return Object.hasOwn(attributes, key) ? attributes[key] : undefined;
}
