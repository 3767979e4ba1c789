/** Iterators of interfaces that are iterable by pairs. https://webidl.spec.whatwg.org/#es-iterator-prototype-object */

import { IteratorPrototype, ReflectDeleteProperty, ReflectSetPrototypeOf } from './primordials.ts';
import { defineInterface, illegalInvocation } from './webidl.ts';

export type IterationKind = 'keys' | 'values' | 'entries';

/** Makes an iterator over what `target` holds at each step: changes during the iteration show. */
export type MakePairIterator<Target> = (target: Target, kind: IterationKind) => IterableIterator<never>;

/**
 * Defines the iterator of one interface: `definePairIterator('FormData', listOf)`. `listOf` gives the target's pairs in one flat
 * array: key, value, key, value.
 */
export function definePairIterator<Target>(
  interfaceName: string,
  listOf: (target: Target) => readonly unknown[],
): MakePairIterator<Target> {
  class PairIterator {
    readonly #target: Target;
    readonly #kind: IterationKind;
    #index = 0;

    constructor(target: Target, kind: IterationKind) {
      this.#target = target;
      this.#kind = kind;
    }

    next(): { value: unknown; done: boolean } {
      if (!(#target in this)) throw illegalInvocation();
      const list = listOf(this.#target);
      const index = this.#index;
      if (index >= list.length) return { value: undefined, done: true };
      this.#index = index + 2;
      if (this.#kind === 'keys') return { value: list[index], done: false };
      if (this.#kind === 'values') return { value: list[index + 1], done: false };
      return { value: [list[index], list[index + 1]], done: false };
    }
  }
  const prototype = PairIterator.prototype;
  ReflectSetPrototypeOf(prototype, IteratorPrototype);
  defineInterface(PairIterator, `${interfaceName} Iterator`);
  ReflectDeleteProperty(prototype, 'constructor');
  return (target, kind) => new PairIterator(target, kind) as unknown as IterableIterator<never>;
}
