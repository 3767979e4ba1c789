/**
 * Edits of a text at known offsets; foremost those that keep every other character where it is, line and column, so that a source map made
 * for the text before holds for the text after. Pure functions.
 */

/** Replaces the characters from `start` to `end`. */
export interface Edit {
  /** UTF-16 offsets, from 0. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** An edit of the characters from `start` on; a shorter replacement is filled up with spaces to `end`. */
export function replace(start: number, end: number, text: string): Edit {
  return { start, end, text: text.padEnd(end - start) };
}

/** An edit that leaves nothing of a statement but the end of the statement before it, and the line breaks in it. */
export function blank(text: string, start: number, end: number): Edit {
  return {
    start,
    end,
    text: `;${text.slice(start + 1, end).replace(/[^\r\n\u2028\u2029]/gu, (c) => ' '.repeat(c.length))}`,
  };
}

/** Applies edits that do not overlap, in any order. Throws when one would move what follows it. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const longer = edits.find((edit) => edit.text.length !== edit.end - edit.start);
  if (longer !== undefined) throw new Error(`an edit at ${longer.start} changes the length`);
  return splice(text, edits);
}

/** The same for edits of any length, where no source map follows the text. */
export function splice(text: string, edits: readonly Edit[]): string {
  const parts: string[] = [];
  let position = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    if (edit.start < position) throw new Error(`an edit at ${edit.start} overlaps another`);
    parts.push(text.slice(position, edit.start), edit.text);
    position = edit.end;
  }
  parts.push(text.slice(position));
  return parts.join('');
}
