/**
 * Copies a value that a user's file made into plain data, so that nothing of the file survives in the configuration: getters run once
 * and may throw, objects may be cyclic, huge, proxies, or instances of anything. Runs in the supervisor.
 */
import { types } from 'node:util';
import type { ErrorCode, ErrorDetails } from '../shared/errors.ts';
import { describeThrown, quote, shorten } from '../shared/text.ts';
import type { ConfigPath, Problems } from './problems.ts';

/** Objects and arrays within each other, the root included. */
export const deepestNesting = 100;
/** Values in one configuration. */
export const mostValues = 500_000;
/** Characters of all strings and keys, and bytes of all `data`. */
const mostData = 64 * 1024 * 1024;

/** Stands in a copy for something that is not plain data. */
export class Oddity {
  readonly #isOddity = true;
  /** With its article: `a function`. */
  readonly found: string;
  /** Whether an error about it has been reported already. */
  readonly reported: boolean;

  constructor(found: string, reported: boolean) {
    this.found = found;
    this.reported = reported;
  }

  /** Whether an object is one; unlike `instanceof`, this asks nothing of proxies. */
  static is(value: object): value is Oddity {
    return #isOddity in value;
  }
}

/** For a reader of another dialect, in place of a value whose error it has reported. */
export const reportedOddity = new Oddity('an unreadable value', true);

/**
 * Always `undefined` when the value was too large to be copied whole; otherwise
 * a copy made of objects without a prototype, arrays, strings, numbers, booleans, `null`, `Uint8Array`s, and an `Oddity` for anything
 * else. Keys whose value is `undefined` are dropped. Reports what cannot be read; what is merely odd is left to whoever expected
 * something else there.
 */
export function plainCopy(value: unknown, problems: Problems): unknown {
  const copier = new Copier(problems);
  const copy = copier.copy(value, []);
  return copier.full ? undefined : copy;
}

class Copier {
  readonly #problems: Problems;
  readonly #ancestors = new Set<object>();
  #values = 0;
  #data = 0;
  /** Whether the rest was left out because there was too much. */
  full = false;

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  copy(value: unknown, path: ConfigPath): unknown {
    if (!this.#spend(1, typeof value === 'string' ? value.length : 0, path)) return reportedOddity;
    switch (typeof value) {
      case 'string':
      case 'number':
      case 'boolean':
      case 'undefined':
        return value;
      case 'object':
        return this.#copyObject(value, path);
      default:
        return new Oddity(describeOddPrimitive(value), false);
    }
  }

  #copyObject(value: object | null, path: ConfigPath): unknown {
    if (value === null) return null;
    if (Oddity.is(value)) return value;
    if (this.#ancestors.has(value)) return new Oddity('an object that contains itself', false);
    if (this.#ancestors.size >= deepestNesting) {
      const limit = `${deepestNesting} levels`;
      return this.#refuse('CONFIG_TOO_LARGE', { what: 'the nesting is too deep', limit }, path);
    }
    this.#ancestors.add(value);
    try {
      if (types.isUint8Array(value)) return this.#copyBytes(value, path);
      if (Array.isArray(value)) return this.#copyArray(value, path);
      return isPlain(value) ? this.#copyRecord(value, path) : new Oddity(describeInstance(value), false);
    } catch (error) {
      return this.#refuse('CONFIG_THREW', { reason: describeThrown(error) }, path);
    } finally {
      this.#ancestors.delete(value);
    }
  }

  #copyBytes(value: Uint8Array, path: ConfigPath): unknown {
    return this.#spend(0, value.byteLength, path) ? new Uint8Array(value) : reportedOddity;
  }

  #copyArray(value: readonly unknown[], path: ConfigPath): unknown {
    const { length } = value;
    if (length > mostValues && !this.#spend(length, 0, path)) return reportedOddity;
    const copy: unknown[] = [];
    for (let index = 0; index < length && !this.full; index += 1) {
      copy.push(this.#copyProperty(value, index, [...path, index]));
    }
    return copy;
  }

  #copyRecord(value: object, path: ConfigPath): unknown {
    const copy = Object.create(null) as Record<string, unknown>;
    for (const key of Object.keys(value)) {
      if (!this.#spend(0, key.length, path)) break;
      if (key === '__proto__') {
        this.#problems.report('CONFIG_FORBIDDEN_KEY', { key }, [...path, key]);
        continue;
      }
      const item = this.#copyProperty(value, key, [...path, key]);
      if (item !== undefined) copy[key] = item;
    }
    return copy;
  }

  #copyProperty(owner: object, key: string | number, path: ConfigPath): unknown {
    let item: unknown;
    try {
      item = Reflect.get(owner, key);
    } catch (error) {
      return this.#refuse('CONFIG_THREW', { reason: describeThrown(error) }, path);
    }
    return this.copy(item, path);
  }

  #refuse<Code extends ErrorCode>(code: Code, details: ErrorDetails<Code>, path: ConfigPath): Oddity {
    this.#problems.report(code, details, path);
    return reportedOddity;
  }

  /** Counts values, and characters or bytes; false, after one report, once there are too many. */
  #spend(values: number, data: number, path: ConfigPath): boolean {
    if (this.full) return false;
    this.#values += values;
    this.#data += data;
    if (this.#values <= mostValues && this.#data <= mostData) return true;
    this.full = true;
    const details =
      this.#values > mostValues
        ? { what: 'the configuration has too many values', limit: mostValues.toLocaleString('en') }
        : { what: 'the strings and the data of the configuration are too long', limit: '64 MiB' };
    this.#problems.report('CONFIG_TOO_LARGE', details, path);
    return false;
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function describeOddPrimitive(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  return typeof value === 'bigint' ? `the bigint ${shorten(String(value), 40)}n` : 'a symbol';
}

function describeInstance(value: object): string {
  if (types.isPromise(value)) return 'a promise';
  const constructor: unknown = Reflect.get(value, 'constructor');
  const name: unknown = typeof constructor === 'function' ? constructor.name : undefined;
  return typeof name === 'string' && name !== ''
    ? `an instance of ${quote(name)}`
    : 'an object that is not plain';
}

/** Whether a value of a plain copy is an object with keys. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return !(value instanceof Uint8Array) && !(value instanceof Oddity);
}

/** The same of a value that nobody may see: `a string`, `an array`. */
export function describeType(value: unknown): string {
  if (value === null || value === undefined) return describeValue(value);
  if (value instanceof Oddity) return value.found;
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Uint8Array) return 'bytes';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** What was found, with its article: `the number 5`, `an array of 3`, `an object with the keys "a", "b"`. Expects a plain copy. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (value instanceof Oddity) return value.found;
  if (typeof value === 'string') return `the string ${quote(value)}`;
  if (typeof value === 'number' || typeof value === 'boolean') return `the ${typeof value} ${value}`;
  if (typeof value !== 'object') return `a ${typeof value}`;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : `an array of ${value.length}`;
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`;
  const keys = Object.keys(value);
  if (keys.length === 0) return 'an empty object';
  const shown = keys.slice(0, 4).map(quote).join(', ');
  return `an object with the ${keys.length === 1 ? 'key' : 'keys'} ${shown}${keys.length > 4 ? ', …' : ''}`;
}
