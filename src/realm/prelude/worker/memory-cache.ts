/**
 * The object behind a `memoryCache` binding, with the interface of workerd's. What is read is a structured clone, also in the realm that wrote
 * it. Reads of one missing key in this realm share a flight: the first computes, and where it fails or its request ends, the next one
 * does. Realms of other threads wait by way of the host.
 */

import { flatten } from '../clone/flat-write.ts';
import { unflatten } from '../clone/flat-read.ts';
import type { Flat } from '../clone/flat.ts';
import { cloneValue } from '../clone/structured-clone.ts';
import { guarded } from '../host.ts';
import {
  ArrayBufferPrototypeTransfer,
  MapCtor,
  MapPrototypeDelete,
  MapPrototypeGet,
  MapPrototypeSet,
  NumberIsNaN,
  ObjectCreate,
  ObjectFreeze,
  PromiseReject,
  RangeErrorCtor,
  ReflectApply,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypeErrorCtor,
  Uint8ArrayCtor,
} from '../primordials.ts';
import { Deferred } from '../streams/promises.ts';
import {
  defineInterface,
  illegalConstructor,
  illegalInvocation,
  isObject,
  requireArguments,
} from '../webidl.ts';

const host = guarded($host.memoryCaches);
const realm = guarded($host.realm);

const INTERNAL = ObjectFreeze(ObjectCreate(null) as object);

const FOUND = 1;
const COMPUTE = 2;

type Fallback = (key: string) => unknown;

/** One that waits for the value of a flight, or for its turn to compute it. */
interface Waiter {
  readonly deferred: Deferred<void>;
  /** The value, once the promise is resolved; without one it is this one's turn. */
  flat: Flat | undefined;
  /** Its request has ended. */
  isGone: boolean;
  next: Waiter | undefined;
}

/** A missing key whose value is being found, and those in this realm who wait for it. */
interface Flight {
  /** The host has given the computation to this realm. */
  isOurs: boolean;
  first: Waiter | undefined;
  last: Waiter | undefined;
}

interface Cache {
  readonly index: number;
  readonly flights: Map<string, Flight>;
}

/** https://github.com/cloudflare/workerd/blob/main/src/workerd/api/memory-cache.h */
export class MemoryCache {
  readonly #cache: Cache;

  constructor(token: unknown = undefined, index = 0) {
    if (token !== INTERNAL) throw illegalConstructor();
    this.#cache = { index, flights: new MapCtor<string, Flight>() };
  }

