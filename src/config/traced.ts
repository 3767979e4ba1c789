/**
 * A value of dialect 1 that was made from another dialect: each part knows where it comes from, and which texts are paths or contents of
 * files, so that errors point into the user's own file and the value can be printed as a file of dialect 1. Runs in the supervisor.
 */
import { relative, sep } from 'node:path';
import type { ErrorPlace } from '../shared/errors.ts';
import { reportedOddity } from './plain-copy.ts';
import { formatPath } from './problems.ts';
import type { ConfigPath, Locator } from './problems.ts';

/** Where a part comes from; called when an error is about it. */
export type Origin = () => ErrorPlace;

/** A part of the value. Discriminated by `kind`. */
export type Traced =
  | { readonly kind: 'plain'; readonly origin: Origin; readonly value: unknown }
  /** A path; absolute here, and counted from the directory of the file in dialect 1. */
  | { readonly kind: 'path'; readonly origin: Origin; readonly path: string }
  /** What a file holds; `value` is what was made of it. */
  | {
      readonly kind: 'content';
      readonly origin: Origin;
      readonly path: string;
      readonly as: 'text' | 'json' | 'bytes';
      readonly value: unknown;
    }
  | { readonly kind: 'record'; readonly origin: Origin; readonly members: ReadonlyMap<string, Traced> }
  | { readonly kind: 'list'; readonly origin: Origin; readonly items: readonly Traced[] };

export function plain(value: unknown, origin: Origin): Traced {
  return { kind: 'plain', value, origin };
}

/** In place of a part whose error has been reported. */
export function wrong(origin: Origin): Traced {
  return plain(reportedOddity, origin);
}

/** An object; members that are `undefined` are left out. */
export function record(
  members: Iterable<readonly [string, Traced | undefined]>,
  origin: Origin,
): Extract<Traced, { kind: 'record' }> {
  const kept = [...members].filter((member): member is [string, Traced] => member[1] !== undefined);
  return { kind: 'record', members: new Map(kept), origin };
}

export function list(items: readonly Traced[], origin: Origin): Traced {
  return { kind: 'list', items, origin };
}

/** A path from a directory, as dialect 1 has it: with `/`, and with `./` in front where it does not lead out. */
export function pathFrom(directory: string, path: string): string {
  const steps = relative(directory, path).split(sep).join('/');
  return steps.startsWith('..') || /^[A-Za-z]:/u.test(steps) ? steps : `./${steps}`;
}

/** The value itself. Paths count from `directory` (absolute). */
export function valueOf(part: Traced, directory: string): unknown {
  switch (part.kind) {
    case 'plain':
    case 'content':
      return part.value;
    case 'path':
      return pathFrom(directory, part.path);
    case 'list':
      return part.items.map((item) => valueOf(item, directory));
    case 'record': {
      const value = Object.create(null) as Record<string, unknown>;
      for (const [key, member] of part.members) value[key] = valueOf(member, directory);
      return value;
    }
  }
}

/** Finds the origin of a path, or that of the nearest part around it with the rest of the path behind it. */
export function locatorOf(root: Traced): Locator {
  return (path) => {
    let part = root;
    for (const [index, step] of path.entries()) {
      const next = partOf(part, step);
      if (next === undefined) return lengthen(part.origin(), path.slice(index));
      part = next;
    }
    return part.origin();
  };
}

function partOf(part: Traced, step: string | number): Traced | undefined {
  if (part.kind === 'record') return part.members.get(String(step));
  return part.kind === 'list' && typeof step === 'number' ? part.items[step] : undefined;
}

function lengthen(place: ErrorPlace, rest: ConfigPath): ErrorPlace {
  const before = place.path ?? '';
  const text = formatPath(rest);
  const separator = before === '' || text === '' || text.startsWith('[') ? '' : '.';
  return { ...place, path: `${before}${separator}${text}` };
}
