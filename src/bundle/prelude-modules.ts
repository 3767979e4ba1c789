/**
 * The modules of the prelude in a cheaper form than esbuild's. Every realm pays for what a prelude does at its start, and few realms load
 * most of it: so the functions and the exports object of a module are made when it is loaded, and an initialiser is one function. Pure
 * functions.
 */

import type {
  AnyNode,
  BlockStatement,
  ExpressionStatement,
  FunctionDeclaration,
  Node,
  Program,
  VariableDeclaration,
} from 'acorn';
import type { Edit } from './edits.ts';
import { identifiersIn, walk } from './syntax.ts';

/** `var init_x = __esm({ "x.ts"() { body } });` */
interface Initialiser {
  readonly name: string;
  /** The module's file. */
  readonly file: string;
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
  const contents = new Map<string, Contents>();
  const contentsOf = (file: string): Contents => {
    const known = contents.get(file) ?? { exports: [], functions: [] };
    contents.set(file, known);
    return known;
  };
  for (const [name, statement] of exportsToMove(program)) {
    const file = initialisers.find((each) => each.name === name)?.file;
    if (file !== undefined) contentsOf(file).exports.push(statement);
  }
  const files = new Set(initialisers.map(({ file }) => file));
  for (const statement of program.body) {
    const file = statement.type === 'FunctionDeclaration' ? fileAt(statement.start) : undefined;
    if (statement.type !== 'FunctionDeclaration' || file === undefined || !files.has(file)) continue;
    contentsOf(file).functions.push(statement);
  }
  return initialisers.flatMap((initialiser) =>
    initialiserEdits(text, initialiser, contentsOf(initialiser.file)),
  );
}

/**
 * The first call evaluates the module. While it is being evaluated, and afterwards, a call does nothing. A module that failed half way is
 * evaluated again at its next use: only a lack of stack can have stopped it, where a worker came upon it at the end of a deep
 * recursion, and the realm must not lose the module by that. The functions exist before the first import is followed, so that a
 * circle of modules works as it does with hoisted ones.
 */
function initialiserEdits(text: string, { name, statement, body }: Initialiser, contents: Contents): Edit[] {
  const state = `${name}$state`;
  const source = ({ start, end }: Node): string => text.slice(start, end);
  const head = `var ${[state, ...contents.functions.map(({ id }) => id.name)].join(', ')};
function ${name}() {
  if (${state}) return;
  ${state} = true;
  try {
    ${contents.exports.map(source).join('\n')}
    ${contents.functions.map((each) => `${each.id.name} = ${source(each)};`).join('\n')}`;
  const tail = `} catch (error) {
    ${state} = false;
    throw error;
  }
}`;
  return [
    { start: statement.start, end: body.start + 1, text: head },
    { start: body.end - 1, end: statement.end, text: tail },
    ...[...contents.exports, ...contents.functions].map(({ start, end }) => ({ start, end, text: '' })),
  ];
}

function findInitialisers(program: Program): Initialiser[] {
  const found: Initialiser[] = [];
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
    found.push({ name: id.name, file: String(module.key.value), statement, body: module.value.body });
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
