/**
 * WebSocket, in both of its forms: the standard's, made by `new WebSocket(url)`, and that of Workers, an end of a connection that the
 * worker is given (WebSocketPair, `response.webSocket`) and accepts or hands on. https://websockets.spec.whatwg.org/
 */

import { registerInspection } from '../console/registry.ts';
import { defineEventHandler } from '../events/event-handlers.ts';
import { EventTarget } from '../events/event-target.ts';
import { newDOMException } from '../errors/dom-exception.ts';
import { defineValue } from '../lazy.ts';
import { addLiveResource, removeLiveResource } from '../live-resources.ts';
import { ObjectCreate, ObjectFreeze, PromiseResolve, TypeErrorCtor } from '../primordials.ts';
import type { CallState, WebSocketState } from '../state.ts';
import {
  defineConstants,
  defineInterface,
  isObject,
  requireArguments,
  toDictionary,
  toDOMString,
  toUSVString,
} from '../webidl.ts';
import { toClientClosing, toServerClosing } from './closing.ts';
import { fireClose, fireError, fireMessage, fireOpen } from './fire.ts';
import { giveUp, originOf, shakeHands, toProtocols, toWebSocketUrl } from './handshake.ts';
import {
  bufferedAt,
  byteLengthOf,
  closeEnd,
  dropEnd,
  openEnd,
  type Outgoing,
  sendTo,
  toOutgoing,
} from './end.ts';

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

const INTERNAL = ObjectFreeze(ObjectCreate(null) as object);

/** What has been done with an end that the worker was given: nothing yet, `accept()`, or it was handed on. */
type Use = 'none' | 'accepted' | 'handed-on';

/** For the rest of the prelude. */
export let isWebSocket: (value: unknown) => value is WebSocket;
/** Takes the end out of a WebSocket that goes to another realm. Throws a TypeError where the worker has accepted it, or it is gone. */
export let takeEnd: (socket: WebSocket) => WebSocketState;
let setProtocol: (socket: WebSocket, protocol: string) => void;

/** An end that the worker may accept. `protocol`: what the handshake agreed on, or ''. */
export function newWebSocket(end: WebSocketState | undefined, protocol: string): WebSocket {
  const socket = new WebSocket(INTERNAL, end);
  setProtocol(socket, protocol);
  return socket;
}

/** https://websockets.spec.whatwg.org/#websocket */
export class WebSocket extends EventTarget {
  declare onopen: unknown;
  declare onmessage: unknown;
  declare onerror: unknown;
  declare onclose: unknown;

  #url: string | null = null;
  #origin = '';
  #protocol = '';
  #readyState = OPEN;
  #binaryType: 'blob' | 'arraybuffer' = 'arraybuffer';
  /** The standard's form. */
  #isClient = false;
  #use: Use = 'none';
  #end: WebSocketState | undefined;
  /** While the connection is being made. */
  #call: CallState | undefined;
  #hasClosed = false;
  #allowsHalfOpen = false;
  /** Bytes that were sent too late to leave. */
  #lostBytes = 0;
  readonly #release = (): void => this.#goAway();

