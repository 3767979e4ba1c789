/** The syntax tree of a capnp file, as far as configurations need it. Offsets are UTF-16 offsets from the start of the file. */

/** An identifier where it stands. */
export interface Name {
  readonly text: string;
  readonly offset: number;
}

/** What stands for a value or for a type. Discriminated by `kind`. */
export type Expression =
  | { readonly kind: 'integer'; readonly value: bigint; readonly offset: number }
  | { readonly kind: 'float'; readonly value: number; readonly offset: number }
  | TextExpression
  | { readonly kind: 'data'; readonly bytes: Uint8Array; readonly offset: number }
  | { readonly kind: 'list'; readonly items: readonly Expression[]; readonly offset: number }
  | { readonly kind: 'tuple'; readonly fields: readonly Assignment[]; readonly offset: number }
  | { readonly kind: 'embed'; readonly path: TextExpression; readonly offset: number }
  | Reference;

export interface TextExpression {
  readonly kind: 'text';
  readonly text: string;
  /** Its bytes, where escapes made them: they need not be UTF-8. */
  readonly bytes: Uint8Array | undefined;
  readonly offset: number;
}

/** `name = value`; the name of a single value in parentheses is absent. */
export interface Assignment {
  readonly name: Name | undefined;
  readonly value: Expression;
}

/** `name`, `.name`, `import "file"`, each with members after it, and perhaps with arguments, as in `List(Text)`. */
export interface Reference {
  readonly kind: 'reference';
  /** Where the first name is looked up: from the scope outwards, in the file, or in another file. */
  readonly from: 'scope' | 'file' | TextExpression;
  readonly names: readonly Name[];
  readonly args: readonly Expression[] | undefined;
  readonly offset: number;
}

/** A statement. Discriminated by `kind`; annotations and file ids leave nothing behind. */
export type Declaration =
  | { readonly kind: 'using'; readonly name: Name; readonly target: Reference }
  | { readonly kind: 'const'; readonly name: Name; readonly type: Reference; readonly value: Expression }
  /** `struct`, `enum` and so on: a scope, and a type that no configuration can use. */
  | {
      readonly kind: 'type';
      readonly name: Name;
      readonly keyword: string;
      readonly members: readonly Declaration[];
    };

/** A file: its statements, and the texts of its imports. */
export interface SyntaxTree {
  readonly declarations: readonly Declaration[];
  readonly imports: readonly TextExpression[];
}
