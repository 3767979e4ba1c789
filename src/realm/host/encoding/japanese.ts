/** EUC-JP, ISO-2022-JP and Shift_JIS. https://encoding.spec.whatwg.org/#legacy-multi-byte-japanese-encodings */

import { jis0208, jis0212 } from './indexes.ts';
import type { Chunk } from './chunk.ts';
import { emit, emitError } from './output.ts';

const HALFWIDTH_KATAKANA = 0xff61 - 0xa1;

/** https://encoding.spec.whatwg.org/#euc-jp-decoder */
export function decodeEucJp({ input, output, flush }: Chunk): number {
  let at = 0;
  while (at < input.length) {
    const lead = input[at] ?? 0;
    if (lead < 0x80) {
      emit(output, lead);
      at += 1;
      continue;
    }
    if (lead !== 0x8e && lead !== 0x8f && (lead < 0xa1 || lead === 0xff)) {
      emitError(output);
      at += 1;
      continue;
    }
    const three = lead === 0x8f && isEucTrail(input[at + 1]);
    const size = three ? 3 : 2;
    if (at + size > input.length) return endOfInput(output, flush, input.length - at);
    const trail = input[at + size - 1] ?? 0;
    const unit = eucJpUnit(three, input[at + size - 2] ?? 0, trail);
    if (unit === 0) emitError(output);
    else emit(output, unit);
    at += unit === 0 && trail < 0x80 ? size - 1 : size;
  }
  return 0;
}

function isEucTrail(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0xa1 && byte <= 0xfe;
}

/** 0 for none. */
function eucJpUnit(three: boolean, lead: number, trail: number): number {
  if (lead === 0x8e) return trail >= 0xa1 && trail <= 0xdf ? HALFWIDTH_KATAKANA + trail : 0;
  if (lead < 0xa1 || !isEucTrail(trail)) return 0;
  const pointer = (lead - 0xa1) * 94 + trail - 0xa1;
  return (three ? jis0212() : jis0208())[pointer] ?? 0;
}

/** https://encoding.spec.whatwg.org/#shift_jis-decoder */
export function decodeShiftJis({ input, output, flush }: Chunk): number {
  let at = 0;
  while (at < input.length) {
    const lead = input[at] ?? 0;
    if (lead <= 0x80) {
      emit(output, lead);
      at += 1;
    } else if (lead >= 0xa1 && lead <= 0xdf) {
      emit(output, HALFWIDTH_KATAKANA + lead);
      at += 1;
    } else if (lead === 0xa0 || lead > 0xfc) {
      emitError(output);
      at += 1;
    } else if (at + 1 === input.length) {
      return endOfInput(output, flush, 1);
    } else {
      const trail = input[at + 1] ?? 0;
      const unit = shiftJisUnit(lead, trail);
      if (unit === 0) emitError(output);
      else emit(output, unit);
      at += unit === 0 && trail < 0x80 ? 1 : 2;
    }
  }
  return 0;
}

/** 0 for none. */
function shiftJisUnit(lead: number, trail: number): number {
  if (trail < 0x40 || trail === 0x7f || trail > 0xfc) return 0;
  const row = lead - (lead < 0xa0 ? 0x81 : 0xc1);
  return jis0208()[row * 188 + trail - (trail < 0x7f ? 0x40 : 0x41)] ?? 0;
}

/** What is incomplete waits for the next chunk, or is one error at the end. */
function endOfInput(output: Chunk['output'], flush: boolean, waiting: number): number {
  if (!flush) return waiting;
  emitError(output);
  return 0;
}

/** The mode is the decoder's output state (two bits), and whether the last thing read was an escape sequence. */
const ASCII = 0;
const ROMAN = 1;
const KATAKANA = 2;
const TWO_BYTES = 3;
const STATE_MASK = 3;
const ESCAPED = 4;
const ESCAPE = 0x1b;

/** https://encoding.spec.whatwg.org/#iso-2022-jp-decoder */
export function decodeIso2022Jp(chunk: Chunk): number {
  const { input, output, flush } = chunk;
  let at = 0;
  while (at < input.length) {
    const byte = input[at] ?? 0;
    const left = input.length - at;
    if (byte === ESCAPE) {
      if (!flush && (left === 1 || (left === 2 && isEscapeStart(input[at + 1])))) return left;
      at += escape(chunk, at);
      continue;
    }
    chunk.mode &= STATE_MASK;
    if (chunk.mode !== TWO_BYTES) {
      emitSingle(output, chunk.mode, byte);
      at += 1;
    } else if (byte < 0x21 || byte > 0x7e) {
      emitError(output);
      at += 1;
    } else if (left === 1) {
      return endOfInput(output, flush, 1);
    } else {
      at += emitDouble(output, byte, input[at + 1] ?? 0);
    }
  }
  return 0;
}

function emitSingle(output: Chunk['output'], state: number, byte: number): void {
  if (state === KATAKANA) {
    if (byte >= 0x21 && byte <= 0x5f) emit(output, 0xff61 - 0x21 + byte);
    else emitError(output);
  } else if (byte > 0x7f || byte === 0x0e || byte === 0x0f) {
    emitError(output);
  } else if (state === ROMAN && (byte === 0x5c || byte === 0x7e)) {
    emit(output, byte === 0x5c ? 0xa5 : 0x203e);
  } else {
    emit(output, byte);
  }
}

/** Returns the number of bytes used: an escape sequence that follows a lone lead byte is not used up. */
function emitDouble(output: Chunk['output'], lead: number, trail: number): number {
  const inRange = trail >= 0x21 && trail <= 0x7e;
  const unit = inRange ? (jis0208()[(lead - 0x21) * 94 + trail - 0x21] ?? 0) : 0;
  if (unit === 0) emitError(output);
  else emit(output, unit);
  return trail === ESCAPE ? 1 : 2;
}

function isEscapeStart(byte: number | undefined): boolean {
  return byte === 0x24 || byte === 0x28;
}

/** At 0x1B. Returns the number of bytes used: 3 for an escape sequence, 1 (and an error) for anything else. */
function escape(chunk: Chunk, at: number): number {
  const state = escapeState(chunk.input[at + 1], chunk.input[at + 2]);
  const escaped = (chunk.mode & ESCAPED) !== 0;
  if (state === undefined || escaped) emitError(chunk.output);
  chunk.mode = state === undefined ? chunk.mode & STATE_MASK : state | ESCAPED;
  return state === undefined ? 1 : 3;
}

function escapeState(first: number | undefined, second: number | undefined): number | undefined {
  if (first === 0x24) return second === 0x40 || second === 0x42 ? TWO_BYTES : undefined;
  if (first !== 0x28) return undefined;
  if (second === 0x42) return ASCII;
  if (second === 0x4a) return ROMAN;
  return second === 0x49 ? KATAKANA : undefined;
}
