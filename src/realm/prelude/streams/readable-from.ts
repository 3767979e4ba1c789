/** ReadableStream.from. https://streams.spec.whatwg.org/#readable-stream-from-iterable, https://webidl.spec.whatwg.org/#js-async-sequence */

import {
  PromisePrototypeThen,
  ReflectApply,
  SymbolAsyncIterator,
  SymbolIterator,
  TypeErrorCtor,
} from '../primordials.ts';
import { isObject } from '../webidl.ts';
import type { Callback } from './callbacks.ts';
import { DefaultController } from './default-controller.ts';
import { Deferred, promiseOf } from './promises.ts';
import { type ReadableController, type ReadableState, SourceAlgorithms } from './readable-state.ts';

const WHERE = 'ReadableStream.from';

/** The ECMAScript GetMethod: undefined for undefined and null. */
function getMethod(target: unknown, key: PropertyKey): Callback | undefined {
  const method = (target as Record<PropertyKey, unknown>)[key];
  if (method === undefined || method === null) return undefined;
  if (typeof method !== 'function')
    throw new TypeErrorCtor(`${WHERE}: a method of the iterable is not callable.`);
  return method as Callback;
}

interface IteratorResult {
  readonly value: unknown;
  readonly done: unknown;
}

function notAResult(): TypeError {
  return new TypeErrorCtor(`${WHERE}: the iterator result is not an object.`);
}

function toIteratorResult(value: unknown): IteratorResult {
  if (!isObject(value)) throw notAResult();
  return value as IteratorResult;
}

class IterableSource extends SourceAlgorithms {
  readonly pulls = true;
  readonly #iterator: object;
  readonly #next: Callback;
  /** A synchronous iterator's values may be promises, which are waited for. */
  readonly #isSync: boolean;
  readonly #toChunk: ToChunk;

  constructor(iterator: object, isSync: boolean, toChunk: ToChunk) {
    super();
    this.#toChunk = toChunk;
    this.#iterator = iterator;
    this.#isSync = isSync;
    this.#next = (iterator as { next: Callback }).next;
  }

  pull(controller: ReadableController): unknown {
    const step = ReflectApply(this.#next, this.#iterator, []);
    if (this.#isSync) return this.#takeSync(controller, toIteratorResult(step));
    return PromisePrototypeThen(promiseOf(step), (result) =>
      this.#take(controller, toIteratorResult(result)),
    );
  }

  #takeSync(controller: ReadableController, result: IteratorResult): unknown {
    if (result.done) return this.#take(controller, { value: undefined, done: true });
    const onFulfilled = (value: unknown): void => this.#take(controller, { value, done: false });
    return PromisePrototypeThen(promiseOf(result.value), onFulfilled, (reason) =>
      this.#closeAndThrow(reason),
    );
  }

  #take(controller: ReadableController, result: IteratorResult): void {
    if (result.done) controller.close();
    else (controller as DefaultController).enqueue(this.#toChunk(result.value));
  }

  /** A rejected value ends a synchronous iterator, as `for await` does. */
  #closeAndThrow(reason: unknown): never {
    try {
      const method = getMethod(this.#iterator, 'return');
      if (method !== undefined) ReflectApply(method, this.#iterator, []);
    } catch {
      // the first error counts
    }
    throw reason;
  }

  cancel(reason: unknown): unknown {
    const method = getMethod(this.#iterator, 'return');
    if (method === undefined) return undefined;
    const result = ReflectApply(method, this.#iterator, [reason]);
    if (this.#isSync) return toIteratorResult(result).value;
    const deferred = new Deferred<undefined>();
    const onFulfilled = (value: unknown): void => {
      if (isObject(value)) deferred.resolve(undefined);
      else deferred.reject(notAResult());
    };
    PromisePrototypeThen(promiseOf(result), onFulfilled, deferred.reject);
    return deferred;
  }
}

/** What becomes of a value of the iterable. What it throws fails the stream. */
type ToChunk = (value: unknown) => unknown;

/**
 * The stream of what an async or sync iterable gives, each value through `toChunk`. Throws a TypeError for what is no iterable, and what
 * opening it throws.
 */
export function readableFrom(iterable: unknown, toChunk: ToChunk = (value) => value): ReadableState {
  if (iterable === undefined || iterable === null)
    throw new TypeErrorCtor(`${WHERE}: the value is not iterable.`);
  const asyncMethod = getMethod(iterable, SymbolAsyncIterator);
  const method = asyncMethod ?? getMethod(iterable, SymbolIterator);
  if (method === undefined) throw new TypeErrorCtor(`${WHERE}: the value is not iterable.`);
  const iterator = ReflectApply(method, iterable, []);
  if (!isObject(iterator)) throw new TypeErrorCtor(`${WHERE}: the iterator is not an object.`);
  const controller = new DefaultController(
    new IterableSource(iterator, asyncMethod === undefined, toChunk),
    0,
  );
  controller.start(undefined);
  return controller.stream;
}
