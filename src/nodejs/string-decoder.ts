/** node:string_decoder: text of chunks of bytes, none of whose characters is torn where the chunks meet. */

import { Buffer } from './buffer.ts';
import { decode, toEncoding } from './encodings.ts';
import type { Encoding } from './encodings.ts';
import { invalidArgType, nodeError } from './errors.ts';

/** How many bytes at the end belong to a character, or a group of base64, that goes on in the next chunk. */
const unfinished: Partial<Record<Encoding, (bytes: Uint8Array) => number>> = {
  utf8: unfinishedUtf8,
  utf16le: unfinishedUtf16,
  base64: (bytes) => bytes.length % 3,
  base64url: (bytes) => bytes.length % 3,
};

function unfinishedUtf8(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back];
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    if (needed <= back || byte > 0xf4 || byte < 0xc2) return 0;
    // A second byte that cannot follow the first makes the sequence wrong already.
    return back === 1 || isSecondByte(byte, bytes[bytes.length - back + 1]) ? back : 0;
  }
  return 0;
}

function isSecondByte(first: number, second: number): boolean {
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  return second >= least && second <= most;
}

function unfinishedUtf16(bytes: Uint8Array): number {
  const odd = bytes.length % 2;
  const high = bytes.length - odd - 1;
  return high > 0 && bytes[high] >= 0xd8 && bytes[high] <= 0xdb ? odd + 2 : odd;
}

/** https://nodejs.org/api/string_decoder.html */
export class StringDecoder {
  readonly encoding: Encoding;
  #rest: Uint8Array = new Uint8Array();

  constructor(encoding?: string) {
    const known = toEncoding(encoding);
    if (known === undefined) throw nodeError('ERR_UNKNOWN_ENCODING', `Unknown encoding: ${String(encoding)}`);
    this.encoding = known;
  }

  get lastNeed(): number {
    return this.#rest.length === 0 ? 0 : this.lastTotal - this.#rest.length;
  }

  get lastTotal(): number {
    if (this.#rest.length === 0) return 0;
    if (this.encoding !== 'utf8') return this.encoding === 'utf16le' ? (this.#rest.length > 1 ? 4 : 2) : 3;
    return this.#rest[0] >= 0xf0 ? 4 : this.#rest[0] >= 0xe0 ? 3 : 2;
  }

  write(chunk: string | ArrayBufferView): string {
    if (typeof chunk === 'string') return chunk;
    if (!ArrayBuffer.isView(chunk))
      throw invalidArgType('buf', 'an instance of Buffer, TypedArray, or DataView', chunk);
    const given = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const bytes = this.#rest.length === 0 ? given : Buffer.concat([this.#rest, given]);
    const length = bytes.length - (unfinished[this.encoding]?.(bytes) ?? 0);
    this.#rest = bytes.slice(length);
    return decode(bytes, this.encoding, 0, length);
  }

  end(chunk?: string | ArrayBufferView): string {
    const text = chunk === undefined ? '' : this.write(chunk);
    const rest = this.#rest;
    this.#rest = new Uint8Array();
    return text + decode(rest, this.encoding, 0, rest.length);
  }

  /** As Node.js has it, undocumented: text from an offset on. */
  text(chunk: Uint8Array, offset: number): string {
    this.#rest = new Uint8Array();
    return this.write(chunk.subarray(offset));
  }
}

export default { StringDecoder };
