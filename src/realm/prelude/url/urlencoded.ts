/** application/x-www-form-urlencoded. A list of pairs is one flat array: name, value, name, value. https://url.spec.whatwg.org/#urlencoded-parsing */

import {
  ArrayPrototypeJoin,
  StringFromCharCode,
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeToUpperCase,
  NumberPrototypeToString,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetLength,
  Uint8ArrayCtor,
} from '../primordials.ts';
import { utf8Decode, utf8Encode } from '../encoding/utf8.ts';

/** The pairs of a string. */
export function parseUrlencoded(input: string): string[] {
  const list: string[] = [];
  const length = input.length;
  for (let start = 0; start < length;) {
    let end = StringPrototypeIndexOf(input, '&', start);
    if (end === -1) end = length;
    if (end > start) addPair(list, StringPrototypeSlice(input, start, end));
    start = end + 1;
  }
  return list;
}

function addPair(list: string[], text: string): void {
  const equals = StringPrototypeIndexOf(text, '=');
  const name = equals === -1 ? text : StringPrototypeSlice(text, 0, equals);
  const value = equals === -1 ? '' : StringPrototypeSlice(text, equals + 1);
  list[list.length] = decodeComponent(name);
  list[list.length] = decodeComponent(value);
}

/**
 * The pairs of bytes, which differ from those of their text where a malformed sequence continues in percent-encoded bytes: so what is
 * malformed is percent-encoded first.
 */
export function parseUrlencodedBytes(bytes: Uint8Array): string[] {
  let text: string;
  try {
    text = utf8Decode(bytes, { ignoreBOM: true, fatal: true });
  } catch {
    text = escapeBytes(bytes);
  }
  return parseUrlencoded(text);
}

function escapeBytes(bytes: Uint8Array): string {
  const parts: string[] = [];
  const length = TypedArrayPrototypeGetLength(bytes);
  for (let i = 0; i < length; i++) {
    const byte = bytes[i] as number;
    parts[i] = byte < 0x80 ? StringFromCharCode(byte) : (PERCENT_ENCODED[byte] as string);
  }
  return ArrayPrototypeJoin(parts, '');
}

const PERCENT = 0x25;
const PLUS = 0x2b;
const SPACE = 0x20;

function decodeComponent(text: string): string {
  if (StringPrototypeIndexOf(text, '%') !== -1) return percentDecode(text, SPACE);
  return StringPrototypeIndexOf(text, '+') === -1 ? text : plusToSpace(text);
}

function plusToSpace(text: string): string {
  let result = '';
  let start = 0;
  for (let at = StringPrototypeIndexOf(text, '+'); at !== -1; at = StringPrototypeIndexOf(text, '+', start)) {
    result += `${StringPrototypeSlice(text, start, at)} `;
    start = at + 1;
  }
  return result + StringPrototypeSlice(text, start);
}

/** The text of the bytes that a text stands for. A plus sign is the byte `plus`. https://url.spec.whatwg.org/#string-percent-decode */
export function percentDecode(text: string, plus = PLUS): string {
  const bytes = utf8Encode(text); // decoded in place: the result is never longer
  const length = TypedArrayPrototypeGetLength(bytes);
  let written = 0;
  for (let i = 0; i < length; i++) {
    const byte = bytes[i] as number;
    const value =
      byte === PERCENT && i + 2 < length ? hexPair(bytes[i + 1] as number, bytes[i + 2] as number) : -1;
    if (value !== -1) i += 2;
    bytes[written++] = value !== -1 ? value : byte === PLUS ? plus : byte;
  }
  return utf8Decode(new Uint8ArrayCtor(TypedArrayPrototypeGetBuffer(bytes), 0, written), KEEP_BOM);
}

const KEEP_BOM = { ignoreBOM: true };

/** -1 where one is no hex digit. */
function hexPair(high: number, low: number): number {
  const first = hexDigit(high);
  const second = hexDigit(low);
  return first === -1 || second === -1 ? -1 : first * 16 + second;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** By byte: itself where it needs no encoding, `+` for a space, else its percent-encoding. */
const SERIALIZED: string[] = [];
const PERCENT_ENCODED: string[] = [];
for (let byte = 0; byte < 256; byte++) {
  const hex = StringPrototypeToUpperCase(NumberPrototypeToString(byte, 16));
  PERCENT_ENCODED[byte] = (byte < 16 ? '%0' : '%') + hex;
  SERIALIZED[byte] = isUnencoded(byte) ? StringFromCharCode(byte) : (PERCENT_ENCODED[byte] as string);
}
SERIALIZED[SPACE] = '+';

/** ASCII letters and digits, and `*-._`. */
function isUnencoded(unit: number): boolean {
  const lower = unit | 0x20;
  return (
    (lower >= 0x61 && lower <= 0x7a && unit < 0x80) ||
    (unit >= 0x30 && unit <= 0x39) ||
    unit === 0x2a ||
    unit === 0x2d ||
    unit === 0x2e ||
    unit === 0x5f
  );
}

/** The serialization of a list of pairs of well-formed strings. */
export function serializeUrlencoded(list: readonly string[]): string {
  let result = '';
  for (let i = 0; i < list.length; i += 2) {
    if (i > 0) result += '&';
    result += `${encodeComponent(list[i] as string)}=${encodeComponent(list[i + 1] as string)}`;
  }
  return result;
}

function encodeComponent(text: string): string {
  let at = 0;
  while (at < text.length && isUnencoded(StringPrototypeCharCodeAt(text, at))) at++;
  if (at === text.length) return text;
  let result = StringPrototypeSlice(text, 0, at);
  const rest = utf8Encode(at === 0 ? text : StringPrototypeSlice(text, at));
  const length = TypedArrayPrototypeGetLength(rest);
  for (let i = 0; i < length; i++) result += SERIALIZED[rest[i] as number] as string;
  return result;
}
