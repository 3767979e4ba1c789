/** Web IDL conversions and interface definitions, for the classes of a realm. https://webidl.spec.whatwg.org/ */

import {
  ArrayPrototypeIncludes,
  MathFloor,
  MathMax,
  MathMin,
  MathTrunc,
  NumberIsFinite,
  NumberIsNaN,
  ReflectApply,
  ReflectDefineProperty,
  ReflectGetOwnPropertyDescriptor,
  ReflectOwnKeys,
  ReflectPreventExtensions,
  SetCtor,
  SetPrototypeAdd,
  SetPrototypeHas,
  StringCtor,
  StringPrototypeToWellFormed,
  SymbolIterator,
  SymbolToStringTag,
  TypeErrorCtor,
  StringPrototypeCharCodeAt,
} from './primordials.ts';

/** Throws the TypeError of a call with too few arguments: `requireArguments(arguments.length, 1, "URL.parse")`. */
export function requireArguments(given: number, required: number, where: string): void {
  if (given >= required) return;
  const plural = required === 1 ? '' : 's';
  throw new TypeErrorCtor(`${where}: ${required} argument${plural} required, but only ${given} present.`);
}

/** DOMString. Throws a TypeError for a symbol, and whatever the value's own conversion throws. */
export function toDOMString(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'symbol') throw new TypeErrorCtor('Cannot convert a Symbol value to a string');
  return StringCtor(value);
}

/** USVString: a DOMString whose lone surrogates are replaced by U+FFFD. */
export function toUSVString(value: unknown): string {
  return StringPrototypeToWellFormed(toDOMString(value));
}

/** ByteString. Throws a TypeError for a code unit above 255. */
export function toByteString(value: unknown, where: string): string {
  const text = toDOMString(value);
  for (let i = 0; i < text.length; i++) {
    if (StringPrototypeCharCodeAt(text, i) > 255) {
      throw new TypeErrorCtor(`${where}: character at index ${i} is greater than 255.`);
    }
  }
  return text;
}

/** `unsigned short`, `unsigned long`, ... without extended attributes: modulo 2^bits. */
export function toUnsigned(value: unknown, bits: 8 | 16 | 32): number {
  const number = +(value as number);
  if (!NumberIsFinite(number)) return 0;
  const modulus = 2 ** bits;
  const integer = MathTrunc(number) % modulus;
  return integer < 0 ? integer + modulus : integer + 0;
}

/** An integer type with [EnforceRange]. Throws a TypeError outside `min` to `max`. */
export function toEnforcedRange(value: unknown, min: number, max: number, where: string): number {
  const number = +(value as number);
  const integer = number < 0 ? -MathFloor(-number) + 0 : MathFloor(number);
  if (!NumberIsFinite(number) || integer < min || integer > max) {
    throw new TypeErrorCtor(`${where}: the value is outside the range ${min} to ${max}.`);
  }
  return integer;
}

/** `double`: any finite number. Throws a TypeError for the others. */
export function toFiniteDouble(value: unknown, where: string): number {
  const number = +(value as number);
  if (!NumberIsFinite(number)) throw new TypeErrorCtor(`${where}: the value is not a finite number.`);
  return number;
}

/** True for objects and functions. */
export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** An optional member or argument: `fallback` for undefined, else converted. */
export function toOptional<T>(value: unknown, convert: (value: unknown) => T, fallback: T): T {
  return value === undefined ? fallback : convert(value);
}

/** Whether the value can be called. Runs no code of the value. */
export function isCallable(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === 'function';
}

/**
 * A `sequence<T>`: the values of an iterable, each converted before the next is asked for (`sequence<any>` without `convert`). Throws
 * a TypeError for what is not iterable, and what the iteration throws.
 */
export function toSequence<T = unknown>(
  value: unknown,
  where: string,
  convert: (value: unknown) => T = unconverted<T>,
): T[] {
  if (!isObject(value)) throw new TypeErrorCtor(`${where}: the value is not a sequence.`);
  const method = (value as Partial<Iterable<unknown>>)[SymbolIterator];
  if (!isCallable(method)) throw new TypeErrorCtor(`${where}: the value is not iterable.`);
  const iterator: unknown = ReflectApply(method, value, []);
  if (!isObject(iterator)) throw new TypeErrorCtor(`${where}: the iterator is not an object.`);
  const next: unknown = (iterator as Partial<Iterator<unknown>>).next;
  if (!isCallable(next)) throw new TypeErrorCtor(`${where}: the iterator has no next method.`);
  const values: T[] = [];
  for (;;) {
    const result: unknown = ReflectApply(next, iterator, []);
    if (!isObject(result)) throw new TypeErrorCtor(`${where}: the iterator result is not an object.`);
    const step = result as { done?: unknown; value?: unknown };
    if (step.done) return values;
    values[values.length] = convert(step.value);
  }
}

