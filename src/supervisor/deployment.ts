/** Bundles what a configuration deploys. */

import vm from 'node:vm';
import { bundlePrelude } from '../bundle/bundle-prelude.ts';
import { bundleWorkers } from '../bundle/bundle-workers.ts';
import type { Bundle } from '../bundle/bundle.ts';
import type { Config, WorkerService } from '../config/types.ts';
import type { PreludeScript } from '../messages/startup.ts';
import type { NanodError } from '../shared/errors.ts';
import type { Bundles } from './specs.ts';

/** The bundles, or everything that is wrong with the workers. */
export type BundledConfig =
  | { readonly bundles: Bundles; readonly warnings: readonly string[]; readonly errors?: never }
  | { readonly errors: readonly NanodError[]; readonly bundles?: never };

/** Bundles every worker. `onProgress` is called after each. */
export async function bundleConfig(
  config: Config,
  workingDirectory: string,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<BundledConfig> {
  const workers = config.services.filter((service): service is WorkerService => service.kind === 'worker');
  const requests = workers.map(({ name, source }) => ({ name, script: source.path, workingDirectory }));
  const outcomes = await bundleWorkers(requests, ({ done, total }) => onProgress(done, total));
  const errors = outcomes.flatMap((outcome) => ('errors' in outcome ? outcome.errors : []));
  if (errors.length > 0) return { errors };
  const bundles = new Map<string, Bundle>();
  for (const [index, outcome] of outcomes.entries()) {
    if ('bundle' in outcome) bundles.set((workers[index] as WorkerService).name, outcome.bundle);
  }
  return { bundles, warnings: [...bundles.values()].flatMap(({ warnings }) => warnings) };
}

/** The prelude with V8's code cache, so that threads do not compile it anew. */
export async function preparePrelude(): Promise<PreludeScript> {
  const text = await bundlePrelude();
  return { text, cachedData: new vm.Script(text, { filename: 'nanod:prelude' }).createCachedData() };
}
