/** MIME types: parsing, serializing, and extracting one from a Content-Type header. https://mimesniff.spec.whatwg.org/ */

import {
  ArrayPrototypeJoin,
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeToLowerCase,
  Uint8ArrayCtor,
} from '../primordials.ts';

export interface MimeType {
  /** `type/subtype`, in lower case. */
  readonly essence: string;
  /** Name, value, name, value. Names are in lower case, and none is there twice. */
  readonly parameters: readonly string[];
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Undefined where the text is no MIME type. https://mimesniff.spec.whatwg.org/#parsing-a-mime-type */
export function parseMimeType(text: string): MimeType | undefined {
  const input = trimWhitespace(text);
  const end = indexOrEnd(input, ';', 0);
  const essence = trimEnd(StringPrototypeSlice(input, 0, end));
  const slash = StringPrototypeIndexOf(essence, '/');
  if (!isToken(essence, 0, slash) || !isToken(essence, slash + 1, essence.length)) return undefined;
  return { essence: StringPrototypeToLowerCase(essence), parameters: parseParameters(input, end) };
}

/** `at`: the semicolon before the first parameter, or the end. */
function parseParameters(input: string, at: number): string[] {
  const parameters: string[] = [];
  while (at < input.length) {
    const start = skipWhitespace(input, at + 1);
    const semicolon = indexOrEnd(input, ';', start);
    const equals = indexOrEnd(input, '=', start);
    if (equals >= semicolon) {
      at = semicolon;
      continue;
    }
    const isName = isToken(input, start, equals);
    const name = StringPrototypeToLowerCase(StringPrototypeSlice(input, start, equals));
    const quoted = StringPrototypeCharCodeAt(input, equals + 1) === QUOTE;
    const valueEnd = quoted ? endOfQuoted(input, equals + 1) : semicolon;
    const raw = StringPrototypeSlice(input, equals + 1, valueEnd);
    const value = quoted ? unquote(raw) : trimEnd(raw);
    at = quoted ? indexOrEnd(input, ';', valueEnd) : semicolon;
    if (
      isName &&
      (quoted || value !== '') &&
      isQuotable(value) &&
      findParameter(parameters, name) === undefined
    ) {
      parameters[parameters.length] = name;
      parameters[parameters.length] = value;
    }
  }
  return parameters;
}

/** Tab, and what is printable in Latin-1. */
function isQuotable(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const unit = StringPrototypeCharCodeAt(value, i);
    if (unit !== 0x09 && (unit < 0x20 || unit === 0x7f || unit > 0xff)) return false;
  }
  return true;
}

/** Behind the closing quote, or the end where there is none. `at`: the opening one. */
function endOfQuoted(input: string, at: number): number {
  for (let i = at + 1; i < input.length; i++) {
    const unit = StringPrototypeCharCodeAt(input, i);
    if (unit === QUOTE) return i + 1;
    if (unit === BACKSLASH) i++;
  }
  return input.length;
}

/** The value of a quoted string, its closing quote missing perhaps. */
function unquote(quoted: string): string {
  let value = '';
  for (let i = 1; i < quoted.length; i++) {
    const unit = StringPrototypeCharCodeAt(quoted, i);
    if (unit === QUOTE) break;
    if (unit === BACKSLASH && i + 1 < quoted.length) i++;
    value += quoted[i] as string;
  }
  return value;
}

function findParameter(parameters: readonly string[], name: string): string | undefined {
  for (let i = 0; i < parameters.length; i += 2) {
    if (parameters[i] === name) return parameters[i + 1];
  }
  return undefined;
}

/** The value of a parameter, if it is there: `parameterOf(type, 'boundary')`. */
export function parameterOf(type: MimeType, name: string): string | undefined {
  return findParameter(type.parameters, name);
}

/** https://mimesniff.spec.whatwg.org/#serialize-a-mime-type */
export function serializeMimeType({ essence, parameters }: MimeType): string {
  let result = essence;
  for (let i = 0; i < parameters.length; i += 2) {
    const value = parameters[i + 1] as string;
    const plain = value !== '' && isToken(value, 0, value.length);
    result += `;${parameters[i] as string}=${plain ? value : quote(value)}`;
  }
  return result;
}

