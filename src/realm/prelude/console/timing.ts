/** Counters and stopwatches of the console. https://console.spec.whatwg.org/#counting */

import { guarded } from '../host.ts';
import {
  MapCtor,
  MapPrototypeDelete,
  MapPrototypeGet,
  MapPrototypeSet,
  MathFloor,
  NumberCtor,
  NumberPrototypeToFixed,
  StringCtor,
  StringPrototypePadStart,
} from '../primordials.ts';

const clock = guarded($host.clock);

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const counts = new MapCtor<string, number>();
const started = new MapCtor<string, number>();

/** Counts once more, and returns how often that makes. */
export function increment(label: string): number {
  const count = (MapPrototypeGet(counts, label) ?? 0) + 1;
  MapPrototypeSet(counts, label, count);
  return count;
}

/** Returns false if there was no such counter. */
export function resetCount(label: string): boolean {
  return MapPrototypeDelete(counts, label);
}

/** Returns false if the stopwatch runs already. */
export function startTime(label: string): boolean {
  if (MapPrototypeGet(started, label) !== undefined) return false;
  MapPrototypeSet(started, label, clock.now());
  return true;
}

/** The time on the stopwatch as text; undefined if there is none. */
export function readTime(label: string): string | undefined {
  const start = MapPrototypeGet(started, label);
  return start === undefined ? undefined : formatDuration(clock.now() - start);
}

export function stopTime(label: string): void {
  MapPrototypeDelete(started, label);
}

/** `1.5ms`, `2.500s`, `1:02.500 (m:ss.mmm)`, `1:00:02.500 (h:mm:ss.mmm)`. */
function formatDuration(milliseconds: number): string {
  if (milliseconds < SECOND) return `${StringCtor(NumberCtor(NumberPrototypeToFixed(milliseconds, 3)))}ms`;
  if (milliseconds < MINUTE) return `${NumberPrototypeToFixed(milliseconds / SECOND, 3)}s`;
  const hours = MathFloor(milliseconds / HOUR);
  const minutes = StringCtor(MathFloor((milliseconds % HOUR) / MINUTE));
  const seconds = StringPrototypePadStart(
    NumberPrototypeToFixed((milliseconds % MINUTE) / SECOND, 3),
    6,
    '0',
  );
  if (hours === 0) return `${minutes}:${seconds} (m:ss.mmm)`;
  return `${hours}:${StringPrototypePadStart(minutes, 2, '0')}:${seconds} (h:mm:ss.mmm)`;
}
