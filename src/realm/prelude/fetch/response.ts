/** Response. https://fetch.spec.whatwg.org/#response-class */

import {
  JSONStringify,
  ObjectCreate,
  ObjectFreeze,
  PromiseReject,
  PromiseResolve,
  RangeErrorCtor,
  StringPrototypeCharCodeAt,
  TypeErrorCtor,
} from '../primordials.ts';
import { newResponseState } from '../neutral.ts';
import type { ResponseState, WebSocketState } from '../state.ts';
import type { ReadableStream } from '../streams/readable-stream.ts';
import type { ResponseSocket } from '../web-socket/response-socket.ts';
import type { WebSocket } from '../web-socket/web-socket.ts';
import {
  defineInterface,
  illegalInvocation,
  isObject,
  requireArguments,
  toByteString,
  toDictionary,
  toUnsigned,
  toUSVString,
} from '../webidl.ts';
import { type Body, type BodySlot, bodyFromState, TAKEN, textBody, withoutByteOrderMark } from './body.ts';
import type { Headers, HeadersGuard } from './headers.ts';

const INTERNAL = ObjectFreeze(ObjectCreate(null) as object);
const TEXT_HEADERS = 'content-type\ntext/plain;charset=UTF-8\n';

type ResponseType = 'basic' | 'default' | 'error';

/** For the rest of the prelude. */
export let isResponse: (value: unknown) => value is Response;
/** Hands the response over to another realm: its body counts as used here. Throws a TypeError if it was used already. */
export let responseToState: (response: Response) => ResponseState;
/** The same for any value; undefined for what is no Response. */
export let responseState: (value: unknown) => ResponseState | undefined;
/** A response of this realm's making, whose headers can be changed. */
export let ownResponse: (state: ResponseState) => Response;
export let hasBody: (response: Response) => boolean;
/** Everything but the body, which stays where it is. */
export let responseHead: (response: Response) => ResponseState;
/** Makes a local response look fetched: of type 'basic', from `url`. */
export let setResponseUrl: (response: Response, url: string) => Response;
export let responseUrl: (response: Response) => string;

/** What a call to `url` gave back. */
export function incomingResponse(state: ResponseState, url: string, redirected: boolean): Response {
  return new Response(INTERNAL, state, url, redirected);
}

export class Response {
  #status = 200;
  #statusText = '';
  #raw = '';
  #headers: Headers | undefined;
  #guard: HeadersGuard = 'response';
  #slot: BodySlot;
  #url = '';
  #redirected = false;
  #type: ResponseType = 'default';
  /** Of a response to an upgrade request. */
  #socket: ResponseSocket | undefined;

