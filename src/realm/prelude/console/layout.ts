/** Puts the parts of an object on one line or on several, in the manner of Node's util.inspect. */

import {
  ArrayPrototypeJoin,
  MathFloor,
  MathMax,
  MathMin,
  MathRound,
  MathSqrt,
  StringPrototypeIncludes,
  StringPrototypePadEnd,
  StringPrototypePadStart,
  StringPrototypeRepeat,
} from '../primordials.ts';
import type { InspectContext } from './inspect-context.ts';

const LINE_WIDTH = 80;
/** An object goes on one line only if it holds fewer levels of others. */
const MAX_INNER_LEVELS = 3;
const GROUPED_FROM = 7;
const MAX_COLUMNS = 15;
/** A character is about two and a half times as high as wide: the columns of a long array make a pleasant rectangle. */
const CHARACTER_RATIO = 2.5;

/** What is between the braces, and how. */
export interface Parts {
  readonly entries: string[];
  /** Text before the brace, if it is not part of it: an error's stack, a function. */
  readonly base: string;
  readonly open: string;
  readonly close: string;
  /** The level of the object; the outermost is 0. */
  readonly level: number;
  /** For arrays: how many of the entries at the end are no elements. */
  readonly trailing?: number;
  readonly alignRight?: boolean;
}

/** One object's text. Lines after the first are indented as far as the context says. */
export function layOut(context: InspectContext, parts: Parts): string {
  const { base, open, close, level, trailing } = parts;
  const before = base === '' ? '' : `${base} `;
  let { entries } = parts;
  if (entries.length === 0) return `${before}${open}${close}`;
  const count = entries.length;
  if (trailing !== undefined && count >= GROUPED_FROM) entries = group(context, parts, trailing);
  if (context.currentLevel - level < MAX_INNER_LEVELS && entries.length === count) {
    const start = count + context.indentation + open.length + base.length + 10;
    if (fitsLine(entries, start, base)) {
      const joined = ArrayPrototypeJoin(entries, ', ');
      if (!StringPrototypeIncludes(joined, '\n')) return `${before}${open} ${joined} ${close}`;
    }
  }
  const newLine = `\n${StringPrototypeRepeat(' ', context.indentation)}`;
  return `${before}${open}${newLine}  ${ArrayPrototypeJoin(entries, `,${newLine}  `)}${newLine}${close}`;
}

function fitsLine(entries: readonly string[], start: number, base: string): boolean {
  let length = entries.length + start;
  if (length + entries.length > LINE_WIDTH) return false;
  for (let i = 0; i < entries.length; i++) {
    length += (entries[i] as string).length;
    if (length > LINE_WIDTH) return false;
  }
  return base === '' || !StringPrototypeIncludes(base, '\n');
}

/** The elements of an array in columns, each row one entry; the entries as they are where that does not help. */
function group(context: InspectContext, parts: Parts, trailing: number): string[] {
  const { entries, alignRight } = parts;
  const count = entries.length - trailing;
  let longest = 0;
  let total = 0;
  for (let i = 0; i < count; i++) {
    const { length } = entries[i] as string;
    total += length + 2;
    longest = MathMax(longest, length);
  }
  const width = longest + 2;
  const worthIt = width * 3 + context.indentation < LINE_WIDTH && (total / width > 5 || longest <= 6);
  if (!worthIt) return entries;
  const bias = MathMax(width - 3 - MathSqrt(width - total / entries.length), 1);
  const columns = MathMin(
    MathRound(MathSqrt(CHARACTER_RATIO * bias * count) / bias),
    MathFloor((LINE_WIDTH - context.indentation) / width),
    MAX_INNER_LEVELS * 4,
    MAX_COLUMNS,
  );
  return columns <= 1 ? entries : toRows(entries, count, columns, alignRight === true);
}

function toRows(entries: readonly string[], count: number, columns: number, alignRight: boolean): string[] {
  const widths: number[] = [];
  for (let column = 0; column < columns; column++) {
    let width = 0;
    for (let i = column; i < count; i += columns) width = MathMax(width, (entries[i] as string).length);
    widths[column] = width + 2;
  }
  const rows: string[] = [];
  for (let start = 0; start < count; start += columns) {
    const end = MathMin(start + columns, count);
    let row = '';
    for (let i = start; i < end; i++) {
      const isLast = i === end - 1;
      const text = isLast ? (entries[i] as string) : `${entries[i] as string}, `;
      const width = (widths[i - start] as number) - (isLast ? 2 : 0);
      if (alignRight) row += StringPrototypePadStart(text, width);
      else row += isLast ? text : StringPrototypePadEnd(text, width);
    }
    rows[rows.length] = row;
  }
  for (let i = count; i < entries.length; i++) rows[rows.length] = entries[i] as string;
  return rows;
}
