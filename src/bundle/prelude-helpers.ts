/**
 * The helper functions that esbuild adds to the prelude, in a form that is safe beside worker code. esbuild's own iterate over arrays, use
 * `.call`, and make descriptors with a prototype, some of it long after the worker has started and could have patched what they use. Pure
 * functions.
 */

import type { Program } from 'acorn';
import type { Edit } from './edits.ts';

/**
 * By name: what the helper is replaced by. The names of properties are read through captured functions, elements by index, and
 * descriptors have no prototype (HARDENING R7). A module that is loaded by `require` is its own exports object: nothing in the prelude
 * needs `__esModule`.
 */
const safeHelpers: Readonly<Record<string, string>> = Object.freeze({
  __defProp: 'undefined',
  __getOwnPropDesc: 'undefined',
  __getOwnPropNames: 'undefined',
  __hasOwnProp: 'undefined',
  __esm: 'undefined',
  __export: `((define, names) => (target, getters) => {
  const list = names(getters);
  for (let i = 0; i < list.length; i++) {
    define(target, list[i], { __proto__: null, get: getters[list[i]], enumerable: true, configurable: true });
  }
})(Object.defineProperty, Object.getOwnPropertyNames)`,
  __copyProps: 'undefined',
  __toCommonJS: '(exports) => exports',
});

/** The edits that replace esbuild's helpers. Throws for a helper that nobody has looked at. */
export function helperEdits(program: Program): Edit[] {
  const edits: Edit[] = [];
  for (const statement of program.body) {
    if (statement.type !== 'VariableDeclaration') continue;
    for (const { id, init } of statement.declarations) {
      if (id.type !== 'Identifier' || !id.name.startsWith('__') || !init) continue;
      const safe = safeHelpers[id.name];
      if (safe === undefined)
        throw new Error(`the prelude needs the helper ${id.name}, which has no safe form yet`);
      edits.push({ start: init.start, end: init.end, text: safe });
    }
  }
  return edits;
}
