/** URLSearchParams of the realm. https://url.spec.whatwg.org/#interface-urlsearchparams */

import {
  ArrayPrototypeSort,
  ReflectApply,
  ReflectGetOwnPropertyDescriptor,
  ReflectOwnKeys,
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
  SymbolIterator,
  TypeErrorCtor,
} from '../primordials.ts';
import { defineValue } from '../lazy.ts';
import { definePairIterator } from '../pair-iterator.ts';
import {
  defineInterface,
  illegalInvocation,
  isCallable,
  isObject,
  requireArguments,
  toSequence,
  toUSVString,
} from '../webidl.ts';
import { parseUrlencoded, serializeUrlencoded } from './urlencoded.ts';

const WHERE = 'URLSearchParams constructor';
const QUESTION_MARK = 0x3f;

/** Name, value, name, value. */
type PairList = string[];

let listOf: (params: URLSearchParams) => PairList;
let setList: (params: URLSearchParams, list: PairList) => void;
let observe: (params: URLSearchParams, onChange: (query: string) => void) => void;

/** Whether the value is a URLSearchParams of this realm. */
export let isUrlSearchParams: (value: unknown) => value is URLSearchParams;

export class URLSearchParams {
  #list: PairList;
  /** Of the URL that it belongs to, if any. */
  #onChange: ((query: string) => void) | undefined = undefined;

  static {
    listOf = (params) => params.#list;
    setList = (params, list) => {
      params.#list = list;
    };
    observe = (params, onChange) => {
      params.#onChange = onChange;
    };
    isUrlSearchParams = (value): value is URLSearchParams => isObject(value) && #list in value;
  }

  constructor(init: unknown = '') {
    this.#list = isObject(init)
      ? listFromObject(init)
      : parseUrlencoded(withoutQuestionMark(toUSVString(init)));
  }

  get size(): number {
    return this.#list.length / 2;
  }

  append(name: unknown, value: unknown): void {
    const list = this.#list;
    requireArguments(arguments.length, 2, 'URLSearchParams.append');
    const nameText = toUSVString(name);
    const valueText = toUSVString(value);
    list[list.length] = nameText;
    list[list.length] = valueText;
    this.#changed();
  }

  delete(name: unknown, value: unknown = undefined): void {
    const list = this.#list;
    requireArguments(arguments.length, 1, 'URLSearchParams.delete');
    const nameText = toUSVString(name);
    const valueText = value === undefined ? undefined : toUSVString(value);
    removeFrom(list, 0, nameText, valueText);
    this.#changed();
  }

  get(name: unknown): string | null {
    const list = this.#list;
    requireArguments(arguments.length, 1, 'URLSearchParams.get');
    const index = find(list, toUSVString(name), undefined);
    return index === -1 ? null : (list[index + 1] as string);
  }

