/** A call that is under way, as the calling realm sees it. */

import { endCall, recordTime, timeNow, UNTIMED } from '../edge.ts';
import { newCallState } from '../neutral.ts';
import { ErrorCtor } from '../primordials.ts';
import type { CallState, TargetState } from '../state.ts';
import type { Body } from './body.ts';
import type { Flight } from './flight.ts';
import type { RedirectMode } from './request-options.ts';

/** What a call needs to know to follow a redirect, where that is more than "a GET that follows". */
export class FetchContext {
  readonly redirect: RedirectMode;
  /** Redirects followed so far. */
  readonly hops: number;
  /** What to send again. */
  readonly body: Body | undefined;
  /** Where the caller gave a signal. */
  readonly flight: Flight | undefined;

  constructor(redirect: RedirectMode, hops: number, body: Body | undefined, flight: Flight | undefined) {
    this.redirect = redirect;
    this.hops = hops;
    this.body = body;
    this.flight = flight;
  }
}

/** Starts a call. Whatever goes wrong on the way settles it. */
export function dispatch(call: CallState): void {
  const target = call.target as TargetState;
  const { counts } = target;
  counts.waiting++;
  try {
    const sent = (++counts.calls & UNTIMED) === 0 ? timedCall(call, target) : call;
    const context = call.context as FetchContext | undefined;
    if (context !== undefined && context.flight !== undefined) context.flight.call = sent;
    target.fetch(sent.request, sent);
  } catch {
    endCall(counts, 'errors');
    (call.reject as (reason: unknown) => void)(new ErrorCtor('The call went too deep.'));
  }
}

/** The same call, which is timed. */
function timedCall(call: CallState, target: TargetState): CallState {
  const began = timeNow();
  const settle: CallState['settle'] = (timed, response, error) => {
    recordTime(target.counts, began);
    call.aborted = timed.aborted;
    call.settle(call, response, error);
  };
  return newCallState(settle, target, call.request, call.resolve, call.reject, call.context);
}
