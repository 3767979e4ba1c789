/** The Cache API of realms; the parts are in ./caches/. Runs in a thread, in the host realm. */

import { copyOfBytes } from '../../shared/bytes.ts';
import { neutral } from '../neutral.ts';
import type { CachesHost } from '../prelude/host-api.ts';
import type { ResponseState } from '../prelude/state.ts';
import { answerTo, type Conditions } from './caches/answer.ts';
import { CacheStore, DEFAULT_CACHE_LIMITS, type KeptResponse } from './caches/store.ts';

const IGNORE_SEARCH = 1;

/** Gives each service its part of what a thread keeps. */
export interface CachesHostOf {
  (service: string): CachesHost;
  /** The service will not be there again: nothing of it is kept. */
  forget(service: string): void;
}

export function makeCachesHosts(
  store = new CacheStore(DEFAULT_CACHE_LIMITS, () => Date.now()),
): CachesHostOf {
  return Object.assign((service: string) => makeCachesHost(store, service), {
    forget: (service: string) => store.forget(service),
  });
}

function makeCachesHost(store: CacheStore, service: string): CachesHost {
  const caches = store.of(service);
  const found = (cache: string, url: string, flags: number): string[] => {
    if ((flags & IGNORE_SEARCH) === 0) return [url];
    const wanted = withoutSearch(url);
    return caches.urls(cache, store.now()).filter((kept) => withoutSearch(kept) === wanted);
  };
  return Object.freeze<CachesHost>({
    maxLength: () => store.limits.response,
    open(name) {
      if (!caches.names.has(name) && caches.names.size >= store.limits.names) return false;
      caches.names.add(name);
      return true;
    },
    has: (name) => caches.names.has(name),
    drop(name) {
      caches.removeCache(`=${name}`);
      return caches.names.delete(name);
    },
    names: () => JSON.stringify([...caches.names]),
    put(cache, url, { status, statusText, headers }, buffer, byteLength) {
      // A copy: what is kept must not keep the realm that it came from.
      const bytes = new Uint8Array(copyOfBytes(new Uint8Array(buffer, 0, byteLength)));
      store.put(caches, cache, url, { status, statusText, headers, bytes });
    },
    match(cache, url, flags, range, ifNoneMatch, ifModifiedSince) {
      for (const candidate of found(cache, url, flags)) {
        const now = store.now();
        const entry = caches.find(cache, candidate, now);
        if (entry === undefined) continue;
        const age = Math.floor((now - entry.storedAt) / 1000);
        return toState(entry, age, { range, ifNoneMatch, ifModifiedSince });
      }
      return undefined;
    },
    remove(cache, url, flags) {
      const now = store.now();
      const removed = found(cache, url, flags).map((candidate) => caches.remove(cache, candidate));
      return removed.some((entry) => entry !== undefined && entry.expiresAt > now);
    },
    urls: (cache) => JSON.stringify(caches.urls(cache, store.now())),
  });
}

function toState(kept: KeptResponse, age: number, conditions: Conditions): ResponseState {
  const { status, statusText, headers, part } = answerTo(kept, kept.bytes.length, conditions);
  const all = `${headers}age\n${age}\ncf-cache-status\nHIT\n`;
  if (part === undefined || part.start === part.end)
    return neutral.response(status, statusText, all, undefined);
  const buffer = copyOfBytes(kept.bytes.subarray(part.start, part.end));
  return neutral.response(status, statusText, all, neutral.bytesBody(buffer, buffer.byteLength));
}

/** URLs here have no fragment. */
function withoutSearch(url: string): string {
  const at = url.indexOf('?');
  return at === -1 ? url : url.slice(0, at);
}
