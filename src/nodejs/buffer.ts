/**
 * node:buffer: the package buffer, with the encodings of this folder in the place of its own (it lacks base64url, and what the realm does
 * natively is faster), and with what Node.js has added since.
 */

import { Buffer as PortedBuffer, INSPECT_MAX_BYTES } from 'buffer/';
import { numberMethods } from './buffer-numbers.ts';
import { decode, encode, encodedLength, requireEncoding, toEncoding } from './encodings.ts';
import type { Encoding } from './encodings.ts';
import { invalidArgType, outOfRange } from './errors.ts';

/** A Buffer, as far as these modules use it. */
export interface Buffer extends Uint8Array<ArrayBuffer> {
  write(text: string, ...where: unknown[]): number;
  toString(encoding?: string, start?: number, end?: number): string;
  equals(other: Uint8Array): boolean;
}

/** The constructor, which old code calls without `new`. */
export interface BufferConstructor {
  new (value: unknown, ...more: unknown[]): Buffer;
  readonly prototype: Buffer;
  from(value: unknown, ...more: unknown[]): Buffer;
  alloc(size: number, fill?: unknown, encoding?: string): Buffer;
  allocUnsafe(size: number): Buffer;
  allocUnsafeSlow(size: number): Buffer;
  concat(list: readonly Uint8Array[], length?: number): Buffer;
  isBuffer(value: unknown): value is Buffer;
  isEncoding(name: unknown): boolean;
  byteLength(value: unknown, encoding?: string): number;
}

/** A Buffer over the same memory. */
export function asBuffer(bytes: Uint8Array<ArrayBuffer>): Buffer {
  // With the right prototype from the beginning: changing that of an array that exists is slow (bench/nodejs.ts).
  return Reflect.construct(
    Uint8Array,
    [bytes.buffer, bytes.byteOffset, bytes.length],
    PortedBuffer,
  ) as Buffer;
}

const portedFrom = PortedBuffer.from;

function from(value: unknown, ...more: unknown[]): Buffer {
  if (typeof value === 'string') return asBuffer(encode(value, requireEncoding(more[0])));
  return portedFrom.call(PortedBuffer, value, ...more);
}

function byteLength(value: unknown, encoding?: string): number {
  if (typeof value === 'string') return encodedLength(value, toEncoding(encoding) ?? 'utf8');
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value.byteLength;
  throw invalidArgType('string', 'of type string or an instance of Buffer or ArrayBuffer', value);
}

function clamp(value: unknown, otherwise: number, most: number): number {
  if (value === undefined) return otherwise;
  const index = Math.trunc(Number(value)) || 0;
  return Math.min(Math.max(index, 0), most);
}

function toText(this: Uint8Array, encoding?: string, start?: number, end?: number): string {
  const from = clamp(start, 0, this.length);
  const to = clamp(end, this.length, this.length);
  return to <= from ? '' : decode(this, requireEncoding(encoding), from, to);
}

/** `write(text, [offset, [length]], [encoding])` */
function write(this: Uint8Array, text: unknown, ...where: unknown[]): number {
  if (typeof text !== 'string') throw invalidArgType('argument', 'of type string', text);
  const encoding = requireEncoding(where.find((each) => typeof each === 'string'));
  const [offset = 0, length = Infinity] = where.filter((each) => typeof each !== 'string') as number[];
  if (offset < 0 || offset > this.length) throw outOfRange('offset', `>= 0 && <= ${this.length}`, offset);
  return writeAt(this, text, offset, Math.min(length, this.length - offset), encoding);
}

const encoder = new TextEncoder();

/** Writes whole characters only. */
function writeAt(target: Uint8Array, text: string, offset: number, room: number, encoding: Encoding): number {
  if (encoding === 'utf8') return encoder.encodeInto(text, target.subarray(offset, offset + room)).written;
  const bytes = encode(text, encoding);
  const fitting = encoding === 'utf16le' ? room - (room % 2) : room;
  target.set(bytes.length > fitting ? bytes.subarray(0, fitting) : bytes, offset);
  return Math.min(bytes.length, fitting);
}

