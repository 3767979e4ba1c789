/** One thread's part in a deployment: it makes what changes, beside what it has. Runs in the supervisor. */

import { partsOf } from '../messages/startup.ts';
import { makeError, type NanodError } from '../shared/errors.ts';
import { deadline } from './deadline.ts';
import { evaluationError, evaluationTimes } from './evaluation.ts';
import type { GroupLoad } from './fleet.ts';
import type { ThreadHandle } from './group-pool.ts';
import { changesBetween } from './specs.ts';
import type { State } from './state.ts';

/** A thread that is asked answers within its own time; one that is blocked does not, and nobody waits longer for it, in milliseconds. */
export const blockedAfter = 1000;

/** Resolves with what is wrong with the workers; a thread that is blocked or lost is ended. `usual`: how long an evaluation may take of a worker that does not say it, in milliseconds. */
export async function stageOn(
  thread: ThreadHandle,
  from: State,
  to: State,
  usual: number,
): Promise<NanodError[]> {
  const { group } = thread;
  const before = from.loads.get(group) as GroupLoad;
  const after = to.loads.get(group) ?? { ...before, services: [] };
  const changes = changesBetween(before, after);
  if (changes.set.length === 0 && changes.removed.length === 0) return [];
  const asked = thread.ask((control) => control.stage(changes));
  const times = evaluationTimes(changes.set.flatMap(partsOf), usual);
  const patience = times.sum + blockedAfter;
  try {
    const report = await deadline(asked, patience, undefined);
    if (report === undefined) throw new Error('it is blocked');
    return report.failures.flatMap((failure) =>
      failure.kind === 'no-entrypoint' ? [] : [evaluationError(failure, times.of(failure.service))],
    );
  } catch (error) {
    const reason = `it was lost during a deployment: ${error instanceof Error ? error.message : 'unknown'}`;
    thread.kill();
    return [makeError('THREAD_FAILED', { group, reason })];
  }
}
