/**
 * Headers. A list that came from outside stays one string until somebody looks at it, and goes on as that string if nobody
 * changes it. https://fetch.spec.whatwg.org/#headers-class
 */

import {
  ArrayPrototypeSort,
  ObjectCreate,
  ObjectFreeze,
  ReflectGetOwnPropertyDescriptor,
  ReflectOwnKeys,
  SymbolIterator,
  TypeErrorCtor,
  ReflectApply,
} from '../primordials.ts';
import { definePairIterator } from '../pair-iterator.ts';
import { defineInterface, illegalInvocation, isObject, requireArguments, toSequence } from '../webidl.ts';
import { defineValue } from '../lazy.ts';
import {
  type HeaderList,
  newHeaderList,
  parseHeaderList,
  serializeHeaderList,
  toHeaderName,
  toHeaderValue,
} from './header-list.ts';
import { isNoCorsSafelisted, isPrivilegedNoCors } from './no-cors.ts';

/** https://fetch.spec.whatwg.org/#headers-guard. Server runtimes have no forbidden names: `request` and `response` restrict nothing. */
export type HeadersGuard = 'none' | 'request' | 'request-no-cors' | 'response' | 'immutable';

const INTERNAL = ObjectFreeze(ObjectCreate(null) as object);

/** The internals of a Headers object, for the rest of the prelude. */
export let headersRaw: (headers: Headers) => string;
export let isHeaders: (value: unknown) => value is Headers;
export let setHeadersGuard: (headers: Headers, guard: HeadersGuard) => void;
let listOf: (headers: Headers) => HeaderList;
let sortedOf: (headers: Headers) => readonly string[];
/** `name` in lower case. */
export let hasHeader: (headers: Headers, name: string) => boolean;
/** Adds a header that needs no more checks than the guard's. `name` in lower case, `value` normalized. */
export let appendHeader: (headers: Headers, name: string, value: string) => void;

export class Headers {
  /** The list as a string; undefined once the list was changed. */
  #raw: string | undefined = '';
  #list: HeaderList | undefined;
  /** Sorted and combined, as iteration shows it: name, value, name, value. Undefined once the list was changed. */
  #sorted: readonly string[] | undefined;
  #guard: HeadersGuard = 'none';

  constructor(init: unknown = undefined, raw: string = '', guard: HeadersGuard = 'none') {
    if (init === INTERNAL) {
      this.#raw = raw;
      this.#guard = guard;
    } else if (init !== undefined) {
      fillHeaders(this, init);
    }
  }

  append(name: string, value: string): void {
    requireArguments(arguments.length, 2, 'Headers.append');
    const where = 'Headers.append';
    this.#append(toHeaderName(name, where), toHeaderValue(value, where));
  }

