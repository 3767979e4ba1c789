/**
 * MessagePort of the realm. Both ends of a channel belong to this realm, so a message is cloned when it is posted, and waits in the queue
 * of the other end. https://html.spec.whatwg.org/#message-ports
 */

import { registerTransferable } from '../clone/registry.ts';
import { cloneForPort } from '../clone/structured-clone.ts';
import { newDOMException } from '../errors/dom-exception.ts';
import { trusted, Event } from '../events/event.ts';
import { defineEventHandler } from '../events/event-handlers.ts';
import { dispatch, EventTarget } from '../events/event-target.ts';
import { newMessageEvent, setPortCheck } from '../events/message-events.ts';
import { ArrayPrototypeIncludes } from '../primordials.ts';
import { queueTask } from '../tasks.ts';
import { defineInterface, illegalConstructor, isObject, requireArguments } from '../webidl.ts';
import { toTransferList } from './transfer-list.ts';

interface Message {
  readonly data: unknown;
  /** Those that came with it. */
  readonly ports: MessagePort[];
  next: Message | undefined;
}

/** One end of a channel. It moves from port to port as they are transferred. */
class End {
  /** The port that it belongs to now. */
  owner: MessagePort | undefined;
  /** Undefined once either end was closed. */
  other: End | undefined;
  /** The port message queue is enabled. */
  isEnabled = false;
  first: Message | undefined;
  last: Message | undefined;
  /** The port is on its way in a message; what would be told to it waits. */
  isTravelling = false;
  isCloseWaiting = false;
}

/** Passed to the constructor by this module alone. */
const MAKE = {};

/** Whether the value is a MessagePort of this realm. */
export let isMessagePort: (value: unknown) => value is MessagePort;
/** The end that a port has; undefined for one that was closed or transferred. */
let endOf: (port: MessagePort) => End | undefined;
let takeEnd: (port: MessagePort) => End | undefined;

/** https://html.spec.whatwg.org/#messageport */
export class MessagePort extends EventTarget {
  #end: End | undefined;

  declare onclose: unknown;
  declare onmessage: unknown;
  declare onmessageerror: unknown;

  constructor(token: unknown = undefined, end: End | undefined = undefined) {
    if (token !== MAKE || end === undefined) throw illegalConstructor();
    super();
    this.#end = end;
  }

  postMessage(message: unknown, options: unknown = undefined): void {
    const source = this.#end;
    requireArguments(arguments.length, 1, 'MessagePort.postMessage');
    post(this, source, message, toTransferList(options, 'MessagePort.postMessage'));
  }

  start(): void {
    enable(this.#end);
  }

  close(): void {
    if (this.#end !== undefined) disentangle(this.#end);
    this.#end = undefined;
  }

  static {
    isMessagePort = (value): value is MessagePort => isObject(value) && #end in value;
    endOf = (port) => port.#end;
    takeEnd = (port) => {
      const end = port.#end;
      port.#end = undefined;
      return end;
    };
  }
}

defineInterface(MessagePort, 'MessagePort');
defineEventHandler(MessagePort.prototype, 'close', isMessagePort);
defineEventHandler(MessagePort.prototype, 'message', isMessagePort, (port) =>
  enable(endOf(port as MessagePort)),
);
defineEventHandler(MessagePort.prototype, 'messageerror', isMessagePort);
setPortCheck(isMessagePort);
registerTransferable(isMessagePort, {
  isDetached: (port) => endOf(port as MessagePort) === undefined,
  transfer: (port) => own(takeEnd(port as MessagePort) as End),
});

/** Two ports that are entangled with each other. */
export function newPorts(): readonly [MessagePort, MessagePort] {
  const end1 = new End();
  const end2 = new End();
  end1.other = end2;
  end2.other = end1;
  return [own(end1), own(end2)];
}

/** Gives the end to a new port, whose queue is not enabled. */
function own(end: End): MessagePort {
  const port = new MessagePort(MAKE, end);
  end.owner = port;
  end.isEnabled = false;
  return port;
}

/** https://html.spec.whatwg.org/#message-port-post-message-steps */
function post(
  port: MessagePort,
  source: End | undefined,
  value: unknown,
  transfer: readonly unknown[],
): void {
  if (ArrayPrototypeIncludes(transfer, port)) {
    throw newDOMException(
      'MessagePort.postMessage: a port cannot be transferred through itself',
      'DataCloneError',
    );
  }
  const { data, moved } = cloneForPort(value, transfer);
  const ports: MessagePort[] = [];
  for (let link = moved; link !== undefined; link = link.next) {
    if (isMessagePort(link.object)) ports[ports.length] = link.object;
  }
  const target = source?.other;
  if (target === undefined) return;
  if (target.owner !== undefined && ArrayPrototypeIncludes(ports, target.owner)) {
    // Sent to itself: nobody can ever receive it.
    disentangle(target);
    return;
  }
  send(target, data, ports);
}

function send(target: End, data: unknown, ports: MessagePort[]): void {
  for (let i = 0; i < ports.length; i++) {
    const end = endOf(ports[i] as MessagePort);
    if (end !== undefined) end.isTravelling = true;
  }
  // First of all: near stack overflow it throws. A task without a message does nothing.
  if (target.isEnabled) queueTask(() => deliver(target));
  const message: Message = { data, ports, next: undefined };
  if (target.last === undefined) target.first = message;
  else target.last.next = message;
  target.last = message;
}

/** Enables the queue: each message that waits gets its task. */
function enable(end: End | undefined): void {
  if (end === undefined || end.isEnabled) return;
  for (let message = end.first; message !== undefined; message = message.next) queueTask(() => deliver(end));
  end.isEnabled = true;
}

/** One message of the queue, if it has one and its port was not transferred meanwhile. */
function deliver(end: End): void {
  const message = end.first;
  if (message === undefined || !end.isEnabled || end.owner === undefined) return;
  end.first = message.next;
  if (end.first === undefined) end.last = undefined;
  const { data, ports } = message;
  for (let i = 0; i < ports.length; i++) arrive(ports[i] as MessagePort);
  dispatch(end.owner, newMessageEvent(data, '', ports));
}

function arrive(port: MessagePort): void {
  const end = endOf(port);
  if (end === undefined) return;
  end.isTravelling = false;
  if (end.isCloseWaiting) tellClosed(end);
}

/** https://html.spec.whatwg.org/#disentangle */
function disentangle(end: End): void {
  const { other } = end;
  if (other === undefined) return;
  tellClosed(other);
  end.other = undefined;
  other.other = undefined;
}

/** The event comes after the messages that were posted before. */
function tellClosed(end: End): void {
  end.isCloseWaiting = end.isTravelling;
  if (end.isTravelling) return;
  queueTask(() => {
    if (end.isTravelling) end.isCloseWaiting = true;
    else if (end.owner !== undefined) dispatch(end.owner, trusted(new Event('close')));
  });
}
