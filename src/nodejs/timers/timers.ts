/** node:timers: timers as objects, over those of the realm, which are numbers. */

import { validateFunction } from '../validate.ts';
import type { AnyFunction } from '../validate.ts';
import * as promises from './promises.ts';

const {
  setTimeout: startTimeout,
  clearTimeout: stopTimeout,
  setInterval: startInterval,
  clearInterval: stopInterval,
} = globalThis;

/** https://nodejs.org/api/timers.html#class-timeout. Nothing keeps a realm alive, so `ref` and `unref` only remember what they were told. */
export class Timeout {
  readonly #start: () => number;
  #id: number;
  #isRef = true;

  constructor(start: () => number) {
    this.#start = start;
    this.#id = start();
  }

  ref(): this {
    this.#isRef = true;
    return this;
  }

  unref(): this {
    this.#isRef = false;
    return this;
  }

  hasRef(): boolean {
    return this.#isRef;
  }

  refresh(): this {
    stopTimeout(this.#id);
    this.#id = this.#start();
    return this;
  }

  close(): this {
    stopTimeout(this.#id);
    return this;
  }

  [Symbol.toPrimitive](): number {
    return this.#id;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** https://nodejs.org/api/timers.html#class-immediate */
export class Immediate extends Timeout {}

type TimerId = Timeout | number | undefined;

function toId(timer: TimerId): number | undefined {
  return timer instanceof Timeout ? timer[Symbol.toPrimitive]() : timer;
}

function setTimeout(callback: AnyFunction, delay?: number, ...args: unknown[]): Timeout {
  validateFunction(callback, 'callback');
  return new Timeout(() => startTimeout(callback, delay, ...args));
}

function setInterval(callback: AnyFunction, delay?: number, ...args: unknown[]): Timeout {
  validateFunction(callback, 'callback');
  return new Timeout(() => startInterval(callback, Math.max(delay ?? 1, 1), ...args));
}

function setImmediate(callback: AnyFunction, ...args: unknown[]): Immediate {
  validateFunction(callback, 'callback');
  return new Immediate(() => startTimeout(callback, 0, ...args));
}

function clearTimeout(timer?: TimerId): void {
  stopTimeout(toId(timer));
}

function clearInterval(timer?: TimerId): void {
  stopInterval(toId(timer));
}

function clearImmediate(timer?: Immediate): void {
  if (timer instanceof Immediate) stopTimeout(toId(timer));
}

for (const [fn, promised] of [
  [setTimeout, promises.default.setTimeout],
  [setImmediate, promises.default.setImmediate],
]) {
  Object.defineProperty(fn, Symbol.for('nodejs.util.promisify.custom'), {
    value: promised,
    enumerable: true,
  });
}

export default {
  clearImmediate,
  clearInterval,
  clearTimeout,
  promises: promises.default,
  setImmediate,
  setInterval,
  setTimeout,
};
