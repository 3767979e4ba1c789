/**
 * CacheStorage and Cache: the interfaces of the Service Worker standard, keeping what Cloudflare Workers would keep and for as long. The
 * host keeps it, for the service and not for this realm. https://w3c.github.io/ServiceWorker/#cache-interface,
 * https://developers.cloudflare.com/workers/runtime-apis/cache/
 */

import { newBareArray } from '../bare-array.ts';
import { newDOMException, QuotaExceededError } from '../errors/dom-exception.ts';
import { globalFetch } from '../fetch/global-fetch.ts';
import { Request } from '../fetch/request.ts';
import { type Response, responseHead } from '../fetch/response.ts';
import { JSONParse, ObjectCreate, ObjectFreeze, TypeErrorCtor } from '../primordials.ts';
import { markHandled } from '../streams/promises.ts';
import {
  defineInterface,
  illegalConstructor,
  illegalInvocation,
  requireArguments,
  toDictionary,
  toDOMString,
  toSequence,
} from '../webidl.ts';
import {
  type CacheKey,
  host,
  isWanted,
  keepResponse,
  keyOf,
  matchOf,
  removeFrom,
  requireKeepable,
  toQuery,
} from './keeping.ts';

const INTERNAL = ObjectFreeze(ObjectCreate(null) as object);
const NAME_LIMIT = 1024;

export class Cache {
  readonly #cache: string;

  constructor(key: unknown = undefined, cache: unknown = undefined) {
    if (key !== INTERNAL) throw illegalConstructor();
    this.#cache = cache as string;
  }

  async match(request: unknown, options: unknown = undefined): Promise<Response | undefined> {
    const cache = this.#cache;
    requireArguments(arguments.length, 1, 'Cache.match');
    const query = toQuery(options, 'Cache.match');
    return matchOf(cache, keyOf(request), query);
  }

