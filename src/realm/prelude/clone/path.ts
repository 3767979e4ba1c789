/** Where a value stands within another, for messages: `args[0].items[3].callback`. */

import { JSONStringify, RegExpPrototypeExec, StringPrototypeSlice } from '../primordials.ts';

/** A piece of path that is no property: `.keys()`. */
export interface PathStep {
  readonly text: string;
}

/** The name of a property, an array's index as text or number, or a step of another kind. */
export type PathKey = string | number | PathStep;

/** The root itself. */
export const HERE: PathStep = { text: '' };

const MAX_LENGTH = 200;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
const INDEX = /^(?:0|[1-9]\d{0,9})$/;

/** The keys on the way to a value, the last one first. */
export interface Trail {
  readonly key: PathKey;
  readonly before: Trail | undefined;
}

/** `last` follows the keys of the trail. A long path is cut in the middle. */
export function formatPath(root: string, trail: Trail | undefined, last: PathKey): string {
  let path = formatKey(last);
  for (let step = trail; step !== undefined; step = step.before) path = formatKey(step.key) + path;
  path = root + path;
  if (path.length <= MAX_LENGTH) return path;
  const half = MAX_LENGTH / 2;
  return `${StringPrototypeSlice(path, 0, half)} ... ${StringPrototypeSlice(path, path.length - half)}`;
}

function formatKey(key: PathKey): string {
  if (typeof key === 'number') return `[${key}]`;
  if (typeof key === 'object') return key.text;
  if (RegExpPrototypeExec(IDENTIFIER, key) !== null) return `.${key}`;
  if (RegExpPrototypeExec(INDEX, key) !== null) return `[${key}]`;
  return `[${JSONStringify(key)}]`;
}
