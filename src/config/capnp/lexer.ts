/**
 * Cuts the text of a capnp file into tokens, one at a time and in linear time (capnproto.org/language.html; the grammar of literals is that
 * of the reference implementation, `kj/parse/char.h` and `compiler/lexer.c++`). Runs in the supervisor.
 */
import { quote } from '../../shared/text.ts';

/** A token, discriminated by `kind`. `end` follows the last one. */
export type Token =
  | { readonly kind: 'identifier'; readonly text: string; readonly offset: number }
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly bytes: Uint8Array | undefined;
      readonly offset: number;
    }
  | { readonly kind: 'data'; readonly bytes: Uint8Array; readonly offset: number }
  | { readonly kind: 'integer'; readonly value: bigint; readonly offset: number }
  | { readonly kind: 'float'; readonly value: number; readonly offset: number }
  /** One of `( ) [ ] { } , ; . : = - $ @ > ! *`. */
  | { readonly kind: 'sign'; readonly text: string; readonly offset: number }
  | { readonly kind: 'end'; readonly offset: number };

/** Called for text that is no token. The lexer goes on after it as well as it can. */
export type Complain = (reason: string, offset: number, advice?: string) => void;

const blanks = ' \f\n\r\t\v\ufeff';
const number = /^(?:0x[\dA-Fa-f]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)$/u;
const signs = '()[]{},;.:=-$@>!*<+/%&?^|~';

/** Longest number that is read, in characters. */
const longestNumber = 100;
const largestInteger = 2n ** 64n - 1n;

export class Lexer {
  readonly #text: string;
  readonly #complain: Complain;
  #at = 0;

  constructor(text: string, complain: Complain) {
    this.#text = text;
    this.#complain = complain;
  }

  /** The next token. After the last one, `end` again and again. */
  next(): Token {
    for (;;) {
      this.#skipSpace();
      const offset = this.#at;
      const character = this.#text[offset];
      if (character === undefined) return { kind: 'end', offset };
      const token = this.#token(character, offset);
      if (token !== undefined) return token;
    }
  }

  #token(character: string, offset: number): Token | undefined {
    if (character === '"') return this.#string(offset);
    if (character === '`') return this.#backtick(offset);
    if (character >= '0' && character <= '9') return this.#number(offset);
    if (isWord(character)) {
      this.#at = this.#runOf(isWord, offset);
      return { kind: 'identifier', text: this.#text.slice(offset, this.#at), offset };
    }
    this.#at += 1;
    if (signs.includes(character)) return { kind: 'sign', text: character, offset };
    this.#strange(character, offset);
    return undefined;
  }

  #strange(character: string, offset: number): void {
    const whole = String.fromCodePoint(this.#text.codePointAt(offset) ?? 0);
    this.#at = offset + whole.length;
    const advice =
      character === "'"
        ? 'text stands in double quotes'
        : 'outside of text in double quotes there are ASCII characters only';
    this.#complain(`${quote(whole)} has no meaning here`, offset, advice);
    // One report for a run of them: a file that is no text has millions.
    this.#at = this.#runOf(isStrange, this.#at);
  }

  #string(offset: number): Token {
    let end = offset + 1;
    for (;;) {
      const character = this.#text[end];
      if (character === '"' || character === '\n' || character === undefined) break;
      end += character === '\\' && this.#text[end + 1] !== '\n' ? 2 : 1;
    }
    const body = this.#text.slice(offset + 1, end);
    if (this.#text[end] === '"') end += 1;
    else
      this.#complain(
        'the text that starts here has no end on its line',
        offset,
        'a line break is written \\n',
      );
    this.#at = end;
    if (!body.includes('\\')) return { kind: 'text', text: body, bytes: undefined, offset };
    return {
      kind: 'text',
      ...unescape(body, (reason, at) => this.#complain(reason, offset + 1 + at)),
      offset,
    };
  }

  #backtick(offset: number): Token {
    let end = offset + 1;
    while (end < this.#text.length && !'\r\n'.includes(this.#text.charAt(end))) end += 1;
    this.#at = end;
    return { kind: 'text', text: `${this.#text.slice(offset + 1, end)}\n`, bytes: undefined, offset };
  }

