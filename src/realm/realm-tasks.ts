/** The tasks of one realm: the host gives it turns, the prelude knows what for (HARDENING R11). */

import { assertHeadroom } from '../shared/headroom.ts';

/** `queue` asks for one turn, and throws a RangeError near stack overflow, as timers do. After `stop` there are no more turns. */
export interface RealmTasks {
  queue(): void;
  stop(): void;
}

/** `run` is called once for each turn that was asked for, in the context of the request that asked. */
export function makeRealmTasks(run: () => void): RealmTasks {
  // Made when it is needed: most realms never ask for a turn.
  let waiting: Set<NodeJS.Immediate> | undefined;
  let stopped = false;
  return {
    queue() {
      if (stopped) return;
      assertHeadroom();
      const turn = setImmediate(() => {
        waiting?.delete(turn);
        run();
      });
      waiting ??= new Set();
      waiting.add(turn);
    },
    stop() {
      stopped = true;
      for (const turn of waiting ?? []) clearImmediate(turn);
      waiting = undefined;
    },
  };
}