  constructor(url: unknown, protocols: unknown = undefined) {
    super();
    if (url === INTERNAL) {
      this.#end = protocols as WebSocketState | undefined;
      if (protocols === undefined) this.#use = 'handed-on';
      return;
    }
    requireArguments(arguments.length, 1, 'WebSocket');
    const href = toUSVString(url);
    const list = protocols === undefined ? [] : toProtocols(protocols);
    this.#url = toWebSocketUrl(href);
    this.#origin = originOf(this.#url);
    this.#isClient = true;
    this.#binaryType = 'blob';
    this.#readyState = CONNECTING;
    addLiveResource(this.#release);
    void this.#connect(this.#url, list);
  }

  get url(): string | null {
    return this.#url;
  }

  get readyState(): number {
    return this.#readyState;
  }

  get bufferedAmount(): number {
    const lost = this.#lostBytes;
    return this.#end === undefined ? lost : lost + bufferedAt(this.#end);
  }

  get extensions(): string {
    void this.#url;
    return '';
  }

  get protocol(): string {
    return this.#protocol;
  }

  get binaryType(): string {
    return this.#binaryType;
  }

  set binaryType(value: unknown) {
    const before = this.#binaryType;
    const type = toDOMString(value);
    this.#binaryType = type === 'blob' || type === 'arraybuffer' ? type : before;
  }

  /** Takes the connection: its messages arrive at this object from now on. */
  accept(options: unknown = undefined): void {
    const use = this.#use;
    const given = toDictionary<{ allowHalfOpen: unknown }>(options, 'WebSocket.accept');
    const allowsHalfOpen = !!given?.allowHalfOpen;
    if (this.#isClient) throw new TypeErrorCtor('WebSocket.accept: it was made by new WebSocket().');
    if (use === 'handed-on') throw new TypeErrorCtor('WebSocket.accept: it was used in a Response.');
    if (use === 'accepted') return;
    this.#use = 'accepted';
    this.#allowsHalfOpen = allowsHalfOpen;
    addLiveResource(this.#release);
    this.#open(this.#end as WebSocketState);
  }

  send(data: unknown): void {
    void this.#url; // the brand check
    requireArguments(arguments.length, 1, 'WebSocket.send');
    const outgoing = toOutgoing(data);
    if (this.#isClient) this.#sendAsClient(outgoing);
    else this.#sendAsEnd(outgoing);
  }

  close(code: unknown = undefined, reason: unknown = undefined): void {
    void this.#url; // the brand check
    if (this.#isClient) this.#closeAsClient(code, reason);
    else this.#closeAsEnd(code, reason);
  }

  /** A turn later: whoever answers must not run inside the constructor. */
  async #connect(url: string, protocols: readonly string[]): Promise<void> {
    await PromiseResolve(undefined);
    if (this.#readyState !== CONNECTING) return this.#fail('The WebSocket was closed.');
    this.#call = shakeHands(url, protocols, {
      established: (end, protocol) => this.#established(end, protocol),
      failed: (reason) => this.#fail(reason),
    });
  }

  #established(end: WebSocketState, protocol: string): void {
    if (this.#readyState !== CONNECTING) return dropEnd(end);
    this.#call = undefined;
    this.#end = end;
    this.#protocol = protocol;
    this.#readyState = OPEN;
    this.#open(end);
    fireOpen(this);
  }

  /** https://websockets.spec.whatwg.org/#fail-the-websocket-connection */
  #fail(reason: string): void {
    if (this.#readyState === CLOSED) return;
    this.#readyState = CLOSED;
    this.#call = undefined;
    removeLiveResource(this.#release);
    fireError(this, reason);
    fireClose(this, 1006, '', false);
  }

  #open(end: WebSocketState): void {
    openEnd(end, {
      message: (text, buffer) => this.#message(text, buffer),
      closed: (code, reason, isClean) => this.#closed(code, reason, isClean),
    });
  }

  #message(text: string | undefined, buffer: ArrayBuffer | undefined): void {
    if (this.#readyState === OPEN || (!this.#isClient && this.#readyState === CLOSING))
      fireMessage(this, text, buffer, this.#binaryType, this.#origin);
  }

  #closed(code: number, reason: string, isClean: boolean): void {
    if (isClean && !this.#hasClosed && this.#allowsHalfOpen) this.#readyState = CLOSING;
    else {
      this.#readyState = CLOSED;
      if (isClean && !this.#hasClosed) closeEnd(this.#end as WebSocketState, code, reason);
      removeLiveResource(this.#release);
    }
    if (!isClean) fireError(this, reason === '' ? 'The connection is lost.' : reason);
    fireClose(this, code, reason, isClean);
  }

  #sendAsClient(outgoing: Outgoing): void {
    if (this.#readyState === CONNECTING)
      throw newDOMException('WebSocket.send: it is not connected yet.', 'InvalidStateError');
    if (this.#readyState === OPEN) sendTo(this.#end as WebSocketState, outgoing);
    else this.#lostBytes += byteLengthOf(outgoing);
  }

  #sendAsEnd(outgoing: Outgoing): void {
    if (this.#use === 'none') throw new TypeErrorCtor('WebSocket.send: call accept() before.');
    if (this.#hasClosed) throw new TypeErrorCtor('WebSocket.send: it is closed.');
    if (this.#readyState === CLOSED || this.#use === 'handed-on') return;
    sendTo(this.#end as WebSocketState, outgoing);
  }

  #closeAsClient(code: unknown, reason: unknown): void {
    const closing = toClientClosing(code, reason);
    if (this.#readyState === CONNECTING) {
      this.#readyState = CLOSING;
      if (this.#call !== undefined) {
        giveUp(this.#call);
        void this.#failSoon();
      }
    } else if (this.#readyState === OPEN) this.#sayClose(closing.code, closing.reason);
  }

  /** close() itself fires no events. */
  async #failSoon(): Promise<void> {
    await PromiseResolve(undefined);
    this.#fail('The WebSocket was closed before it was connected.');
  }

  #closeAsEnd(code: unknown, reason: unknown): void {
    if (this.#hasClosed || this.#readyState === CLOSED || this.#use === 'handed-on') return;
    if (this.#use === 'none') throw new TypeErrorCtor('WebSocket.close: call accept() before.');
    const closing = toServerClosing(code, reason);
    const isLast = this.#readyState === CLOSING; // the other end has closed before
    this.#sayClose(closing.code, closing.reason);
    if (!isLast) return;
    this.#readyState = CLOSED;
    removeLiveResource(this.#release);
  }

  #sayClose(code: number, reason: string): void {
    closeEnd(this.#end as WebSocketState, code, reason);
    this.#hasClosed = true;
    this.#readyState = CLOSING;
  }

  /** The realm is going. https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
  #goAway(): void {
    if (this.#call !== undefined) giveUp(this.#call);
    const end = this.#end;
    this.#readyState = CLOSED;
    if (end === undefined) return;
    if (!this.#hasClosed) closeEnd(end, 1001, '');
    dropEnd(end);
  }

  static {
    registerInspection(
      (value) => #url in value,
      (value) => {
        const socket = value as WebSocket;
        return {
          url: socket.#url,
          readyState: socket.#readyState,
          protocol: socket.#protocol,
          binaryType: socket.#binaryType,
        };
      },
    );
    isWebSocket = (value): value is WebSocket => isObject(value) && #url in value;
    setProtocol = (socket, protocol) => {
      socket.#protocol = protocol;
    };
    takeEnd = (socket) => {
      const where = 'Response: the WebSocket';
      if (socket.#isClient) throw new TypeErrorCtor(`${where} was made by new WebSocket().`);
      if (socket.#use === 'accepted') throw new TypeErrorCtor(`${where} has been accepted.`);
      if (socket.#use === 'handed-on') throw new TypeErrorCtor(`${where} was used in another response.`);
      socket.#use = 'handed-on';
      return socket.#end as WebSocketState;
    };
  }
}

defineInterface(WebSocket, 'WebSocket');
defineEventHandler(WebSocket.prototype, 'open', isWebSocket);
defineEventHandler(WebSocket.prototype, 'message', isWebSocket);
defineEventHandler(WebSocket.prototype, 'error', isWebSocket);
defineEventHandler(WebSocket.prototype, 'close', isWebSocket);
defineConstants(WebSocket, ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED']);
// As Workers name them.
defineValue(WebSocket, 'READY_STATE_CONNECTING', CONNECTING, true);
defineValue(WebSocket, 'READY_STATE_OPEN', OPEN, true);
defineValue(WebSocket, 'READY_STATE_CLOSING', CLOSING, true);
defineValue(WebSocket, 'READY_STATE_CLOSED', CLOSED, true);
