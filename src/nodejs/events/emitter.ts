/** EventEmitter. A function and not a class, because old code calls it with its own `this`. https://nodejs.org/api/events.html */

import { invalidArgType, nodeError, outOfRange } from '../errors.ts';
import { inspect } from '../util/lazy-inspect.ts';
import type { AnyFunction } from '../validate.ts';

export const errorMonitor = Symbol('events.errorMonitor');
export const captureRejectionSymbol: symbol = Symbol.for('nodejs.rejection');
const kCapture = Symbol('kCapture');
/** On a list of listeners: somebody has been warned of its length. */
const kWarned = Symbol('warned');

/** A listener; `listener` is what a `once` wraps. */
export type Listener = AnyFunction & { listener?: AnyFunction };
type Listeners = Listener[] & { [kWarned]?: boolean };
type Key = string | symbol;

/** An emitter, as others may look at it: libraries know `_events`. */
export interface Emitter {
  _events: Record<Key, Listener | Listeners> | undefined;
  _eventsCount: number;
  _maxListeners: number | undefined;
  [kCapture]?: boolean;
  [captureRejectionSymbol]?: (error: unknown, type: Key, ...args: unknown[]) => void;
  emit(type: Key, ...args: unknown[]): boolean;
  on(type: Key, listener: AnyFunction): this;
  addListener(type: Key, listener: AnyFunction): this;
  once(type: Key, listener: AnyFunction): this;
  off(type: Key, listener: AnyFunction): this;
  removeListener(type: Key, listener: AnyFunction): this;
  removeAllListeners(type?: Key): this;
  prependListener(type: Key, listener: AnyFunction): this;
  prependOnceListener(type: Key, listener: AnyFunction): this;
  setMaxListeners(n: number): this;
  getMaxListeners(): number;
  listeners(type: Key): AnyFunction[];
  rawListeners(type: Key): AnyFunction[];
  listenerCount(type: Key, listener?: AnyFunction): number;
  eventNames(): Key[];
}

interface EmitterOptions {
  readonly captureRejections?: boolean;
}

/** The constructor, with or without `new`. */
export interface EmitterConstructor {
  new (options?: EmitterOptions): Emitter;
  (this: unknown, options?: EmitterOptions): void;
  readonly prototype: Emitter;
}

/** What the whole module shares. */
export const defaults = { maxListeners: 10, captureRejections: false };

function Constructor(this: Emitter, options?: EmitterOptions): void {
  init.call(this, options);
}

export const EventEmitter = Constructor as unknown as EmitterConstructor;
Object.defineProperty(EventEmitter, 'name', { value: 'EventEmitter', configurable: true });

export function init(this: Emitter, options?: EmitterOptions): void {
  if (this._events === undefined || this._events === (Object.getPrototypeOf(this) as Emitter)._events) {
    this._events = Object.create(null) as Record<Key, Listener>;
    this._eventsCount = 0;
  }
  this._maxListeners ??= undefined;
  if (options?.captureRejections === true || defaults.captureRejections) this[kCapture] = true;
}

function checkListener(listener: unknown): asserts listener is AnyFunction {
  if (typeof listener !== 'function') throw invalidArgType('listener', 'of type function', listener);
}

/** Throws what an `error` event that nobody listens for throws. */
function throwUnhandled(args: readonly unknown[]): never {
  const [error] = args;
  if (error instanceof Error) throw error;
  const made = nodeError('ERR_UNHANDLED_ERROR', `Unhandled error. (${inspect(error)})`, Error);
  throw Object.assign(made, { context: error });
}

function emit(this: Emitter, type: Key, ...args: unknown[]): boolean {
  const events = this._events;
  if (type === 'error') {
    if (events?.[errorMonitor] !== undefined) this.emit(errorMonitor, ...args);
    if (events?.['error'] === undefined) throwUnhandled(args);
  }
  const handler = events?.[type];
  if (handler === undefined) return false;
  if (typeof handler === 'function') call(this, handler, type, args);
  else for (const listener of [...handler]) call(this, listener, type, args);
  return true;
}

function call(emitter: Emitter, listener: Listener, type: Key, args: unknown[]): void {
  const result = Reflect.apply(listener, emitter, args);
  if (emitter[kCapture] === true && typeof result === 'object' && result !== null) {
    captureRejection(emitter, result, type, args);
  }
}

function captureRejection(emitter: Emitter, result: object, type: Key, args: unknown[]): void {
  const { then } = result as { then?: unknown };
  if (typeof then !== 'function') return;
  Reflect.apply(then, result, [
    undefined,
    (error: unknown) => {
      queueMicrotask(() => {
        const handler = emitter[captureRejectionSymbol];
        if (typeof handler === 'function') {
          handler.call(emitter, error, type, ...args);
          return;
        }
        // A listener of `error` that rejects as well must not go on for ever.
        emitter[kCapture] = false;
        try {
          emitter.emit('error', error);
        } finally {
          emitter[kCapture] = true;
        }
      });
    },
  ]);
}

