/** node:diagnostics_channel, within the realm. https://nodejs.org/api/diagnostics_channel.html */

import type { AsyncLocalStorage } from './async-hooks.ts';
import { invalidArgType } from './errors.ts';
import { validateFunction } from './validate.ts';
import type { AnyFunction } from './validate.ts';

type Name = string | symbol;
type Subscriber = (message: unknown, name: Name) => void;
type Transform = (message: unknown) => unknown;

export class Channel {
  readonly name: Name;
  #subscribers: readonly Subscriber[] = [];
  readonly #stores = new Map<AsyncLocalStorage, Transform | undefined>();

  constructor(name: Name) {
    this.name = name;
  }

  get hasSubscribers(): boolean {
    return this.#subscribers.length > 0 || this.#stores.size > 0;
  }

  subscribe(subscriber: Subscriber): void {
    validateFunction(subscriber, 'subscription');
    this.#subscribers = [...this.#subscribers, subscriber];
  }

  unsubscribe(subscriber: Subscriber): boolean {
    const index = this.#subscribers.indexOf(subscriber);
    if (index < 0) return false;
    this.#subscribers = this.#subscribers.toSpliced(index, 1);
    return true;
  }

  bindStore(store: AsyncLocalStorage, transform?: Transform): void {
    this.#stores.set(store, transform);
  }

  unbindStore(store: AsyncLocalStorage): boolean {
    return this.#stores.delete(store);
  }

  /** A subscriber that throws stops neither the others nor the publisher. */
  publish(message: unknown): void {
    for (const subscriber of this.#subscribers) {
      try {
        subscriber(message, this.name);
      } catch (error) {
        $powers.report(error);
      }
    }
  }

  runStores(message: unknown, fn: AnyFunction, thisArg?: unknown, ...args: unknown[]): unknown {
    let run = (): unknown => {
      this.publish(message);
      return Reflect.apply(fn, thisArg, args);
    };
    for (const [store, transform] of this.#stores) {
      const next = run;
      run = () => store.run(transform === undefined ? message : transform(message), next);
    }
    return run();
  }
}

const channels = new Map<Name, Channel>();

function channel(name: Name): Channel {
  if (typeof name !== 'string' && typeof name !== 'symbol') {
    throw invalidArgType('channel', 'of type string or symbol', name);
  }
  let found = channels.get(name);
  if (found === undefined) channels.set(name, (found = new Channel(name)));
  return found;
}

const phases = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;
type Phase = (typeof phases)[number];
type Phases = Readonly<Record<Phase, Channel>>;
type Context = Record<string, unknown>;

export class TracingChannel {
  declare readonly start: Channel;
  declare readonly end: Channel;
  declare readonly asyncStart: Channel;
  declare readonly asyncEnd: Channel;
  declare readonly error: Channel;

  constructor(nameOrChannels: string | Phases) {
    for (const phase of phases) {
      const value =
        typeof nameOrChannels === 'string'
          ? channel(`tracing:${nameOrChannels}:${phase}`)
          : nameOrChannels[phase];
      Object.defineProperty(this, phase, { value, enumerable: true });
    }
  }

  get hasSubscribers(): boolean {
    return phases.some((phase) => this[phase].hasSubscribers);
  }

  subscribe(handlers: Partial<Record<Phase, Subscriber>>): void {
    for (const phase of phases) if (handlers[phase] !== undefined) this[phase].subscribe(handlers[phase]);
  }

  unsubscribe(handlers: Partial<Record<Phase, Subscriber>>): boolean {
    let done = true;
    for (const phase of phases) {
      const handler = handlers[phase];
      if (handler !== undefined && !this[phase].unsubscribe(handler)) done = false;
    }
    return done;
  }

  traceSync(fn: AnyFunction, context: Context = {}, thisArg?: unknown, ...args: unknown[]): unknown {
    if (!this.hasSubscribers) return Reflect.apply(fn, thisArg, args);
    return this.start.runStores(context, () => {
      try {
        return (context['result'] = Reflect.apply(fn, thisArg, args));
      } catch (error) {
        this.#fail(context, error);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }

  tracePromise(fn: AnyFunction, context: Context = {}, thisArg?: unknown, ...args: unknown[]): unknown {
    if (!this.hasSubscribers) return Reflect.apply(fn, thisArg, args);
    return this.#traceSyncThen(context, () =>
      Promise.resolve(Reflect.apply(fn, thisArg, args)).then(
        (result) => {
          context['result'] = result;
          this.asyncStart.publish(context);
          this.asyncEnd.publish(context);
          return result;
        },
        (error: unknown) => {
          this.#fail(context, error);
          this.asyncStart.publish(context);
          this.asyncEnd.publish(context);
          throw error;
        },
      ),
    );
  }

  /** The last argument, or that at `position`, is the callback. */
  traceCallback(
    fn: AnyFunction,
    position = -1,
    context: Context = {},
    thisArg?: unknown,
    ...args: unknown[]
  ): unknown {
    if (!this.hasSubscribers) return Reflect.apply(fn, thisArg, args);
    const callback = args.at(position);
    validateFunction(callback, 'callback');
    const wrapped: AnyFunction = (...results) => {
      const [error, result] = results;
      if (error) this.#fail(context, error);
      else context['result'] = result;
      return this.asyncStart.runStores(context, () => {
        try {
          return Reflect.apply(callback, thisArg, results);
        } finally {
          this.asyncEnd.publish(context);
        }
      });
    };
    args.splice(position, 1, wrapped);
    return this.#traceSyncThen(context, () => Reflect.apply(fn, thisArg, args));
  }

  #traceSyncThen(context: Context, run: () => unknown): unknown {
    return this.start.runStores(context, () => {
      try {
        return run();
      } catch (error) {
        this.#fail(context, error);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }

  #fail(context: Context, error: unknown): void {
    context['error'] = error;
    this.error.publish(context);
  }
}

export default {
  Channel,
  channel,
  hasSubscribers: (name: Name): boolean => channels.get(name)?.hasSubscribers ?? false,
  subscribe: (name: Name, subscriber: Subscriber): void => channel(name).subscribe(subscriber),
  tracingChannel: (nameOrChannels: string | Phases): TracingChannel => new TracingChannel(nameOrChannels),
  unsubscribe: (name: Name, subscriber: Subscriber): boolean => channel(name).unsubscribe(subscriber),
};
