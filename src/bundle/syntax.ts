/**
 * JavaScript as a syntax tree: parsing, and a walk that finds what the bundler has to know or rewrite. Everything the bundler
 * decides about code is decided here, on the tree, never by a pattern over the text. Pure functions.
 */

import { parse as acornParse } from 'acorn';
import type { AnyNode, ClassExpression, Identifier, Literal, Program } from 'acorn';

/** Why a text does not parse. */
export interface SyntaxProblem {
  readonly reason: string;
  /** UTF-16 offset, from 0. */
  readonly offset: number;
}

export type Parsed = { readonly program: Program } | { readonly problem: SyntaxProblem };

/** Parses by the newest edition of ECMAScript that the parser knows. */
export function parse(text: string, sourceType: 'module' | 'script'): Parsed {
  try {
    return { program: acornParse(text, { ecmaVersion: 'latest', sourceType }) };
  } catch (error) {
    return { problem: describeProblem(error) };
  }
}

function describeProblem(error: unknown): SyntaxProblem {
  if (!(error instanceof SyntaxError)) return { reason: 'the code is nested too deeply', offset: 0 };
  const offset = 'pos' in error && typeof error.pos === 'number' ? error.pos : 0;
  return { reason: error.message.replace(/ \(\d+:\d+\)$/u, ''), offset };
}

/** The name under which a bundle reaches its realm. Worker code may use no identifier that begins with it. */
export const scopeName = '$nanod';

/** `$nanod.asset("key", ...)` or `$nanod.builtin("key")`, by the key. */
export interface ScopeCall {
  readonly key: Literal & { readonly value: string };
  /** The identifier `$nanod` of the call. */
  readonly scope: Identifier;
}

/** `target = class _Inner {}` */
export interface NamedClassValue {
  readonly target: string;
  readonly value: ClassExpression & { readonly id: Identifier };
}

