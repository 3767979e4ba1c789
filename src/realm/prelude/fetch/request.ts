/** Request. https://fetch.spec.whatwg.org/#request-class */

import {
  JSONParse,
  ObjectCreate,
  ObjectFreeze,
  PromiseReject,
  PromiseResolve,
  TypeErrorCtor,
} from '../primordials.ts';
import type { AbortSignal } from '../events/abort-signal.ts';
import { newRequestState } from '../neutral.ts';
import type { BodyState, CallState, RequestState } from '../state.ts';
import type { ReadableStream } from '../streams/readable-stream.ts';
import { defineInterface, illegalInvocation, isObject, requireArguments, toDictionary } from '../webidl.ts';
import { type Body, type BodySlot, bodyFromState, TAKEN, textBody, withoutByteOrderMark } from './body.ts';
import type { Headers } from './headers.ts';
import { DEFAULT_OPTIONS, type RedirectMode, type RequestOptions } from './request-options.ts';

const INTERNAL = ObjectFreeze(ObjectCreate(null) as object);

/** For the rest of the prelude. */
export let isRequest: (value: unknown) => value is Request;
/** Hands the request over to another realm: its body counts as used here. Throws a TypeError if it was used already. */
export let requestToState: (request: Request) => RequestState;
/** The signal, if the request has one that can ever be aborted. */
export let requestSignal: (request: Request) => AbortSignal | undefined;
export let requestUrl: (request: Request) => string;
/** Everything but the body, which stays where it is. */
export let requestHead: (request: Request) => RequestState;
export let requestRedirect: (request: Request) => RedirectMode;
/** A second body to send again after a redirect, for bodies that are no streams. */
export let requestRetainedBody: (request: Request) => Body | undefined;
/** The request that arrived with a call: what the handlers of a worker see. */
export function incomingRequest(state: RequestState, call: CallState): Request {
  return new Request(INTERNAL, state, call);
}

export class Request {
  #method: string;
  #url: string;
  #raw: string;
  #headers: Headers | undefined;
  #slot: BodySlot;
  #redirect: RedirectMode;
  #cf: string;
  #options: Readonly<RequestOptions> = DEFAULT_OPTIONS;
  #signal: AbortSignal | undefined;
  /** Of an incoming request: what its signal listens to, once somebody asks for the signal. */
  #call: CallState | undefined;

  constructor(input: unknown, init: unknown = undefined, call: CallState | undefined = undefined) {
    if (input === INTERNAL) {
      const state = init as RequestState;
      this.#method = state.method;
      this.#url = state.url;
      this.#raw = state.headers;
      this.#slot = bodyFromState(state.body);
      this.#redirect = 'manual'; // whoever called follows redirects, if anybody
      this.#cf = state.cf;
      this.#call = call;
      return;
    }
    requireArguments(arguments.length, 1, 'Request');
    const base = isObject(input) && #url in input ? input : undefined;
    this.#url = base === undefined ? require('./request-url.ts').toRequestUrl(input) : base.#url;
    this.#method = base === undefined ? 'GET' : base.#method;
    this.#redirect = base === undefined ? 'follow' : base.#redirect;
    this.#cf = base === undefined ? '' : base.#cf;
    this.#raw = base === undefined ? '' : base.#rawHeaders();
    if (base !== undefined) this.#options = base.#options;
    const given = toDictionary<Record<string, unknown>>(init, 'Request');
    this.#readInit(base, given);
  }

  get method(): string {
    return this.#method;
  }

  get url(): string {
    return this.#url;
  }

  get headers(): Headers {
    return this.#ownHeaders();
  }

  get destination(): string {
    void this.#url;
    return '';
  }

  get referrer(): string {
    return this.#options.referrer;
  }

  get referrerPolicy(): string {
    return this.#options.referrerPolicy;
  }

  get mode(): string {
    return this.#options.mode;
  }

  get credentials(): string {
    return this.#options.credentials;
  }

  get cache(): string {
    return this.#options.cache;
  }

