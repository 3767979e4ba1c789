/** The single-byte encodings. https://encoding.spec.whatwg.org/#legacy-single-byte-encodings */

import type { Chunk } from './chunk.ts';
import { emit, emitError } from './output.ts';

const REPLACEMENT = '\uFFFD'.charCodeAt(0);
/** Of each encoding the code units of the bytes 0x80 to 0xFF, as the host decodes them. */
const indexes = new Map<string, Uint16Array>();

function indexOf(encoding: string): Uint16Array {
  const known = indexes.get(encoding);
  if (known !== undefined) return known;
  const upper = Uint8Array.from({ length: 128 }, (_, i) => 0x80 + i);
  const text = new TextDecoder(encoding).decode(upper);
  const index = Uint16Array.from(upper, (_, i) => text.charCodeAt(i));
  indexes.set(encoding, index);
  return index;
}

/** Any of them but x-user-defined. */
export function decodeSingleByte({ input, output, encoding }: Chunk): number {
  const index = indexOf(encoding);
  for (const byte of input) {
    const unit = byte < 0x80 ? byte : (index[byte - 0x80] ?? REPLACEMENT);
    if (unit === REPLACEMENT) emitError(output);
    else emit(output, unit);
  }
  return 0;
}

/** https://encoding.spec.whatwg.org/#x-user-defined-decoder */
export function decodeUserDefined({ input, output }: Chunk): number {
  for (const byte of input) emit(output, byte < 0x80 ? byte : 0xf700 + byte);
  return 0;
}
