/**
 * The modules of the prelude as esbuild has written them: what each declares, imports and exports, and where other code asks for it with
 * `require`. Reads the tree and changes nothing. Pure functions.
 */

import { dirname } from 'node:path';
import type {
  AnyNode,
  ExpressionStatement,
  FunctionDeclaration,
  Node,
  Program,
  Statement,
  VariableDeclaration,
} from 'acorn';
import { identifiersIn, walk } from './syntax.ts';

/** `var init_x = __esm({ "x.ts"() { statements } });`, with the declarations that esbuild has hoisted out of it. */
export interface PreludeModule {
  /** `init_x` */
  readonly name: string;
  /** The module's folder: what is made together. */
  readonly group: string;
  readonly statement: VariableDeclaration;
  readonly statements: readonly Statement[];
  /** The initialisers that the statements call: its static imports, in their order. */
  readonly imports: readonly string[];
  readonly functions: readonly FunctionDeclaration[];
  /** `var x_exports = {}; __export(x_exports, {...});`, where some code needs the object. */
  exports: ExportsObject | undefined;
}

/** The object that stands for a module where other code has all its exports in its hands. */
export interface ExportsObject {
  /** `x_exports` */
  readonly name: string;
  readonly declaration: VariableDeclaration;
  readonly statement: ExpressionStatement;
  /** By name of the export: the variable. */
  readonly variables: ReadonlyMap<string, string>;
}

/** `(init_x(), __toCommonJS(x_exports))`, and what is taken from it at once, if that is all. */
export interface RequireSite extends Pick<Node, 'start' | 'end'> {
  /** `init_x` */
  readonly module: string;
  /** `x_exports` */
  readonly exportsName: string;
  /** `.a` gives `[a]`; `const { a, b: c } =` gives both with the names of the constants. Undefined: the object is needed. */
  readonly taken: readonly Taken[] | undefined;
}

/** A variable of the module, and the name of the constant that it becomes, if it becomes one. */
export interface Taken {
  readonly variable: string;
  readonly constant: string | undefined;
}

export interface PreludeProgram {
  readonly program: Program;
  /** By the name of the initialiser. */
  readonly modules: ReadonlyMap<string, PreludeModule>;
  readonly sites: readonly RequireSite[];
  /** Nobody asks for these: everything that is required of their modules is taken at once. */
  readonly unused: readonly ExportsObject[];
}

/** Reads the output of esbuild. `fileAt`: where the code at an offset comes from. Throws for a form that it does not know. */
export function readProgram(
  program: Program,
  fileAt: (offset: number) => string | undefined,
): PreludeProgram {
  const functions = Map.groupBy(
    program.body.filter((statement) => statement.type === 'FunctionDeclaration'),
    (statement) => fileAt(statement.start) ?? '',
  );
  const modules = new Map<string, PreludeModule>();
  for (const statement of program.body) {
    const found = readModule(statement);
    if (found === undefined) continue;
    const { file, ...module } = found;
    modules.set(module.name, { ...module, functions: functions.get(file) ?? [], exports: undefined });
  }
  const exports = readExportsObjects(program);
  const sites = readSites(program, exports);
  const ownOnly = requiredOnly(program, sites, exports);
  for (const { exportsName, module, taken } of sites) {
    const target = modules.get(module);
    if (taken === undefined && target !== undefined) target.exports = ownOnly.get(exportsName);
  }
  const used = new Set([...modules.values()].map((module) => module.exports));
  return { program, modules, sites, unused: [...ownOnly.values()].filter((object) => !used.has(object)) };
}

function readModule(
  statement: AnyNode,
): (Omit<PreludeModule, 'functions' | 'exports'> & { file: string }) | undefined {
  if (statement.type !== 'VariableDeclaration') return undefined;
  const [{ id, init } = {}] = statement.declarations;
  if (id?.type !== 'Identifier' || !init || calleeOf(init) !== '__esm' || init.type !== 'CallExpression')
    return undefined;
  const [members] = init.arguments;
  const [member] = members?.type === 'ObjectExpression' ? members.properties : [];
  if (
    member?.type !== 'Property' ||
    member.key.type !== 'Literal' ||
    member.value.type !== 'FunctionExpression'
  )
    throw new Error(`the module ${id.name} of the prelude has an unknown form`);
  const file = String(member.key.value);
  const statements = member.value.body.body;
  for (const { type } of statements) {
    if (!type.endsWith('Statement'))
      throw new Error(`the module ${id.name} of the prelude declares by itself`);
  }
  return {
    name: id.name,
    file,
    group: dirname(file),
    statement,
    statements,
    imports: statements.map(importOf).filter((name) => name !== undefined),
  };
}

/** `init_x` of the statement `init_x();` */
export function importOf(statement: AnyNode): string | undefined {
  const name = statement.type === 'ExpressionStatement' ? calleeOf(statement.expression) : undefined;
  return name?.startsWith('init_') === true ? name : undefined;
}

/** The name that a call calls. */
function calleeOf(node: AnyNode): string | undefined {
  return node.type === 'CallExpression' && node.callee.type === 'Identifier' ? node.callee.name : undefined;
}

