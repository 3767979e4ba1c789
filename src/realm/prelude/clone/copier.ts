/**
 * Copies values from source objects to fresh objects of this realm, in one pass and with identity and cycles kept. The source may be
 * of another realm: nothing that is read is trusted, and nothing of it gets into the copy.
 * https://html.spec.whatwg.org/#structuredserializeinternal
 *
 * Objects are created when they are met and filled at once down to a certain depth; what lies deeper is filled from a queue, so that
 * no nesting exhausts the stack.
 */

import { newDOMException } from '../errors/dom-exception.ts';
import {
  BigIntPrototypeValueOf,
  BooleanCtor,
  BooleanPrototypeValueOf,
  DateCtor,
  DatePrototypeGetTime,
  JSONStringify,
  MapCtor,
  MapPrototypeSet,
  NumberCtor,
  NumberPrototypeValueOf,
  ObjectCtor,
  ObjectKeys,
  ObjectPrototypeHasOwnProperty,
  RegExpCtor,
  RegExpPrototypeGetFlags,
  RegExpPrototypeGetSource,
  SetCtor,
  SetPrototypeAdd,
  StringCtor,
  StringPrototypeValueOf,
  TypedArrayPrototypeGetTag,
} from '../primordials.ts';
import { defineValue } from '../lazy.ts';
import { bufferOf, copyBuffer, makeView, shapeOf, type ViewShape } from './copy-bytes.ts';
import { dataProperty, makeError } from './copy-error.ts';
import type { CopySource } from './copy-source.ts';
import type { Kind } from './kinds.ts';
import { entriesOf, valuesOf } from './entries.ts';
import { Memory } from './memory.ts';
import { isPrimitive } from './primitive.ts';
import { formatPath, HERE, type PathKey, type Trail } from './path.ts';

type Properties = Record<string, unknown>;

/** Levels that are filled by recursion. */
const MAX_DEPTH = 200;

/** An object that waits to be filled. */
interface Pending {
  readonly source: object;
  readonly target: object;
  readonly kind: Kind;
  readonly path: string;
  next: Pending | undefined;
}

/** The state of one copy. */
export class Copier {
  readonly source: CopySource;
  readonly memory = new Memory();
  /** Where the values stand, for messages: `value`, `args`. */
  root: string;
  depth = 0;
  /** From the root to what is being filled. */
  trail: Trail | undefined = undefined;
  /** Set while buffers are being transferred: stands in for views, which wait for their new buffer. */
  viewOf: ((shape: ViewShape, buffer: object) => object) | undefined = undefined;
  #first: Pending | undefined = undefined;
  #last: Pending | undefined = undefined;

  constructor(source: CopySource, root: string) {
    this.source = source;
    this.root = root;
  }

