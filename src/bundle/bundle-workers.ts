/** Bundles many workers at a time. Runs on the main thread. */

import type { BundleOutcome, BundleRequest } from './bundle.ts';
import { bundleWorker } from './bundle-worker.ts';

/** How far a run has come. */
export interface BundleProgress {
  readonly request: BundleRequest;
  readonly outcome: BundleOutcome;
  /** Workers that are done, this one included. */
  readonly done: number;
  readonly total: number;
}

/** Enough to keep esbuild busy while files are read; more only costs memory. */
const parallelWorkers = 8;

/** Bundles every worker, bad ones included. The outcomes are in the order of the requests. */
export async function bundleWorkers(
  requests: readonly BundleRequest[],
  onProgress: (progress: BundleProgress) => void = () => {},
): Promise<BundleOutcome[]> {
  const outcomes: BundleOutcome[] = [];
  const queue = requests.entries();
  let done = 0;
  const lane = async (): Promise<void> => {
    // All lanes take from the same iterator.
    for (const [index, request] of queue) {
      const outcome = await bundleWorker(request);
      outcomes[index] = outcome;
      done += 1;
      onProgress({ request, outcome, done, total: requests.length });
    }
  };
  await Promise.all(Array.from({ length: parallelWorkers }, lane));
  return outcomes;
}
