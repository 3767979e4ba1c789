/**
 * The neutral records of the hot path. Each factory has a guard of its own, so that every call site sees one function; the general
 * guard (host.ts) is shared by all host functions and costs about 10 ns a call more (bench/latency.ts).
 */

import { RangeErrorCtor } from './primordials.ts';
import type {
  BodyState,
  CallState,
  RequestState,
  ResponseState,
  TargetState,
  WebSocketState,
} from './state.ts';

const { request, response, call } = $host.neutral;

function overflow(): RangeError {
  return new RangeErrorCtor('Maximum call stack size exceeded');
}

export function newRequestState(
  method: string,
  url: string,
  headers: string,
  body: BodyState,
  cf: string,
): RequestState {
  try {
    return request(method, url, headers, body, cf);
  } catch {
    throw overflow();
  }
}

export function newResponseState(
  status: number,
  statusText: string,
  headers: string,
  body: BodyState,
  webSocket: WebSocketState | undefined,
): ResponseState {
  try {
    return response(status, statusText, headers, body, webSocket);
  } catch {
    throw overflow();
  }
}

export function newCallState(
  settle: CallState['settle'],
  target: TargetState | undefined,
  state: RequestState,
  resolve: unknown,
  reject: unknown,
  context: unknown,
): CallState {
  try {
    return call(settle, target, state, resolve, reject, context);
  } catch {
    throw overflow();
  }
}
