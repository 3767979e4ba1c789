/** What the parts of inspect share: the state of one inspection, and the texts of primitive values. */

import {
  BigIntPrototypeToString,
  StringCtor,
  StringPrototypeRepeat,
  StringPrototypeSlice,
  SymbolPrototypeToString,
} from '../primordials.ts';
import { quote } from './quote.ts';

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

/** Text for a value at a level; 0 is the outermost. */
export type FormatValue = (context: InspectContext, value: unknown, level: number) => string;

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

  readonly #format: FormatValue;

  constructor(options: InspectOptions, format: FormatValue) {
    this.#format = format;
    const { depth = 2 } = options;
    this.depth = depth < MAX_DEPTH ? depth : MAX_DEPTH;
    this.showHidden = options.showHidden === true;
  }

  /** Text for a value inside of an object of `level`. */
  formatInner(value: unknown, level: number): string {
    this.indentation += 2;
    this.budget -= this.indentation;
    const text = this.#format(this, value, level + 1);
    this.indentation -= 2;
    return text;
  }
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
/** Cuts a text to the length of one record, and says how much is missing. */
export function clipText(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  return `${StringPrototypeSlice(text, 0, MAX_TEXT)}... ${text.length - MAX_TEXT} more characters`;
}