/** `name` of `callee(name, ...)`. */
function argumentOf(node: AnyNode, callee: string): string | undefined {
  if (calleeOf(node) !== callee || node.type !== 'CallExpression') return undefined;
  const [first] = node.arguments;
  return first?.type === 'Identifier' ? first.name : undefined;
}

/** By the name of the object. */
function readExportsObjects(program: Program): Map<string, ExportsObject> {
  const found = new Map<string, ExportsObject>();
  const declarations = new Map<string, VariableDeclaration>();
  for (const statement of program.body) {
    if (statement.type === 'VariableDeclaration') {
      const [{ id, init } = {}] = statement.declarations;
      if (id?.type === 'Identifier' && init?.type === 'ObjectExpression')
        declarations.set(id.name, statement);
      continue;
    }
    const name =
      statement.type === 'ExpressionStatement' ? argumentOf(statement.expression, '__export') : undefined;
    const declaration = name === undefined ? undefined : declarations.get(name);
    if (name === undefined || declaration === undefined || statement.type !== 'ExpressionStatement') continue;
    found.set(name, { name, declaration, statement, variables: exportedVariables(statement) });
  }
  return found;
}

/** Of `__export(x_exports, { a: () => variable });` */
function exportedVariables({ expression }: ExpressionStatement): Map<string, string> {
  const variables = new Map<string, string>();
  const getters = expression.type === 'CallExpression' ? expression.arguments[1] : undefined;
  for (const getter of getters?.type === 'ObjectExpression' ? getters.properties : []) {
    if (getter.type !== 'Property' || getter.value.type !== 'ArrowFunctionExpression') continue;
    const { key } = getter;
    const name =
      key.type === 'Identifier' ? key.name : key.type === 'Literal' ? String(key.value) : undefined;
    if (name !== undefined && getter.value.body.type === 'Identifier')
      variables.set(name, getter.value.body.name);
  }
  return variables;
}

function readSites(program: Program, exports: ReadonlyMap<string, ExportsObject>): RequireSite[] {
  const sites: RequireSite[] = [];
  const inner = new Set<AnyNode>();
  // Outer nodes come before those in them.
  walk(program, (node) => {
    const outer = takingSite(node, exports);
    const required = outer ?? (inner.has(node) ? undefined : requireOf(node));
    if (required === undefined) return;
    if (outer !== undefined) inner.add(outer.required);
    const { module, exportsName } = required;
    sites.push({ start: node.start, end: node.end, module, exportsName, taken: outer?.taken });
  });
  return sites;
}

/** `(init_x(), __toCommonJS(x_exports))` */
function requireOf(node: AnyNode | null | undefined): { module: string; exportsName: string } | undefined {
  if (node?.type !== 'SequenceExpression') return undefined;
  const [first, second] = node.expressions;
  const module = first && calleeOf(first);
  const exportsName = second && argumentOf(second, '__toCommonJS');
  return module === undefined || exportsName === undefined ? undefined : { module, exportsName };
}

function takingSite(
  node: AnyNode,
  exports: ReadonlyMap<string, ExportsObject>,
): { module: string; exportsName: string; taken: Taken[]; required: AnyNode } | undefined {
  const required =
    node.type === 'MemberExpression' && !node.computed
      ? node.object
      : node.type === 'VariableDeclarator'
        ? node.init
        : undefined;
  const found = requireOf(required);
  if (found === undefined || !required) return undefined;
  const variables = exports.get(found.exportsName)?.variables;
  const names = node.type === 'MemberExpression' ? memberName(node) : patternNames(node);
  const taken = names?.map(([name, constant]) => ({ variable: variables?.get(name) ?? '', constant }));
  if (taken === undefined || taken.some(({ variable }) => variable === '')) return undefined;
  return { ...found, taken, required };
}

type NamePair = [name: string, constant: string | undefined];

function memberName(node: AnyNode): NamePair[] | undefined {
  return node.type === 'MemberExpression' && node.property.type === 'Identifier'
    ? [[node.property.name, undefined]]
    : undefined;
}

/** Of `{ a, b: c }`. */
function patternNames(node: AnyNode): NamePair[] | undefined {
  if (node.type !== 'VariableDeclarator' || node.id.type !== 'ObjectPattern') return undefined;
  const names: NamePair[] = [];
  for (const property of node.id.properties) {
    if (property.type !== 'Property' || property.computed) return undefined;
    if (property.key.type !== 'Identifier' || property.value.type !== 'Identifier') return undefined;
    names.push([property.key.name, property.value.name]);
  }
  return names;
}

/** The objects that nothing but `require` uses, by name: `import * as` may use one before the module is loaded. */
function requiredOnly(
  program: Program,
  sites: readonly RequireSite[],
  exports: ReadonlyMap<string, ExportsObject>,
): Map<string, ExportsObject> {
  const uses = new Map<string, number>();
  for (const { name } of identifiersIn(program)) uses.set(name, (uses.get(name) ?? 0) + 1);
  const required = Map.groupBy(sites, ({ exportsName }) => exportsName);
  // Declared once, defined once, and otherwise only required.
  return new Map([...exports].filter(([name]) => uses.get(name) === (required.get(name)?.length ?? 0) + 2));
}
