/** The names of capnp files and what they stand for: scopes, aliases, imports, types and constants. Runs in the supervisor. */
import { quote } from '../../shared/text.ts';
import { nearest } from '../../shared/suggest.ts';
import type { Problems } from '../problems.ts';
import { TooLarge } from './source.ts';
import type { Source } from './source.ts';
import type { Declaration, Name, Reference, SyntaxTree } from './syntax.ts';
import { builtinTypes, workerdType, workerdTypesIn } from './types.ts';
import type { Type } from './types.ts';
import type { Value } from './values.ts';

/** A file, with what its imports lead to by the text of each. */
export interface CapnpFile {
  readonly source: Source;
  readonly tree: SyntaxTree;
  /** Filled in while the files are read; an import that is absent has been reported. */
  readonly imports: Map<string, CapnpFile | 'workerd' | 'capnp'>;
}

type ConstDeclaration = Extract<Declaration, { kind: 'const' }>;
type UsingDeclaration = Extract<Declaration, { kind: 'using' }>;

/** A constant, and its value once it is known. */
export interface Constant {
  readonly declaration: ConstDeclaration;
  readonly scope: Scope;
  /** `.config`, or `Outer.config` within a type. */
  readonly name: string;
  state: 'new' | 'busy' | 'done';
  /** `undefined` before it is known. */
  type: Type | 'wrong' | undefined;
  value: Value | undefined;
}

interface Alias {
  readonly declaration: UsingDeclaration;
  readonly scope: Scope;
  state: 'new' | 'busy' | 'done';
  target: Entity | undefined;
}

/** What a name stands for. Discriminated by `kind`. */
export type Entity =
  /** A file, or a type of a file's own. */
  | { readonly kind: 'scope'; readonly scope: Scope; readonly what: string }
  /** Something in workerd's schema: the whole of it (`''`), or a type. */
  | { readonly kind: 'workerd'; readonly name: string }
  | { readonly kind: 'type'; readonly type: Type }
  | { readonly kind: 'list' }
  /** A file that comes with Cap'n Proto: nothing in it has a place in a configuration. */
  | { readonly kind: 'capnp' }
  | { readonly kind: 'constant'; readonly constant: Constant; readonly members: readonly Name[] };

/** The names of a file, or of a type in it. */
export class Scope {
  readonly file: CapnpFile;
  readonly outer: Scope | undefined;
  readonly prefix: string;
  readonly names = new Map<string, Entity | Alias>();
  /** Of this scope alone, in their order. */
  readonly constants: Constant[] = [];

  constructor(file: CapnpFile, outer: Scope | undefined, prefix: string) {
    this.file = file;
    this.outer = outer;
    this.prefix = prefix;
  }

  /** The scope of the whole file. */
  get root(): Scope {
    return this.outer?.root ?? this;
  }
}

/** Aliases that lead to each other, and values within each other, at most. */
const deepest = 400;

/** Finds what names stand for; reports those that stand for nothing, once. */
export class Names {
  readonly #problems: Problems;
  readonly #files = new Map<CapnpFile, Scope>();
  #depth = 0;

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  scopeOf(file: CapnpFile): Scope {
    const known = this.#files.get(file);
    if (known !== undefined) return known;
    const scope = new Scope(file, undefined, '');
    this.#files.set(file, scope);
    this.#declare(scope, file.tree.declarations);
    return scope;
  }

  /** What a reference stands for, its arguments aside; `undefined` after a report. */
  resolve(reference: Reference, scope: Scope): Entity | undefined {
    let names = reference.names;
    let found: Entity | undefined;
    if (typeof reference.from === 'object') {
      found = this.#imported(reference.from.text, scope);
    } else {
      const [first] = names;
      if (first === undefined) return undefined;
      names = names.slice(1);
      found = this.#lookUp(first, reference.from === 'file' ? scope.root : scope, reference.from === 'scope');
    }
    for (const [index, name] of names.entries()) {
      if (found === undefined) return undefined;
      if (found.kind === 'constant') return { ...found, members: names.slice(index) };
      found = this.#member(found, name, scope);
    }
    return found;
  }

  /** Runs something that may come back here; throws a `TooLarge` when it does so too often. */
  within<Result>(scope: Scope, offset: number, run: () => Result): Result {
    if (this.#depth >= deepest) {
      const at = { source: scope.file.source, offset };
      throw new TooLarge('references lead too deep', `${deepest} within each other`, at);
    }
    this.#depth += 1;
    try {
      return run();
    } finally {
      this.#depth -= 1;
    }
  }

