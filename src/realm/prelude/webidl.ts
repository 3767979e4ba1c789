/** Web IDL conversions and interface definitions, for the classes of a realm. https://webidl.spec.whatwg.org/ */

import {
  MathFloor,
  MathTrunc,
  NumberIsFinite,
  ReflectDefineProperty,
  ReflectOwnKeys,
  StringCtor,
  StringPrototypeToWellFormed,
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

/** True for objects and functions. */
export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** A dictionary argument: undefined and null are an empty one (given as undefined). Throws a TypeError for other primitives. */
export function toDictionary<T extends object>(value: unknown, where: string): Partial<T> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw new TypeErrorCtor(`${where}: the value is not an object.`);
  return value as Partial<T>;
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
 * Makes a class look as Web IDL asks: members enumerable, a toStringTag, `length` of the constructor left as written.
 * Call it once after the class: `defineInterface(Headers, 'Headers')`.
 */
export function defineInterface(ctor: abstract new (...args: never[]) => unknown, name: string): void {
  makeEnumerable(ctor.prototype as object);
  makeEnumerable(ctor);
  ReflectDefineProperty(ctor.prototype as object, SymbolToStringTag, {
    __proto__: null,
    value: name,
    writable: false,
    enumerable: false,
    configurable: true,
  } as PropertyDescriptor);
}

const ENUMERABLE = { __proto__: null, enumerable: true } as PropertyDescriptor;

function makeEnumerable(holder: object): void {
  const keys = ReflectOwnKeys(holder);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as PropertyKey;
    if (typeof key !== 'string') continue;
    if (key === 'constructor' || key === 'prototype' || key === 'name' || key === 'length') continue;
    ReflectDefineProperty(holder, key, ENUMERABLE);
  }
}
