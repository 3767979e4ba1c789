/**
 * A document's bytes as text and back. Its markup is ASCII in every encoding that is taken; text and attribute values are decoded when
 * somebody asks for them. What an encoding has no bytes for is written as a character reference. Runs in a thread, in the host realm.
 */

import { copyOfBytes } from '../../../shared/bytes.ts';

/** Bytes are given and taken as strings of one character a byte. */
export interface DocumentEncoding {
  readonly isUtf8: boolean;
  decode(bytes: string): string;
  /** Part of a text: what is incomplete at its end comes with the next part, or with `''` at the text's end. */
  decodePart(bytes: string): string;
  /** Gives a buffer of its own. */
  encode(text: string): ArrayBuffer;
}

const NON_ASCII = /[^\0-\x7f]/;
/** Up to this length, a loop is faster than the pattern. */
const SHORT = 64;
/** In these, bytes of ASCII can be something else, or there is nothing to decode. */
const UNFIT = new Set(['utf-16le', 'utf-16be', 'iso-2022-jp']);
const SINGLE_BYTE = /^(?:windows-|iso-8859-|koi8-|macintosh|x-mac-|ibm866|x-user-defined)/;

/** Why a document cannot be read in an encoding; the message is for the worker. Undefined if it can. */
export function encodingProblem(label: string): string | undefined {
  const name = nameOf(label);
  if (name === undefined) return 'Unknown character encoding has been provided.';
  return UNFIT.has(name) ? 'Expected ASCII-compatible encoding.' : undefined;
}

/** `label` is one that encodingProblem finds nothing wrong with. */
export function makeDocumentEncoding(label: string): DocumentEncoding {
  const name = nameOf(label) ?? 'utf-8';
  const whole = new TextDecoder(name, { ignoreBOM: true });
  const decode = (bytes: string): string =>
    hasNonAscii(bytes) ? whole.decode(Buffer.from(bytes, 'latin1')) : bytes;
  if (name === 'utf-8') return { isUtf8: true, decode, decodePart: decode, encode: encodeUtf8 };
  const parts = new TextDecoder(name, { ignoreBOM: true });
  const decodePart = (bytes: string): string =>
    parts.decode(Buffer.from(bytes, 'latin1'), { stream: bytes !== '' });
  return { isUtf8: false, decode, decodePart, encode: makeEncoder(name) };
}

function hasNonAscii(text: string): boolean {
  if (text.length > SHORT) return NON_ASCII.test(text);
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return true;
  return false;
}

function nameOf(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

function encodeUtf8(text: string): ArrayBuffer {
  return copyOfBytes(Buffer.from(text, 'utf8'));
}

/** Bytes for ASCII, and in encodings of one byte a character for what these have; references for the rest. */
function makeEncoder(name: string): (text: string) => ArrayBuffer {
  let bytes: Map<string, number> | undefined;
  return (text) => {
    if (!hasNonAscii(text)) return encodeUtf8(text);
    bytes ??= SINGLE_BYTE.test(name) ? highBytes(name) : new Map();
    let written = '';
    for (const character of text) {
      const byte = character <= '\x7f' ? character.charCodeAt(0) : bytes.get(character);
      written += byte === undefined ? `&#${String(character.codePointAt(0))};` : String.fromCharCode(byte);
    }
    return copyOfBytes(Buffer.from(written, 'latin1'));
  };
}

function highBytes(name: string): Map<string, number> {
  const all = Uint8Array.from({ length: 128 }, (_, i) => 128 + i);
  const decoder = new TextDecoder(name);
  return new Map([...all].map((byte) => [decoder.decode(Uint8Array.of(byte)), byte]));
}
