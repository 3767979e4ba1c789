/**
 * What the Cache API of the services of one thread keeps: responses in memory, as neutral state, by service. It outlives the realms. What
 * was used longest ago goes first: where one service keeps too much, its own; where all of them do, that of whoever keeps most.
 */

import { keeping } from './policy.ts';

export interface CacheLimits {
  /** Bytes that all services of a thread can keep, that one of them can, and that one response can have. */
  readonly total: number;
  readonly service: number;
  readonly response: number;
  /** Caches that one service can have open. */
  readonly names: number;
}

export const DEFAULT_CACHE_LIMITS: CacheLimits = Object.freeze({
  total: 64 * 1024 * 1024,
  service: 16 * 1024 * 1024,
  response: 8 * 1024 * 1024,
  names: 256,
});

/** A response to keep. */
export interface KeptResponse {
  readonly status: number;
  readonly statusText: string;
  /** In the form of state.ts. */
  readonly headers: string;
  readonly bytes: Uint8Array;
}

interface Entry extends KeptResponse {
  readonly cache: string;
  readonly url: string;
  readonly storedAt: number;
  readonly expiresAt: number;
  readonly size: number;
}

/** What an entry costs beside its text and bytes, roughly. */
const OVERHEAD = 512;

/** The caches of one service. The default one has the name `''`, others begin with a letter of ours. */
export class ServiceCaches {
  /** By cache and URL, the one used longest ago first. */
  readonly #entries = new Map<string, Entry>();
  readonly names = new Set<string>();
  size = 0;

  /** Finds what is kept and has not expired, and counts that as a use. */
  find(cache: string, url: string, now: number): Entry | undefined {
    const key = keyOf(cache, url);
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#remove(key, entry);
    if (entry.expiresAt <= now) return undefined;
    this.add(entry);
    return entry;
  }

  /** URLs of a cache, in the order of their use. */
  urls(cache: string, now: number): string[] {
    const entries = [...this.#entries.values()];
    return entries.filter((entry) => entry.cache === cache && entry.expiresAt > now).map(({ url }) => url);
  }

  add(entry: Entry): void {
    this.remove(entry.cache, entry.url);
    this.#entries.set(keyOf(entry.cache, entry.url), entry);
    this.size += entry.size;
  }

  remove(cache: string, url: string): Entry | undefined {
    const key = keyOf(cache, url);
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.#remove(key, entry);
    return entry;
  }

  /** Returns false where there is nothing to remove. */
  removeOldest(): boolean {
    for (const [key, entry] of this.#entries) {
      this.#remove(key, entry);
      return true;
    }
    return false;
  }

  removeCache(cache: string): void {
    for (const [key, entry] of this.#entries) if (entry.cache === cache) this.#remove(key, entry);
  }

  #remove(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.size -= entry.size;
  }
}

function keyOf(cache: string, url: string): string {
  return `${cache}\n${url}`;
}

export class CacheStore {
  readonly limits: CacheLimits;
  readonly now: () => number;
  readonly #services = new Map<string, ServiceCaches>();

  /** `now`: milliseconds since the epoch. */
  constructor(limits: CacheLimits, now: () => number) {
    this.limits = limits;
    this.now = now;
  }

  of(service: string): ServiceCaches {
    const known = this.#services.get(service);
    if (known !== undefined) return known;
    const caches = new ServiceCaches();
    this.#services.set(service, caches);
    return caches;
  }

  /** The service will not be there again. */
  forget(service: string): void {
    this.#services.delete(service);
  }

  /** Keeps a response, if it may be kept and is not too large. Nothing tells the caller. */
  put(caches: ServiceCaches, cache: string, url: string, response: KeptResponse): void {
    const now = this.now();
    const kept = keeping(response.status, response.headers, now);
    if (kept === undefined) return;
    const { headers, lifetime } = kept;
    const size = OVERHEAD + 2 * (url.length + headers.length) + response.bytes.length;
    if (response.bytes.length > this.limits.response || size > this.limits.service) return;
    caches.add({ ...response, cache, url, headers, size, storedAt: now, expiresAt: now + lifetime });
    while (caches.size > this.limits.service && caches.removeOldest());
    while (this.#total() > this.limits.total && this.#largest().removeOldest());
  }

  #total(): number {
    let sum = 0;
    for (const { size } of this.#services.values()) sum += size;
    return sum;
  }

  #largest(): ServiceCaches {
    return [...this.#services.values()].reduce((most, caches) => (caches.size > most.size ? caches : most));
  }
}
