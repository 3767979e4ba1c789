/** Text and bytes, in the encodings of Buffer. Pure functions over the web APIs and the language. */

import { nodeError } from './errors.ts';

/** The encodings by their canonical names. */
export type Encoding = 'ascii' | 'base64' | 'base64url' | 'hex' | 'latin1' | 'utf16le' | 'utf8';

const encodings: Readonly<Record<string, Encoding>> = {
  __proto__: null as never,
  ascii: 'ascii',
  base64: 'base64',
  base64url: 'base64url',
  binary: 'latin1',
  hex: 'hex',
  latin1: 'latin1',
  ucs2: 'utf16le',
  'ucs-2': 'utf16le',
  'utf-16le': 'utf16le',
  'utf-8': 'utf8',
  utf16le: 'utf16le',
  utf8: 'utf8',
};

/** The encoding of a name; UTF-8 for none; undefined for a name that is none. */
export function toEncoding(name: unknown): Encoding | undefined {
  if (name === undefined || name === null || name === '') return 'utf8';
  const text = String(name);
  return encodings[text] ?? encodings[text.toLowerCase()];
}

/** The same, throwing for a name that is none. */
export function requireEncoding(name: unknown): Encoding {
  const encoding = toEncoding(name);
  if (encoding === undefined) throw nodeError('ERR_UNKNOWN_ENCODING', `Unknown encoding: ${String(name)}`);
  return encoding;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Bytes of text, in a fresh array. What the encoding does not have is cut off, dropped or replaced, as in Node.js. */
export function encode(text: string, encoding: Encoding): Uint8Array<ArrayBuffer> {
  switch (encoding) {
    case 'utf8':
      return encoder.encode(text);
    case 'ascii':
    case 'latin1':
      return encodeLatin1(text);
    case 'utf16le':
      return encodeUtf16(text);
    case 'hex':
      return decodeHex(text);
    case 'base64':
    case 'base64url':
      return decodeBase64(text);
  }
}

/** Text of the bytes from `start` to `end`. */
export function decode(bytes: Uint8Array, encoding: Encoding, start: number, end: number): string {
  const part = new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
  switch (encoding) {
    case 'utf8':
      return decoder.decode(part);
    case 'ascii':
      return fromCodes(part.map((byte) => byte & 0x7f));
    case 'latin1':
      return fromCodes(part);
    case 'utf16le':
      return decodeUtf16(part);
    case 'hex':
      return part.toHex();
    case 'base64':
      return part.toBase64();
    case 'base64url':
      return part.toBase64({ alphabet: 'base64url', omitPadding: true });
  }
}

/** The length of what `encode` gives, mostly without encoding. */
export function encodedLength(text: string, encoding: Encoding): number {
  switch (encoding) {
    case 'utf8':
      return encoder.encode(text).length;
    case 'ascii':
    case 'latin1':
      return text.length;
    case 'utf16le':
      return text.length * 2;
    case 'hex':
      return text.length >>> 1;
    case 'base64':
    case 'base64url':
      return ((text.length - paddingOf(text)) * 3) >>> 2;
  }
}

function paddingOf(text: string): number {
  if (!text.endsWith('=')) return 0;
  return text.endsWith('==') ? 2 : 1;
}

/** Arguments that one call takes without trouble. */
const mostArguments = 4096;

function fromCodes(codes: Uint8Array | Uint16Array): string {
  let text = '';
  for (let i = 0; i < codes.length; i += mostArguments) {
    text += String.fromCharCode(...codes.subarray(i, i + mostArguments));
  }
  return text;
}

function encodeLatin1(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function encodeUtf16(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length * 2);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    bytes[2 * i] = code;
    bytes[2 * i + 1] = code >>> 8;
  }
  return bytes;
}

function decodeUtf16(bytes: Uint8Array): string {
  const codes = new Uint16Array(bytes.length >>> 1);
  for (let i = 0; i < codes.length; i++) codes[i] = bytes[2 * i] | (bytes[2 * i + 1] << 8);
  return fromCodes(codes);
}

/** Ends before the first pair that is none. */
function decodeHex(text: string): Uint8Array<ArrayBuffer> {
  const even = text.length % 2 === 0 ? text : text.slice(0, -1);
  try {
    return Uint8Array.fromHex(even);
  } catch {
    return Uint8Array.fromHex(/^(?:[0-9a-f]{2})*/iu.exec(even)?.[0] ?? '');
  }
}

/** Both alphabets at once; skips what belongs to neither, and ends at the padding. */
function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    const [digits = ''] = text.split('=', 1);
    const own = digits
      .replace(/-/gu, '+')
      .replace(/_/gu, '/')
      .replace(/[^A-Za-z0-9+/]/gu, '');
    // One digit alone holds no byte.
    return Uint8Array.fromBase64(own.length % 4 === 1 ? own.slice(0, -1) : own, {
      lastChunkHandling: 'loose',
    });
  }
}
