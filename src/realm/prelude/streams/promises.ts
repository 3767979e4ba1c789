/**
 * Promises of the streams' machinery: deferred ones, microtasks, and reactions to what a worker's callbacks return. Only `undefined`
 * and values that the worker may see anyway are ever put into a promise, because resolving one looks up `then` on objects.
 */

import {
  PromiseCtor,
  PromisePrototypeThen,
  PromiseReject,
  PromiseResolve,
  SymbolCtor,
} from '../primordials.ts';

/** Fulfilled with undefined. Shared by everything in this folder, so never to be shown to a worker. */
const RESOLVED = PromiseResolve(undefined);

/** Returned by an algorithm that reports its completion itself, instead of a promise. */
export const PENDING = SymbolCtor('pending');

let lastResolve: (value: never) => void;
let lastReject: (reason: unknown) => void;

function capture(resolve: (value: never) => void, reject: (reason: unknown) => void): void {
  lastResolve = resolve;
  lastReject = reject;
}

/** A promise and its resolving functions. The shared executor saves a closure for each. */
export class Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;

  constructor() {
    this.promise = new PromiseCtor<T>(capture as never);
    this.resolve = lastResolve as (value: T) => void;
    this.reject = lastReject;
  }
}

/** Runs `task` in a microtask of its own. It must neither throw nor return anything. */
export function microtask(task: () => void): void {
  PromisePrototypeThen(RESOLVED, task);
}

/**
 * Calls one of the two functions once what a callback returned has settled: a microtask later for undefined, which is the usual
 * case and costs no promise of its own; otherwise as for a promise resolved with it.
 */
export function react(result: unknown, onFulfilled: () => void, onRejected: (reason: unknown) => void): void {
  if (result === undefined) {
    PromisePrototypeThen(RESOLVED, onFulfilled);
    return;
  }
  try {
    PromisePrototypeThen(PromiseResolve(result), onFulfilled, onRejected);
  } catch (error) {
    reactToThrown(error, onRejected); // a getter on the worker's promise threw
  }
}

/** Calls `onRejected` as for a promise rejected with `reason`. */
export function reactToThrown(reason: unknown, onRejected: (reason: unknown) => void): void {
  PromisePrototypeThen(PromiseReject(reason), undefined, onRejected);
}

function ignore(): void {}

/** Keeps a rejection of the promise from being reported. */
export function markHandled(promise: Promise<unknown>): void {
  PromisePrototypeThen(promise, ignore, ignore);
}

/** A promise of this realm that settles as `result` does, with undefined in place of its value. For what is done once a stream. */
export function settledWith(result: unknown): Promise<undefined> {
  const deferred = new Deferred<undefined>();
  react(result, () => deferred.resolve(undefined), deferred.reject);
  return deferred.promise;
}
