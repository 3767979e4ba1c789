/**
 * Headers. A list that came from outside stays one string until somebody looks at it, and goes on as that string if nobody
 * changes it. https://fetch.spec.whatwg.org/#headers-class
 */

import {
  ArrayPrototypeSort,
  ObjectCreate,
  ObjectFreeze,
  IteratorPrototype,
  ReflectDeleteProperty,
  ReflectGetOwnPropertyDescriptor,
  ReflectOwnKeys,
  ReflectSetPrototypeOf,
  SymbolIterator,
  TypeErrorCtor,
  ReflectApply,
} from '../primordials.ts';
import { defineInterface, illegalInvocation, isObject, requireArguments } from '../webidl.ts';
import { defineValue } from '../lazy.ts';
import {
  type HeaderList,
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
let sortedOf: (headers: Headers) => HeaderList;

export class Headers {
  /** The list as a string; undefined once the list was changed. */
  #raw: string | undefined = '';
  #list: HeaderList | undefined;
  /** Sorted and combined, as iteration shows it; undefined once the list was changed. */
  #sorted: HeaderList | undefined;
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
    const kept: HeaderList = { names: [], values: [] };
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
    const changed: HeaderList = { names: [], values: [] };
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
    for (let i = 0; i < this.#sort().names.length; i++) {
      const { names, values } = this.#sort();
      ReflectApply(callback, thisArg, [values[i] as string, names[i] as string, this]);
    }
  }

  keys(): HeadersIterator<string> {
    return makeHeadersIterator(this, 'keys') as HeadersIterator<string>;
  }

  values(): HeadersIterator<string> {
    return makeHeadersIterator(this, 'values') as HeadersIterator<string>;
  }

  entries(): HeadersIterator<[string, string]> {
    return makeHeadersIterator(this, 'entries') as HeadersIterator<[string, string]>;
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

  #sort(): HeaderList {
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
  }
}
defineInterface(Headers, 'Headers');
defineValue(Headers.prototype, SymbolIterator, Headers.prototype.entries);

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
  const method = (init as { [Symbol.iterator]?: unknown })[SymbolIterator as typeof Symbol.iterator];
  if (isHeaders(init) && method === Headers.prototype.entries) {
    copyHeaders(headers, init);
  } else if (method !== undefined && method !== null) {
    if (typeof method !== 'function') throw new TypeErrorCtor('Headers: the initial value is not iterable.');
    fillFromSequence(headers, init, method as () => unknown);
  } else {
    fillFromRecord(headers, init);
  }
}

function copyHeaders(headers: Headers, source: Headers): void {
  const { names, values } = listOf(source);
  for (let i = 0; i < names.length; i++) headers.append(names[i] as string, values[i] as string);
}

function fillFromSequence(headers: Headers, init: object, method: () => unknown): void {
  const pairs = readIterable(init, method);
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs[i];
    const inner = isObject(pair)
      ? (pair as Record<PropertyKey, unknown>)[SymbolIterator as symbol]
      : undefined;
    if (typeof inner !== 'function') throw new TypeErrorCtor('Headers: an entry is not a pair.');
    const items = readIterable(pair as object, inner as () => unknown);
    if (items.length !== 2) throw new TypeErrorCtor('Headers: an entry does not have exactly two items.');
    headers.append(items[0] as string, items[1] as string);
  }
}

function fillFromRecord(headers: Headers, init: object): void {
  const keys = ReflectOwnKeys(init);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    const descriptor = ReflectGetOwnPropertyDescriptor(init, key);
    if (descriptor === undefined || !descriptor.enumerable) continue;
    if (typeof key === 'symbol') throw new TypeErrorCtor('Headers: a key is a symbol.');
    headers.append(key, (init as Record<string, string>)[key] as string);
  }
}

/** Reads a worker's iterable to its end, as Web IDL converts a sequence. Throws what the worker's code throws. */
export function readIterable(iterable: object, method: () => unknown): unknown[] {
  const iterator = ReflectApply(method, iterable, []) as { next?: unknown };
  if (!isObject(iterator)) throw new TypeErrorCtor('The iterator is not an object.');
  const next = iterator.next as () => unknown;
  const items: unknown[] = [];
  for (;;) {
    const result = ReflectApply(next, iterator, []) as { done?: unknown; value?: unknown };
    if (!isObject(result)) throw new TypeErrorCtor('The iterator result is not an object.');
    if (result.done) return items;
    defineValue(items, items.length, result.value, true);
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
function sortAndCombine(list: HeaderList): HeaderList {
  const distinct: string[] = [];
  const seen = ObjectCreate(null) as Record<string, true>;
  for (let i = 0; i < list.names.length; i++) {
    const name = list.names[i] as string;
    if (seen[name]) continue;
    seen[name] = true;
    distinct[distinct.length] = name;
  }
  ArrayPrototypeSort(distinct, (a, b) => (a < b ? -1 : 1));
  const sorted: HeaderList = { names: [], values: [] };
  for (let i = 0; i < distinct.length; i++) {
    const name = distinct[i] as string;
    if (name !== 'set-cookie') pushHeader(sorted, name, combinedValue(list, name) as string);
    else pushEach(sorted, list, name);
  }
  return sorted;
}

function pushEach(target: HeaderList, list: HeaderList, name: string): void {
  for (let i = 0; i < list.names.length; i++) {
    if (list.names[i] === name) pushHeader(target, name, list.values[i] as string);
  }
}

type IterationKind = 'keys' | 'values' | 'entries';

/** https://webidl.spec.whatwg.org/#es-iterator-prototype-object */
class HeadersIterator<T> {
  #headers: Headers;
  #kind: IterationKind;
  #index = 0;

  constructor(headers: Headers, kind: IterationKind) {
    this.#headers = headers;
    this.#kind = kind;
  }

  next(): IteratorResult<T> {
    if (!(#headers in this)) throw illegalInvocation();
    const { names, values } = sortedOf(this.#headers);
    if (this.#index >= names.length) return { value: undefined, done: true };
    const name = names[this.#index] as string;
    const value = values[this.#index++] as string;
    const item = this.#kind === 'entries' ? [name, value] : this.#kind === 'keys' ? name : value;
    return { value: item as T, done: false };
  }
}

const iteratorPrototype = HeadersIterator.prototype as unknown as Record<PropertyKey, unknown>;
ReflectSetPrototypeOf(iteratorPrototype, IteratorPrototype);
defineInterface(HeadersIterator, 'Headers Iterator');
ReflectDeleteProperty(iteratorPrototype, 'constructor');

function makeHeadersIterator(headers: Headers, kind: IterationKind): HeadersIterator<unknown> {
  if (!isHeaders(headers)) throw illegalInvocation();
  return new HeadersIterator(headers, kind);
}
