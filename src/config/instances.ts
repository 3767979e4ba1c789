/** How many threads groups have, for people who know PM2's `instances`. Pure; runs in the supervisor. */
import type { DraftGroup, DraftWorker } from './draft.ts';
import type { Problems } from './problems.ts';
import { defaultGroup } from './types.ts';
import type { ThreadCount } from './types.ts';

/** What a file says of threads: of all groups, and of those that it names. */
interface Said {
  readonly threads: ThreadCount | undefined;
  readonly groups: readonly DraftGroup[];
}

/** The same with what `instances` of the workers of a group says, where nothing else does. Warns of what is not followed. */
export function withInstances(
  { threads, groups }: Said,
  workers: readonly DraftWorker[],
  problems: Problems,
): { readonly threads: ThreadCount; readonly groups: readonly DraftGroup[] } {
  const wanted = new Map<string, ThreadCount>();
  for (const { group, supervision } of workers) {
    const name = group?.value ?? defaultGroup;
    const { instances } = supervision ?? {};
    if (instances !== undefined) wanted.set(name, larger(instances.value, wanted.get(name)));
  }
  const resolved = groups.map(({ name, threads: own }) => {
    return { name, threads: own ?? threads ?? wanted.get(name) ?? 'auto' };
  });
  const others = threads ?? wanted.get(defaultGroup) ?? 'auto';
  for (const { group, supervision } of workers) {
    const { instances } = supervision ?? {};
    const name = group?.value ?? defaultGroup;
    const actual = resolved.find((each) => each.name === name)?.threads ?? others;
    if (instances === undefined || instances.value === actual) continue;
    const count = actual === 'auto' ? 'one thread per core' : `${actual} thread${actual === 1 ? '' : 's'}`;
    problems.warn(
      problems.place(instances.path),
      `not followed: the group ${name} has ${count}, and every worker of it is on each of them`,
    );
  }
  return { threads: others, groups: resolved };
}

function larger(a: ThreadCount, b: ThreadCount = a): ThreadCount {
  return a === 'auto' || b === 'auto' ? 'auto' : Math.max(a, b);
}
