/** The way from a WritableStream to its state. It stands apart from the class, because writers need it, and the class needs writers. */

import { illegalInvocation } from '../webidl.ts';
import type { WritableState } from './writable-state.ts';

/** Returns its argument from a constructor, so that a derived class adds its private fields to that object. */
const Identity = function (target: object): object {
  return target;
} as unknown as new (target: object) => object;

let stamp: (stream: object, state: WritableState) => void;
let has: (value: unknown) => value is object;
let get: (stream: object) => WritableState;

class Brand extends Identity {
  readonly #state: WritableState;

  constructor(stream: object, state: WritableState) {
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
  }
}

/** Makes an object a WritableStream. */
export const brandWritable: (stream: object, state: WritableState) => void = stamp;

/** Whether the value is a WritableStream of this realm. */
export const isWritable: (value: unknown) => value is object = has;

/** The state of a WritableStream. Throws a TypeError for any other object. */
export const writableStateOf: (stream: object) => WritableState = get;
