/**
 * `env` and `env_NAME` of an app, as PM2's users know them: values that become bindings of the worker. No process has them in its environment.
 * Runs in the supervisor and in scripts.
 */
import { z } from 'zod';
import type { DraftBinding } from './draft.ts';
import { entry } from './manual.ts';
import { placeName } from './problems.ts';
import type { Problems } from './problems.ts';
import type { Sourcing } from './sourced.ts';
import { nearest } from '../shared/suggest.ts';
import { identifier, identifierText, jsonValue } from './values.ts';
import type { Json } from './values.ts';

/** Keys of apps that hold values for one environment. */
export const namedEnvironment = /^env_(\w+)$/u;

/** Values by name. */
export const environmentSchema = entry(
  z.record(
    entry(z.string().regex(identifier), {
      description: 'Name of the binding.',
      expected: `the name of a binding: ${identifierText}`,
    }),
    jsonValue,
  ),
  {
    description: 'Values by name.',
    expected: 'an object of strings and other JSON values',
  },
);

/** What an app says with such keys. */
export interface NamedEnvironments {
  readonly [key: `env_${string}`]: Readonly<Record<string, Json>>;
}

type Values = Readonly<Record<string, unknown>>;

/** An app as it was read: keys that match `namedEnvironment` are environments. */
type ReadApp = Readonly<Record<string, unknown>>;

/** Reads the environments of all apps, and lays the chosen one over `env` in each. */
export class Environments {
  readonly #chosen: string | undefined;
  readonly #problems: Problems;
  readonly #names = new Set<string>();

  constructor(chosen: string | undefined, problems: Problems) {
    this.#chosen = chosen;
    this.#problems = problems;
  }

  /** The bindings that the environment of an app makes, without those whose name is taken by `bindings`. */
  bindings(app: ReadApp, at: Sourcing): DraftBinding[] {
    const values = new Map<string, unknown>();
    for (const [key, environment] of this.#environmentsOf(app)) {
      for (const [name, value] of Object.entries(environment)) {
        if (value === undefined || this.#isTaken(name, key, app, at)) continue;
        if (key === 'env' || key === `env_${this.#chosen}`) values.set(name, value);
      }
    }
    return [...values].map(([name, value]) =>
      typeof value === 'string'
        ? { kind: 'text', name, text: value }
        : { kind: 'json', name, json: JSON.stringify(value) },
    );
  }

  /** Reports an environment that was chosen, and that no app has. */
  checkChosen(): void {
    const name = this.#chosen;
    if (name === undefined || this.#names.has(name)) return;
    const known = [...this.#names].sort();
    const list = known.length === 0 ? 'none: no app has a key env_NAME' : known.join(', ');
    const details = { what: 'environment', name, suggestion: nearest(name, known), known: list };
    this.#problems.report('CONFIG_UNKNOWN_NAME', details, {});
  }

  /** `env` first, whatever the order of the file. */
  #environmentsOf(app: ReadApp): [string, Values][] {
    const found: [string, Values][] = [];
    for (const [key, value] of Object.entries(app)) {
      const name = namedEnvironment.exec(key)?.[1];
      if (name !== undefined) this.#names.add(name);
      if (value === undefined || (name === undefined && key !== 'env')) continue;
      if (key === 'env') found.unshift([key, value as Values]);
      else found.push([key, value as Values]);
    }
    return found;
  }

  #isTaken(name: string, key: string, app: ReadApp, at: Sourcing): boolean {
    const bindings = app['bindings'] as Values | undefined;
    if (bindings === undefined || !Object.hasOwn(bindings, name)) return false;
    const first = placeName(this.#problems.place([...at.path, 'bindings', name]));
    this.#problems.report('CONFIG_DUPLICATE', { what: 'binding name', name, first }, [...at.path, key, name]);
    return true;
  }
}
