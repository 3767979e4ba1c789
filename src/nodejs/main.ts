/**
 * The modules of Node.js that workers can import: one script, evaluated in a realm when its worker first uses one of them, with the rights of
 * the worker's own code. Every module is evaluated at its first use. The bundler knows the names and their exports (src/bundle/).
 */

import { setLoad } from './registry.ts';

const loaders: Readonly<Record<string, () => { readonly default: object }>> = {
  assert: () => require('./assert.ts'),
  'assert/strict': () => require('./assert-strict.ts'),
  async_hooks: () => require('./async-hooks.ts'),
  buffer: () => require('./buffer.ts'),
  crypto: () => require('./crypto/crypto.ts'),
  diagnostics_channel: () => require('./diagnostics-channel.ts'),
  events: () => require('./events/events.ts'),
  path: () => require('./path.ts'),
  'path/posix': () => require('./path.ts'),
  process: () => require('./process/process.ts'),
  punycode: () => require('./punycode.ts'),
  querystring: () => require('./querystring.ts'),
  stream: () => require('./stream/stream.ts'),
  'stream/consumers': () => require('./stream/consumers.ts'),
  'stream/promises': () => require('./stream/promises.ts'),
  'stream/web': () => require('./stream/web.ts'),
  string_decoder: () => require('./string-decoder.ts'),
  timers: () => require('./timers/timers.ts'),
  'timers/promises': () => require('./timers/promises.ts'),
  url: () => require('./url.ts'),
  util: () => require('./util/util.ts'),
  'util/types': () => require('./util/types.ts'),
};

/** What `require` of a module gives, its `module.exports`; undefined for a name that is none of the above. */
export function load(name: string): object | undefined {
  return Object.hasOwn(loaders, name) ? loaders[name]().default : undefined;
}

setLoad(load);
