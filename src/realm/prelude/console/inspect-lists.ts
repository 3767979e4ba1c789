/** Text for arrays, maps, sets, buffers and views. Part of inspect.ts. */

import {
  ArrayBufferPrototypeGetByteLength,
  ArrayBufferPrototypeGetDetached,
  MapPrototypeForEach,
  MapPrototypeGetSize,
  MathMin,
  NumberCtor,
  NumberPrototypeToString,
  ObjectKeys,
  ObjectPrototypeHasOwnProperty,
  SetPrototypeForEach,
  SetPrototypeGetSize,
  StringCtor,
  StringPrototypePadStart,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeGetTag,
  DataViewPrototypeGetBuffer,
  DataViewPrototypeGetByteLength,
  DataViewPrototypeGetByteOffset,
  Uint8ArrayCtor,
} from '../primordials.ts';
import { formatPrimitive, type InspectContext } from './inspect-context.ts';
import { formatProperties, formatPropertyValue, MANY_ELEMENTS, more } from './inspect-properties.ts';
import { layOut } from './layout.ts';
import { ownData, prefixOf } from './lookup.ts';

const MAX_ITEMS = 100;
const MAX_BYTES = 50;

/** Copies strings to the end of a list. */
function append(list: string[], others: readonly string[]): void {
  for (let i = 0; i < others.length; i++) list[list.length] = others[i] as string;
}

/** Arrays: elements, holes, then other properties. */
export function formatList(context: InspectContext, list: readonly unknown[], level: number): string {
  const { length } = list;
  const prefix = prefixOf(list, 'Array', `(${length})`);
  const open = prefix === `Array(${length}) ` ? '[' : `${prefix}[`;
  const entries: string[] = [];
  const { next, allNumbers } = fillElements(context, list, level, entries);
  const elements = entries.length;
  if (next < length) entries[elements] = more(length - next);
  append(entries, formatProperties(context, list, level, countElements(list)));
  const trailing = entries.length - elements;
  return layOut(context, { entries, base: '', open, close: ']', level, trailing, alignRight: allNumbers });
}

/** Adds the first elements. Returns the index after them, and whether all were numbers. */
function fillElements(
  context: InspectContext,
  list: readonly unknown[],
  level: number,
  entries: string[],
): { next: number; allNumbers: boolean } {
  let index = 0;
  let allNumbers = true;
  while (index < list.length && entries.length < MAX_ITEMS && context.budget > 0) {
    const end = ObjectPrototypeHasOwnProperty(list, index) ? index : endOfHole(list, index);
    if (end > index) {
      entries[entries.length] = `<${end - index} empty item${end - index === 1 ? '' : 's'}>`;
      allNumbers = false;
      index = end;
      continue;
    }
    const type = typeof ownData(list, index);
    if (type !== 'number' && type !== 'bigint') allNumbers = false;
    entries[entries.length] = formatPropertyValue(context, list, index, level);
    index++;
  }
  return { next: index, allNumbers };
}

/** The index of the next element. The names tell, so that a huge hole costs nothing. */
function endOfHole(list: readonly unknown[], start: number): number {
  const keys = ObjectKeys(list);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    if (!isIndex(key)) break;
    if (NumberCtor(key) > start) return NumberCtor(key);
  }
  return list.length;
}

/** How many of the names are those of elements; they come first. */
function countElements(list: readonly unknown[]): number {
  if (list.length > MANY_ELEMENTS) return list.length;
  const keys = ObjectKeys(list);
  let count = 0;
  while (count < keys.length && isIndex(keys[count] as string)) count++;
  return count;
}

function isIndex(key: string): boolean {
  const index = NumberCtor(key);
  return index >= 0 && index < 2 ** 32 - 1 && StringCtor(index) === key;
}

/** Maps: `Map(1) { 'a' => 1 }`. */
export function formatMap(context: InspectContext, map: Map<unknown, unknown>, level: number): string {
  const size = MapPrototypeGetSize(map);
  const keys: unknown[] = [];
  const values: unknown[] = [];
  MapPrototypeForEach(map, (value, key) => {
    if (keys.length >= MAX_ITEMS) return;
    keys[keys.length] = key;
    values[values.length] = value;
  });
  const entries: string[] = [];
  for (let i = 0; i < keys.length && context.budget > 0; i++) {
    entries[i] = `${context.formatInner(keys[i], level)} => ${context.formatInner(values[i], level)}`;
  }
  return finish(context, map, level, entries, size, `${prefixOf(map, 'Map', `(${size})`)}{`, '}');
}