function unconverted<T>(value: unknown): T {
  return value as T;
}

const MAX_SAFE_INTEGER = 2 ** 53 - 1;
const TWO_63 = 2 ** 63;
const TWO_64 = 2 ** 64;

/** `long long`: modulo 2^64, and no more exact than a number is. */
export function toLongLong(value: unknown): number {
  const number = +(value as number);
  if (!NumberIsFinite(number)) return 0;
  const integer = MathTrunc(number) % TWO_64;
  if (integer >= TWO_63) return integer - TWO_64;
  return integer < -TWO_63 ? integer + TWO_64 : integer + 0;
}

/** `[Clamp] long long`: the nearest integer, of two the even one. */
export function toClampedLongLong(value: unknown): number {
  const number = +(value as number);
  if (NumberIsNaN(number)) return 0;
  const clamped = MathMin(MathMax(number, -MAX_SAFE_INTEGER), MAX_SAFE_INTEGER);
  const floor = MathFloor(clamped);
  const rest = clamped - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor + 0;
}

/** A dictionary argument: undefined and null are an empty one (given as undefined). Throws a TypeError for other primitives. */
export function toDictionary<T extends object>(value: unknown, where: string): Partial<T> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw new TypeErrorCtor(`${where}: the value is not an object.`);
  return value;
}

/** The TypeError of a method called on the wrong kind of receiver. */
export function illegalInvocation(): TypeError {
  return new TypeErrorCtor('Illegal invocation');
}

/** The TypeError of a constructor that code may not call. */
export function illegalConstructor(): TypeError {
  return new TypeErrorCtor('Illegal constructor');
}

/**
 * Makes a class look as Web IDL asks: members enumerable, a toStringTag, its name (a bundler may have renamed the class), `length`
 * of the constructor left as written.
 * Call it once after the class: `defineInterface(Headers, 'Headers')`.
 */
export function defineInterface(ctor: abstract new (...args: never[]) => unknown, name: string): void {
  const prototype = ctor.prototype as object;
  makeEnumerable(prototype, ['constructor']);
  makeEnumerable(ctor, ['prototype', 'name', 'length']);
  // Defining a property anew makes a function larger, and nearly all have their names.
  if (ReflectGetOwnPropertyDescriptor(ctor, 'name')?.value !== name)
    ReflectDefineProperty(ctor, 'name', { __proto__: null, value: name } as PropertyDescriptor);
  ReflectDefineProperty(prototype, SymbolToStringTag, {
    __proto__: null,
    value: name,
    writable: false,
    enumerable: false,
    configurable: true,
  } as PropertyDescriptor);
  SetPrototypeAdd(interfacePrototypes, prototype);
}

/** Defines the constants of an interface, on it and on its prototype, numbered from 0: `['CONNECTING', 'OPEN', ...]`. */
export function defineConstants(
  ctor: abstract new (...args: never[]) => unknown,
  names: readonly string[],
): void {
  for (let value = 0; value < names.length; value++) {
    const descriptor = { __proto__: null, value, writable: false, enumerable: true, configurable: false };
    ReflectDefineProperty(ctor, names[value] as string, descriptor as PropertyDescriptor);
    ReflectDefineProperty(ctor.prototype as object, names[value] as string, descriptor as PropertyDescriptor);
  }
}

/**
 * Keeps a derived class from getting another parent. `super(...)` looks the parent up at each call, and where it is given internals, a
 * worker that puts a function of its own in its place would receive them. Call it after the class, as defineInterface.
 */
export function keepParent(ctor: abstract new (...args: never[]) => unknown): void {
  ReflectPreventExtensions(ctor);
}

const interfacePrototypes = new SetCtor<object>();

/** Whether the object is the prototype of an interface of this realm: what inherits from it is a platform object. */
export function isInterfacePrototype(prototype: object): boolean {
  return SetPrototypeHas(interfacePrototypes, prototype);
}

const ENUMERABLE = { __proto__: null, enumerable: true } as PropertyDescriptor;

function makeEnumerable(holder: object, but: readonly string[]): void {
  const keys = ReflectOwnKeys(holder);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as PropertyKey;
    if (typeof key !== 'string' || ArrayPrototypeIncludes(but, key)) continue;
    ReflectDefineProperty(holder, key, ENUMERABLE);
  }
}
