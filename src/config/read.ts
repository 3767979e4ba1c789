/**
 * Reads a plain copy by a schema, leniently: what is wrong is reported and left out, and what is right is returned, so that the checks
 * that follow can report their findings in the same run. (zod's own `parse` stops at the first layer that has an error, and knows
 * nothing of suggestions.) Runs in the supervisor.
 */
import { z } from 'zod';
import { quote, shorten } from '../shared/text.ts';
import { entryOf, inner } from './manual.ts';
import type { ManualEntry } from './manual.ts';
import { Oddity, describeType, describeValue, isRecord } from './plain-copy.ts';
import type { ConfigPath, Problems } from './problems.ts';
import { nearest } from '../shared/suggest.ts';

/** `T` with anything in it possibly missing, because it was wrong. */
export type Lenient<T> = T extends Uint8Array
  ? T
  : T extends readonly (infer Item)[]
    ? readonly (Lenient<Item> | undefined)[]
    : T extends object
      ? { readonly [Key in keyof T]?: Lenient<T[Key]> | undefined }
      : T;

/** What is right of a value. `undefined` when nothing is, or when an optional value is absent; `problems` tells which. */
export function readLenient<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  problems: Problems,
  path: ConfigPath = [],
): Lenient<z.output<Schema>> | undefined {
  return new Reader(problems).read(schema, value, path) as Lenient<z.output<Schema>> | undefined;
}

class Reader {
  readonly #problems: Problems;

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  read(schema: z.ZodType, value: unknown, path: ConfigPath, outer?: ManualEntry): unknown {
    const entry = outer ?? requireEntry(schema);
    if (value instanceof Oddity && value.reported) return undefined;
    if (schema instanceof z.ZodOptional) {
      return value === undefined ? undefined : this.read(inner(schema), value, path, entry);
    }
    if (schema instanceof z.ZodObject) return this.#readObject(schema, value, path, entry);
    if (schema instanceof z.ZodArray) return this.#readArray(schema, value, path, entry);
    if (schema instanceof z.ZodRecord) return this.#readRecord(schema, value, path, entry);
    if (entry.choose !== undefined) return this.#readChoice(entry, value, path);
    return this.#readLeaf(schema, value, path, entry);
  }

