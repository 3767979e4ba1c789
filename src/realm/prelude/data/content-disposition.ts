/**
 * The Content-Disposition of a part of a form. Names are escaped as browsers do it (`%22`, `%0D`, `%0A` within quotes); clients
 * that follow RFC 7578 leave out quotes, or send the `filename*` of RFC 8187 as well.
 */

import {
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  StringPrototypeToLowerCase,
  StringPrototypeTrim,
} from '../primordials.ts';
import { percentDecode } from '../url/urlencoded.ts';

export interface Disposition {
  readonly name: string;
  /** Undefined for a field that is no file. */
  readonly filename: string | undefined;
}

/** Undefined where it is not of a form's part, or names no field. */
export function parseDisposition(header: string): Disposition | undefined {
  let at = indexOrEnd(header, ';', 0);
  if (toName(StringPrototypeSlice(header, 0, at)) !== 'form-data') return undefined;
  let name: string | undefined;
  let filename: string | undefined;
  let extended: string | undefined;
  while (at < header.length) {
    const equals = indexOrEnd(header, '=', at + 1);
    const semicolon = indexOrEnd(header, ';', at + 1);
    if (semicolon < equals) {
      at = semicolon;
      continue;
    }
    const key = toName(StringPrototypeSlice(header, at + 1, equals));
    const value = readValue(header, equals + 1);
    at = value.end;
    if (key === 'name') name ??= value.text;
    else if (key === 'filename') filename ??= value.text;
    else if (key === 'filename*') extended ??= decodeExtended(value.text);
  }
  return name === undefined ? undefined : { name, filename: extended ?? filename };
}

function toName(text: string): string {
  return StringPrototypeToLowerCase(StringPrototypeTrim(text));
}

/** A value and the semicolon behind it, or the end of the header. */
interface ReadValue {
  readonly text: string;
  readonly end: number;
}

function readValue(header: string, at: number): ReadValue {
  let start = at;
  while (header[start] === ' ' || header[start] === '\t') start++;
  if (header[start] !== '"') {
    const end = indexOrEnd(header, ';', start);
    return { text: StringPrototypeTrim(StringPrototypeSlice(header, start, end)), end };
  }
  const quote = indexOrEnd(header, '"', start + 1);
  return {
    text: unescape(StringPrototypeSlice(header, start + 1, quote)),
    end: indexOrEnd(header, ';', quote),
  };
}

/** Undoes what a browser escapes in a name, and nothing else. */
function unescape(text: string): string {
  let result = '';
  let start = 0;
  for (
    let at = StringPrototypeIndexOf(text, '%');
    at !== -1;
    at = StringPrototypeIndexOf(text, '%', at + 1)
  ) {
    const unit = unescaped(StringPrototypeToLowerCase(StringPrototypeSlice(text, at + 1, at + 3)));
    if (unit === undefined) continue;
    result += StringPrototypeSlice(text, start, at) + unit;
    start = at + 3;
  }
  return result + StringPrototypeSlice(text, start);
}

function unescaped(hex: string): string | undefined {
  if (hex === '22') return '"';
  if (hex === '0d') return '\r';
  return hex === '0a' ? '\n' : undefined;
}

/** `UTF-8'language'percent-encoded`; undefined in another charset. */
function decodeExtended(text: string): string | undefined {
  if (!StringPrototypeStartsWith(StringPrototypeToLowerCase(text), "utf-8'")) return undefined;
  const quote = StringPrototypeIndexOf(text, "'", 6);
  return quote === -1 ? undefined : percentDecode(StringPrototypeSlice(text, quote + 1));
}

function indexOrEnd(text: string, search: string, from: number): number {
  const index = StringPrototypeIndexOf(text, search, from);
  return index === -1 ? text.length : index;
}
