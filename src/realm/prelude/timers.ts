/**
 * Timers of the realm. The host knows them by number; what they call stays in a table in here (HARDENING R11).
 * https://html.spec.whatwg.org/#timers
 */

import { reportException } from './errors/report.ts';
import { guarded } from './host.ts';
import {
  globalObject,
  MapCtor,
  MapPrototypeClear,
  MapPrototypeDelete,
  MapPrototypeForEach,
  MapPrototypeGet,
  MapPrototypeSet,
  MathMin,
  PromiseResolve,
  ReflectApply,
  TypeErrorCtor,
} from './primordials.ts';
import { isCallable, requireArguments } from './webidl.ts';

const realm = guarded($host.realm);

interface Timer {
  readonly callback: (...args: unknown[]) => unknown;
  readonly args: unknown[];
  readonly repeat: boolean;
  readonly delay: number;
  /** How many timers deep it was started: from the sixth on, 4 ms is the least. */
  nesting: number;
  /** What is left after the longest delay that the host can count. */
  rest: number;
}

const LONGEST_DELAY = 2 ** 31 - 1;
const CLAMPED_NESTING = 5;
const CLAMPED_DELAY = 4;

const timers = new MapCtor<number, Timer>();
let lastId = 0;
/** The nesting level of the timer that is running; 0 outside of timers. */
let nesting = 0;

/** https://html.spec.whatwg.org/#dom-settimeout */
export function setTimeout(handler: unknown, timeout: unknown = 0, ...args: unknown[]): number {
  requireArguments(arguments.length, 1, 'setTimeout');
  return start(toHandler(handler, 'setTimeout'), toDelay(timeout), args, false);
}

/** https://html.spec.whatwg.org/#dom-setinterval */
export function setInterval(handler: unknown, timeout: unknown = 0, ...args: unknown[]): number {
  requireArguments(arguments.length, 1, 'setInterval');
  return start(toHandler(handler, 'setInterval'), toDelay(timeout), args, true);
}

export function clearTimeout(id: unknown = 0): void {
  stopTimer(toLong(id));
}

export function clearInterval(id: unknown = 0): void {
  stopTimer(toLong(id));
}

function toHandler(handler: unknown, where: string): Timer['callback'] {
  if (!isCallable(handler)) throw new TypeErrorCtor(`${where}: the handler is not a function.`);
  return handler;
}

/** Web IDL's `long`: modulo 2^32, as the bitwise operators do it. */
function toLong(value: unknown): number {
  return (value as number) | 0;
}

/** A delay as timers take it: never negative. */
export function toDelay(timeout: unknown): number {
  const delay = toLong(timeout);
  return delay < 0 ? 0 : delay;
}

function start(callback: Timer['callback'], delay: number, args: unknown[], repeat: boolean): number {
  const id = ++lastId;
  const level = nesting + 1;
  MapPrototypeSet(timers, id, { callback, args, repeat, delay, nesting: level, rest: 0 });
  realm.setTimer(id, level > CLAMPED_NESTING && delay < CLAMPED_DELAY ? CLAMPED_DELAY : delay, repeat);
  return id;
}

/** Stops a timer of startTimer. Ignores an id that is none. */
export function stopTimer(id: number): void {
  if (MapPrototypeDelete(timers, id)) realm.clearTimer(id);
}

/**
 * Starts a timer of the platform itself, which is not clamped and may be longer than the host can count. `callback` must not throw.
 * Returns an id for `stopTimer`.
 */
export function startTimer(callback: () => void, delay: number): number {
  const id = ++lastId;
  const first = MathMin(delay, LONGEST_DELAY);
  MapPrototypeSet(timers, id, { callback, args: [], repeat: false, delay, nesting: 0, rest: delay - first });
  realm.setTimer(id, first, false);
  return id;
}

/** A timer is due: the host calls this. Never throws but near stack overflow. */
export function fireTimer(id: number): void {
  const timer = MapPrototypeGet(timers, id);
  if (timer === undefined) return;
  if (timer.rest > 0) {
    continueTimer(id, timer);
    return;
  }
  if (!timer.repeat) MapPrototypeDelete(timers, id);
  else if (timer.delay < CLAMPED_DELAY && timer.nesting <= CLAMPED_NESTING) slowDown(id, timer);
  // An interrupted turn leaves its level behind; it is set anew with every timer.
  nesting = timer.nesting;
  try {
    ReflectApply(timer.callback, globalObject, timer.args);
  } catch (error) {
    reportException(error, 'timer');
  }
  nesting = 0;
}

function continueTimer(id: number, timer: Timer): void {
  const next = MathMin(timer.rest, LONGEST_DELAY);
  timer.rest -= next;
  realm.setTimer(id, next, false);
}

/** A fast interval is clamped from its sixth turn on, as a chain of timeouts is. */
function slowDown(id: number, timer: Timer): void {
  timer.nesting++;
  if (timer.nesting <= CLAMPED_NESTING) return;
  realm.clearTimer(id);
  realm.setTimer(id, CLAMPED_DELAY, true);
}

/** Stops all timers: the realm is going. */
export function clearAllTimers(): void {
  MapPrototypeForEach(timers, (_timer, id) => realm.clearTimer(id));
  MapPrototypeClear(timers);
}

/** https://html.spec.whatwg.org/#dom-queuemicrotask */
export function queueMicrotask(callback: unknown): void {
  requireArguments(arguments.length, 1, 'queueMicrotask');
  if (!isCallable(callback)) throw new TypeErrorCtor('queueMicrotask: the callback is not a function.');
  void runMicrotask(callback);
}

async function runMicrotask(callback: () => unknown): Promise<void> {
  await PromiseResolve(undefined);
  try {
    ReflectApply(callback, undefined, []);
  } catch (error) {
    reportException(error, 'microtask');
  }
}
