/**
 * The modules of the prelude in a cheaper form than esbuild's. Every realm pays for what a prelude does at its start, and few realms load
 * most of it: so the functions and the exports object of a module are made when it is loaded, and the initialisers, one function each, when
 * something of their folder is (docs/decisions/cost-of-a-realm.md). Pure functions.
 */

import { dirname } from 'node:path';
import type {
  AnyNode,
  BlockStatement,
  ExpressionStatement,
  FunctionDeclaration,
  Node,
  Program,
  VariableDeclaration,
} from 'acorn';
import { splice, type Edit } from './edits.ts';
import { identifiersIn, walk } from './syntax.ts';

/** `var init_x = __esm({ "x.ts"() { body } });` */
interface Initialiser {
  readonly name: string;
  /** The module's file. */
  readonly file: string;
  /** The function that makes the initialisers of the file's folder. */
  readonly group: string;
  readonly statement: VariableDeclaration;
  readonly body: BlockStatement;
}

/** What comes to stand in an initialiser, and stood before it. */
interface Contents {
  readonly exports: ExpressionStatement[];
  readonly functions: FunctionDeclaration[];
}

/** The edits that rewrite initialisers, and move into them what they can hold. `fileAt`: where the code at an offset comes from. */
export function moduleEdits(
  text: string,
  program: Program,
  fileAt: (offset: number) => string | undefined,
): Edit[] {
  const initialisers = findInitialisers(program);
  const contentsOf = collectContents(program, initialisers, fileAt);
  const moved = initialisers.flatMap(({ file, statement }) => {
    const { exports, functions } = contentsOf(file);
    return [statement, ...exports, ...functions];
  });
  const calls = callEdits(program, initialisers);
  const render: Render = ({ start, end }) => {
    const within = calls.filter((edit) => edit.start >= start && edit.end <= end);
    const shifted = within.map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start }));
    return splice(text.slice(start, end), shifted);
  };
  const texts = new Map<Node, string>();
  for (const members of Map.groupBy(initialisers, ({ group }) => group).values()) {
    const [first] = members;
    if (first !== undefined) texts.set(first.statement, groupText(members, contentsOf, render));
  }
  const outside = calls.filter(
    (edit) => !moved.some(({ start, end }) => edit.start >= start && edit.end <= end),
  );
  return [
    ...moved.map((node) => ({ start: node.start, end: node.end, text: texts.get(node) ?? '' })),
    ...outside,
  ];
}

/** The text of a node, with the calls in it as they must be. */
type Render = (node: Pick<Node, 'start' | 'end'>) => string;

function collectContents(
  program: Program,
  initialisers: readonly Initialiser[],
  fileAt: (offset: number) => string | undefined,
): (file: string) => Contents {
  const contents = new Map<string, Contents>(
    initialisers.map(({ file }) => [file, { exports: [], functions: [] }]),
  );
  for (const [name, statement] of exportsToMove(program)) {
    const file = initialisers.find((each) => each.name === name)?.file;
    if (file !== undefined) contents.get(file)?.exports.push(statement);
  }
  for (const statement of program.body) {
    if (statement.type !== 'FunctionDeclaration') continue;
    contents.get(fileAt(statement.start) ?? '')?.functions.push(statement);
  }
  return (file) => contents.get(file) ?? { exports: [], functions: [] };
}

/** The variables of a group, and the function that makes its initialisers: before that, a realm holds one function for a whole folder. */
function groupText(
  members: readonly Initialiser[],
  contentsOf: (file: string) => Contents,
  render: Render,
): string {
  const names = members.flatMap(({ name, file }) => [
    name,
    stateOf(name),
    ...contentsOf(file).functions.map(({ id }) => id.name),
  ]);
  const initialisers = members.map((each) => initialiserText(each, contentsOf(each.file), render));
  return `var ${names.join(', ')};
function ${members[0]?.group}() {
${initialisers.join('\n')}
}`;
}

function stateOf(name: string): string {
  return `${name}$state`;
}

/**
 * The first call evaluates the module. While it is being evaluated, and afterwards, a call does nothing. A module that failed half way is
 * evaluated again at its next use: only a lack of stack can have stopped it, where a worker came upon it at the end of a deep
 * recursion, and the realm must not lose the module by that. The functions exist before the first import is followed, so that a
 * circle of modules works as it does with hoisted ones.
 */
