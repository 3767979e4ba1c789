/** Event of the realm, and what the dispatch needs to know of one. https://dom.spec.whatwg.org/#events */

import { registerInspection } from '../console/registry.ts';
import { currentTime } from '../performance/clock.ts';
import { ReflectDefineProperty, ReflectGetOwnPropertyDescriptor } from '../primordials.ts';
import {
  defineInterface,
  illegalInvocation,
  requireArguments,
  toDictionary,
  toDOMString,
} from '../webidl.ts';

export const BUBBLES = 1;
export const CANCELABLE = 2;
export const COMPOSED = 4;
export const STOPPED = 8;
export const STOPPED_AT_ONCE = 16;
export const CANCELED = 32;
export const IN_PASSIVE_LISTENER = 64;
export const DISPATCHING = 128;
export const INITIALIZED = 256;
export const TRUSTED = 512;

/** Members of EventInit; conversions happen where they are read. */
export interface EventInit {
  bubbles: unknown;
  cancelable: unknown;
  composed: unknown;
}

const NONE = 0;
const AT_TARGET = 2;

/** Whether the value is an Event of this realm. */
export let isEvent: (value: unknown) => value is Event;
/** The flags above, or-ed. */
export let eventFlags: (event: Event) => number;
export let setEventFlags: (event: Event, flags: number) => void;
export let eventType: (event: Event) => string;
/** The event is at its target from now on. The target stays when the dispatch has ended. */
export let enterDispatch: (event: Event, target: object) => void;
export let leaveDispatch: (event: Event) => void;

/** https://dom.spec.whatwg.org/#interface-event */
export class Event {
  #type: string;
  #flags: number;
  #target: object | null = null;
  #currentTarget: object | null = null;
  #phase = NONE;
  readonly #timeStamp = currentTime();

  declare readonly isTrusted: boolean;

  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, 'Event constructor');
    this.#type = toDOMString(type);
    this.#flags = INITIALIZED | toFlags(toDictionary<EventInit>(init, 'Event constructor'));
    ReflectDefineProperty(this, 'isTrusted', IS_TRUSTED);
  }

  get type(): string {
    return this.#type;
  }

  get target(): object | null {
    return this.#target;
  }

  get srcElement(): object | null {
    return this.#target;
  }

  get currentTarget(): object | null {
    return this.#currentTarget;
  }

  composedPath(): object[] {
    return this.#currentTarget === null ? [] : [this.#currentTarget];
  }

  get eventPhase(): number {
    return this.#phase;
  }

  stopPropagation(): void {
    this.#flags |= STOPPED;
  }

  get cancelBubble(): boolean {
    return (this.#flags & STOPPED) !== 0;
  }

  set cancelBubble(value: unknown) {
    const flags = this.#flags;
    if (value) this.#flags = flags | STOPPED;
  }

  stopImmediatePropagation(): void {
    this.#flags |= STOPPED | STOPPED_AT_ONCE;
  }

  get bubbles(): boolean {
    return (this.#flags & BUBBLES) !== 0;
  }

  get cancelable(): boolean {
    return (this.#flags & CANCELABLE) !== 0;
  }

  get returnValue(): boolean {
    return (this.#flags & CANCELED) === 0;
  }

  set returnValue(value: unknown) {
    const canceled = (this.#flags & CANCELED) !== 0;
    if (!canceled && !value) cancelEvent(this);
  }

  preventDefault(): void {
    if (#flags in this) cancelEvent(this);
    else throw illegalInvocation();
  }

  get defaultPrevented(): boolean {
    return (this.#flags & CANCELED) !== 0;
  }

  get composed(): boolean {
    return (this.#flags & COMPOSED) !== 0;
  }

  get timeStamp(): number {
    return this.#timeStamp;
  }

  initEvent(type: unknown, bubbles: unknown = false, cancelable: unknown = false): void {
    requireArguments(arguments.length, 1, 'Event.initEvent');
    const name = toDOMString(type);
    if ((this.#flags & DISPATCHING) !== 0) return;
    this.#type = name;
    this.#target = null;
    this.#flags =
      INITIALIZED | (bubbles ? BUBBLES : 0) | (cancelable ? CANCELABLE : 0) | (this.#flags & COMPOSED);
  }

  static {
    isEvent = (value): value is Event => typeof value === 'object' && value !== null && #flags in value;
    eventFlags = (event) => event.#flags;
    setEventFlags = (event, flags) => {
      event.#flags = flags;
    };
    eventType = (event) => event.#type;
    enterDispatch = (event, target) => {
      event.#target = target;
      event.#currentTarget = target;
      event.#phase = AT_TARGET;
      event.#flags |= DISPATCHING;
    };
    leaveDispatch = (event) => {
      event.#currentTarget = null;
      event.#phase = NONE;
      event.#flags &= ~(DISPATCHING | STOPPED | STOPPED_AT_ONCE);
    };
  }
}

function toFlags(init: Partial<EventInit> | undefined): number {
  if (init === undefined) return 0;
  // The order of these reads is observable, and part of Web IDL.
  const bubbles = init.bubbles ? BUBBLES : 0;
  const cancelable = init.cancelable ? CANCELABLE : 0;
  return bubbles | cancelable | (init.composed ? COMPOSED : 0);
}

/** Sets the canceled flag, where the event allows it. https://dom.spec.whatwg.org/#set-the-canceled-flag */
export function cancelEvent(event: Event): void {
  const flags = eventFlags(event);
  if ((flags & (CANCELABLE | IN_PASSIVE_LISTENER)) === CANCELABLE) setEventFlags(event, flags | CANCELED);
}

/** Marks an event as raised by the platform. Returns it. */
export function trusted<E extends Event>(event: E): E {
  setEventFlags(event, eventFlags(event) | TRUSTED);
  return event;
}

// [LegacyUnforgeable]: an own property of each event, with one getter for all of them.
const IS_TRUSTED = {
  __proto__: null,
  ...ReflectGetOwnPropertyDescriptor(
    {
      get isTrusted(): boolean {
        return (eventFlags(this as unknown as Event) & TRUSTED) !== 0;
      },
    },
    'isTrusted',
  ),
  enumerable: true,
  configurable: false,
} as PropertyDescriptor;

defineInterface(Event, 'Event');
registerInspection(isEvent, (value) => {
  const event = value as Event;
  const flags = eventFlags(event);
  return {
    type: eventType(event),
    defaultPrevented: (flags & CANCELED) !== 0,
    cancelable: (flags & CANCELABLE) !== 0,
  };
});
defineConstants(['NONE', 'CAPTURING_PHASE', 'AT_TARGET', 'BUBBLING_PHASE']);

function defineConstants(names: readonly string[]): void {
  for (let value = 0; value < names.length; value++) {
    const descriptor = {
      __proto__: null,
      value,
      writable: false,
      enumerable: true,
      configurable: false,
    } as PropertyDescriptor;
    ReflectDefineProperty(Event, names[value] as string, descriptor);
    ReflectDefineProperty(Event.prototype, names[value] as string, descriptor);
  }
}
