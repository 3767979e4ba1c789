/**
 * Where an exception goes that nobody caught: to the realm's `error` or `unhandledrejection` listeners if there are any, else, as
 * text, to the host. https://html.spec.whatwg.org/#report-an-exception
 */

import { guarded } from '../host.ts';
import { PromisePrototype, ReflectGetPrototypeOf } from '../primordials.ts';
import { describeError } from './describe.ts';

const realm = guarded($host.realm);

/** Dispatches events for what is reported; each returns true where a listener prevented the default. */
export interface ReportListeners {
  readonly onError: (value: unknown) => boolean;
  readonly onUnhandledRejection: (promise: Promise<unknown>, reason: unknown) => boolean;
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
export function reportUnhandledRejection(promise: Promise<unknown>, reason: unknown): void {
  try {
    if (listeners?.onUnhandledRejection(promise, reason) === true) return;
    sendToHost(reason, 'unhandledrejection');
  } catch {
    // as above
  }
}

/** How many prototypes of a promise are looked at: those of its subclasses. */
const mostAncestors = 8;

/** The same for a promise of any realm; returns false, and looks at nothing but its prototypes, where it is not one of this realm. */
export function reportOwnRejection(promise: object, reason: unknown): boolean {
  let ancestor: object | null = promise;
  for (let i = 0; i < mostAncestors && ancestor !== null; i++) {
    ancestor = ReflectGetPrototypeOf(ancestor);
    if (ancestor !== PromisePrototype) continue;
    reportUnhandledRejection(promise as Promise<unknown>, reason);
    return true;
  }
  return false;
}

function sendToHost(value: unknown, source: string): void {
  const { name, message, stack } = describeError(value);
  realm.uncaught(source, name, message, stack);
}
