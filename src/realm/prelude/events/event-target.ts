/**
 * EventTarget of the realm: listeners and dispatch. There is no tree, so an event's path is its target alone.
 * https://dom.spec.whatwg.org/#interface-eventtarget
 */

import { newDOMException } from '../errors/dom-exception.ts';
import { reportException } from '../errors/report.ts';
import { globalObject, ReflectApply, TypeErrorCtor } from '../primordials.ts';
import {
  defineInterface,
  illegalInvocation,
  isCallable,
  isObject,
  requireArguments,
  toDOMString,
} from '../webidl.ts';
import {
  cancelEvent,
  CANCELED,
  DISPATCHING,
  enterDispatch,
  type Event,
  eventFlags,
  eventType,
  IN_PASSIVE_LISTENER,
  INITIALIZED,
  isEvent,
  leaveDispatch,
  setEventFlags,
  STOPPED,
  STOPPED_AT_ONCE,
  TRUSTED,
} from './event.ts';
import { type Listener, ListenerList } from './listener-list.ts';

interface ListenerOptions {
  readonly capture: boolean;
  readonly once: boolean;
  readonly passive: boolean;
  readonly signal: unknown;
}

/** The listeners of the global scope, which is an event target without being made by the constructor. */
let globalListeners: ListenerList | undefined;

/** The listeners of a target, or undefined while it has none. Throws a TypeError for what is no EventTarget. */
export let listenersOf: (target: object) => ListenerList | undefined;
/** The same, made if need be. */
let makeListeners: (target: object) => ListenerList;
/** Whether the value is an EventTarget of this realm. */
export let isEventTarget: (value: unknown) => value is EventTarget;

/** https://dom.spec.whatwg.org/#eventtarget */
export class EventTarget {
  #listeners: ListenerList | undefined;

  addEventListener(type: unknown, callback: unknown, options: unknown = undefined): void {
    const self = targetOf(this);
    requireArguments(arguments.length, 2, 'EventTarget.addEventListener');
    addListener(self, toDOMString(type), toCallback(callback), toAddOptions(options));
  }

  removeEventListener(type: unknown, callback: unknown, options: unknown = undefined): void {
    const self = targetOf(this);
    requireArguments(arguments.length, 2, 'EventTarget.removeEventListener');
    const name = toDOMString(type);
    const listener = toCallback(callback);
    const capture = toCapture(options);
    if (listener !== null) removeListener(self, name, listener, capture);
  }

  dispatchEvent(event: unknown): boolean {
    const self = targetOf(this);
    requireArguments(arguments.length, 1, 'EventTarget.dispatchEvent');
    if (!isEvent(event)) throw new TypeErrorCtor('EventTarget.dispatchEvent: the argument is not an Event.');
    const flags = eventFlags(event);
    if ((flags & (DISPATCHING | INITIALIZED)) !== INITIALIZED) {
      throw newDOMException('The event is already being dispatched.', 'InvalidStateError');
    }
    setEventFlags(event, flags & ~TRUSTED);
    return dispatch(self, event);
  }