  #number(offset: number): Token {
    if (this.#text.startsWith('0x"', offset)) return this.#data(offset);
    let end = this.#runOf(isWord, offset);
    const isHex = this.#text.startsWith('0x', offset);
    if (this.#text[end] === '.' && isDigit(this.#text[end + 1])) end = this.#runOf(isWord, end + 1);
    const hasExponent = !isHex && /[eE][+-]/u.test(this.#text.slice(end - 1, end + 1));
    if (hasExponent && isDigit(this.#text[end + 1])) end = this.#runOf(isWord, end + 1);
    this.#at = end;
    const zero: Token = { kind: 'integer', value: 0n, offset };
    if (end - offset > longestNumber) {
      this.#complain(`a number of ${end - offset} characters is too long`, offset);
      return zero;
    }
    const text = this.#text.slice(offset, end);
    if (!number.test(text)) {
      this.#complain(`${quote(text)} is not a number`, offset);
      return zero;
    }
    if (!isHex && /[.eE]/u.test(text)) return { kind: 'float', value: Number(text), offset };
    return { kind: 'integer', value: this.#integer(text, offset), offset };
  }

  #integer(text: string, offset: number): bigint {
    const isOctal = /^0\d/u.test(text);
    if (isOctal && /[89]/u.test(text)) {
      this.#complain(`${quote(text)} is not a number`, offset, 'a number that begins with 0 is octal');
      return 0n;
    }
    const value = BigInt(isOctal ? `0o${text.slice(1)}` : text);
    if (value <= largestInteger) return value;
    this.#complain(`the number ${text} is too large`, offset, 'the largest is 18446744073709551615');
    return 0n;
  }

  #data(offset: number): Token {
    const start = offset + 3;
    const end = this.#runOf(isHexOrBlank, start);
    const body = this.#text.slice(start, end);
    this.#at = this.#text[end] === '"' ? end + 1 : end;
    if (this.#at === end)
      this.#complain(
        'the bytes that start here have no end',
        offset,
        'bytes are pairs of hexadecimal digits: 0x"c0 ff ee"',
      );
    const digits = body.replace(/[^\dA-Fa-f]+/gu, '');
    if (digits.length % 2 === 1) this.#complain('half a byte: bytes are pairs of hexadecimal digits', offset);
    const bytes = Buffer.from(digits, 'hex');
    return { kind: 'data', bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset };
  }

  /** Skips blanks and comments; by hand, as all runs are: a regular expression may keep a stack that a long one overflows. */
  #skipSpace(): void {
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined) return;
      if (character === '#') {
        const end = this.#text.indexOf('\n', this.#at);
        this.#at = end === -1 ? this.#text.length : end + 1;
      } else if (blanks.includes(character)) {
        this.#at += 1;
      } else {
        return;
      }
    }
  }

  /** Where a run of characters ends. */
  #runOf(isMember: (character: string) => boolean, from: number): number {
    let end = from;
    while (end < this.#text.length && isMember(this.#text.charAt(end))) end += 1;
    return end;
  }
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

function isWord(character: string): boolean {
  if ((character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z')) return true;
  return isDigit(character) || character === '_';
}

/** What can stand in text and in comments only; other blanks than a line break count as well. */
function isStrange(character: string): boolean {
  return character !== '\n' && !(character >= ' ' && character <= '~');
}

function isHexOrBlank(character: string): boolean {
  if ((character >= 'a' && character <= 'f') || (character >= 'A' && character <= 'F')) return true;
  return isDigit(character) || blanks.includes(character);
}

const escape = /\\(?:x[\dA-Fa-f]{2}|[0-7]{1,3}|[^])/gu;
const simpleEscapes: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  "'": "'",
  '"': '"',
  '\\': '\\',
  '?': '?',
};

/** Numeric escapes stand for bytes, so that several of them can be one character. */
function unescape(
  body: string,
  complain: (reason: string, at: number) => void,
): { readonly text: string; readonly bytes: Uint8Array | undefined } {
  const parts: Buffer[] = [];
  let plainFrom = 0;
  for (const { 0: found, index } of body.matchAll(escape)) {
    parts.push(Buffer.from(body.slice(plainFrom, index), 'utf8'));
    plainFrom = index + found.length;
    const code = escapedByte(found);
    if (code === undefined) complain(`there is no escape ${quote(found)}`, index);
    else parts.push(Buffer.of(code));
  }
  parts.push(Buffer.from(body.slice(plainFrom), 'utf8'));
  const bytes = Buffer.concat(parts);
  return { text: bytes.toString('utf8'), bytes };
}

function escapedByte(found: string): number | undefined {
  const simple = simpleEscapes[found.slice(1)];
  if (simple !== undefined) return simple.charCodeAt(0);
  if (found.startsWith('\\x') && found.length === 4) return parseInt(found.slice(2), 16);
  return /^\\[0-7]+$/u.test(found) ? parseInt(found.slice(1), 8) & 0xff : undefined;
}