/** `utf8Slice` and its kin, undocumented and used. */
function directMethods(): Record<string, unknown> {
  const methods: Record<string, unknown> = {};
  for (const encoding of ['ascii', 'base64', 'base64url', 'hex', 'latin1', 'ucs2', 'utf8'] as const) {
    methods[`${encoding}Slice`] = function (this: Uint8Array, start?: number, end?: number) {
      return Reflect.apply(toText, this, [encoding, start, end]);
    };
    methods[`${encoding}Write`] = function (this: Uint8Array, text: string, offset = 0, length = Infinity) {
      return Reflect.apply(write, this, [text, offset, length, encoding]);
    };
  }
  return methods;
}

function copyBytesFrom(view: ArrayBufferView, offset = 0, length?: number): Buffer {
  if (!ArrayBuffer.isView(view)) throw invalidArgType('view', 'an instance of TypedArray', view);
  const size = (view as Uint8Array).BYTES_PER_ELEMENT ?? 1;
  const start = Math.min(offset * size, view.byteLength);
  const end = length === undefined ? view.byteLength : Math.min(start + length * size, view.byteLength);
  return from(new Uint8Array(view.buffer, view.byteOffset + start, end - start));
}

function define(target: object, members: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(members)) {
    Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: true });
  }
}

function isEncoding(name: unknown): boolean {
  return typeof name === 'string' && name !== '' && toEncoding(name) !== undefined;
}

function checkLength(size: unknown): asserts size is number {
  if (typeof size !== 'number') throw invalidArgType('size', 'of type number', size);
  if (!(size >= 0 && size <= Number.MAX_SAFE_INTEGER)) {
    throw outOfRange('size', `>= 0 && <= ${Number.MAX_SAFE_INTEGER}`, size);
  }
}

/** Memory that is not cleared is not to be had: it would hold what others have left. */
function allocUnsafe(size: number): Buffer {
  checkLength(size);
  return Reflect.construct(Uint8Array, [size], PortedBuffer) as Buffer;
}

function alloc(size: number, fill?: unknown, encoding?: string): Buffer {
  const made = allocUnsafe(size);
  if (fill === undefined || fill === 0 || size === 0) return made;
  return made.fill(fill as number, encoding as never);
}

const statics = {
  alloc,
  allocUnsafe,
  allocUnsafeSlow: allocUnsafe,
  from,
  byteLength,
  isEncoding,
  copyBytesFrom,
};
define(PortedBuffer, { ...statics, poolSize: 8192 });
Object.defineProperty(PortedBuffer, 'name', { value: 'Buffer', configurable: true });
define(PortedBuffer.prototype, {
  toString: toText,
  toLocaleString: toText,
  write,
  ...directMethods(),
  ...numberMethods(PortedBuffer.prototype as never),
});

function toBytes(value: unknown, name: string): Uint8Array {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw invalidArgType(name, 'an instance of ArrayBuffer, Buffer, or TypedArray', value);
}

function isUtf8(input: unknown): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(toBytes(input, 'input'));
    return true;
  } catch (error) {
    if (ArrayBuffer.isView(input) || input instanceof ArrayBuffer) return false;
    throw error;
  }
}

function isAscii(input: unknown): boolean {
  return toBytes(input, 'input').every((byte) => byte < 0x80);
}

function transcode(source: Uint8Array, fromEncoding: string, toOther: string): Buffer {
  const bytes = toBytes(source, 'source');
  const text = decode(bytes, requireEncoding(fromEncoding), 0, bytes.length);
  const target = requireEncoding(toOther);
  // What the target does not have becomes a question mark.
  if (target === 'ascii') return from(text.replace(/[^\0-\x7f]/gu, '?'), 'latin1');
  if (target === 'latin1') return from(text.replace(/[^\0-\xff]/gu, '?'), 'latin1');
  return from(text, target);
}

/** As V8 has it: the longest string, and the largest typed array. */
const constants = Object.freeze({ MAX_LENGTH: 2 ** 53 - 1, MAX_STRING_LENGTH: 2 ** 29 - 24 });

const { Blob, File, atob, btoa } = globalThis;

export { PortedBuffer as Buffer };
export default {
  Blob,
  Buffer: PortedBuffer,
  File,
  INSPECT_MAX_BYTES,
  atob,
  btoa,
  constants,
  isAscii,
  isUtf8,
  kMaxLength: constants.MAX_LENGTH,
  kStringMaxLength: constants.MAX_STRING_LENGTH,
  transcode,
};
