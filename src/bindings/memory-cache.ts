/**
 * The host half of `memoryCache` bindings: what one realm does with caches that all threads share. A value is text and bytes that a prelude
 * has made; the host never looks into it. Runs in a thread.
 */

import type { RealmMemoryCaches } from '../realm/realm.ts';
import { assertHeadroom } from '../shared/headroom.ts';
import type { CacheMemory } from '../shared/cache-memory/cache-memory.ts';

/** Bytes of a key in UTF-8, as in workerd. */
const longestKey = 2048;

const keyTooLong = -1;
const absent = 0;
const found = 1;
const compute = 2;

/** `caches`: by the index that bindings have. The functions throw a RangeError near stack overflow, with nothing begun. */
export function makeRealmMemoryCaches(caches: readonly CacheMemory[]): RealmMemoryCaches {
  return caches.length === 0 ? none : makeSome(caches);
}

function makeSome(caches: readonly CacheMemory[]): RealmMemoryCaches {
  const realm = new RealmCaches(caches);
  return {
    host: Object.freeze({
      read: (cache, key, sink) => realm.read(cache, key, sink),
      enter: (cache, key, sink, turn, id) => realm.enter(cache, key, sink, turn, id),
      put(cache, key, expiration, text, buffer, byteLength) {
        assertHeadroom();
        const content = {
          text: Buffer.from(text),
          bytes: new Uint8Array(buffer, 0, byteLength),
          expiration,
        };
        caches[cache]?.put(Buffer.from(key), content);
        realm.leave(cache, key);
      },
      leave(cache, key) {
        assertHeadroom();
        realm.leave(cache, key);
      },
      remove(cache, key) {
        assertHeadroom();
        const bytes = Buffer.from(key);
        if (bytes.length > longestKey) return keyTooLong;
        caches[cache]?.delete(bytes);
        return absent;
      },
    } satisfies RealmMemoryCaches['host']),
    stop: () => realm.stop(),
  };
}

type Host = RealmMemoryCaches['host'];
type Sink = Parameters<Host['read']>[2];
type Turn = Parameters<Host['enter']>[3];

class RealmCaches {
  readonly #caches: readonly CacheMemory[];
  /** What this realm computes: flights by cache and key. */
  readonly #flights = new Map<string, { readonly cache: number; readonly flight: number }>();
  #isStopped = false;

  constructor(caches: readonly CacheMemory[]) {
    this.#caches = caches;
  }

  read(cache: number, key: string, sink: Sink): number {
    assertHeadroom();
    const bytes = Buffer.from(key);
    if (bytes.length > longestKey) return keyTooLong;
    const content = this.#caches[cache]?.read(bytes);
    return content === undefined ? absent : give(content, sink);
  }

  enter(cache: number, key: string, sink: Sink, turn: Turn, id: number): number {
    assertHeadroom();
    const bytes = Buffer.from(key);
    if (bytes.length > longestKey) return keyTooLong;
    const entered = this.#caches[cache]?.enter(bytes);
    switch (entered?.kind) {
      case 'found':
        return give(entered.content, sink);
      case 'wait':
        void entered.until.then(() => {
          if (!this.#isStopped) turn(id);
        });
        return absent;
      default:
        if (entered?.flight !== undefined)
          this.#flights.set(`${cache} ${key}`, { cache, flight: entered.flight });
        return compute;
    }
  }

  leave(cache: number, key: string): void {
    const flight = this.#flights.get(`${cache} ${key}`)?.flight;
    this.#flights.delete(`${cache} ${key}`);
    if (flight !== undefined) this.#caches[cache]?.end(flight);
  }

  stop(): void {
    this.#isStopped = true;
    for (const { cache, flight } of this.#flights.values()) this.#caches[cache]?.end(flight);
    this.#flights.clear();
  }
}

function give(
  { textLength, bytes }: { textLength: number; bytes: Uint8Array<ArrayBuffer> },
  sink: Sink,
): number {
  const text = Buffer.from(bytes.buffer, 0, textLength).toString();
  sink(text, bytes.buffer.slice(textLength));
  return found;
}

/** Of all realms that have no such binding: nothing asks for it, and nothing is kept. */
const none = makeSome([]);
