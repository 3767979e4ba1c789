/** What is owed to the other side of a call when nobody waits for its outcome. */

import { endCall } from '../edge.ts';
import type { BodyState, CallState, ErrorState, ResponseState } from '../state.ts';

/** Tells the callee that nobody waits any more. */
export function abortCall(call: CallState, reason: ErrorState): void {
  if (call.aborted !== undefined) return;
  call.aborted = reason;
  if (call.target !== undefined) endCall(call.target.counts, 'canceled');
  try {
    call.onAbort?.(reason);
  } catch {
    // The callee's prelude failed near stack overflow; it has nothing more to do for this call.
  }
}

/** Lets go of a response that nobody will take. */
export function discardResponse(response: ResponseState, reason: ErrorState): void {
  discardBody(response.body, reason);
  if (response.webSocket !== undefined) response.webSocket.drop(1006, '');
}

/** Lets go of a body that nobody will read. */
export function discardBody(body: BodyState, reason: ErrorState): void {
  if (typeof body === 'object') body.source?.cancel(reason);
}
