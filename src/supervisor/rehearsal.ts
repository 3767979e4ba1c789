/** Evaluates workers where they can do no harm, before a deployment brings them to threads that serve. Runs in the supervisor. */

import { partsOf, type PartSpec } from '../messages/startup.ts';
import { evaluateWorkers } from './evaluation.ts';
import type { Fleet, GroupLoad } from './fleet.ts';
import type { ThreadHandle } from './group-pool.ts';
import { namesToRehearse, type State } from './state.ts';

/** On a thread apart, which is ended afterwards: a top level that never ends blocks nobody. Rejects with everything that is wrong. */
export async function rehearse(fleet: Fleet, from: State, to: State, timeout: number): Promise<void> {
  const { config } = to.plan;
  const only = namesToRehearse(from, to);
  if (only.size === 0) return;
  const apart = new Map<string, ThreadHandle>();
  try {
    for (const { name } of config.groups) {
      const load = to.loads.get(name) as GroupLoad;
      const isNeeded = load.services.some(
        (spec) => only.has(spec.name) && partsOf(spec).some(({ kind }) => kind === 'worker'),
      );
      if (isNeeded) apart.set(name, await fleet.startApart(name, withoutReadiness(load)));
    }
    const thread = (group: string): ThreadHandle | undefined => apart.get(group);
    const errors = await evaluateWorkers({ config, thread, timeout, only });
    if (errors.length > 0) throw new AggregateError(errors);
  } finally {
    for (const thread of apart.values()) thread.kill();
  }
}

/** The thread is there before anything is evaluated, so that what is wrong is known to be a worker. */
function withoutReadiness(load: GroupLoad): GroupLoad {
  const plain = (spec: PartSpec): PartSpec => (spec.kind === 'worker' ? { ...spec, waitReady: false } : spec);
  const services = load.services.map((spec) =>
    spec.kind === 'split'
      ? { ...spec, stable: plain(spec.stable), candidate: plain(spec.candidate) }
      : plain(spec),
  );
  return { ...load, services };
}
