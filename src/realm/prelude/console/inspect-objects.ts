/** Text for objects, by kind. Part of inspect.ts. */

import type { Kind } from '../clone/kinds.ts';
import {
  ArrayPrototypeJoin,
  BigIntPrototypeValueOf,
  BooleanPrototypeValueOf,
  DatePrototypeGetTime,
  DatePrototypeToISOString,
  FunctionPrototypeToString,
  NumberIsNaN,
  NumberPrototypeValueOf,
  ObjectKeys,
  RegExpPrototypeGetFlags,
  RegExpPrototypeGetSource,
  StringPrototypeStartsWith,
  StringPrototypeValueOf,
  SymbolPrototypeValueOf,
} from '../primordials.ts';
import { formatError } from './inspect-errors.ts';
import { formatPrimitive, type InspectContext } from './inspect-context.ts';
import { formatBuffer, formatList, formatMap, formatSet, formatView } from './inspect-lists.ts';
import { formatProperties, formatProperty } from './inspect-properties.ts';
import { layOut } from './layout.ts';
import { constructorName, functionName, isData, prefixOf, prototypeOf, tagOf } from './lookup.ts';
import { inspectionOf } from './registry.ts';

/** Text for an object of a kind. */
export function formatObject(context: InspectContext, value: object, kind: Kind, level: number): string {
  switch (kind) {
    case 'array':
      return formatList(context, value as unknown[], level);
    case 'map':
      return formatMap(context, value as Map<unknown, unknown>, level);
    case 'set':
      return formatSet(context, value as Set<unknown>, level);
    case 'view':
      return formatView(context, value as ArrayBufferView, level);
    case 'buffer':
      return formatBuffer(context, value as ArrayBuffer, level);
    case 'error':
      return formatError(context, value, level);
    case 'function':
      return formatBased(context, value, functionBase(value), level);
    case 'date':
      return formatBased(context, value, dateText(value as Date), level);
    case 'regexp':
      return formatBased(
        context,
        value,
        `/${RegExpPrototypeGetSource(value)}/${RegExpPrototypeGetFlags(value)}`,
        level,
      );
    case 'boolean':
      return formatBoxed(context, value, 'Boolean', BooleanPrototypeValueOf(value), level);
    case 'number':
      return formatBoxed(context, value, 'Number', NumberPrototypeValueOf(value), level);
    case 'bigint':
      return formatBoxed(context, value, 'BigInt', BigIntPrototypeValueOf(value), level);
    case 'string':
      return formatBoxed(context, value, 'String', StringPrototypeValueOf(value), level);
    case 'exotic':
      return formatExotic(context, value, level);
    case 'platform':
      return formatPlatform(context, value, level);
    case 'plain':
      return formatPlain(context, value, level);
  }
}

function formatPlain(context: InspectContext, value: object, level: number): string {
  const prefix = prefixOf(value, 'Object');
  const open = prefix === 'Object ' ? '{' : `${prefix}{`;
  return layOut(context, {
    entries: formatProperties(context, value, level),
    base: '',
    open,
    close: '}',
    level,
  });
}

function formatExotic(context: InspectContext, value: object, level: number): string {
  const name = constructorName(value);
  if (name === 'Symbol') return formatSymbol(context, value, level);
  const entries = formatProperties(context, value, level);
  if (name === 'WeakMap' || name === 'WeakSet') entries[entries.length] = '<items unknown>';
  return layOut(context, { entries, base: '', open: `${prefixOf(value, 'Object')}{`, close: '}', level });
}

function formatSymbol(context: InspectContext, value: object, level: number): string {
  try {
    return formatBoxed(context, value, 'Symbol', SymbolPrototypeValueOf(value), level);
  } catch {
    return formatPlain(context, value, level); // it only inherits from Symbol.prototype
  }
}

/** The fields that the class has registered, then what a worker has added. */
function formatPlatform(context: InspectContext, value: object, level: number): string {
  const fields = inspectionOf(value);
  const entries = fields === undefined ? [] : formatProperties(context, fields, level);
  const keys = ObjectKeys(value);
  for (let i = 0; i < keys.length && context.budget > 0; i++) {
    const key = keys[i] as string;
    if (isData(value, key)) entries[entries.length] = formatProperty(context, value, key, level);
  }
  return layOut(context, { entries, base: '', open: `${prefixOf(value, 'Object')}{`, close: '}', level });
}

/** What has a text of its own, with properties after it only if there are any. */
function formatBased(context: InspectContext, value: object, base: string, level: number): string {
  const entries = formatProperties(context, value, level);
  return entries.length === 0 ? base : layOut(context, { entries, base, open: '{', close: '}', level });
}

function formatBoxed(
  context: InspectContext,
  value: object,
  type: string,
  content: unknown,
  level: number,
): string {
  const name = constructorName(value);
  const more = name === type ? '' : name === null ? ' (null prototype)' : ` (${name})`;
  const skip = typeof content === 'string' ? content.length : 0;
  const entries = formatProperties(context, value, level, skip);
  const base = `[${type}${more}: ${formatPrimitive(content)}]`;
  return entries.length === 0 ? base : layOut(context, { entries, base, open: '{', close: '}', level });
}

function dateText(date: Date): string {
  return NumberIsNaN(DatePrototypeGetTime(date)) ? 'Invalid Date' : DatePrototypeToISOString(date);
}

const FUNCTION_TAGS = ['AsyncFunction', 'GeneratorFunction', 'AsyncGeneratorFunction'];

function functionBase(fn: object): string {
  const name = functionName(fn);
  if (StringPrototypeStartsWith(FunctionPrototypeToString(fn), 'class')) return classBase(fn, name);
  const tag = tagOf(fn);
  let type = 'Function';
  for (let i = 0; i < FUNCTION_TAGS.length; i++) if (FUNCTION_TAGS[i] === tag) type = tag;
  const more = constructorName(fn) === null ? ' (null prototype)' : '';
  return name === '' ? `[${type}${more} (anonymous)]` : `[${type}${more}: ${name}]`;
}

function classBase(fn: object, name: string): string {
  const parts = [`class ${name === '' ? '(anonymous)' : name}`];
  const parent = prototypeOf(fn);
  const parentName = parent === null ? '' : functionName(parent);
  if (parentName !== '') parts[1] = `extends ${parentName}`;
  else if (parent === null) parts[1] = 'extends null';
  return `[${ArrayPrototypeJoin(parts, ' ')}]`;
}
