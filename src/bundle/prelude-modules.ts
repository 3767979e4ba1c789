/**
 * The modules of the prelude in a cheaper form than esbuild's. Every realm pays for what a prelude does at its start, and few realms load
 * most of it. So the modules that the start needs become its own code, one after the other; and of the others everything, variables
 * included, is made when they are loaded, one folder with one function (docs/decisions/cost-of-a-realm.md). Pure functions.
 */

import type { Node, Program, Statement } from 'acorn';
import { splice, type Edit } from './edits.ts';
import { hoistedVariables, layOut, requiredBy, type Level, type PreludeLayout } from './prelude-layout.ts';
import {
  importOf,
  readProgram,
  type PreludeModule,
  type PreludeProgram,
  type RequireSite,
} from './prelude-program.ts';

/** What an initialiser is replaced by when it has run: the function is let go of, and a look at the variable says that it need not be called. */
const evaluated = '$evaluated';

/** The function that makes those of the groups. It needs no more stack than its own call: it is there as a whole, or not at all. */
const later = '$later';

/** Stands before the prelude's code. */
export const modulesHeader = `function ${evaluated}() {}`;

/** The edits that rewrite modules, and what asks for them. `fileAt`: where the code at an offset comes from. */
export function moduleEdits(
  text: string,
  program: Program,
  fileAt: (offset: number) => string | undefined,
): Edit[] {
  const prelude = readProgram(program, fileAt);
  const writer = new Writer(text, prelude, layOut(prelude));
  return writer.edits();
}

class Writer {
  readonly #text: string;
  readonly #prelude: PreludeProgram;
  readonly #layout: PreludeLayout;
  readonly #groups: readonly string[];
  /** Eager modules that have been written already. */
  readonly #written = new Set<string>();
  readonly #sites: readonly Edit[];
  /** Variables of modules by where they are declared. */
  readonly #variables: ReadonlyMap<string, readonly string[]>;

  constructor(text: string, prelude: PreludeProgram, layout: PreludeLayout) {
    this.#text = text;
    this.#prelude = prelude;
    this.#layout = layout;
    this.#groups = [...new Set([...prelude.modules.values()].map(({ group }) => group))];
    this.#sites = prelude.sites.map((site) => this.#siteEdit(site));
    this.#variables = Map.groupBy(this.#declaredNames(), (name) => levelKey(layout.levelOf(name)));
  }

