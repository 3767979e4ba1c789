/**
 * Decides what of the prelude every realm makes at its start and what it makes later, and how far each variable has to be seen. A variable
 * costs every realm a slot where the whole prelude sees it, and nothing where only a module sees it that is not loaded. Pure functions.
 */

import type { AnyNode, FunctionDeclaration, Identifier, Node } from 'acorn';
import { importOf, type PreludeProgram, type RequireSite } from './prelude-program.ts';
import { identifiersIn } from './syntax.ts';

/**
 * Where a variable is declared: in the function of a module (by its name), in that of a group (by its name), in the one that makes those of
 * the groups, or before all.
 */
export type Level = { readonly module: string } | { readonly group: string } | 'later' | 'top';

export interface PreludeLayout {
  /** Modules that are evaluated at the start: `start` is reached through them without a `require`. */
  readonly eager: ReadonlySet<string>;
  /**
   * Functions that are made when their module is first asked for. Of an eager module, those that no code of the start can come to: only
   * lazy modules use them.
   */
  readonly functionsOf: ReadonlyMap<string, readonly FunctionDeclaration[]>;
  /** Modules that have an initialiser: something is left to be made when they are asked for. */
  readonly lazy: ReadonlySet<string>;
  /** The eager modules of which the code of a lazy one uses functions that are made late. */
  readonly needsOf: (module: string) => ReadonlySet<string>;
  /** By late function of an eager module: the module. */
  readonly makers: ReadonlyMap<string, string>;
  /** How far a variable is seen, an initialiser's own included. */
  readonly levelOf: (variable: string) => Level;
  /** The module in whose initialiser the code at the offset comes to stand; undefined for the code of the start. */
  readonly ownerAt: (offset: number) => string | undefined;
}

export function layOut(prelude: PreludeProgram): PreludeLayout {
  const { modules } = prelude;
  const eager = eagerModules(prelude);
  const functionsOf = lateFunctions(prelude, eager);
  const lazy = new Set<string>();
  const makers = new Map<string, string>();
  for (const { name, exports } of modules.values()) {
    const functions = functionsOf.get(name) ?? [];
    if (!eager.has(name) || exports !== undefined || functions.length > 0) lazy.add(name);
    if (eager.has(name)) for (const { id } of functions) makers.set(id.name, name);
  }
  const ownerAt = findOwners(prelude, eager, functionsOf);
  const references = collectReferences(prelude, ownerAt);
  const needs = collectNeeds(references, makers);
  addInitialisers(prelude, { eager, lazy, needs, makers, ownerAt }, references);
  return {
    eager,
    functionsOf,
    lazy,
    needsOf: (module) => needs.get(module) ?? new Set(),
    makers,
    levelOf: (variable) => levelFor(variable, references, modules),
    ownerAt,
  };
}

/** From the calls of initialisers that stand between the modules. */
function eagerModules({ program, modules }: PreludeProgram): Set<string> {
  const found = new Set<string>();
  const add = (name: string | undefined): void => {
    const module = name === undefined ? undefined : modules.get(name);
    if (module === undefined || found.has(module.name)) return;
    found.add(module.name);
    for (const each of module.imports) add(each);
  };
  for (const statement of program.body) add(importOf(statement));
  return found;
}

function lateFunctions(
  prelude: PreludeProgram,
  eager: ReadonlySet<string>,
): Map<string, readonly FunctionDeclaration[]> {
  const late = new Map<string, readonly FunctionDeclaration[]>();
  const reached = reachedFunctions(prelude, eager);
  for (const module of prelude.modules.values()) {
    const functions = module.functions;
    late.set(
      module.name,
      eager.has(module.name) ? functions.filter((each) => !reached.has(each)) : functions,
    );
  }
  return late;
}

/** The functions that the code of the start can come to by their names. What a `require` takes is made then, and not reached. */
function reachedFunctions(
  { program, modules, sites, unused }: PreludeProgram,
  eager: ReadonlySet<string>,
): Set<FunctionDeclaration> {
  const lazy = [...modules.values()].filter(({ name }) => !eager.has(name));
  const late = new Set<AnyNode>(lazy.flatMap(({ statement, functions }) => [statement, ...functions]));
  const ofEager = new Map(
    [...modules.values()]
      .filter(({ name }) => eager.has(name))
      .flatMap(({ functions }) => functions.map((each) => [each.id.name, each] as const)),
  );
  const declared = new Set<AnyNode>(ofEager.values());
  for (const { exports } of modules.values()) if (exports !== undefined) late.add(exports.statement);
  for (const { statement } of unused) late.add(statement);
  const isSite = within(sites);
  const reached = new Set<FunctionDeclaration>();
  const pending: AnyNode[] = program.body.filter((each) => !late.has(each) && !declared.has(each));
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const { name, start } of identifiersIn(node)) {
      const found = ofEager.get(name);
      if (found === undefined || reached.has(found) || isSite(start)) continue;
      reached.add(found);
      pending.push(found);
    }
  }
  return reached;
}

type Owned = Pick<Node, 'start' | 'end'> & { readonly owner: string };

