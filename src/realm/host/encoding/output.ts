/** Code units that a decoder writes, and the text of them. Runs in a thread, in the host realm. */

const REPLACEMENT = 0xfffd;

export interface Output {
  readonly units: Uint16Array;
  length: number;
  readonly fatal: boolean;
  /** An error was met. */
  failed: boolean;
}

/** Room for what `byteLength` bytes can become: no encoding here makes more code units than it has bytes, errors included. */
export function makeOutput(byteLength: number, fatal: boolean): Output {
  return { units: new Uint16Array(byteLength + 4), length: 0, fatal, failed: false };
}

/** Writes a code unit. */
export function emit(output: Output, unit: number): void {
  output.units[output.length++] = unit;
}

/** Writes a code point. */
export function emitCodePoint(output: Output, codePoint: number): void {
  if (codePoint < 0x10000) return emit(output, codePoint);
  emit(output, 0xd800 + ((codePoint - 0x10000) >> 10));
  emit(output, 0xdc00 + ((codePoint - 0x10000) & 0x3ff));
}

/** Writes U+FFFD, and remembers the error. */
export function emitError(output: Output): void {
  output.failed = true;
  emit(output, REPLACEMENT);
}

export function textOf(output: Output): string {
  const { buffer, byteOffset } = output.units;
  return Buffer.from(buffer, byteOffset, output.length * 2).toString('utf16le');
}