  constructor(body: unknown = null, init: unknown = undefined, url = '', redirected = false) {
    if (body === INTERNAL) {
      const state = init as ResponseState;
      this.#status = state.status;
      this.#statusText = state.statusText;
      this.#raw = state.headers;
      this.#slot = bodyFromState(state.body);
      this.#url = url;
      this.#redirected = redirected;
      this.#guard = 'immutable';
      this.#type = 'basic';
      if (state.webSocket !== undefined) this.#receiveSocket(state.webSocket);
      return;
    }
    if (init === undefined && typeof body === 'string') {
      this.#slot = toUSVString(body);
      this.#raw = TEXT_HEADERS;
      return;
    }
    const given = toDictionary<Record<string, unknown>>(init, 'Response');
    const extracted =
      body === null || body === undefined
        ? undefined
        : require('./body-init.ts').extractBody(body, 'Response');
    if (given !== undefined) this.#readInit(given);
    if (extracted === undefined) return;
    if (isNullBodyStatus(this.#status))
      throw new TypeErrorCtor(`Response: status ${this.#status} cannot have a body.`);
    this.#slot = extracted.body;
    this.#addContentType(extracted.contentType);
  }

  static error(): Response {
    const response = new Response(INTERNAL, newResponseState(0, '', '', undefined, undefined));
    response.#type = 'error';
    return response;
  }

  static json(data: unknown, init: unknown = undefined): Response {
    requireArguments(arguments.length, 1, 'Response.json');
    const text = JSONStringify(data) as string | undefined;
    if (text === undefined) throw new TypeErrorCtor('Response.json: the value is not JSON serializable.');
    const response = new Response(null, undefined);
    const given = toDictionary<Record<string, unknown>>(init, 'Response.json');
    if (given !== undefined) response.#readInit(given);
    if (isNullBodyStatus(response.#status)) {
      throw new TypeErrorCtor(`Response.json: status ${response.#status} cannot have a body.`);
    }
    response.#slot = toUSVString(text);
    response.#addContentType('application/json');
    return response;
  }

  static redirect(url: string, status: number = 302): Response {
    requireArguments(arguments.length, 1, 'Response.redirect');
    const text = toUSVString(url);
    const href = require('./request-url.ts').parseUrl(text);
    if (href === undefined)
      throw new TypeErrorCtor(`Response.redirect: "${text}" is not a valid absolute URL.`);
    const code = toUnsigned(status, 16);
    if (code !== 301 && code !== 302 && code !== 303 && code !== 307 && code !== 308) {
      throw new RangeErrorCtor(`Response.redirect: ${code} is not a redirect status.`);
    }
    const response = new Response(
      INTERNAL,
      newResponseState(code, '', `location\n${href}\n`, undefined, undefined),
    );
    response.#type = 'default';
    return response;
  }

  get type(): string {
    return this.#type;
  }

  get url(): string {
    return require('./request-url.ts').withoutFragment(this.#url);
  }

  get redirected(): boolean {
    return this.#redirected;
  }

  get status(): number {
    return this.#status;
  }

  get ok(): boolean {
    return this.#status >= 200 && this.#status <= 299;
  }

  get statusText(): string {
    return this.#statusText;
  }

  get headers(): Headers {
    return (this.#headers ??= require('./headers.ts').headersFromRaw(this.#raw, this.#guard));
  }

  get body(): ReadableStream | null {
    const body = this.#body();
    return body === undefined ? null : require('./body.ts').bodyStream(body);
  }

  get bodyUsed(): boolean {
    return require('./body.ts').isUsed(this.#slot);
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return require('./consume.ts').consumeArrayBuffer(this.#body(), 'Response.arrayBuffer');
  }

  async blob(): Promise<unknown> {
    return require('./consume.ts').consumeBlob(this.#body(), this.#contentType(), 'Response.blob');
  }

  async bytes(): Promise<Uint8Array> {
    return require('./consume.ts').consumeUint8Array(this.#body(), 'Response.bytes');
  }

  async formData(): Promise<unknown> {
    return require('./consume.ts').consumeFormData(this.#body(), this.#contentType(), 'Response.formData');
  }

  async json(): Promise<unknown> {
    return require('./consume.ts').consumeJson(this.#body(), 'Response.json');
  }

  /** Not async itself: text that is at hand costs one promise. */
  text(): Promise<string> {
    if (!(#slot in this)) return PromiseReject(illegalInvocation());
    const slot = this.#slot;
    if (typeof slot !== 'string') return require('./consume.ts').consumeText(slot, 'Response.text');
    this.#slot = TAKEN;
    return PromiseResolve(withoutByteOrderMark(slot));
  }

  /** As Workers have it: the connection that an upgrade request was answered with, or null. */
  get webSocket(): WebSocket | null {
    return this.#socket === undefined ? null : this.#socket.get();
  }

  clone(): Response {
    if (this.#socket !== undefined) throw new TypeErrorCtor('Response.clone: a WebSocket cannot be cloned.');
    require('./body.ts').requireUsable(this.#body(), 'Response.clone');
    const copy = new Response(INTERNAL, this.#stateWith(undefined, undefined), this.#url, this.#redirected);
    const body = this.#body();
    copy.#slot = body === undefined ? undefined : require('./body.ts').cloneBody(body);
    copy.#guard = this.#guard;
    copy.#type = this.#type;
    return copy;
  }

  #readInit(init: Record<string, unknown>): void {
    const { headers, status, statusText, webSocket } = init;
    if (status !== undefined) this.#status = toUnsigned(status, 16);
    if (webSocket !== undefined && webSocket !== null) {
      this.#socket = require('../web-socket/response-socket.ts').initSocket(webSocket, this.#status);
    } else {
      const code = this.#status;
      if (code < 200 || code > 599)
        throw new RangeErrorCtor(`Response: status ${code} is outside the range 200 to 599.`);
    }
    if (statusText !== undefined) this.#statusText = toReasonPhrase(statusText);
    if (headers !== undefined) {
      this.#headers = require('./headers.ts').headersFromRaw('', 'response');
      require('./headers.ts').fillHeaders(this.#headers, headers);
    }
  }

  #addContentType(contentType: string | undefined): void {
    if (contentType === undefined) return;
    if (this.#headers === undefined) this.#raw = `content-type\n${contentType}\n`;
    else if (!require('./headers.ts').hasHeader(this.#headers, 'content-type')) {
      require('./headers.ts').appendHeader(this.#headers, 'content-type', contentType);
    }
  }

  #rawHeaders(): string {
    return this.#headers === undefined ? this.#raw : require('./headers.ts').headersRaw(this.#headers);
  }

  #body(): Body | undefined {
    const slot = this.#slot;
    return typeof slot === 'string' ? (this.#slot = textBody(slot)) : slot;
  }

  #contentType(): string | null {
    return require('./headers.ts').rawHeader(this.#rawHeaders(), 'content-type');
  }

  #receiveSocket(end: WebSocketState): void {
    const { incomingSocket } = require('../web-socket/response-socket.ts');
    this.#socket = incomingSocket(
      end,
      require('./headers.ts').rawHeader(this.#raw, 'sec-websocket-protocol'),
    );
  }

  #stateWith(body: ResponseState['body'], webSocket: WebSocketState | undefined): ResponseState {
    return newResponseState(this.#status, this.#statusText, this.#rawHeaders(), body, webSocket);
  }

  static {
    setResponseUrl = (response, url) => {
      response.#url = url;
      response.#guard = 'immutable';
      if (response.#headers !== undefined)
        require('./headers.ts').setHeadersGuard(response.#headers, 'immutable');
      response.#type = 'basic';
      return response;
    };
    ownResponse = (state) => {
      const response = new Response(INTERNAL, state);
      response.#guard = 'response';
      response.#type = 'default';
      return response;
    };
    hasBody = (response) => response.#slot !== undefined;
    responseHead = (response) => response.#stateWith(undefined, undefined);
    responseUrl = (response) => response.#url;
    isResponse = (value): value is Response => isObject(value) && #status in value;
    responseState = (value) => (isObject(value) && #slot in value ? responseToState(value) : undefined);
    responseToState = (response) => {
      if (response.#status === 0) throw new TypeErrorCtor('A network error is no response.');
      const slot = response.#slot;
      if (typeof slot === 'string') {
        response.#slot = TAKEN;
        return response.#stateWith(slot, undefined);
      }
      require('./body.ts').requireUsable(slot, 'Response');
      const socket = response.#socket === undefined ? undefined : response.#socket.take();
      return response.#stateWith(
        slot === undefined ? undefined : require('./body.ts').bodyToState(slot),
        socket,
      );
    };
  }
}
defineInterface(Response, 'Response');

/** https://fetch.spec.whatwg.org/#null-body-status */
function isNullBodyStatus(status: number): boolean {
  return status === 101 || status === 103 || status === 204 || status === 205 || status === 304;
}

/** https://www.rfc-editor.org/rfc/rfc9112#name-status-line: reason-phrase */
function toReasonPhrase(value: unknown): string {
  const text = toByteString(value, 'Response');
  for (let i = 0; i < text.length; i++) {
    const code = StringPrototypeCharCodeAt(text, i);
    if ((code < 32 && code !== 9) || code === 127)
      throw new TypeErrorCtor('Response: the status text is invalid.');
  }
  return text;
}