  async matchAll(request: unknown = undefined, options: unknown = undefined): Promise<Response[]> {
    const urls = urlsOf(this.#cache, request, options, 'Cache.matchAll');
    const responses: Response[] = [];
    for (let i = 0; i < urls.length; i++) {
      const found = matchOf(this.#cache, keyOf(urls[i]), NO_QUERY);
      if (found !== undefined) responses[responses.length] = found;
    }
    return responses;
  }

  async add(request: unknown): Promise<undefined> {
    const cache = this.#cache;
    requireArguments(arguments.length, 1, 'Cache.add');
    const requests = newBareArray<unknown>();
    requests[0] = request;
    return addAll(cache, requests, 'Cache.add');
  }

  async addAll(requests: unknown): Promise<undefined> {
    const cache = this.#cache;
    requireArguments(arguments.length, 1, 'Cache.addAll');
    return addAll(cache, toSequence(requests, 'Cache.addAll'), 'Cache.addAll');
  }

  async put(request: unknown, response: unknown): Promise<undefined> {
    const cache = this.#cache;
    requireArguments(arguments.length, 2, 'Cache.put');
    return keepResponse(cache, keyOf(request), response, 'Cache.put');
  }

  async delete(request: unknown, options: unknown = undefined): Promise<boolean> {
    const cache = this.#cache;
    requireArguments(arguments.length, 1, 'Cache.delete');
    const query = toQuery(options, 'Cache.delete');
    return removeFrom(cache, keyOf(request), query);
  }

  async keys(request: unknown = undefined, options: unknown = undefined): Promise<Request[]> {
    const urls = urlsOf(this.#cache, request, options, 'Cache.keys');
    const requests: Request[] = [];
    for (let i = 0; i < urls.length; i++) requests[requests.length] = new Request(urls[i]);
    return requests;
  }
}

const NO_QUERY = toQuery(undefined, '');

/** URLs of a cache: those that a request asks for, or all without one. */
function urlsOf(cache: string, request: unknown, options: unknown, where: string): readonly string[] {
  const query = toQuery(options, where);
  const key = request === undefined ? undefined : keyOf(request);
  const kept = JSONParse(host.urls(cache)) as string[];
  const urls = newBareArray<string>();
  for (let i = 0; i < kept.length; i++) {
    const url = kept[i] as string;
    if (key === undefined || isWanted(url, key, query)) urls[urls.length] = url;
  }
  return urls;
}

/** A fetch for a cache. */
class Addition {
  readonly key: CacheKey;
  readonly response: Promise<Response>;

  constructor(request: unknown, key: CacheKey) {
    this.key = key;
    this.response = globalFetch(request);
    markHandled(this.response);
  }
}

/** All or nothing is kept. https://w3c.github.io/ServiceWorker/#cache-addAll */
async function addAll(cache: string, requests: readonly unknown[], where: string): Promise<undefined> {
  const keys = newBareArray<CacheKey>();
  for (let i = 0; i < requests.length; i++) {
    const key = keyOf(requests[i]);
    requireKeepable(key, where);
    for (let j = 0; j < i; j++) {
      if ((keys[j] as CacheKey).url === key.url)
        throw newDOMException(`${where}: "${key.url}" is there twice.`, 'InvalidStateError');
    }
    keys[i] = key;
  }
  const additions = newBareArray<Addition>();
  for (let i = 0; i < requests.length; i++) additions[i] = new Addition(requests[i], keys[i] as CacheKey);
  const responses = newBareArray<Response>();
  for (let i = 0; i < additions.length; i++) {
    const response = await (additions[i] as Addition).response;
    requireOk(response, where);
    responses[i] = response;
  }
  for (let i = 0; i < additions.length; i++)
    await keepResponse(cache, (additions[i] as Addition).key, responses[i], where);
}

function requireOk(response: Response, where: string): void {
  const { status } = responseHead(response);
  if (status < 200 || status > 299) throw new TypeErrorCtor(`${where}: the response has status ${status}.`);
}

export class CacheStorage {
  readonly #default = new Cache(INTERNAL, '');

  constructor(key: unknown = undefined) {
    if (key !== INTERNAL) throw illegalConstructor();
  }

  get default(): Cache {
    if (!(#default in this)) throw illegalInvocation();
    return this.#default;
  }

  async open(cacheName: unknown): Promise<Cache> {
    const name = this.#nameOf(cacheName, arguments.length, 'CacheStorage.open');
    if (name.length >= NAME_LIMIT) throw new TypeErrorCtor('CacheStorage.open: the name is too long.');
    if (!host.open(name)) throw new QuotaExceededError('CacheStorage.open: too many caches are open.');
    return new Cache(INTERNAL, `=${name}`);
  }

  async has(cacheName: unknown): Promise<boolean> {
    return host.has(this.#nameOf(cacheName, arguments.length, 'CacheStorage.has'));
  }

  async delete(cacheName: unknown): Promise<boolean> {
    return host.drop(this.#nameOf(cacheName, arguments.length, 'CacheStorage.delete'));
  }

  async keys(): Promise<string[]> {
    if (!(#default in this)) throw illegalInvocation();
    return JSONParse(host.names()) as string[];
  }

  async match(request: unknown, options: unknown = undefined): Promise<Response | undefined> {
    if (!(#default in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, 'CacheStorage.match');
    const query = toQuery(options, 'CacheStorage.match');
    const { cacheName } = toDictionary<{ cacheName: unknown }>(options, 'CacheStorage.match') ?? {};
    const key = keyOf(request);
    if (cacheName !== undefined) return matchOf(`=${toDOMString(cacheName)}`, key, query);
    const names = JSONParse(host.names()) as string[];
    for (let i = 0; i < names.length; i++) {
      const found = matchOf(`=${names[i] as string}`, key, query);
      if (found !== undefined) return found;
    }
    return matchOf('', key, query);
  }

  #nameOf(cacheName: unknown, given: number, where: string): string {
    requireArguments(given, 1, where);
    return toDOMString(cacheName);
  }
}

defineInterface(Cache, 'Cache');
defineInterface(CacheStorage, 'CacheStorage');

export const caches = new CacheStorage(INTERNAL);
