/** Tokens of a pattern string. https://urlpattern.spec.whatwg.org/#tokenizing */

import {
  RegExpPrototypeExec,
  StringFromCodePoint,
  StringPrototypeCharCodeAt,
  StringPrototypeCodePointAt,
  StringPrototypeSlice,
  TypeErrorCtor,
} from '../../primordials.ts';

export type TokenType =
  | 'asterisk'
  | 'char'
  | 'close'
  | 'end'
  | 'escaped-char'
  | 'invalid-char'
  | 'name'
  | 'open'
  | 'other-modifier'
  | 'regexp';

export interface Token {
  readonly type: TokenType;
  /** Where it begins in the input, in code units. */
  readonly index: number;
  readonly value: string;
}

/** `strict`: a TypeError for what is invalid; `lenient`: a token `invalid-char`. */
export type TokenizePolicy = 'strict' | 'lenient';

const ID_START = /^[$_\p{ID_Start}]$/u;
const ID_PART = /^[$_\u200c\u200d\p{ID_Continue}]$/u;

/** Whether a code point can stand in a name; `first`: begin one. */
export function isNameCodePoint(codePoint: number, first: boolean): boolean {
  return RegExpPrototypeExec(first ? ID_START : ID_PART, StringFromCodePoint(codePoint)) !== null;
}

/** The tokens, `end` the last of them. */
export function tokenize(input: string, policy: TokenizePolicy): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < input.length;) {
    const { type, start, end, next } = scan(input, at);
    if (type === 'invalid-char' && policy === 'strict') {
      throw new TypeErrorCtor(`URLPattern: "${input}" is invalid at position ${at}.`);
    }
    tokens[tokens.length] = { type, index: at, value: StringPrototypeSlice(input, start, end) };
    at = next;
  }
  tokens[tokens.length] = { type: 'end', index: input.length, value: '' };
  return tokens;
}

/** A token's value is from `start` to `end`; the one after it begins at `next`. */
interface Scanned {
  readonly type: TokenType;
  readonly start: number;
  readonly end: number;
  readonly next: number;
}

function scan(input: string, at: number): Scanned {
  const next = at + sizeAt(input, at);
  switch (input[at]) {
    case '*':
      return { type: 'asterisk', start: at, end: next, next };
    case '+':
    case '?':
      return { type: 'other-modifier', start: at, end: next, next };
    case '{':
      return { type: 'open', start: at, end: next, next };
    case '}':
      return { type: 'close', start: at, end: next, next };
    case '\\':
      return scanEscaped(input, at);
    case ':':
      return scanName(input, at);
    case '(':
      return scanRegExp(input, at);
    default:
      return { type: 'char', start: at, end: next, next };
  }
}

function scanEscaped(input: string, at: number): Scanned {
  if (at + 1 === input.length) return { type: 'invalid-char', start: at, end: at + 1, next: at + 1 };
  const next = at + 1 + sizeAt(input, at + 1);
  return { type: 'escaped-char', start: at + 1, end: next, next };
}

function scanName(input: string, at: number): Scanned {
  const start = at + 1;
  let end = start;
  while (end < input.length && isNameCodePoint(StringPrototypeCodePointAt(input, end) ?? 0, end === start)) {
    end += sizeAt(input, end);
  }
  if (end === start) return { type: 'invalid-char', start: at, end: start, next: start };
  return { type: 'name', start, end, next: end };
}

/** A regular expression in parentheses: ASCII, not empty, without capturing groups. */
function scanRegExp(input: string, at: number): Scanned {
  const start = at + 1;
  const end = endOfRegExp(input, start);
  if (end === -1 || end === start) return { type: 'invalid-char', start: at, end: start, next: start };
  return { type: 'regexp', start, end, next: end + 1 };
}

/** Where its closing parenthesis stands, or -1 where it is invalid. */
function endOfRegExp(input: string, start: number): number {
  let depth = 1;
  for (let i = start; i < input.length; i++) {
    const unit = input[i];
    if (!isAscii(input, i) || (i === start && unit === '?')) return -1;
    if (unit === '\\') {
      i += 1;
      if (i === input.length || !isAscii(input, i)) return -1;
    } else if (unit === ')') {
      depth -= 1;
      if (depth === 0) return i;
    } else if (unit === '(') {
      depth += 1;
      if (input[i + 1] !== '?') return -1;
    }
  }
  return -1;
}

function isAscii(input: string, at: number): boolean {
  return StringPrototypeCharCodeAt(input, at) < 0x80;
}

/** Code units of the code point at an index. */
function sizeAt(input: string, at: number): number {
  return (StringPrototypeCodePointAt(input, at) ?? 0) > 0xffff ? 2 : 1;
}
