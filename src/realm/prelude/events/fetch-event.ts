/**
 * ExtendableEvent and FetchEvent, for workers in service-worker syntax. https://w3c.github.io/ServiceWorker/#extendableevent-interface
 */

import { newDOMException } from '../errors/dom-exception.ts';
import { isRequest, type Request } from '../fetch/request.ts';
import {
  globalObject,
  PromiseCtor,
  PromisePrototypeThen,
  PromiseResolve,
  TypeErrorCtor,
} from '../primordials.ts';
import { defineInterface, requireArguments, toDictionary, toDOMString, toOptional } from '../webidl.ts';
import {
  DISPATCHING,
  Event,
  eventFlags,
  setEventFlags,
  STOPPED,
  STOPPED_AT_ONCE,
  TRUSTED,
  trusted,
} from './event.ts';
import { countListeners, dispatch } from './event-target.ts';

let onExtended: (event: ExtendableEvent, hook: (promise: Promise<unknown>) => void) => void;
/** Adds a lifetime promise; throws an InvalidStateError when it is too late for one. */
let extend: (event: ExtendableEvent, promise: Promise<unknown>) => void;

/** https://w3c.github.io/ServiceWorker/#extendableevent */
export class ExtendableEvent extends Event {
  #pending = 0;
  #hook: ((promise: Promise<unknown>) => void) | undefined;

  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, 'ExtendableEvent constructor');
    super(type, init);
  }

  waitUntil(promise: unknown): void {
    void this.#pending; // the brand check
    requireArguments(arguments.length, 1, 'ExtendableEvent.waitUntil');
    const extension = PromiseResolve(promise);
    extend(this, extension);
    this.#hook?.(extension);
  }

  static {
    onExtended = (event, hook) => {
      event.#hook = hook;
    };
    extend = (event, promise) => {
      const flags = eventFlags(event);
      if ((flags & TRUSTED) === 0)
        throw newDOMException('The event was not raised by the platform.', 'InvalidStateError');
      if ((flags & DISPATCHING) === 0 && event.#pending === 0) {
        throw newDOMException('The event has been handled already.', 'InvalidStateError');
      }
      event.#pending++;
      const release = () => {
        // A microtask later, as reactions of the promise may extend the event once more.
        PromisePrototypeThen(PromiseResolve(undefined), () => event.#pending--);
      };
      PromisePrototypeThen(promise, release, release);
    };
  }
}

defineInterface(ExtendableEvent, 'ExtendableEvent');

interface FetchEventInit {
  request: unknown;
  preloadResponse: unknown;
  clientId: unknown;
  resultingClientId: unknown;
  replacesClientId: unknown;
  handled: unknown;
}

/** What FetchEvent.respondWith was given. */
export interface Answer {
  readonly responded: boolean;
  /** There are listeners; if none has responded, they threw or left the request alone. */
  readonly heard: boolean;
  /** A promise of what should be a Response. */
  readonly response: Promise<unknown> | undefined;
}

let answerOf: (event: FetchEvent) => Answer;

/** https://w3c.github.io/ServiceWorker/#fetchevent */
export class FetchEvent extends ExtendableEvent {
  readonly #request: Request;
  readonly #clientId: string;
  readonly #resultingClientId: string;
  readonly #replacesClientId: string;
  readonly #preloadResponse: Promise<unknown>;
  #handled: Promise<unknown> | undefined;
  #response: Promise<unknown> | undefined;

  constructor(type: unknown, init: unknown) {
    const where = 'FetchEvent constructor';
    requireArguments(arguments.length, 2, where);
    super(type, init);
    const given = toDictionary<FetchEventInit>(init, where);
    this.#clientId = toOptional(given?.clientId, toDOMString, '');
    const handled = given?.handled;
    this.#handled = handled === undefined ? undefined : PromiseResolve(handled);
    this.#preloadResponse = PromiseResolve(given?.preloadResponse);
    this.#replacesClientId = toOptional(given?.replacesClientId, toDOMString, '');
    const request = given?.request;
    if (!isRequest(request)) throw new TypeErrorCtor(`${where}: request is not a Request.`);
    this.#request = request;
    this.#resultingClientId = toOptional(given?.resultingClientId, toDOMString, '');
  }

  get request(): Request {
    return this.#request;
  }

  get preloadResponse(): Promise<unknown> {
    return this.#preloadResponse;
  }

  get clientId(): string {
    return this.#clientId;
  }

  get resultingClientId(): string {
    return this.#resultingClientId;
  }

  get replacesClientId(): string {
    return this.#replacesClientId;
  }

  get handled(): Promise<unknown> {
    return (this.#handled ??= new PromiseCtor(() => undefined));
  }

  respondWith(response: unknown): void {
    void this.#request; // the brand check
    requireArguments(arguments.length, 1, 'FetchEvent.respondWith');
    const promise = PromiseResolve(response);
    const flags = eventFlags(this);
    if ((flags & DISPATCHING) === 0) {
      throw newDOMException('respondWith was called after the event was dispatched.', 'InvalidStateError');
    }
    if (this.#response !== undefined)
      throw newDOMException('respondWith was called already.', 'InvalidStateError');
    extend(this, promise);
    setEventFlags(this, flags | STOPPED | STOPPED_AT_ONCE);
    this.#response = promise;
  }

  /** For compatibility: there is no origin to pass a failed request through to. */
  passThroughOnException(): void {
    void this.#request;
  }

  static {
    answerOf = (event) => ({
      responded: event.#response !== undefined,
      heard: true,
      response: event.#response,
    });
  }
}

defineInterface(FetchEvent, 'FetchEvent');

/**
 * Raises a `fetch` event on the global scope. `extendLifetime` is called with each promise given to `waitUntil`. Never throws: what
 * a listener throws is reported, and leaves the request to the next one.
 */
export function dispatchFetchEvent(
  request: Request,
  extendLifetime: (promise: Promise<unknown>) => void,
): Answer {
  if (countListeners(globalObject, 'fetch') === 0)
    return { responded: false, heard: false, response: undefined };
  const init = { __proto__: null, cancelable: true, request };
  const event = trusted(new FetchEvent('fetch', init));
  onExtended(event, extendLifetime);
  dispatch(globalObject, event);
  return answerOf(event);
}
