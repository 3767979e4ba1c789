/**
 * The flat form of a value, as it travels to another nanod: a frame whose text is a list of records, one for each object. What a record
 * holds are primitives, and indexes of other records; so identity and cycles are kept, no nesting is too deep, and reading it makes
 * nothing but plain data. Types, and what both directions share.
 */

/**
 * A value within a record: text, a boolean, null or a finite number as they are, `[index]` for an object, and for what JSON has no word
 * for: `["n", text]` a number, `["b", text]` a bigint in hexadecimal digits, `["u"]` undefined.
 */
export type FlatValue =
  | string
  | boolean
  | null
  | number
  | readonly [number]
  | readonly ['n', string]
  | readonly ['b', string]
  | readonly ['u'];

/**
 * A record. The first one is that of the value itself.
 * - `object`: key, value, key, value, ... `list`: the elements of an array. `array`: of one that has holes, or names beside its elements:
 *   its length, then key, value, ...
 * - `map`: key, value, ... `set`: the values.
 * - `date`: a number. `regexp`: source, flags. `boxed`: the primitive.
 * - `buffer`: how many of the bytes behind the text, and the length it may grow to (or -1).
 * - `view`: class, index of its buffer, offset, length in elements (or -1 where it follows the buffer).
 */
export type FlatTag =
  'value' | 'object' | 'list' | 'array' | 'map' | 'set' | 'date' | 'regexp' | 'boxed' | 'buffer' | 'view';

export type FlatRow = readonly [FlatTag, ...FlatValue[]];

/** Objects of one value. */
export const mostObjects = 1_000_000;

/** A longer regular expression takes longer to look at than anybody means it to. */
export const longestPattern = 65_536;

/** The classes of views. */
export const viewClasses = Object.freeze({
  __proto__: null,
  BigInt64Array,
  BigUint64Array,
  DataView,
  Float16Array,
  Float32Array,
  Float64Array,
  Int16Array,
  Int32Array,
  Int8Array,
  Uint16Array,
  Uint32Array,
  Uint8Array,
  Uint8ClampedArray,
}) as unknown as Readonly<
  Record<string, (new (buffer: ArrayBuffer, offset: number, length?: number) => ArrayBufferView) | undefined>
>;

/** The form of a primitive; undefined for what is none. */
export function flatPrimitive(value: unknown): Exclude<FlatValue, readonly [number]> | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (Number.isFinite(value) && !Object.is(value, -0)) return value;
      return ['n', Object.is(value, -0) ? '-0' : String(value)];
    case 'bigint':
      return ['b', value.toString(16)];
    case 'undefined':
      return ['u'];
    default:
      return value === null ? null : undefined;
  }
}

const numbers: ReadonlySet<unknown> = new Set(['NaN', 'Infinity', '-Infinity', '-0']);
const hexadecimal = /^-?[\da-f]+$/u;

/** The primitive of a form, in a list of its own; undefined for what is the form of none. */
export function primitiveOf(form: unknown): readonly [unknown] | undefined {
  if (typeof form !== 'object' || form === null) return form === undefined ? undefined : [form];
  if (!Array.isArray(form)) return undefined;
  const [tag, text] = form as unknown[];
  if (tag === 'u' && form.length === 1) return [undefined];
  if (form.length !== 2 || typeof text !== 'string') return undefined;
  if (tag === 'n' && numbers.has(text)) return [Number(text)];
  if (tag !== 'b' || !hexadecimal.test(text)) return undefined;
  return [text.startsWith('-') ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`)];
}