  get redirect(): string {
    return this.#redirect;
  }

  get integrity(): string {
    return this.#options.integrity;
  }

  get keepalive(): boolean {
    return this.#options.keepalive;
  }

  /** What the caller says beside HTTP, as Workers know it; undefined where it says nothing. */
  get cf(): unknown {
    return this.#cf === '' ? undefined : (JSONParse(this.#cf) as unknown);
  }

  get isReloadNavigation(): boolean {
    return this.#url === ''; // never: it only asks whether this is a Request
  }

  get isHistoryNavigation(): boolean {
    return this.#url === ''; // never: it only asks whether this is a Request
  }

  get duplex(): string {
    void this.#url;
    return 'half';
  }

  get signal(): AbortSignal {
    return (this.#signal ??= this.#makeSignal());
  }

  get body(): ReadableStream | null {
    const body = this.#body();
    return body === undefined ? null : require('./body.ts').bodyStream(body);
  }

  get bodyUsed(): boolean {
    return require('./body.ts').isUsed(this.#slot);
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return require('./consume.ts').consumeArrayBuffer(this.#body(), 'Request.arrayBuffer');
  }

  async blob(): Promise<unknown> {
    return require('./consume.ts').consumeBlob(this.#body(), this.#contentType(), 'Request.blob');
  }

  async bytes(): Promise<Uint8Array> {
    return require('./consume.ts').consumeUint8Array(this.#body(), 'Request.bytes');
  }

  async formData(): Promise<unknown> {
    return require('./consume.ts').consumeFormData(this.#body(), this.#contentType(), 'Request.formData');
  }

  async json(): Promise<unknown> {
    return require('./consume.ts').consumeJson(this.#body(), 'Request.json');
  }

  /** Not async itself: text that is at hand costs one promise. */
  text(): Promise<string> {
    if (!(#slot in this)) return PromiseReject(illegalInvocation());
    const slot = this.#slot;
    if (typeof slot !== 'string') return require('./consume.ts').consumeText(slot, 'Request.text');
    this.#slot = TAKEN;
    return PromiseResolve(withoutByteOrderMark(slot));
  }

  clone(): Request {
    require('./body.ts').requireUsable(this.#body(), 'Request.clone');
    const copy = new Request(INTERNAL, this.#stateWith(this.#url, undefined), this.#call);
    const body = this.#body();
    copy.#slot = body === undefined ? undefined : require('./body.ts').cloneBody(body);
    copy.#redirect = this.#redirect;
    copy.#options = this.#options;
    if (this.#signal !== undefined)
      copy.#signal = require('../events/abort-signal.ts').dependentSignal([this.#signal]);
    return copy;
  }

  #readInit(base: Request | undefined, init: Record<string, unknown> | undefined): void {
    if (init === undefined) {
      this.#takeBaseBody(base, undefined);
      this.#followSignal(base === undefined ? undefined : base.#ownSignal());
      return;
    }
    // In the order of the members' names, as Web IDL reads a dictionary.
    const body = init['body'];
    const options = require('./request-init.ts').readOptions(init, this.#options);
    const { duplex, headers, method, redirect, signal, window } = init;
    if (window !== undefined && window !== null) throw new TypeErrorCtor('Request: window can only be null.');
    if (duplex !== undefined && duplex !== 'half')
      throw new TypeErrorCtor('Request: duplex can only be "half".');
    this.#options = options;
    if (method !== undefined) this.#method = require('./request-init.ts').toMethod(method);
    if (redirect !== undefined) this.#redirect = require('./request-init.ts').toRedirect(redirect);
    if (init['cf'] !== undefined) this.#cf = require('./cf.ts').cfText(init['cf']);
    this.#readSignal(base, signal);
    this.#readHeaders(headers, options.mode);
    this.#readBody(base, body, duplex);
  }

  #readSignal(base: Request | undefined, signal: unknown): void {
    if (signal === undefined) return this.#followSignal(base === undefined ? undefined : base.#ownSignal());
    if (signal === null) return;
    const { isAbortSignal } = require('../events/abort-signal.ts');
    if (!isAbortSignal(signal)) throw new TypeErrorCtor('Request: signal is not an AbortSignal.');
    this.#followSignal(signal);
  }

  #followSignal(signal: AbortSignal | undefined): void {
    if (signal !== undefined) this.#signal = require('../events/abort-signal.ts').dependentSignal([signal]);
  }

  #readHeaders(headers: unknown, mode: string): void {
    if (headers === undefined && mode !== 'no-cors') return;
    if (mode === 'no-cors' && this.#method !== 'GET' && this.#method !== 'HEAD' && this.#method !== 'POST') {
      throw new TypeErrorCtor(`Request: mode "no-cors" does not allow ${this.#method}.`);
    }
    const guard = mode === 'no-cors' ? 'request-no-cors' : 'request';
    const own = require('./headers.ts').headersFromRaw('', guard);
    require('./headers.ts').fillHeaders(
      own,
      headers === undefined ? require('./headers.ts').headersFromRaw(this.#raw, 'none') : headers,
    );
    this.#headers = own;
  }

  #readBody(base: Request | undefined, body: unknown, duplex: unknown): void {
    const bodyless = this.#method === 'GET' || this.#method === 'HEAD';
    if (body === undefined || body === null) {
      if (bodyless && body === undefined && base !== undefined && base.#slot !== undefined) {
        throw new TypeErrorCtor(`Request: a request with method ${this.#method} cannot have a body.`);
      }
      this.#takeBaseBody(base, body);
      return;
    }
    if (bodyless)
      throw new TypeErrorCtor(`Request: a request with method ${this.#method} cannot have a body.`);
    const extracted = require('./body-init.ts').extractBody(body, 'Request');
    if (extracted.body.kind === 'stream') require('./request-init.ts').requireDuplex(body, duplex);
    this.#slot = extracted.body;
    if (extracted.contentType === undefined) return;
    const headers = this.#ownHeaders();
    if (!require('./headers.ts').hasHeader(headers, 'content-type'))
      require('./headers.ts').appendHeader(headers, 'content-type', extracted.contentType);
  }

  /** The body of the request this one is made of moves over; a null body of `init` leaves it there. */
  #takeBaseBody(base: Request | undefined, given: unknown): void {
    const body = base === undefined || given === null ? undefined : base.#body();
    require('./body.ts').requireUsable(body, 'Request');
    if (body !== undefined) this.#slot = require('./body.ts').moveBody(body);
  }

  #ownSignal(): AbortSignal | undefined {
    return this.#signal ?? (this.#call === undefined ? undefined : this.signal);
  }

  #makeSignal(): AbortSignal {
    const signal = require('../events/abort-signal.ts').newAbortSignal();
    if (this.#call !== undefined) require('./call-signal.ts').followCall(signal, this.#call);
    return signal;
  }

  #ownHeaders(): Headers {
    const guard = this.#options.mode === 'no-cors' ? 'request-no-cors' : 'request';
    return (this.#headers ??= require('./headers.ts').headersFromRaw(this.#raw, guard));
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

  #stateWith(url: string, body: BodyState): RequestState {
    return newRequestState(this.#method, url, this.#rawHeaders(), body, this.#cf);
  }

  static {
    isRequest = (value): value is Request => isObject(value) && #url in value;
    requestToState = (request) => {
      const body = request.#body();
      require('./body.ts').requireUsable(body, 'fetch');
      return request.#stateWith(
        require('./request-url.ts').withoutFragment(request.#url),
        body === undefined ? undefined : require('./body.ts').bodyToState(body),
      );
    };
    requestSignal = (request) => request.#ownSignal();
    requestUrl = (request) => request.#url;
    requestHead = (request) => request.#stateWith(request.#url, undefined);
    requestRedirect = (request) => request.#redirect;
    requestRetainedBody = (request) => require('./body.ts').replayOf(request.#body());
  }
}
defineInterface(Request, 'Request');
