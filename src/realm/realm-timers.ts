/** The timers of one realm: the host holds ids, the prelude the callbacks (HARDENING R11). */

/** Starts and stops timers; everything stops with `clearAll`. */
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
      const timer = repeat
        ? setInterval(fire, delayMs, id)
        : setTimeout(() => {
            running.delete(id);
            fire(id);
          }, delayMs);
      running.set(id, timer);
    },
    clear(id) {
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