  static {
    listenersOf = (target) =>
      target === globalObject ? globalListeners : (target as EventTarget).#listeners;
    makeListeners = (target) => {
      if (target === globalObject) return (globalListeners ??= new ListenerList());
      return ((target as EventTarget).#listeners ??= new ListenerList());
    };
    isEventTarget = (value): value is EventTarget =>
      isObject(value) && (value === globalObject || #listeners in value);
  }
}

defineInterface(EventTarget, 'EventTarget');

/** The receiver of a method: a bare call (`addEventListener(...)`) means the global scope. */
function targetOf(receiver: unknown): object {
  if (receiver === undefined || receiver === null) return globalObject;
  if (!isEventTarget(receiver)) throw illegalInvocation();
  return receiver;
}

function toCallback(value: unknown): object | null {
  if (value === undefined || value === null) return null;
  if (!isObject(value)) throw new TypeErrorCtor('EventTarget: the listener is not an object.');
  return value;
}

function toCapture(options: unknown): boolean {
  if (options === undefined || options === null) return false;
  return isObject(options) ? !!(options as { capture?: unknown }).capture : !!options;
}

function toAddOptions(given: unknown): ListenerOptions {
  const capture = toCapture(given);
  if (!isObject(given)) return { capture, once: false, passive: false, signal: undefined };
  const options = given as Partial<Record<'once' | 'passive' | 'signal', unknown>>;
  const once = !!options.once;
  const passive = !!options.passive;
  return { capture, once, passive, signal: options.signal };
}

/** What an EventTarget needs to know of an AbortSignal, which is one itself. */
export interface SignalSupport<Signal extends EventTarget> {
  readonly isAbortSignal: (value: unknown) => value is Signal;
  readonly signalAborted: (signal: Signal) => boolean;
  readonly addAbortAlgorithm: (signal: Signal, algorithm: () => void) => void;
}

/** Undefined until abort-signal.ts is loaded; before that there is no AbortSignal. */
let signals: SignalSupport<EventTarget> | undefined;

/** Called once, by abort-signal.ts. */
export function setSignalSupport<Signal extends EventTarget>(support: SignalSupport<Signal>): void {
  signals = support as unknown as SignalSupport<EventTarget>;
}

function addListener(target: object, type: string, callback: object | null, options: ListenerOptions): void {
  const { capture, once, passive, signal } = options;
  if (signal === undefined) {
    if (callback !== null) appendListener(target, type, callback, capture, once, passive);
    return;
  }
  if (signals === undefined || !signals.isAbortSignal(signal)) {
    throw new TypeErrorCtor('EventTarget.addEventListener: signal is not an AbortSignal.');
  }
  if (callback === null || signals.signalAborted(signal)) return;
  const listener = appendListener(target, type, callback, capture, once, passive);
  if (listener !== undefined) signals.addAbortAlgorithm(signal, () => listenersOf(target)?.remove(listener));
}

/** The new listener, or undefined where the same one is there already. */
function appendListener(
  target: object,
  type: string,
  callback: object,
  capture: boolean,
  once: boolean,
  passive: boolean,
): Listener | undefined {
  const list = makeListeners(target);
  if (list.find(type, callback, capture) !== undefined) return undefined;
  const listener = {
    type,
    callback,
    capture,
    once,
    passive,
    isHandler: false,
    removed: false,
    order: 0,
    next: undefined,
  };
  list.append(listener);
  return listener;
}

function removeListener(target: object, type: string, callback: object, capture: boolean): void {
  const list = listenersOf(target);
  const listener = list?.find(type, callback, capture);
  if (listener !== undefined) list?.remove(listener);
}

/** The event handler attribute's value: `signal.onabort`. */
export function handlerOf(target: object, type: string): object | null {
  return listenersOf(target)?.findHandler(type)?.callback ?? null;
}

/** Sets it. What is no object is null, and takes the handler away. https://html.spec.whatwg.org/#event-handler-idl-attributes */
export function setHandler(target: object, type: string, value: unknown): void {
  const list = makeListeners(target);
  const existing = list.findHandler(type);
  if (!isObject(value)) {
    if (existing !== undefined) list.remove(existing);
  } else if (existing !== undefined) {
    existing.callback = value; // it keeps its place
  } else {
    const flags = {
      capture: false,
      once: false,
      passive: false,
      isHandler: true,
      removed: false,
      order: 0,
      next: undefined,
    };
    list.append({ type, callback: value, ...flags });
  }
}

/** Calls `watch` whenever a listener of the target comes or goes. */
export function watchListeners(target: object, watch: () => void): void {
  makeListeners(target).watch(watch);
}

/** How many listeners the target has for a type. */
export function countListeners(target: object, type: string): number {
  return listenersOf(target)?.count(type) ?? 0;
}

/**
 * Dispatches an event; its flags must allow that. Returns false if a listener prevented the default. Never throws: what listeners
 * throw is reported. https://dom.spec.whatwg.org/#concept-event-dispatch
 */
export function dispatch(target: object, event: Event): boolean {
  const list = listenersOf(target);
  enterDispatch(event, target);
  if (list?.first !== undefined) {
    invokeListeners(list, target, event, true);
    invokeListeners(list, target, event, false);
  }
  leaveDispatch(event);
  return (eventFlags(event) & CANCELED) === 0;
}

function invokeListeners(list: ListenerList, target: object, event: Event, capture: boolean): void {
  if ((eventFlags(event) & STOPPED) !== 0) return;
  const type = eventType(event);
  const lastOrder = list.lastOrder;
  for (
    let listener = list.first;
    listener !== undefined && listener.order <= lastOrder;
    listener = listener.next
  ) {
    if (listener.removed || listener.capture !== capture || listener.type !== type) continue;
    if (listener.once) list.remove(listener);
    if (listener.passive) setEventFlags(event, eventFlags(event) | IN_PASSIVE_LISTENER);
    try {
      if (listener.isHandler) callHandler(listener.callback, target, event);
      else callListener(listener.callback, target, event);
    } catch (error) {
      reportException(error, 'event listener');
    }
    if (listener.passive) setEventFlags(event, eventFlags(event) & ~IN_PASSIVE_LISTENER);
    if ((eventFlags(event) & STOPPED_AT_ONCE) !== 0) return;
  }
}

function callListener(callback: object, target: object, event: Event): void {
  if (isCallable(callback)) {
    ReflectApply(callback, target, [event]);
    return;
  }
  const handleEvent = (callback as { handleEvent?: unknown }).handleEvent;
  if (!isCallable(handleEvent)) throw new TypeErrorCtor('EventListener: handleEvent is not a function.');
  ReflectApply(handleEvent, callback, [event]);
}

/** Arguments for the global scope's `onerror`, which takes the parts of an ErrorEvent; undefined for another event. */
let errorArguments: ((event: Event) => unknown[] | undefined) | undefined;

/** Installs what the global scope's `onerror` needs. */
export function setErrorArguments(make: (event: Event) => unknown[] | undefined): void {
  errorArguments = make;
}

/** https://html.spec.whatwg.org/#the-event-handler-processing-algorithm */
function callHandler(callback: object, target: object, event: Event): void {
  if (!isCallable(callback)) return;
  const special =
    target === globalObject && eventType(event) === 'error' ? errorArguments?.(event) : undefined;
  if (special !== undefined) {
    if (ReflectApply(callback, target, special) === true) cancelEvent(event);
    return;
  }
  if (ReflectApply(callback, target, [event]) === false) cancelEvent(event);
}
