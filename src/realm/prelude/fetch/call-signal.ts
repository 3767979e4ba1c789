/** The signal of an incoming request: aborted when the caller gives up. */

import { fromErrorState } from '../errors/error-state.ts';
import { type AbortSignal, abortSignal } from '../events/abort-signal.ts';
import { enterRealm } from '../nodejs/context-hooks.ts';
import type { CallState } from '../state.ts';

/** Aborts `signal` with an error of this realm when the call is aborted. */
export function followCall(signal: AbortSignal, call: CallState): void {
  if (call.aborted !== undefined) {
    abortSignal(signal, fromErrorState(call.aborted));
    return;
  }
  const others = call.onAbort;
  call.onAbort = (reason) => {
    others?.(reason);
    enterRealm(undefined, () => abortSignal(signal, fromErrorState(reason)));
  };
}
