/**
 * The settings of one wrangler file in one environment: which parts of the file count, after wrangler's rules of inheritance. Keys that
 * nanod does not know, does not have, or has no use for are dealt with here. Runs in the supervisor.
 */
import { describePlace } from '../../shared/errors.ts';
import { quote } from '../../shared/text.ts';
import { nearest } from '../../shared/suggest.ts';
import { describeValue } from '../plain-copy.ts';
import type { Problems } from '../problems.ts';
import {
  environmentKeys,
  fileKeys,
  inheritedKeys,
  laterKeys,
  ownKeys,
  unsupportedKeys,
  warnedKeys,
} from './fields.ts';
import type { Part } from './part.ts';

export type SettingKey = (typeof inheritedKeys)[number] | (typeof ownKeys)[number];

/** What a reader of wrangler files is handed. */
export interface Reading {
  readonly problems: Problems;
  /** What is left out, each with its place, on one line. */
  readonly warnings: string[];
  /** The environment that was asked for. */
  readonly environment: string | undefined;
}

/** What a file says in an environment. */
export interface Settings {
  readonly root: Part;
  /** Its own part of the file, which is the whole file where no environment was asked for. */
  readonly own: Part;
  /** The name of the environment, unless it is the whole file. */
  readonly environment: string | undefined;
  readonly get: (key: SettingKey) => Part | undefined;
}

/** `undefined` after a report when nothing can be made of the file. */
export function readSettings(root: Part, reading: Reading): Settings | undefined {
  const { problems } = reading;
  if (!root.isRecord) {
    const found = describeValue(root.value);
    problems.report('CONFIG_VALUE', { expected: 'an object { name, main, … }', found }, root.place);
    return undefined;
  }
  const environment = chooseEnvironment(root, reading);
  const own = environment ?? root;
  checkKeys(root, [...environmentKeys, ...fileKeys], reading);
  if (environment !== undefined) checkKeys(environment, environmentKeys, reading);
  const parts = new Map<SettingKey, Part>();
  for (const key of ownKeys) keep(parts, key, own.member(key));
  for (const key of inheritedKeys) {
    // Whoever says a route of its own, in either way, has no others.
    const isReplaced = (key === 'route' || key === 'routes') && hasRoutes(own);
    keep(parts, key, own.member(key) ?? (isReplaced ? undefined : root.member(key)));
  }
  refuse(own, root, parts, reading);
  return { root, own, environment: environment && reading.environment, get: (key) => parts.get(key) };
}

function keep(parts: Map<SettingKey, Part>, key: SettingKey, part: Part | undefined): void {
  if (part !== undefined && part.value !== null) parts.set(key, part);
}

function hasRoutes(part: Part): boolean {
  return part.member('route') !== undefined || part.member('routes') !== undefined;
}

/** The part of the environment that was asked for; `undefined` for the whole file, or after a report. */
function chooseEnvironment(root: Part, reading: Reading): Part | undefined {
  const { environment: name, problems } = reading;
  if (name === undefined) return undefined;
  const all = root.member('env');
  if (all === undefined) {
    warn(root, `there are no environments, so --env ${quote(name)} changes nothing in this file`, reading);
    return undefined;
  }
  const found = all.member(name);
  if (found?.isRecord === true) return found;
  if (found !== undefined) {
    const details = { expected: 'an object of settings', found: describeValue(found.value) };
    problems.report('CONFIG_VALUE', details, found.place);
    return undefined;
  }
  const known = all.members.map(([key]) => key);
  const shown = known.length === 0 ? 'none' : known.slice(0, 12).map(quote).join(', ');
  const details = { what: 'environment', name, suggestion: nearest(name, known), known: shown };
  problems.report('CONFIG_UNKNOWN_NAME', details, all.place);
  return undefined;
}

function checkKeys(part: Part, known: readonly string[], { problems }: Reading): void {
  for (const [key, member] of part.members) {
    if (known.includes(key)) continue;
    const suggestion = nearest(key, known);
    const details = { key, suggestion, known: 'those of wrangler', advice: undefined };
    problems.report('CONFIG_UNKNOWN_KEY', details, member.place);
  }
}

/** Reports what is used of what there is not, or not yet, and warns of what is ignored. */
function refuse(own: Part, root: Part, parts: ReadonlyMap<SettingKey, Part>, reading: Reading): void {
  const { problems } = reading;
  for (const [key, advice] of Object.entries(unsupportedKeys)) {
    const part = own.member(key);
    if (part === undefined || part.isEmpty) continue;
    problems.report(
      'CONFIG_UNSUPPORTED',
      { what: `the binding or setting ${quote(key)}`, advice },
      part.place,
    );
  }
  for (const [key, what] of Object.entries(laterKeys)) {
    const part = parts.get(key as SettingKey);
    for (const used of part === undefined ? [] : usedParts(part)) {
      problems.report('CONFIG_NOT_AVAILABLE', { what }, used.place);
    }
  }
  for (const [key, advice] of Object.entries(warnedKeys)) {
    const part = own.member(key) ?? root.member(key);
    if (part !== undefined && !part.isEmpty) warn(part, `ignored; ${advice}`, reading);
  }
}

/** Each item of a list, also of one within an object: `queues.producers[0]`. */
function usedParts(part: Part): readonly Part[] {
  if (part.isEmpty) return [];
  if (part.items !== undefined) return part.items;
  const lists = part.members.flatMap(([, member]) => member.items ?? []);
  return lists.length === 0 && !part.members.every(([, member]) => member.isEmpty) ? [part] : lists;
}

/** Adds a warning about a part. */
export function warn(part: Part, text: string, { warnings }: Reading): void {
  warnings.push(`${describePlace(part.place) ?? 'the configuration'}: ${text}`);
}
