/** wrangler files in tests: files that are not on a disk, and what becomes of them. */
import { resolve as resolvePath } from 'node:path';
import { loadWrangler } from '../../src/config/load-wrangler.ts';
import type { WranglerOptions } from '../../src/config/load-wrangler.ts';
import { valueOf } from '../../src/config/traced.ts';
import { describeError } from '../../src/shared/errors.ts';
import { powersOver } from './capnp.ts';
import type { Files } from './capnp.ts';

export interface Loaded {
  /** In dialect 1, as JSON has it; `undefined` where the files give none. */
  readonly value: unknown;
  /** `CODE place: message` of every error. */
  readonly described: readonly string[];
  readonly warnings: readonly string[];
}

/** What files come to; the ones that are named, or else the first of all. */
export async function load(
  files: Files,
  options: Partial<WranglerOptions> & { readonly named?: readonly string[] } = {},
): Promise<Loaded> {
  const { named = Object.keys(files).slice(0, 1), environment, secrets = 'text' } = options;
  const paths = named.map((path) => resolvePath('/base', path));
  const { root, errors, warnings } = await loadWrangler(paths, { environment, secrets }, powersOver(files));
  const described = errors.map((error) => `${error.code} ${describeError(error)}`);
  const value: unknown = root && JSON.parse(JSON.stringify(valueOf(root, '/base')));
  return { value, described, warnings };
}

/** What a `wrangler.json` with these settings comes to: its one app, and whatever else is not what every file gives. */
export async function loadApp(
  settings: object,
  files: Files = {},
  options: Partial<WranglerOptions> = {},
): Promise<Loaded & { readonly app: unknown; readonly socket: unknown }> {
  const text = JSON.stringify({ name: 'w', main: 'w.js', ...settings });
  const loaded = await load({ 'wrangler.json': text, ...files }, options);
  const { apps, sockets } = (loaded.value ?? {}) as { apps?: unknown[]; sockets?: unknown[] };
  return { ...loaded, app: apps?.[0], socket: sockets?.[0] };
}
