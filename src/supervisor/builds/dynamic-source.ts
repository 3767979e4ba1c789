/**
 * Turns code that a worker gave at run time into something to bundle. Nothing of it is trusted; what is wrong is said in words for the worker
 * that gave it. Runs in the build process.
 */

import { effectiveFlag, usesNodejs } from '../../config/compatibility-flags.ts';
import type { DynamicCode } from '../../messages/builds.ts';
import { normalizeModuleName } from '../../shared/module-names.ts';
import { count, quote } from '../../shared/text.ts';
import type { ModuleKind, ModuleSource, ModulesSource } from '../../shared/worker-source.ts';
import { depthProblem } from './code-depth.ts';

/** What is bundled. */
export interface DynamicSource {
  readonly source: ModulesSource;
  readonly nodejs: boolean;
}

const mostModules = 1000;

/** Throws an error whose message says what is wrong. */
export function readDynamicCode({
  compatibilityDate,
  compatibilityFlags,
  modules,
}: DynamicCode): DynamicSource {
  if (!isDate(compatibilityDate))
    throw new Error(`compatibilityDate: expected a date YYYY-MM-DD, found ${quote(compatibilityDate)}`);
  for (const flag of compatibilityFlags) checkFlag(flag);
  // The prelude has written it.
  const rows = JSON.parse(modules) as readonly (readonly [name: string, kind: ModuleKind, text: string])[];
  if (rows.length > mostModules)
    throw new Error(`modules: expected at most ${count(mostModules, 'module')}, found ${rows.length}`);
  const taken = new Set<string>();
  const source: ModulesSource = { kind: 'modules', modules: rows.map((row) => toModule(row, taken)) };
  for (const module of source.modules) {
    const problem = depthProblem(module);
    if (problem !== undefined) throw new Error(problem);
  }
  return { source, nodejs: usesNodejs(compatibilityFlags) };
}

function toModule(
  [given, kind, text]: readonly [string, ModuleKind, string],
  taken: Set<string>,
): ModuleSource {
  const name = normalizeModuleName(given);
  if (name === undefined)
    throw new Error(
      `modules: expected a relative path without a step that leads out of it, found ${quote(given)}`,
    );
  if (taken.has(name)) throw new Error(`modules: ${quote(name)} stands there twice`);
  taken.add(name);
  return { kind, name, content: { kind: 'inline', text } };
}

function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/u.test(text) && !Number.isNaN(Date.parse(text));
}

function checkFlag(flag: string): void {
  const effect = effectiveFlag(flag);
  if (effect === 'unknown') throw new Error(`compatibilityFlags: nanod knows no flag ${quote(flag)}`);
  if (effect === 'unavailable')
    throw new Error(`compatibilityFlags: ${quote(flag)} is not available in this version`);
}