  edits(): Edit[] {
    const edits: Edit[] = [];
    const put = ({ start, end }: Node, text: string): void => void edits.push({ start, end, text });
    for (const { name, statement, exports } of this.#prelude.modules.values()) {
      put(statement, '');
      for (const each of this.#layout.functionsOf.get(name) ?? []) put(each, '');
      if (exports !== undefined) for (const each of [exports.declaration, exports.statement]) put(each, '');
    }
    for (const { declaration, statement } of this.#prelude.unused) {
      put(declaration, '');
      put(statement, '');
    }
    for (const statement of this.#prelude.program.body) {
      const imported = importOf(statement);
      if (imported !== undefined) put(statement, this.#eagerText(imported));
      // They are declared where they are seen, and those that everything sees in front.
      if (hoistedVariables(statement).length > 0) put(statement, '');
    }
    const isMoved = (edit: Edit): boolean =>
      edits.some(({ start, end }) => edit.start >= start && edit.end <= end);
    const { start = 0 } = this.#prelude.program.body[0] ?? {};
    const front = `${declaration(this.#variables.get('top'))}\n${this.#laterText()}\n`;
    return [{ start, end: start, text: front }, ...edits, ...this.#sites.filter((edit) => !isMoved(edit))];
  }

  #lazyModules(): PreludeModule[] {
    return [...this.#prelude.modules.values()].filter(({ name }) => this.#layout.lazy.has(name));
  }

  /** What is declared without a value: esbuild's declarations, and what initialisers assign. */
  #declaredNames(): string[] {
    const names = this.#prelude.program.body.flatMap(hoistedVariables).map(({ name }) => name);
    for (const { name, exports } of this.#lazyModules()) {
      names.push(name, ...(this.#layout.functionsOf.get(name) ?? []).map(({ id }) => id.name));
      if (exports !== undefined) names.push(exports.name);
    }
    return names;
  }

  /** The code of an eager module in the place of the first import of it, that of its own imports first. */
  #eagerText(name: string): string {
    const module = this.#prelude.modules.get(name);
    if (module === undefined || this.#written.has(name)) return '';
    this.#written.add(name);
    return module.statements.map((statement) => this.#eagerStatement(statement)).join('\n');
  }

  #eagerStatement(statement: Statement): string {
    const imported = importOf(statement);
    return imported === undefined ? this.#render(statement) : this.#eagerText(imported);
  }

  /** Everything that is not needed at the start. Before it is called, a realm holds nothing else of it. */
  #laterText(): string {
    const groups = Map.groupBy(this.#lazyModules(), ({ group }) => group);
    return `${declaration(this.#groups.map((group) => this.#groupName(group)))}
var ${later} = function () {
${declaration(this.#variables.get('later'))}
${[...groups].map(([group, members]) => this.#groupText(group, members)).join('\n')}
${later} = ${evaluated};
};`;
  }

  /** The function that makes the initialisers of a group. */
  #groupText(group: string, members: readonly PreludeModule[]): string {
    return `${this.#groupName(group)} = function () {
${declaration(this.#variables.get(levelKey({ group })))}
${members.map((module) => this.#initialiserText(module)).join('\n')}
};`;
  }

  /**
   * The first call evaluates the module. While it is being evaluated, and afterwards, a call does nothing. A module that failed half way is
   * evaluated again at its next use: only a lack of stack can have stopped it, where a worker came upon it at the end of a deep
   * recursion, and the realm must not lose the module by that. The functions exist before the first import is followed, so that a
   * circle of modules works as it does with hoisted ones.
   */
  #initialiserText(module: PreludeModule): string {
    const { name, exports, statements } = module;
    const functions = this.#layout.functionsOf.get(name) ?? [];
    const isEager = this.#layout.eager.has(name);
    const lines = [
      ...(exports === undefined ? [] : [`${exports.name} = {};`, this.#render(exports.statement)]),
      ...functions.map((each) => `${each.id.name} = ${this.#render(each)};`),
      ...[...this.#layout.needsOf(name)].map((each) => `${this.#call(each, name)};`),
      ...(isEager ? [] : statements.map((each) => this.#lazyStatement(each, name))),
    ];
    return `${name} = function initialise() {
${declaration(this.#variables.get(levelKey({ module: name })))}
  ${name} = ${evaluated};
  try {
    ${lines.filter((line) => line !== '').join('\n    ')}
  } catch (error) {
    ${name} = initialise;
    throw error;
  }
};`;
  }

  #lazyStatement(statement: Statement, owner: string): string {
    const imported = importOf(statement);
    if (imported === undefined) return this.#render(statement);
    return this.#layout.eager.has(imported) ? '' : `${this.#call(imported, owner)};`;
  }

  /** `init_x()`, which makes the initialisers of its group first where the caller is of another one, or of the start. */
  #call(name: string, caller: string | undefined): string {
    const group = this.#prelude.modules.get(name)?.group ?? '';
    if (caller === undefined) return `(${name} || (${later}(), ${this.#groupName(group)}()), ${name})()`;
    const isKnown = this.#prelude.modules.get(caller)?.group === group;
    return isKnown ? `${name}()` : `(${name} || ${this.#groupName(group)}(), ${name})()`;
  }

  #groupName(group: string): string {
    return `group$${this.#groups.indexOf(group)}`;
  }

  /** `require` looks before it calls, so that it may stand where calls are many. */
  #siteEdit(site: RequireSite): Edit {
    const owner = this.#layout.ownerAt(site.start);
    const checks = [...requiredBy(site, this.#layout.eager, this.#layout.makers)]
      .filter((each) => this.#layout.lazy.has(each))
      .map((each) => `${each} === ${evaluated} || ${this.#call(each, owner)}, `)
      .join('');
    return { start: site.start, end: site.end, text: this.#siteText(site, checks) };
  }

  #siteText({ exportsName, taken }: RequireSite, checks: string): string {
    if (taken === undefined) return `${checks}${exportsName}`;
    return taken
      .map(({ variable, constant }, index) => {
        const value = index === 0 ? `(${checks}${variable})` : variable;
        return constant === undefined ? value : `${constant} = ${value}`;
      })
      .join(', ');
  }

  /** The text of a node, with the sites in it as they must be. */
  #render({ start, end }: Node): string {
    const within = this.#sites.filter((edit) => edit.start >= start && edit.end <= end);
    const shifted = within.map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start }));
    return splice(this.#text.slice(start, end), shifted);
  }
}

function declaration(names: readonly string[] | undefined): string {
  return names === undefined || names.length === 0 ? '' : `var ${names.join(', ')};`;
}

function levelKey(level: Level): string {
  if (typeof level === 'string') return level;
  return 'group' in level ? `group ${level.group}` : `module ${level.module}`;
}
