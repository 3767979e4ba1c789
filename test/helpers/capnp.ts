/** Configurations in workerd's text format in tests: files that are not on a disk, and what becomes of them. */
import { resolve as resolvePath } from 'node:path';
import { loadCapnp } from '../../src/config/load-capnp.ts';
import type { ConfigPowers } from '../../src/config/powers.ts';
import { locatorOf, valueOf } from '../../src/config/traced.ts';
import type { Locator } from '../../src/config/problems.ts';
import { describeError } from '../../src/shared/errors.ts';
import type { NanodError } from '../../src/shared/errors.ts';
import { fakePowers } from './config.ts';

/** By their paths from `/base`. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

export interface Loaded {
  /** In dialect 1, as JSON has it; `undefined` where the file gives none. */
  readonly value: unknown;
  /** `CODE place: message` of every error. */
  readonly described: readonly string[];
  readonly errors: readonly NanodError[];
  readonly locate: Locator;
}

/** The powers of a process whose working directory `/base` has these files and nothing else. */
export function powersOver(files: Files): ConfigPowers {
  const contents = new Map(Object.entries(files).map(([path, data]) => [resolvePath('/base', path), data]));
  return {
    ...fakePowers(),
    statKind: (path) => Promise.resolve(contents.has(path) ? 'file' : 'missing'),
    readBytes: (path, most = Infinity) => {
      const bytes = Buffer.from(contents.get(path) ?? '');
      return Promise.resolve(bytes.subarray(0, most + 1));
    },
  };
}

/** What `config.capnp` among the files comes to. */
export async function load(files: Files, constant?: string): Promise<Loaded> {
  const { root, errors } = await loadCapnp('/base/config.capnp', constant, powersOver(files));
  const described = errors.map((error) => `${error.code} ${describeError(error)}`);
  if (root === undefined) return { value: undefined, described, errors, locate: () => ({}) };
  const value: unknown = JSON.parse(JSON.stringify(valueOf(root, '/base')));
  return { value, described, errors, locate: locatorOf(root) };
}

/** A file with the schema of workerd at hand. */
export function withSchema(text: string): string {
  return `using Workerd = import "/workerd/workerd.capnp";\n${text}`;
}

/** What a value of workerd's type `Config` comes to. */
export function loadConfigValue(value: string, files: Files = {}): Promise<Loaded> {
  return load({ ...files, 'config.capnp': withSchema(`const config :Workerd.Config = ${value};`) });
}

/** What one binding comes to, as the file writes it: `text = "x"`. */
export async function loadBinding(
  binding: string,
  files: Files = {},
): Promise<{ value: unknown; described: readonly string[] }> {
  const worker = `serviceWorkerScript = "", bindings = [(name = "B", ${binding})]`;
  const { value, described } = await loadConfigValue(
    `(services = [(name = "a", worker = (${worker}))])`,
    files,
  );
  const [app] = (value as { apps: { bindings: { B?: unknown } }[] } | undefined)?.apps ?? [];
  return { value: app?.bindings.B, described };
}

/** A text without its mark `¦`, and the position of what the mark stood in front of: `2:7`. */
export function marked(text: string): { readonly text: string; readonly position: string } {
  const before = text.slice(0, text.indexOf('¦'));
  const line = before.split('\n').length;
  const column = before.length - before.lastIndexOf('\n');
  return { text: text.replace('¦', ''), position: `${line}:${column}` };
}

/** What is wrong with a value of the type `Config` in which a mark stands where the first error is expected. */
export async function firstError(written: string): Promise<{
  readonly found: string | undefined;
  readonly described: readonly string[];
  readonly position: string;
}> {
  const { text, position } = marked(withSchema(`const config :Workerd.Config = ${written};`));
  const { described } = await load({ 'config.capnp': text });
  return { found: described[0], described, position: `config.capnp:${position}` };
}
