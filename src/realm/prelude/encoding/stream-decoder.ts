/**
 * Decoding chunk by chunk, for TextDecoder and TextDecoderStream. What a chunk leaves over is kept here as a number; the host keeps
 * nothing. https://encoding.spec.whatwg.org/#interface-mixin-textdecodercommon
 */

import {
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
  TypeErrorCtor,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeSet,
  Uint8ArrayCtor,
} from '../primordials.ts';
import { guarded } from '../host.ts';
import { incompleteTail, utf8Decode } from './utf8.ts';

const host = guarded($host.encoding);

const FATAL = 1;
const FLUSH = 2;
const KEEP_BOM = 2;
const BOM = 0xfeff;
const EMPTY = new Uint8ArrayCtor(0);

/** The name of the encoding that a label stands for, or undefined (for the labels of `replacement` too). */
export function encodingOf(label: string): string | undefined {
  return label === 'utf-8' || label === 'utf8' ? 'utf-8' : host.encodingOf(label);
}

/** One stream of bytes on its way to text. */
export class StreamDecoder {
  /** A name that encodingOf gave. */
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  #bomSeen = false;
  /** UTF-8: the bytes of an incomplete character. */
  #pending: Uint8Array = EMPTY;
  /** Other encodings: see decodeLegacy of host-api.ts. */
  #state = 0;

  constructor(encoding: string, fatal: boolean, ignoreBOM: boolean) {
    this.encoding = encoding;
    this.fatal = fatal;
    this.ignoreBOM = ignoreBOM;
  }

  /** Whether nothing of earlier chunks matters for the next. */
  get #fresh(): boolean {
    return !this.#bomSeen && this.#state === 0 && this.#pending === EMPTY;
  }

  /**
   * Text of the next chunk. The last one (`more` false) ends the stream, and the next begins another. Throws a TypeError for
   * malformed bytes if it is fatal, and forgets what it kept.
   */
  decode(chunk: Uint8Array, more: boolean): string {
    const bytes = TypedArrayPrototypeGetLength(chunk) === 0 ? EMPTY : chunk; // detached, perhaps
    if (!more && this.encoding === 'utf-8' && this.#fresh)
      return utf8Decode(bytes, this.#plain ? undefined : this);
    const text = this.encoding === 'utf-8' ? this.#decodeUtf8(bytes, more) : this.#decodeLegacy(bytes, more);
    if (text === undefined) {
      this.#reset();
      throw new TypeErrorCtor(`The encoded data was not valid for encoding ${this.encoding}`);
    }
    const withoutBom = this.#withoutBom(text);
    if (!more) this.#reset();
    return withoutBom;
  }

  get #plain(): boolean {
    return !this.fatal && !this.ignoreBOM;
  }

  #reset(): void {
    this.#bomSeen = false;
    this.#pending = EMPTY;
    this.#state = 0;
  }

  #decodeUtf8(bytes: Uint8Array, more: boolean): string | undefined {
    const input = this.#pending === EMPTY ? bytes : concat(this.#pending, bytes);
    const length = TypedArrayPrototypeGetLength(input);
    const tail = more ? incompleteTail(input, length) : 0;
    const buffer = TypedArrayPrototypeGetBuffer(input);
    const byteOffset = TypedArrayPrototypeGetByteOffset(input);
    const flags = this.fatal ? FATAL | KEEP_BOM : KEEP_BOM;
    const text = host.decodeUtf8With(buffer, byteOffset, length - tail, flags);
    this.#pending = tail === 0 ? EMPTY : copyTail(input, length, tail);
    return text;
  }

  #decodeLegacy(bytes: Uint8Array, more: boolean): string | undefined {
    const buffer = TypedArrayPrototypeGetBuffer(bytes);
    const byteOffset = TypedArrayPrototypeGetByteOffset(bytes);
    const length = TypedArrayPrototypeGetLength(bytes);
    const flags = (this.fatal ? FATAL : 0) | (more ? 0 : FLUSH);
    const text = host.decodeLegacy(this.encoding, this.#state, buffer, byteOffset, length, flags);
    this.#state = host.legacyState();
    return text;
  }

  /** Drops a byte order mark at the very beginning of the stream. */
  #withoutBom(text: string): string {
    if (this.#bomSeen || text === '') return text;
    this.#bomSeen = true;
    if (this.ignoreBOM || StringPrototypeCharCodeAt(text, 0) !== BOM || !hasBom(this.encoding)) return text;
    return StringPrototypeSlice(text, 1);
  }
}

function hasBom(encoding: string): boolean {
  return encoding === 'utf-8' || encoding === 'utf-16le' || encoding === 'utf-16be';
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const size = TypedArrayPrototypeGetLength(first);
  const all = new Uint8ArrayCtor(size + TypedArrayPrototypeGetLength(second));
  TypedArrayPrototypeSet(all, first);
  TypedArrayPrototypeSet(all, second, size);
  return all;
}

function copyTail(input: Uint8Array, length: number, tail: number): Uint8Array {
  const copy = new Uint8ArrayCtor(tail);
  for (let i = 0; i < tail; i++) copy[i] = input[length - tail + i] as number;
  return copy;
}
