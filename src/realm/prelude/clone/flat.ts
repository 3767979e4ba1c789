/**
 * The flat form of a value: JSON text and bytes, for values that leave the thread. The text is a list of records, one for each object
 * and the first for the value itself; what a record holds are primitives, and indexes of other records. So identity and cycles are kept,
 * and no nesting is too deep. Types only, and what both directions share.
 */

/** A value in its flat form. */
export interface Flat {
  readonly text: string;
  /** Those of buffers and blobs, one after the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * A value within a record: text, a boolean, null or a finite number as they are, `[index]` for an object, and `[name, text]` for what JSON
 * has no word for: `number` (NaN, infinities, -0), `bigint`, `undefined`.
 */
export type FlatValue = string | boolean | null | number | readonly [number] | readonly [string, string];

/**
 * A record, with what follows the tag:
 * - `value`: the value that was flattened.
 * - `object`: key, value, key, value, ... `array`: the length, and then the same.
 * - `map`: key, value, ... `set`: value, ...
 * - `date`: a number. `regexp`: source, flags. `wrapper`: the primitive.
 * - `error`: name, message, stack, cause; each undefined where there is none. `exception` (a DOMException): name, message, stack.
 * - `buffer`: offset and length of its bytes, the length it may grow to (or -1).
 * - `view`: class, index of the buffer's record, offset, length in elements (or -1 where it follows the buffer).
 * - `blob`: offset and length of its bytes, type. `file`: the same, name, time of the last change.
 */
export type FlatTag =
  | 'value'
  | 'object'
  | 'array'
  | 'map'
  | 'set'
  | 'date'
  | 'regexp'
  | 'wrapper'
  | 'error'
  | 'exception'
  | 'buffer'
  | 'view'
  | 'blob'
  | 'file';
