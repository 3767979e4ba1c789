/** Parses what stands for values and types in a capnp file: references, and literals of every form. Runs in the supervisor. */
import type { Cursor } from './cursor.ts';
import { TooLarge, limits } from './source.ts';
import type { Assignment, Expression, Name, Reference, TextExpression } from './syntax.ts';

const valueText = 'a value';

export class ExpressionParser {
  /** The texts of all imports that were parsed. */
  readonly imports: TextExpression[] = [];
  readonly #cursor: Cursor;
  #expressions = 0;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  expression(): Expression {
    this.#expressions += 1;
    const token = this.#cursor.token;
    const { offset } = token;
    if (this.#expressions > limits.expressions) {
      throw new TooLarge(
        'the file has too many values',
        limits.expressions.toLocaleString('en'),
        this.#cursor.here(),
      );
    }
    switch (token.kind) {
      case 'integer':
      case 'float':
      case 'data':
        this.#cursor.advance();
        return token;
      case 'text':
        return this.#cursor.text('text');
      case 'identifier':
        return token.text === 'embed' ? this.#embed() : this.reference();
      case 'sign':
        break;
      case 'end':
        return this.#cursor.expected(valueText);
    }
    if (this.#cursor.is('-')) return this.#negative(offset);
    if (this.#cursor.is('['))
      return { kind: 'list', items: this.#cursor.sequence(']', () => this.expression()), offset };
    if (this.#cursor.is('(')) return this.#tuple(offset);
    return this.#cursor.is('.') ? this.reference() : this.#cursor.expected(valueText);
  }

  #negative(offset: number): Expression {
    this.#cursor.advance();
    const token = this.#cursor.token;
    if (token.kind === 'integer') {
      this.#cursor.advance();
      return { kind: 'integer', value: -token.value, offset };
    }
    const isInfinite = token.kind === 'identifier' && token.text === 'inf';
    if (token.kind !== 'float' && !isInfinite) return this.#cursor.expected('a number');
    this.#cursor.advance();
    return { kind: 'float', value: token.kind === 'float' ? -token.value : -Infinity, offset };
  }

  #embed(): Expression {
    const { offset } = this.#cursor.token;
    this.#cursor.advance();
    return { kind: 'embed', path: this.#cursor.text('the name of a file in double quotes'), offset };
  }

  /** A single value in parentheses is that value. */
  #tuple(offset: number): Expression {
    const fields = this.#cursor.sequence(')', () => this.#assignment());
    const [only] = fields;
    if (fields.length === 1 && only !== undefined && only.name === undefined) return only.value;
    return { kind: 'tuple', fields, offset };
  }

  #assignment(): Assignment {
    const value = this.expression();
    if (!this.#cursor.is('=')) return { name: undefined, value };
    const name = value.kind === 'reference' ? onlyName(value) : undefined;
    if (name === undefined)
      return this.#cursor.failAt(value.offset, 'expected the name of a field before `=`');
    this.#cursor.advance();
    return { name, value: this.expression() };
  }

  reference(): Reference {
    const { offset } = this.#cursor.token;
    const names: Name[] = [];
    let from: Reference['from'] = 'scope';
    if (this.#cursor.is('.')) {
      from = 'file';
      this.#cursor.advance();
      names.push(this.#cursor.name('the name of something in this file'));
    } else if (this.#cursor.token.kind === 'identifier' && this.#cursor.token.text === 'import') {
      this.#cursor.advance();
      from = this.#cursor.text('the name of a file in double quotes');
      this.imports.push(from);
    } else {
      names.push(this.#cursor.name('a name'));
    }
    while (this.#cursor.is('.')) {
      this.#cursor.advance();
      names.push(this.#cursor.name('the name of a member'));
    }
    const args = this.#cursor.is('(') ? this.#arguments() : undefined;
    return { kind: 'reference', from, names, args, offset };
  }

  #arguments(): Expression[] {
    return this.#cursor.sequence(')', () => this.#assignment().value);
  }
}

/** The name, where a reference is nothing but that. */
export function onlyName({ from, names, args }: Reference): Name | undefined {
  return from === 'scope' && names.length === 1 && args === undefined ? names[0] : undefined;
}
