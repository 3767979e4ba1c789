/** The WebSocket of a Response: an end as it arrived, which goes on untouched if nobody looks at it, or the object that a worker sees. */

import { RangeErrorCtor, TypeErrorCtor } from '../primordials.ts';
import type { WebSocketState } from '../state.ts';
import { isWebSocket, newWebSocket, takeEnd, type WebSocket } from './web-socket.ts';

export class ResponseSocket {
  #end: WebSocketState | undefined;
  #socket: WebSocket | undefined;
  readonly #protocol: string;

  constructor(end: WebSocketState | undefined, socket: WebSocket | undefined, protocol: string) {
    this.#end = end;
    this.#socket = socket;
    this.#protocol = protocol;
  }

  /** What `response.webSocket` shows; always the same object. */
  get(): WebSocket {
    this.#socket ??= newWebSocket(this.#end, this.#protocol);
    return this.#socket;
  }

  /** Hands the end over to another realm. Throws a TypeError where it is no longer there. */
  take(): WebSocketState {
    if (this.#socket !== undefined) return takeEnd(this.#socket);
    const end = this.#end;
    this.#end = undefined;
    if (end === undefined) throw new TypeErrorCtor('Response: the WebSocket was used in another response.');
    return end;
  }
}

/** What a call gave back. */
export function incomingSocket(end: WebSocketState, protocol: string | null): ResponseSocket {
  return new ResponseSocket(end, undefined, protocol ?? '');
}

/** `webSocket` of a ResponseInit, neither null nor undefined. Throws a TypeError for what is none, a RangeError for another status than 101. */
export function initSocket(value: unknown, status: number): ResponseSocket {
  if (!isWebSocket(value)) throw new TypeErrorCtor('Response: webSocket is not a WebSocket.');
  if (status !== 101) throw new RangeErrorCtor('Response: a response with a WebSocket has status 101.');
  return new ResponseSocket(undefined, value, '');
}
