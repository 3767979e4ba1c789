/** GBK and gb18030, Big5, EUC-KR. https://encoding.spec.whatwg.org/#legacy-multi-byte-chinese-(simplified)-encodings */

import { big5, eucKr, gb18030, gb18030Ranges } from './indexes.ts';
import type { Chunk } from './chunk.ts';
import { emit, emitCodePoint, emitError } from './output.ts';

/** https://encoding.spec.whatwg.org/#gb18030-decoder */
export function decodeGb18030({ input, output, flush }: Chunk): number {
  let at = 0;
  while (at < input.length) {
    const first = input[at] ?? 0;
    if (first < 0x80) {
      emit(output, first);
      at += 1;
      continue;
    }
    if (first === 0x80 || first === 0xff) {
      if (first === 0x80) emit(output, 0x20ac);
      else emitError(output);
      at += 1;
      continue;
    }
    const size = sizeOfGb18030(input, at);
    if (at + size > input.length) {
      if (!flush) return input.length - at;
      emitError(output);
      return 0;
    }
    at +=
      size === 4
        ? emitFourBytes(output, input, at)
        : emitTwoBytes(output, gb18030Unit, first, input[at + 1] ?? 0);
  }
  return 0;
}

/** Bytes needed to decide on what begins at `at`: 2, or 3 and then 4 where a digit comes second. */
function sizeOfGb18030(input: Uint8Array, at: number): 2 | 3 | 4 {
  if (!isDigit(input[at + 1])) return 2;
  return isLead(input[at + 2]) ? 4 : 3;
}

function isLead(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x81 && byte <= 0xfe;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** Returns the number of bytes used: 1 (and an error) where they are no four-byte sequence. */
function emitFourBytes(output: Chunk['output'], input: Uint8Array, at: number): number {
  const third = input[at + 2] ?? 0;
  const fourth = input[at + 3];
  if (!isLead(third) || !isDigit(fourth)) {
    emitError(output);
    return 1;
  }
  const pointer =
    (((input[at] ?? 0) - 0x81) * 10 + (input[at + 1] ?? 0) - 0x30) * 1260 +
    (third - 0x81) * 10 +
    (fourth ?? 0) -
    0x30;
  const codePoint = gb18030RangesCodePoint(pointer);
  if (codePoint === 0) emitError(output);
  else emitCodePoint(output, codePoint);
  return 4;
}

/** 0 for none. */
function gb18030RangesCodePoint(pointer: number): number {
  if (pointer >= 189000) return pointer > 1237575 ? 0 : pointer - 189000 + 0x10000;
  return gb18030Ranges()[pointer] ?? 0;
}

function gb18030Unit(lead: number, trail: number): number {
  if (trail < 0x40 || trail === 0x7f || trail > 0xfe) return 0;
  return gb18030()[(lead - 0x81) * 190 + trail - (trail < 0x7f ? 0x40 : 0x41)] ?? 0;
}

/** Big5's four pointers that stand for two code points each: a letter, and the mark over it. */
const LETTERS_WITH_TWO_MARKS: ReadonlyMap<number, readonly [number, number]> = new Map([
  [1133, [0xca, 0x304]],
  [1135, [0xca, 0x30c]],
  [1164, [0xea, 0x304]],
  [1166, [0xea, 0x30c]],
]);

/** https://encoding.spec.whatwg.org/#big5-decoder */
export function decodeBig5({ input, output, flush }: Chunk): number {
  return decodePairs(input, output, flush, big5CodePoint);
}

function big5CodePoint(lead: number, trail: number, output: Chunk['output']): number {
  if (trail < 0x40 || (trail > 0x7e && trail < 0xa1) || trail > 0xfe) return 0;
  const pointer = (lead - 0x81) * 157 + trail - (trail < 0x7f ? 0x40 : 0x62);
  const pair = LETTERS_WITH_TWO_MARKS.get(pointer);
  if (pair === undefined) return big5()[pointer] ?? 0;
  emit(output, pair[0]);
  return pair[1];
}

/** https://encoding.spec.whatwg.org/#euc-kr-decoder */
export function decodeEucKr({ input, output, flush }: Chunk): number {
  return decodePairs(input, output, flush, eucKrUnit);
}

function eucKrUnit(lead: number, trail: number): number {
  if (trail < 0x41 || trail > 0xfe) return 0;
  return eucKr()[(lead - 0x81) * 190 + trail - 0x41] ?? 0;
}

/** The code point of two bytes, or 0. */
type PairLookup = (lead: number, trail: number, output: Chunk['output']) => number;

/** Text of ASCII bytes and of pairs led by 0x81 to 0xFE. */
function decodePairs(input: Uint8Array, output: Chunk['output'], flush: boolean, lookup: PairLookup): number {
  let at = 0;
  while (at < input.length) {
    const lead = input[at] ?? 0;
    if (lead < 0x80) {
      emit(output, lead);
      at += 1;
    } else if (lead === 0x80 || lead === 0xff) {
      emitError(output);
      at += 1;
    } else if (at + 1 === input.length) {
      if (!flush) return 1;
      emitError(output);
      at += 1;
    } else {
      at += emitTwoBytes(output, lookup, lead, input[at + 1] ?? 0);
    }
  }
  return 0;
}

/** Returns the number of bytes used: an ASCII byte that makes no pair is not used up. */
function emitTwoBytes(output: Chunk['output'], lookup: PairLookup, lead: number, trail: number): number {
  const codePoint = lookup(lead, trail, output);
  if (codePoint === 0) emitError(output);
  else emitCodePoint(output, codePoint);
  return codePoint === 0 && trail < 0x80 ? 1 : 2;
}
