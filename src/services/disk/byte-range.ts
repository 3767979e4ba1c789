/** The header Range. Pure; used in threads. https://www.rfc-editor.org/rfc/rfc9110#name-range-requests */

/** The first byte, and how many. */
export interface ByteRange {
  readonly start: number;
  readonly length: number;
}

/**
 * The one part that is asked for. Undefined for the whole: also where several parts are asked for, which nobody has to give, and for what
 * is no range of bytes.
 */
export function byteRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] =
    /^\s*bytes\s*=\s*(\d{0,15})\s*-\s*(\d{0,15})\s*$/iu.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, length };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= size) return 'unsatisfiable';
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return { start, length: end - start + 1 };
}
