/**
 * Tells what an object is, as far as copying it goes. Runs in the realm that the object belongs to: the realm's intrinsics are what
 * it is measured against. Nothing of the object runs, unless it is a proxy.
 */

import {
  ArrayBufferCtor,
  ArrayBufferIsView,
  ArrayBufferPrototypeGetByteLength,
  ArrayIsArray,
  ArrayPrototype,
  AsyncIteratorPrototype,
  BigIntCtor,
  BigIntPrototypeValueOf,
  BooleanCtor,
  BooleanPrototypeValueOf,
  DateCtor,
  DatePrototypeGetTime,
  ErrorIsError,
  ErrorPrototype,
  FinalizationRegistryCtor,
  IteratorPrototype,
  MapCtor,
  MapPrototypeGet,
  MapPrototypeGetSize,
  MapPrototypeSet,
  NumberCtor,
  NumberPrototypeValueOf,
  ObjectPrototype,
  PromiseCtor,
  ReflectGetPrototypeOf,
  RegExpCtor,
  RegExpPrototypeGetSource,
  SetCtor,
  SetPrototypeGetSize,
  SharedArrayBufferPrototype,
  StringCtor,
  StringPrototypeValueOf,
  SymbolCtor,
  WeakMapCtor,
  WeakRefCtor,
  WeakSetCtor,
} from '../primordials.ts';
import { isInterfacePrototype } from '../webidl.ts';

/** What copying distinguishes. `platform`: of an interface of the realm. `exotic`: has hidden state that cannot be copied. */
export type Kind =
  | 'array'
  | 'bigint'
  | 'boolean'
  | 'buffer'
  | 'date'
  | 'error'
  | 'exotic'
  | 'function'
  | 'map'
  | 'number'
  | 'plain'
  | 'platform'
  | 'regexp'
  | 'set'
  | 'string'
  | 'view';

interface Candidate {
  readonly kind: Kind;
  /** Throws for an object that only inherits from the intrinsic prototype. */
  readonly assert: ((value: object) => unknown) | undefined;
}

/** By intrinsic prototype. */
const candidates = new MapCtor<object, Candidate>();

function add(prototype: unknown, kind: Kind, assert?: (value: object) => unknown): void {
  MapPrototypeSet(candidates, prototype as object, { kind, assert });
}

add(DateCtor.prototype, 'date', DatePrototypeGetTime);
add(ErrorPrototype, 'error');
add(MapCtor.prototype, 'map', MapPrototypeGetSize);
add(SetCtor.prototype, 'set', SetPrototypeGetSize);
add(RegExpCtor.prototype, 'regexp', RegExpPrototypeGetSource);
add(ArrayBufferCtor.prototype, 'buffer', ArrayBufferPrototypeGetByteLength);
add(BooleanCtor.prototype, 'boolean', BooleanPrototypeValueOf);
add(NumberCtor.prototype, 'number', NumberPrototypeValueOf);
add(StringCtor.prototype, 'string', StringPrototypeValueOf);
add(BigIntCtor.prototype, 'bigint', BigIntPrototypeValueOf);
add(SharedArrayBufferPrototype, 'exotic');
add(SymbolCtor.prototype, 'exotic');
add(PromiseCtor.prototype, 'exotic');
add(WeakMapCtor.prototype, 'exotic');
add(WeakSetCtor.prototype, 'exotic');
add(WeakRefCtor.prototype, 'exotic');
add(FinalizationRegistryCtor.prototype, 'exotic');
add(IteratorPrototype, 'exotic');
add(AsyncIteratorPrototype, 'exotic');

/**
 * What the value is. Throws what a proxy's trap throws; who wants none to run gives a `prototypeOf` that stops at proxies.
 */
export function kindOf(
  value: object,
  prototypeOf: (value: object) => object | null = ReflectGetPrototypeOf,
): Kind {
  if (typeof value === 'function') return 'function';
  const prototype = prototypeOf(value);
  if (prototype === ObjectPrototype || prototype === null) return 'plain';
  if (prototype === ArrayPrototype || ArrayIsArray(value)) return ArrayIsArray(value) ? 'array' : 'plain';
  if (ArrayBufferIsView(value)) return 'view';
  for (let link: object | null = prototype; link !== null; link = prototypeOf(link)) {
    if (isInterfacePrototype(link)) return 'platform';
    const candidate = MapPrototypeGet(candidates, link);
    if (candidate !== undefined && holds(candidate, value)) return candidate.kind;
  }
  return ErrorIsError?.(value) === true ? 'error' : 'plain';
}

function holds(candidate: Candidate, value: object): boolean {
  if (candidate.kind === 'error') return ErrorIsError === undefined || ErrorIsError(value);
  if (candidate.assert === undefined) return true;
  try {
    candidate.assert(value);
    return true;
  } catch {
    return false;
  }
}
