/** The members of RequestInit that are words, and the method. https://fetch.spec.whatwg.org/#requestinit */

import { ArrayPrototypeIncludes, StringPrototypeToUpperCase, TypeErrorCtor } from '../primordials.ts';
import { isObject, toByteString, toDOMString } from '../webidl.ts';
import { isBodyStream } from './body.ts';
import { isToken } from './header-list.ts';
import type { RedirectMode, RequestOptions } from './request-options.ts';
import { parseUrl } from './request-url.ts';

const REFERRER_POLICIES = [
  '',
  'no-referrer',
  'no-referrer-when-downgrade',
  'same-origin',
  'origin',
  'strict-origin',
  'origin-when-cross-origin',
  'strict-origin-when-cross-origin',
  'unsafe-url',
];
const MODES = ['navigate', 'same-origin', 'no-cors', 'cors'];
const CREDENTIALS = ['omit', 'same-origin', 'include'];
const CACHES = ['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached'];
const REDIRECTS = ['follow', 'error', 'manual'];
const PRIORITIES = ['high', 'low', 'auto'];

/** The request's method, upper-cased where the standard says so. Throws a TypeError for what is no method or is forbidden. */
export function toMethod(value: unknown): string {
  const method = toByteString(value, 'Request');
  if (method === 'GET' || method === 'POST') return method;
  if (!isToken(method)) throw new TypeErrorCtor(`Request: "${method}" is not a valid HTTP method.`);
  const upper = StringPrototypeToUpperCase(method);
  if (upper === 'CONNECT' || upper === 'TRACE' || upper === 'TRACK') {
    throw new TypeErrorCtor(`Request: "${method}" HTTP method is unsupported.`);
  }
  return ArrayPrototypeIncludes(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'], upper) ? upper : method;
}

/**
 * Throws a TypeError for a stream without `duplex: 'half'`. The body of another message goes on as it does in `new Request(url, request)`:
 * whoever forwards it need not say so.
 */
export function requireDuplex(stream: unknown, duplex: unknown): void {
  if (duplex === 'half' || (isObject(stream) && isBodyStream(stream))) return;
  throw new TypeErrorCtor('Request: a stream as body needs duplex: "half".');
}

export function toRedirect(value: unknown): RedirectMode {
  return toWord(value, REDIRECTS, 'redirect') as RedirectMode;
}

/** The options that `init` sets, over `base`. Reads the members in the order of their names, as Web IDL does. */
export function readOptions(init: Record<string, unknown>, base: Readonly<RequestOptions>): RequestOptions {
  const cache = wordOr(init['cache'], CACHES, 'cache', base.cache);
  const credentials = wordOr(init['credentials'], CREDENTIALS, 'credentials', base.credentials);
  const integrity = init['integrity'];
  const keepalive = init['keepalive'];
  const mode = wordOr(init['mode'], MODES, 'mode', base.mode);
  const priority = init['priority'];
  if (priority !== undefined) toWord(priority, PRIORITIES, 'priority'); // there is nothing to put first
  const referrer = init['referrer'];
  const referrerPolicy = wordOr(
    init['referrerPolicy'],
    REFERRER_POLICIES,
    'referrerPolicy',
    base.referrerPolicy,
  );
  if (mode === 'navigate')
    throw new TypeErrorCtor('Request: a request cannot be constructed with mode "navigate".');
  if (cache === 'only-if-cached' && mode !== 'same-origin') {
    throw new TypeErrorCtor('Request: cache "only-if-cached" needs mode "same-origin".');
  }
  return {
    referrer: referrer === undefined ? base.referrer : toReferrer(referrer),
    referrerPolicy,
    mode,
    credentials,
    cache,
    integrity: integrity === undefined ? base.integrity : toDOMString(integrity),
    keepalive: keepalive === undefined ? base.keepalive : !!keepalive,
  };
}

/** https://fetch.spec.whatwg.org/#dom-request: without an origin of its own, a realm's referrer is a URL, none, or the client. */
function toReferrer(value: unknown): string {
  const text = toDOMString(value);
  if (text === '' || text === 'about:client') return text;
  const href = parseUrl(text);
  if (href === undefined) throw new TypeErrorCtor(`Request: "${text}" is not a valid referrer URL.`);
  return 'about:client'; // every URL is of another origin than the realm's
}

function wordOr(value: unknown, words: readonly string[], member: string, fallback: string): string {
  return value === undefined ? fallback : toWord(value, words, member);
}

function toWord(value: unknown, words: readonly string[], member: string): string {
  const word = toDOMString(value);
  if (ArrayPrototypeIncludes(words, word)) return word;
  throw new TypeErrorCtor(`Request: "${word}" is not a valid value for ${member}.`);
}
