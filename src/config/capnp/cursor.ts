/**
 * A place in the tokens of a capnp file: looks at the present token, moves on, and reports what was expected in its place. Runs in the
 * supervisor.
 */
import { makeError } from '../../shared/errors.ts';
import type { NanodError } from '../../shared/errors.ts';
import { quote, shorten } from '../../shared/text.ts';
import { Lexer } from './lexer.ts';
import type { Token } from './lexer.ts';
import { TooLarge, limits } from './source.ts';
import type { At, Source } from './source.ts';
import type { Name, TextExpression } from './syntax.ts';

/** Ends a statement that cannot be read on; its error is kept already. */
export class Abandoned extends Error {}
/** Ends a file with too many errors. */
export class TooManyErrors extends Error {}

export class Cursor {
  readonly errors: NanodError[] = [];
  readonly #source: Source;
  readonly #lexer: Lexer;
  #token: Token = { kind: 'end', offset: 0 };
  /** Whether the present statement has an error: one that the lexer reported makes others likely. */
  #failed = false;
  #depth = 0;

  /** Stands in front of the first token. */
  constructor(source: Source) {
    this.#source = source;
    this.#lexer = new Lexer(source.text, (reason, offset, advice) => this.report(reason, offset, advice));
  }

  get token(): Token {
    return this.#token;
  }

  /** A statement begins: its errors are its own. */
  beginStatement(): void {
    this.#failed = false;
  }

  /** Texts that follow each other are one. */
  text(expected: string): TextExpression {
    const first = this.#token;
    if (first.kind !== 'text') return this.expected(expected);
    this.advance();
    if (this.#token.kind !== 'text') return first;
    const parts = [first];
    for (; this.#token.kind === 'text'; this.advance()) parts.push(this.#token);
    const hasBytes = parts.some(({ bytes }) => bytes !== undefined);
    const whole = hasBytes
      ? Buffer.concat(parts.map(({ text, bytes }) => bytes ?? Buffer.from(text, 'utf8')))
      : undefined;
    const text = whole?.toString('utf8') ?? parts.map((part) => part.text).join('');
    return { kind: 'text', text, bytes: whole, offset: first.offset };
  }

  /** Items between the present sign and `close`, with commas between them and perhaps after the last one. */
  sequence<Item>(close: ')' | ']', item: () => Item): Item[] {
    const open = this.#token;
    return this.nested(() => {
      this.advance();
      const items: Item[] = [];
      while (!this.is(close)) {
        if (this.#token.kind === 'end') this.unclosed(open);
        items.push(item());
        if (!this.is(',')) break;
        this.advance();
      }
      if (this.#token.kind === 'end') this.unclosed(open);
      this.sign(close, `\`,\` or \`${close}\``);
      return items;
    });
  }

  unclosed({ offset }: Token): never {
    return this.failAt(offset, `the \`${this.#source.text.charAt(offset)}\` that stands here is not closed`);
  }

  nested<Result>(parse: () => Result): Result {
    if (this.#depth >= limits.depth) {
      throw new TooLarge('the nesting is too deep', `${limits.depth} levels`, this.here());
    }
    this.#depth += 1;
    try {
      return parse();
    } finally {
      this.#depth -= 1;
    }
  }

  here(): At {
    return { source: this.#source, offset: this.#token.offset };
  }

  name(expected: string): Name {
    const token = this.#token;
    if (token.kind !== 'identifier') return this.expected(expected);
    this.advance();
    return { text: token.text, offset: token.offset };
  }

  is(sign: string): boolean {
    return this.#token.kind === 'sign' && this.#token.text === sign;
  }

  sign(sign: string, expected: string): void {
    if (!this.is(sign)) this.expected(expected);
    this.advance();
  }

  advance(): void {
    this.#token = this.#lexer.next();
  }

  expected(what: string): never {
    return this.failAt(this.#token.offset, `expected ${what}, found ${describeToken(this.#token)}`);
  }

  failAt(offset: number, reason: string, advice?: string): never {
    if (!this.#failed) this.report(reason, offset, advice);
    throw new Abandoned();
  }

  report(reason: string, offset: number, advice?: string): void {
    this.#failed = true;
    this.errors.push(makeError('CONFIG_SYNTAX', { reason, advice }, this.#source.frame(offset)));
    if (this.errors.length >= limits.syntaxErrors) throw new TooManyErrors();
  }
}

function describeToken(token: Token): string {
  switch (token.kind) {
    case 'identifier':
    case 'sign':
      return quote(token.text);
    case 'text':
      return `the text ${quote(shorten(token.text, 40))}`;
    case 'integer':
    case 'float':
      return `the number ${token.value}`;
    case 'data':
      return `${token.bytes.length} bytes`;
    case 'end':
      return 'the end of the file';
  }
}
