/** Strings and property keys as source text would write them. */

import {
  NumberPrototypeToString,
  RegExpPrototypeExec,
  StringPrototypeCharCodeAt,
  StringPrototypeIncludes,
  StringPrototypePadStart,
  StringPrototypeSlice,
  StringPrototypeToUpperCase,
  SymbolPrototypeToString,
} from '../primordials.ts';

// Control characters, quotes and backslashes, and lone surrogates.
const NEEDS_ESCAPE =
  /[\x00-\x1f'\\\x7f-\x9f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const IDENTIFIER = /^[A-Za-z_]\w*$/;

const ESCAPES = {
  __proto__: null,
  8: '\\b',
  9: '\\t',
  10: '\\n',
  12: '\\f',
  13: '\\r',
  92: '\\\\',
} as unknown as Record<number, string | undefined>;

/** The string in quotes; in single ones, unless others save escapes. */
export function quote(text: string): string {
  if (RegExpPrototypeExec(NEEDS_ESCAPE, text) === null) return `'${text}'`;
  const mark = quoteMark(text);
  const markCode = StringPrototypeCharCodeAt(mark, 0);
  let result = mark;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const code = StringPrototypeCharCodeAt(text, i);
    const escape = code === markCode ? `\\${mark}` : escapeOf(text, i, code);
    if (isPairAt(text, i, code)) i++;
    if (escape === undefined) continue;
    result += StringPrototypeSlice(text, from, i) + escape;
    from = i + 1;
  }
  return result + StringPrototypeSlice(text, from) + mark;
}

function quoteMark(text: string): string {
  if (!StringPrototypeIncludes(text, "'")) return "'";
  if (!StringPrototypeIncludes(text, '"')) return '"';
  return StringPrototypeIncludes(text, '`') || StringPrototypeIncludes(text, '${') ? "'" : '`';
}

function escapeOf(text: string, index: number, code: number): string | undefined {
  const short = ESCAPES[code];
  if (short !== undefined) return short;
  if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return `\\x${StringPrototypeToUpperCase(hex(code, 2))}`;
  const surrogate = code >= 0xd800 && code <= 0xdfff;
  return surrogate && !isPairAt(text, index, code) ? `\\u${hex(code, 4)}` : undefined;
}

function isPairAt(text: string, index: number, code: number): boolean {
  if (code < 0xd800 || code > 0xdbff || index + 1 >= text.length) return false;
  const low = StringPrototypeCharCodeAt(text, index + 1);
  return low >= 0xdc00 && low <= 0xdfff;
}

function hex(code: number, width: number): string {
  return StringPrototypePadStart(NumberPrototypeToString(code, 16), width, '0');
}

/** A key as an object literal has it. */
export function quoteKey(key: string | symbol): string {
  if (typeof key === 'symbol') return SymbolPrototypeToString(key);
  if (key === '__proto__') return "['__proto__']";
  return RegExpPrototypeExec(IDENTIFIER, key) === null ? quote(key) : key;
}
