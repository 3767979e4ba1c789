/** The realm's clock: coarse enough that it does not tell one cache line from another. https://w3c.github.io/hr-time/#dfn-coarsen-time */

import { guarded } from '../host.ts';
import { MathFloor } from '../primordials.ts';

const clock = guarded($host.clock);

/** Ticks in a millisecond. */
const RESOLUTION = 200;

/** Milliseconds since the time origin, in steps of 5 microseconds. */
export function currentTime(): number {
  return MathFloor(clock.now() * RESOLUTION) / RESOLUTION;
}

/** Milliseconds between the Unix epoch and the time origin. */
export function timeOrigin(): number {
  return clock.timeOrigin();
}
