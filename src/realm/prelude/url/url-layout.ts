/** Where the components of a serialized URL stand. Serialization is unambiguous, so no parser is needed. https://url.spec.whatwg.org/#url-serializing */

import {
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
} from '../primordials.ts';

/** Offsets into a serialized URL. An empty component begins where it ends. */
export interface UrlLayout {
  /** Behind the colon. */
  readonly schemeEnd: number;
  readonly usernameStart: number;
  readonly usernameEnd: number;
  readonly passwordStart: number;
  readonly passwordEnd: number;
  readonly hostStart: number;
  readonly hostnameEnd: number;
  /** Of hostname and port. */
  readonly hostEnd: number;
  readonly pathStart: number;
  readonly pathEnd: number;
  /** The query begins at pathEnd, with its question mark, and the fragment here, with its hash. */
  readonly searchEnd: number;
}

const SLASH = 0x2f;
const COLON = 0x3a;
const AT_SIGN = 0x40;
const CLOSING_BRACKET = 0x5d;

/** The layout of what the host's parser serialized. */
export function layoutOf(href: string): UrlLayout {
  const schemeEnd = StringPrototypeIndexOf(href, ':') + 1;
  const hash = StringPrototypeIndexOf(href, '#', schemeEnd);
  const searchEnd = hash === -1 ? href.length : hash;
  const question = StringPrototypeIndexOf(href, '?', schemeEnd);
  const pathEnd = question === -1 || question > searchEnd ? searchEnd : question;
  const hasAuthority =
    StringPrototypeCharCodeAt(href, schemeEnd) === SLASH &&
    StringPrototypeCharCodeAt(href, schemeEnd + 1) === SLASH;
  return hasAuthority
    ? withAuthority(href, schemeEnd, pathEnd, searchEnd)
    : withoutAuthority(href, schemeEnd, pathEnd, searchEnd);
}

/** One pass over the authority, which is short, is faster than a search for each of its separators (bench/url.ts). */
function withAuthority(href: string, schemeEnd: number, pathEnd: number, searchEnd: number): UrlLayout {
  const start = schemeEnd + 2;
  let credentialsEnd = start;
  let firstColon = -1;
  let lastColon = -1;
  let at = start;
  for (; at < pathEnd; at++) {
    const unit = StringPrototypeCharCodeAt(href, at);
    if (unit === SLASH) break;
    if (unit === AT_SIGN) credentialsEnd = at;
    if (unit !== COLON) continue;
    if (firstColon === -1) firstColon = at;
    lastColon = at;
  }
  const hostStart = credentialsEnd === start ? start : credentialsEnd + 1;
  const hasPassword = firstColon !== -1 && firstColon < credentialsEnd;
  // An IPv6 address has colons of its own, and a bracket at its end.
  const hasPort = lastColon >= hostStart && StringPrototypeCharCodeAt(href, at - 1) !== CLOSING_BRACKET;
  return {
    schemeEnd,
    usernameStart: start,
    usernameEnd: hasPassword ? firstColon : credentialsEnd,
    passwordStart: hasPassword ? firstColon + 1 : credentialsEnd,
    passwordEnd: credentialsEnd,
    hostStart,
    hostnameEnd: hasPort ? lastColon : at,
    hostEnd: at,
    pathStart: at,
    pathEnd,
    searchEnd,
  };
}

/** A path that begins with two slashes is serialized behind `/.`, so that they are not taken for an authority's. */
function withoutAuthority(href: string, schemeEnd: number, pathEnd: number, searchEnd: number): UrlLayout {
  return {
    schemeEnd,
    usernameStart: schemeEnd,
    usernameEnd: schemeEnd,
    passwordStart: schemeEnd,
    passwordEnd: schemeEnd,
    hostStart: schemeEnd,
    hostnameEnd: schemeEnd,
    hostEnd: schemeEnd,
    pathStart: StringPrototypeStartsWith(href, '/.//', schemeEnd) ? schemeEnd + 2 : schemeEnd,
    pathEnd,
    searchEnd,
  };
}

/** A query or fragment as the getters give it: a lone question mark or hash is none. */
export function unlessEmpty(href: string, start: number, end: number): string {
  return end - start > 1 ? StringPrototypeSlice(href, start, end) : '';
}
