/** The way of a configuration into the daemon, shared by the commands that deploy. */

import type { DeployReport, ShareTerms } from '../control/api.ts';
import type { PrepareOptions } from '../control/contract.ts';
import type { CliPowers } from './command.ts';
import { makeProgress } from './progress.ts';

export interface DeployOptions extends Omit<PrepareOptions, 'onProgress'> {
  /** Only these services change. */
  readonly only?: readonly string[] | undefined;
  /** A share of the requests only. */
  readonly share?: ShareTerms | undefined;
}

/** Bundles here, deploys there. What is wrong with the configuration is said before a daemon is started for it. */
export async function deploy(options: DeployOptions, powers: CliPowers): Promise<DeployReport> {
  const { operations } = powers;
  const progress = makeProgress('bundling', powers);
  const prepared = await operations
    .prepare({ ...options, onProgress: progress.update })
    .finally(progress.clear);
  const { warnings, ...request } = prepared;
  for (const warning of warnings) powers.stderr(`warning: ${warning}\n`);
  await operations.daemon.ensure();
  const { only, share } = options;
  return operations.daemon.api.deploy({
    ...request,
    ...(only === undefined ? {} : { only }),
    ...(share === undefined ? {} : { share }),
  });
}
