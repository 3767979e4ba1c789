/**
 * The exports of a module, and the edits that turn its `export` statements into what a function body may hold. Pure functions.
 */

import type { ExportDefaultDeclaration, ExportNamedDeclaration, Pattern, Program } from 'acorn';
import { blank, replace } from './edits.ts';
import type { Edit } from './edits.ts';

/** One export: the name that importers see, and the variable behind it. */
export interface ExportedName {
  readonly name: string;
  readonly variable: string;
}

export interface ModuleExports {
  readonly names: readonly ExportedName[];
  readonly edits: readonly Edit[];
}

/** Whether there is any `import` or `export` statement. */
export function hasModuleSyntax(program: Program): boolean {
  return program.body.some(({ type }) => type === 'ImportDeclaration' || type.startsWith('Export'));
}

/**
 * Reads the exports. `undefined` when the module imports something, or has an export that cannot be rewritten in place (an anonymous
 * default function or class, which esbuild gives a name to).
 */
export function readExports(text: string, program: Program): ModuleExports | undefined {
  const names: ExportedName[] = [];
  const edits: Edit[] = [];
  for (const node of program.body) {
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
        return undefined;
      case 'ExportNamedDeclaration':
        if (node.source) return undefined;
        names.push(...namedExports(node));
        edits.push(blank(text, node.start, node.declaration?.start ?? node.end));
        break;
      case 'ExportDefaultDeclaration': {
        const variable = defaultVariable(text, node);
        const edit = variable === undefined ? undefined : defaultEdits(text, node, variable);
        if (variable === undefined || edit === undefined) return undefined;
        names.push({ name: 'default', variable });
        edits.push(...edit);
        break;
      }
      default:
    }
  }
  return { names, edits };
}

function namedExports({ declaration, specifiers }: ExportNamedDeclaration): ExportedName[] {
  const variables: string[] = [];
  if (declaration?.type === 'VariableDeclaration') {
    for (const { id } of declaration.declarations) addNames(id, variables);
  } else if (declaration?.id) variables.push(declaration.id.name);
  const declared = variables.map((variable) => ({ name: variable, variable }));
  return [
    ...declared,
    ...specifiers.map((each) => ({ name: moduleName(each.exported), variable: moduleName(each.local) })),
  ];
}

function moduleName(node: ExportNamedDeclaration['specifiers'][number]['exported']): string {
  return node.type === 'Identifier' ? node.name : String(node.value);
}

/** Adds the variables that a pattern binds. */
function addNames(pattern: Pattern, names: string[]): void {
  switch (pattern.type) {
    case 'Identifier':
      names.push(pattern.name);
      return;
    case 'ObjectPattern':
      for (const property of pattern.properties) {
        addNames(property.type === 'Property' ? property.value : property.argument, names);
      }
      return;
    case 'ArrayPattern':
      for (const element of pattern.elements) if (element) addNames(element, names);
      return;
    case 'RestElement':
      addNames(pattern.argument, names);
      return;
    case 'AssignmentPattern':
      addNames(pattern.left, names);
      return;
    default:
  }
}

/** Six characters at most, because `default` becomes the name and `=`. */
const defaultNames = ['worker', 'entry', 'main', '_main', '_entry', '$main', '$entry'];

/** The variable of the default export: the declaration's own, or a name that the text does not contain. */
function defaultVariable(text: string, { declaration }: ExportDefaultDeclaration): string | undefined {
  if (declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration') {
    return declaration.id?.name;
  }
  return defaultNames.find((name) => !text.includes(name));
}

const exportKeyword = 'export';
const defaultKeyword = 'default';

function defaultEdits(text: string, node: ExportDefaultDeclaration, variable: string): Edit[] | undefined {
  const afterExport = node.start + exportKeyword.length;
  const gap = /^\s+/u.exec(text.slice(afterExport))?.[0].length ?? 0;
  const start = afterExport + gap;
  const end = start + defaultKeyword.length;
  // A comment between the two words: rare enough to leave to esbuild.
  if (text.slice(start, end) !== defaultKeyword) return undefined;
  const { type } = node.declaration;
  const isDeclaration = type === 'FunctionDeclaration' || type === 'ClassDeclaration';
  return isDeclaration
    ? [replace(node.start, afterExport, ';'), replace(start, end, '')]
    : [
        replace(node.start, afterExport, ';let'),
        replace(start, end, `${variable.padEnd(defaultKeyword.length - 1)}=`),
      ];
}
