/**
 * Calling a service: what `fetch` and `env.SERVICE.fetch` do. The target hides which way the call takes.
 * https://fetch.spec.whatwg.org/#fetch-method
 */

import { PromiseCtor, PromiseReject, TypeErrorCtor } from '../primordials.ts';
import { newCallState, newRequestState, newResponseState } from '../neutral.ts';
import { fromFailure, toErrorState } from '../errors/error-state.ts';
import type { AbortSignal } from '../events/abort-signal.ts';
import type { BodyState, CallState, ErrorState, RequestState, ResponseState, TargetState } from '../state.ts';
import { dispatch, FetchContext } from './fetch-context.ts';
import { discardBody, discardResponse } from './give-up.ts';
import type { Flight } from './flight.ts';
import { plainUrl } from './request-url.ts';
import {
  isRequest,
  Request,
  requestRedirect,
  requestRetainedBody,
  requestSignal,
  requestToState,
} from './request.ts';
import { incomingResponse, type Response } from './response.ts';

type Resolve = (response: Response) => void;
type Reject = (reason: unknown) => void;

/** Fetches from a target. Rejects as `fetch` does: TypeError for bad arguments, the signal's reason, the callee's error. */
export function fetchTarget(target: TargetState, input: unknown, init: unknown): Promise<Response> {
  try {
    if (init === undefined && typeof input === 'string') {
      const href = plainUrl(input);
      if (href !== undefined) return sendSimple(target, newRequestState('GET', href, '', undefined, ''));
    }
    return fetchRequest(target, init === undefined && isRequest(input) ? input : new Request(input, init));
  } catch (error) {
    return PromiseReject(error);
  }
}

function sendSimple(target: TargetState, state: RequestState): Promise<Response> {
  return new PromiseCtor<Response>((resolve, reject) => {
    dispatch(newCallState(settle, target, state, resolve, reject, undefined));
  });
}

function fetchRequest(target: TargetState, request: Request): Promise<Response> {
  const redirect = requestRedirect(request);
  const signal = requestSignal(request);
  if (signal !== undefined) {
    const { signalAborted, signalReason } = require('../events/abort-signal.ts');
    if (signalAborted(signal)) return PromiseReject(signalReason(signal));
  }
  const retained = redirect === 'follow' ? requestRetainedBody(request) : undefined;
  const state = requestToState(request);
  return new PromiseCtor<Response>((resolve, reject) => {
    const flight = signal === undefined ? undefined : takeOff(signal, reject);
    const context = new FetchContext(redirect, 0, retained, flight);
    const sent = flight === undefined ? state : flight.followRequest(state);
    dispatch(newCallState(settle, target, sent, resolve, reject, context));
  });
}

function takeOff(signal: AbortSignal, reject: Reject): Flight {
  const { Flight } = require('./flight.ts');
  return new Flight(signal, reject);
}

/** Takes the outcome of a call of this realm; the callee (or the host) calls it. */
export function settle(
  call: CallState,
  response: ResponseState | undefined,
  error: ErrorState | undefined,
): void {
  if (call.aborted === undefined) {
    const { counts } = call.target as TargetState;
    counts.waiting--;
    if (response === undefined) counts.errors++;
  }
  try {
    if (response === undefined) {
      (call.context as FetchContext | undefined)?.flight?.release();
      (call.reject as Reject)(fromFailure(error as ErrorState));
    } else if (call.aborted !== undefined) discardResponse(response, call.aborted);
    else settleResponse(call, response);
  } catch (problem) {
    (call.reject as Reject)(problem);
  }
}

function settleResponse(call: CallState, response: ResponseState): void {
  const context = call.context as FetchContext | undefined;
  const { status } = response;
  if (status > 300 && status < 309 && context?.redirect !== 'manual') {
    const { followRedirect } = require('./redirect.ts');
    if (followRedirect(call, context, response)) return;
  }
  const hops = context === undefined ? 0 : context.hops;
  const flight = context === undefined ? undefined : context.flight;
  let taken = response;
  if (call.request.method === 'HEAD' && response.body !== undefined) {
    discardBody(response.body, toErrorState(new TypeErrorCtor('The response to HEAD has no body.')));
    taken = withBody(response, undefined);
  }
  if (flight !== undefined) taken = withBody(response, flight.followResponse(taken.body));
  (call.resolve as Resolve)(incomingResponse(taken, call.request.url, hops > 0));
}

function withBody(response: ResponseState, body: BodyState): ResponseState {
  const { status, statusText, headers, webSocket } = response;
  return newResponseState(status, statusText, headers, body, webSocket);
}
