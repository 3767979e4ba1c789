/** A supervisor with real threads in this process, for tests of deployments. */

import { tmpdir } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { Test } from 'tap';
import { loadConfig } from '../../src/config/load.ts';
import { makeConfigPowers } from '../../src/config/powers.ts';
import type { LogMessage } from '../../src/messages/log.ts';
import { bundleConfig, prepareNodejs, preparePrelude } from '../../src/supervisor/deployment.ts';
import type { Plan } from '../../src/supervisor/specs.ts';
import { Supervisor } from '../../src/supervisor/supervisor.ts';
import { defaultTuning, type Tuning } from '../../src/supervisor/tuning.ts';
import { writeFiles, type Deployment } from './nanod.ts';

const threadEntry = new URL('../../src/thread/main.ts', import.meta.url);
const prelude = await preparePrelude();

export interface TestSupervisor {
  readonly supervisor: Supervisor;
  /** Records of workers. */
  readonly logs: readonly LogMessage[];
  /** Records of the supervisor. */
  readonly records: readonly string[];
}

/** It is stopped after the test. */
export function makeSupervisor(t: Test, tuning: Partial<Tuning> = {}): TestSupervisor {
  const logs: LogMessage[] = [];
  const records: string[] = [];
  const supervisor = new Supervisor({
    threadEntry,
    prelude,
    cores: 2,
    tuning: { ...defaultTuning, ...tuning },
    onLog: (message) => logs.push(message),
    log: (_level, text) => records.push(text),
    now: () => performance.now(),
    date: () => new Date(),
    activation: { environment: {}, pid: 0 },
  });
  t.teardown(() => supervisor.stop());
  return { supervisor, logs, records };
}

/** A plan of these files. */
export async function planOf(t: Test, deployment: Pick<Deployment, 'config' | 'files'>): Promise<Plan> {
  const cwd = writeFiles(t, deployment);
  const { config, errors } = await loadConfig(undefined, makeConfigPowers({ cwd, environment: {} }));
  if (config === undefined) throw new AggregateError(errors);
  const { bundles, errors: faults } = await bundleConfig(config, tmpdir());
  if (bundles === undefined) throw new AggregateError(faults);
  return { config, bundles, nodejs: await prepareNodejs(config) };
}
