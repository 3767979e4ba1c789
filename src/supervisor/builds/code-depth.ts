/**
 * Looks at code before esbuild does, which recurses without a limit of its own: what is nested too deeply would end its process. Runs in the
 * build process.
 */

import type { AnyNode } from 'acorn';
import { linesOf } from '../../bundle/lines.ts';
import { parse } from '../../bundle/syntax.ts';
import type { ModuleSource } from '../../shared/worker-source.ts';

/** Levels of syntax, and of JSON. Code that people or tools write has some hundreds at most. */
const mostLevels = 5000;

const tooDeep = `the code is nested more than ${mostLevels} levels deep`;

/** What a CommonJS module stands in: it may `return`. */
const commonJsHead = '(function () {';

/** Says why a module is not to be bundled, with its place; undefined where nothing speaks against it. */
export function depthProblem({ kind, name, content }: ModuleSource): string | undefined {
  const text = content.kind === 'inline' ? content.text : '';
  switch (kind) {
    case 'esModule':
      return codeProblem(name, text, 'module', '', '');
    case 'commonJs':
      return codeProblem(name, text, 'script', commonJsHead, '\n})');
    case 'json':
      return levelsOfJson(text) > mostLevels ? `${name}: ${tooDeep}` : undefined;
    case 'text':
    case 'data':
    case 'wasm':
      return undefined;
  }
}

function codeProblem(
  name: string,
  text: string,
  type: 'module' | 'script',
  head: string,
  tail: string,
): string | undefined {
  const parsed = parse(`${head}${text}${tail}`, type);
  if (!('problem' in parsed)) return isDeep(parsed.program) ? `${name}: ${tooDeep}` : undefined;
  const { reason, offset } = parsed.problem;
  const { line, column } = linesOf(text)(Math.max(0, offset - head.length));
  return `${name}:${line}:${column}: ${reason}`;
}

function isDeep(root: AnyNode): boolean {
  const nodes: object[] = [root];
  const levels: number[] = [1];
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    const level = levels.pop() ?? 0;
    if (level > mostLevels) return true;
    for (const child of Object.values(node) as unknown[]) {
      if (typeof child !== 'object' || child === null) continue;
      nodes.push(child);
      // A list is no level.
      levels.push(Array.isArray(child) ? level : level + 1);
    }
  }
  return false;
}

/** Counts brackets outside of strings; where the text is no JSON, esbuild says so. */
function levelsOfJson(text: string): number {
  let level = 0;
  let most = 0;
  let isString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (isString) {
      if (character === '\\') index++;
      else if (character === '"') isString = false;
    } else if (character === '"') isString = true;
    else if (character === '[' || character === '{') most = Math.max(most, ++level);
    else if (character === ']' || character === '}') level--;
  }
  return most;
}
