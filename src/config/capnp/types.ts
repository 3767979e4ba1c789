/** The types of the capnp dialect, made from the table of workerd's schema. Data and pure functions; runs in the supervisor. */
import { enumTable, structTable } from './schema-table.ts';
import type { StructName } from './schema-table.ts';

/** A type. Discriminated by `kind`; one object for each struct and enum, so that these are compared by identity. */
export type Type =
  | { readonly kind: 'void' | 'bool' | 'text' | 'data' | 'float' }
  | { readonly kind: 'integer'; readonly name: string; readonly least: bigint; readonly most: bigint }
  | { readonly kind: 'enum'; readonly name: string; readonly members: readonly string[] }
  | { readonly kind: 'list'; readonly item: Type }
  | StructType;

export interface StructType {
  readonly kind: 'struct';
  readonly name: StructName;
  /** A struct without a name of its own, which has fields and cannot be the type of a constant. */
  readonly isGroup: boolean;
  /** In the order of their numbers. */
  readonly fields: ReadonlyMap<string, Field>;
}

export interface Field {
  readonly name: string;
  readonly type: Type;
  /** Whether it is a member of the union of its struct. */
  readonly inUnion: boolean;
}

function integer(name: string, bits: bigint, isSigned: boolean): Type {
  const most = 2n ** (isSigned ? bits - 1n : bits) - 1n;
  return { kind: 'integer', name, least: isSigned ? -most - 1n : 0n, most };
}

const float: Type = { kind: 'float' };

/** The types that every file knows. */
export const builtinTypes: ReadonlyMap<string, Type> = new Map<string, Type>([
  ['Void', { kind: 'void' }],
  ['Bool', { kind: 'bool' }],
  ['Text', { kind: 'text' }],
  ['Data', { kind: 'data' }],
  ['Float32', float],
  ['Float64', float],
  ...[8n, 16n, 32n, 64n].flatMap((bits): [string, Type][] => [
    [`Int${bits}`, integer(`Int${bits}`, bits, true)],
    [`UInt${bits}`, integer(`UInt${bits}`, bits, false)],
  ]),
]);

const named = new Map<string, Type>();

/** A type of workerd's schema, or a built-in one, as the table writes it. */
function typeOf(written: string): Type {
  const item = /^List\((?<item>.*)\)$/u.exec(written)?.groups?.['item'];
  if (item !== undefined) return { kind: 'list', item: typeOf(item) };
  const type = builtinTypes.get(written) ?? named.get(written);
  if (type === undefined) throw new Error(`the table of workerd's schema names no type ${written}`);
  return type;
}

function makeTypes(): void {
  const unfilled = new Map<string, Map<string, Field>>();
  for (const name of Object.keys(structTable) as StructName[]) {
    const fields = new Map<string, Field>();
    unfilled.set(name, fields);
    named.set(name, { kind: 'struct', name, isGroup: /(?:^|\.)[a-z]\w*$/u.test(name), fields });
  }
  for (const [name, members] of Object.entries(enumTable)) named.set(name, { kind: 'enum', name, members });
  for (const [name, table] of Object.entries(structTable)) {
    for (const [field, written] of Object.entries(table)) {
      const type = typeOf(written.replace(/^\|/u, ''));
      unfilled.get(name)?.set(field, { name: field, type, inUnion: written.startsWith('|') });
    }
  }
}

makeTypes();

/** A type that a file can name, by its name in workerd's schema: `Worker.Module`. Groups have none. */
export function workerdType(name: string): Type | undefined {
  const type = named.get(name);
  return type?.kind === 'struct' && type.isGroup ? undefined : type;
}

/** The names of the types that stand in the schema (`''`) or in one of its types. */
export function workerdTypesIn(scope: string): string[] {
  const prefix = scope === '' ? '' : `${scope}.`;
  return [...named.keys()]
    .filter((name) => name.startsWith(prefix) && workerdType(name) !== undefined)
    .map((name) => name.slice(prefix.length))
    .filter((name) => !name.includes('.'));
}

export function sameType(a: Type, b: Type): boolean {
  return a.kind === 'list' && b.kind === 'list' ? sameType(a.item, b.item) : a === b;
}

/** What a value of the type is called in an error: `text`, `a whole number from 0 to 255`. */
export function describeType(type: Type): string {
  switch (type.kind) {
    case 'void':
      return 'void';
    case 'bool':
      return 'true or false';
    case 'text':
      return 'text in double quotes';
    case 'data':
      return 'bytes: 0x"…" or text';
    case 'float':
      return 'a number';
    case 'integer':
      return `a whole number from ${type.least} to ${type.most}`;
    case 'enum':
      return `one of ${type.members.join(', ')}`;
    case 'list':
      return `a list [ … ] of ${nameOf(type.item)}`;
    case 'struct':
      return describeStruct(type);
  }
}

function describeStruct({ name, isGroup, fields }: StructType): string {
  const names = [...fields.keys()];
  const shown = names.slice(0, 4).join(', ') + (names.length > 4 ? ', …' : '');
  return isGroup ? `( ${shown} )` : `a ${name} ( ${shown} )`;
}

/** The type as a file writes it. */
export function nameOf(type: Type): string {
  switch (type.kind) {
    case 'list':
      return `List(${nameOf(type.item)})`;
    case 'integer':
    case 'enum':
    case 'struct':
      return type.name;
    default:
      return `${type.kind.charAt(0).toUpperCase()}${type.kind.slice(1)}`;
  }
}
