/** node:events: EventEmitter with its static members, which is what `require('events')` gives. */

import { AsyncResource } from '../async-hooks.ts';
import { invalidArgType, outOfRange } from '../errors.ts';
import { validateAbortSignal, validateFunction } from '../validate.ts';
import type { AnyFunction } from '../validate.ts';
import { captureRejectionSymbol, defaults, errorMonitor, EventEmitter, init } from './emitter.ts';
import type { Emitter } from './emitter.ts';
import { on, once } from './waiting.ts';

/** Limits that were set for event targets, whose listeners nobody counts. */
const targetLimits = new WeakMap<object, number>();

function setMaxListeners(n: number = defaults.maxListeners, ...targets: (Emitter | EventTarget)[]): void {
  if (typeof n !== 'number' || n < 0 || Number.isNaN(n)) throw outOfRange('n', '>= 0', n);
  if (targets.length === 0) defaults.maxListeners = n;
  for (const target of targets) {
    if ('setMaxListeners' in target) target.setMaxListeners(n);
    else if (target instanceof EventTarget) targetLimits.set(target, n);
    else throw invalidArgType('eventTargets', 'an instance of EventEmitter or EventTarget', target);
  }
}

function getMaxListeners(target: Emitter | EventTarget): number {
  return 'getMaxListeners' in target
    ? target.getMaxListeners()
    : (targetLimits.get(target) ?? defaults.maxListeners);
}

/** Of an emitter. The listeners of an EventTarget cannot be seen from here. */
function getEventListeners(target: Emitter, type: string | symbol): AnyFunction[] {
  if (typeof target.listeners === 'function') return target.listeners(type);
  throw invalidArgType('emitter', 'an instance of EventEmitter', target);
}

function listenerCount(emitter: Emitter, type: string | symbol): number {
  return emitter.listenerCount(type);
}

function addAbortListener(signal: AbortSignal, listener: (event: Event) => void): Disposable {
  validateAbortSignal(signal, 'signal');
  validateFunction(listener, 'listener');
  if (signal.aborted) {
    queueMicrotask(() => listener(new Event('abort')));
    return { [Symbol.dispose]: () => {} };
  }
  signal.addEventListener('abort', listener, { once: true });
  return { [Symbol.dispose]: () => signal.removeEventListener('abort', listener) };
}

interface AsyncResourceOptions {
  readonly name?: string;
  readonly captureRejections?: boolean;
}

const Base = EventEmitter;

/** An emitter whose listeners run in the context that it was made in. */
class EventEmitterAsyncResource extends Base {
  readonly #resource: AsyncResource;

  constructor(options: AsyncResourceOptions | string = {}) {
    const given = typeof options === 'string' ? { name: options } : options;
    super(given);
    this.#resource = new AsyncResource(given.name ?? new.target.name);
  }

  override emit(type: string | symbol, ...args: unknown[]): boolean {
    return this.#resource.runInAsyncScope(() => super.emit(type, ...args)) as boolean;
  }

  emitDestroy(): void {
    this.#resource.emitDestroy();
  }

  get asyncResource(): AsyncResource {
    return this.#resource;
  }

  get asyncId(): number {
    return this.#resource.asyncId();
  }

  get triggerAsyncId(): number {
    return this.#resource.triggerAsyncId();
  }
}

const statics = {
  EventEmitter,
  EventEmitterAsyncResource,
  addAbortListener,
  captureRejectionSymbol,
  errorMonitor,
  getEventListeners,
  getMaxListeners,
  init,
  listenerCount,
  on,
  once,
  setMaxListeners,
  usingDomains: false,
};

export default Object.defineProperties(Object.assign(EventEmitter, statics), {
  captureRejections: {
    enumerable: true,
    get: () => defaults.captureRejections,
    set: (value: boolean) => void (defaults.captureRejections = value),
  },
  defaultMaxListeners: {
    enumerable: true,
    get: () => defaults.maxListeners,
    set: (value: number) => setMaxListeners(value),
  },
});
export { addAbortListener, EventEmitter };
