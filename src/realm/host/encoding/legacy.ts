/**
 * Decoders for the encodings other than UTF-8, as the Encoding Standard describes them. Node's own (ICU's) differ from it in
 * error recovery, in parts of Big5 and EUC-KR, and cannot hand their state over. https://encoding.spec.whatwg.org/
 *
 * A decoder's state between chunks is one number: bytes that wait for the next chunk, and the mode of ISO-2022-JP. Layout:
 * mode << 26 | count << 24 | up to three bytes, the first of them lowest.
 */

import type { Chunk, LegacyDecoder } from './chunk.ts';
import { makeOutput, textOf } from './output.ts';
import { decodeBig5, decodeEucKr, decodeGb18030 } from './chinese-korean.ts';
import { decodeEucJp, decodeIso2022Jp, decodeShiftJis } from './japanese.ts';
import { decodeSingleByte, decodeUserDefined } from './single-byte.ts';
import { decodeUtf16 } from './utf16.ts';

const FATAL = 1;
const FLUSH = 2;
const MODE_SHIFT = 26;
const COUNT_SHIFT = 24;

const decoders: ReadonlyMap<string, LegacyDecoder> = new Map([
  ['big5', decodeBig5],
  ['euc-jp', decodeEucJp],
  ['euc-kr', decodeEucKr],
  ['gb18030', decodeGb18030],
  ['gbk', decodeGb18030],
  ['iso-2022-jp', decodeIso2022Jp],
  ['shift_jis', decodeShiftJis],
  ['utf-16be', decodeUtf16],
  ['utf-16le', decodeUtf16],
  ['x-user-defined', decodeUserDefined],
]);

/** Where a thread's last legacy decoding left its state. */
export interface LegacyState {
  next: number;
}

export function makeLegacyState(): LegacyState {
  return { next: 0 };
}

/**
 * Text of `bytes` in `encoding` (a name of the standard), going on from `state`; `result.next` is the state after it. Undefined
 * where there is an error and the flags say FATAL.
 */
export function decodeLegacy(
  result: LegacyState,
  encoding: string,
  state: number,
  bytes: Uint8Array,
  flags: number,
): string | undefined {
  const input = withPending(state, bytes);
  const fatal = (flags & FATAL) !== 0;
  const output = makeOutput(input.length, fatal);
  const chunk: Chunk = { input, output, flush: (flags & FLUSH) !== 0, encoding, mode: state >>> MODE_SHIFT };
  const waiting = (decoders.get(encoding) ?? decodeSingleByte)(chunk);
  result.next = stateOf(input, waiting) | (chunk.mode << MODE_SHIFT);
  return fatal && output.failed ? undefined : textOf(output);
}

function withPending(state: number, bytes: Uint8Array): Uint8Array {
  const count = (state >>> COUNT_SHIFT) & 3;
  if (count === 0) return bytes;
  const input = new Uint8Array(count + bytes.length);
  for (let i = 0; i < count; i++) input[i] = (state >>> (8 * i)) & 0xff;
  input.set(bytes, count);
  return input;
}

function stateOf(input: Uint8Array, waiting: number): number {
  let state = waiting << COUNT_SHIFT;
  for (let i = 0; i < waiting; i++) state |= (input[input.length - waiting + i] ?? 0) << (8 * i);
  return state;
}
