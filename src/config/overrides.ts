/**
 * Addresses and directories that the command line says instead of the configuration, or because the configuration leaves them out. They
 * apply to the value of dialect 1, so that every dialect has them. Runs in the supervisor.
 */
import { resolve as resolvePath } from 'node:path';
import type { ErrorPlace } from '../shared/errors.ts';
import { quote } from '../shared/text.ts';
import { nearest } from '../shared/suggest.ts';
import { isRecord } from './plain-copy.ts';
import { formatPath } from './problems.ts';
import type { ConfigPath, Locator, Problems } from './problems.ts';

/** A name of the configuration and what the command line says for it. The last one of a name counts. */
export interface Override {
  readonly name: string;
  readonly value: string;
}

/** By the option that says it. */
export interface Overrides {
  readonly socketAddr?: readonly Override[] | undefined;
  readonly externalAddr?: readonly Override[] | undefined;
  readonly directoryPath?: readonly Override[] | undefined;
  /** Scripts that take the place of services; see replacements.ts. */
  readonly replace?: readonly Override[] | undefined;
}

/** Where a value comes from that an override has replaced; the locator of the file asks this one first. */
export class OverridePlaces {
  readonly #places = new Map<string, ErrorPlace>();

  set(path: ConfigPath, place: ErrorPlace): void {
    this.#places.set(formatPath(path), place);
  }

  before(locate: Locator): Locator {
    return (path) => this.#places.get(formatPath(path)) ?? locate(path);
  }
}

interface Applying {
  /** Absolute: what directories on the command line count from. */
  readonly cwd: string;
  readonly problems: Problems;
  readonly places: OverridePlaces;
}

/** Changes a plain copy. A name that nothing has is reported. */
export function applyOverrides(copy: unknown, overrides: Overrides, applying: Applying): void {
  if (!isRecord(copy)) return;
  const { socketAddr = [], externalAddr = [], directoryPath = [] } = overrides;
  const sockets = listOf(copy['sockets'], 'sockets');
  const services = listOf(copy['services'], 'services');
  const ofKinds = (...kinds: readonly string[]): Item[] =>
    services.filter(({ record }) => kinds.includes(String(record['kind'])));
  for (const override of socketAddr) {
    apply({ option: '--socket-addr', what: 'socket', items: sockets }, override, applying, () => ({
      address: override.value,
    }));
  }
  for (const override of externalAddr) {
    const target = { option: '--external-addr', what: 'external service', items: ofKinds('external') };
    apply(target, override, applying, (record) => externalAddress(override.value, record));
  }
  for (const override of directoryPath) {
    const target = { option: '--directory-path', what: 'directory', items: ofKinds('disk', 'assets') };
    const path = resolvePath(applying.cwd, override.value);
    apply(target, override, applying, ({ kind }) => (kind === 'disk' ? { path } : { directory: path }));
  }
}

interface Item {
  readonly record: Record<string, unknown>;
  readonly path: ConfigPath;
}

function listOf(value: unknown, key: string): Item[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown, index) =>
    isRecord(item) ? [{ record: item, path: [key, index] }] : [],
  );
}

interface Target {
  readonly option: string;
  /** What the option is about, in the singular. */
  readonly what: string;
  readonly items: readonly Item[];
}

function apply(
  { option, what, items }: Target,
  { name, value }: Override,
  { problems, places }: Applying,
  change: (record: Readonly<Record<string, unknown>>) => Readonly<Record<string, string>>,
): void {
  const place = { path: `${option} ${name}=${value}` };
  const found = items.find(({ record }) => record['name'] === name);
  if (found === undefined) {
    const known = items.flatMap(({ record }) => (typeof record['name'] === 'string' ? [record['name']] : []));
    const shown = known.length === 0 ? 'none' : known.slice(0, 12).map(quote).join(', ');
    problems.report(
      'CONFIG_UNKNOWN_NAME',
      () => ({ what, name, suggestion: nearest(name, known), known: shown }),
      place,
    );
    return;
  }
  for (const [key, text] of Object.entries(change(found.record))) {
    found.record[key] = text;
    places.set([...found.path, key], place);
  }
}

const scheme = /^(?<protocol>https?|tcp):\/\//u;

/** An address as workerd's command line takes it gets the protocol that the configuration says. */
function externalAddress(written: string, record: Readonly<Record<string, unknown>>): Record<string, string> {
  if (scheme.test(written)) return { address: written };
  const before =
    typeof record['address'] === 'string' ? scheme.exec(record['address'])?.groups?.['protocol'] : undefined;
  const protocol = typeof record['protocol'] === 'string' ? record['protocol'] : (before ?? 'http');
  return written.startsWith('unix')
    ? { address: written, protocol }
    : { address: `${protocol}://${written}` };
}
