/** events.once and events.on: events as a promise, and as an async iterator. */

import { AbortError, invalidArgType } from '../errors.ts';
import { throwIfAborted, validateAbortSignal } from '../validate.ts';
import type { AnyFunction } from '../validate.ts';
import type { Emitter } from './emitter.ts';

type Key = string | symbol;
type Target = Emitter | EventTarget;

interface WaitOptions {
  readonly signal?: AbortSignal;
  /** Names of events that end the iteration. */
  readonly close?: readonly string[];
  readonly highWaterMark?: number;
  readonly lowWaterMark?: number;
}

function isEmitter(target: Target): target is Emitter {
  return typeof (target as Emitter).on === 'function';
}

function listen(target: Target, type: Key, listener: AnyFunction, once = false): () => void {
  if (isEmitter(target)) {
    if (once) target.once(type, listener);
    else target.on(type, listener);
    return () => target.removeListener(type, listener);
  }
  if (typeof target.addEventListener !== 'function') {
    throw invalidArgType('emitter', 'an instance of EventEmitter', target);
  }
  target.addEventListener(type as string, listener, { once });
  return () => target.removeEventListener(type as string, listener);
}

/** https://nodejs.org/api/events.html#eventsonceemitter-name-options */
export async function once(target: Target, type: Key, options: WaitOptions = {}): Promise<unknown[]> {
  const { signal } = options;
  validateAbortSignal(signal, 'options.signal');
  throwIfAborted(signal);
  return new Promise((resolve, reject) => {
    const undo: (() => void)[] = [];
    const finish = (settle: () => void): void => {
      for (const each of undo) each();
      settle();
    };
    undo.push(listen(target, type, (...args) => finish(() => resolve(args)), true));
    if (type !== 'error' && isEmitter(target)) {
      undo.push(listen(target, 'error', (error) => finish(() => reject(error)), true));
    }
    if (signal !== undefined) {
      undo.push(listen(signal, 'abort', () => finish(() => reject(new AbortError(signal.reason))), true));
    }
  });
}

/** Events that have arrived and promises that wait for some: one of the two is empty. */
class EventIterator {
  readonly #events: unknown[][] = [];
  readonly #waiting: PromiseWithResolvers<IteratorResult<unknown[]>>[] = [];
  readonly #stop: (() => void)[] = [];
  #error: { readonly value: unknown } | undefined;
  #isFinished = false;

  constructor(target: Target, type: Key, { signal, close = [] }: WaitOptions) {
    this.#stop.push(listen(target, type, (...args) => this.#arrived(args)));
    if (type !== 'error' && isEmitter(target)) {
      this.#stop.push(listen(target, 'error', (error) => this.#fail(error)));
    }
    for (const name of close) this.#stop.push(listen(target, name, () => void this.return()));
    if (signal !== undefined) {
      this.#stop.push(listen(signal, 'abort', () => this.#fail(new AbortError(signal.reason)), true));
    }
  }

  #arrived(args: unknown[]): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#events.push(args);
    else waiting.resolve({ value: args, done: false });
  }

  #fail(value: unknown): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#error = { value };
    else waiting.reject(value);
    void this.return();
  }

  next(): Promise<IteratorResult<unknown[]>> {
    const value = this.#events.shift();
    if (value !== undefined) return Promise.resolve({ value, done: false });
    if (this.#error !== undefined) {
      const { value: reason } = this.#error;
      this.#error = undefined;
      return Promise.reject(reason);
    }
    if (this.#isFinished) return Promise.resolve({ value: undefined, done: true });
    const waiting = Promise.withResolvers<IteratorResult<unknown[]>>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  return(): Promise<IteratorResult<unknown[]>> {
    this.#isFinished = true;
    for (const each of this.#stop.splice(0)) each();
    for (const { resolve } of this.#waiting.splice(0)) resolve({ value: undefined, done: true });
    return Promise.resolve({ value: undefined, done: true });
  }

  throw(error: unknown): Promise<IteratorResult<unknown[]>> {
    if (!(error instanceof Error))
      throw invalidArgType('EventEmitter.AsyncIterator', 'an instance of Error', error);
    this.#fail(error);
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}

/** https://nodejs.org/api/events.html#eventsonemitter-eventname-options */
export function on(target: Target, type: Key, options: WaitOptions = {}): EventIterator {
  validateAbortSignal(options.signal, 'options.signal');
  throwIfAborted(options.signal);
  return new EventIterator(target, type, options);
}
