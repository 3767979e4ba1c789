/**
 * The modules of a worker that is not bundled: its script, and the files of a directory that rules declare to be modules. Runs on the main
 * thread; reads names of files and nothing else.
 */
import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { makeError } from '../shared/errors.ts';
import type { NanodError } from '../shared/errors.ts';
import type { ModuleRule, ModuleSource, ModulesSource, UnbundledOptions } from '../shared/worker-source.ts';
import { kindByRules, pathForRules } from './module-rules.ts';
import { describeFileError } from './source-files.ts';

/** What needs no rule. */
const defaultRules: readonly ModuleRule[] = [
  { kind: 'text', globs: ['*.txt', '*.html', '*.sql'] },
  { kind: 'data', globs: ['*.bin'] },
  { kind: 'wasm', globs: ['*.wasm'] },
  { kind: 'esModule', globs: ['*.js', '*.mjs'] },
];

/** Files of one worker. */
const mostModules = 10_000;

export interface Unbundled extends UnbundledOptions {
  readonly worker: string;
  /** Absolute. */
  readonly script: string;
  readonly rules: readonly ModuleRule[];
}

/** The worker as modules, the script first. */
export async function findModules(
  options: Unbundled,
): Promise<ModulesSource | { readonly errors: readonly NanodError[] }> {
  const { baseDir, script, worker } = options;
  const name = pathForRules(baseDir, script);
  const refuse = (reason: string): { errors: NanodError[] } => ({
    errors: [makeError('WORKER_FILE_UNREADABLE', { worker, file: baseDir, reason })],
  });
  if (name.startsWith('../') || name === '..') return refuse('the script is not in this directory');
  const main: ModuleSource = { kind: mainKind(script), name, content: { kind: 'file', path: script } };
  if (!options.findModules) return { kind: 'modules', modules: [main] };
  const rules = [...options.rules, ...defaultRules];
  const found: ModuleSource[] = [];
  try {
    for await (const path of filesBelow(baseDir)) {
      const name = pathForRules(baseDir, path);
      const kind = kindByRules(name, rules);
      if (kind === undefined || path === script) continue;
      found.push({ kind, name, content: { kind: 'file', path } });
      if (found.length >= mostModules) return refuse(`it has more than ${mostModules} modules`);
    }
  } catch (error) {
    return refuse(describeFileError(error));
  }
  return { kind: 'modules', modules: [main, ...found] };
}

function mainKind(script: string): 'esModule' | 'commonJs' {
  return extname(script) === '.cjs' ? 'commonJs' : 'esModule';
}

/** Absolute paths, in the order of their names; hidden directories and packages are left out, and links are not followed. */
async function* filesBelow(directory: string): AsyncGenerator<string> {
  const entries = await readdir(directory, { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, entry.name);
    if (entry.isFile()) yield path;
    const isSkipped = entry.name.startsWith('.') || entry.name === 'node_modules';
    if (entry.isDirectory() && !isSkipped) yield* filesBelow(path);
  }
}