  delete(name: string): void {
    requireArguments(arguments.length, 1, 'Headers.delete');
    const key = toHeaderName(name, 'Headers.delete');
    this.#requireMutable();
    if (this.#guard === 'request-no-cors' && !isNoCorsSafelisted(key, '') && !isPrivilegedNoCors(key)) return;
    const list = this.#parsed();
    const kept = newHeaderList();
    for (let i = 0; i < list.names.length; i++) {
      if (list.names[i] !== key) pushHeader(kept, list.names[i] as string, list.values[i] as string);
    }
    if (kept.names.length !== list.names.length) this.#replace(kept);
  }

  get(name: string): string | null {
    requireArguments(arguments.length, 1, 'Headers.get');
    const key = toHeaderName(name, 'Headers.get');
    return combinedValue(this.#parsed(), key);
  }

  getSetCookie(): string[] {
    const { names, values } = this.#parsed();
    const cookies: string[] = [];
    for (let i = 0; i < names.length; i++) {
      if (names[i] === 'set-cookie') defineValue(cookies, cookies.length, values[i], true);
    }
    return cookies;
  }

  has(name: string): boolean {
    requireArguments(arguments.length, 1, 'Headers.has');
    const key = toHeaderName(name, 'Headers.has');
    return combinedValue(this.#parsed(), key) !== null;
  }

  set(name: string, value: string): void {
    requireArguments(arguments.length, 2, 'Headers.set');
    const key = toHeaderName(name, 'Headers.set');
    const text = toHeaderValue(value, 'Headers.set');
    this.#requireMutable();
    if (this.#guard === 'request-no-cors' && !isNoCorsSafelisted(key, text)) return;
    const list = this.#parsed();
    const changed = newHeaderList();
    let done = false;
    for (let i = 0; i < list.names.length; i++) {
      if (list.names[i] !== key) pushHeader(changed, list.names[i] as string, list.values[i] as string);
      else if (!done) {
        pushHeader(changed, key, text);
        done = true;
      }
    }
    if (!done) pushHeader(changed, key, text);
    this.#replace(changed);
  }

  forEach(
    callback: (value: string, name: string, headers: Headers) => void,
    thisArg: unknown = undefined,
  ): void {
    requireArguments(arguments.length, 1, 'Headers.forEach');
    if (!(#raw in this)) throw illegalInvocation();
    if (typeof callback !== 'function')
      throw new TypeErrorCtor('Headers.forEach: the callback is not a function.');
    for (let i = 0; i < this.#sort().length; i += 2) {
      const pairs = this.#sort();
      ReflectApply(callback, thisArg, [pairs[i + 1] as string, pairs[i] as string, this]);
    }
  }

  keys(): IterableIterator<string> {
    if (!(#raw in this)) throw illegalInvocation();
    return makeIterator(this, 'keys');
  }

  values(): IterableIterator<string> {
    if (!(#raw in this)) throw illegalInvocation();
    return makeIterator(this, 'values');
  }

  entries(): IterableIterator<[string, string]> {
    if (!(#raw in this)) throw illegalInvocation();
    return makeIterator(this, 'entries');
  }

  #append(name: string, value: string): void {
    this.#requireMutable();
    const list = this.#parsed();
    if (this.#guard === 'request-no-cors') {
      const before = combinedValue(list, name);
      if (!isNoCorsSafelisted(name, before === null ? value : `${before}, ${value}`)) return;
    }
    pushHeader(list, name, value);
    this.#replace(list);
  }

  #requireMutable(): void {
    if (this.#guard === 'immutable') throw new TypeErrorCtor('Headers: these headers are immutable.');
  }

  #parsed(): HeaderList {
    return (this.#list ??= parseHeaderList(this.#raw ?? ''));
  }

  #replace(list: HeaderList): void {
    this.#list = list;
    this.#raw = undefined;
    this.#sorted = undefined;
  }

  #sort(): readonly string[] {
    return (this.#sorted ??= sortAndCombine(this.#parsed()));
  }

  static {
    headersRaw = (headers) => (headers.#raw ??= serializeHeaderList(headers.#parsed()));
    isHeaders = (value): value is Headers => isObject(value) && #raw in value;
    setHeadersGuard = (headers, guard) => {
      headers.#guard = guard;
    };
    listOf = (headers) => headers.#parsed();
    sortedOf = (headers) => headers.#sort();
    hasHeader = (headers, name) => combinedValue(headers.#parsed(), name) !== null;
    appendHeader = (headers, name, value) => headers.#append(name, value);
  }
}
defineInterface(Headers, 'Headers');
const { entries } = Headers.prototype;
defineValue(Headers.prototype, SymbolIterator, entries);

const makeIterator = definePairIterator<Headers>('Headers', (headers) => sortedOf(headers));

/** Headers over a list in crossing form. */
export function headersFromRaw(raw: string, guard: HeadersGuard): Headers {
  return new Headers(INTERNAL, raw, guard);
}

/** The value of `name` (lower case) in a list in crossing form, or null. */
export function rawHeader(raw: string, name: string): string | null {
  return raw === '' ? null : combinedValue(parseHeaderList(raw), name);
}

/** https://fetch.spec.whatwg.org/#concept-headers-fill: a Headers object, a sequence of pairs or a record. */
export function fillHeaders(headers: Headers, init: unknown): void {
  if (!isObject(init)) throw new TypeErrorCtor('Headers: the initial value is not an object.');
  const method = (init as Partial<Iterable<unknown>>)[SymbolIterator];
  if (isHeaders(init) && method === entries) copyHeaders(headers, init);
  else if (method !== undefined && method !== null) fillFromSequence(headers, init);
  else fillFromRecord(headers, init);
}

function copyHeaders(headers: Headers, source: Headers): void {
  const { names, values } = listOf(source);
  for (let i = 0; i < names.length; i++) appendHeader(headers, names[i] as string, values[i] as string);
}

function fillFromSequence(headers: Headers, init: object): void {
  const pairs = toSequence(init, 'Headers', (pair) => toSequence(pair, 'Headers'));
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs[i] as unknown[];
    if (pair.length !== 2) throw new TypeErrorCtor('Headers: an entry does not have exactly two items.');
    appendHeader(headers, toHeaderName(pair[0], 'Headers'), toHeaderValue(pair[1], 'Headers'));
  }
}

function fillFromRecord(headers: Headers, init: object): void {
  const keys = ReflectOwnKeys(init);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    const descriptor = ReflectGetOwnPropertyDescriptor(init, key);
    if (descriptor === undefined || !descriptor.enumerable) continue;
    if (typeof key === 'symbol') throw new TypeErrorCtor('Headers: a key is a symbol.');
    const name = toHeaderName(key, 'Headers');
    appendHeader(headers, name, toHeaderValue((init as Record<string, unknown>)[key], 'Headers'));
  }
}

function pushHeader(list: HeaderList, name: string, value: string): void {
  list.names[list.names.length] = name;
  list.values[list.values.length] = value;
}

function combinedValue({ names, values }: HeaderList, name: string): string | null {
  let combined: string | null = null;
  for (let i = 0; i < names.length; i++) {
    if (names[i] !== name) continue;
    combined = combined === null ? (values[i] as string) : `${combined}, ${values[i] as string}`;
  }
  return combined;
}

/** https://fetch.spec.whatwg.org/#concept-header-list-sort-and-combine */
function sortAndCombine(list: HeaderList): readonly string[] {
  const distinct: string[] = [];
  const seen = ObjectCreate(null) as Record<string, true>;
  for (let i = 0; i < list.names.length; i++) {
    const name = list.names[i] as string;
    if (seen[name]) continue;
    seen[name] = true;
    distinct[distinct.length] = name;
  }
  ArrayPrototypeSort(distinct, (a, b) => (a < b ? -1 : 1));
  const sorted: string[] = [];
  for (let i = 0; i < distinct.length; i++) {
    const name = distinct[i] as string;
    if (name === 'set-cookie') pushEach(sorted, list, name);
    else pushPair(sorted, name, combinedValue(list, name) as string);
  }
  return sorted;
}

function pushEach(target: string[], list: HeaderList, name: string): void {
  for (let i = 0; i < list.names.length; i++) {
    if (list.names[i] === name) pushPair(target, name, list.values[i] as string);
  }
}

function pushPair(target: string[], name: string, value: string): void {
  target[target.length] = name;
  target[target.length] = value;
}
