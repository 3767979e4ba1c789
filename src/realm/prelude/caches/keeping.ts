/** Finding and keeping responses: the algorithms behind Cache. */

import { newBareArray } from '../bare-array.ts';
import { exactBuffer } from '../bytes.ts';
import { toErrorState } from '../errors/error-state.ts';
import { BodyPieces, bodySource, type Bytes, joinBytes } from '../fetch/body-pieces.ts';
import { rawHeader } from '../fetch/headers.ts';
import { isRequest, Request, requestHead } from '../fetch/request.ts';
import { withoutFragment } from '../fetch/request-url.ts';
import {
  incomingResponse,
  isResponse,
  type Response,
  responseHead,
  responseToState,
} from '../fetch/response.ts';
import { guarded } from '../host.ts';
import {
  StringPrototypeIncludes,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  TypedArrayPrototypeGetByteLength,
  TypeErrorCtor,
} from '../primordials.ts';
import type { BodyState, ResponseState } from '../state.ts';
import { toDictionary } from '../webidl.ts';

export const host = guarded($host.caches);

const IGNORE_SEARCH = 1;

/** A request, as far as a cache looks at it. */
export interface CacheKey {
  readonly url: string;
  readonly isGet: boolean;
  /** In their crossing form. */
  readonly headers: string;
}

/** Takes what `fetch` would take. Throws a TypeError for what is no URL. */
export function keyOf(input: unknown): CacheKey {
  const request = isRequest(input) ? input : new Request(input);
  const { method, url, headers } = requestHead(request);
  return { url: withoutFragment(url), isGet: method === 'GET', headers };
}

/** https://w3c.github.io/ServiceWorker/#dictdef-cachequeryoptions. What a response varies by is not asked, as on Cloudflare. */
export interface Query {
  readonly flags: number;
  readonly ignoresMethod: boolean;
}

export function toQuery(options: unknown, where: string): Query {
  const given = toDictionary<{ ignoreMethod: unknown; ignoreSearch: unknown }>(options, where);
  const ignoresMethod = given?.ignoreMethod ? true : false;
  return { ignoresMethod, flags: given?.ignoreSearch ? IGNORE_SEARCH : 0 };
}

/** What is kept for a request, as the request asks for it: all, a range, or 304. */
export function matchOf(cache: string, key: CacheKey, query: Query): Response | undefined {
  if (!key.isGet && !query.ignoresMethod) return undefined;
  const { url, headers } = key;
  const state = host.match(
    cache,
    url,
    query.flags,
    rawHeader(headers, 'range') ?? '',
    rawHeader(headers, 'if-none-match') ?? '',
    rawHeader(headers, 'if-modified-since') ?? '',
  );
  return state === undefined ? undefined : incomingResponse(state, '', false);
}

export function removeFrom(cache: string, key: CacheKey, query: Query): boolean {
  if (!key.isGet && !query.ignoresMethod) return false;
  return host.remove(cache, key.url, query.flags);
}

/** Whether a kept URL is one that a request asks for. */
export function isWanted(url: string, key: CacheKey, { flags, ignoresMethod }: Query): boolean {
  if (!key.isGet && !ignoresMethod) return false;
  return flags === 0 ? url === key.url : withoutSearch(url) === withoutSearch(key.url);
}

function withoutSearch(url: string): string {
  const at = StringPrototypeIndexOf(url, '?');
  return at === -1 ? url : StringPrototypeSlice(url, 0, at);
}

/** Throws the TypeError of a request that nothing is kept for. */
export function requireKeepable({ url, isGet }: CacheKey, where: string): void {
  if (!isGet) throw new TypeErrorCtor(`${where}: cannot cache the response to a non-GET request.`);
  if (!StringPrototypeStartsWith(url, 'http:') && !StringPrototypeStartsWith(url, 'https:'))
    throw new TypeErrorCtor(`${where}: "${url}" is no http or https URL.`);
}

/** Keeps a response, whose body is used from the call on. Rejects with the error of its body. */
export async function keepResponse(
  cache: string,
  key: CacheKey,
  response: unknown,
  where: string,
): Promise<undefined> {
  if (!isResponse(response)) throw new TypeErrorCtor(`${where}: the value is not a Response.`);
  const head = responseHead(response);
  requireKeepable(key, where);
  requireWhole(head, where);
  if (head.status === 304) return; // it would answer requests that have asked for no such thing
  const { body } = responseToState(response);
  const collector = new Collector(body);
  await collector.run();
  const { bytes } = collector;
  if (bytes !== undefined)
    host.put(cache, key.url, head, exactBuffer(bytes), TypedArrayPrototypeGetByteLength(bytes));
}

function requireWhole({ status, headers }: ResponseState, where: string): void {
  if (status === 206)
    throw new TypeErrorCtor(`${where}: cannot cache the response to a range request (206 Partial Content).`);
  if (StringPrototypeIncludes(rawHeader(headers, 'vary') ?? '', '*'))
    throw new TypeErrorCtor(`${where}: cannot cache a response with "Vary: *".`);
}

/** Reads a body to its end, unless it is too large to be kept: then it is canceled, and `bytes` stay undefined. */
class Collector {
  readonly #pieces: BodyPieces;
  bytes: Bytes | undefined = undefined;

  constructor(body: BodyState) {
    this.#pieces = new BodyPieces(bodySource(body));
  }

  async run(): Promise<undefined> {
    const parts = newBareArray<Bytes>();
    const most = host.maxLength();
    let length = 0;
    for (;;) {
      const reading = this.#pieces.next();
      if (reading !== undefined) await reading;
      const { piece } = this.#pieces;
      if (piece === undefined) break;
      parts[parts.length] = piece;
      length += TypedArrayPrototypeGetByteLength(piece);
      if (length > most) {
        this.#pieces.cancel(toErrorState(new TypeErrorCtor('The response is too large for the cache.')));
        return;
      }
    }
    this.bytes = joinBytes(parts, length);
  }
}