  /** Copies one value with all that it holds. Throws a DataCloneError, or what a getter of the source throws. */
  copyAll(value: unknown): unknown {
    const copy = copyValue(this, value, HERE);
    if (this.#first !== undefined) this.#fillPending();
    return copy;
  }

  /** The same for element `index` of a list that is no value itself. */
  copyItem(value: unknown, index: number): unknown {
    const { root } = this;
    const copy = copyValue(this, value, index);
    if (this.#first !== undefined) this.#fillPending();
    this.root = root;
    return copy;
  }

  #fillPending(): void {
    for (let pending = this.#first; pending !== undefined; pending = pending.next) {
      this.root = pending.path;
      fill(this, pending.kind, pending.source, pending.target);
    }
    this.#first = undefined;
    this.#last = undefined;
  }

  defer(kind: Kind, source: object, target: object, key: PathKey): void {
    const pending: Pending = { source, target, kind, path: this.path(key), next: undefined };
    if (this.#last === undefined) this.#first = pending;
    else this.#last.next = pending;
    this.#last = pending;
  }

  path(key: PathKey): string {
    return formatPath(this.root, this.trail, key);
  }
}

/** The DataCloneError of what cannot be copied: `value.items[3].callback: a function cannot be cloned`. */
function refuse(copier: Copier, key: PathKey, what: string): Error {
  return newDOMException(`${copier.path(key)}: ${what}`, 'DataCloneError');
}

/** Copies the value found under `key` of the object that is being filled. */
function copyValue(copier: Copier, value: unknown, key: PathKey): unknown {
  if (typeof value === 'object') return value === null ? null : copyObject(copier, value, key);
  if (typeof value === 'function') return copyPlatform(copier, value, key, 'function');
  if (typeof value === 'symbol') throw refuse(copier, key, 'a symbol cannot be cloned');
  return value;
}

function copyObject(copier: Copier, source: object, key: PathKey): object {
  const known = copier.memory.get(source);
  if (known !== undefined) return known;
  const kind = copier.source.kindOf(source);
  const target = kind === 'plain' ? {} : makeTarget(copier, kind, source, key);
  copier.memory.set(source, target);
  if (!hasContents(kind)) return target;
  if (copier.depth >= MAX_DEPTH) {
    copier.defer(kind, source, target, key);
    return target;
  }
  const { trail } = copier;
  copier.trail = { key, before: trail };
  copier.depth++;
  fill(copier, kind, source, target);
  copier.depth--;
  copier.trail = trail;
  return target;
}

function hasContents(kind: Kind): boolean {
  return kind === 'plain' || kind === 'array' || kind === 'map' || kind === 'set' || kind === 'error';
}

/** The copy of an object, still empty if it is a container. */
function makeTarget(copier: Copier, kind: Kind, source: object, key: PathKey): object {
  switch (kind) {
    case 'plain':
      return {};
    case 'array':
      return [];
    case 'map':
      return new MapCtor();
    case 'set':
      return new SetCtor();
    case 'error':
      return copier.source.errorOf?.(source) ?? makeError(source, copier.source.wholeErrors);
    case 'date':
      return new DateCtor(DatePrototypeGetTime(source));
    case 'regexp':
      return new RegExpCtor(RegExpPrototypeGetSource(source), RegExpPrototypeGetFlags(source));
    case 'buffer':
      return copyBufferOf(copier, source as ArrayBuffer, key);
    case 'view':
      return copyView(copier, source as ArrayBufferView, key);
    case 'boolean':
      return new BooleanCtor(BooleanPrototypeValueOf(source));
    case 'number':
      return new NumberCtor(NumberPrototypeValueOf(source));
    case 'string':
      return new StringCtor(StringPrototypeValueOf(source));
    case 'bigint':
      return ObjectCtor(BigIntPrototypeValueOf(source)) as object;
    case 'platform':
    case 'function':
      return copyPlatform(copier, source, key, kind);
    case 'exotic':
      throw refuse(copier, key, 'this kind of object cannot be cloned');
  }
}

function copyBufferOf(copier: Copier, source: ArrayBuffer, key: PathKey): ArrayBuffer {
  const target = copyBuffer(source);
  if (target === undefined) throw refuse(copier, key, 'a detached ArrayBuffer cannot be cloned');
  return target;
}

/** A view over a copy of its buffer, which views of the same buffer share. */
function copyView(copier: Copier, source: ArrayBufferView, key: PathKey): object {
  const tag = TypedArrayPrototypeGetTag(source);
  const buffer = bufferOf(source, tag);
  const shape = shapeOf(source, tag, buffer);
  if (shape === undefined) throw refuse(copier, key, 'a view that is out of bounds cannot be cloned');
  const target = copyObject(copier, buffer, key);
  return copier.viewOf === undefined ? makeView(shape, target as ArrayBuffer) : copier.viewOf(shape, target);
}

function copyPlatform(copier: Copier, source: object, key: PathKey, kind: 'function' | 'platform'): object {
  const copy = copier.source.copyPlatform(source, kind);
  if (copy !== undefined) return copy;
  throw refuse(
    copier,
    key,
    kind === 'function' ? 'a function cannot be cloned' : 'this platform object cannot be cloned',
  );
}

function fill(copier: Copier, kind: Kind, source: object, target: object): void {
  if (kind === 'plain') fillPlain(copier, source as Properties, target as Properties);
  else if (kind === 'array') fillArray(copier, source as unknown[], target as unknown[]);
  else if (kind === 'map') fillMap(copier, source as Map<unknown, unknown>, target as Map<unknown, unknown>);
  else if (kind === 'set') fillSet(copier, source as Set<unknown>, target as Set<unknown>);
  else fillError(copier, source, target);
}

/**
 * Copies own enumerable properties with string keys, each read once. The engine walks an object by `for in`, and reads what it finds, without
 * looking names up: a spread of an object of another realm takes as long, and would leave nested values and symbols to be looked for
 * (bench/rpc.ts).
 */
function fillPlain(copier: Copier, source: Properties, target: Properties): void {
  for (const key in source) {
    if (!ObjectPrototypeHasOwnProperty(source, key)) continue; // of a prototype
    const value = source[key];
    assign(target, key, isPrimitive(value) ? value : copyValue(copier, value, key));
  }
}

/** Copies what an error holds. */
function fillError(copier: Copier, source: object, target: object): void {
  const isOpen = copier.source.openErrors === true;
  const cause = dataProperty(source, 'cause');
  if (cause !== undefined) defineValue(target, 'cause', copyValue(copier, cause.value, 'cause'), isOpen);
  if (!copier.source.wholeErrors) return;
  const errors = dataProperty(source, 'errors');
  if (errors !== undefined) defineValue(target, 'errors', copyValue(copier, errors.value, 'errors'), isOpen);
  fillProperties(copier, source as Properties, target as Properties);
}

/** Copies own enumerable properties with string keys. */
function fillProperties(copier: Copier, source: Properties, target: Properties): void {
  const keys = ObjectKeys(source);
  for (let i = 0; i < keys.length; i++) copyProperty(copier, source, target, keys[i] as string);
}

function copyProperty(copier: Copier, source: Properties, target: Properties, key: string): void {
  const value = source[key];
  // A getter may have deleted it in the meantime.
  if (value === undefined && !ObjectPrototypeHasOwnProperty(source, key)) return;
  assign(target, key, copyValue(copier, value, key));
}

/** Plain assignment is several times as fast as defining; it fails where Object.prototype is frozen and has the key. */
function assign(target: Properties, key: string, value: unknown): void {
  if (key !== '__proto__') {
    try {
      target[key] = value;
      return;
    } catch {
      // defined below
    }
  }
  defineValue(target, key, value, true);
}

/**
 * Elements go by index, which is several times as fast as by name, unless there are holes: a sparse array may claim any length. The
 * names tell which of the two it is.
 */
function fillArray(copier: Copier, source: readonly unknown[], target: unknown[]): void {
  const { length } = source;
  const keys = ObjectKeys(source);
  const from = source as unknown as Properties;
  const to = target as unknown as Properties;
  if (keys.length < length) {
    for (let i = 0; i < keys.length; i++) copyProperty(copier, from, to, keys[i] as string);
    target.length = length;
    return;
  }
  let present = 0;
  for (let i = 0; i < length; i++) {
    const value = source[i];
    if (value === undefined && !ObjectPrototypeHasOwnProperty(source, i)) continue;
    target[i] = copyValue(copier, value, i);
    present++;
  }
  if (target.length !== length) target.length = length;
  for (let i = 0; present < keys.length && i < keys.length; i++) {
    const key = keys[i] as string;
    if (!ObjectPrototypeHasOwnProperty(target, key)) copyProperty(copier, from, to, key);
  }
}

const KEYS = { text: '.keys()' };
const VALUES = { text: '.values()' };

function getterStep(key: unknown): PathKey {
  if (typeof key === 'string') return { text: `.get(${JSONStringify(key)})` };
  return typeof key === 'number' ? { text: `.get(${key})` } : VALUES;
}

/** The entries are listed first, as copying one may run code that changes the map. */
function fillMap(copier: Copier, source: Map<unknown, unknown>, target: Map<unknown, unknown>): void {
  for (let entry = entriesOf(source); entry !== undefined; entry = entry.next) {
    const key = copyValue(copier, entry.key, KEYS);
    MapPrototypeSet(target, key, copyValue(copier, entry.value, getterStep(entry.key)));
  }
}

function fillSet(copier: Copier, source: Set<unknown>, target: Set<unknown>): void {
  for (let entry = valuesOf(source); entry !== undefined; entry = entry.next) {
    SetPrototypeAdd(target, copyValue(copier, entry.value, VALUES));
  }
}
