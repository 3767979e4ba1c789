/** The timers of one realm: the host holds ids, the prelude the callbacks (HARDENING R11). */

import { assertHeadroom } from '../shared/headroom.ts';

/**
 * Starts and stops timers; after `stop` there are none, whatever the realm still starts. `set` and `clear` throw a RangeError near stack overflow: cut short in
 * there, Node loses every timer of the thread that has the same delay (docs/decisions/stack-headroom.md).
 */
export interface RealmTimers {
  set(id: number, delayMs: number, repeat: boolean): void;
  clear(id: number): void;
  stop(): void;
}

/** `fire` is called with the id of a timer that is due. */
export function makeRealmTimers(fire: (id: number) => void): RealmTimers {
  // Made when it is needed: most realms never start a timer.
  let running: Map<number, NodeJS.Timeout> | undefined;
  let stopped = false;
  return {
    set(id, delayMs, repeat) {
      if (stopped) return;
      assertHeadroom();
      const timer = repeat
        ? setInterval(fire, delayMs, id)
        : setTimeout(() => {
            running?.delete(id);
            fire(id);
          }, delayMs);
      running ??= new Map();
      running.set(id, timer);
    },
    clear(id) {
      assertHeadroom();
      clearTimeout(running?.get(id));
      running?.delete(id);
    },
    stop() {
      stopped = true;
      for (const timer of running?.values() ?? []) clearTimeout(timer);
      running = undefined;
    },
  };
}
