/**
 * Cloning with a transfer list, in two passes. The first copies the value with stand-ins for what moves, so that an error leaves
 * everything as it was; then the objects move; the second pass puts them into the place of their stand-ins.
 * https://html.spec.whatwg.org/#structuredserializewithtransfer
 */

import { isArrayBuffer } from '../bytes.ts';
import { newDOMException } from '../errors/dom-exception.ts';
import {
  ArrayBufferPrototypeGetDetached,
  ArrayBufferPrototypeTransfer,
  ObjectCreate,
  TypeErrorCtor,
} from '../primordials.ts';
import { isObject } from '../webidl.ts';
import { Copier } from './copier.ts';
import type { CopySource } from './copy-source.ts';
import { makeView, type ViewShape } from './copy-bytes.ts';
import type { Memory } from './memory.ts';
import { transferStepsOf } from './registry.ts';

/** Something that moves. */
interface Moving {
  readonly source: object;
  readonly standIn: object;
  readonly next: Moving | undefined;
}

/** A view over a buffer that moves. */
interface WaitingView {
  readonly shape: ViewShape;
  readonly buffer: object;
  readonly standIn: object;
  readonly next: WaitingView | undefined;
}

/** What took the place of an object of the list; in its order. */
export interface Moved {
  readonly object: object;
  next: Moved | undefined;
}

/** A clone, and what was transferred with it. */
export interface ClonedMessage {
  readonly data: unknown;
  readonly moved: Moved | undefined;
}

/** A clone of `value`, with the objects of `list` moved into it. Throws a DataCloneError for what cannot be cloned or transferred. */
export function cloneWithTransfer(
  value: unknown,
  list: readonly unknown[],
  source: CopySource,
  root: string,
): ClonedMessage {
  const first = new Copier(source, root);
  const moving = prepare(list, first.memory);
  const isStandIn = standInCheck(moving);
  let views: WaitingView | undefined;
  first.viewOf = (shape, buffer) => {
    if (!isStandIn(buffer)) return makeView(shape, buffer as ArrayBuffer);
    const standIn = ObjectCreate(null) as object;
    views = { shape, buffer, standIn, next: views };
    return standIn;
  };
  const intermediate = first.copyAll(value);
  const second = new Copier(source, root);
  const moved = move(moving, second.memory);
  for (let view = views; view !== undefined; view = view.next) {
    second.memory.set(view.standIn, makeView(view.shape, second.memory.get(view.buffer) as ArrayBuffer));
  }
  return { data: second.copyAll(intermediate), moved };
}

/** Checks the list and gives each object its stand-in, in the order of the list from its end. */
function prepare(list: readonly unknown[], memory: Memory): Moving | undefined {
  let moving: Moving | undefined;
  for (let i = list.length - 1; i >= 0; i--) {
    const source = list[i];
    if (!isObject(source)) throw new TypeErrorCtor(`transfer[${i}] is not an object.`);
    if (!isArrayBuffer(source) && transferStepsOf(source) === undefined)
      throw refusal(i, 'cannot be transferred');
    if (memory.get(source) !== undefined) throw refusal(i, 'is in the list twice');
    const standIn = ObjectCreate(null) as object;
    memory.set(source, standIn);
    moving = { source, standIn, next: moving };
  }
  return moving;
}

function refusal(index: number, what: string): Error {
  return newDOMException(`transfer[${index}] ${what}`, 'DataCloneError');
}

function standInCheck(moving: Moving | undefined): (object: object) => boolean {
  return (object) => {
    for (let link = moving; link !== undefined; link = link.next) {
      if (link.standIn === object) return true;
    }
    return false;
  };
}

/** Moves the objects, and remembers what takes the place of each stand-in. */
function move(moving: Moving | undefined, memory: Memory): Moved | undefined {
  let first: Moved | undefined;
  let last: Moved | undefined;
  let index = 0;
  for (let link = moving; link !== undefined; link = link.next) {
    const object = moveOne(link.source, index++);
    memory.set(link.standIn, object);
    const moved: Moved = { object, next: undefined };
    if (last === undefined) first = moved;
    else last.next = moved;
    last = moved;
  }
  return first;
}

function moveOne(source: object, index: number): object {
  if (isArrayBuffer(source)) {
    if (ArrayBufferPrototypeGetDetached(source)) throw refusal(index, 'is detached');
    return ArrayBufferPrototypeTransfer(source); // a TypeError for the memory of a WebAssembly instance
  }
  const steps = transferStepsOf(source);
  if (steps === undefined || steps.isDetached(source)) throw refusal(index, 'is detached');
  return steps.transfer(source);
}
