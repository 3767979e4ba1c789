/**
 * UTF-8 of a realm. Short ASCII text never leaves the realm: below the limits here a loop is faster than a call of the host
 * (bench/encoding.ts). https://encoding.spec.whatwg.org/#utf-8
 */

import {
  ArrayBufferPrototypeTransfer,
  StringFromCharCode,
  StringPrototypeCharCodeAt,
  TypeErrorCtor,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeSet,
  Uint8ArrayCtor,
} from '../primordials.ts';
import { guarded } from '../host.ts';

const encoding = guarded($host.encoding);

/** Code units. V8 keeps typed arrays of up to 64 bytes in its heap; larger ones cost a host call's time anyway. */
const ENCODE_LIMIT = 64;
const ENCODE_INTO_LIMIT = 24;
/** Bytes. */
const DECODE_LIMIT = 24;
/** Code units. Up to here it pays to try whether the text is ASCII, and to write into the memory of the result. */
const GUESS_LIMIT = 4096;
/** Bytes. Text that fits for sure is encoded here and copied: cheaper than taking over a buffer of the host's. */
const SCRATCH_SIZE = 4096;
/** Of a code unit, at most. */
const BYTES_PER_UNIT = 3;

const FATAL = 1;
const KEEP_BOM = 2;

/** UTF-8 bytes that fill their buffer. Lone surrogates become U+FFFD. */
export function utf8Encode(text: string): Uint8Array<ArrayBuffer> {
  const length = text.length;
  if (length > ENCODE_LIMIT) return encodeLong(text);
  const bytes = new Uint8ArrayCtor(length);
  for (let i = 0; i < length; i++) {
    const unit = StringPrototypeCharCodeAt(text, i);
    if (unit > 0x7f) return encodeInHost(text);
    bytes[i] = unit;
  }
  return bytes;
}

function encodeLong(text: string): Uint8Array<ArrayBuffer> {
  const length = text.length;
  if (length > GUESS_LIMIT) return encodeInHost(text);
  const bytes = new Uint8ArrayCtor(length);
  const read = encoding.encodeInto(text, TypedArrayPrototypeGetBuffer(bytes), 0, length);
  return read === length ? bytes : encodeInHost(text); // as many bytes as code units: all of it is ASCII
}

let scratch: Uint8Array<ArrayBuffer> | undefined;

function encodeInHost(text: string): Uint8Array<ArrayBuffer> {
  if (text.length * BYTES_PER_UNIT > SCRATCH_SIZE) {
    return new Uint8ArrayCtor(ArrayBufferPrototypeTransfer(encoding.encodeUtf8(text)));
  }
  scratch ??= new Uint8ArrayCtor(SCRATCH_SIZE);
  const buffer = TypedArrayPrototypeGetBuffer(scratch);
  encoding.encodeInto(text, buffer, 0, SCRATCH_SIZE);
  const size = encoding.encodeIntoWritten();
  const bytes = new Uint8ArrayCtor(size);
  if (size > ENCODE_LIMIT) TypedArrayPrototypeSet(bytes, new Uint8ArrayCtor(buffer, 0, size));
  else for (let i = 0; i < size; i++) bytes[i] = scratch[i] as number;
  return bytes;
}

let written = 0;

/** Writes as many whole characters as fit. Returns the code units read; `bytesWritten()` the bytes. */
export function utf8EncodeInto(text: string, target: Uint8Array): number {
  const length = text.length;
  const room = TypedArrayPrototypeGetLength(target);
  written = 0;
  if (room === 0) return 0; // detached, perhaps: nothing for the host to see
  if (length > ENCODE_INTO_LIMIT || length > room) return encodeIntoInHost(text, target);
  for (let i = 0; i < length; i++) {
    const unit = StringPrototypeCharCodeAt(text, i);
    if (unit > 0x7f) return encodeIntoInHost(text, target);
    target[i] = unit;
  }
  written = length;
  return length;
}

function encodeIntoInHost(text: string, target: Uint8Array): number {
  const buffer = TypedArrayPrototypeGetBuffer(target);
  const byteOffset = TypedArrayPrototypeGetByteOffset(target);
  const read = encoding.encodeInto(text, buffer, byteOffset, TypedArrayPrototypeGetLength(target));
  written = encoding.encodeIntoWritten();
  return read;
}

/** Of the last utf8EncodeInto. */
export function bytesWritten(): number {
  return written;
}

/** How to decode; the default is what the standard calls "UTF-8 decode". */
export interface Utf8DecodeOptions {
  /** Keeps a byte order mark as U+FEFF. */
  readonly ignoreBOM?: boolean;
  /** Throws a TypeError for malformed bytes, instead of putting U+FFFD in their place. */
  readonly fatal?: boolean;
}

/** Text of UTF-8 bytes. */
export function utf8Decode(bytes: Uint8Array, options?: Utf8DecodeOptions): string {
  const length = TypedArrayPrototypeGetLength(bytes);
  const text = length <= DECODE_LIMIT ? asciiText(bytes, length) : undefined;
  if (text !== undefined) return text;
  const buffer = TypedArrayPrototypeGetBuffer(bytes);
  const byteOffset = TypedArrayPrototypeGetByteOffset(bytes);
  if (options === undefined) return encoding.decodeUtf8(buffer, byteOffset, length);
  const flags = (options.fatal === true ? FATAL : 0) | (options.ignoreBOM === true ? KEEP_BOM : 0);
  const decoded = encoding.decodeUtf8With(buffer, byteOffset, length, flags);
  if (decoded === undefined) throw new TypeErrorCtor('The encoded data was not valid for encoding utf-8');
  return decoded;
}

/** Undefined where a byte is not ASCII. */
function asciiText(bytes: Uint8Array, length: number): string | undefined {
  let text = '';
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    const a = bytes[i] as number;
    const b = bytes[i + 1] as number;
    const c = bytes[i + 2] as number;
    const d = bytes[i + 3] as number;
    if ((a | b | c | d) > 0x7f) return undefined;
    text += StringFromCharCode(a, b, c, d);
  }
  for (; i < length; i++) {
    const unit = bytes[i] as number;
    if (unit > 0x7f) return undefined;
    text += StringFromCharCode(unit);
  }
  return text;
}

/** How many bytes at the end are the beginning of a character that is not complete yet: 0 to 3. */
export function incompleteTail(bytes: Uint8Array, length: number): number {
  for (let size = 1; size <= 3 && size <= length; size++) {
    const byte = bytes[length - size] as number;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    return size < sizeOf(byte) && (size === 1 || isSecond(byte, bytes[length - size + 1] as number))
      ? size
      : 0;
  }
  return 0;
}

/** Bytes of the character that a lead byte begins; 0 for no lead byte. */
function sizeOf(lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 0;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

/** Whether a continuation byte may come second: not for overlong forms, surrogates, or what is above U+10FFFF. */
function isSecond(lead: number, byte: number): boolean {
  if (lead === 0xe0) return byte >= 0xa0;
  if (lead === 0xed) return byte < 0xa0;
  if (lead === 0xf0) return byte >= 0x90;
  return lead === 0xf4 ? byte < 0x90 : true;
}
