/**
 * What can be called: exactly the public methods and getters that a class declares. Nothing inherited from the language, no handler, no
 * property of an instance (HARDENING R14).
 */

import {
  ObjectCreate,
  ObjectPrototypeHasOwnProperty,
  ReflectGet,
  ReflectGetOwnPropertyDescriptor,
  ReflectGetPrototypeOf,
  TypeErrorCtor,
} from '../primordials.ts';
import { isBasePrototype } from './targets.ts';

/** How a name is found on a prototype. */
type Access = 'absent' | 'accessor' | 'data';

/** Names that mean something else on every stub. */
const reserved = names(['constructor', 'connect', 'dup', 'fetch', 'onRpcBroken']);
/** Handlers of an entrypoint, which only the system calls. */
const handlers = names([
  'alarm',
  'email',
  'queue',
  'scheduled',
  'tail',
  'tailStream',
  'test',
  'trace',
  'webSocketClose',
  'webSocketError',
  'webSocketMessage',
]);

function names(list: readonly string[]): Readonly<Record<string, true>> {
  const set = ObjectCreate(null) as Record<string, true>;
  for (let i = 0; i < list.length; i++) set[list[i] as string] = true;
  return set;
}

/** The members of one class, as they were found. */
export class Members {
  readonly prototype: object;
  readonly #isEntrypoint: boolean;
  readonly #known = ObjectCreate(null) as Record<string, Access>;
  /** The name that was asked for last, and is there. */
  #lastName: string | undefined;
  #lastAccess: Access = 'absent';

  constructor(prototype: object, isEntrypoint: boolean) {
    this.prototype = prototype;
    this.#isEntrypoint = isEntrypoint;
  }

  /** The value of a member; undefined where it is none that can be used. Throws what a getter throws. */
  read(holder: object, name: string): unknown {
    const access = name === this.#lastName ? this.#lastAccess : this.#access(name);
    if (access === 'data') return (this.prototype as Record<string, unknown>)[name];
    return access === 'accessor' ? ReflectGet(this.prototype, name, holder) : undefined;
  }

  has(name: string): boolean {
    return this.#access(name) !== 'absent';
  }

  #access(name: string): Access {
    const access = this.#known[name] ?? this.#find(name);
    if (access === 'absent') return access;
    this.#lastName = name;
    this.#lastAccess = access;
    return access;
  }

  #find(name: string): Access {
    const access = this.#isRefused(name) ? 'absent' : accessOf(this.prototype, name);
    // Names that are not there are not remembered: a caller can ask for any number of them.
    if (access !== 'absent') this.#known[name] = access;
    return access;
  }

  #isRefused(name: string): boolean {
    return reserved[name] === true || (this.#isEntrypoint && handlers[name] === true);
  }
}

function accessOf(prototype: object, name: string): Access {
  for (
    let link: object | null = prototype;
    link !== null && !isBasePrototype(link);
    link = ReflectGetPrototypeOf(link)
  ) {
    const descriptor = ReflectGetOwnPropertyDescriptor(link, name);
    if (descriptor !== undefined)
      return ObjectPrototypeHasOwnProperty(descriptor, 'value') ? 'data' : 'accessor';
  }
  return 'absent';
}

/** Own properties of plain objects can be used; `handlers` too cannot be called on a worker's export. */
export function readOwn(holder: object, name: string, isEntrypoint: boolean): unknown {
  if (isEntrypoint && (reserved[name] === true || handlers[name] === true)) return undefined;
  return ObjectPrototypeHasOwnProperty(holder, name) ? (holder as Record<string, unknown>)[name] : undefined;
}

/** The error of what is not there. */
export function missing(name: string, what: 'method' | 'property'): TypeError {
  return new TypeErrorCtor(`The RPC receiver does not implement the ${what} "${name}".`);
}
