/** URLs of requests: absolute, without credentials. The host parses; what was parsed lately is remembered. */

import {
  MapCtor,
  MapPrototypeClear,
  MapPrototypeGet,
  MapPrototypeGetSize,
  MapPrototypeSet,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  TypeErrorCtor,
} from '../primordials.ts';
import { guarded } from '../host.ts';
import { toUSVString } from '../webidl.ts';

const url = guarded($host.url);

/** Services call each other by a handful of URLs: a look-up is 30 times cheaper than a parse (bench/url.ts). */
const LIMIT = 512;
const recent = new MapCtor<string, string>();
let lastText = '';
let lastHref = '';

/** The serialized absolute URL of most calls; undefined for what is none, or has a fragment or (perhaps) credentials in it. */
export function plainUrl(text: string): string | undefined {
  if (text === lastText && text !== '') return lastHref;
  const known = MapPrototypeGet(recent, text);
  if (known !== undefined) {
    lastText = text;
    lastHref = known;
    return known;
  }
  const href = parseUrl(text);
  if (
    href === undefined ||
    StringPrototypeIndexOf(href, '#') !== -1 ||
    StringPrototypeIndexOf(href, '@') !== -1
  )
    return undefined;
  if (text.length > 2048) return href;
  if (MapPrototypeGetSize(recent) >= LIMIT) MapPrototypeClear(recent);
  MapPrototypeSet(recent, text, href);
  return href;
}

/** The serialized absolute URL, or undefined for what is none. */
export function parseUrl(text: string): string | undefined {
  return url.parse(text, undefined);
}

/** The URL of a new request. Throws a TypeError for relative ones (a realm has no base URL) and for credentials in it. */
export function toRequestUrl(input: unknown): string {
  const text = toUSVString(input);
  const href = plainUrl(text) ?? parseUrl(text);
  if (href === undefined) throw new TypeErrorCtor(`Request: "${text}" is not a valid absolute URL.`);
  if (hasCredentials(href)) throw new TypeErrorCtor(`Request: "${text}" has credentials in it.`);
  return href;
}

/** Of a serialized URL. */
function hasCredentials(href: string): boolean {
  const at = StringPrototypeIndexOf(href, '@');
  if (at === -1) return false;
  const start = StringPrototypeIndexOf(href, '://');
  if (start === -1 || start > at) return false;
  const authority = StringPrototypeSlice(href, start + 3, at);
  return StringPrototypeIndexOf(authority, '/') === -1;
}

/** Without the fragment, as it is sent. */
export function withoutFragment(href: string): string {
  const hash = StringPrototypeIndexOf(href, '#');
  return hash === -1 ? href : StringPrototypeSlice(href, 0, hash);
}