/** Sets: `Set(1) { 'a' }`. */
export function formatSet(context: InspectContext, set: Set<unknown>, level: number): string {
  const size = SetPrototypeGetSize(set);
  const values: unknown[] = [];
  SetPrototypeForEach(set, (value) => {
    if (values.length < MAX_ITEMS) values[values.length] = value;
  });
  const entries: string[] = [];
  for (let i = 0; i < values.length && context.budget > 0; i++)
    entries[i] = context.formatInner(values[i], level);
  return finish(context, set, level, entries, size, `${prefixOf(set, 'Set', `(${size})`)}{`, '}');
}

/** Says how many items are missing, adds the object's properties, and lays it all out. */
function finish(
  context: InspectContext,
  value: object,
  level: number,
  entries: string[],
  size: number,
  open: string,
  close: string,
): string {
  if (entries.length < size) entries[entries.length] = more(size - entries.length);
  append(entries, formatProperties(context, value, level));
  return layOut(context, { entries, base: '', open, close, level });
}

/** Buffers: their first bytes in hexadecimal. */
export function formatBuffer(context: InspectContext, buffer: ArrayBuffer, level: number): string {
  const entries: string[] = [];
  const length = ArrayBufferPrototypeGetByteLength(buffer);
  if (ArrayBufferPrototypeGetDetached(buffer)) entries[0] = '(detached)';
  else entries[0] = `[Uint8Contents]: <${hexBytes(buffer, length)}>`;
  entries[1] = `[byteLength]: ${length}`;
  append(entries, formatProperties(context, buffer, level));
  return layOut(context, {
    entries,
    base: '',
    open: `${prefixOf(buffer, 'ArrayBuffer')}{`,
    close: '}',
    level,
  });
}

function hexBytes(buffer: ArrayBuffer, length: number): string {
  const shown = MathMin(length, MAX_BYTES);
  const bytes = new Uint8ArrayCtor(buffer, 0, shown);
  let text = '';
  for (let i = 0; i < shown; i++) {
    const pair = StringPrototypePadStart(NumberPrototypeToString(bytes[i] as number, 16), 2, '0');
    text += i === 0 ? pair : ` ${pair}`;
  }
  return length > shown ? `${text} ... ${length - shown} more byte${length - shown === 1 ? '' : 's'}` : text;
}

/** Typed arrays as arrays; a DataView as an object. */
export function formatView(context: InspectContext, view: ArrayBufferView, level: number): string {
  const tag = TypedArrayPrototypeGetTag(view);
  if (tag === undefined) return formatDataView(context, view, level);
  const length = TypedArrayPrototypeGetLength(view);
  const entries: string[] = [];
  for (let i = 0; i < length && i < MAX_ITEMS && context.budget > 0; i++) {
    entries[i] = formatPrimitive((view as unknown as ArrayLike<number>)[i]);
  }
  const elements = entries.length;
  if (elements < length) entries[elements] = more(length - elements);
  append(entries, formatProperties(context, view, level, length));
  const trailing = entries.length - elements;
  const open = `${prefixOf(view, tag, `(${length})`)}[`;
  return layOut(context, { entries, base: '', open, close: ']', level, trailing, alignRight: true });
}

function formatDataView(context: InspectContext, view: ArrayBufferView, level: number): string {
  const entries: string[] = [];
  try {
    entries[0] = `[byteLength]: ${DataViewPrototypeGetByteLength(view)}`;
    entries[1] = `[byteOffset]: ${DataViewPrototypeGetByteOffset(view)}`;
  } catch {
    entries[0] = '(out of bounds)';
  }
  entries[entries.length] = `[buffer]: ${context.formatInner(DataViewPrototypeGetBuffer(view), level)}`;
  append(entries, formatProperties(context, view, level));
  return layOut(context, { entries, base: '', open: `${prefixOf(view, 'DataView')}{`, close: '}', level });
}
