/**
 * Evaluates the constants of capnp files by their types, as the reference implementation does (`compiler/node-translator.c++`). What is
 * wrong is reported and stands as a `wrong` value, so that one run finds all errors. Each constant is evaluated once, however often it
 * is referred to. Runs in the supervisor.
 */
import { dirname, resolve as resolvePath } from 'node:path';
import { quote } from '../../shared/text.ts';
import { nearest } from '../../shared/suggest.ts';
import type { Problems } from '../problems.ts';
import { describeExpression, firstField, literalOf, numberOf, words } from './literals.ts';
import type { Bare, First, Kind } from './literals.ts';
import type { Constant, Names, Scope } from './scope.ts';
import type { Assignment, Expression, Name, Reference } from './syntax.ts';
import { describeType, nameOf, sameType, workerdType } from './types.ts';
import type { Field, StructType, Type } from './types.ts';
import { placeOf } from './values.ts';
import type { Trail, Value } from './values.ts';

/** Where an expression stands: the scope of its names, and the way to its value. */
interface Context {
  readonly scope: Scope;
  readonly trail: Trail;
}

export class Evaluator {
  readonly #names: Names;
  readonly #problems: Problems;

  constructor(names: Names, problems: Problems) {
    this.#names = names;
    this.#problems = problems;
  }

  /** The type of a constant; `undefined` after a report. */
  typeOf(constant: Constant): Type | undefined {
    constant.type ??= this.#type(constant.declaration.type, constant.scope) ?? 'wrong';
    return constant.type === 'wrong' ? undefined : constant.type;
  }

