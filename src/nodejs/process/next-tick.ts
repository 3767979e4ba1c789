/** process.nextTick: callbacks that run after the code that is running, in the order in which they were given. */

import { AsyncResource } from '../async-hooks.ts';
import { validateFunction } from '../validate.ts';
import type { AnyFunction } from '../validate.ts';

interface Tick {
  readonly resource: AsyncResource;
  readonly callback: AnyFunction;
  readonly args: unknown[];
}

const queue: Tick[] = [];
let isWaiting = false;

/**
 * All ticks that are waiting run in one microtask. In Node.js they run before the microtasks that were queued earlier in the same turn, which
 * nothing in a realm can do.
 */
export function nextTick(callback: unknown, ...args: unknown[]): void {
  validateFunction(callback, 'callback');
  queue.push({ resource: new AsyncResource('TickObject'), callback, args });
  if (isWaiting) return;
  isWaiting = true;
  queueMicrotask(drain);
}

function drain(): void {
  // What is added meanwhile runs as well, and a tick that throws stops no other.
  for (let tick = queue.shift(); tick !== undefined; tick = queue.shift()) {
    try {
      tick.resource.runInAsyncScope(tick.callback, undefined, ...tick.args);
    } catch (error) {
      $powers.report(error);
    }
  }
  isWaiting = false;
}
