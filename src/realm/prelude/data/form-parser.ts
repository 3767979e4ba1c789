/**
 * The forms in bodies. Multipart is read as the Fetch Standard's parser does, and takes besides what clients send that follow RFC 7578
 * or RFC 2046 by the letter: a preamble and an epilogue, unquoted parameters, `filename*`. Linear in the size of the body.
 * https://andreubotella.github.io/multipart-form-data/
 */

import {
  StringFromCharCode,
  StringPrototypeToLowerCase,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  TypeErrorCtor,
  Uint8ArrayCtor,
} from '../primordials.ts';
import { utf8Decode } from '../encoding/utf8.ts';
import { guarded } from '../host.ts';
import { parseUrlencodedBytes } from '../url/urlencoded.ts';
import { normalizeType } from './blob.ts';
import { parseDisposition } from './content-disposition.ts';
import { type File, newFile } from './file.ts';
import { extractMimeType, isToken, parameterOf } from './mime-type.ts';

const host = guarded($host.encoding);

/** Parts of one body. Each costs a hundred times its bytes in memory. */
const MAX_PARTS = 10_000;
/** Bytes of the headers of one part. */
const MAX_HEADERS = 16 * 1024;
/** RFC 2046 allows 70; the cost of a search is in proportion to it at worst. */
const MAX_BOUNDARY = 256;

const CR = 0x0d;
const LF = 0x0a;
const DASH = 0x2d;
const COLON = 0x3a;

/** Name, value, name, value. Throws a TypeError for a body that is no form, and for a malformed one. */
export function parseForm(bytes: Uint8Array<ArrayBuffer>, contentType: string): (string | File)[] {
  const type = extractMimeType(contentType);
  if (type?.essence === 'application/x-www-form-urlencoded') return parseUrlencodedBytes(bytes);
  if (type?.essence !== 'multipart/form-data') {
    throw new TypeErrorCtor(`formData: the Content-Type "${contentType}" is not one of a form.`);
  }
  const boundary = parameterOf(type, 'boundary');
  if (boundary === undefined || boundary === '') throw malformed('the Content-Type names no boundary');
  if (boundary.length > MAX_BOUNDARY) throw malformed('the boundary is too long');
  return new MultipartParser(bytes, `--${boundary}`).parse();
}

function malformed(reason: string): TypeError {
  return new TypeErrorCtor(`formData: the body is not valid multipart/form-data: ${reason}.`);
}

/** What the headers of a part say. */
interface PartHeaders {
  readonly name: string;
  readonly filename: string | undefined;
  readonly contentType: string | undefined;
}

