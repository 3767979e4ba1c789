/**
 * Module code as a script: what a realm runs instead of an ES module (a `vm.SourceTextModule` would keep its realm alive for ever).
 * The body of the module stays where it is, one line further down; what stands in front of it is one line. Pure functions.
 */

import { applyEdits, replace } from './edits.ts';
import type { Edit } from './edits.ts';
import type { ExportedName, ModuleExports } from './module-exports.ts';
import { scopeName } from './syntax.ts';
import type { ProgramFacts } from './syntax.ts';

/** Lines that a wrapped body is moved down by. */
export const wrapperLines = 1;

/** A module as a strict script whose completion value is the function that `Bundle.format` describes. */
export function moduleScript(
  text: string,
  exports: ModuleExports,
  facts: ProgramFacts,
  edits: readonly Edit[],
): string {
  const body = applyEdits(text, [...exports.edits, ...scopeEdits(text, facts), ...edits]);
  const head = `${facts.topLevelAwait ? 'async ' : ''}(${scopeName}) => { ${scopeName}.exports(${getters(exports.names)});`;
  return wrap(facts, head, body, '}');
}

/** A module without exports, written for its effects, as a strict script that runs at once. */
export function effectScript(text: string, facts: ProgramFacts, edits: readonly Edit[]): string {
  const body = applyEdits(text, [...scopeEdits(text, facts), ...edits]);
  return wrap(facts, '(() => {', body, '})()');
}

/**
 * An arrow function has no `arguments` and no `new.target`, as a module has none. Where the code looks at its `this`, which a module has
 * none of either, a function around it stands between it and the script's `this`.
 */
function wrap(facts: ProgramFacts, head: string, body: string, tail: string): string {
  return facts.topLevelThis
    ? `"use strict";(function () { return ${head}\n${body}\n${tail}; })()`
    : `"use strict";(${head}\n${body}\n${tail})`;
}

/** A classic script as it stands, except for `import()`. */
export function classicScript(text: string, facts: ProgramFacts, edits: readonly Edit[] = []): string {
  return applyEdits(text, [...importEdits(facts), ...edits]);
}

/** Code that a classic script can follow: strict, and a scope of its own. Moved down by `wrapperLines`. */
export function closedScript(text: string): string {
  return `(() => { "use strict";\n${text}\n})();\n`;
}

function getters(names: readonly ExportedName[]): string {
  const members = names.map(({ name, variable }) => `${memberName(name)}: () => ${variable}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

function memberName(name: string): string {
  if (name === '__proto__') return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/u.test(name) ? name : JSON.stringify(name);
}

function scopeEdits(text: string, facts: ProgramFacts): Edit[] {
  // A hashbang may only stand at the very beginning.
  return [...importEdits(facts), ...(text.startsWith('#!') ? [replace(0, 2, '//')] : [])];
}

/** `import(x)` and `import.meta` become `$nanod(x)` and `$nanod.meta`: the two words have the same length. */
function importEdits(facts: ProgramFacts): Edit[] {
  return [...facts.dynamicImports, ...facts.importMetas].map((start) =>
    replace(start, start + 'import'.length, scopeName),
  );
}
