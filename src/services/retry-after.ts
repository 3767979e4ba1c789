/** When a refusal may be over, for whoever tells a client. Runs in a thread. */

import type { ErrorState } from '../realm/prelude/state.ts';

const seconds = new WeakMap<ErrorState, () => number>();

/** The failure, with the seconds after which the same call may succeed. */
export function retryingAfter(failure: ErrorState, after: () => number): ErrorState {
  seconds.set(failure, after);
  return failure;
}

/** Whole seconds, at least 1; undefined where nobody knows. */
export function retryAfterOf(failure: ErrorState): number | undefined {
  const after = seconds.get(failure)?.();
  return after === undefined ? undefined : Math.max(1, Math.ceil(after));
}
