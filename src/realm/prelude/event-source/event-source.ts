/** EventSource: a stream of events from a server, connected to again whenever it ends. https://html.spec.whatwg.org/#the-eventsource-interface */

import { registerInspection } from '../console/registry.ts';
import { newDOMException } from '../errors/dom-exception.ts';
import { toErrorState } from '../errors/error-state.ts';
import { abortSignal, type AbortSignal, newAbortSignal } from '../events/abort-signal.ts';
import { Event, trusted } from '../events/event.ts';
import { defineEventHandler } from '../events/event-handlers.ts';
import { dispatch, EventTarget } from '../events/event-target.ts';
import { MessageEvent } from '../events/message-events.ts';
import { parseUrl } from '../fetch/request-url.ts';
import { guarded } from '../host.ts';
import { addLiveResource, removeLiveResource } from '../live-resources.ts';
import { ObjectCreate, ObjectFreeze, PromiseResolve, TypeErrorCtor } from '../primordials.ts';
import type { BodyState, TargetState } from '../state.ts';
import { isLocked, isReadableStream, streamSource } from '../streams/internal.ts';
import { startTimer, stopTimer } from '../timers.ts';
import {
  defineConstants,
  defineInterface,
  isObject,
  requireArguments,
  toDictionary,
  toUSVString,
} from '../webidl.ts';
import { fetcherTarget } from '../worker/fetcher.ts';
import { Interpreter } from './interpreter.ts';
import { originOf, requestEvents } from './request.ts';
import { Reading } from './reading.ts';

const host = guarded($host.realm);
const neutral = guarded($host.neutral);
const OUTBOUND = 0;

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 2;

/** Until the server says otherwise, in milliseconds. */
const FIRST_RETRY = 3000;

const INTERNAL = ObjectFreeze(ObjectCreate(null) as object);

let isEventSource: (value: unknown) => value is EventSource;
let readFrom: (source: EventSource, body: BodyState) => Promise<void>;

/** https://html.spec.whatwg.org/#eventsource */
export class EventSource extends EventTarget {
  declare onopen: unknown;
  declare onmessage: unknown;
  declare onerror: unknown;

  #url = '';
  #withCredentials = false;
  #readyState = CONNECTING;
  /** Undefined for a stream that the worker has given. */
  #target: TargetState | undefined;
  #origin = '';
  #signal: AbortSignal | undefined;
  #reading: Reading | undefined;
  #lastEventId = '';
  #retry = FIRST_RETRY;
  #timer = 0;
  readonly #release = (): void => this.#end();

  constructor(url: unknown, init: unknown = undefined) {
    super();
    if (url === INTERNAL) return;
    requireArguments(arguments.length, 1, 'EventSource');
    const text = toUSVString(url);
    const given = toDictionary<{ fetcher: unknown; withCredentials: unknown }>(init, 'EventSource');
    const fetcher = given?.fetcher;
    this.#withCredentials = !!given?.withCredentials;
    const href = parseUrl(text);
    if (href === undefined)
      throw newDOMException(`EventSource: "${text}" is not a valid absolute URL.`, 'SyntaxError');
    this.#url = href;
    this.#target = fetcher === undefined || fetcher === null ? host.target(OUTBOUND) : toTarget(fetcher);
    addLiveResource(this.#release);
    void this.#connect();
  }

  /** As Workers have it: the events of a stream, which is not connected to again. */
  static from(stream: unknown): EventSource {
    requireArguments(arguments.length, 1, 'EventSource.from');
    if (!isReadableStream(stream)) throw new TypeErrorCtor('EventSource.from: it is no ReadableStream.');
    if (isLocked(stream)) throw new TypeErrorCtor('EventSource.from: the stream is locked.');
    const source = new EventSource(INTERNAL);
    void readFrom(source, neutral.streamBody(streamSource(stream), -1));
    return source;
  }

  get url(): string {
    return this.#url;
  }

  get withCredentials(): boolean {
    return this.#withCredentials;
  }

  get readyState(): number {
    return this.#readyState;
  }

  close(): void {
    this.#end();
  }

  async #connect(): Promise<void> {
    const signal = newAbortSignal();
    this.#signal = signal;
    await PromiseResolve(undefined); // nobody is called from inside the constructor
    const answer = await requestEvents(this.#target as TargetState, this.#url, this.#lastEventId, signal);
    if (this.#signal !== signal || this.#readyState === CLOSED) return;
    if (answer.kind === 'lost') this.#reconnect();
    else if (answer.kind === 'refused') this.#fail();
    else {
      this.#origin = originOf(answer.url);
      this.#read(answer.body);
    }
  }

  #read(body: BodyState): void {
    this.#readyState = OPEN;
    const interpreter = new Interpreter(this.#lastEventId, {
      onEvent: (type, data, lastEventId) => this.#fire(type, data, lastEventId),
      onRetry: (milliseconds) => (this.#retry = milliseconds),
    });
    const reading = new Reading(interpreter, () => {
      this.#lastEventId = interpreter.lastEventId;
      if (this.#reading === reading) this.#reconnect();
    });
    this.#reading = reading;
    dispatch(this, trusted(new Event('open')));
    if (this.#reading === reading) reading.start(body);
    else reading.cancel(toErrorState(undefined));
  }

  #fire(type: string, data: string, lastEventId: string): void {
    if (this.#readyState === CLOSED) return;
    const init = { __proto__: null, data, lastEventId, origin: this.#origin };
    dispatch(this, trusted(new MessageEvent(type, init)));
  }

  /** https://html.spec.whatwg.org/#reestablish-the-connection */
  #reconnect(): void {
    if (this.#readyState === CLOSED) return;
    if (this.#target === undefined) return this.#fail();
    this.#readyState = CONNECTING;
    this.#reading = undefined;
    dispatch(this, trusted(new Event('error')));
    if (this.#readyState !== CONNECTING) return; // a listener may have closed it
    this.#timer = startTimer(() => void this.#connect(), this.#retry);
  }

  /** https://html.spec.whatwg.org/#fail-the-connection */
  #fail(): void {
    this.#end();
    dispatch(this, trusted(new Event('error')));
  }

  #end(): void {
    if (this.#readyState === CLOSED) return;
    this.#readyState = CLOSED;
    removeLiveResource(this.#release);
    stopTimer(this.#timer);
    const reading = this.#reading;
    const signal = this.#signal;
    this.#reading = undefined;
    this.#signal = undefined;
    const reason = newDOMException('The EventSource was closed.', 'AbortError');
    if (reading !== undefined) reading.cancel(toErrorState(reason));
    if (signal !== undefined) abortSignal(signal, reason);
  }

  static {
    registerInspection(
      (value) => #url in value,
      (value) => ({ url: (value as EventSource).#url, readyState: (value as EventSource).#readyState }),
    );
    isEventSource = (value): value is EventSource => isObject(value) && #url in value;
    readFrom = async (source, body) => {
      await PromiseResolve(undefined); // listeners come first
      if (source.#readyState === CONNECTING) source.#read(body);
    };
  }
}

/** A service binding that the events come from, as Workers have it. */
function toTarget(value: unknown): TargetState {
  const target = fetcherTarget(value);
  if (target === undefined) throw new TypeErrorCtor('EventSource: fetcher is no service binding.');
  return target;
}

defineInterface(EventSource, 'EventSource');
defineEventHandler(EventSource.prototype, 'open', isEventSource);
defineEventHandler(EventSource.prototype, 'message', isEventSource);
defineEventHandler(EventSource.prototype, 'error', isEventSource);
defineConstants(EventSource, ['CONNECTING', 'OPEN', 'CLOSED']);