/** What the walk found. Offsets are those of the text; the order is not that of the text. */
export interface ProgramFacts {
  /** Offsets of `import` in `import(...)`. */
  readonly dynamicImports: readonly number[];
  /** Offsets of `import` in `import.meta`. */
  readonly importMetas: readonly number[];
  /** Identifiers that begin with `$nanod`. */
  readonly reserved: readonly Identifier[];
  readonly scopeCalls: readonly ScopeCall[];
  readonly classValues: readonly NamedClassValue[];
  /** The identifier `require` occurs. */
  readonly mentionsRequire: boolean;
  readonly topLevelAwait: boolean;
  /** `this` occurs where it is the module's own. */
  readonly topLevelThis: boolean;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/** Inside a function: `await` is not the module's. */
const inFunction = 1;
/** Inside what has a `this` of its own. */
const ownsThis = 2;

/** Walks the whole tree. Uses no recursion, so that no depth of nesting that parses can overflow the stack. */
export function scanProgram(program: Program): ProgramFacts {
  const facts: Mutable<ProgramFacts> = {
    dynamicImports: [],
    importMetas: [],
    reserved: [],
    scopeCalls: [],
    classValues: [],
    mentionsRequire: false,
    topLevelAwait: false,
    topLevelThis: false,
  };
  walk(program, (node, scope) => {
    record(node, scope, facts);
  });
  return facts;
}

function record(node: AnyNode, scope: number, facts: Mutable<ProgramFacts>): void {
  switch (node.type) {
    case 'Identifier':
      if (node.name.startsWith(scopeName)) facts.reserved.push(node);
      else if (node.name === 'require') facts.mentionsRequire = true;
      return;
    case 'ImportExpression':
      facts.dynamicImports.push(node.start);
      return;
    case 'MetaProperty':
      if (node.meta.name === 'import') facts.importMetas.push(node.start);
      return;
    case 'ThisExpression':
      if ((scope & ownsThis) === 0) facts.topLevelThis = true;
      return;
    case 'AwaitExpression':
      if ((scope & inFunction) === 0) facts.topLevelAwait = true;
      return;
    case 'ForOfStatement':
      if (node.await && (scope & inFunction) === 0) facts.topLevelAwait = true;
      return;
    case 'VariableDeclaration':
      if (node.kind === 'await using' && (scope & inFunction) === 0) facts.topLevelAwait = true;
      return;
    case 'VariableDeclarator':
      recordClassValue(node.id, node.init, facts);
      return;
    case 'AssignmentExpression':
      recordClassValue(node.left, node.right, facts);
      return;
    case 'CallExpression':
      recordScopeCall(node, facts);
      return;
    default:
      return;
  }
}

function recordClassValue(
  target: AnyNode,
  value: AnyNode | null | undefined,
  facts: Mutable<ProgramFacts>,
): void {
  if (target.type !== 'Identifier' || value?.type !== 'ClassExpression' || !value.id) return;
  facts.classValues.push({ target: target.name, value: { ...value, id: value.id } });
}

function recordScopeCall(node: AnyNode & { type: 'CallExpression' }, facts: Mutable<ProgramFacts>): void {
  const { callee } = node;
  const [key] = node.arguments;
  if (callee.type !== 'MemberExpression' || callee.computed || callee.object.type !== 'Identifier') return;
  if (callee.object.name !== scopeName || key?.type !== 'Literal' || typeof key.value !== 'string') return;
  facts.scopeCalls.push({ scope: callee.object, key: { ...key, value: key.value } });
}

/** Every identifier below a node that names a variable (as opposed to a property or a label), the node itself included. */
export function identifiersIn(root: AnyNode): Identifier[] {
  const found: Identifier[] = [];
  walk(root, (node) => {
    if (node.type === 'Identifier') found.push(node);
  });
  return found;
}

/** Calls `visit` for the root and every node below it that stands for code: not for property names, labels and exported names. */
export function walk(root: AnyNode, visit: (node: AnyNode, scope: number) => void): void {
  const nodes: AnyNode[] = [root];
  const scopes: number[] = [0];
  const push = (node: AnyNode, scope: number): void => {
    nodes.push(node);
    scopes.push(scope);
  };
  for (;;) {
    const node = nodes.pop();
    const scope = scopes.pop();
    if (node === undefined || scope === undefined) return;
    visit(node, scope);
    pushChildren(node, scope, push);
  }
}

type Push = (node: AnyNode, scope: number) => void;

function pushChildren(node: AnyNode, scope: number, push: Push): void {
  switch (node.type) {
    case 'Identifier':
    case 'Literal':
    case 'MetaProperty':
    case 'BreakStatement':
    case 'ContinueStatement':
      return;
    case 'MemberExpression':
      push(node.object, scope);
      if (node.computed) push(node.property, scope);
      return;
    case 'Property':
      if (node.computed) push(node.key, scope);
      push(node.value, scope);
      return;
    case 'MethodDefinition':
    case 'PropertyDefinition':
      if (node.computed) push(node.key, scope);
      if (node.value) push(node.value, inFunction | ownsThis);
      return;
    case 'LabeledStatement':
      push(node.body, scope);
      return;
    case 'ImportSpecifier':
    case 'ExportSpecifier':
      push(node.local, scope);
      return;
    case 'ArrowFunctionExpression':
      pushAll(node, scope | inFunction, push);
      return;
    case 'StaticBlock':
    case 'FunctionDeclaration':
    case 'FunctionExpression':
      pushAll(node, inFunction | ownsThis, push);
      return;
    default:
      pushAll(node, scope, push);
  }
}

function pushAll(node: AnyNode, scope: number, push: Push): void {
  const fields = node as unknown as Record<string, unknown>;
  for (const name in fields) {
    const value = fields[name];
    if (Array.isArray(value)) {
      for (const item of value as unknown[]) if (isNode(item)) push(item, scope);
    } else if (isNode(value)) push(value, scope);
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
