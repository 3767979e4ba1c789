/** Literals of the capnp dialect and the types that they can be of. Pure functions; runs in the supervisor. */
import { quote } from '../../shared/text.ts';
import type { Expression } from './syntax.ts';
import type { Field, StructType, Type } from './types.ts';
import type { Value } from './values.ts';

export type Kind<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

/** A value that has no place yet. */
export type Bare = Omit<Value, 'source' | 'offset' | 'trail'>;

/** Literals that are written as names. */
export const words: ReadonlyMap<string, Bare> = new Map<string, Bare>([
  ['void', { kind: 'void' }],
  ['true', { kind: 'bool', value: true } as Bare],
  ['false', { kind: 'bool', value: false } as Bare],
  ['nan', { kind: 'float', value: NaN } as Bare],
  ['inf', { kind: 'float', value: Infinity } as Bare],
]);

/** The field that a bare value stands for, and its struct. */
export interface First {
  readonly owner: StructType;
  readonly field: Field;
}

/** That field, where a struct is expected. */
export function firstField(type: Type): First | undefined {
  if (type.kind !== 'struct') return undefined;
  const [field] = type.fields.values();
  return field === undefined ? undefined : { owner: type, field };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function isUtf8(bytes: Uint8Array): boolean {
  try {
    utf8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** The value that a literal is of exactly this type. */
export function literalOf(
  expression: Kind<'text' | 'data' | 'integer' | 'float'>,
  type: Type,
): Bare | undefined {
  if (expression.kind === 'text') {
    const { text, bytes } = expression;
    if (type.kind === 'data') return { kind: 'data', bytes: bytes ?? Buffer.from(text, 'utf8') } as Bare;
    const isText = type.kind === 'text' && (bytes === undefined || isUtf8(bytes));
    return isText ? ({ kind: 'text', text } as Bare) : undefined;
  }
  if (expression.kind === 'data') {
    return type.kind === 'data' ? ({ kind: 'data', bytes: expression.bytes } as Bare) : undefined;
  }
  return numberOf(expression, type);
}

/** The value that a number is of exactly this type. */
export function numberOf(
  value: { readonly kind: string; readonly value?: unknown },
  type: Type,
): Bare | undefined {
  if (type.kind === 'float' && (value.kind === 'float' || value.kind === 'integer')) {
    return { kind: 'float', value: Number(value.value) } as Bare;
  }
  if (type.kind !== 'integer' || typeof value.value !== 'bigint') return undefined;
  const isWithin = value.value >= type.least && value.value <= type.most;
  return isWithin ? ({ kind: 'integer', value: value.value } as Bare) : undefined;
}

/** As it stands after "found" in an error. */
export function describeExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'integer':
    case 'float':
      return `the number ${expression.value}`;
    case 'text':
      return `the text ${quote(expression.text)}`;
    case 'data':
      return `${expression.bytes.length} bytes`;
    case 'list':
      return `a list of ${expression.items.length}`;
    case 'tuple':
      return 'fields in parentheses';
    case 'embed':
      return 'an embedded file';
    case 'reference':
      return 'a reference';
  }
}
