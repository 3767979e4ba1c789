/** MessageEvent, CloseEvent and ProgressEvent. https://html.spec.whatwg.org/#messageevent */

import { ObjectFreeze, TypeErrorCtor } from '../primordials.ts';
import {
  defineInterface,
  isObject,
  requireArguments,
  toDictionary,
  toDOMString,
  toFiniteDouble,
  toOptional,
  toSequence,
  toUnsigned,
  toUSVString,
} from '../webidl.ts';
import { DISPATCHING, Event, eventFlags, trusted } from './event.ts';

interface MessageEventInit {
  data: unknown;
  origin: unknown;
  lastEventId: unknown;
  source: unknown;
  ports: unknown;
}

/** Makes the event of a message that arrives. `ports` becomes the event's own, and is frozen. */
export let newMessageEvent: (data: unknown, origin: string, ports: unknown[]) => MessageEvent;

/** https://html.spec.whatwg.org/#messageevent */
export class MessageEvent extends Event {
  #data: unknown;
  #origin: string;
  #lastEventId: string;
  #source: object | null;
  #ports: readonly unknown[];

  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, 'MessageEvent constructor');
    super(type, init);
    const given = toDictionary<MessageEventInit>(init, 'MessageEvent constructor');
    // In the order of Web IDL, which is observable.
    const data = given?.data;
    this.#data = data === undefined ? null : data;
    this.#lastEventId = toOptional(given?.lastEventId, toDOMString, '');
    this.#origin = toOptional(given?.origin, toUSVString, '');
    this.#ports = toPorts(given?.ports);
    this.#source = toSource(given?.source);
  }

  get data(): unknown {
    return this.#data;
  }

  get origin(): string {
    return this.#origin;
  }

  get lastEventId(): string {
    return this.#lastEventId;
  }

  get source(): object | null {
    return this.#source;
  }

  get ports(): readonly unknown[] {
    return this.#ports;
  }

  initMessageEvent(
    type: unknown,
    bubbles: unknown = false,
    cancelable: unknown = false,
    data: unknown = null,
    origin: unknown = '',
    lastEventId: unknown = '',
    source: unknown = null,
    ports: unknown = undefined,
  ): void {
    void this.#data; // the brand check
    requireArguments(arguments.length, 1, 'MessageEvent.initMessageEvent');
    const name = toDOMString(type);
    const originText = toUSVString(origin);
    const id = toDOMString(lastEventId);
    const from = toSource(source);
    const list = toPorts(ports);
    if ((eventFlags(this) & DISPATCHING) !== 0) return;
    this.initEvent(name, bubbles, cancelable);
    this.#data = data;
    this.#origin = originText;
    this.#lastEventId = id;
    this.#source = from;
    this.#ports = list;
  }

  static {
    newMessageEvent = (data, origin, ports) => {
      const event = new MessageEvent('message');
      event.#data = data;
      event.#origin = origin;
      event.#ports = ObjectFreeze(ports);
      return trusted(event);
    };
  }
}

defineInterface(MessageEvent, 'MessageEvent');

/** Whether the value is a MessagePort; there is none before messaging/message-port.ts is loaded. */
let isPort: (value: unknown) => boolean = () => false;

/** Called once, by messaging/message-port.ts. */
export function setPortCheck(check: (value: unknown) => boolean): void {
  isPort = check;
}

function toSource(value: unknown): object | null {
  if (value === undefined || value === null) return null;
  if (!isObject(value) || !isPort(value))
    throw new TypeErrorCtor('MessageEvent: source is not a MessagePort.');
  return value;
}

function toPorts(value: unknown): readonly unknown[] {
  const ports = value === undefined ? [] : toSequence(value, 'MessageEvent: ports');
  for (let i = 0; i < ports.length; i++) {
    if (!isPort(ports[i])) throw new TypeErrorCtor(`MessageEvent: ports[${i}] is not a MessagePort.`);
  }
  return ObjectFreeze(ports);
}

/** https://websockets.spec.whatwg.org/#the-closeevent-interface */
export class CloseEvent extends Event {
  readonly #wasClean: boolean;
  readonly #code: number;
  readonly #reason: string;

  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, 'CloseEvent constructor');
    super(type, init);
    const given = toDictionary<{ wasClean: unknown; code: unknown; reason: unknown }>(
      init,
      'CloseEvent constructor',
    );
    this.#code = toUnsigned(given?.code ?? 0, 16);
    this.#reason = toOptional(given?.reason, toUSVString, '');
    this.#wasClean = !!given?.wasClean;
  }

  get wasClean(): boolean {
    return this.#wasClean;
  }

  get code(): number {
    return this.#code;
  }

  get reason(): string {
    return this.#reason;
  }
}

defineInterface(CloseEvent, 'CloseEvent');

/** https://xhr.spec.whatwg.org/#interface-progressevent */
export class ProgressEvent extends Event {
  readonly #lengthComputable: boolean;
  readonly #loaded: number;
  readonly #total: number;

  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, 'ProgressEvent constructor');
    super(type, init);
    const where = 'ProgressEvent constructor';
    const given = toDictionary<{ lengthComputable: unknown; loaded: unknown; total: unknown }>(init, where);
    this.#lengthComputable = !!given?.lengthComputable;
    this.#loaded = toFiniteDouble(given?.loaded ?? 0, `${where}: loaded`);
    this.#total = toFiniteDouble(given?.total ?? 0, `${where}: total`);
  }

  get lengthComputable(): boolean {
    return this.#lengthComputable;
  }

  get loaded(): number {
    return this.#loaded;
  }

  get total(): number {
    return this.#total;
  }
}

defineInterface(ProgressEvent, 'ProgressEvent');
