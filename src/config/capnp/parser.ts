/**
 * Parses the text of a capnp file: its statements. After an error it goes on with the next statement, so that one run reports the errors of
 * them all. Bounded in depth and in size. Runs in the supervisor.
 */
import type { NanodError } from '../../shared/errors.ts';
import { Abandoned, Cursor, TooManyErrors } from './cursor.ts';
import { ExpressionParser, onlyName } from './expressions.ts';
import type { Source } from './source.ts';
import type { Declaration, SyntaxTree } from './syntax.ts';

/** The tree of a file, or what is wrong with its text: at least one error. Throws a `TooLarge`. */
export function parseCapnp(
  source: Source,
): { readonly tree: SyntaxTree } | { readonly errors: readonly NanodError[] } {
  const cursor = new Cursor(source);
  const expressions = new ExpressionParser(cursor);
  const declarations = new StatementParser(cursor, expressions).file();
  if (cursor.errors.length > 0) return { errors: cursor.errors };
  return { tree: { declarations, imports: expressions.imports } };
}

const typeKeywords = new Set(['struct', 'enum', 'interface', 'annotation']);
const statementKeywords = new Set(['using', 'const', ...typeKeywords]);

class StatementParser {
  readonly #cursor: Cursor;
  readonly #expressions: ExpressionParser;
  /** Blocks of types that are open. */
  #blocks = 0;

  constructor(cursor: Cursor, expressions: ExpressionParser) {
    this.#cursor = cursor;
    this.#expressions = expressions;
  }

  file(): Declaration[] {
    try {
      this.#cursor.advance();
      return this.#statements();
    } catch (error) {
      if (error instanceof TooManyErrors) return [];
      throw error;
    }
  }

  #statements(): Declaration[] {
    const found: Declaration[] = [];
    while (this.#cursor.token.kind !== 'end') {
      try {
        this.#cursor.beginStatement();
        const declaration = this.#statement();
        if (declaration !== undefined) found.push(declaration);
      } catch (error) {
        if (!(error instanceof Abandoned)) throw error;
        this.#skipStatement();
      }
    }
    return found;
  }

  #statement(): Declaration | undefined {
    if (this.#cursor.is('@') || this.#cursor.is('$')) {
      this.#fileLevel();
      return undefined;
    }
    const keyword = this.#cursor.token;
    if (keyword.kind !== 'identifier') this.#cursor.expected('a statement such as `using` or `const`');
    if (keyword.text === 'using') return this.#using();
    if (keyword.text === 'const') return this.#const();
    if (typeKeywords.has(keyword.text)) return this.#type(keyword.text);
    return this.#cursor.expected('`using` or `const`');
  }

  /** `@0x…;` and `$annotation(…);` */
  #fileLevel(): void {
    this.#annotations();
    this.#id();
    this.#cursor.sign(';', '`;`');
  }

  #id(): void {
    if (!this.#cursor.is('@')) return;
    this.#cursor.advance();
    if (this.#cursor.token.kind !== 'integer') this.#cursor.expected('a number');
    this.#cursor.advance();
  }

  #annotations(): void {
    while (this.#cursor.is('$')) {
      this.#cursor.advance();
      this.#expressions.reference();
    }
  }

  #using(): Declaration {
    this.#cursor.advance();
    const { offset } = this.#cursor.token;
    const first = this.#expressions.expression();
    if (first.kind !== 'reference')
      return this.#cursor.failAt(offset, 'expected the name of something after `using`');
    const renamed = this.#cursor.is('=');
    const name = renamed ? onlyName(first) : first.names.at(-1);
    if (name === undefined) {
      return renamed
        ? this.#cursor.failAt(offset, 'expected a name before `=`')
        : this.#cursor.expected('`=`: `using Name = import "file.capnp";`');
    }
    if (renamed) this.#cursor.advance();
    const target = renamed ? this.#expressions.reference() : first;
    this.#cursor.sign(';', '`;`');
    return { kind: 'using', name, target };
  }

  #const(): Declaration {
    this.#cursor.advance();
    const name = this.#cursor.name('the name of the constant');
    this.#id();
    this.#cursor.sign(':', '`:` and the type of the constant');
    const type = this.#expressions.reference();
    this.#cursor.sign('=', '`=` and the value of the constant');
    const value = this.#expressions.expression();
    this.#annotations();
    this.#cursor.sign(';', '`;`');
    return { kind: 'const', name, type, value };
  }

  /** A type of the file's own: only the constants and aliases in it are kept. */
  #type(keyword: string): Declaration {
    this.#cursor.advance();
    const name = this.#cursor.name(`the name of the ${keyword}`);
    while (!this.#cursor.is('{') && !this.#cursor.is(';')) {
      if (this.#cursor.token.kind === 'end') this.#cursor.expected('`{`');
      this.#cursor.advance();
    }
    if (this.#cursor.is(';')) {
      this.#cursor.advance();
      return { kind: 'type', name, keyword, members: [] };
    }
    const members = this.#cursor.nested(() => this.#members());
    return { kind: 'type', name, keyword, members };
  }

  #members(): Declaration[] {
    const open = this.#cursor.token.offset;
    this.#cursor.advance();
    this.#blocks += 1;
    const found: Declaration[] = [];
    while (!this.#cursor.is('}')) {
      if (this.#cursor.token.kind === 'end') this.#cursor.failAt(open, 'the `{` that stands here has no `}`');
      const { kind } = this.#cursor.token;
      const text = this.#cursor.token.kind === 'identifier' ? this.#cursor.token.text : '';
      if (kind === 'identifier' && (text === 'const' || text === 'using' || typeKeywords.has(text))) {
        const declaration = this.#statement();
        if (declaration !== undefined) found.push(declaration);
      } else {
        this.#skipMember();
      }
    }
    this.#blocks -= 1;
    this.#cursor.advance();
    return found;
  }

  /** A field, an enumerant or a method, with the block that it may have. */
  #skipMember(): void {
    let open = 0;
    for (; this.#cursor.token.kind !== 'end'; this.#cursor.advance()) {
      if (open === 0 && this.#cursor.is('}')) return;
      if (this.#cursor.is('{')) open += 1;
      else if (this.#cursor.is('}')) open -= 1;
      if (open === 0 && (this.#cursor.is(';') || this.#cursor.is('}'))) {
        this.#cursor.advance();
        return;
      }
    }
  }

  /** After an error: on to what looks like the next statement that no block encloses. */
  #skipStatement(): void {
    let open = this.#blocks;
    this.#blocks = 0;
    let isBehindEnd = false;
    for (; this.#cursor.token.kind !== 'end'; this.#cursor.advance()) {
      if (isBehindEnd && open <= 0 && this.#beginsStatement()) return;
      if (this.#cursor.is('{')) open += 1;
      if (this.#cursor.is('}')) open -= 1;
      isBehindEnd = this.#cursor.is(';') || this.#cursor.is('}');
    }
  }

  #beginsStatement(): boolean {
    const { token } = this.#cursor;
    if (token.kind === 'identifier') return statementKeywords.has(token.text);
    return this.#cursor.is('@') || this.#cursor.is('$');
  }
}
