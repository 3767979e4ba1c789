/** The timers of one realm: the host holds ids, the prelude the callbacks (HARDENING R11). */

import { assertHeadroom } from '../shared/headroom.ts';

/**
 * Starts and stops timers; everything stops with `clearAll`. `set` and `clear` throw a RangeError near stack overflow: cut short in
 * there, Node loses every timer of the thread that has the same delay (docs/decisions/stack-headroom.md).
 */
export interface RealmTimers {
  set(id: number, delayMs: number, repeat: boolean): void;
  clear(id: number): void;
  clearAll(): void;
  readonly size: number;
}

/** `fire` is called with the id of a timer that is due. */
export function makeRealmTimers(fire: (id: number) => void): RealmTimers {
  const running = new Map<number, NodeJS.Timeout>();
  return {
    set(id, delayMs, repeat) {
      assertHeadroom();
      const timer = repeat
        ? setInterval(fire, delayMs, id)
        : setTimeout(() => {
            running.delete(id);
            fire(id);
          }, delayMs);
      running.set(id, timer);
    },
    clear(id) {
      assertHeadroom();
      clearTimeout(running.get(id));
      running.delete(id);
    },
    clearAll() {
      for (const timer of running.values()) clearTimeout(timer);
      running.clear();
    },
    get size() {
      return running.size;
    },
  };
}