  /** The value of a constant. */
  constant(constant: Constant): Value | undefined {
    const { declaration, scope } = constant;
    if (constant.state === 'new') {
      const type = this.typeOf(constant);
      constant.state = 'busy';
      const trail = { step: constant.name.replace(/^\./u, ''), before: undefined };
      const { offset } = declaration.value;
      constant.value =
        type === undefined
          ? { kind: 'wrong', source: scope.file.source, offset, trail }
          : this.#value(declaration.value, type, { scope, trail });
      constant.state = 'done';
    } else if (constant.state === 'busy') {
      this.#names.report(
        `the constant ${quote(constant.name)} is defined by itself`,
        scope,
        declaration.name.offset,
      );
      return undefined;
    }
    return constant.value;
  }

  #type(reference: Reference, scope: Scope): Type | undefined {
    const found = this.#names.resolve(reference, scope);
    if (found === undefined) return undefined;
    if (found.kind === 'list') return this.#listType(reference, scope);
    if (found.kind === 'type') return found.type;
    const type = found.kind === 'workerd' ? workerdType(found.name) : undefined;
    if (type !== undefined) return type;
    const what = found.kind === 'scope' ? `${found.what} is not` : 'this is not';
    const advice =
      "a configuration is made of workerd's types, of Text, Data, Bool, numbers, Void, and lists of them";
    return this.#names.report(
      `${what} a type that a configuration can have`,
      scope,
      reference.offset,
      advice,
    );
  }

  #listType({ args, offset }: Reference, scope: Scope): Type | undefined {
    const [item] = args ?? [];
    if (item?.kind !== 'reference' || args?.length !== 1) {
      return this.#names.report('a list is of one type, such as `List(Text)`', scope, offset);
    }
    const type = this.#names.within(scope, offset, () => this.#type(item, scope));
    return type === undefined ? undefined : { kind: 'list', item: type };
  }

  #value(expression: Expression, type: Type, context: Context): Value {
    return this.#names.within(context.scope, expression.offset, () => {
      switch (expression.kind) {
        case 'list':
          return this.#list(expression, type, context);
        case 'tuple':
          return this.#tuple(expression, type, context);
        case 'embed':
          return this.#embed(expression, type, context);
        case 'reference':
          return this.#reference(expression, type, context);
        case 'text':
        case 'data':
        case 'integer':
        case 'float':
          return this.#literal(expression, type, context);
      }
    });
  }

  #literal(expression: Kind<'text' | 'data' | 'integer' | 'float'>, type: Type, context: Context): Value {
    const value = literalOf(expression, type);
    if (value !== undefined) return this.#place(value, expression, context);
    const first = firstField(type);
    if (first !== undefined && expression.kind !== 'data') {
      const inner = literalOf(expression, first.field.type);
      if (inner !== undefined) return this.#wrap(first, inner, expression, context);
    }
    if (expression.kind === 'text' && (type.kind === 'text' || first?.field.type.kind === 'text')) {
      return this.#mismatch('text in UTF-8', 'bytes that are not', expression, context);
    }
    return this.#wrong(type, expression, context);
  }

  #list(expression: Kind<'list'>, type: Type, context: Context): Value {
    if (type.kind !== 'list') return this.#wrong(type, expression, context);
    const items = expression.items.map((item, index) =>
      this.#value(item, type.item, { ...context, trail: { step: index, before: context.trail } }),
    );
    return this.#place({ kind: 'list', items } as Bare, expression, context);
  }

  #tuple(expression: Kind<'tuple'>, type: Type, context: Context): Value {
    if (type.kind !== 'struct') return this.#wrong(type, expression, context);
    const fields = new Map<string, Value>();
    let member: string | undefined;
    for (const assignment of expression.fields) {
      const field = this.#field(assignment, type, fields, context);
      if (field === undefined) continue;
      if (field.inUnion && member !== undefined) {
        const found = `${quote(member)} and ${quote(field.name)}`;
        const expected = `one of the alternatives of ${describeType(type)}`;
        this.#mismatch(expected, found, { offset: assignment.name?.offset ?? expression.offset }, context);
        continue;
      }
      if (field.inUnion) member = field.name;
      const trail = { step: field.name, before: context.trail };
      fields.set(field.name, this.#value(assignment.value, field.type, { ...context, trail }));
    }
    return this.#place({ kind: 'struct', type, fields } as Bare, expression, context);
  }

  #field(
    { name, value }: Assignment,
    type: StructType,
    set: ReadonlyMap<string, Value>,
    context: Context,
  ): Field | undefined {
    if (name === undefined) {
      this.#mismatch('name = value', 'a value without a name', value, context);
      return undefined;
    }
    const field = type.fields.get(name.text);
    const { source } = context.scope.file;
    const where = placeOf({ source, offset: name.offset, trail: context.trail }, name.text);
    if (field === undefined) {
      const known = [...type.fields.keys()];
      const details = () => ({
        key: name.text,
        suggestion: nearest(name.text, known),
        known: known.join(', '),
      });
      this.#problems.report('CONFIG_UNKNOWN_KEY', details, where);
      return undefined;
    }
    const earlier = set.get(name.text);
    if (earlier === undefined) return field;
    const { line, column } = source.place(earlier.offset);
    const details = { what: 'field', name: name.text, first: `line ${line}, column ${column}` };
    this.#problems.report('CONFIG_DUPLICATE', details, where);
    return undefined;
  }

  #embed(expression: Kind<'embed'>, type: Type, context: Context): Value {
    if (type.kind !== 'text' && type.kind !== 'data') {
      return this.#mismatch(describeType(type), 'an embedded file', expression, context);
    }
    const { text: written } = expression.path;
    const path = resolvePath(dirname(context.scope.file.source.path), written);
    return this.#place({ kind: 'embed', as: type.kind, path, written } as Bare, expression, context);
  }

  #reference(expression: Reference, type: Type, context: Context): Value {
    const [only] = expression.names;
    const isWord =
      expression.from === 'scope' && expression.names.length === 1 && expression.args === undefined;
    const word = isWord && only !== undefined ? this.#word(only, type, expression, context) : undefined;
    if (word !== undefined) return word;
    const { scope } = context;
    const found = this.#names.resolve(expression, scope);
    if (found === undefined) return this.#place({ kind: 'wrong' }, expression, context);
    if (found.kind !== 'constant') {
      const shown = quote(
        scope.file.source.text.slice(expression.offset, expression.offset + 40).split(/[,;)\]\n]/u, 1)[0] ??
          '',
      );
      this.#names.report(`${shown} is not a constant`, scope, expression.offset);
      return this.#place({ kind: 'wrong' }, expression, context);
    }
    const { constant, members } = found;
    if (isWord) {
      const reason = `the constant ${quote(only?.text ?? '')} is referred to by its name alone`;
      this.#names.report(reason, scope, expression.offset, `write ${constant.name}`);
    }
    const declared = this.typeOf(constant);
    const value = this.constant(constant);
    if (declared === undefined || value === undefined)
      return this.#place({ kind: 'wrong' }, expression, context);
    const inner = this.#descend(value, declared, members, scope);
    if (inner === undefined) return this.#place({ kind: 'wrong' }, expression, context);
    return this.#convert(inner.value, inner.type, type, expression, context);
  }

  /** A literal or an enumerant that is written as a name; `undefined` when it is neither. */
  #word(name: Name, type: Type, expression: Reference, context: Context): Value | undefined {
    if (type.kind === 'enum') {
      if (type.members.includes(name.text))
        return this.#place({ kind: 'enum', value: name.text } as Bare, expression, context);
      if (this.#isNamed(name, context.scope)) return undefined;
      return this.#mismatch(describeType(type), quote(name.text), expression, context);
    }
    const literal = words.get(name.text);
    if (literal === undefined) {
      if (this.#isNamed(name, context.scope)) return undefined;
      const advice = 'text stands in double quotes, and a constant of this file has a dot before its name';
      return this.#mismatch(describeType(type), `the name ${quote(name.text)}`, expression, context, advice);
    }
    if (literal.kind === type.kind) return this.#place(literal, expression, context);
    const first = firstField(type);
    if (literal.kind === first?.field.type.kind) return this.#wrap(first, literal, expression, context);
    return this.#mismatch(describeType(type), name.text, expression, context);
  }

  #isNamed(name: Name, from: Scope): boolean {
    for (let scope: Scope | undefined = from; scope !== undefined; scope = scope.outer) {
      if (scope.names.has(name.text)) return true;
    }
    return false;
  }

  /** What a constant holds at the fields that follow its name. */
  #descend(
    value: Value,
    type: Type,
    members: readonly Name[],
    scope: Scope,
  ): { readonly value: Value; readonly type: Type } | undefined {
    let found = { value, type };
    for (const { text, offset } of members) {
      if (found.value.kind === 'wrong') return undefined;
      const field = found.type.kind === 'struct' ? found.type.fields.get(text) : undefined;
      const inner = found.value.kind === 'struct' ? found.value.fields.get(text) : undefined;
      if (field === undefined || inner === undefined) {
        const reason = field === undefined ? 'has no field' : 'does not set the field';
        return this.#names.report(`the constant ${reason} ${quote(text)}`, scope, offset);
      }
      found = { value: inner, type: field.type };
    }
    return found;
  }

  /** The value of a constant of a type, where another type may be expected. */
  #convert(value: Value, from: Type, to: Type, expression: Reference, context: Context): Value {
    if (value.kind === 'wrong' || sameType(from, to)) return value;
    const number = numberOf(value, to);
    if (number !== undefined) return this.#place(number, expression, context);
    const first = firstField(to);
    if (first !== undefined && sameType(from, first.field.type)) {
      const fields = new Map([[first.field.name, value]]);
      return this.#place({ kind: 'struct', type: first.owner, fields } as Bare, expression, context);
    }
    return this.#mismatch(describeType(to), `a constant of the type ${nameOf(from)}`, expression, context);
  }

  #wrap(first: First, inner: Bare, expression: Expression, context: Context): Value {
    const trail = { step: first.field.name, before: context.trail };
    const fields = new Map([[first.field.name, this.#place(inner, expression, { ...context, trail })]]);
    return this.#place({ kind: 'struct', type: first.owner, fields } as Bare, expression, context);
  }

  #place(value: Bare, { offset }: { readonly offset: number }, { scope, trail }: Context): Value {
    return { ...value, source: scope.file.source, offset, trail } as Value;
  }

  #wrong(type: Type, expression: Expression, context: Context): Value {
    return this.#mismatch(describeType(type), describeExpression(expression), expression, context);
  }

  #mismatch(
    expected: string,
    found: string,
    { offset }: { readonly offset: number },
    context: Context,
    advice?: string,
  ): Value {
    const wrong = this.#place({ kind: 'wrong' }, { offset }, context);
    this.#problems.report('CONFIG_VALUE', { expected, found, advice }, placeOf(wrong));
    return wrong;
  }
}