function initialiserText({ name, body }: Initialiser, contents: Contents, render: Render): string {
  const state = stateOf(name);
  return `${name} = function () {
  if (${state}) return;
  ${state} = true;
  try {
    ${contents.exports.map(render).join('\n')}
    ${contents.functions.map((each) => `${each.id.name} = ${render(each)};`).join('\n')}
${render({ start: body.start + 1, end: body.end - 1 })}
  } catch (error) {
    ${state} = false;
    throw error;
  }
};`;
}

/** `init_x()`, wherever it stands, makes the initialisers of its group first. */
function callEdits(program: Program, initialisers: readonly Initialiser[]): Edit[] {
  const groups = new Map(initialisers.map(({ name, group }) => [name, group]));
  const edits: Edit[] = [];
  walk(program, (node) => {
    if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier') return;
    const { name, start, end } = node.callee;
    const group = groups.get(name);
    if (group !== undefined) edits.push({ start, end, text: `(${name} || ${group}(), ${name})` });
  });
  return edits;
}

function findInitialisers(program: Program): Initialiser[] {
  const found: Initialiser[] = [];
  const folders: string[] = [];
  for (const statement of program.body) {
    if (statement.type !== 'VariableDeclaration') continue;
    const [{ id, init } = {}] = statement.declarations;
    if (id?.type !== 'Identifier' || init?.type !== 'CallExpression' || !isCallOf(init, '__esm')) continue;
    const [modules] = init.arguments;
    const [module] = modules?.type === 'ObjectExpression' ? modules.properties : [];
    if (
      module?.type !== 'Property' ||
      module.key.type !== 'Literal' ||
      module.value.type !== 'FunctionExpression'
    ) {
      throw new Error(`the module ${id.name} of the prelude has an unknown form`);
    }
    const file = String(module.key.value);
    const folder = dirname(file);
    if (!folders.includes(folder)) folders.push(folder);
    const group = `group$${folders.indexOf(folder)}`;
    found.push({ name: id.name, file, group, statement, body: module.value.body });
  }
  return found;
}

/**
 * `__export(x_exports, {...});`, by the name of the initialiser that can hold it. Only of exports objects that nothing but `require` uses:
 * `import * as` may use them before the module is loaded.
 */
function exportsToMove(program: Program): Map<string, ExpressionStatement> {
  const requires = findRequires(program);
  const uses = countNames(program);
  const found = new Map<string, ExpressionStatement>();
  for (const statement of program.body) {
    if (statement.type !== 'ExpressionStatement') continue;
    const exportsName = firstArgument(statement.expression, '__export');
    const required = exportsName === undefined ? undefined : requires.get(exportsName);
    if (exportsName === undefined || required === undefined) continue;
    // Declared once, defined once, and otherwise only required.
    if (uses.get(exportsName) === required.count + 2) found.set(required.initialiser, statement);
  }
  return found;
}

/** `(init_x(), __toCommonJS(x_exports))`, by the name of the exports object. */
function findRequires(program: Program): Map<string, { initialiser: string; count: number }> {
  const found = new Map<string, { initialiser: string; count: number }>();
  walk(program, (node) => {
    if (node.type !== 'SequenceExpression') return;
    const [first, second] = node.expressions;
    const exportsName = second && firstArgument(second, '__toCommonJS');
    if (exportsName === undefined || first?.type !== 'CallExpression' || first.callee.type !== 'Identifier')
      return;
    const count = (found.get(exportsName)?.count ?? 0) + 1;
    found.set(exportsName, { initialiser: first.callee.name, count });
  });
  return found;
}

function isCallOf(node: AnyNode, callee: string): boolean {
  return node.type === 'CallExpression' && node.callee.type === 'Identifier' && node.callee.name === callee;
}

/** `name` of `callee(name, ...)`. */
function firstArgument(node: AnyNode, callee: string): string | undefined {
  const [first] = node.type === 'CallExpression' && isCallOf(node, callee) ? node.arguments : [];
  return first?.type === 'Identifier' ? first.name : undefined;
}

function countNames(program: Program): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { name } of identifiersIn(program)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
