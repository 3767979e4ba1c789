/** What goes out of a rewritten document, in order: bytes as they came in, inserted text, and sources that are yet to be read. */

import { newBareArray } from '../bare-array.ts';
import { exactBuffer, isUint8Array } from '../bytes.ts';
import { incompleteTail, utf8Decode, utf8Encode } from '../encoding/utf8.ts';
import type { HtmlParserState } from '../host-api.ts';
import {
  ArrayBufferPrototypeTransfer,
  RangeErrorCtor,
  TypedArrayPrototypeGetByteLength,
  Uint8ArrayCtor,
} from '../primordials.ts';
import type { SourceState } from '../state.ts';
import { BodyPieces, type Bytes, joinBytes, part } from '../fetch/body-pieces.ts';
import { type Content, escapeText } from './edits.ts';

export class Output {
  readonly #parser: HtmlParserState;
  readonly #isUtf8: boolean;
  #parts: Bytes[] = newBareArray();
  /** From the first source on that has not been read. */
  #later: (Bytes | Content)[] = newBareArray();
  /** Of the bytes that wait, before such a source. */
  length = 0;

  constructor(parser: HtmlParserState) {
    this.#parser = parser;
    this.#isUtf8 = parser.isUtf8;
  }

  /** Whether a source has to be read: see drain. */
  get hasSource(): boolean {
    return this.#later.length > 0;
  }

  /** Bytes in a buffer that nobody else writes to. */
  add(bytes: Bytes): void {
    if (this.hasSource) this.#later[this.#later.length] = bytes;
    else this.#addNow(bytes);
  }

  #addNow(bytes: Bytes): void {
    const length = TypedArrayPrototypeGetByteLength(bytes);
    if (length === 0) return;
    this.#parts[this.#parts.length] = bytes;
    this.length += length;
  }

  addText(html: string): void {
    if (html !== '') this.add(this.#encode(html));
  }

  addContent(content: Content): void {
    if (content.source === undefined) this.addText(content.html);
    else this.#later[this.#later.length] = content;
  }

  #encode(html: string): Bytes {
    if (this.#isUtf8) return utf8Encode(html);
    let buffer: ArrayBuffer;
    try {
      buffer = this.#parser.encode(html);
    } catch {
      throw new RangeErrorCtor('Maximum call stack size exceeded');
    }
    return new Uint8ArrayCtor(ArrayBufferPrototypeTransfer(buffer));
  }

  /** Everything that waits, in a buffer of its own. */
  take(): ArrayBuffer {
    const parts = this.#parts;
    const all = parts.length === 1 ? (parts[0] as Bytes) : joinBytes(parts, this.length);
    this.#parts = newBareArray();
    this.length = 0;
    return exactBuffer(all);
  }

  /** Reads the sources; calls `spill` (and waits for it) where much waits. Throws a source's error. */
  async drain(spill: () => Promise<void>): Promise<void> {
    const later = this.#later;
    this.#later = newBareArray();
    for (let i = 0; i < later.length; i++) {
      const item = later[i] as Bytes | Content;
      if (isUint8Array(item)) this.#addNow(item);
      else await this.#readSource(new BodyPieces(item.source as SourceState), item.isHtml, spill);
    }
  }

  async #readSource(pieces: BodyPieces, isHtml: boolean, spill: () => Promise<void>): Promise<void> {
    let carry: Bytes = new Uint8ArrayCtor(0);
    for (;;) {
      const reading = pieces.next();
      if (reading !== undefined) await reading;
      const { piece } = pieces;
      if (piece === undefined) break;
      if (isHtml && this.#isUtf8) this.add(piece);
      else carry = this.#addDecoded(carry, piece, isHtml);
      if (this.length >= SPILL) await spill();
    }
    this.#addConverted(utf8Decode(carry, { ignoreBOM: true }), isHtml);
  }

  /** Gives back the beginning of a character that is not complete. */
  #addDecoded(carry: Bytes, piece: Bytes, isHtml: boolean): Bytes {
    const both = newBareArray<Bytes>();
    both[0] = carry;
    both[1] = piece;
    const total = TypedArrayPrototypeGetByteLength(carry) + TypedArrayPrototypeGetByteLength(piece);
    const bytes = joinBytes(both, total);
    const complete = total - incompleteTail(bytes, total);
    this.#addConverted(utf8Decode(part(bytes, 0, complete), { ignoreBOM: true }), isHtml);
    return part(bytes, complete, total);
  }

  #addConverted(text: string, isHtml: boolean): void {
    this.addText(isHtml ? text : escapeText(text));
  }
}

/** Bytes that may wait while sources are read. */
const SPILL = 16 * 1024;
