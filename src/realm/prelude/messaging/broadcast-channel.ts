/**
 * BroadcastChannel of the realm. It reaches the channels of the same name in all realms of the service: in this realm, and by way of the
 * host those of other threads and versions. https://html.spec.whatwg.org/#broadcasting-to-other-browsing-contexts
 */

import { flatten } from '../clone/flat-write.ts';
import { unflatten } from '../clone/flat-read.ts';
import type { Flat } from '../clone/flat.ts';
import { cloneValue } from '../clone/structured-clone.ts';
import { newDOMException } from '../errors/dom-exception.ts';
import { defineEventHandler } from '../events/event-handlers.ts';
import { countListeners, dispatch, EventTarget, watchListeners } from '../events/event-target.ts';
import { newMessageEvent } from '../events/message-events.ts';
import { guarded } from '../host.ts';
import {
  ArrayBufferPrototypeTransfer,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  Uint8ArrayCtor,
  WeakRefCtor,
  WeakRefPrototypeDeref,
} from '../primordials.ts';
import { queueTask } from '../tasks.ts';
import { defineInterface, isObject, requireArguments, toDOMString } from '../webidl.ts';

const realm = guarded($host.realm);

/** An open channel; they are listed in the order they were made. */
interface Member {
  readonly name: string;
  readonly weak: WeakRef<BroadcastChannel>;
  /** The same while somebody listens to it: a channel that nobody listens to, and nobody has, goes. */
  held: BroadcastChannel | undefined;
  isClosed: boolean;
  next: Member | undefined;
}

let first: Member | undefined;

/** Whether the value is a BroadcastChannel of this realm. */
let isBroadcastChannel: (value: unknown) => value is BroadcastChannel;

/** https://html.spec.whatwg.org/#broadcastchannel */
export class BroadcastChannel extends EventTarget {
  readonly #member: Member;

  declare onmessage: unknown;
  declare onmessageerror: unknown;

  constructor(name: unknown) {
    requireArguments(arguments.length, 1, 'BroadcastChannel constructor');
    super();
    this.#member = join(this, toDOMString(name));
  }

  get name(): string {
    return this.#member.name;
  }

  postMessage(message: unknown): void {
    const member = this.#member;
    requireArguments(arguments.length, 1, 'BroadcastChannel.postMessage');
    if (member.isClosed) throw newDOMException('The channel is closed.', 'InvalidStateError');
    const flat = flatten(cloneValue(message, []));
    deliver(member.name, flat, member);
    const { text, bytes } = flat;
    const buffer = TypedArrayPrototypeGetBuffer(bytes) as ArrayBuffer;
    realm.postBroadcast(member.name, text, buffer, 0, TypedArrayPrototypeGetByteLength(bytes));
  }

  close(): void {
    const member = this.#member;
    member.isClosed = true;
    member.held = undefined;
    sweep();
  }

  static {
    isBroadcastChannel = (value): value is BroadcastChannel => isObject(value) && #member in value;
  }
}

defineInterface(BroadcastChannel, 'BroadcastChannel');
defineEventHandler(BroadcastChannel.prototype, 'message', isBroadcastChannel);
defineEventHandler(BroadcastChannel.prototype, 'messageerror', isBroadcastChannel);

function join(channel: BroadcastChannel, name: string): Member {
  sweep();
  realm.openBroadcast();
  const weak = new WeakRefCtor(channel);
  const member: Member = { name, weak, held: undefined, isClosed: false, next: undefined };
  let last = first;
  while (last?.next !== undefined) last = last.next;
  if (last === undefined) first = member;
  else last.next = member;
  watchListeners(channel, () => {
    const isHeard = countListeners(channel, 'message') > 0;
    member.held = isHeard && !member.isClosed ? channel : undefined;
  });
  return member;
}

/** Drops the channels that are closed or gone; without any, nothing is to be heard from other realms. */
function sweep(): void {
  let before: Member | undefined;
  for (let member = first; member !== undefined; member = member.next) {
    if (!member.isClosed && WeakRefPrototypeDeref(member.weak) !== undefined) before = member;
    else if (before === undefined) first = member.next;
    else before.next = member.next;
  }
  if (first === undefined) realm.closeBroadcast();
}

/** Each channel of that name but the sender gets a message of its own, in a task of its own. */
function deliver(name: string, flat: Flat, sender: Member | undefined): void {
  for (let member = first; member !== undefined; member = member.next) {
    const channel = WeakRefPrototypeDeref(member.weak);
    if (member === sender || member.isClosed || member.name !== name || channel === undefined) continue;
    const target = member;
    queueTask(() => {
      if (target.isClosed || countListeners(channel, 'message') === 0) return;
      dispatch(channel, newMessageEvent(unflatten(flat), '', []));
    });
  }
}

/** Another realm has posted: the host calls this, with a fresh buffer. */
export function receiveBroadcast(name: string, text: string, buffer: ArrayBuffer): void {
  sweep();
  deliver(name, { text, bytes: new Uint8ArrayCtor(ArrayBufferPrototypeTransfer(buffer)) }, undefined);
}
