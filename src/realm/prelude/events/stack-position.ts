/** Where an exception arose, read from the text of a stack: what an ErrorEvent tells beside the error. */

import { stackOf } from '../errors/describe.ts';
import {
  ErrorCaptureStackTrace,
  NumberParseInt,
  StringPrototypeIndexOf,
  StringPrototypeLastIndexOf,
  StringPrototypeSlice,
} from '../primordials.ts';

export interface Position {
  readonly filename: string;
  /** From 1; 0 where it is not known. */
  readonly lineno: number;
  readonly colno: number;
}

const UNKNOWN: Position = { filename: '', lineno: 0, colno: 0 };
const FRAME = '\n    at ';

/** The position of the first frame: `at name (file:line:column)` or `at file:line:column`. */
export function firstPosition(stack: string): Position {
  const start = StringPrototypeIndexOf(stack, FRAME);
  if (start < 0) return UNKNOWN;
  const end = StringPrototypeIndexOf(stack, '\n', start + 1);
  const line = StringPrototypeSlice(stack, start + FRAME.length, end < 0 ? stack.length : end);
  const open = StringPrototypeLastIndexOf(line, '(');
  const place = open < 0 ? line : StringPrototypeSlice(line, open + 1, line.length - 1);
  const beforeColumn = StringPrototypeLastIndexOf(place, ':');
  const beforeLine = StringPrototypeLastIndexOf(place, ':', beforeColumn - 1);
  if (beforeLine < 1) return UNKNOWN;
  return {
    filename: StringPrototypeSlice(place, 0, beforeLine),
    lineno: toCount(StringPrototypeSlice(place, beforeLine + 1, beforeColumn)),
    colno: toCount(StringPrototypeSlice(place, beforeColumn + 1)),
  };
}

function toCount(digits: string): number {
  return NumberParseInt(digits, 10) || 0;
}

/** The position of the call that led into `below`, a function of the prelude that is running. */
export function callerPosition(below: (...args: never[]) => unknown): Position {
  try {
    const holder = {};
    ErrorCaptureStackTrace(holder, below);
    return firstPosition(stackOf(holder) ?? '');
  } catch {
    return UNKNOWN;
  }
}
