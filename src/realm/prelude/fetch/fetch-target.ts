/**
 * Calling a service: what `fetch` and `env.SERVICE.fetch` do. The target hides which way the call takes.
 * https://fetch.spec.whatwg.org/#fetch-method
 */

import { ErrorCtor, PromiseCtor, PromiseReject } from '../primordials.ts';
import { newCallState, newRequestState } from '../neutral.ts';
import { fromErrorState, toErrorState } from '../errors/error-state.ts';
import type { AbortSignal } from '../events/abort-signal.ts';
import type { CallState, ErrorState, RequestState, ResponseState, TargetState } from '../state.ts';
import type { Body } from './body.ts';
import type { RedirectMode } from './request-init.ts';
import { parseUrl } from './request-url.ts';
import { isRequest, Request, requestRedirect, requestRetainedBody, requestSignal, requestToState } from './request.ts';
import { incomingResponse, type Response } from './response.ts';


type Resolve = (response: Response) => void;
type Reject = (reason: unknown) => void;

/** What a call needs to know to follow a redirect, where that is more than "a GET that follows". */
export class FetchContext {
  readonly redirect: RedirectMode;
  /** Redirects followed so far. */
  readonly hops: number;
  /** What to send again. */
  readonly body: Body | undefined;
  /** The caller's signal stops listening. */
  readonly release: (() => void) | undefined;

  constructor(redirect: RedirectMode, hops: number, body: Body | undefined, release: (() => void) | undefined) {
    this.redirect = redirect;
    this.hops = hops;
    this.body = body;
    this.release = release;
  }
}

/** Fetches from a target. Rejects as `fetch` does: TypeError for bad arguments, the signal's reason, the callee's error. */
export function fetchTarget(target: TargetState, input: unknown, init: unknown): Promise<Response> {
  try {
    if (init === undefined && typeof input === 'string') {
      const href = parseUrl(input);
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
  const retained = redirect === 'follow' ? requestRetainedBody(request) : undefined;
  const state = requestToState(request);
  return new PromiseCtor<Response>((resolve, reject) => {
    if (signal === undefined) {
      const context = new FetchContext(redirect, 0, retained, undefined);
      dispatch(newCallState(settle, target, state, resolve, reject, context));
    } else sendWithSignal(target, state, signal, resolve, reject, redirect, retained);
  });
}

function sendWithSignal(
  target: TargetState,
  state: RequestState,
  signal: AbortSignal,
  resolve: Resolve,
  reject: Reject,
  redirect: RedirectMode,
  retained: Body | undefined,
): void {
  const { addAbortAlgorithm, removeAbortAlgorithm, signalAborted, signalReason } = require('../events/abort-signal.ts');
  if (signalAborted(signal)) return reject(signalReason(signal));
  const onAbort = () => {
    reject(signalReason(signal));
    abortCall(call, signalReason(signal));
  };
  const release = () => removeAbortAlgorithm(signal, onAbort);
  const context = new FetchContext(redirect, 0, retained, release);
  const call = newCallState(settle, target, state, resolve, reject, context);
  addAbortAlgorithm(signal, onAbort);
  dispatch(call);
}

/** Tells the callee that nobody waits any more. */
export function abortCall(call: CallState, reason: unknown): void {
  if (call.aborted !== undefined) return;
  const state = toErrorState(reason);
  call.aborted = state;
  try {
    call.onAbort?.(state);
  } catch {
    // The callee's prelude failed near stack overflow; it has nothing more to do for this call.
  }
}

/** Starts a call. Whatever goes wrong on the way settles it. */
export function dispatch(call: CallState): void {
  try {
    (call.target as TargetState).fetch(call.request, call);
  } catch {
    (call.reject as Reject)(new ErrorCtor('The call went too deep.'));
  }
}

/** Takes the outcome of a call of this realm; the callee (or the host) calls it. */
export function settle(call: CallState, response: ResponseState | undefined, error: ErrorState | undefined): void {
  try {
    if (response === undefined) {
      (call.context as FetchContext | undefined)?.release?.();
      (call.reject as Reject)(fromErrorState(error as ErrorState));
    } else settleResponse(call, response);
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
  (call.resolve as Resolve)(incomingResponse(response, call.request.url, hops > 0));
}
