/**
 * Header lists in their crossing form: one string, `name LF value LF ...`, names in lower case, values normalized (see state.ts).
 * https://fetch.spec.whatwg.org/#terminology-headers
 */

import {
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeToLowerCase,
  TypeErrorCtor,
} from '../primordials.ts';
import { newBareArray } from '../bare-array.ts';
import { toByteString } from '../webidl.ts';

/** A parsed list: names and values at the same index. They were checked, and go to other realms as they stand here. */
export interface HeaderList {
  names: string[];
  values: string[];
}

/** An empty list, out of a worker's reach. */
export function newHeaderList(): HeaderList {
  return { names: newBareArray(), values: newBareArray() };
}

export function parseHeaderList(raw: string): HeaderList {
  const list = newHeaderList();
  const { names, values } = list;
  let from = 0;
  while (from < raw.length) {
    const endOfName = StringPrototypeIndexOf(raw, '\n', from);
    const endOfValue = StringPrototypeIndexOf(raw, '\n', endOfName + 1);
    names[names.length] = StringPrototypeSlice(raw, from, endOfName);
    values[values.length] = StringPrototypeSlice(raw, endOfName + 1, endOfValue);
    from = endOfValue + 1;
  }
  return list;
}

export function serializeHeaderList(list: HeaderList): string {
  let raw = '';
  for (let i = 0; i < list.names.length; i++)
    raw += `${list.names[i] as string}\n${list.values[i] as string}\n`;
  return raw;
}

/** The name in lower case. Throws a TypeError for what is no token. */
export function toHeaderName(value: unknown, where: string): string {
  const name = toByteString(value, where);
  if (!isToken(name)) throw new TypeErrorCtor(`${where}: "${name}" is an invalid header name.`);
  return StringPrototypeToLowerCase(name);
}

/** The value without surrounding whitespace. Throws a TypeError for NUL, CR or LF in it. */
export function toHeaderValue(value: unknown, where: string): string {
  const text = trimHttpWhitespace(toByteString(value, where));
  for (let i = 0; i < text.length; i++) {
    const code = StringPrototypeCharCodeAt(text, i);
    if (code === 0 || code === 10 || code === 13)
      throw new TypeErrorCtor(`${where}: the header value is invalid.`);
  }
  return text;
}

/** https://www.rfc-editor.org/rfc/rfc9110#name-tokens */
export function isToken(text: string): boolean {
  if (text === '') return false;
  for (let i = 0; i < text.length; i++) {
    const code = StringPrototypeCharCodeAt(text, i);
    if (code >= 128 || TOKEN_CHARS[code] !== 1) return false;
  }
  return true;
}

function trimHttpWhitespace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isHttpWhitespace(StringPrototypeCharCodeAt(text, start))) start++;
  while (end > start && isHttpWhitespace(StringPrototypeCharCodeAt(text, end - 1))) end--;
  return start === 0 && end === text.length ? text : StringPrototypeSlice(text, start, end);
}

function isHttpWhitespace(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13;
}

const TOKEN_CHARS = makeTokenChars();

function makeTokenChars(): number[] {
  const allowed = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const table: number[] = [];
  for (let code = 0; code < 128; code++) table[code] = 0;
  for (let i = 0; i < allowed.length; i++) table[StringPrototypeCharCodeAt(allowed, i)] = 1;
  return table;
}
