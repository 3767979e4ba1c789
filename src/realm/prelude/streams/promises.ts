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

/** A pending promise; latestResolve and latestReject then give its functions. The shared executor saves a closure for each promise. */
export function newPromise<T>(): Promise<T> {
  return new PromiseCtor<T>(capture as never);
}

/** What resolves the promise that newPromise made last. */
export function latestResolve<T>(): (value: T) => void {
  return lastResolve as (value: T) => void;
}

/** What rejects the promise that newPromise made last. */
export function latestReject(): (reason: unknown) => void {
  return lastReject;
}

/**
 * A promise and its resolving functions. An algorithm of the prelude's own that runs once in a stream's life returns one of these in
 * place of its promise.
 */
export class Deferred<T> {
  readonly #isOne = true;
  readonly promise: Promise<T> = newPromise();
  readonly resolve: (value: T) => void = latestResolve();
  readonly reject: (reason: unknown) => void = latestReject();

  static is(value: unknown): value is Deferred<unknown> {
    return typeof value === 'object' && value !== null && #isOne in value;
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

/** A new promise resolved with the value, as Web IDL makes one: a promise takes two microtasks more than with `react`. */
export function promiseOf(value: unknown): Promise<unknown> {
  const deferred = new Deferred<unknown>();
  deferred.resolve(value);
  return deferred.promise;
}

/**
 * Like `react`, with a new promise, which is what the standard asks for. It is for the callbacks that run once in a stream's life, whose
 * order among each other shows; for those that run with every chunk, `react` is cheaper, and as browsers do it.
 */
export function reactOnce(
  result: unknown,
  onFulfilled: () => void,
  onRejected: (reason: unknown) => void,
): void {
  if (result === undefined) PromisePrototypeThen(RESOLVED, onFulfilled);
  else if (Deferred.is(result)) reactToOwn(result.promise, onFulfilled, onRejected);
  else PromisePrototypeThen(promiseOf(result), onFulfilled, onRejected);
}

/**
 * The same for a promise of the prelude's own. Putting it into another promise would show it to a `then` that the worker has put in the
 * place of the built-in one, so that three reactions take the time instead.
 */
export function reactToOwn(
  promise: Promise<unknown>,
  onFulfilled: () => void,
  onRejected: (reason: unknown) => void,
): void {
  const late = PromisePrototypeThen(PromisePrototypeThen(promise, undefined), undefined);
  PromisePrototypeThen(late, onFulfilled, onRejected);
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
  reactOnce(result, () => deferred.resolve(undefined), deferred.reject);
  return deferred.promise;
}
