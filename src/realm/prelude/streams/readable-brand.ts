/** The way from a ReadableStream to its state. It stands apart from the class, because readers need it, and the class needs readers. */

import { illegalInvocation } from '../webidl.ts';
import type { ReadableState } from './readable-state.ts';

/** Returns its argument from a constructor, so that a derived class adds its private fields to that object. */
const Identity = function (target: object): object {
  return target;
} as unknown as new (target: object) => object;

let stamp: (stream: object, state: ReadableState) => void;
let has: (value: unknown) => value is object;
let get: (stream: object) => ReadableState;
let set: (stream: object, state: ReadableState) => void;

class Brand extends Identity {
  #state: ReadableState;

  constructor(stream: object, state: ReadableState) {
    super(stream);
    this.#state = state;
  }

  static {
    stamp = (stream, state) => {
      new Brand(stream, state);
    };
    has = (value): value is object => typeof value === 'object' && value !== null && #state in value;
    get = (stream) => {
      if (!(#state in stream)) throw illegalInvocation();
      return stream.#state;
    };
    set = (stream, state) => {
      (stream as Brand).#state = state;
    };
  }
}

/** Makes an object a ReadableStream. */
export const brandReadable: (stream: object, state: ReadableState) => void = stamp;

/** Whether the value is a ReadableStream of this realm. */
export const isReadable: (value: unknown) => value is object = has;

/** The state of a ReadableStream. Throws a TypeError for any other object. */
export const readableStateOf: (stream: object) => ReadableState = get;

/** Gives a ReadableStream another state. */
export const replaceReadableState: (stream: object, state: ReadableState) => void = set;
