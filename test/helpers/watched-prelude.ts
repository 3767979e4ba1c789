/**
 * A prelude whose host functions and entries are watched: what crosses between host and realm is checked against the contract of
 * host-api.ts (HARDENING R8 to R13), whatever the code inside does.
 */

import { types } from 'node:util';
import type { Script } from 'node:vm';
import { alteredPrelude } from './altered-prelude.ts';

type AnyFunction = (...args: unknown[]) => unknown;

/** What was seen. */
export interface Watch {
  /** Stands in for the prelude's script. */
  readonly prelude: Script;
  /** Breaches of the contract. */
  readonly breaches: Set<string>;
  /** Host functions that were called, as `area.name`. */
  readonly called: Set<string>;
  /** Buffers that the host gave and the realm has not transferred. */
  untransferred(): string[];
}

/** Host functions that take or give objects, and why that is in the contract. Any other takes and gives primitives and buffers. */
const exceptions: Readonly<Record<string, string>> = Object.freeze({
  'values.isProxy': 'asks about a value without looking at it',
  'realm.target': 'gives a neutral record',
  'realm.env': 'gives a neutral record',
  'realm.keyHandle': 'gives a key, which is a neutral record',
  'realm.wasmModule': 'gives a module of the realm',
  'realm.loopback': 'gives a neutral record',
  'realm.broken': 'gives a neutral record',
  'realm.tooDeep': 'gives a neutral record',
  'realm.stubCounts': 'gives a record, which no worker sees',
  'realm.nest': 'takes a function of the prelude, which no worker sees',
  'realm.leave': 'takes a function of the prelude, which no worker sees',
  'realm.atRequestEnd': 'takes a function of the prelude, which no worker sees',
  'realm.nodeScript': 'gives a function of the realm',
  'context.open': 'gives a token: an object without prototype and properties',
  'context.current': 'gives a token',
  'context.enter': 'takes a token',
  'context.run': 'takes a token, and a function of the prelude',
  'hashing.hash': 'gives a neutral record',
  'hashing.hmac': 'gives a neutral record',
  'hashing.hkdf': 'takes a callback of the prelude',
  'hashing.pbkdf2': 'takes a callback of the prelude',
  'hashing.scrypt': 'takes a callback of the prelude',
  'caches.match': 'gives a neutral record',
  'caches.put': 'takes a neutral record',
  'memoryCaches.read': 'takes a callback of the prelude',
  'memoryCaches.enter': 'takes callbacks of the prelude',
  'loaders.open': 'gives a handle, which is a neutral record',
  'loaders.full': 'gives a neutral record',
  'loaders.needsCode': 'takes a handle',
  'loaders.give': 'takes a handle and neutral records',
  'loaders.fail': 'takes a handle and a neutral record',
  'loaders.target': 'takes a handle, and gives a neutral record',
  'loaders.limit': 'takes a handle, and takes and gives a neutral record',
  'compression.open': 'gives a neutral record, whose methods take a callback of the prelude',
  'html.open': 'gives a neutral record',
  'crypto.openDigest': 'gives a neutral record',
  'crypto.start': 'takes keys, which are neutral records, and a callback of the prelude that gets them back',
  'crypto.forget': 'takes that callback',
  'crypto.supports': 'takes a key',
});

export async function watchPrelude(): Promise<Watch> {
  const breaches = new Set<string>();
  const called = new Set<string>();
  const given: { buffer: ArrayBuffer; where: string }[] = [];
  const prelude = await alteredPrelude({
    host: (host) => watchHost(host, { breaches, called, given }),
    entry: (entry) => watchEntries(entry, breaches),
  });
  return {
    prelude,
    breaches,
    called,
    untransferred: () => given.filter(({ buffer }) => !buffer.detached).map(({ where }) => where),
  };
}

interface Watcher {
  readonly breaches: Set<string>;
  readonly called: Set<string>;
  readonly given: { buffer: ArrayBuffer; where: string }[];
}

function watchHost(host: object, watcher: Watcher): object {
  const watched: Record<string, unknown> = {};
  for (const [area, functions] of Object.entries(host as Record<string, object>)) {
    if (ArrayBuffer.isView(functions)) {
      watched[area] = functions; // the depth of calls: a number in memory of the host
      continue;
    }
    const entries = Object.entries(functions).map(([name, value]) => {
      const where = `${area}.${name}`;
      return [
        name,
        area === 'neutral' || area === 'rpc' ? value : watchFunction(value as AnyFunction, where, watcher),
      ];
    });
    watched[area] = Object.freeze(Object.fromEntries(entries));
  }
  return Object.freeze(watched);
}

function watchFunction(fn: AnyFunction, where: string, { breaches, called, given }: Watcher): AnyFunction {
  const free = where in exceptions;
  return (...args) => {
    called.add(where);
    for (const arg of args) {
      if (!free && !isPlain(arg)) breaches.add(`${where} was given ${kindOf(arg)}`);
    }
    let result;
    try {
      result = fn(...args);
    } catch (error) {
      if (!(error instanceof RangeError)) breaches.add(`${where} threw ${String(error)}`);
      throw error;
    }
    if (result instanceof ArrayBuffer) given.push({ buffer: result, where });
    else if (!free && !isPlain(result)) breaches.add(`${where} gave ${kindOf(result)}`);
    return result;
  };
}

function isPlain(value: unknown): boolean {
  if (typeof value === 'symbol') return false;
  return (
    (typeof value !== 'object' && typeof value !== 'function') ||
    value === null ||
    types.isAnyArrayBuffer(value)
  );
}

function kindOf(value: unknown): string {
  return types.isProxy(value) ? 'a proxy' : `an object or symbol (${typeof value})`;
}

/** Nothing that the host calls in the realm may throw. */
function watchEntries(entry: unknown, breaches: Set<string>): object {
  const entries = Object.entries(entry as Record<string, AnyFunction>).map(([name, fn]) => {
    const watched = (...args: unknown[]): unknown => {
      try {
        return fn(...args);
      } catch {
        breaches.add(`the entry ${name} threw`);
        return undefined;
      }
    };
    return [name, watched];
  });
  return Object.fromEntries(entries) as object;
}
