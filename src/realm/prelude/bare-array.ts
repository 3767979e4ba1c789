/**
 * Arrays for what a worker must not get its hands on. A store beyond the end of an ordinary array asks Array.prototype for a setter, which a
 * worker can have put there; these arrays inherit nothing. They cost what ordinary ones do, unlike an array whose prototype is taken
 * away after it was made.
 */

import { ArrayCtor, ReflectSetPrototypeOf } from './primordials.ts';

class BareArray extends ArrayCtor<unknown> {}
ReflectSetPrototypeOf(BareArray.prototype, null);

/** An empty array without a single method: index it, and use the captured functions. Never to be shown to a worker. */
export function newBareArray<T>(): T[] {
  return new BareArray() as T[];
}