  getAll(name: unknown): string[] {
    const list = this.#list;
    requireArguments(arguments.length, 1, 'URLSearchParams.getAll');
    const nameText = toUSVString(name);
    const values: string[] = [];
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === nameText) defineValue(values, values.length, list[i + 1], true);
    }
    return values;
  }

  has(name: unknown, value: unknown = undefined): boolean {
    const list = this.#list;
    requireArguments(arguments.length, 1, 'URLSearchParams.has');
    const nameText = toUSVString(name);
    return find(list, nameText, value === undefined ? undefined : toUSVString(value)) !== -1;
  }

  set(name: unknown, value: unknown): void {
    const list = this.#list;
    requireArguments(arguments.length, 2, 'URLSearchParams.set');
    const nameText = toUSVString(name);
    const valueText = toUSVString(value);
    const index = find(list, nameText, undefined);
    if (index === -1) {
      list[list.length] = nameText;
      list[list.length] = valueText;
    } else {
      list[index + 1] = valueText;
      removeFrom(list, index + 2, nameText, undefined);
    }
    this.#changed();
  }

  sort(): void {
    sortByName(this.#list);
    this.#changed();
  }

  toString(): string {
    return serializeUrlencoded(this.#list);
  }

  entries(): IterableIterator<[string, string]> {
    if (!isUrlSearchParams(this)) throw illegalInvocation();
    return makeIterator(this, 'entries');
  }

  keys(): IterableIterator<string> {
    if (!isUrlSearchParams(this)) throw illegalInvocation();
    return makeIterator(this, 'keys');
  }

  values(): IterableIterator<string> {
    if (!isUrlSearchParams(this)) throw illegalInvocation();
    return makeIterator(this, 'values');
  }

  forEach(callback: unknown, thisArg: unknown = undefined): void {
    if (!isUrlSearchParams(this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, 'URLSearchParams.forEach');
    if (!isCallable(callback))
      throw new TypeErrorCtor('URLSearchParams.forEach: argument 1 is not a function.');
    for (let i = 0; i < this.#list.length; i += 2) {
      ReflectApply(callback, thisArg, [this.#list[i + 1], this.#list[i], this]);
    }
  }

  /** https://url.spec.whatwg.org/#concept-urlsearchparams-update */
  #changed(): void {
    if (this.#onChange !== undefined) this.#onChange(serializeUrlencoded(this.#list));
  }
}

const makeIterator = definePairIterator<URLSearchParams>('URLSearchParams', listOf);
defineInterface(URLSearchParams, 'URLSearchParams');
defineValue(URLSearchParams.prototype, SymbolIterator, URLSearchParams.prototype.entries);

/** The application/x-www-form-urlencoded text. */
export function serializeUrlSearchParams(params: URLSearchParams): string {
  return serializeUrlencoded(listOf(params));
}

/** The parameters of a URL's query (without its question mark). `onChange` is given the new query when a worker changes them. */
export function newLinkedSearchParams(query: string, onChange: (query: string) => void): URLSearchParams {
  const params = new URLSearchParams();
  setList(params, parseUrlencoded(query));
  observe(params, onChange);
  return params;
}

/** Takes over the query that the URL has got by other means. */
export function resetSearchParams(params: URLSearchParams, query: string): void {
  setList(params, parseUrlencoded(query));
}

function withoutQuestionMark(text: string): string {
  return StringPrototypeCharCodeAt(text, 0) === QUESTION_MARK ? StringPrototypeSlice(text, 1) : text;
}

/** The index of the first pair, or -1. Any value will do where none is given. */
function find(list: PairList, name: string, value: string | undefined): number {
  for (let i = 0; i < list.length; i += 2) {
    if (list[i] === name && (value === undefined || list[i + 1] === value)) return i;
  }
  return -1;
}

/** Removes the pairs from `start` on that match. */
function removeFrom(list: PairList, start: number, name: string, value: string | undefined): void {
  let kept = start;
  for (let i = start; i < list.length; i += 2) {
    if (list[i] === name && (value === undefined || list[i + 1] === value)) continue;
    list[kept++] = list[i] as string;
    list[kept++] = list[i + 1] as string;
  }
  list.length = kept;
}

/** Stable, by code units. */
function sortByName(list: PairList): void {
  const pairs: { name: string; value: string }[] = [];
  for (let i = 0; i < list.length; i += 2) {
    pairs[pairs.length] = { name: list[i] as string, value: list[i + 1] as string };
  }
  ArrayPrototypeSort(pairs, (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs[i] as { name: string; value: string };
    list[2 * i] = pair.name;
    list[2 * i + 1] = pair.value;
  }
}

/** `(sequence<sequence<USVString>> or record<USVString, USVString>)` */
function listFromObject(init: object): PairList {
  const method = (init as Record<symbol, unknown>)[SymbolIterator as symbol];
  return method === undefined || method === null ? listFromRecord(init) : listFromSequence(init);
}

function listFromSequence(init: object): PairList {
  const list: PairList = [];
  const pairs = toSequence(init, WHERE, (pair) => toSequence(pair, `${WHERE}: an item`, toUSVString));
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs[i] as string[];
    if (pair.length !== 2) throw new TypeErrorCtor(`${WHERE}: item ${i} does not have exactly two elements.`);
    list[2 * i] = pair[0] as string;
    list[2 * i + 1] = pair[1] as string;
  }
  return list;
}

function listFromRecord(init: object): PairList {
  const list: PairList = [];
  const keys = ReflectOwnKeys(init);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as PropertyKey;
    if (ReflectGetOwnPropertyDescriptor(init, key)?.enumerable !== true) continue;
    const name = toUSVString(key);
    const value = toUSVString((init as Record<PropertyKey, unknown>)[key]);
    const index = find(list, name, undefined);
    list[index === -1 ? list.length : index] = name;
    list[index === -1 ? list.length : index + 1] = value;
  }
  return list;
}
