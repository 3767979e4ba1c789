/** Reads objects without running any code of theirs: by descriptors only, and never through a proxy. */

import { guarded } from '../host.ts';
import {
  ObjectPrototypeHasOwnProperty,
  ObjectPrototypePropertyIsEnumerable,
  ReflectGet,
  ReflectGetOwnPropertyDescriptor,
  ReflectGetPrototypeOf,
  SymbolToStringTag,
} from '../primordials.ts';

const values = guarded($host.values);

const MAX_CHAIN = 100;

/** Whether the value is a proxy; nobody may look at one. */
export function isProxy(value: unknown): boolean {
  return values.isProxy(value);
}

/** The prototype; null for the end of the chain, and where a proxy goes on. */
export function prototypeOf(value: object): object | null {
  const prototype = ReflectGetPrototypeOf(value);
  return prototype === null || isProxy(prototype) ? null : prototype;
}

/** Whether it is an own property, and no accessor. */
export function isData(holder: object, key: PropertyKey): boolean {
  const descriptor = ReflectGetOwnPropertyDescriptor(holder, key);
  return descriptor !== undefined && ObjectPrototypeHasOwnProperty(descriptor, 'value');
}

/** The value of an own data property; undefined for accessors and for what is not there. */
export function ownData(holder: object, key: PropertyKey): unknown {
  return isData(holder, key) ? ReflectGet(holder, key) : undefined;
}

/** The same along the prototype chain: the nearest property decides. */
export function inheritedData(holder: object, key: PropertyKey): unknown {
  let link: object | null = holder;
  for (let i = 0; link !== null && i < MAX_CHAIN; i++) {
    if (ObjectPrototypeHasOwnProperty(link, key)) return ownData(link, key);
    link = prototypeOf(link);
  }
  return undefined;
}

/** A function's name; '' if it has none that is plain text. */
export function functionName(fn: object): string {
  const name = ownData(fn, 'name');
  return typeof name === 'string' ? name : '';
}

/** The name of the class that the object is an instance of; null for an object without prototype. */
export function constructorName(value: object): string | null {
  let link: object | null = value;
  for (let i = 0; link !== null && i < MAX_CHAIN; i++) {
    const constructor = ownData(link, 'constructor');
    if (typeof constructor === 'function' && !isProxy(constructor)) {
      const name = functionName(constructor);
      if (name !== '' && inheritsFrom(value, ownData(constructor, 'prototype'))) return name;
    }
    link = prototypeOf(link);
  }
  return ReflectGetPrototypeOf(value) === null ? null : 'Object';
}

function inheritsFrom(value: object, prototype: unknown): boolean {
  let link = prototypeOf(value);
  for (let i = 0; link !== null && i < MAX_CHAIN; i++) {
    if (link === prototype) return true;
    link = prototypeOf(link);
  }
  return false;
}

/** Symbol.toStringTag, where it is plain text and not shown among the properties anyway. */
export function tagOf(value: object): string {
  if (ObjectPrototypePropertyIsEnumerable(value, SymbolToStringTag)) return '';
  const tag = inheritedData(value, SymbolToStringTag);
  return typeof tag === 'string' ? tag : '';
}

/** `Foo [tag] `, `[Object: null prototype] `: what stands in front of the brace. `size`: `(3)`, or ''. */
export function prefixOf(value: object, fallback: string, size = ''): string {
  const name = constructorName(value);
  const tag = tagOf(value);
  if (name === null) {
    const more = tag !== '' && tag !== fallback ? ` [${tag}]` : '';
    return `[${fallback}${size}: null prototype]${more} `;
  }
  return tag !== '' && tag !== name ? `${name}${size} [${tag}] ` : `${name}${size} `;
}
