/** The bindings of a wrangler file in dialect 1. Runs in the supervisor. */
import { describeValue } from '../plain-copy.ts';
import { formatPath, placeName } from '../problems.ts';
import { record, wrong } from '../traced.ts';
import type { Traced } from '../traced.ts';
import type { Part } from './part.ts';
import { warn } from './settings.ts';
import type { Reading, Settings } from './settings.ts';

/** `{ NAME: binding }`, secrets over variables of the same name. */
export function convertBindings(
  settings: Settings,
  secrets: ReadonlyMap<string, Traced>,
  reading: Reading,
): Traced | undefined {
  const bindings = new Bindings(reading);
  const { get } = settings;
  for (const [name, part] of variables(get('vars'), bindings)) {
    if (!secrets.has(name)) bindings.add(name, part, variable(part));
  }
  for (const [item, name] of bindings.items(get('services'), 'binding'))
    bindings.add(name, item, service(item, bindings, reading));
  for (const [item, name] of bindings.items(get('worker_loaders'), 'binding'))
    bindings.add(name, item, tagged('workerLoader', record([], item.origin), item));
  for (const [item, name] of bindings.items(get('ratelimits'), 'name'))
    bindings.add(name, item, rateLimit(item));
  const metadata = get('version_metadata');
  const metadataName = metadata && bindings.nameOf(metadata, 'binding');
  if (metadata !== undefined && metadataName !== undefined)
    bindings.add(metadataName, metadata, tagged('versionMetadata', record([], metadata.origin), metadata));
  for (const [name, value] of secrets) bindings.members.set(name, value);
  return bindings.members.size === 0 ? undefined : record(bindings.members, settings.own.origin);
}

class Bindings {
  readonly members = new Map<string, Traced>();
  readonly #reading: Reading;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  add(name: string, part: Part, value: Traced): void {
    const first = this.members.get(name);
    if (first === undefined) this.members.set(name, value);
    else {
      const details = { what: 'binding', name, first: placeName(first.origin()) };
      this.#reading.problems.report('CONFIG_DUPLICATE', details, part.place);
    }
  }

  /** The objects of a list, with the name that each gives to its binding. */
  items(part: Part | undefined, key: string): [Part, string][] {
    if (part === undefined) return [];
    if (part.items === undefined) {
      this.mismatch(part, 'an array of objects');
      return [];
    }
    return part.items.flatMap((item) => {
      const name = this.nameOf(item, key);
      return name === undefined ? [] : [[item, name]];
    });
  }

  nameOf(item: Part, key: string): string | undefined {
    if (!item.isRecord) return this.mismatch(item, `an object { ${key}, … }`);
    const name = item.member(key);
    if (name === undefined) {
      this.missing(item, key, 'the name of the binding');
      return undefined;
    }
    return name.text ?? this.mismatch(name, 'the name of the binding');
  }

  missing(item: Part, key: string, expected: string): void {
    const path = formatPath([...item.path, key]);
    this.#reading.problems.report('CONFIG_MISSING', { expected }, { ...item.place, path });
  }

  mismatch(part: Part, expected: string): undefined {
    this.#reading.problems.report('CONFIG_VALUE', { expected, found: describeValue(part.value) }, part.place);
  }
}

function variables(vars: Part | undefined, bindings: Bindings): (readonly [string, Part])[] {
  if (vars !== undefined && !vars.isRecord) bindings.mismatch(vars, 'an object of variables');
  return vars?.members ?? [];
}

/** Text is text, and everything else is JSON. */
function variable(part: Part): Traced {
  return part.text === undefined ? tagged('json', part.mirror(), part) : part.plain(part.text);
}

/** Keys that dialect 1 does not know are passed on, and refused there. */
function service(item: Part, bindings: Bindings, reading: Reading): Traced {
  const environment = item.member('environment');
  if (environment !== undefined)
    warn(environment, 'environment is ignored: name the service in `service`', reading);
  if (item.member('service') === undefined) {
    bindings.missing(item, 'service', 'the name of a service');
    return wrong(item.origin);
  }
  const kept = item.members.filter(([key, part]) => !unused.has(key) && !(key === 'remote' && part.isEmpty));
  return record(
    kept.map(([key, part]) => [key, part.mirror()]),
    item.origin,
  );
}

const unused = new Set(['binding', 'environment']);

/** Bindings of one namespace count together, in wrangler and here. */
function rateLimit(item: Part): Traced {
  const namespace = item.member('namespace_id');
  const simple = item.member('simple');
  if (simple?.isRecord === false) return tagged('ratelimit', simple.mirror(), item);
  const id =
    typeof namespace?.value === 'number' ? namespace.plain(String(namespace.value)) : namespace?.mirror();
  const fields = (simple?.members ?? []).map(([key, part]): [string, Traced] => [key, part.mirror()]);
  return tagged('ratelimit', record([['id', id], ...fields], (simple ?? item).origin), item);
}

function tagged(tag: string, content: Traced, part: Part): Traced {
  return record([[tag, content]], part.origin);
}