class MultipartParser {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #size: number;
  /** In Latin-1, with its two dashes. */
  readonly #delimiter: string;
  #at = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>, delimiter: string) {
    this.#bytes = bytes;
    this.#size = TypedArrayPrototypeGetByteLength(bytes);
    this.#delimiter = delimiter;
  }

  parse(): (string | File)[] {
    const list: (string | File)[] = [];
    this.#skipPreamble();
    while (!this.#isClosed()) {
      if (list.length >= 2 * MAX_PARTS) throw malformed(`it has more than ${MAX_PARTS} parts`);
      this.#skipPadding();
      this.#expectLineEnd('the boundary');
      const headers = this.#readHeaders();
      const start = this.#at;
      const end = this.#find(`\r\n${this.#delimiter}`, start);
      if (end === -1) throw malformed('its last boundary is missing');
      this.#at = end + 2 + this.#delimiter.length;
      list[list.length] = headers.name;
      list[list.length] = this.#valueOf(headers, start, end);
    }
    return list;
  }

  /** To behind the first delimiter, which begins a line. */
  #skipPreamble(): void {
    const first = this.#find(this.#delimiter, 0) === 0 ? 0 : this.#find(`\r\n${this.#delimiter}`, 0) + 2;
    if (first === 1) throw malformed('there is no boundary in it');
    this.#at = first + this.#delimiter.length;
  }

  /** Two dashes behind a delimiter close the body; what follows is ignored. */
  #isClosed(): boolean {
    return this.#bytes[this.#at] === DASH && this.#bytes[this.#at + 1] === DASH;
  }

  #skipPadding(): void {
    while (isBlank(this.#bytes[this.#at])) this.#at++;
  }

  #expectLineEnd(after: string): void {
    if (!this.#isLineEnd()) throw malformed(`a line end is missing after ${after}`);
    this.#at += 2;
  }

  #isLineEnd(): boolean {
    return this.#bytes[this.#at] === CR && this.#bytes[this.#at + 1] === LF;
  }

  /** The headers, and the empty line after them. */
  #readHeaders(): PartHeaders {
    const limit = this.#at + MAX_HEADERS;
    let disposition: { name: string; filename: string | undefined } | undefined;
    let contentType: string | undefined;
    while (!this.#isLineEnd()) {
      if (this.#at > limit) throw malformed('the headers of a part are too long');
      const name = this.#readHeaderName();
      const value = this.#readHeaderValue(limit);
      if (name === 'content-disposition') {
        disposition = parseDisposition(utf8Decode(value, KEEP_BOM));
        if (disposition === undefined) throw malformed('a Content-Disposition names no field');
      } else if (name === 'content-type') {
        contentType = latin1(value);
      }
    }
    this.#at += 2;
    if (disposition === undefined) throw malformed('a part has no Content-Disposition');
    return { name: disposition.name, filename: disposition.filename, contentType };
  }

  #readHeaderName(): string {
    const start = this.#at;
    let end = start;
    while (end < this.#size && end - start < MAX_HEADERS && this.#bytes[end] !== COLON) {
      if (this.#bytes[end] === CR || this.#bytes[end] === LF) break;
      end++;
    }
    const name = latin1(trimmed(this.#view(start, end)));
    if (this.#bytes[end] !== COLON || !isToken(name, 0, name.length))
      throw malformed('a header has no valid name');
    this.#at = end + 1;
    return StringPrototypeToLowerCase(name);
  }

  /** Up to the end of the line, which is passed. */
  #readHeaderValue(limit: number): Uint8Array {
    const start = this.#at;
    let end = start;
    while (end < this.#size && this.#bytes[end] !== CR && this.#bytes[end] !== LF) {
      if (end++ > limit) throw malformed('the headers of a part are too long');
    }
    this.#at = end;
    this.#expectLineEnd('a header');
    return trimmed(this.#view(start, end));
  }

  #valueOf({ filename, contentType }: PartHeaders, start: number, end: number): string | File {
    const bytes = this.#view(start, end);
    if (filename === undefined) return utf8Decode(bytes, KEEP_BOM);
    return newFile(bytes, filename, normalizeType(contentType ?? 'text/plain'));
  }

  #view(start: number, end: number): Uint8Array<ArrayBuffer> {
    const buffer = TypedArrayPrototypeGetBuffer(this.#bytes) as ArrayBuffer;
    return new Uint8ArrayCtor(buffer, TypedArrayPrototypeGetByteOffset(this.#bytes) + start, end - start);
  }

  #find(text: string, from: number): number {
    const buffer = TypedArrayPrototypeGetBuffer(this.#bytes);
    const byteOffset = TypedArrayPrototypeGetByteOffset(this.#bytes) + from;
    const index = host.indexOf(buffer, byteOffset, this.#size - from, text);
    return index === -1 ? -1 : index + from;
  }
}

const KEEP_BOM = { ignoreBOM: true };

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09;
}

/** Without blanks at its ends. */
function trimmed(bytes: Uint8Array): Uint8Array {
  let start = 0;
  let end = TypedArrayPrototypeGetByteLength(bytes);
  while (start < end && isBlank(bytes[start])) start++;
  while (end > start && isBlank(bytes[end - 1])) end--;
  const byteOffset = TypedArrayPrototypeGetByteOffset(bytes) + start;
  return new Uint8ArrayCtor(TypedArrayPrototypeGetBuffer(bytes), byteOffset, end - start);
}

/** Of a short sequence. */
function latin1(bytes: Uint8Array): string {
  let text = '';
  const length = TypedArrayPrototypeGetByteLength(bytes);
  for (let i = 0; i < length; i++) text += StringFromCharCode(bytes[i] as number);
  return text;
}