function add(emitter: Emitter, type: Key, listener: AnyFunction, isFirst: boolean): Emitter {
  checkListener(listener);
  if (emitter._events?.['newListener'] !== undefined) {
    emitter.emit('newListener', type, (listener as Listener).listener ?? listener);
  }
  // What hears of a new listener may have changed them.
  if (emitter._events === undefined) {
    emitter._events = Object.create(null) as Record<Key, Listener>;
    emitter._eventsCount = 0;
  }
  const events = emitter._events;
  const existing = events[type];
  if (existing === undefined) {
    events[type] = listener;
    emitter._eventsCount++;
    return emitter;
  }
  const list: Listeners = typeof existing === 'function' ? (events[type] = [existing]) : existing;
  if (isFirst) list.unshift(listener);
  else list.push(listener);
  warnOfLength(emitter, type, list);
  return emitter;
}

function warnOfLength(emitter: Emitter, type: Key, list: Listeners): void {
  const most = emitter.getMaxListeners();
  if (most <= 0 || list.length <= most || list[kWarned] === true) return;
  list[kWarned] = true;
  const name = emitter.constructor.name;
  console.warn(
    `MaxListenersExceededWarning: Possible EventEmitter memory leak detected. ${list.length} ${String(type)} listeners added to ` +
      `[${name}]. MaxListeners is ${most}. Use emitter.setMaxListeners() to increase limit`,
  );
}

function wrapOnce(emitter: Emitter, type: Key, listener: AnyFunction): Listener {
  checkListener(listener);
  let fired = false;
  const wrapped: Listener = (...args) => {
    if (fired) return undefined;
    emitter.removeListener(type, wrapped);
    fired = true;
    return Reflect.apply(listener, emitter, args);
  };
  wrapped.listener = listener;
  return wrapped;
}

function remove(emitter: Emitter, type: Key, listener: AnyFunction): Emitter {
  checkListener(listener);
  const events = emitter._events;
  const list = events?.[type];
  if (events === undefined || list === undefined) return emitter;
  const all = typeof list === 'function' ? [list] : list;
  const index = all.findLastIndex((each) => each === listener || each.listener === listener);
  if (index < 0) return emitter;
  const [found] = all.splice(index, 1);
  if (all.length === 0) {
    Reflect.deleteProperty(events, type);
    emitter._eventsCount--;
  } else if (all.length === 1) events[type] = all[0];
  if (events['removeListener'] !== undefined) {
    emitter.emit('removeListener', type, found?.listener ?? listener);
  }
  return emitter;
}

function removeAll(emitter: Emitter, args: readonly Key[]): Emitter {
  const events = emitter._events;
  if (events === undefined) return emitter;
  const [type] = args;
  if (args.length === 0) {
    if (events['removeListener'] !== undefined) {
      for (const key of Reflect.ownKeys(events))
        if (key !== 'removeListener') emitter.removeAllListeners(key);
      emitter.removeAllListeners('removeListener');
    }
    emitter._events = Object.create(null) as Record<Key, Listener>;
    emitter._eventsCount = 0;
    return emitter;
  }
  const list = type === undefined ? undefined : events[type];
  if (type === undefined || list === undefined) return emitter;
  for (const listener of typeof list === 'function' ? [list] : list.toReversed()) {
    emitter.removeListener(type, listener);
  }
  return emitter;
}

function listOf(emitter: Emitter, type: Key): Listener[] {
  const list = emitter._events?.[type];
  if (list === undefined) return [];
  return typeof list === 'function' ? [list] : [...list];
}

const methods = {
  _events: undefined,
  _eventsCount: 0,
  _maxListeners: undefined,
  setMaxListeners(this: Emitter, n: number): Emitter {
    if (typeof n !== 'number' || n < 0 || Number.isNaN(n)) throw outOfRange('setMaxListeners', '>= 0', n);
    this._maxListeners = n;
    return this;
  },
  getMaxListeners(this: Emitter): number {
    return this._maxListeners ?? defaults.maxListeners;
  },
  emit,
  addListener(this: Emitter, type: Key, listener: AnyFunction): Emitter {
    return add(this, type, listener, false);
  },
  prependListener(this: Emitter, type: Key, listener: AnyFunction): Emitter {
    return add(this, type, listener, true);
  },
  once(this: Emitter, type: Key, listener: AnyFunction): Emitter {
    return this.on(type, wrapOnce(this, type, listener));
  },
  prependOnceListener(this: Emitter, type: Key, listener: AnyFunction): Emitter {
    return this.prependListener(type, wrapOnce(this, type, listener));
  },
  removeListener(this: Emitter, type: Key, listener: AnyFunction): Emitter {
    return remove(this, type, listener);
  },
  removeAllListeners(this: Emitter, ...args: Key[]): Emitter {
    return removeAll(this, args);
  },
  listeners(this: Emitter, type: Key): AnyFunction[] {
    return listOf(this, type).map((each) => each.listener ?? each);
  },
  rawListeners(this: Emitter, type: Key): AnyFunction[] {
    return listOf(this, type);
  },
  listenerCount(this: Emitter, type: Key, listener?: AnyFunction): number {
    const list = listOf(this, type);
    if (listener === undefined) return list.length;
    return list.filter((each) => each === listener || each.listener === listener).length;
  },
  eventNames(this: Emitter): Key[] {
    return this._eventsCount > 0 ? Reflect.ownKeys(this._events as object) : [];
  },
};
Object.assign(EventEmitter.prototype, methods, { on: methods.addListener, off: methods.removeListener });
