/**
 * Values as text, in the style of Node's util.inspect. Written for hostile values: no getter is called, no proxy is touched, the
 * length of the text is bounded, and nothing is ever thrown.
 */

import { kindOf, type Kind } from '../clone/kinds.ts';
import { isErrorLike } from '../errors/describe.ts';
import {
  MapCtor,
  MapPrototypeGet,
  MapPrototypeGetSize,
  MapPrototypeSet,
  ReflectApply,
  SymbolFor,
} from '../primordials.ts';
import { isCallable } from '../webidl.ts';
import {
  clipText,
  formatPrimitive,
  indentLines,
  InspectContext,
  type InspectOptions,
} from './inspect-context.ts';
import { formatObject } from './inspect-objects.ts';
import { constructorName, inheritedData, isProxy, prototypeOf } from './lookup.ts';

export { indentLines } from './inspect-context.ts';
export { ownText } from './own-text.ts';

/** Libraries define it for Node. */
const CUSTOM = SymbolFor('nodejs.util.inspect.custom');

/** Text for a value. Never throws. */
export function inspect(value: unknown, options: InspectOptions = {}): string {
  try {
    return clipText(formatValue(new InspectContext(options, formatValue), value, 0));
  } catch {
    return '[a value that cannot be inspected]';
  }
}

function formatValue(context: InspectContext, value: unknown, level: number): string {
  const text = isObjectLike(value) ? formatReference(context, value, level) : formatPrimitive(value);
  if (text.length < 16) context.budget -= text.length + 2;
  else if (!isObjectLike(value)) context.budget -= text.length;
  return text;
}

function isObjectLike(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
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
    if (typeof result === 'string') {
      context.budget -= result.length;
      return indentLines(result, context.indentation);
    }
    context.ancestors = { object: value, outer: ancestors };
    return formatValue(context, result, level);
  } catch {
    return undefined;
  } finally {
    context.ancestors = ancestors;
  }
}
