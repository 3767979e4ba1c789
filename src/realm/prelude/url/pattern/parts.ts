/** Parses a pattern string to a list of parts. https://urlpattern.spec.whatwg.org/#parsing */

import { NumberPrototypeToString, TypeErrorCtor } from '../../primordials.ts';
import { escapeRegExp, FULL_WILDCARD } from './escape.ts';
import { type Token, tokenize, type TokenType } from './tokenizer.ts';

export type PartType = 'fixed-text' | 'regexp' | 'segment-wildcard' | 'full-wildcard';
/** '' is none. */
export type Modifier = '' | '?' | '*' | '+';

export interface Part {
  readonly type: PartType;
  /** The text of 'fixed-text', the expression of 'regexp'; else ''. */
  readonly value: string;
  readonly modifier: Modifier;
  /** Of a group, given or a number; '' for fixed text. */
  readonly name: string;
  readonly prefix: string;
  readonly suffix: string;
}

export interface PatternOptions {
  /** What ends a segment, one ASCII character or ''. */
  readonly delimiter: string;
  /** What belongs to the group that follows it, one ASCII character or ''. */
  readonly prefix: string;
  readonly ignoreCase: boolean;
}

/** Validates and encodes fixed text of a component. Throws a TypeError for what cannot be in it. */
export type EncodeText = (text: string) => string;

/** Throws a TypeError for an invalid pattern. */
export function parsePattern(input: string, options: PatternOptions, encode: EncodeText): Part[] {
  return new PatternParser(input, options, encode).parse();
}

/** The expression of a group without one of its own: up to the next delimiter. */
export function segmentWildcard(options: PatternOptions): string {
  return `[^${escapeRegExp(options.delimiter)}]+?`;
}

class PatternParser {
  readonly #input: string;
  readonly #options: PatternOptions;
  readonly #encode: EncodeText;
  readonly #tokens: Token[];
  readonly #segmentWildcard: string;
  readonly #parts: Part[] = [];
  #pendingFixed = '';
  #index = 0;
  #nextNumericName = 0;

  constructor(input: string, options: PatternOptions, encode: EncodeText) {
    this.#input = input;
    this.#options = options;
    this.#encode = encode;
    this.#tokens = tokenize(input, 'strict');
    this.#segmentWildcard = segmentWildcard(options);
  }

  parse(): Part[] {
    while (this.#index < this.#tokens.length) {
      if (this.#parseGroup() || this.#parseFixed() || this.#parseBraces()) continue;
      this.#flushFixed();
      this.#require('end');
    }
    return this.#parts;
  }

  /** `/:foo(bar)?`, of which the name or the expression is there. Otherwise nothing is consumed. */
  #parseGroup(): boolean {
    const before = this.#index;
    const char = this.#take('char');
    const name = this.#take('name');
    const matcher = this.#takeMatcher(name);
    if (name === undefined && matcher === undefined) {
      this.#index = before;
      return false;
    }
    let prefix = char?.value ?? '';
    if (prefix !== '' && prefix !== this.#options.prefix) {
      this.#pendingFixed += prefix;
      prefix = '';
    }
    this.#flushFixed();
    this.#addPart(prefix, name, matcher, '', this.#takeModifier());
    return true;
  }

  #parseFixed(): boolean {
    const token = this.#take('char') ?? this.#take('escaped-char');
    if (token === undefined) return false;
    this.#pendingFixed += token.value;
    return true;
  }

  /** `{a:foo(bar)b}?` */
  #parseBraces(): boolean {
    if (this.#take('open') === undefined) return false;
    const prefix = this.#takeText();
    const name = this.#take('name');
    const matcher = this.#takeMatcher(name);
    const suffix = this.#takeText();
    this.#require('close');
    this.#addPart(prefix, name, matcher, suffix, this.#takeModifier());
    return true;
  }

  #take(type: TokenType): Token | undefined {
    const token = this.#tokens[this.#index];
    if (token?.type !== type) return undefined;
    this.#index += 1;
    return token;
  }

  #require(type: TokenType): void {
    if (this.#take(type) !== undefined) return;
    const at = this.#tokens[this.#index]?.index ?? this.#input.length;
    throw new TypeErrorCtor(`URLPattern: "${this.#input}" is invalid at position ${at}.`);
  }

  /** An expression or, where there is no name before it, an asterisk. */
  #takeMatcher(name: Token | undefined): Token | undefined {
    return this.#take('regexp') ?? (name === undefined ? this.#take('asterisk') : undefined);
  }

  #takeModifier(): Modifier {
    const token = this.#take('other-modifier') ?? this.#take('asterisk');
    return (token?.value ?? '') as Modifier;
  }

  #takeText(): string {
    let text = '';
    for (;;) {
      const token = this.#take('char') ?? this.#take('escaped-char');
      if (token === undefined) return text;
      text += token.value;
    }
  }

  #flushFixed(): void {
    if (this.#pendingFixed === '') return;
    this.#addFixed(this.#encode(this.#pendingFixed), '');
    this.#pendingFixed = '';
  }

  #addFixed(value: string, modifier: Modifier): void {
    this.#parts[this.#parts.length] = {
      type: 'fixed-text',
      value,
      modifier,
      name: '',
      prefix: '',
      suffix: '',
    };
  }

  #addPart(
    prefix: string,
    name: Token | undefined,
    matcher: Token | undefined,
    suffix: string,
    modifier: Modifier,
  ): void {
    const isFixed = name === undefined && matcher === undefined;
    if (isFixed && modifier === '') {
      this.#pendingFixed += prefix; // braces around nothing but text
      return;
    }
    this.#flushFixed();
    if (isFixed) {
      if (prefix !== '') this.#addFixed(this.#encode(prefix), modifier);
      return;
    }
    const expression = this.#expressionOf(matcher);
    const type = this.#typeOf(expression);
    const groupName = name?.value ?? NumberPrototypeToString(this.#nextNumericName++, 10);
    if (this.#hasName(groupName)) {
      throw new TypeErrorCtor(`URLPattern: "${this.#input}" has two groups named "${groupName}".`);
    }
    this.#parts[this.#parts.length] = {
      type,
      value: type === 'regexp' ? expression : '',
      modifier,
      name: groupName,
      prefix: this.#encode(prefix),
      suffix: this.#encode(suffix),
    };
  }

  #expressionOf(matcher: Token | undefined): string {
    if (matcher === undefined) return this.#segmentWildcard;
    return matcher.type === 'asterisk' ? FULL_WILDCARD : matcher.value;
  }

  /** An expression that says what a name or an asterisk says is taken for one. */
  #typeOf(expression: string): PartType {
    if (expression === this.#segmentWildcard) return 'segment-wildcard';
    return expression === FULL_WILDCARD ? 'full-wildcard' : 'regexp';
  }

  #hasName(name: string): boolean {
    for (let i = 0; i < this.#parts.length; i++) if (this.#parts[i]?.name === name) return true;
    return false;
  }
}
