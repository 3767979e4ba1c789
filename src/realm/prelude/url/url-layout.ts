/** Where the components of a serialized URL stand. Serialization is unambiguous, so no parser is needed. https://url.spec.whatwg.org/#url-serializing */

import {
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeLastIndexOf,
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

/** The layout of what the host's parser serialized. */
export function layoutOf(href: string): UrlLayout {
  const schemeEnd = StringPrototypeIndexOf(href, ':') + 1;
  const hash = StringPrototypeIndexOf(href, '#', schemeEnd);
  const searchEnd = hash === -1 ? href.length : hash;
  const question = StringPrototypeIndexOf(href, '?', schemeEnd);
  const pathEnd = question === -1 || question > searchEnd ? searchEnd : question;
  if (!StringPrototypeStartsWith(href, '//', schemeEnd))
    return withoutAuthority(href, schemeEnd, pathEnd, searchEnd);
  const start = schemeEnd + 2;
  const slash = StringPrototypeIndexOf(href, '/', start);
  const pathStart = slash === -1 || slash > pathEnd ? pathEnd : slash;
  const at = StringPrototypeIndexOf(href, '@', start);
  const credentialsEnd = at === -1 || at > pathStart ? start : at;
  const hostStart = credentialsEnd === start ? start : credentialsEnd + 1;
  const colon = StringPrototypeIndexOf(href, ':', start);
  const usernameEnd = colon === -1 || colon > credentialsEnd ? credentialsEnd : colon;
  return {
    schemeEnd,
    usernameStart: start,
    usernameEnd,
    passwordStart: usernameEnd === credentialsEnd ? credentialsEnd : usernameEnd + 1,
    passwordEnd: credentialsEnd,
    hostStart,
    hostnameEnd: hostnameEndOf(href, hostStart, pathStart),
    hostEnd: pathStart,
    pathStart,
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

const CLOSING_BRACKET = 0x5d;

/** Before the port, if there is one: an IPv6 address has colons too, and a bracket at its end. */
function hostnameEndOf(href: string, hostStart: number, hostEnd: number): number {
  if (hostEnd === hostStart) return hostEnd;
  if (StringPrototypeCharCodeAt(href, hostEnd - 1) === CLOSING_BRACKET) return hostEnd;
  const colon = StringPrototypeLastIndexOf(href, ':', hostEnd);
  return colon < hostStart ? hostEnd : colon;
}

/** A query or fragment as the getters give it: a lone question mark or hash is none. */
export function unlessEmpty(href: string, start: number, end: number): string {
  return end - start > 1 ? StringPrototypeSlice(href, start, end) : '';
}