function findOwners(
  { modules }: PreludeProgram,
  eager: ReadonlySet<string>,
  functionsOf: ReadonlyMap<string, readonly FunctionDeclaration[]>,
): (offset: number) => string | undefined {
  const owned: Owned[] = [];
  for (const { name, statement, exports } of modules.values()) {
    const nodes: Node[] = [...(functionsOf.get(name) ?? [])];
    if (!eager.has(name)) nodes.push(statement);
    if (exports !== undefined) nodes.push(exports.statement);
    for (const { start, end } of nodes) owned.push({ start, end, owner: name });
  }
  return (offset) => innermost(owned, offset)?.owner;
}

/** None of them overlap. */
function innermost<T extends Pick<Node, 'start' | 'end'>>(nodes: T[], offset: number): T | undefined {
  sortOnce(nodes);
  let [low, high] = [0, nodes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((nodes[middle] as T).start <= offset) low = middle + 1;
    else high = middle;
  }
  const found = nodes[low - 1];
  return found !== undefined && offset < found.end ? found : undefined;
}

const sorted = new WeakSet<object>();

function sortOnce(nodes: Pick<Node, 'start'>[]): void {
  if (sorted.has(nodes)) return;
  sorted.add(nodes);
  nodes.sort((a, b) => a.start - b.start);
}

/** Whether an offset is within one of the sites. */
function within(sites: readonly RequireSite[]): (offset: number) => boolean {
  const nodes = [...sites];
  return (offset) => innermost(nodes, offset) !== undefined;
}

/** By variable: the modules that own code which names it, and undefined for the code of the start. */
type References = Map<string, Set<string | undefined>>;

function addReference(references: References, name: string, owner: string | undefined): void {
  const owners = references.get(name) ?? new Set();
  references.set(name, owners.add(owner));
}

/** Of all variables but the initialisers. */
function collectReferences(
  { program, modules, sites, unused }: PreludeProgram,
  ownerAt: (offset: number) => string | undefined,
): References {
  const references: References = new Map();
  const rewritten = sites
    .filter(({ taken }) => taken !== undefined)
    .map(({ start, end }) => ({ start, end }));
  for (const { declaration, statement } of unused) rewritten.push(declaration, statement);
  const declared = new Set<Identifier>(program.body.flatMap(hoistedVariables));
  for (const { exports } of modules.values())
    for (const { id } of exports?.declaration.declarations ?? [])
      if (id.type === 'Identifier') declared.add(id);
  for (const identifier of identifiersIn(program)) {
    const { name, start } = identifier;
    if (modules.has(name) || declared.has(identifier)) continue;
    if (innermost(rewritten, start) === undefined) addReference(references, name, ownerAt(start));
  }
  for (const { start, taken } of sites)
    for (const { variable } of taken ?? []) addReference(references, variable, ownerAt(start));
  return references;
}

/** The identifiers of `var a, b;`, which esbuild writes for what a module declares. */
export function hoistedVariables(statement: AnyNode): Identifier[] {
  if (statement.type !== 'VariableDeclaration') return [];
  const found = statement.declarations.filter(({ init }) => !init).map(({ id }) => id);
  return found.filter((id) => id.type === 'Identifier');
}

function collectNeeds(references: References, makers: ReadonlyMap<string, string>): Map<string, Set<string>> {
  const needs = new Map<string, Set<string>>();
  for (const [name, maker] of makers) {
    for (const owner of references.get(name) ?? []) {
      if (owner === undefined || owner === maker) continue;
      needs.set(owner, (needs.get(owner) ?? new Set()).add(maker));
    }
  }
  return needs;
}

interface Dependencies extends Pick<PreludeLayout, 'eager' | 'lazy' | 'ownerAt'> {
  readonly needs: ReadonlyMap<string, ReadonlySet<string>>;
  readonly makers: ReadonlyMap<string, string>;
}

/** The references to initialisers: from the modules that import one, and from where it is required. */
function addInitialisers(
  { modules, sites }: PreludeProgram,
  { eager, lazy, needs, makers, ownerAt }: Dependencies,
  references: References,
): void {
  for (const { name, imports } of modules.values()) {
    if (!lazy.has(name)) continue;
    for (const each of needs.get(name) ?? []) addReference(references, each, name);
    if (eager.has(name)) continue;
    for (const each of imports) if (!eager.has(each)) addReference(references, each, name);
  }
  for (const site of sites)
    for (const each of requiredBy(site, eager, makers)) addReference(references, each, ownerAt(site.start));
}

/** The initialisers that have to run before the values of a site are there. */
export function requiredBy(
  { module, taken }: RequireSite,
  eager: ReadonlySet<string>,
  makers: ReadonlyMap<string, string>,
): Set<string> {
  if (taken === undefined || !eager.has(module)) return new Set([module]);
  return new Set(taken.map(({ variable }) => makers.get(variable)).filter((maker) => maker !== undefined));
}

function levelFor(variable: string, references: References, modules: PreludeProgram['modules']): Level {
  const owners = references.get(variable);
  const own = modules.get(variable);
  const groups = new Set<string>();
  for (const owner of owners ?? []) {
    const group = owner === undefined ? undefined : modules.get(owner)?.group;
    if (group === undefined) return 'top';
    groups.add(group);
  }
  if (own !== undefined) groups.add(own.group);
  const [group] = groups;
  const [module] = owners ?? [];
  if (group === undefined) return 'top';
  if (groups.size > 1) return 'later';
  // An initialiser is made by the function of its group.
  return own === undefined && owners?.size === 1 && module !== undefined ? { module } : { group };
}
