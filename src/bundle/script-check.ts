/**
 * The last look at a script before it goes out: does V8 accept it, and does it really hold no `import`? Runs on the main thread; compiles,
 * and never evaluates.
 */

import { Script } from 'node:vm';
import { linesOf } from './lines.ts';
import { parse, scanProgram } from './syntax.ts';

/** What is wrong with a script, and where. Both numbers count from 1. */
export interface ScriptProblem {
  readonly reason: string;
  readonly line: number;
  readonly column: number;
}

/** Checks a script that is about to be handed to a realm. */
export function checkScript(code: string): ScriptProblem | undefined {
  return checkImports(code) ?? checkSyntax(code);
}

/**
 * Whether the text could mean something else as a script than as a module: only scripts have HTML-like comments, so `a<!--b`, or a
 * line that begins with `-->`, hides code from the parser of the one and shows it to that of the other.
 */
export function mayHoldHtmlComment(text: string): boolean {
  return text.includes('<!--') || text.includes('-->');
}

/** `import()` in a script rejects with an error of the host's realm, so none may get through (HARDENING R2). */
function checkImports(code: string): ScriptProblem | undefined {
  if (!mayHoldHtmlComment(code)) return undefined;
  const parsed = parse(code, 'script');
  if ('problem' in parsed) return { reason: parsed.problem.reason, ...linesOf(code)(parsed.problem.offset) };
  const facts = scanProgram(parsed.program);
  const [offset] = [...facts.dynamicImports, ...facts.importMetas];
  if (offset === undefined) return undefined;
  return { reason: 'an `import` hides behind an HTML-like comment', ...linesOf(code)(offset) };
}

const scriptName = 'nanod-bundle-check';

function checkSyntax(code: string): ScriptProblem | undefined {
  try {
    void new Script(code, { filename: scriptName });
    return undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // V8 puts `file:line`, the line, and carets under it in front of the stack.
    const [where = '', , carets = ''] = (error.stack ?? '').split('\n');
    const line = where.startsWith(`${scriptName}:`) ? Number(where.slice(scriptName.length + 1)) : 1;
    return { reason: error.message, line, column: Math.max(carets.indexOf('^'), 0) + 1 };
  }
}
