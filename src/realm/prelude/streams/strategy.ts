/** Queuing strategies: the two built-in classes, and the conversion of what constructors are given. https://streams.spec.whatwg.org/#qs */

import { RangeErrorCtor, ReflectApply, TypeErrorCtor } from '../primordials.ts';
import { defineInterface, illegalInvocation, requireArguments, toDictionary } from '../webidl.ts';

/** Gives the size of a chunk; whatever the worker's function throws passes through. */
export type SizeAlgorithm = (chunk: unknown) => number;

/** A QueuingStrategy dictionary. */
export interface Strategy {
  /** Undefined where the dictionary has none. May be NaN or negative: see highWaterMarkOf. */
  readonly highWaterMark: number | undefined;
  /** Undefined means that every chunk counts 1. */
  readonly size: SizeAlgorithm | undefined;
  /** Whether the dictionary has a `size`. */
  readonly hasSize: boolean;
}

const NO_STRATEGY: Strategy = { highWaterMark: undefined, size: undefined, hasSize: false };

/** Converts a constructor's argument. Throws a TypeError, or what a getter throws. */
export function toStrategy(value: unknown, where: string): Strategy {
  const dictionary = toDictionary<{ highWaterMark: unknown; size: unknown }>(value, where);
  if (dictionary === undefined) return NO_STRATEGY;
  const mark = dictionary.highWaterMark;
  const highWaterMark = mark === undefined ? undefined : +(mark as number);
  const size = dictionary.size;
  if (size === undefined) return { highWaterMark, size: undefined, hasSize: false };
  if (typeof size !== 'function') throw new TypeErrorCtor(`${where}: size is not a function.`);
  return {
    highWaterMark,
    size: size === countSize ? undefined : sizeBy(size as SizeAlgorithm),
    hasSize: true,
  };
}

function sizeBy(size: SizeAlgorithm): SizeAlgorithm {
  return (chunk) => +ReflectApply(size, undefined, [chunk]);
}

/** The spec's ExtractHighWaterMark. Throws a RangeError. */
export function highWaterMarkOf(strategy: Strategy, otherwise: number): number {
  const mark = strategy.highWaterMark;
  if (mark === undefined) return otherwise;
  if (!(mark >= 0)) throw new RangeErrorCtor('The high water mark must be a non-negative number.');
  return mark;
}

// Methods, because the standard's size functions have no prototype and cannot be constructed.
const { size: countSize } = {
  size(): number {
    return 1;
  },
};
const { size: byteLengthSize } = {
  size(chunk: { byteLength: number }): number {
    return chunk.byteLength;
  },
};

function requiredMark(init: unknown, name: string): number {
  const mark = toDictionary<{ highWaterMark: unknown }>(init, name)?.highWaterMark;
  if (mark === undefined) throw new TypeErrorCtor(`${name}: highWaterMark is required.`);
  return +(mark as number);
}

/** Counts chunks by their byteLength. */
export class ByteLengthQueuingStrategy {
  readonly #highWaterMark: number;

  constructor(init: unknown) {
    requireArguments(arguments.length, 1, 'ByteLengthQueuingStrategy constructor');
    this.#highWaterMark = requiredMark(init, 'ByteLengthQueuingStrategy');
  }

  get highWaterMark(): number {
    if (!(#highWaterMark in this)) throw illegalInvocation();
    return this.#highWaterMark;
  }

  get size(): (chunk: { byteLength: number }) => number {
    if (!(#highWaterMark in this)) throw illegalInvocation();
    return byteLengthSize;
  }
}

/** Counts every chunk as 1. */
export class CountQueuingStrategy {
  readonly #highWaterMark: number;

  constructor(init: unknown) {
    requireArguments(arguments.length, 1, 'CountQueuingStrategy constructor');
    this.#highWaterMark = requiredMark(init, 'CountQueuingStrategy');
  }

  get highWaterMark(): number {
    if (!(#highWaterMark in this)) throw illegalInvocation();
    return this.#highWaterMark;
  }

  get size(): () => number {
    if (!(#highWaterMark in this)) throw illegalInvocation();
    return countSize;
  }
}

defineInterface(ByteLengthQueuingStrategy, 'ByteLengthQueuingStrategy');
defineInterface(CountQueuingStrategy, 'CountQueuingStrategy');