  #readObject(schema: z.ZodObject, value: unknown, path: ConfigPath, entry: ManualEntry): unknown {
    if (!isRecord(value)) return this.#mismatch(entry, value, path);
    const shape = schema.shape as Readonly<Record<string, z.ZodType>>;
    const result = Object.create(null) as Record<string, unknown>;
    this.#checkOneOf(value, path, entry);
    for (const [key, field] of Object.entries(shape)) {
      const item = value[key];
      if (item === undefined && !(field instanceof z.ZodOptional)) {
        this.#problems.report('CONFIG_MISSING', { expected: requireEntry(field).expected }, [...path, key]);
      } else {
        result[key] = this.read(field, item, [...path, key]);
      }
    }
    for (const key of Object.keys(value)) {
      if (Object.hasOwn(shape, key)) continue;
      if (entry.keyed?.pattern.test(key))
        result[key] = this.read(entry.keyed.schema, value[key], [...path, key]);
      else this.#unknownKey(key, Object.keys(shape), path, entry);
    }
    return result;
  }

  #checkOneOf(
    value: Readonly<Record<string, unknown>>,
    path: ConfigPath,
    { oneOf = [], orElse }: ManualEntry,
  ): void {
    const [first] = oneOf;
    if (first === undefined) return;
    const expected = `exactly one of ${oneOf.join(', ')}`;
    const present = oneOf.filter((key) => value[key] !== undefined);
    if (present.length === 0 && orElse !== undefined && value[orElse] !== undefined) return;
    if (present.length === 0) this.#problems.report('CONFIG_MISSING', { expected }, [...path, first]);
    else if (present.length > 1)
      this.#problems.report('CONFIG_VALUE', { expected, found: present.join(' and ') }, path);
  }

  #unknownKey(key: string, known: readonly string[], path: ConfigPath, entry: ManualEntry): void {
    const ignored = entry.ignored?.(key);
    if (ignored !== undefined)
      return this.#problems.warn(this.#problems.place([...path, key]), `ignored: ${ignored}`);
    const later = entry.later?.(key);
    if (later === undefined) {
      this.#problems.report(
        'CONFIG_UNKNOWN_KEY',
        () => ({ key, suggestion: nearest(key, known), known: known.join(', '), advice: entry.keyAdvice }),
        [...path, key],
      );
    } else {
      const advice = later === '' ? undefined : later;
      const what = `the attribute ${quote(key)}`;
      this.#problems.report('CONFIG_NOT_AVAILABLE', { what, advice }, [...path, key]);
    }
  }

  #readArray(schema: z.ZodArray, value: unknown, path: ConfigPath, entry: ManualEntry): unknown {
    if (!Array.isArray(value)) return this.#mismatch(entry, value, path);
    const element = schema.element as z.ZodType;
    return value.map((item: unknown, index) => this.read(element, item, [...path, index]));
  }

  #readRecord(schema: z.ZodRecord, value: unknown, path: ConfigPath, entry: ManualEntry): unknown {
    if (!isRecord(value)) return this.#mismatch(entry, value, path);
    const keys = schema.keyType as unknown as z.ZodType;
    const values = schema.valueType as z.ZodType;
    const result = Object.create(null) as Record<string, unknown>;
    for (const [key, item] of Object.entries(value)) {
      if (this.read(keys, key, [...path, key]) !== undefined) {
        result[key] = this.read(values, item, [...path, key]);
      }
    }
    return result;
  }

  #readChoice(entry: ManualEntry, value: unknown, path: ConfigPath): unknown {
    const choice = entry.choose?.(value);
    if (choice === undefined) return this.#mismatch(entry, value, path);
    if (choice instanceof z.ZodType) return this.read(choice, value, path);
    const { later: what, advice } = choice;
    this.#problems.report('CONFIG_NOT_AVAILABLE', { what, advice }, path);
    return undefined;
  }

  #readLeaf(schema: z.ZodType, value: unknown, path: ConfigPath, entry: ManualEntry): unknown {
    if (value instanceof Oddity || !schema.safeParse(value).success)
      return this.#mismatch(entry, value, path);
    return this.#isJsonWithin(value, path) ? value : undefined;
  }

  /** Whether everything inside an array or object (data of the user's own) is JSON. */
  #isJsonWithin(value: unknown, path: ConfigPath): boolean {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return true;
    let good = true;
    for (const [key, item] of Object.entries(value) as [string, unknown][]) {
      const itemPath = [...path, Array.isArray(value) ? Number(key) : key];
      if (isUnlikeJson(item)) {
        this.#mismatch({ expected: 'a value that JSON can express' }, item, itemPath);
        good = false;
      } else {
        good = this.#isJsonWithin(item, itemPath) && good;
      }
    }
    return good;
  }

  #mismatch(
    entry: Pick<ManualEntry, 'expected' | 'advice' | 'isSecret'>,
    value: unknown,
    path: ConfigPath,
  ): undefined {
    if (value instanceof Oddity && value.reported) return;
    const found = entry.isSecret ? describeType(value) : shorten(describeValue(value), 300);
    this.#problems.report('CONFIG_VALUE', { expected: entry.expected, found, advice: entry.advice }, path);
  }
}

function isUnlikeJson(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  return value === undefined || value instanceof Oddity || value instanceof Uint8Array;
}

function requireEntry(schema: z.ZodType): ManualEntry {
  const entry = entryOf(schema);
  if (entry === undefined) throw new Error('a schema of the configuration has no entry in the manual');
  return entry;
}
