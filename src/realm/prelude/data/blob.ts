/** Blob of the realm. Its bytes are always in memory, and never change. https://w3c.github.io/FileAPI/#blob-section */

import {
  MathMax,
  MathMin,
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeToLowerCase,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  TypeErrorCtor,
  Uint8ArrayCtor,
} from '../primordials.ts';
import { ByteList } from '../byte-list.ts';
import { copyBytes, exactBuffer, viewOf } from '../bytes.ts';
import { registerSerializable } from '../clone/registry.ts';
import { utf8Decode, utf8Encode } from '../encoding/utf8.ts';
import {
  defineInterface,
  isObject,
  toClampedLongLong,
  toDictionary,
  toDOMString,
  toOptional,
  toSequence,
  toUSVString,
} from '../webidl.ts';
import { extractMimeType, serializeMimeType } from './mime-type.ts';

/** First argument of a constructor call by the prelude: the bytes and the type follow. Shared with File. */
export const OF_BYTES = { __proto__: null };
/** Bytes of a chunk of a stream. */
const CHUNK = 64 * 1024;

interface BlobPropertyBag {
  endings: unknown;
  type: unknown;
}

/** Whether the value is a Blob (or a File) of this realm. */
export let isBlob: (value: unknown) => value is Blob;
/** The bytes themselves, not to be written to. */
export let blobBytes: (blob: Blob) => Uint8Array<ArrayBuffer>;
/** The type, whatever a worker has patched. */
export let blobType: (blob: Blob) => string;

export class Blob {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #type: string;

  static {
    isBlob = (value): value is Blob => isObject(value) && #bytes in value;
    blobBytes = (blob) => blob.#bytes;
    blobType = (blob) => blob.#type;
  }

  constructor(blobParts: unknown = undefined, options: unknown = undefined) {
    if (blobParts === OF_BYTES) {
      const given = options as BytesOfType;
      this.#bytes = given.bytes;
      this.#type = given.type;
      return;
    }
    const parts = blobParts === undefined ? [] : toBlobParts(blobParts, 'Blob constructor');
    const given = toBlobOptions(options, 'Blob constructor');
    this.#bytes = joinParts(parts, given.native);
    this.#type = given.type;
  }

