/** Encodes pieces of URL components as the URL parser does. https://urlpattern.spec.whatwg.org/#canonicalization */

import {
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  StringPrototypeToLowerCase,
  TypeErrorCtor,
} from '../../primordials.ts';
import { guarded } from '../../host.ts';
import type { UrlPart } from '../../host-api.ts';
import { layoutOf } from '../url-layout.ts';

const host = guarded($host.url);

const DUMMY = 'https://dummy.invalid/';
const OTHER_DUMMY = 'https://other.invalid/';

function invalid(component: string, value: string): TypeError {
  return new TypeErrorCtor(`URLPattern: "${value}" cannot be in a ${component}.`);
}

function dummyWith(part: UrlPart, value: string): string {
  return host.set(DUMMY, part, value);
}

export function canonicalizeProtocol(value: string): string {
  if (value === '') return value;
  const href = host.parse(`${value}://dummy.invalid/`, undefined);
  if (href === undefined) throw invalid('protocol', value);
  return StringPrototypeSlice(href, 0, layoutOf(href).schemeEnd - 1);
}

export function canonicalizeUsername(value: string): string {
  if (value === '') return value;
  const href = dummyWith('username', value);
  const { usernameStart, usernameEnd } = layoutOf(href);
  return StringPrototypeSlice(href, usernameStart, usernameEnd);
}

export function canonicalizePassword(value: string): string {
  if (value === '') return value;
  const href = dummyWith('password', value);
  const { passwordStart, passwordEnd } = layoutOf(href);
  return StringPrototypeSlice(href, passwordStart, passwordEnd);
}

export function canonicalizeHostname(value: string): string {
  if (value === '') return value;
  let href = dummyWith('hostname', value);
  if (href === DUMMY) href = host.set(OTHER_DUMMY, 'hostname', value); // ignored, or the very same name
  if (href === OTHER_DUMMY) throw invalid('hostname', value);
  const { hostStart, hostnameEnd } = layoutOf(href);
  return StringPrototypeSlice(href, hostStart, hostnameEnd);
}

export function canonicalizeIPv6Hostname(value: string): string {
  const lower = StringPrototypeToLowerCase(value);
  for (let i = 0; i < value.length; i++) {
    if (StringPrototypeIndexOf('0123456789abcdefABCDEF[]:', value[i] as string) === -1)
      throw invalid('hostname', value);
  }
  return lower;
}

const DEFAULT_PORTS = { __proto__: null, http: '80', https: '443', ws: '80', wss: '443', ftp: '21' };

/** The default port of a special scheme, or undefined. */
export function defaultPortOf(protocol: string): string | undefined {
  return (DEFAULT_PORTS as unknown as Record<string, string | undefined>)[protocol];
}

/** `''` for the default port of `protocol`. */
export function canonicalizePort(value: string, protocol = 'https'): string {
  if (value === '') return value;
  let port = -1;
  for (let i = 0; i < value.length; i++) {
    const unit = value[i] as string;
    if (unit === '\t' || unit === '\n' || unit === '\r') continue; // as the URL parser does
    const digit = StringPrototypeIndexOf('0123456789', unit);
    if (digit === -1) break;
    port = (port === -1 ? 0 : port) * 10 + digit;
    if (port > 65_535) throw invalid('port', value);
  }
  if (port === -1) throw invalid('port', value);
  const text = `${port}`;
  return text === defaultPortOf(protocol) ? '' : text;
}

/** Of a piece of a path: none is made to begin with a slash. */
export function canonicalizePathname(value: string): string {
  if (value === '') return value;
  const leadingSlash = StringPrototypeStartsWith(value, '/');
  const href = dummyWith('pathname', leadingSlash ? value : `/-${value}`);
  const { pathStart, pathEnd } = layoutOf(href);
  return StringPrototypeSlice(href, leadingSlash ? pathStart : pathStart + 2, pathEnd);
}

export function canonicalizeOpaquePathname(value: string): string {
  if (value === '') return value;
  // A letter at each end: the parser trims, and takes what begins with a slash for a path that is not opaque.
  const href = host.parse(`data:x${upTo(upTo(value, '?'), '#')}x`, undefined);
  if (href === undefined) throw invalid('pathname', value);
  const { pathStart, pathEnd } = layoutOf(href);
  return StringPrototypeSlice(href, pathStart + 1, pathEnd - 1);
}

function upTo(text: string, end: string): string {
  const index = StringPrototypeIndexOf(text, end);
  return index === -1 ? text : StringPrototypeSlice(text, 0, index);
}

export function canonicalizeSearch(value: string): string {
  if (value === '') return value;
  const href = dummyWith('search', `?${value}`);
  const { pathEnd, searchEnd } = layoutOf(href);
  return StringPrototypeSlice(href, pathEnd + 1, searchEnd);
}

export function canonicalizeHash(value: string): string {
  if (value === '') return value;
  const href = dummyWith('hash', `#${value}`);
  return StringPrototypeSlice(href, layoutOf(href).searchEnd + 1);
}
