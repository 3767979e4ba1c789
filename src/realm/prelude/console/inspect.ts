/**
 * Values as text, in the style of Node's util.inspect. Written for hostile values: no getter is called, no proxy is touched, the
 * length of the text is bounded, and nothing is ever thrown.
 */

import { kindOf, type Kind } from '../clone/kinds.ts';
import { isErrorLike } from '../errors/describe.ts';
import {
  BigIntPrototypeToString,
  MapCtor,
  MapPrototypeGet,
  MapPrototypeGetSize,
  MapPrototypeSet,
  ReflectApply,
  StringCtor,
  StringPrototypeRepeat,
  StringPrototypeSlice,
  SymbolFor,
  SymbolPrototypeToString,
} from '../primordials.ts';
import { isCallable } from '../webidl.ts';
import { formatObject } from './inspect-objects.ts';
import { constructorName, inheritedData, isProxy, prototypeOf } from './lookup.ts';
import { quote } from './quote.ts';

export { ownText } from './own-text.ts';

export interface InspectOptions {
  /** Levels of objects in objects; 2 if not given. */
  readonly depth?: number;
  /** Shows properties that are not enumerable. */
  readonly showHidden?: boolean;
}

/** The objects that are being formatted, from the inside out. */
interface Ancestor {
  readonly object: object;
  readonly outer: Ancestor | undefined;
}

const MAX_DEPTH = 100;
const MAX_STRING = 10_000;
/** Characters of one text: what exceeds it is counted, not shown. */
const MAX_TEXT = 64 * 1024;
/** Beyond so many, objects leave out the rest themselves, and say so. */
const BUDGET = 60 * 1024;
/** Libraries define it for Node. */
const CUSTOM = SymbolFor('nodejs.util.inspect.custom');

/** The state of one inspection. */
export class InspectContext {
  readonly depth: number;
  readonly showHidden: boolean;
  /** Spaces in front of the lines of the object at work. */
  indentation = 0;
  /** The level of the object that was formatted last. */
  currentLevel = 0;
  /** Characters left. Whoever finds it used up leaves out the rest. */
  budget = BUDGET;
  ancestors: Ancestor | undefined;
  /** Numbers of the objects that contain themselves. */
  circular: Map<object, number> | undefined;

  constructor(options: InspectOptions) {
    const { depth = 2 } = options;
    this.depth = depth < MAX_DEPTH ? depth : MAX_DEPTH;
    this.showHidden = options.showHidden === true;
  }
}

/** Text for a value. Never throws. */
export function inspect(value: unknown, options: InspectOptions = {}): string {
  try {
    return clipText(formatValue(new InspectContext(options), value, 0));
  } catch {
    return '[a value that cannot be inspected]';
  }
}

/** Cuts a text to the length of one record, and says how much is missing. */
export function clipText(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  return `${StringPrototypeSlice(text, 0, MAX_TEXT)}... ${text.length - MAX_TEXT} more characters`;
}

/** Text for a value at a level; 0 is the outermost. */
export function formatValue(context: InspectContext, value: unknown, level: number): string {
  const text = isObjectLike(value) ? formatReference(context, value, level) : formatPrimitive(value);
  if (text.length < 16) context.budget -= text.length + 2;
  else if (!isObjectLike(value)) context.budget -= text.length;
  return text;
}

function isObjectLike(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** Text for what is no object; strings are quoted. */
export function formatPrimitive(value: unknown): string {
  switch (typeof value) {
    case 'string': {
      const more = value.length - MAX_STRING;
      if (more <= 0) return quote(value);
      return `${quote(StringPrototypeSlice(value, 0, MAX_STRING))}... ${more} more character${more === 1 ? '' : 's'}`;
    }
    case 'number':
      return value === 0 && 1 / value < 0 ? '-0' : StringCtor(value);
    case 'bigint':
      return `${BigIntPrototypeToString(value)}n`;
    case 'symbol':
      return SymbolPrototypeToString(value);
    default:
      return StringCtor(value);
  }
}

function formatReference(context: InspectContext, value: object, level: number): string {
  if (isProxy(value)) return '[Proxy]';
  for (let link = context.ancestors; link !== undefined; link = link.outer) {
    if (link.object === value) return `[Circular *${circularIndex(context, value)}]`;
  }
  const custom = formatCustom(context, value, level);
  if (custom !== undefined) return custom;
  const kind = shownKindOf(value);
  if (level > context.depth && !isLeaf(kind)) return `[${shortName(value, kind)}]`;
  context.currentLevel = level;
  context.ancestors = { object: value, outer: context.ancestors };
  const text = formatObject(context, value, kind, level);
  context.ancestors = context.ancestors.outer;
  const index = context.circular === undefined ? undefined : MapPrototypeGet(context.circular, value);
  return index === undefined ? text : `<ref *${index}> ${text}`;
}

/** What cannot be copied as an error is shown as one all the same. */
function shownKindOf(value: object): Kind {
  const kind = kindOf(value, prototypeOf);
  return (kind === 'plain' || kind === 'platform') && isErrorLike(value, prototypeOf) ? 'error' : kind;
}

function isLeaf(kind: Kind): boolean {
  return kind === 'function' || kind === 'date' || kind === 'regexp' || kind === 'error';
}

function shortName(value: object, kind: Kind): string {
  if (kind === 'array') return 'Array';
  return constructorName(value) ?? 'Object: null prototype';
}

function circularIndex(context: InspectContext, value: object): number {
  const circular = (context.circular ??= new MapCtor<object, number>());
  const known = MapPrototypeGet(circular, value);
  if (known !== undefined) return known;
  const index = MapPrototypeGetSize(circular) + 1;
  MapPrototypeSet(circular, value, index);
  return index;
}

/** What the object's own `[nodejs.util.inspect.custom](depth, options, inspect)` says, if it has one that works. */
function formatCustom(context: InspectContext, value: object, level: number): string | undefined {
  const custom = inheritedData(value, CUSTOM);
  if (!isCallable(custom)) return undefined;
  const ancestors = context.ancestors;
  try {
    const options = { depth: context.depth - level, showHidden: context.showHidden };
    const result: unknown = ReflectApply(custom, value, [context.depth - level, options, inspect]);
    if (result === value) return undefined;
    if (typeof result === 'string') return indentLines(result, context.indentation);
    context.ancestors = { object: value, outer: ancestors };
    return formatValue(context, result, level);
  } catch {
    return undefined;
  } finally {
    context.ancestors = ancestors;
  }
}

/** Indents the lines of a text but for the first. */
export function indentLines(text: string, spaces: number): string {
  if (spaces === 0) return text;
  const space = StringPrototypeRepeat(' ', spaces);
  let result = '';
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '\n') continue;
    result += `${StringPrototypeSlice(text, from, i + 1)}${space}`;
    from = i + 1;
  }
  return result + StringPrototypeSlice(text, from);
}
