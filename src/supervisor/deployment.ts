/** Bundles what a configuration deploys. */

import vm from 'node:vm';
import { bundleNodejs } from '../bundle/bundle-nodejs.ts';
import { bundlePrelude } from '../bundle/bundle-prelude.ts';
import { bundleWorkers } from '../bundle/bundle-workers.ts';
import type { Bundle, BundleOutcome } from '../bundle/bundle.ts';
import { hasLoader } from '../config/bindings/worker-loader.ts';
import { usesNodejs, usesTypeScript } from '../config/compatibility-flags.ts';
import { wrappersOf } from '../config/types.ts';
import type { Config, WorkerScript, WorkerService } from '../config/types.ts';
import type { PreludeScript } from '../messages/startup.ts';
import type { NanodError } from '../shared/errors.ts';

/** The bundles, or everything that is wrong with the workers. */
export type BundledConfig =
  | {
      readonly bundles: ReadonlyMap<string, Bundle>;
      readonly warnings: readonly string[];
      readonly errors?: never;
    }
  | { readonly errors: readonly NanodError[]; readonly bundles?: never; readonly warnings?: never };

/** Bundles every worker. `onProgress` is called after each. */
export async function bundleConfig(
  config: Config,
  workingDirectory: string,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<BundledConfig> {
  const workers = workersOf(config);
  const { extensions } = config;
  const scripts = workers.map(({ name, source, compatibilityFlags, bindings }) => {
    return { name, source, compatibilityFlags, extensions, wrappers: wrappersOf(bindings) };
  });
  const outcomes = await bundleScripts(scripts, workingDirectory, onProgress);
  const errors = errorsOf(outcomes);
  if (errors.length > 0) return { errors };
  const bundles = new Map<string, Bundle>();
  for (const [index, outcome] of outcomes.entries()) {
    if ('bundle' in outcome) bundles.set((workers[index] as WorkerService).name, outcome.bundle);
  }
  return { bundles, warnings: [...bundles.values()].flatMap(({ warnings }) => warnings) };
}

/** What is wrong with scripts whose configuration is wrong, too. */
export async function findScriptErrors(
  scripts: readonly WorkerScript[],
  workingDirectory: string,
  onProgress: (done: number, total: number) => void,
): Promise<NanodError[]> {
  return errorsOf(await bundleScripts(scripts, workingDirectory, onProgress));
}

function bundleScripts(
  scripts: readonly WorkerScript[],
  workingDirectory: string,
  onProgress: (done: number, total: number) => void,
): Promise<BundleOutcome[]> {
  const requests = scripts.map(({ compatibilityFlags, ...script }) => ({
    ...script,
    workingDirectory,
    nodejs: usesNodejs(compatibilityFlags),
    typescript: usesTypeScript(compatibilityFlags),
  }));
  return bundleWorkers(requests, ({ done, total }) => onProgress(done, total));
}

function errorsOf(outcomes: readonly BundleOutcome[]): NanodError[] {
  return outcomes.flatMap((outcome) => ('errors' in outcome ? outcome.errors : []));
}

function workersOf(config: Config): WorkerService[] {
  return config.services.filter((service): service is WorkerService => service.kind === 'worker');
}

/** The text of the modules of Node.js, if a worker may import any, or load a worker that may. */
export async function prepareNodejs(config: Config): Promise<string | undefined> {
  const isNeeded = workersOf(config).some(
    ({ compatibilityFlags, bindings }) => usesNodejs(compatibilityFlags) || hasLoader(bindings),
  );
  return isNeeded ? bundleNodejs() : undefined;
}

/** The prelude with V8's code cache, so that threads do not compile it anew. */
export async function preparePrelude(): Promise<PreludeScript> {
  const text = await bundlePrelude();
  return { text, cachedData: new vm.Script(text, { filename: 'nanod:prelude' }).createCachedData() };
}