  report(reason: string, scope: Scope, offset: number, advice?: string): undefined {
    this.#problems.report('CONFIG_REFERENCE', { reason, advice }, scope.file.source.place(offset));
  }

  #declare(scope: Scope, declarations: readonly Declaration[]): void {
    const first = new Map<string, number>();
    for (const declaration of declarations) {
      const { text: name, offset } = declaration.name;
      const earlier = first.get(name);
      if (earlier !== undefined) {
        const { line, column } = scope.file.source.place(earlier);
        const details = { what: 'name', name, first: `line ${line}, column ${column}` };
        this.#problems.report('CONFIG_DUPLICATE', details, scope.file.source.place(offset));
        continue;
      }
      first.set(name, offset);
      scope.names.set(name, this.#entityOf(declaration, scope));
    }
  }

  #entityOf(declaration: Declaration, scope: Scope): Entity | Alias {
    const name = `${scope.prefix}.${declaration.name.text}`;
    switch (declaration.kind) {
      case 'using':
        return { declaration, scope, state: 'new', target: undefined };
      case 'const': {
        const constant: Constant = {
          declaration,
          scope,
          name,
          state: 'new',
          type: undefined,
          value: undefined,
        };
        scope.constants.push(constant);
        return { kind: 'constant', constant, members: [] };
      }
      case 'type': {
        const inner = new Scope(scope.file, scope, scope.prefix === '' ? declaration.name.text : name);
        this.#declare(inner, declaration.members);
        return {
          kind: 'scope',
          scope: inner,
          what: `the ${declaration.keyword} ${quote(declaration.name.text)}`,
        };
      }
    }
  }

  #imported(text: string, scope: Scope): Entity | undefined {
    const file = scope.file.imports.get(text);
    if (file === undefined) return undefined;
    if (file === 'workerd') return { kind: 'workerd', name: '' };
    if (file === 'capnp') return { kind: 'capnp' };
    return { kind: 'scope', scope: this.scopeOf(file), what: `the file ${quote(text)}` };
  }

  #lookUp(name: Name, from: Scope, outwards: boolean): Entity | undefined {
    for (
      let scope: Scope | undefined = from;
      scope !== undefined;
      scope = outwards ? scope.outer : undefined
    ) {
      const found = scope.names.get(name.text);
      if (found !== undefined) return this.#follow(found);
    }
    const builtin = outwards ? builtinTypes.get(name.text) : undefined;
    if (builtin !== undefined) return { kind: 'type', type: builtin };
    if (outwards && name.text === 'List') return { kind: 'list' };
    const known = [...from.names.keys(), ...from.root.names.keys(), ...(outwards ? builtinTypes.keys() : [])];
    return this.#unknown('nothing here is named', name, known, from);
  }

  #member(owner: Entity, name: Name, at: Scope): Entity | undefined {
    switch (owner.kind) {
      case 'scope': {
        const found = owner.scope.names.get(name.text);
        if (found !== undefined) return this.#follow(found);
        return this.#unknown(`${owner.what} has nothing named`, name, [...owner.scope.names.keys()], at);
      }
      case 'workerd': {
        const full = owner.name === '' ? name.text : `${owner.name}.${name.text}`;
        if (workerdType(full) !== undefined) return { kind: 'workerd', name: full };
        const what = owner.name === '' ? 'the schema of workerd' : `the type ${owner.name}`;
        return this.#unknown(`${what} has nothing named`, name, workerdTypesIn(owner.name), at);
      }
      case 'capnp':
        return owner;
      default:
        return this.report(`there is nothing in it that is named ${quote(name.text)}`, at, name.offset);
    }
  }

  #unknown(start: string, { text, offset }: Name, known: readonly string[], scope: Scope): undefined {
    const meant = nearest(text, known);
    const suggestion = meant === undefined ? '' : `; did you mean ${quote(meant)}?`;
    return this.report(`${start} ${quote(text)}${suggestion}`, scope, offset);
  }

  #follow(found: Entity | Alias): Entity | undefined {
    if ('kind' in found) return found;
    const { declaration, scope } = found;
    const { text, offset } = declaration.name;
    if (found.state === 'busy') {
      found.state = 'done';
      return this.report(`the name ${quote(text)} is defined by itself`, scope, offset);
    }
    if (found.state === 'new') {
      found.state = 'busy';
      found.target = this.within(scope, offset, () => this.resolve(declaration.target, scope));
      found.state = 'done';
    }
    return found.target;
  }
}
