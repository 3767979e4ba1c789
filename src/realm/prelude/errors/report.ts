/**
 * Where an exception goes that nobody caught: to the realm's `error` or `unhandledrejection` listeners if there are any, else, as
 * text, to the host. https://html.spec.whatwg.org/#report-an-exception
 */

import { guarded } from '../host.ts';
import {
  PromisePrototype,
  ReflectGetPrototypeOf,
  WeakMapCtor,
  WeakMapPrototypeDelete,
  WeakMapPrototypeGet,
  WeakMapPrototypeHas,
  WeakMapPrototypeSet,
} from '../primordials.ts';
import { queueTask } from '../tasks.ts';
import { describeError } from './describe.ts';

const realm = guarded($host.realm);
const values = guarded($host.values);

/** Dispatches events for what is reported; the first two return true where a listener prevented the default. */
export interface ReportListeners {
  readonly onError: (value: unknown) => boolean;
  readonly onUnhandledRejection: (promise: object, reason: unknown) => boolean;
  readonly onRejectionHandled: (promise: object, reason: unknown) => void;
}

let listeners: ReportListeners | undefined;

/** Called once by events/global-scope.ts, which is loaded only when a worker asks for events. */
export function setReportListeners(installed: ReportListeners): void {
  listeners = installed;
}

/**
 * Reports an exception of a worker's callback. Never throws. `source` says where it arose, for the log: 'timer', 'event listener',
 * 'microtask', 'reportError', ...
 */
export function reportException(value: unknown, source: string): void {
  try {
    if (listeners?.onError(value) === true) return;
    sendToHost(value, source);
  } catch {
    // Only stack overflow gets here, and then there is no room left to say anything.
  }
}

/** Reports a rejected promise of this realm that nobody handled. Never throws. */
function reportUnhandledRejection(promise: object, reason: unknown): void {
  try {
    queueTask(() => WeakMapPrototypeSet(outstanding, promise, reason));
    if (listeners?.onUnhandledRejection(promise, reason) === true) return;
    sendToHost(reason, 'unhandledrejection');
  } catch {
    // as above
  }
}

/**
 * The reasons of rejected promises that were reported, and may still be handled. A promise that gets a handler in the turn in which it is
 * reported (from a listener, as a rule) counts as one that had it in time.
 * https://html.spec.whatwg.org/#outstanding-rejected-promises-weak-set
 */
const outstanding = new WeakMapCtor<object, unknown>();

/** How many prototypes of a promise are looked at: those of its subclasses. */
const mostAncestors = 8;

/** The proxy that promises of results inherit from (rpc/caller.ts). */
let promiseProxy: object | undefined;

export function setPromiseProxy(proxy: object): void {
  promiseProxy = proxy;
}

/**
 * The same for a promise of any realm; returns false, and looks at nothing but its prototypes, where it is not one of this realm. A
 * proxy of a worker's among them ends the search: its traps are not run.
 */
export function reportOwnRejection(promise: object, reason: unknown): boolean {
  let ancestor: object | null = promise;
  for (let i = 0; i < mostAncestors && ancestor !== null; i++) {
    if (ancestor !== promiseProxy && values.isProxy(ancestor)) return false;
    ancestor = ReflectGetPrototypeOf(ancestor);
    if (ancestor !== PromisePrototype) continue;
    reportUnhandledRejection(promise, reason);
    return true;
  }
  return false;
}

/** A promise got a handler after all. Returns false where this realm has not reported it. */
export function reportHandledRejection(promise: object): boolean {
  if (!WeakMapPrototypeHas(outstanding, promise)) return false;
  const reason = WeakMapPrototypeGet(outstanding, promise);
  WeakMapPrototypeDelete(outstanding, promise);
  listeners?.onRejectionHandled(promise, reason);
  return true;
}

function sendToHost(value: unknown, source: string): void {
  const { name, message, stack } = describeError(value);
  realm.uncaught(source, name, message, stack);
}