function quote(value: string): string {
  const parts = ['"'];
  for (let i = 0; i < value.length; i++) {
    const unit = StringPrototypeCharCodeAt(value, i);
    parts[parts.length] =
      unit === QUOTE || unit === BACKSLASH ? `\\${value[i] as string}` : (value[i] as string);
  }
  parts[parts.length] = '"';
  return ArrayPrototypeJoin(parts, '');
}

/** The serialization of the MIME type in a text, or `fallback` where it is none. */
export function mimeTypeOrDefault(text: string, fallback: string): string {
  const type = parseMimeType(text);
  return type === undefined ? fallback : serializeMimeType(type);
}

/**
 * The MIME type of the combined value of the Content-Type headers: the last that is one, with the charset of those before it of the
 * same essence. https://fetch.spec.whatwg.org/#concept-header-extract-mime-type
 */
export function extractMimeType(header: string): MimeType | undefined {
  let found: MimeType | undefined;
  let charset: string | undefined;
  for (let start = 0; start <= header.length;) {
    const end = endOfListItem(header, start);
    const type = parseMimeType(StringPrototypeSlice(header, start, end));
    start = end + 1;
    if (type === undefined || type.essence === '*/*') continue;
    const given = parameterOf(type, 'charset');
    if (type.essence !== found?.essence) charset = given;
    found = given === undefined && charset !== undefined ? withCharset(type, charset) : type;
  }
  return found;
}

function withCharset({ essence, parameters }: MimeType, charset: string): MimeType {
  const all: string[] = [];
  for (let i = 0; i < parameters.length; i++) all[i] = parameters[i] as string;
  all[all.length] = 'charset';
  all[all.length] = charset;
  return { essence, parameters: all };
}

/** The next comma outside quotes, or the end. https://fetch.spec.whatwg.org/#header-value-get-decode-and-split */
function endOfListItem(header: string, start: number): number {
  for (let i = start; i < header.length; i++) {
    const unit = StringPrototypeCharCodeAt(header, i);
    if (unit === 0x2c) return i;
    if (unit === QUOTE) i = endOfQuoted(header, i) - 1;
  }
  return header.length;
}

function indexOrEnd(input: string, search: string, from: number): number {
  const index = StringPrototypeIndexOf(input, search, from);
  return index === -1 ? input.length : index;
}

/** Tab, line feed, carriage return, space. */
function isWhitespace(unit: number): boolean {
  return unit === 0x20 || unit === 0x09 || unit === 0x0a || unit === 0x0d;
}

function skipWhitespace(input: string, at: number): number {
  while (at < input.length && isWhitespace(StringPrototypeCharCodeAt(input, at))) at++;
  return at;
}

function trimEnd(input: string): string {
  let end = input.length;
  while (end > 0 && isWhitespace(StringPrototypeCharCodeAt(input, end - 1))) end--;
  return StringPrototypeSlice(input, 0, end);
}

function trimWhitespace(input: string): string {
  return trimEnd(StringPrototypeSlice(input, skipWhitespace(input, 0)));
}

/** Whether the code units from `start` to `end` make an HTTP token: there is at least one. */
export function isToken(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    if (!isTokenUnit(StringPrototypeCharCodeAt(text, i))) return false;
  }
  return start < end;
}

function isTokenUnit(unit: number): boolean {
  return unit < 0x80 && TOKEN_UNITS[unit] === 1;
}

/** RFC 9110: letters, digits, and "!#$%&'*+-.^_`|~". */
const TOKEN_UNITS = markUnits(
  "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
);

function markUnits(units: string): Uint8Array {
  const marks = new Uint8ArrayCtor(128);
  for (let i = 0; i < units.length; i++) marks[StringPrototypeCharCodeAt(units, i)] = 1;
  return marks;
}
