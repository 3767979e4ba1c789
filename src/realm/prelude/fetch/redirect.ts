/** Following redirects. https://fetch.spec.whatwg.org/#http-redirect-fetch */

import {
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  TypeErrorCtor,
} from '../primordials.ts';
import { guarded } from '../host.ts';
import type { CallState, ResponseState } from '../state.ts';
import { type Body, bodyToState, cloneBody } from './body.ts';
import { dispatch, FetchContext } from './fetch-context.ts';
import { discardResponse } from './give-up.ts';
import { newHeaderList, parseHeaderList, serializeHeaderList } from './header-list.ts';
import { rawHeader } from './headers.ts';
import { withoutFragment } from './request-url.ts';

const neutral = guarded($host.neutral);
const url = guarded($host.url);
const MAX_REDIRECTS = 20;

/**
 * Sends the request on to where a response points. False where it points nowhere: then the response is the outcome.
 * Throws a TypeError for a redirect that may not be followed.
 */
export function followRedirect(
  call: CallState,
  context: FetchContext | undefined,
  response: ResponseState,
): boolean {
  if (!isRedirectStatus(response.status)) return false;
  if (context?.redirect === 'error')
    throw new TypeErrorCtor(`fetch failed: unexpected redirect from ${call.request.url}.`);
  const location = rawHeader(response.headers, 'location');
  if (location === null) return false;
  const hops = context?.hops ?? 0;
  if (hops >= MAX_REDIRECTS) throw new TypeErrorCtor('fetch failed: too many redirects.');
  discardResponse(response, neutral.error('error', 'Error', 'redirected', '', ''));
  const next = nextRequest(call, context?.body, response.status, nextUrl(call, location));
  const again = new FetchContext('follow', hops + 1, next.body, context?.flight);
  dispatch(neutral.call(call.settle, call.target, next.state, call.resolve, call.reject, again));
  return true;
}

function isRedirectStatus(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

function nextUrl(call: CallState, location: string): string {
  const from = call.request.url;
  const to = url.parse(location, from);
  if (
    to === undefined ||
    !(StringPrototypeStartsWith(to, 'http:') || StringPrototypeStartsWith(to, 'https:'))
  ) {
    throw new TypeErrorCtor(`fetch failed: redirect to an invalid URL: ${location}`);
  }
  return withoutFragment(to);
}

interface NextRequest {
  readonly state: CallState['request'];
  /** What to send again at the redirect after this one. */
  readonly body: Body | undefined;
}

function nextRequest(call: CallState, body: Body | undefined, status: number, to: string): NextRequest {
  const { method, headers, cf } = call.request;
  const toGet =
    ((status === 301 || status === 302) && method === 'POST') ||
    (status === 303 && method !== 'GET' && method !== 'HEAD');
  const kept = sameOrigin(call.request.url, to) ? headers : without(headers, isCredential);
  if (toGet)
    return { state: neutral.request('GET', to, without(kept, isBodyHeader), undefined, cf), body: undefined };
  if (call.request.body === undefined)
    return { state: neutral.request(method, to, kept, undefined, cf), body: undefined };
  if (body === undefined)
    throw new TypeErrorCtor('fetch failed: a stream cannot be sent again after a redirect.');
  const retained = cloneBody(body);
  return { state: neutral.request(method, to, kept, bodyToState(body), cf), body: retained };
}

function isCredential(name: string): boolean {
  return name === 'authorization' || name === 'cookie' || name === 'proxy-authorization' || name === 'host';
}

function isBodyHeader(name: string): boolean {
  return (
    name === 'content-encoding' ||
    name === 'content-language' ||
    name === 'content-location' ||
    name === 'content-type' ||
    name === 'content-length'
  );
}

function without(raw: string, drop: (name: string) => boolean): string {
  const { names, values } = parseHeaderList(raw);
  const kept = newHeaderList();
  for (let i = 0; i < names.length; i++) {
    if (drop(names[i] as string)) continue;
    kept.names[kept.names.length] = names[i] as string;
    kept.values[kept.values.length] = values[i] as string;
  }
  return serializeHeaderList(kept);
}

function sameOrigin(a: string, b: string): boolean {
  return originOf(a) === originOf(b);
}

/** Scheme and authority of a serialized http(s) URL without credentials. */
function originOf(href: string): string {
  const start = StringPrototypeIndexOf(href, '://') + 3;
  const end = StringPrototypeIndexOf(href, '/', start);
  return end === -1 ? href : StringPrototypeSlice(href, 0, end);
}
