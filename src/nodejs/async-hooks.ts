/** node:async_hooks: AsyncLocalStorage and AsyncResource over the realm's asynchronous contexts. Hooks themselves are not offered. */

import { invalidArgType } from './errors.ts';
import type { Frame } from './powers.ts';
import { validateFunction } from './validate.ts';
import type { AnyFunction } from './validate.ts';

const { currentFrame, enterFrame, runInFrame } = $powers;

function frameWith(storage: object, store: unknown): Frame {
  return new Map<object, unknown>(currentFrame()).set(storage, store);
}

function frameWithout(storage: object): Frame | undefined {
  const frame = currentFrame();
  if (frame?.has(storage) !== true) return frame;
  const rest = new Map<object, unknown>(frame);
  rest.delete(storage);
  return rest.size === 0 ? undefined : rest;
}

interface StorageOptions {
  readonly defaultValue?: unknown;
  readonly name?: unknown;
}

/** https://nodejs.org/api/async_context.html#class-asynclocalstorage */
export class AsyncLocalStorage {
  readonly #defaultValue: unknown;
  readonly #name: string;

  constructor(options: StorageOptions = {}) {
    this.#defaultValue = options.defaultValue;
    this.#name = options.name === undefined ? '' : String(options.name);
  }

  get name(): string {
    return this.#name;
  }

  /** The function, bound to the context of this call. */
  static bind<F extends AnyFunction>(fn: F): F {
    validateFunction(fn, 'fn');
    const frame = currentFrame();
    return function (this: unknown, ...args: unknown[]) {
      return runInFrame(frame, fn, this, args);
    } as F;
  }

  /** A function that calls others in the context of this call. */
  static snapshot(): (fn: AnyFunction, ...args: unknown[]) => unknown {
    const frame = currentFrame();
    return function (this: unknown, fn, ...args) {
      return runInFrame(frame, fn, this, args);
    };
  }

  getStore(): unknown {
    const frame = currentFrame();
    return frame?.has(this) === true ? frame.get(this) : this.#defaultValue;
  }

  run(store: unknown, fn: AnyFunction, ...args: unknown[]): unknown {
    const frame = currentFrame();
    // As Node.js does it: nothing to change.
    if (frame?.has(this) === true && Object.is(frame.get(this), store))
      return Reflect.apply(fn, undefined, args);
    return runInFrame(frameWith(this, store), fn, undefined, args);
  }

  exit(fn: AnyFunction, ...args: unknown[]): unknown {
    return runInFrame(frameWithout(this), fn, undefined, args);
  }

  enterWith(store: unknown): void {
    enterFrame(frameWith(this, store));
  }

  disable(): void {
    enterFrame(frameWithout(this));
  }

  /** A scope for `using`: the store until the end of the block. */
  withScope(store: unknown): Disposable {
    const frame = currentFrame();
    enterFrame(frameWith(this, store));
    return { [Symbol.dispose]: () => enterFrame(frame) };
  }
}

let lastId = 1;

interface ResourceOptions {
  readonly triggerAsyncId?: number;
}

/** https://nodejs.org/api/async_context.html#class-asyncresource */
export class AsyncResource {
  readonly #frame = currentFrame();
  readonly #id = ++lastId;
  readonly #triggerId: number;

  constructor(type: string, options: number | ResourceOptions = {}) {
    if (typeof type !== 'string') throw invalidArgType('type', 'of type string', type);
    this.#triggerId = (typeof options === 'number' ? options : options.triggerAsyncId) ?? 1;
  }

  static bind(fn: AnyFunction, type?: string, thisArg?: unknown): AnyFunction {
    validateFunction(fn, 'fn');
    return new AsyncResource(type ?? (fn.name || 'bound-anonymous-fn')).bind(fn, thisArg);
  }

  bind(fn: AnyFunction, thisArg?: unknown): AnyFunction {
    validateFunction(fn, 'fn');
    const frame = this.#frame;
    const bound = function (this: unknown, ...args: unknown[]): unknown {
      return runInFrame(frame, fn, thisArg ?? this, args);
    };
    Object.defineProperty(bound, 'length', { value: fn.length, configurable: true });
    return bound;
  }

  runInAsyncScope(fn: AnyFunction, thisArg?: unknown, ...args: unknown[]): unknown {
    return runInFrame(this.#frame, fn, thisArg, args);
  }

  /** Nobody listens for it. */
  emitDestroy(): this {
    return this;
  }

  asyncId(): number {
    return this.#id;
  }

  triggerAsyncId(): number {
    return this.#triggerId;
  }
}

/** Ids are not given to what runs: always that of the top level. */
export function executionAsyncId(): number {
  return 1;
}

export function triggerAsyncId(): number {
  return 0;
}

export function executionAsyncResource(): object {
  return {};
}

export default { AsyncLocalStorage, AsyncResource, executionAsyncId, executionAsyncResource, triggerAsyncId };
