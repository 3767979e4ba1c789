/** Opening a connection for `new WebSocket(url)`. https://websockets.spec.whatwg.org/#websocket-opening-handshake */

import { endCall } from '../edge.ts';
import { newDOMException } from '../errors/dom-exception.ts';
import { abortCall, discardResponse } from '../fetch/give-up.ts';
import { isToken } from '../fetch/header-list.ts';
import { rawHeader } from '../fetch/headers.ts';
import { parseUrl } from '../fetch/request-url.ts';
import { guarded } from '../host.ts';
import { newCallState, newRequestState } from '../neutral.ts';
import {
  ArrayPrototypeIncludes,
  ArrayPrototypeJoin,
  ErrorCtor,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  StringPrototypeToLowerCase,
  SymbolIterator,
} from '../primordials.ts';
import { toErrorState } from '../errors/error-state.ts';
import type { CallState, ErrorState, ResponseState, TargetState, WebSocketState } from '../state.ts';
import { isObject, toDOMString, toSequence } from '../webidl.ts';

const host = guarded($host.realm);
const OUTBOUND = 0;

/** Told how a handshake ended; exactly one of them is called, at most once. */
export interface Outcome {
  readonly established: (state: WebSocketState, protocol: string) => void;
  readonly failed: (reason: string) => void;
}

/** The serialized URL, of scheme ws or wss. Throws a SyntaxError. */
export function toWebSocketUrl(text: string): string {
  const href = parseUrl(text);
  if (href === undefined) throw syntaxError(`"${text}" is not a valid absolute URL.`);
  const url = StringPrototypeStartsWith(href, 'http') ? parseUrl(`ws${StringPrototypeSlice(href, 4)}`) : href;
  if (
    url === undefined ||
    !(StringPrototypeStartsWith(url, 'ws:') || StringPrototypeStartsWith(url, 'wss:'))
  ) {
    throw syntaxError(`the scheme of "${text}" is none of ws, wss, http and https.`);
  }
  if (StringPrototypeIndexOf(url, '#') !== -1) throw syntaxError(`"${text}" has a fragment.`);
  return url;
}

/** The origin that messages carry. */
export function originOf(url: string): string {
  const start = StringPrototypeIndexOf(url, '://') + 3;
  const end = StringPrototypeIndexOf(url, '/', start);
  const at = StringPrototypeIndexOf(StringPrototypeSlice(url, 0, end), '@');
  const host = StringPrototypeSlice(url, at === -1 ? start : at + 1, end);
  return StringPrototypeSlice(url, 0, start) + host;
}

/** The subprotocols to ask for: a sequence or one. Throws a SyntaxError for what is no token, or is there twice in whatever case. */
export function toProtocols(value: unknown): readonly string[] {
  const protocols = isSequence(value) ? toSequence(value, 'WebSocket', toDOMString) : [toDOMString(value)];
  for (let i = 0; i < protocols.length; i++) {
    const protocol = protocols[i] as string;
    if (!isToken(protocol)) throw syntaxError(`"${protocol}" is not a valid subprotocol.`);
    for (let before = 0; before < i; before++) {
      if (StringPrototypeToLowerCase(protocols[before] as string) === StringPrototypeToLowerCase(protocol))
        throw syntaxError(`the subprotocol "${protocol}" is there twice.`);
    }
  }
  return protocols;
}

function isSequence(value: unknown): boolean {
  if (!isObject(value)) return false;
  const method = (value as Partial<Iterable<unknown>>)[SymbolIterator] as unknown;
  return method !== undefined && method !== null;
}

function syntaxError(what: string): unknown {
  return newDOMException(`WebSocket: ${what}`, 'SyntaxError');
}

/** Asks the global outbound for the connection. Returns the call, to be given up with `giveUp`. */
export function shakeHands(url: string, protocols: readonly string[], outcome: Outcome): CallState {
  const asked =
    protocols.length === 0 ? '' : `sec-websocket-protocol\n${ArrayPrototypeJoin(protocols, ', ')}\n`;
  const headers = `upgrade\nwebsocket\nsec-websocket-version\n13\n${asked}`;
  const request = newRequestState('GET', `http${StringPrototypeSlice(url, 2)}`, headers, undefined, '');
  const target = host.target(OUTBOUND);
  const call = newCallState(settle, target, request, outcome, protocols, undefined);
  target.counts.calls++;
  target.counts.waiting++;
  try {
    target.fetch(request, call);
  } catch {
    endCall(target.counts, 'errors');
    outcome.failed('The call went too deep.');
  }
  return call;
}

/** Nobody waits for the connection any more. */
export function giveUp(call: CallState): void {
  abortCall(call, toErrorState(newDOMException('The WebSocket was closed.', 'AbortError')));
}

/** Takes the outcome of the call; the callee (or the host) calls it. */
function settle(call: CallState, response: ResponseState | undefined, error: ErrorState | undefined): void {
  const outcome = call.resolve as Outcome;
  if (call.aborted === undefined)
    endCall((call.target as TargetState).counts, response === undefined ? 'errors' : 'well');
  try {
    if (response === undefined) outcome.failed((error as ErrorState).message);
    else if (call.aborted !== undefined) discardResponse(response, call.aborted);
    else judge(outcome, call.reject as readonly string[], response);
  } catch {
    // Only stack overflow gets here: the connection is lost, and the WebSocket hears no more.
  }
}

function judge(outcome: Outcome, asked: readonly string[], response: ResponseState): void {
  const protocol = rawHeader(response.headers, 'sec-websocket-protocol');
  const { webSocket } = response;
  const fault =
    response.status !== 101 || webSocket === undefined
      ? `The server answered with status ${response.status} in place of a WebSocket.`
      : wrongProtocol(asked, protocol);
  if (fault === undefined) {
    outcome.established(webSocket as WebSocketState, protocol ?? '');
    return;
  }
  discardResponse(response, toErrorState(new ErrorCtor(fault)));
  outcome.failed(fault);
}

function wrongProtocol(asked: readonly string[], protocol: string | null): string | undefined {
  if (protocol === null) {
    return asked.length === 0 ? undefined : 'The server has chosen none of the subprotocols.';
  }
  return ArrayPrototypeIncludes(asked, protocol)
    ? undefined
    : `The server has chosen a subprotocol that was not asked for: "${protocol}".`;
}