  read(key: unknown, fallback: unknown = undefined): Promise<unknown> {
    try {
      if (!(#cache in this)) throw illegalInvocation();
      requireArguments(arguments.length, 1, 'MemoryCache.read');
      const name = toKey(key, 'MemoryCache.read');
      if (fallback === undefined) return readOnly(this.#cache, name);
      if (typeof fallback !== 'function')
        throw new TypeErrorCtor('MemoryCache.read: argument 2 is not a function.');
      return readThrough(this.#cache, name, fallback as Fallback);
    } catch (error) {
      return PromiseReject(error);
    }
  }

  delete(key: unknown): void {
    if (!(#cache in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, 'MemoryCache.delete');
    checkLength(host.remove(this.#cache.index, toKey(key, 'MemoryCache.delete')));
  }
}

defineInterface(MemoryCache, 'MemoryCache');

/** The cache with that index in the host's list. */
export function newMemoryCache(index: number): MemoryCache {
  return new MemoryCache(INTERNAL, index);
}

function toKey(key: unknown, where: string): string {
  if (typeof key !== 'string') throw new TypeErrorCtor(`${where}: argument 1 is not a string.`);
  return key;
}

/** The host's answer, unless it refused the key. */
function checkLength(answer: number): number {
  if (answer < 0) throw new RangeErrorCtor('Key too large.');
  return answer;
}

let received: Flat | undefined;

/** Called by the host within `read` and `enter`. */
function receive(text: string, buffer: ArrayBuffer): void {
  received = { text, bytes: new Uint8ArrayCtor(ArrayBufferPrototypeTransfer(buffer)) };
}

function takeReceived(): unknown {
  const flat = received as Flat;
  received = undefined;
  return unflatten(flat);
}

// Async, so that what is read rejects the promise where it cannot be made.
async function readOnly(cache: Cache, key: string): Promise<unknown> {
  return checkLength(host.read(cache.index, key, receive)) === FOUND ? takeReceived() : undefined;
}

async function readThrough(cache: Cache, key: string, fallback: Fallback): Promise<unknown> {
  if (checkLength(host.read(cache.index, key, receive)) === FOUND) return takeReceived();
  const known = MapPrototypeGet(cache.flights, key);
  if (known === undefined) {
    const flight: Flight = { isOurs: false, first: undefined, last: undefined };
    MapPrototypeSet(cache.flights, key, flight);
    return await new Lead(cache, key, flight).find(fallback);
  }
  const waiter = join(known);
  await waiter.deferred.promise;
  const { flat } = waiter;
  return flat === undefined ? await new Lead(cache, key, known).find(fallback) : unflatten(flat);
}

function join(flight: Flight): Waiter {
  const waiter: Waiter = { deferred: new Deferred(), flat: undefined, isGone: false, next: undefined };
  if (flight.last === undefined) flight.first = waiter;
  else flight.last.next = waiter;
  flight.last = waiter;
  realm.atRequestEnd(() => {
    waiter.isGone = true;
  });
  return waiter;
}

/** The one of a flight whose turn it is: until it is over, it alone may change the flight. */
class Lead {
  readonly #cache: Cache;
  readonly #key: string;
  readonly #flight: Flight;
  #isOver = false;

  constructor(cache: Cache, key: string, flight: Flight) {
    this.#cache = cache;
    this.#key = key;
    this.#flight = flight;
  }

  async find(fallback: Fallback): Promise<unknown> {
    let isWatched = false;
    try {
      while (!this.#flight.isOurs) {
        const { id, promise } = awaitTurn();
        const answer = checkLength(host.enter(this.#cache.index, this.#key, receive, takeTurn, id));
        if (answer === FOUND) return this.#succeed();
        if (answer === COMPUTE) {
          MapPrototypeDelete(turns, id);
          this.#flight.isOurs = true;
          break;
        }
        isWatched = this.#watch(isWatched);
        await promise;
        if (this.#isOver) return await readThrough(this.#cache, this.#key, fallback);
      }
      this.#watch(isWatched);
      return await this.#compute(fallback);
    } catch (error) {
      this.#handOn();
      throw error;
    }
  }

  /** A request that ends leaves its computation to the next one: what it was waiting for may never come. */
  #watch(isWatched: boolean): boolean {
    if (!isWatched) realm.atRequestEnd(() => this.#handOn());
    return true;
  }

  async #compute(fallback: Fallback): Promise<unknown> {
    const produced = await ReflectApply(fallback, undefined, [this.#key]);
    if (!isObject(produced))
      throw new TypeErrorCtor('MemoryCache.read: the fallback gave no object { value, expiration }.');
    const { value, expiration } = produced as { value: unknown; expiration: unknown };
    const until = expiration === undefined ? Infinity : +(expiration as number);
    if (NumberIsNaN(until)) throw new TypeErrorCtor('Expiration time must not be NaN.');
    const flat = flatten(cloneValue(value, []));
    if (!this.#isOver) this.#finish(flat, until);
    return value;
  }

  /** Another realm has computed it. */
  #succeed(): unknown {
    const flat = received as Flat;
    received = undefined;
    this.#end();
    tellAll(this.#flight, flat);
    return unflatten(flat);
  }

  #finish(flat: Flat, until: number): void {
    const { text, bytes } = flat;
    const buffer = TypedArrayPrototypeGetBuffer(bytes) as ArrayBuffer;
    host.put(this.#cache.index, this.#key, until, text, buffer, TypedArrayPrototypeGetByteLength(bytes));
    this.#end();
    tellAll(this.#flight, flat);
  }

  #end(): void {
    this.#isOver = true;
    MapPrototypeDelete(this.#cache.flights, this.#key);
  }

  /** The next one that still waits takes the lead; without one, the flight ends. */
  #handOn(): void {
    if (this.#isOver) return;
    const flight = this.#flight;
    let next = flight.first;
    while (next?.isGone === true) next = next.next;
    flight.first = next?.next;
    if (flight.first === undefined) flight.last = undefined;
    if (next === undefined) {
      this.#end();
      if (flight.isOurs) host.leave(this.#cache.index, this.#key);
    } else {
      this.#isOver = true;
      next.deferred.resolve();
    }
  }
}

function tellAll(flight: Flight, flat: Flat): void {
  for (let waiter = flight.first; waiter !== undefined; waiter = waiter.next) {
    waiter.flat = flat;
    waiter.deferred.resolve();
  }
}

/** Waits for the host, by number (HARDENING R11). */
const turns = new MapCtor<number, Deferred<void>>();
let lastTurn = 0;

function awaitTurn(): { readonly id: number; readonly promise: Promise<void> } {
  const deferred = new Deferred<void>();
  const id = ++lastTurn;
  MapPrototypeSet(turns, id, deferred);
  return { id, promise: deferred.promise };
}

/** Called by the host: nothing gets thrown back. */
function takeTurn(id: number): void {
  try {
    const deferred = MapPrototypeGet(turns, id);
    MapPrototypeDelete(turns, id);
    deferred?.resolve();
  } catch {
    // There is room for it: the host calls from the bottom of the stack.
  }
}
