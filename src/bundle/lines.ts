/** Lines of a script, as V8 counts them. Pure functions. */

const lineEnd = /\r\n|[\n\r\u2028\u2029]/gu;

/** A look-up function from UTF-16 offsets (from 0) to positions (from 1). Finds the lines at the first look-up. */
export function linesOf(text: string): (offset: number) => { line: number; column: number } {
  let starts: number[] | undefined;
  return (offset) => {
    starts ??= [0, ...Array.from(text.matchAll(lineEnd), (found) => found.index + found[0].length)];
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}
