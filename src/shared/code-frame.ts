/**
 * Code frames: the lines around a position of a source text, with the position marked, for people to read in a terminal. Pure
 * functions; used by everything that reports errors in a user's files.
 */
import { printable } from './text.ts';

const linesAround = 2;
const widestLine = 110;

/** A position in a text. Both numbers count from 1; without a column the whole line is marked. */
export interface TextPosition {
  readonly line: number;
  readonly column?: number | undefined;
}

/** A function from UTF-16 offsets (from 0) within a text to positions; each call takes logarithmic time. */
export function lineIndex(text: string): (offset: number) => { line: number; column: number } {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? Infinity) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

/**
 * Two lines of context on each side, line numbers, `>` at the line and `^` under the column. Lines are cut around the column when they
 * are wide, and control characters are escaped. `undefined` when the text has no such line.
 */
export function codeFrame(source: string, position: TextPosition): string | undefined {
  const first = Math.max(1, position.line - linesAround);
  const lines = linesFrom(source, first, position.line + linesAround);
  const last = first + lines.length - 1;
  if (position.line < 1 || position.line > last) return undefined;
  const gutter = String(last).length;
  const from = Math.max(0, (position.column ?? 1) - Math.floor(widestLine / 2));
  const frame: string[] = [];
  for (let number = first; number <= last; number += 1) {
    const text = lines[number - first] ?? '';
    const marker = number === position.line ? '>' : ' ';
    frame.push(
      `${marker} ${String(number).padStart(gutter)} | ${visible(text.slice(from, from + widestLine))}`.trimEnd(),
    );
    if (number === position.line && position.column !== undefined) {
      const indent = visible(text.slice(from, position.column - 1)).replace(/./gu, ' ');
      frame.push(`  ${' '.repeat(gutter)} | ${indent}^`);
    }
  }
  return frame.join('\n');
}

/** The lines of these numbers, as far as they are there; a text may have millions of others. */
function linesFrom(source: string, first: number, last: number): string[] {
  const lines: string[] = [];
  let start = 0;
  for (let number = 1; number <= last; number += 1) {
    const end = source.indexOf('\n', start);
    if (number >= first)
      lines.push((end === -1 ? source.slice(start) : source.slice(start, end)).replace(/\r$/u, ''));
    if (end === -1) break;
    start = end + 1;
  }
  return lines;
}

function visible(text: string): string {
  return printable(text.replaceAll('\t', '  '));
}
