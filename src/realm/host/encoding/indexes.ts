/**
 * The indexes of the multi-byte encodings, made at their first use in a thread. They are the host's tables (ICU's), corrected
 * where the Encoding Standard differs; test/realm/encoding.test.ts pins their digests. https://encoding.spec.whatwg.org/#indexes
 *
 * An index gives the code point of a pointer, or 0 for none.
 */

import { BIG5_ROWS } from './big5-rows.ts';

type Index = Uint16Array | Uint32Array;
type BytesOf = (pointer: number) => readonly number[];

const REPLACEMENT = 0xfffd;
const LINE_FEED = 0x0a;

/** Makes an index once, when it is asked for. */
function lazy<T extends Index>(make: () => T): () => T {
  let index: T | undefined;
  return () => (index ??= make());
}

/** Writes into `index` what the host makes of the bytes of each pointer from 0 to `count - 1`. */
function fillFromHost(index: Index, encoding: string, count: number, bytesOf: BytesOf): void {
  // One line each, as no trail byte is a line feed: a malformed sequence cannot swallow its neighbour.
  const input: number[] = [];
  for (let pointer = 0; pointer < count; pointer++) input.push(...bytesOf(pointer), LINE_FEED);
  const lines = new TextDecoder(encoding).decode(new Uint8Array(input)).split('\n');
  for (let pointer = 0; pointer < count; pointer++) {
    const line = lines[pointer] ?? '';
    const codePoint = line.codePointAt(0) ?? 0;
    const single = line.length === (codePoint > 0xffff ? 2 : 1);
    index[pointer] = single && codePoint !== REPLACEMENT ? codePoint : 0;
  }
}

/** Index jis0208 as Shift_JIS sees it: with the private-use rows (8836 to 10715), which EUC-JP and ISO-2022-JP never ask for. */
export const jis0208 = lazy(() => {
  const index = new Uint16Array(11280);
  fillFromHost(index, 'shift_jis', index.length, (pointer) => {
    const row = Math.floor(pointer / 188);
    const cell = pointer % 188;
    return [row + (row < 0x1f ? 0x81 : 0xc1), cell + (cell < 0x3f ? 0x40 : 0x41)];
  });
  return index;
});

/** Index jis0212. The host has IBM's extensions behind its end. */
export const jis0212 = lazy(() => {
  const index = new Uint16Array(7211);
  fillFromHost(index, 'euc-jp', index.length, (pointer) => [
    0x8f,
    0xa1 + Math.floor(pointer / 94),
    0xa1 + (pointer % 94),
  ]);
  return index;
});

/** Index gb18030: the two-byte sequences. */
export const gb18030 = lazy(() => {
  const index = new Uint16Array(23940);
  fillFromHost(index, 'gb18030', index.length, (pointer) => {
    const cell = pointer % 190;
    return [0x81 + Math.floor(pointer / 190), cell + (cell < 0x3f ? 0x40 : 0x41)];
  });
  return index;
});

/** Index gb18030 ranges, spread out: the four-byte sequences within the basic plane. */
export const gb18030Ranges = lazy(() => {
  const index = new Uint16Array(39420);
  fillFromHost(index, 'gb18030', index.length, (pointer) => [
    0x81 + Math.floor(pointer / 12600),
    0x30 + (Math.floor(pointer / 1260) % 10),
    0x81 + (Math.floor(pointer / 10) % 126),
    0x30 + (pointer % 10),
  ]);
  index[39417] = REPLACEMENT; // stands for itself here
  return index;
});

/**
 * Index EUC-KR. The host knows KS X 1001; the standard's is Unified Hangul Code: its other cells hold the syllables that
 * KS X 1001 lacks, in the order of Unicode.
 */
export const eucKr = lazy(() => {
  const index = new Uint16Array(23940);
  fillFromHost(index, 'euc-kr', index.length, (pointer) => [
    0x81 + Math.floor(pointer / 190),
    0x41 + (pointer % 190),
  ]);
  const present = new Set<number>();
  for (let pointer = 0; pointer < index.length; pointer++) {
    const codePoint = index[pointer] ?? 0;
    if (!isKsX1001(pointer) || isPrivateUse(codePoint)) index[pointer] = 0;
    else present.add(codePoint);
  }
  index[eucKrPointer(0xa2, 0xe6)] = 0x20ac;
  index[eucKrPointer(0xa2, 0xe7)] = 0xae;
  let syllable = 0xac00;
  for (let pointer = 0; pointer < index.length; pointer++) {
    if (isKsX1001(pointer) || !isHangulTrail((pointer % 190) + 0x41)) continue;
    while (present.has(syllable)) syllable++;
    if (syllable > 0xd7a3) break;
    index[pointer] = syllable++;
  }
  return index;
});

function eucKrPointer(lead: number, trail: number): number {
  return (lead - 0x81) * 190 + trail - 0x41;
}

function isKsX1001(pointer: number): boolean {
  return pointer >= eucKrPointer(0xa1, 0xa1) && (pointer % 190) + 0x41 >= 0xa1;
}

function isHangulTrail(trail: number): boolean {
  return trail <= 0x5a || (trail >= 0x61 && trail <= 0x7a) || trail >= 0x81;
}

function isPrivateUse(codePoint: number): boolean {
  return codePoint >= 0xe000 && codePoint <= 0xf8ff;
}

/** Index Big5: the host's, with the rows of the Hong Kong Supplementary Character Set and other cells that it lacks. */
export const big5 = lazy(() => {
  const index = new Uint32Array(19782);
  fillFromHost(index, 'big5', index.length, (pointer) => {
    const cell = pointer % 157;
    return [0x81 + Math.floor(pointer / 157), cell + (cell < 0x3f ? 0x40 : 0x62)];
  });
  for (let pointer = 0; pointer < index.length; pointer++) {
    if (isPrivateUse(index[pointer] ?? 0)) index[pointer] = 0;
  }
  for (const [first, text] of BIG5_ROWS) {
    let pointer = first;
    for (const character of text) index[pointer++] = character.codePointAt(0) ?? 0;
  }
  return index;
});