  get size(): number {
    return TypedArrayPrototypeGetByteLength(this.#bytes);
  }

  get type(): string {
    return this.#type;
  }

  slice(start: unknown = undefined, end: unknown = undefined, contentType: unknown = undefined): Blob {
    const size = TypedArrayPrototypeGetByteLength(this.#bytes);
    const from = start === undefined ? 0 : relative(toClampedLongLong(start), size);
    const to = end === undefined ? size : relative(toClampedLongLong(end), size);
    const type = contentType === undefined ? '' : normalizeType(toDOMString(contentType));
    return newBlob(subarray(this.#bytes, from, MathMax(to - from, 0)), type);
  }

  async text(): Promise<string> {
    return utf8Decode(this.#bytes);
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return exactBuffer(copyBytes(this.#bytes));
  }

  async bytes(): Promise<Uint8Array> {
    return copyBytes(this.#bytes);
  }

  stream(): object {
    const bytes = this.#bytes;
    const { bytesStream } = require('../streams/internal.ts');
    return TypedArrayPrototypeGetByteLength(bytes) <= CHUNK ? bytesStream(copyBytes(bytes)) : streamOf(bytes);
  }
}

defineInterface(Blob, 'Blob');

/** What a constructor call with OF_BYTES gives. */
export interface BytesOfType {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Normalized. */
  readonly type: string;
}

/** A Blob over bytes that nobody else writes to. `type` is normalized already. */
export function newBlob(bytes: Uint8Array<ArrayBuffer>, type: string): Blob {
  return new Blob(OF_BYTES, { __proto__: null, bytes, type });
}

/** The Blob of a body: its type is the MIME type of the Content-Type header, or ''. */
export function blobOf(bytes: Uint8Array<ArrayBuffer>, contentType: string): Blob {
  const type = extractMimeType(contentType);
  return newBlob(bytes, type === undefined ? '' : serializeMimeType(type));
}

registerSerializable(isBlob, (blob) => newBlob(blobBytes(blob as Blob), blobType(blob as Blob)));

/** A type in lower case; '' where there is anything but printable ASCII in it. */
export function normalizeType(type: string): string {
  for (let i = 0; i < type.length; i++) {
    const unit = StringPrototypeCharCodeAt(type, i);
    if (unit < 0x20 || unit > 0x7e) return '';
  }
  return StringPrototypeToLowerCase(type);
}

/** An offset from the beginning, or from the end where it is negative. */
function relative(offset: number, size: number): number {
  return offset < 0 ? MathMax(size + offset, 0) : MathMin(offset, size);
}

function subarray(bytes: Uint8Array<ArrayBuffer>, from: number, length: number): Uint8Array<ArrayBuffer> {
  const buffer = TypedArrayPrototypeGetBuffer(bytes) as ArrayBuffer;
  return new Uint8ArrayCtor(buffer, TypedArrayPrototypeGetByteOffset(bytes) + from, length);
}

export type Part = string | Uint8Array | Blob;

/** `sequence<BlobPart>` */
export function toBlobParts(value: unknown, where: string): Part[] {
  return toSequence(value, where, toPart);
}

/** `(BufferSource or Blob or USVString)`: of a buffer, a view on it. */
function toPart(value: unknown): Part {
  if (!isObject(value)) return toUSVString(value);
  return isBlob(value) ? value : (viewOf(value) ?? toUSVString(value));
}

/** What the options of a Blob say. */
export interface BlobOptions {
  /** Line endings of text become the platform's. */
  readonly native: boolean;
  /** Normalized. */
  readonly type: string;
}

/** BlobPropertyBag. Throws a TypeError for what is no EndingType. */
export function toBlobOptions(options: unknown, where: string): BlobOptions {
  const given = toDictionary<BlobPropertyBag>(options, where);
  const native = toOptional(given?.endings, (endings) => isNative(endings, where), false);
  const type = toOptional(given?.type, toDOMString, '');
  return { native, type: normalizeType(type) };
}

function isNative(endings: unknown, where: string): boolean {
  const text = toDOMString(endings);
  if (text !== 'native' && text !== 'transparent') {
    throw new TypeErrorCtor(`${where}: endings: "${text}" is neither "transparent" nor "native".`);
  }
  return text === 'native';
}

/** A copy of all parts, one after the other. */
export function joinParts(parts: readonly Part[], native: boolean): Uint8Array<ArrayBuffer> {
  const list = new ByteList();
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as Part;
    if (typeof part === 'string') list.add(utf8Encode(native ? withNativeEndings(part) : part));
    else list.add(isBlob(part) ? blobBytes(part) : part);
  }
  return list.join();
}

/** Every CR LF and every lone CR as LF. https://w3c.github.io/FileAPI/#convert-line-endings-to-native */
function withNativeEndings(text: string): string {
  let result = '';
  let start = 0;
  for (
    let at = StringPrototypeIndexOf(text, '\r');
    at !== -1;
    at = StringPrototypeIndexOf(text, '\r', start)
  ) {
    result += `${StringPrototypeSlice(text, start, at)}\n`;
    start = StringPrototypeCharCodeAt(text, at + 1) === 0x0a ? at + 2 : at + 1;
  }
  return result + StringPrototypeSlice(text, start);
}

/** Copies as it is read. */
function streamOf(bytes: Uint8Array<ArrayBuffer>): object {
  const { newReadableByteStream, enqueueBytes, closeBytes } = require('../streams/internal.ts');
  const size = TypedArrayPrototypeGetByteLength(bytes);
  let at = 0;
  return newReadableByteStream({
    pull(controller) {
      const length = MathMin(CHUNK, size - at);
      enqueueBytes(controller, copyBytes(subarray(bytes, at, length)));
      at += length;
      if (at === size) closeBytes(controller);
    },
    cancel() {
      at = size;
    },
  });
}
