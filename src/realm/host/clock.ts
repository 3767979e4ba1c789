/** Time for realms. Runs in a thread, in the host realm. */

import type { ClockHost } from '../prelude/host-api.ts';

export function makeClockHost(): ClockHost {
  return Object.freeze({
    now: () => performance.now(),
    timeOrigin: () => performance.timeOrigin,
  });
}
