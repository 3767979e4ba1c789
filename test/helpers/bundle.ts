/** Bundles small workers written in a test, and runs the result in a bare context with a stand-in for what the prelude provides. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import vm from 'node:vm';
import type { Test } from 'tap';
import { bundleWorker } from '../../src/bundle/bundle-worker.ts';
import type { Bundle, BundleOutcome } from '../../src/bundle/bundle.ts';
import { formatErrors } from '../../src/shared/errors.ts';
import type { NanodError } from '../../src/shared/errors.ts';

/** By file name, or a folder of files. */
export interface Files {
  readonly [name: string]: string | Buffer | Files;
}

/** What keeps the settings of this repository away from a worker of a test. */
const ownProject: Files = { 'package.json': '{}', 'tsconfig.json': '{}' };

/** Writes the files into the test's own directory and bundles the first of them as the worker "api". */
export async function bundleFiles(t: Test, files: Files, nodejs = false): Promise<BundleOutcome> {
  const [entry = ''] = Object.keys(files);
  const directory = t.testdir({ ...ownProject, ...files });
  const source = { kind: 'script', path: join(directory, entry) } as const;
  return bundleWorker({ name: 'api', source, workingDirectory: directory, nodejs });
}

/** The bundle. Throws with the errors if there is none. */
export function bundleOf(outcome: BundleOutcome): Bundle {
  if ('errors' in outcome) throw new Error(formatErrors(outcome.errors));
  return outcome.bundle;
}

/** The errors. Throws if there are none. */
export function errorsOf(outcome: BundleOutcome): readonly NanodError[] {
  if ('bundle' in outcome) throw new Error(`expected errors, found a bundle:\n${outcome.bundle.code}`);
  return outcome.errors;
}

/** A bundle that has been evaluated. */
export interface Evaluated {
  readonly bundle: Bundle;
  readonly context: vm.Context;
  /** Reads an export as it is at that moment. */
  readonly read: (name: string) => any; // eslint-disable-line @typescript-eslint/no-explicit-any -- values of a worker
  readonly names: readonly string[];
}

export const metaUrl = 'worker:///index.js';

/** Evaluates a bundle in a context of its own. Waits for top-level await. */
export async function evaluate(
  bundle: Bundle,
  builtins: Record<string, object> = {},
  wrap: (index: number, make: (env: unknown) => unknown) => void = () => {},
): Promise<Evaluated> {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY);
  let getters: Record<string, () => unknown> = {};
  const scope = Object.assign(
    (specifier: unknown) => Promise.reject(new TypeError(`no ${String(specifier)}`)),
    {
      exports: (given: typeof getters) => (getters = given),
      meta: { url: metaUrl },
      wrap,
      builtin: (specifier: string) => builtins[specifier],
      asset: (index: number, kind: string) => ({ ...bundle.assets[index], asked: kind }),
    },
  );
  if (bundle.format === 'script') context['$nanod'] = scope;
  const value: unknown = new vm.Script(bundle.code, { filename: 'bundle.js' }).runInContext(context);
  if (bundle.format === 'module') await (value as (given: unknown) => unknown)(scope);
  return { bundle, context, names: Object.keys(getters), read: (name) => getters[name]?.() };
}

/** Bundles and evaluates. */
export async function run(t: Test, files: Files, builtins?: Record<string, object>): Promise<Evaluated> {
  return evaluate(bundleOf(await bundleFiles(t, files)), builtins);
}

/** Overwrites files below a directory. */
export function rewrite(directory: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
}
