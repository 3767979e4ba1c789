/**
 * Makes the realm's global object an event target, and tells its `error` and `unhandledrejection` listeners what is reported.
 * Loaded when a worker first asks for events; until then the global object has lazy stand-ins (see globals.ts).
 * https://html.spec.whatwg.org/#the-workerglobalscope-common-interface
 */

import { describeError } from '../errors/describe.ts';
import { reportException, setReportListeners } from '../errors/report.ts';
import { globalObject, ReflectSetPrototypeOf } from '../primordials.ts';
import { defineInterface, illegalConstructor, requireArguments } from '../webidl.ts';
import { ErrorEvent, errorEventParts, PromiseRejectionEvent } from './error-events.ts';
import { type Event, trusted } from './event.ts';
import {
  countListeners,
  dispatch,
  EventTarget,
  handlerOf,
  setErrorArguments,
  setHandler,
} from './event-target.ts';
import { callerPosition, firstPosition, type Position } from './stack-position.ts';

/** https://html.spec.whatwg.org/#workerglobalscope */
export class WorkerGlobalScope extends EventTarget {
  constructor() {
    super();
    throw illegalConstructor();
  }
}

/** https://w3c.github.io/ServiceWorker/#serviceworkerglobalscope-interface */
export class ServiceWorkerGlobalScope extends WorkerGlobalScope {}

defineInterface(WorkerGlobalScope, 'WorkerGlobalScope');
defineInterface(ServiceWorkerGlobalScope, 'ServiceWorkerGlobalScope');
ReflectSetPrototypeOf(globalObject, ServiceWorkerGlobalScope.prototype);

export { EventTarget };
export const { addEventListener, removeEventListener, dispatchEvent } = EventTarget.prototype;

/** An event handler attribute of the global object: `onerror`, `onfetch`, ... */
export function globalHandler(type: string): object | null {
  return handlerOf(globalObject, type);
}

export function setGlobalHandler(type: string, value: unknown): void {
  setHandler(globalObject, type, value);
}

/** How many listeners, handler attributes included, the global scope has for a type of event. */
export function listenerCount(type: string): number {
  return countListeners(globalObject, type);
}

/** Reports a value as if it had been thrown and not caught. https://html.spec.whatwg.org/#dom-reporterror */
export function reportError(error: unknown): void {
  requireArguments(arguments.length, 1, 'reportError');
  reportedBy = reportError;
  reportException(error, 'reportError');
  reportedBy = undefined;
}

/** The running function of the platform to which a value was given that knows no position itself. */
let reportedBy: ((error: unknown) => void) | undefined;
/** An error in an `error` listener is not given to the `error` listeners. */
let reporting = false;

setReportListeners({ onError, onUnhandledRejection, onRejectionHandled });
setErrorArguments(errorEventParts);

function onError(value: unknown): boolean {
  if (reporting || listenerCount('error') === 0) return false;
  reporting = true;
  try {
    const { name, message, stack } = describeError(value);
    const text = stack === '' ? message : message === '' ? name : `${name}: ${message}`;
    const position = stack === '' ? positionOfCaller() : firstPosition(stack);
    const init = {
      __proto__: null,
      cancelable: true,
      message: `Uncaught ${text}`,
      error: value,
      ...position,
    };
    return !dispatch(globalObject, trusted(new ErrorEvent('error', init)));
  } finally {
    reporting = false;
  }
}

function positionOfCaller(): Position {
  return reportedBy === undefined ? firstPosition('') : callerPosition(reportedBy);
}

/** https://html.spec.whatwg.org/#notify-about-rejected-promises */
function onUnhandledRejection(promise: object, reason: unknown): boolean {
  if (listenerCount('unhandledrejection') === 0) return false;
  return !dispatch(globalObject, rejectionEvent('unhandledrejection', true, promise, reason));
}

/** https://html.spec.whatwg.org/#the-hostpromiserejectiontracker-implementation */
function onRejectionHandled(promise: object, reason: unknown): void {
  if (listenerCount('rejectionhandled') === 0) return;
  dispatch(globalObject, rejectionEvent('rejectionhandled', false, promise, reason));
}

function rejectionEvent(type: string, cancelable: boolean, promise: object, reason: unknown): Event {
  return trusted(new PromiseRejectionEvent(type, { __proto__: null, cancelable, promise, reason }));
}
