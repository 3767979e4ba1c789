/** The requests that this realm's worker has not answered yet: when the realm goes, whoever waits for one hears so. */

import { guarded } from '../host.ts';
import { addLiveResource, isRealmGone } from '../live-resources.ts';
import { beginWaiting, endWaiting } from '../rpc/depth.ts';
import type { CallState } from '../state.ts';

const host = guarded($host.realm);

let first: CallState | undefined;

/** The call waits for its handler. */
export function enlist(call: CallState): void {
  beginWaiting();
  call.following = first;
  if (first !== undefined) first.previous = call;
  first = call;
}

/** The handler is done. Returns false where the realm has gone meanwhile: the call has failed with it. */
export function unlist(call: CallState): boolean {
  if (isRealmGone()) return false;
  remove(call);
  return true;
}

function remove(call: CallState): void {
  endWaiting();
  const { previous, following } = call;
  if (previous !== undefined) previous.following = following;
  else first = following;
  if (following !== undefined) following.previous = previous;
  call.previous = call.following = undefined;
}

addLiveResource(() => {
  while (first !== undefined) {
    const call = first;
    remove(call);
    call.settle(call, undefined, host.broken());
  }
});
